-- One row per number that stood in source_actor, source_pairs or actor_pairs last night and is another now, of what is asked for
-- (asked_was_<table>, asked_now_<table>): a month of one of them, as more does not fit into memory side by side. Not published.
-- Tables of pairs have many rows, so that of them only what somebody can have quoted is told: who was not there before has no row,
-- and where nothing but a denominator moved (of shares, of lift) that has its own row, as a day's number of texts or an actor's.
WITH moved AS (
    SELECT
        before.source_id AS entity_id, before.actor_id AS other_id, before.month AS report_date, last_day(before.month) AS until,
        after.n_copies > before.n_copies OR after.n_texts > before.n_texts OR after.n_stories > before.n_stories
            OR after.n_origins > before.n_origins OR after.n_original_texts > before.n_original_texts AS grew,
        unnest([
            {metric: 'n_copies', before: before.n_copies::DOUBLE, after: after.n_copies::DOUBLE},
            {metric: 'n_texts', before: before.n_texts::DOUBLE, after: after.n_texts::DOUBLE},
            {metric: 'n_stories', before: before.n_stories::DOUBLE, after: after.n_stories::DOUBLE},
            {metric: 'n_origins', before: before.n_origins::DOUBLE, after: after.n_origins::DOUBLE},
            {metric: 'n_original_texts', before: before.n_original_texts::DOUBLE, after: after.n_original_texts::DOUBLE},
            {metric: 'share_of_source', before: before.share_of_source, after: after.share_of_source},
            {metric: 'index', before: before.index, after: after.index},
            {metric: 'n_texts_all', before: before.n_texts_all::DOUBLE, after: after.n_texts_all::DOUBLE},
            {metric: 'n_toned_texts', before: before.n_toned_texts::DOUBLE, after: after.n_toned_texts::DOUBLE},
            {metric: 'tone_text_mean', before: before.tone_text_mean, after: after.tone_text_mean}
        ], recursive := true)
    FROM asked_was_source_actor AS before
    LEFT JOIN asked_now_source_actor AS after USING (source_id, actor_id, month)
    WHERE (before.n_copies, before.n_texts, before.n_stories, before.n_origins, before.n_original_texts, before.n_toned_texts, before.tone_text_mean)
        IS DISTINCT FROM (after.n_copies, after.n_texts, after.n_stories, after.n_origins, after.n_original_texts, after.n_toned_texts, after.tone_text_mean)
    UNION ALL
    SELECT
        before.source_id, before.other_id, before.month, last_day(before.month),
        after.n_citations > before.n_citations OR after.n_shared_text_groups > before.n_shared_text_groups
            OR after.n_times_first > before.n_times_first,
        unnest([
            {metric: 'n_citations', before: before.n_citations::DOUBLE, after: after.n_citations::DOUBLE},
            {metric: 'n_shared_text_groups', before: before.n_shared_text_groups::DOUBLE, after: after.n_shared_text_groups::DOUBLE},
            {metric: 'n_times_first', before: before.n_times_first::DOUBLE, after: after.n_times_first::DOUBLE},
            {metric: 'lag_minutes_median', before: before.lag_minutes_median, after: after.lag_minutes_median}
        ], recursive := true)
    FROM asked_was_source_pairs AS before
    LEFT JOIN asked_now_source_pairs AS after USING (source_id, other_id, month)
    UNION ALL
    SELECT
        before.actor_a, before.actor_b, before.report_date, before.report_date,
        after.n_copies > before.n_copies OR after.n_texts > before.n_texts OR after.n_stories > before.n_stories
            OR after.n_origins > before.n_origins OR after.n_sentences > before.n_sentences,
        unnest([
            {metric: 'n_copies', before: before.n_copies::DOUBLE, after: after.n_copies::DOUBLE},
            {metric: 'n_texts', before: before.n_texts::DOUBLE, after: after.n_texts::DOUBLE},
            {metric: 'n_stories', before: before.n_stories::DOUBLE, after: after.n_stories::DOUBLE},
            {metric: 'n_origins', before: before.n_origins::DOUBLE, after: after.n_origins::DOUBLE},
            {metric: 'n_sentences', before: before.n_sentences::DOUBLE, after: after.n_sentences::DOUBLE},
            {metric: 'lift', before: before.lift, after: after.lift}
        ], recursive := true)
    FROM asked_was_actor_pairs AS before
    LEFT JOIN asked_now_actor_pairs AS after USING (actor_a, actor_b, report_date)
    WHERE (before.n_copies, before.n_texts, before.n_stories, before.n_origins, before.n_sentences)
        IS DISTINCT FROM (after.n_copies, after.n_texts, after.n_stories, after.n_origins, after.n_sentences)
)
SELECT
    entity_id, other_id, report_date, metric,
    -- Counts as counts.
    if(metric[:2] = 'n_', before::BIGINT::VARCHAR, before::VARCHAR) AS before,
    if(metric[:2] = 'n_', after::BIGINT::VARCHAR, after::VARCHAR) AS after
FROM moved, newer_run
WHERE before IS NOT NULL AND before IS DISTINCT FROM after
    -- A month that readers saw unfinished goes on growing; what falls in it, or moves without growth, was restated.
    AND (until <= previous_night OR NOT coalesce(grew, false) OR (metric[:2] = 'n_' AND after < before))
