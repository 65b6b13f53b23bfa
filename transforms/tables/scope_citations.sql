-- One row per source, outlet that it credits for a report or a fact, month and text group of a story in scope: as it stands (sign 1)
-- and as it stood (sign -1). Not published: a text group lies in one story, so a sum over these tells what moved.
WITH stands AS (
    SELECT text_id, cited_source_id, level FROM source_citations
    UNION ALL
    SELECT text_id, cited_source_id, level FROM near_scope_citations ANTI JOIN touched_texts USING (text_id)
)
SELECT DISTINCT 1 AS sign, source_id, cited_source_id AS other_id, date_trunc('month', report_date)::DATE AS month, text_group_id
FROM articles JOIN stands USING (text_id)
WHERE level IN ('report', 'fact') AND cited_source_id <> source_id
UNION ALL
SELECT DISTINCT -1, source_id, cited_source_id, date_trunc('month', report_date)::DATE, text_group_id
FROM before_articles JOIN near_scope_citations USING (text_id)
WHERE level IN ('report', 'fact') AND cited_source_id <> source_id
