-- One row per outlet credited in a text of a changed day. Not published.
SELECT text_id, cited_source_id, level FROM source_citations
UNION ALL
SELECT text_id, cited_source_id, level
FROM near_day_citations
SEMI JOIN (SELECT text_id FROM month_articles SEMI JOIN source_days USING (report_date)) AS wanted USING (text_id)
ANTI JOIN touched_texts USING (text_id)
