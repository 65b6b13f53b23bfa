-- One row per text that is a body or a headline on a changed day or in a story in scope, numbered in the order of their ids, so
-- that the first example is the same however the rows come. Not published.
SELECT text_id, row_number() OVER (ORDER BY text_id)::INTEGER AS text_no
FROM (
    SELECT unnest([text_id, title_text_id]) AS text_id FROM month_articles SEMI JOIN actor_days USING (report_date)
    UNION
    SELECT unnest([text_id, title_text_id]) FROM articles
    UNION
    SELECT unnest([text_id, title_text_id]) FROM before_articles
)
WHERE text_id IS NOT NULL
