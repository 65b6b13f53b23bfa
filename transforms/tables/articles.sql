-- One row per article of a story in scope, its current version.
WITH grouped AS (
    SELECT
        text_group_id,
        count(DISTINCT family_id) FILTER (family_id <> 'src_unknown') AS families,
        count(*) FILTER (family_id = 'src_unknown') AS unknowns,
        count(*) FILTER (effective_at IS NULL) AS untimed,
        count(*) AS n
    FROM scope_articles
    GROUP BY text_group_id
),
ordered AS (
    SELECT
        article_id,
        row_number() OVER earlier AS place,
        first_value(family_id) OVER earlier AS first_family_id,
        -- Its place is certain when everything before it had ended and nothing behind it had begun.
        coalesce(max(latest_at) OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) <= earliest_at, true)
            AND coalesce(lead(earliest_at) OVER earlier >= latest_at, true) AS certain
    FROM scope_articles
    WHERE effective_at IS NOT NULL
    WINDOW earlier AS (PARTITION BY text_group_id ORDER BY earliest_at, latest_at, article_id)
),
founding AS (
    -- For display and dup_level only; where time does not tell, the longest text, then the smallest id.
    SELECT text_group_id, first(struct_pack(article_id, text_id) ORDER BY effective_at NULLS LAST, report_date, n_words DESC, article_id) AS founder
    FROM scope_articles
    GROUP BY text_group_id
),
closest AS (
    SELECT text_id, max(containment) AS containment, max(jaccard) AS jaccard
    FROM (
        SELECT text_a AS text_id, jaccard, containment FROM standing_text_pairs WHERE decision = 'joined'
        UNION ALL
        SELECT text_b, jaccard, containment FROM standing_text_pairs WHERE decision = 'joined'
    )
    SEMI JOIN scope_articles USING (text_id)
    GROUP BY text_id
),
ranked AS (
    SELECT
        c.*,
        CASE
            WHEN c.article_id = founder.article_id THEN 'founder'
            WHEN c.text_id = founder.text_id THEN 'exact'
            WHEN coalesce(closest.jaccard, 1) >= 0.5 THEN 'near'
            ELSE 'contained'
        END AS dup_level,
        CASE
            WHEN c.article_id = founder.article_id THEN NULL
            WHEN c.text_id = founder.text_id THEN 1.0
            ELSE closest.containment
        END AS dup_similarity,
        CASE
            WHEN grouped.n = 1 OR (grouped.unknowns = 0 AND grouped.families = 1) THEN 1
            WHEN grouped.untimed > 0 OR NOT ordered.certain THEN NULL
            ELSE ordered.place
        END::INTEGER AS copy_rank,
        CASE
            WHEN c.source_id <> 'src_unknown' THEN c.family_id
            WHEN grouped.unknowns < grouped.n THEN NULL
            ELSE c.text_group_id
        END AS voice_id,
        grouped.families, first_family_id
    FROM scope_articles AS c
    JOIN grouped USING (text_group_id)
    JOIN founding USING (text_group_id)
    LEFT JOIN ordered USING (article_id)
    LEFT JOIN closest USING (text_id)
)
SELECT
    ranked.* EXCLUDE (family_id, source_kind, earliest_at, latest_at, families, first_family_id),
    CASE
        WHEN source_kind = 'wire' OR originator.kind = 'wire' THEN 'wire'
        WHEN families > 1 AND copy_rank > 1 AND ranked.family_id <> first_family_id THEN 'republished'
        WHEN originator_source_id IS NOT NULL THEN 'rewrite'
        -- Whose words they were first is not known where the order of a shared text is not.
        WHEN ranked.source_id = 'src_unknown' OR (families > 1 AND copy_rank IS NULL) THEN 'unknown'
        ELSE 'original'
    END AS origin_kind,
    novel_share,
    if(sha256('article:' || article_id) IN (SELECT key FROM tombstones) OR sha256('source:' || ranked.source_id) IN (SELECT key FROM tombstones),
       'forgotten', 'active') AS status
FROM ranked LEFT JOIN novelties USING (article_id) LEFT JOIN source_list AS originator ON originator_source_id = originator.source_id
