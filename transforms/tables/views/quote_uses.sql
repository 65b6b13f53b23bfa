-- One row per article and place where a quote stands whole, in part or inside a longer one.
CREATE MACRO quote_uses(quote_group) AS TABLE
    WITH asked AS (
        -- Of a sentence that its cue cuts in two, the longer part where nobody has it whole.
        SELECT max_by(plain_words(words), (length(words), words)) AS whole FROM article_quotes WHERE quote_group_id = quote_group
    ),
    marked AS (
        SELECT article_quotes.*, plain_words(words) AS plain FROM article_quotes WHERE kind <> 'indirect' AND words IS NOT NULL
    )
    SELECT
        CASE WHEN quote_group_id = quote_group THEN 'whole' WHEN length(plain) < length(whole) THEN 'part' ELSE 'longer' END AS use,
        article_id, source_id, report_date, story_id, words, speaker_actor_id, verb, text_id, start_char, end_char
    FROM marked, asked
    WHERE quote_group_id = quote_group
        -- Eight words have nine blanks beside them.
        OR (length(plain) - length(replace(plain, ' ', '')) >= 9 AND contains(whole, plain))
        OR (length(whole) - length(replace(whole, ' ', '')) >= 9 AND contains(plain, whole))
    ORDER BY report_date, article_id, start_char;
COMMENT ON MACRO TABLE quote_uses IS 'one row per article and place where a quote stands whole, in part or inside a longer one, by 8 words or more; quote_group = its quote_group_id';
