SELECT source_id, report_date, n_stories, n_origins, n_texts, n_copies
FROM source_daily
WHERE NOT (1 <= n_stories AND n_stories <= n_origins AND n_origins <= n_texts AND n_texts <= n_copies)
