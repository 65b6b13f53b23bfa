-- One row per source and changed day with an active article; and those of the 28 days behind it, whose baseline it belongs to.
WITH dated AS (
    FROM month_articles SEMI JOIN source_days USING (report_date)
),
stories_of_day AS (
    SELECT report_date, count(DISTINCT story_id) AS n FROM dated GROUP BY report_date
),
cites AS (
    SELECT f.source_id, f.report_date, f.voice, cited_source_id
    FROM dated AS f JOIN day_citations USING (text_id)
    WHERE level IN ('report', 'fact') AND cited_source_id <> f.source_id
),
cited_by AS (
    SELECT cited_source_id AS source_id, cites.report_date, count(DISTINCT voice) AS n
    FROM cites JOIN source_list ON cited_source_id = source_list.source_id
    WHERE voice IS NOT NULL AND voice <> family_id
    GROUP BY ALL
),
cites_out AS (
    SELECT source_id, report_date, count(DISTINCT cited_source_id) AS n FROM cites GROUP BY ALL
),
daily AS (
    SELECT
        source_id, report_date,
        count(*) AS n_copies,
        count(DISTINCT text_group_id) AS n_texts,
        count(DISTINCT f.story_id) AS n_stories,
        count(DISTINCT origin_id) AS n_origins,
        count(DISTINCT text_group_id) FILTER (origin_kind = 'original' AND copy_rank = 1) AS n_original_texts,
        count(DISTINCT text_group_id) FILTER (copy_rank IS NOT NULL) AS n_ranked_texts,
        count(*) FILTER (origin_kind = 'wire') AS n_wire,
        count(*) FILTER (origin_kind IN ('wire', 'republished', 'rewrite')) AS n_syndicated,
        count(DISTINCT f.story_id) FILTER (s.first_article_id = f.article_id AND s.n_families > 1) AS n_firsts,
        -- Who is alone with a story is neither first nor late.
        median(date_diff('second', s.first_at, f.effective_at) / 60.0) FILTER (s.n_families > 1) AS lag_minutes_median,
        count(*) FILTER (f.effective_at IS NULL) AS n_lag_excluded,
        count(DISTINCT f.story_id) FILTER (s.n_families = 1) AS n_exclusive,
        count(DISTINCT f.story_id) FILTER (origin_kind = 'original' AND copy_rank = 1) AS n_original_stories,
        count(*) FILTER (n_versions > 1) AS n_revised,
        count(*) FILTER (is_corrected) AS n_corrected,
        count(*) FILTER (date_basis = 'published') AS n_dated
    FROM dated AS f JOIN day_stories AS s USING (story_id)
    GROUP BY ALL
),
days AS (
    SELECT
        source_id, report_date, n_copies, n_texts, n_stories, n_origins, n_original_texts,
        if(n_ranked_texts >= 5, n_original_texts / n_ranked_texts, NULL) AS originality_rate,
        n_wire / n_copies AS wire_share,
        n_syndicated / n_copies AS syndication_share,
        n_firsts, lag_minutes_median, n_lag_excluded,
        coalesce(cited_by.n, 0) AS n_cited_by_families,
        coalesce(cites_out.n, 0) AS n_cites_out,
        n_exclusive / n_stories AS exclusive_rate,
        n_stories / stories_of_day.n AS breadth,
        n_original_stories / stories_of_day.n AS breadth_original,
        n_corrected / n_copies AS correction_rate,
        n_revised / n_copies AS revision_rate,
        n_dated / n_copies AS known_date_share
    FROM daily
    JOIN stories_of_day USING (report_date)
    LEFT JOIN cited_by USING (source_id, report_date)
    LEFT JOIN cites_out USING (source_id, report_date)
    UNION ALL BY NAME
    SELECT * EXCLUDE (baseline_ratio)
    FROM near_source_daily ANTI JOIN source_days USING (report_date)
),
baseline AS (
    SELECT today.source_id, today.report_date, median(before.n_copies) AS n
    FROM days AS today JOIN days AS before
        ON today.source_id = before.source_id
        AND before.report_date BETWEEN today.report_date - 28 AND today.report_date - 1
    GROUP BY ALL
)
SELECT days.*, n_copies / baseline.n AS baseline_ratio
FROM days LEFT JOIN baseline USING (source_id, report_date)
WHERE report_date IN (SELECT unnest(range(report_date, report_date + 29, INTERVAL 1 DAY))::DATE FROM source_days)
