-- One row per article of a month with a changed day, with what counting needs. Not published.
SELECT
    article_id, report_date, source_id, story_id, origin_id, text_group_id, text_id, title_text_id, text_filed_date, title_filed_date,
    origin_kind, dup_level, copy_rank, n_versions, is_corrected, date_basis, effective_at, voice_id AS voice
FROM articles
WHERE date_trunc('month', report_date) IN (SELECT date_trunc('month', report_date) FROM source_days)
UNION ALL
SELECT
    article_id, report_date, source_id, story_id, origin_id, text_group_id, text_id, title_text_id, text_filed_date, title_filed_date,
    origin_kind, dup_level, copy_rank, n_versions, is_corrected, date_basis, effective_at, voice_id
FROM near_month_articles ANTI JOIN before_articles USING (article_id)
