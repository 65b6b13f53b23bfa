-- One row per actor mentioned in the span.
CREATE MACRO actor_scorecard(days) AS TABLE
    WITH recent AS (
        SELECT actor_daily.*, night FROM actor_daily, tonight WHERE report_date <= night + 1
    ),
    counted AS (
        SELECT
            actor_id,
            sum(n_copies) FILTER (report_date > night - days)::BIGINT AS n_copies,
            sum(n_texts) FILTER (report_date > night - days)::BIGINT AS n_texts,
            sum(n_stories) FILTER (report_date > night - days)::BIGINT AS n_story_days,
            sum(n_origins) FILTER (report_date > night - days)::BIGINT AS n_origin_days,
            coalesce(sum(n_stories) FILTER (report_date > night - 2), 0) AS observed,
            coalesce(sum(n_stories) FILTER (report_date BETWEEN night - 15 AND night - 2), 0) / 7.0 AS expected
        FROM recent
        WHERE report_date > night - greatest(days, 16)
        GROUP BY actor_id
        HAVING bool_or(report_date > night - days)
    )
    SELECT actor_id, name, type, counted.* EXCLUDE (actor_id, observed, expected),
        -- Event Registry's trend: the Pearson residual of the last 2 days against the 14 before, over stories.
        CASE WHEN expected > 0 THEN (observed - expected) / sqrt(expected) END AS trend
    FROM counted JOIN actors USING (actor_id)
    ORDER BY n_story_days DESC, actor_id;
COMMENT ON MACRO TABLE actor_scorecard IS 'one row per actor mentioned in the span, and how far the last 2 days stand out from the 14 before (trend); days = length of the span up to the latest night';
