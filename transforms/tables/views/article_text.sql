-- One row per article, with the words of its current version.
CREATE VIEW article_text AS
    SELECT article_id, title, source_id, report_date, body, lang
    -- By day as well: the days tell a reader which files and row groups to leave alone.
    FROM articles JOIN (SELECT text_id, filed_date AS text_filed_date, body FROM texts) USING (text_id, text_filed_date);
COMMENT ON VIEW article_text IS 'one row per article with the words of its current version';
