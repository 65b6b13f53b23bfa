-- One row per article and quote in its body.
CREATE VIEW article_quotes AS
    SELECT
        articles.article_id, articles.source_id, articles.report_date, story_id,
        nullif(substring(body, quotes.start_char + 1, quotes.end_char - quotes.start_char), '') AS words,
        quotes.* REPLACE (decided.actor_id AS speaker_actor_id)
    FROM articles
    JOIN quotes ON articles.text_id = quotes.text_id AND text_filed_date = filed_date
    JOIN (SELECT text_id, filed_date, body FROM texts) AS texts ON quotes.text_id = texts.text_id AND quotes.filed_date = texts.filed_date
    -- Who a mention is, people may have decided.
    LEFT JOIN article_mentions AS decided
        ON part = 'body' AND decided.article_id = articles.article_id AND decided.start_char = speaker_mention_char;
COMMENT ON VIEW article_quotes IS 'one row per article and quote in its body, with the words and the speaker as people decided where they did';
COMMENT ON COLUMN article_quotes.words IS 'what is said; NULL where the text''s words were dropped';
