-- One row per article whose body is known to be English.
CREATE VIEW article_tones AS
    SELECT
        article_id, articles.source_id, articles.report_date, story_id, text_group_id, tone, n_tone_words,
        nullif(substring(body, start_char + 1, end_char - start_char), '') AS words,
        text_tones.text_id, start_char, end_char
    FROM articles
    JOIN text_tones ON articles.text_id = text_tones.text_id AND text_filed_date = filed_date
    JOIN (SELECT text_id, filed_date, body FROM texts) AS texts
        ON text_tones.text_id = texts.text_id AND text_tones.filed_date = texts.filed_date;
COMMENT ON VIEW article_tones IS 'one row per article whose body is known to be English: its tone, and the sentence that says it most';
COMMENT ON COLUMN article_tones.words IS 'that sentence; NULL where no word has a tone, or the text''s words were dropped';
