-- One row per text group in scope, and per other group that is paired with one: the article that stands for it where one has to be
-- shown, and its day. Not published. The groups of all nights together would not fit into memory.
WITH paired AS (
    SELECT node_b AS text_group_id FROM evidence WHERE node_a IN (SELECT text_group_id FROM scope_articles)
    UNION
    SELECT node_a FROM evidence WHERE node_b IN (SELECT text_group_id FROM scope_articles)
),
paired_before AS (
    SELECT article_a AS article_id FROM before_merge_evidence
    UNION
    SELECT article_b FROM before_merge_evidence
)
SELECT text_group_id, article_id, report_date
FROM articles
WHERE dup_level = 'founder'
UNION ALL
SELECT text_group_id, article_id, report_date
FROM (SELECT text_group_id, article_id, report_date, dup_level FROM previous_articles)
ANTI JOIN (SELECT text_group_id FROM articles) AS in_scope USING (text_group_id)
ANTI JOIN before_articles USING (article_id)
WHERE dup_level = 'founder' AND (text_group_id IN (FROM paired) OR article_id IN (FROM paired_before))
