-- origins <= families <= texts would be wrong the other way round: one family may hold several texts of one origin.
SELECT story_id, n_origins, n_families, n_texts, n_copies
FROM stories
WHERE NOT (1 <= n_origins AND n_origins <= n_texts AND n_texts <= n_copies AND n_origins <= n_families)
