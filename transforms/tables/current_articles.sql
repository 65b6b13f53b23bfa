-- One row per article as its newest version's newest record has it, with the source that record names.
-- Not published: the ground on which groups, stories and the articles table are built.
WITH placed AS (
    SELECT records.*, coalesce(reused_keys.article_id, records.key_id) AS article_id
    FROM records LEFT JOIN reused_keys USING (record_id)
),
newest AS (
    SELECT placed.*, article_versions.version_no
    FROM placed JOIN article_versions
        ON placed.article_id = article_versions.article_id
        AND placed.text_id = article_versions.text_id
        AND placed.title_text_id IS NOT DISTINCT FROM article_versions.title_text_id
    QUALIFY row_number() OVER (
        PARTITION BY placed.article_id
        ORDER BY article_versions.version_no DESC, placed.updated_at DESC NULLS LAST, placed.published_at DESC NULLS LAST,
                 placed.seen_at DESC, placed.record_id
    ) = 1
),
stated AS (
    -- A correction that leaves out the publication date, or knows only that of the change, does not move the article.
    SELECT
        placed.article_id,
        first(struct_pack(
            published_at := placed.published_at, published_precision := published_precision, published_method := published_method,
            published_raw := published_raw, tz_method := tz_method
        ) ORDER BY
            placed.published_at IS NULL,
            published_precision = 'day' AND placed.published_at IS NOT DISTINCT FROM date_trunc('day', placed.updated_at),
            version_no DESC, placed.updated_at DESC NULLS LAST, record_id
        ) AS publication,
        first(struct_pack(
            source_name := source_name, source_domain := source_domain, source_method := source_method,
            source_confidence := source_confidence
        ) ORDER BY source_method = 'unknown', version_no DESC, placed.updated_at DESC NULLS LAST, record_id) AS publisher
    FROM placed JOIN article_versions
        ON placed.article_id = article_versions.article_id
        AND placed.text_id = article_versions.text_id
        AND placed.title_text_id IS NOT DISTINCT FROM article_versions.title_text_id
    GROUP BY placed.article_id
),
dated AS (
    SELECT newest.* REPLACE (
        publication.published_at AS published_at, publication.published_precision AS published_precision,
        publication.published_method AS published_method, publication.published_raw AS published_raw,
        publication.tz_method AS tz_method, publisher.source_name AS source_name, publisher.source_domain AS source_domain,
        publisher.source_method AS source_method, publisher.source_confidence AS source_confidence
    )
    FROM newest JOIN stated USING (article_id)
),
history AS (
    SELECT
        article_id,
        min(seen_at) AS first_seen_at,
        arg_min(run_id, run_no) AS first_run_id,
        arg_max(run_id, run_no) AS last_run_id,
        count(DISTINCT (text_id, title_text_id))::INTEGER AS n_versions
    FROM placed
    GROUP BY article_id
)
SELECT
    dated.* EXCLUDE (record_id, key_id, run_id, run_no, raw_file_id, raw_start, raw_end, removed, extra),
    coalesce(record_sources.source_id, 'src_unknown') AS source_id,
    coalesce(source_list.family_id, 'src_unknown') AS family_id,
    coalesce(source_list.kind, 'unknown') AS source_kind,
    history.* EXCLUDE (article_id),
    coalesce(published_at, first_seen_at)::DATE AS report_date,
    if(published_at IS NULL, 'first_seen', 'published') AS date_basis,
    if(published_precision IN ('second', 'minute', 'hour') AND tz_method IN ('stated', 'source_country'), published_at, NULL) AS effective_at,
    -- The interval in which it was published: a day without a zone may begin 14 hours before and end 12 hours after the UTC day.
    CASE
        WHEN published_at IS NULL THEN NULL
        WHEN published_precision IN ('second', 'minute', 'hour') AND tz_method IN ('stated', 'source_country') THEN published_at
        ELSE published_at - INTERVAL 14 HOUR
    END AS earliest_at,
    CASE
        WHEN published_at IS NULL THEN NULL
        WHEN published_precision IN ('second', 'minute', 'hour') AND tz_method IN ('stated', 'source_country')
            THEN published_at + CASE published_precision
                WHEN 'second' THEN INTERVAL 1 SECOND WHEN 'minute' THEN INTERVAL 1 MINUTE ELSE INTERVAL 1 HOUR END
        WHEN published_precision = 'year' THEN published_at + INTERVAL 1 YEAR + INTERVAL 12 HOUR
        WHEN published_precision = 'month' THEN published_at + INTERVAL 1 MONTH + INTERVAL 12 HOUR
        ELSE published_at + INTERVAL 36 HOUR
    END AS latest_at,
    text_groups.text_group_id
FROM dated
JOIN history USING (article_id)
JOIN text_groups USING (text_id)
LEFT JOIN record_sources
    ON dated.source_name IS NOT DISTINCT FROM record_sources.source_name
    AND dated.source_domain IS NOT DISTINCT FROM record_sources.source_domain
LEFT JOIN source_list ON record_sources.source_id = source_list.source_id
