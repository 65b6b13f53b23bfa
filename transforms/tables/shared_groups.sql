-- One row per source and text group of a month with a changed day that it is not alone with: its first place among the copies
-- and its first instant there. Not published.
SELECT
    date_trunc('month', report_date)::DATE AS month, text_group_id, source_id,
    min(copy_rank) AS place, count(copy_rank) = count(*) AS all_placed,
    min(effective_at) AS at
FROM month_articles
-- All copies but one of each group.
SEMI JOIN (SELECT text_group_id FROM month_articles WHERE dup_level <> 'founder') AS copied USING (text_group_id)
GROUP BY ALL
