-- One row per outlet or agency that published or was cited.
WITH counted AS (
    SELECT
        source_id, sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts, sum(n_stories)::BIGINT AS n_stories,
        sum(n_origins)::BIGINT AS n_origins
    FROM (
        SELECT source_id, n_copies, n_texts, n_stories, n_origins FROM previous_sources
        UNION ALL
        SELECT source_id, count(*), count(DISTINCT text_group_id), count(DISTINCT story_id), count(DISTINCT origin_id)
        FROM articles GROUP BY source_id
        UNION ALL
        SELECT source_id, -count(*), -count(DISTINCT text_group_id), -count(DISTINCT story_id), -count(DISTINCT origin_id)
        FROM before_articles GROUP BY source_id
    )
    GROUP BY source_id
),
active AS (
    SELECT source_id, min(report_date) AS first_date, max(report_date) AS last_date
    FROM all_source_days
    GROUP BY source_id
),
cited AS (
    SELECT source_id FROM source_spellings WHERE said_by <> 'record'
)
SELECT
    source_id, name, domain, family_id, kind, country,
    coalesce(n_copies, 0) > 0 AS in_corpus,
    first_date, last_date,
    coalesce(n_copies, 0) AS n_copies, coalesce(n_texts, 0) AS n_texts, coalesce(n_stories, 0) AS n_stories,
    coalesce(n_origins, 0) AS n_origins
FROM source_list
LEFT JOIN counted USING (source_id)
LEFT JOIN active USING (source_id)
WHERE n_copies > 0
    OR source_id = 'src_unknown'
    OR source_id IN (SELECT source_id FROM cited)
