-- One row per record or file refused, with the run that read its place well since.
CREATE VIEW quarantined AS
    WITH tried AS (
        SELECT run_id, max(started_at) AS started_at FROM runs WHERE status IN ('published', 'no_change') GROUP BY run_id
    ),
    -- A later run read the place again, and refused nothing there; of a file that had changed, nothing at all.
    read_again AS (
        SELECT
            refused.run_id, refused.raw_file_id, refused.path, refused.raw_member, refused.raw_start,
            min_by(later.run_id, after.started_at) AS resolved_run_id
        FROM quarantine AS refused
        JOIN raw_files AS later ON refused.path = later.path AND refused.run_id <> later.run_id
        JOIN tried AS before ON refused.run_id = before.run_id
        JOIN tried AS after ON later.run_id = after.run_id AND after.started_at > before.started_at
        WHERE coalesce(later.read_from, 0) <= refused.raw_start
            AND (
                later.status = 'read'
                OR (
                    later.status = 'partial' AND later.raw_file_id = refused.raw_file_id
                    AND NOT EXISTS (
                        FROM quarantine AS still
                        WHERE still.run_id = later.run_id AND still.raw_file_id = refused.raw_file_id
                            AND still.raw_member IS NOT DISTINCT FROM refused.raw_member AND still.raw_start = refused.raw_start
                    )
                )
            )
        GROUP BY ALL
    )
    SELECT quarantine.*, resolved_run_id
    FROM quarantine LEFT JOIN read_again
        ON quarantine.run_id = read_again.run_id AND quarantine.raw_file_id = read_again.raw_file_id AND quarantine.path = read_again.path
        AND quarantine.raw_member IS NOT DISTINCT FROM read_again.raw_member AND quarantine.raw_start = read_again.raw_start;
COMMENT ON VIEW quarantined IS 'one row per record or file refused, and the run that read its place well since';
COMMENT ON COLUMN quarantined.resolved_run_id IS 'first later run that read its place and refused nothing there; NULL while none has';
