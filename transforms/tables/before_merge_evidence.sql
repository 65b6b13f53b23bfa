-- One row per pair considered with an article of a story in scope, as last night left it. Not published.
FROM near_merge_evidence
WHERE article_a IN (SELECT article_id FROM before_articles) OR article_b IN (SELECT article_id FROM before_articles)
