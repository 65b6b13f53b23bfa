-- One row per version of a touched article, withdrawn or not, filed under the day of the article.
SELECT
    versions.* EXCLUDE (note_start_char, note_end_char),
    n_sentences_added, n_sentences_deleted, n_sentences_changed,
    -- What a first version changed is not known, but its note is there to be read.
    if(version_no = 1, note_start_char IS NOT NULL, is_correction) AS is_correction,
    if(version_no = 1, note_start_char, correction_start_char) AS correction_start_char,
    if(version_no = 1, note_end_char, correction_end_char) AS correction_end_char,
    withdrawn_at, report_date
FROM versions
JOIN (SELECT article_id, report_date FROM stated_articles) AS stated USING (article_id)
LEFT JOIN revisions USING (article_id, version_no)
LEFT JOIN withdrawn_articles USING (article_id)
