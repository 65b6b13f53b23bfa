-- One row per source and day that changed, or whose baseline a changed day belongs to, as last night left it. Not published.
FROM near_source_daily
WHERE report_date IN (SELECT unnest(range(report_date, report_date + 29, INTERVAL 1 DAY))::DATE FROM source_days)
