-- One row per text group that tonight's evidence pairs with one in scope, and per article that last night's does. Not published.
SELECT node_b AS id FROM evidence WHERE node_a IN (SELECT text_group_id FROM scope_articles)
UNION
SELECT node_a FROM evidence WHERE node_b IN (SELECT text_group_id FROM scope_articles)
UNION
SELECT article_a FROM before_merge_evidence
UNION
SELECT article_b FROM before_merge_evidence
