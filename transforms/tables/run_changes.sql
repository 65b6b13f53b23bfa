-- One row per thing that changed between two states of the warehouse; of every table only the months that differ are needed.
-- A number once published is kept here when it moves; so is one that comes for a day of which readers had been told without it.
WITH moved AS (
    -- Articles that came, changed or went, with the day and the source they left.
    SELECT
        article_id, after.story_id, after.source_id, after.report_date, before.source_id AS old_source_id, before.report_date AS old_date,
        before.n_versions AS n_before, after.n_versions AS n_after, before.is_corrected AS was_corrected, after.is_corrected,
        CASE
            WHEN after.status = 'forgotten' THEN 'forgotten'
            WHEN before.article_id IS NULL AND article_id IN (SELECT key FROM was_overrides WHERE kind = 'ignore') THEN 'override'
            WHEN before.article_id IS NULL AND after.report_date < newer_run.night - 1 THEN 'late_article'
            WHEN before.article_id IS NULL THEN 'new_article'
            WHEN before.n_versions < after.n_versions THEN 'new_version'
            ELSE coalesce(newer_run.cause, 'update')
        END AS cause
    FROM newer_run, now_articles AS after LEFT JOIN was_articles AS before USING (article_id)
    WHERE before.article_id IS NULL OR before.n_versions < after.n_versions OR before.status <> after.status
        OR before.report_date <> after.report_date OR before.source_id <> after.source_id
    UNION ALL
    SELECT
        article_id, before.story_id, before.source_id, before.report_date, before.source_id, before.report_date,
        before.n_versions, NULL, before.is_corrected, NULL, if(article_id IN (SELECT key FROM now_overrides WHERE kind = 'ignore'), 'override', 'withdrawn')
    FROM was_articles AS before SEMI JOIN withdrawn USING (article_id) ANTI JOIN now_articles USING (article_id)
),
bringer AS (
    SELECT story_id, min(article_id) AS article_id, arg_min(cause, article_id) AS cause FROM moved GROUP BY story_id
),
touched AS (
    SELECT report_date, source_id, article_id, cause FROM moved
    UNION ALL
    SELECT old_date, old_source_id, article_id, cause FROM moved WHERE old_date IS NOT NULL
),
touched_days AS (
    SELECT report_date, min(article_id) AS article_id, arg_min(cause, article_id) AS cause FROM touched GROUP BY ALL
),
touched_source_days AS (
    SELECT report_date, source_id, min(article_id) AS article_id, arg_min(cause, article_id) AS cause FROM touched GROUP BY ALL
),
touched_sources AS (
    SELECT source_id, min(article_id) AS article_id, arg_min(cause, article_id) AS cause FROM touched GROUP BY ALL
),
touched_source_months AS (
    SELECT
        date_trunc('month', report_date)::DATE AS month, source_id, min(article_id) AS article_id, arg_min(cause, article_id) AS cause
    FROM touched
    GROUP BY ALL
),
anything AS (
    -- What else may move a number of a past day: an article of another day in one of its stories.
    SELECT coalesce(newer_run.cause, min(moved.cause), 'update') AS cause FROM newer_run LEFT JOIN moved ON true GROUP BY newer_run.cause
),
days AS (
    -- What shares of a day, and lifts, divide by.
    SELECT
        report_date, 'corpus' AS entity_id,
        unnest([
            {metric: 'n_stories', before: before.n_stories::VARCHAR, after: after.n_stories::VARCHAR},
            {metric: 'n_texts', before: before.n_texts::VARCHAR, after: after.n_texts::VARCHAR}
        ], recursive := true)
    FROM (
        SELECT report_date, count(DISTINCT story_id) AS n_stories, count(DISTINCT text_group_id) AS n_texts FROM now_articles GROUP BY ALL
    ) AS after
    FULL JOIN (
        SELECT report_date, count(DISTINCT story_id) AS n_stories, count(DISTINCT text_group_id) AS n_texts FROM was_articles GROUP BY ALL
    ) AS before USING (report_date)
),
restated_later AS (
    -- Of the answers of restated_days and restated_pairs, and of what a day's shares and lifts divide by.
    SELECT
        entity_id, other_id, metric, restated.report_date, before, after,
        coalesce(of_day.cause, ours.cause, theirs.cause, touched_days.cause, anything.cause) AS cause,
        coalesce(of_day.article_id, ours.article_id, theirs.article_id, touched_days.article_id) AS article_id
    FROM anything, (
        FROM restated
        UNION ALL BY NAME
        SELECT entity_id, NULL AS other_id, report_date, metric, before, after
        FROM days, newer_run
        WHERE before IS DISTINCT FROM after AND (before IS NOT NULL OR report_date <= previous_night)
    ) AS restated
    LEFT JOIN touched_source_days AS of_day
        ON other_id IS NULL AND entity_id = of_day.source_id AND restated.report_date = of_day.report_date
    -- A pair of actors has a day, of the other pairs it is the first of the month.
    LEFT JOIN touched_source_months AS ours
        ON other_id IS NOT NULL AND entity_id = ours.source_id AND restated.report_date = ours.month
    LEFT JOIN touched_source_months AS theirs ON other_id = theirs.source_id AND restated.report_date = theirs.month
    LEFT JOIN touched_days
        ON restated.report_date = touched_days.report_date AND (other_id IS NULL OR starts_with(entity_id, 'act_'))
),
gone AS (
    SELECT story_id, founder_article_id FROM was_stories
    ANTI JOIN now_stories USING (story_id)
    ANTI JOIN (SELECT old_story_id FROM new_lineage WHERE kind IN ('merged', 'redirected')) ON story_id = old_story_id
),
totals AS (
    -- Numbers without a day grow with every night's own; what falls, or moves while the copies stay as many, was restated.
    SELECT * EXCLUDE (grew)
    FROM (
        SELECT
            story_id AS entity_id, after.n_copies > before.n_copies AS grew,
            unnest([
                {metric: 'n_texts', before: before.n_texts, after: after.n_texts},
                {metric: 'n_origins', before: before.n_origins, after: after.n_origins},
                {metric: 'n_sources', before: before.n_sources, after: after.n_sources},
                {metric: 'n_families', before: before.n_families, after: after.n_families}
            ], recursive := true)
        FROM now_stories AS after JOIN was_stories AS before USING (story_id)
        UNION ALL
        SELECT
            entity_id, after.n_copies > before.n_copies,
            unnest([
                {metric: 'n_copies', before: before.n_copies, after: after.n_copies},
                {metric: 'n_texts', before: before.n_texts, after: after.n_texts},
                {metric: 'n_stories', before: before.n_stories, after: after.n_stories},
                {metric: 'n_origins', before: before.n_origins, after: after.n_origins}
            ], recursive := true)
        FROM (
            SELECT source_id AS entity_id, n_copies, n_texts, n_stories, n_origins FROM was_sources
            UNION ALL
            SELECT actor_id, n_copies, n_texts, n_stories, n_origins FROM was_actors
        ) AS before
        LEFT JOIN (
            SELECT source_id AS entity_id, n_copies, n_texts, n_stories, n_origins FROM now_sources
            UNION ALL
            SELECT actor_id, n_copies, n_texts, n_stories, n_origins FROM now_actors
        ) AS after USING (entity_id)
    )
    WHERE before IS NOT NULL AND before IS DISTINCT FROM after AND (NOT coalesce(grew, false) OR after < before)
),
facets AS (
    SELECT story_id, metric, before.value AS before, after.value AS after
    FROM (
        UNPIVOT (SELECT story_id, originator_source_id, first_source_id, corroboration FROM was_stories SEMI JOIN now_stories USING (story_id))
        ON originator_source_id, first_source_id, corroboration INTO NAME metric VALUE value
    ) AS before
    FULL JOIN (
        UNPIVOT (SELECT story_id, originator_source_id, first_source_id, corroboration FROM now_stories SEMI JOIN was_stories USING (story_id))
        ON originator_source_id, first_source_id, corroboration INTO NAME metric VALUE value
    ) AS after USING (story_id, metric)
    WHERE before.value IS DISTINCT FROM after.value
)
SELECT newer_run.run_id, change, entity_id, other_id, metric, report_date, before, after, changes.cause, article_id
FROM newer_run, (
    SELECT
        'new_story' AS change, story_id AS entity_id, NULL AS metric, NULL::DATE AS report_date,
        NULL::VARCHAR AS before, n_copies::VARCHAR AS after, bringer.cause, article_id
    FROM now_stories ANTI JOIN was_stories USING (story_id) LEFT JOIN bringer USING (story_id)
    UNION ALL
    SELECT
        if(after.n_copies > before.n_copies, 'grown', 'shrunk'), story_id, 'n_copies', NULL,
        before.n_copies::VARCHAR, after.n_copies::VARCHAR, coalesce(bringer.cause, anything.cause), article_id
    FROM anything, now_stories AS after JOIN was_stories AS before USING (story_id) LEFT JOIN bringer USING (story_id)
    WHERE after.n_copies <> before.n_copies
    UNION ALL
    SELECT
        kind, if(kind = 'split', new_story_id, old_story_id), NULL, NULL, old_story_id, new_story_id,
        coalesce(bringer.cause, anything.cause), article_id
    FROM anything, new_lineage LEFT JOIN bringer ON new_story_id = story_id
    WHERE kind IN ('merged', 'split', 'redirected')
    UNION ALL
    SELECT
        'redirected', gone.story_id, NULL, NULL, gone.story_id, founder.story_id,
        coalesce(bringer.cause, anything.cause), bringer.article_id
    FROM anything, gone LEFT JOIN now_articles AS founder ON founder_article_id = founder.article_id
    LEFT JOIN bringer ON coalesce(founder.story_id, gone.story_id) = bringer.story_id
    UNION ALL
    SELECT 'restated_metric', story_id, metric, NULL, before, after, coalesce(bringer.cause, anything.cause), article_id
    FROM anything, facets LEFT JOIN bringer USING (story_id)
    UNION ALL
    SELECT
        'restated_metric', entity_id, metric, NULL, before::VARCHAR, after::VARCHAR,
        coalesce(bringer.cause, touched_sources.cause, anything.cause), coalesce(bringer.article_id, touched_sources.article_id)
    FROM anything, totals LEFT JOIN bringer ON entity_id = story_id LEFT JOIN touched_sources ON entity_id = source_id
    UNION ALL
    SELECT 'new_version', article_id, 'n_versions', NULL, n_before::VARCHAR, n_after::VARCHAR, 'new_version', article_id
    FROM moved
    WHERE n_before < n_after
    UNION ALL
    SELECT 'correction', article_id, 'is_corrected', NULL, 'false', 'true', 'new_version', article_id
    FROM moved
    WHERE n_before < n_after AND is_corrected AND NOT was_corrected
    UNION ALL
    SELECT
        if(n_after IS NULL, 'withdrawn', cause), article_id, 'status', NULL, if(n_before IS NULL, NULL, 'active'),
        if(n_after IS NULL, 'withdrawn', cause), cause, article_id
    FROM moved
    WHERE n_after IS NULL OR cause = 'forgotten'
    UNION ALL
    SELECT 'key_reused', article_id, NULL, NULL, key_id, article_id, 'new_article', article_id
    FROM reused ANTI JOIN was_articles USING (article_id)
    UNION ALL
    SELECT
        'new_source', source_id, NULL, NULL, NULL, name,
        if((SELECT bool_and(cause = 'override') FROM moved WHERE moved.source_id = now_sources.source_id), 'override', 'new_article'), NULL
    FROM now_sources ANTI JOIN was_sources USING (source_id)
    UNION ALL
    -- One that published daily and has not for some days; told on the night the days are full.
    SELECT 'silent_source', source_id, 'last_date', NULL, n_copies::VARCHAR, last_date::VARCHAR, 'silence', NULL
    FROM now_sources, newer_run
    WHERE last_date + silent_days <= newer_run.night
        AND (previous_night IS NULL OR last_date + silent_days > previous_night)
        AND last_date - first_date + 1 >= silent_span_days AND n_copies >= last_date - first_date + 1
    UNION ALL
    SELECT
        if(before.override_id IS NULL, 'overruled', 'overruled_no_more'),
        override_id, coalesce(after.kind, before.kind), NULL,
        nullif(concat_ws(' ', before.key, before.value), ''), nullif(concat_ws(' ', after.key, after.value), ''), 'override',
        (SELECT article_id FROM now_articles WHERE article_id = coalesce(after.key, before.key))
    FROM now_overrides AS after FULL JOIN was_overrides AS before USING (override_id)
    WHERE after.override_id IS NULL OR before.override_id IS NULL
    UNION ALL
    SELECT 'new_actor', actor_id, NULL, NULL, NULL, name, 'new_article', NULL
    FROM now_actors ANTI JOIN was_actors USING (actor_id)
    GROUP BY ALL
    UNION ALL BY NAME
    SELECT 'restated_metric' AS change, entity_id, other_id, metric, report_date, before, after, cause, article_id FROM restated_later
) AS changes
