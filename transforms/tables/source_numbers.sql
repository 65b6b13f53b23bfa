-- One row per source of a story in scope or a changed month, numbered in the order of their ids. Not published.
SELECT source_id, row_number() OVER (ORDER BY source_id)::INTEGER AS source_no
FROM (SELECT source_id FROM before_source_actor UNION SELECT source_id FROM articles UNION SELECT source_id FROM before_articles)
