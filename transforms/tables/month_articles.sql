-- One row per article of a month with a changed day, with what counting needs. Not published.
-- What is counted apart is a number here: hashing and comparing ids as strings is most of the work otherwise.
WITH here AS (
    SELECT
        article_id, report_date, source_id, story_id, origin_id, text_group_id, text_id, title_text_id, text_filed_date, title_filed_date,
        origin_kind, copy_rank, n_versions, date_basis, effective_at, voice_id AS voice
    FROM articles
    WHERE date_trunc('month', report_date) IN (SELECT date_trunc('month', report_date) FROM source_days)
    UNION ALL
    SELECT
        article_id, report_date, source_id, story_id, origin_id, text_group_id, text_id, title_text_id, text_filed_date, title_filed_date,
        origin_kind, copy_rank, n_versions, date_basis, effective_at, voice_id
    FROM near_month_articles ANTI JOIN before_articles USING (article_id)
)
SELECT
    here.*,
    row_number() OVER () AS article_no,
    id_number(story_id) AS story_no,
    id_number(origin_id) AS origin_no,
    id_number(text_group_id) AS group_no,
    if(voice IS NULL, NULL, dense_rank() OVER (ORDER BY voice)) AS voice_no
FROM here
