-- One row: the latest night that ended well with this snapshot.
CREATE VIEW tonight AS
    SELECT max(night) AS night
    FROM (
        SELECT runs.night FROM runs, snapshot WHERE status IN ('published', 'no_change') AND list_contains(numbers, runs.snapshot)
        UNION ALL
        SELECT night FROM snapshot
    );
COMMENT ON VIEW tonight IS 'the latest night that ended well with this snapshot, also one that brought nothing';
COMMENT ON COLUMN tonight.night IS 'logical night';
