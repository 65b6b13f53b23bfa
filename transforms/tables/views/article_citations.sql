-- One row per article and outlet credited in it.
CREATE VIEW article_citations AS
    SELECT
        article_id, source_id, source_citations.* EXCLUDE (level),
        -- Not if(): DuckDB 1.5 does not find it again in a catalog that 2.0 made.
        CASE WHEN cited_source_id = source_id THEN 'self' ELSE level END AS level
    FROM articles JOIN source_citations ON articles.text_id = source_citations.text_id AND text_filed_date = filed_date;
COMMENT ON VIEW article_citations IS 'one row per article and outlet credited in it; level self = its own outlet';
COMMENT ON COLUMN article_citations.level IS 'report (the whole report is theirs), fact, media (picture or video), or self (its own outlet)';
