-- One row per article under a touched key, withdrawn or not, as its newest version's newest record has it, with the source that
-- record names. Not published.
WITH newest AS (
    SELECT placed_records.*, versions.version_no
    FROM placed_records JOIN versions
        ON placed_records.article_id = versions.article_id
        AND placed_records.text_id = versions.text_id
        AND placed_records.title_text_id IS NOT DISTINCT FROM versions.title_text_id
    QUALIFY row_number() OVER (
        PARTITION BY placed_records.article_id
        ORDER BY versions.version_no DESC, placed_records.updated_at DESC NULLS LAST, placed_records.published_at DESC NULLS LAST,
                 placed_records.seen_at DESC, placed_records.record_id
    ) = 1
),
stated AS (
    -- A correction that leaves out the publication date, or knows only that of the change, does not move the article.
    SELECT
        placed_records.article_id,
        first(struct_pack(
            published_at := placed_records.published_at, published_precision := published_precision, published_method := published_method,
            published_raw := published_raw, published_confidence := published_confidence, tz_method := tz_method
        ) ORDER BY
            placed_records.published_at IS NULL,
            published_precision = 'day' AND placed_records.published_at IS NOT DISTINCT FROM date_trunc('day', placed_records.updated_at),
            version_no DESC, placed_records.updated_at DESC NULLS LAST, record_id
        ) AS publication,
        first(struct_pack(
            source_name := source_name, source_domain := source_domain, source_method := source_method,
            source_confidence := source_confidence
        ) ORDER BY source_method = 'unknown', version_no DESC, placed_records.updated_at DESC NULLS LAST, record_id) AS publisher
    FROM placed_records JOIN versions
        ON placed_records.article_id = versions.article_id
        AND placed_records.text_id = versions.text_id
        AND placed_records.title_text_id IS NOT DISTINCT FROM versions.title_text_id
    GROUP BY placed_records.article_id
),
dated AS (
    -- What people decided goes before what records state.
    SELECT
        newest.* REPLACE (
            coalesce(decided.published_at, publication.published_at) AS published_at,
            coalesce(decided.published_precision, publication.published_precision) AS published_precision,
            if(decided.published_at IS NULL, publication.published_method, 'override') AS published_method,
            coalesce(decided.published_raw, publication.published_raw) AS published_raw,
            if(decided.published_at IS NULL, publication.published_confidence, 1) AS published_confidence,
            if(decided.published_at IS NULL, publication.tz_method, decided.tz_method) AS tz_method,
            publisher.source_name AS source_name, publisher.source_domain AS source_domain,
            if(decided.source_id IS NULL, publisher.source_method, 'override') AS source_method,
            if(decided.source_id IS NULL, publisher.source_confidence, 1) AS source_confidence
        ),
        decided.source_id AS decided_source_id
    FROM newest JOIN stated USING (article_id) LEFT JOIN article_overrides AS decided USING (article_id)
),
history AS (
    SELECT
        article_id,
        min(seen_at) AS first_seen_at,
        arg_min(run_id, run_no) AS first_run_id,
        arg_max(run_id, run_no) AS last_run_id,
        count(DISTINCT (text_id, title_text_id))::INTEGER AS n_versions
    FROM placed_records
    GROUP BY article_id
)
SELECT
    dated.* EXCLUDE (
        record_id, key_id, run_id, run_no, raw_file_id, raw_start, raw_end, raw_member, removed, extra, source_name, source_domain, filed_date,
        decided_source_id, feed_key_id, correction_start_char, correction_end_char
    ),
    coalesce(decided_source_id, record_sources.source_id, 'src_unknown') AS source_id,
    history.* EXCLUDE (article_id),
    coalesce(published_at, first_seen_at)::DATE AS report_date,
    if(published_at IS NULL, 'first_seen', 'published') AS date_basis,
    if(known_instant(published_precision, tz_method), published_at, NULL) AS effective_at,
    nullif(originator_source_id, coalesce(decided_source_id, record_sources.source_id, 'src_unknown')) AS originator_source_id,
    text_groups.text_group_id
FROM dated
JOIN history USING (article_id)
JOIN text_groups USING (text_id)
LEFT JOIN record_sources
    ON dated.source_name IS NOT DISTINCT FROM record_sources.source_name
    AND dated.source_domain IS NOT DISTINCT FROM record_sources.source_domain
LEFT JOIN text_originators USING (text_id)
