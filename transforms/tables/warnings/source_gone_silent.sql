-- One that published daily and has not for some days; told on the night the days are full.
SELECT source_id, name, last_date, n_copies
FROM sources, run, warning_settings
WHERE source_id <> 'src_unknown'
    AND last_date + silent_days::INTEGER <= night
    AND (previous_night IS NULL OR last_date + silent_days::INTEGER > previous_night)
    AND last_date - first_date + 1 >= silent_span_days AND n_copies >= last_date - first_date + 1
ORDER BY n_copies DESC, source_id
