-- One row per thing that the night of this snapshot changed.
CREATE VIEW changes_tonight AS
    SELECT run_changes.* FROM run_changes JOIN snapshot USING (run_id);
COMMENT ON VIEW changes_tonight IS 'what the night that made this snapshot changed';
