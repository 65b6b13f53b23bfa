-- One row per source and day it published on. Not published: source_daily, changed or not.
SELECT source_id, report_date FROM source_daily
UNION ALL
SELECT source_id, report_date FROM previous_source_daily ANTI JOIN before_source_daily USING (source_id, report_date)
