SELECT n_in, n_loaded, n_exact_repeat, n_new_version, n_withdrawn, n_quarantined
FROM run_row
WHERE n_in <> n_loaded + n_exact_repeat + n_new_version + n_withdrawn + n_quarantined
    OR n_in <> (SELECT coalesce(sum(n_records), 0) FROM raw_files_row)
    OR n_quarantined <> (SELECT count(*) FROM quarantine_row)
UNION ALL
-- The same for every file.
SELECT n_records, n_loaded, n_exact_repeat, n_new_version, n_withdrawn, n_quarantined
FROM raw_files_row
WHERE n_records <> n_loaded + n_exact_repeat + n_new_version + n_withdrawn + n_quarantined
    OR n_skipped <> coalesce(list_sum(map_values(skipped)), 0)
