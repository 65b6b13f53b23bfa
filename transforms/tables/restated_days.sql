-- One row per number of a day that stood in `was_daily` last night and is another in `now_daily`: a month of source_daily or of
-- actor_daily, its key called entity_id. Not published.
-- Shares of the day move for everyone when its number of stories does: that has a row of its own (run_changes), unless the entity's
-- own numbers moved too. Who was not there before has one row, on days of which readers had been told.
WITH was_own AS (
    SELECT COLUMNS(lambda name: name NOT IN ('share_of_stories', 'breadth', 'breadth_original')) FROM was_daily
),
now_own AS (
    SELECT COLUMNS(lambda name: name NOT IN ('share_of_stories', 'breadth', 'breadth_original')) FROM now_daily
),
moved AS MATERIALIZED (
    SELECT entity_id, report_date FROM (FROM was_own EXCEPT FROM now_own)
    UNION
    SELECT entity_id, report_date FROM (FROM now_own EXCEPT FROM was_own)
),
was_values AS (
    UNPIVOT (
        SELECT entity_id, report_date, COLUMNS(* EXCLUDE (entity_id, report_date))::VARCHAR
        FROM was_daily SEMI JOIN moved USING (entity_id, report_date)
    )
    ON COLUMNS(* EXCLUDE (entity_id, report_date)) INTO NAME metric VALUE value
),
now_values AS (
    UNPIVOT (
        SELECT entity_id, report_date, COLUMNS(* EXCLUDE (entity_id, report_date))::VARCHAR
        FROM now_daily SEMI JOIN moved USING (entity_id, report_date) SEMI JOIN was_daily USING (entity_id, report_date)
    )
    ON COLUMNS(* EXCLUDE (entity_id, report_date)) INTO NAME metric VALUE value
)
SELECT entity_id, NULL AS other_id, report_date, metric, was_values.value AS before, now_values.value AS after
FROM was_values FULL JOIN now_values USING (entity_id, report_date, metric)
WHERE was_values.value IS DISTINCT FROM now_values.value
UNION ALL
SELECT entity_id, NULL, report_date, 'n_copies', NULL, n_copies::VARCHAR
FROM newer_run, now_daily ANTI JOIN was_daily USING (entity_id, report_date)
WHERE report_date <= previous_night
