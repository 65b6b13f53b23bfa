SELECT stories.title, sources.name AS first_in_corpus, originator.name AS credited_to, n_copies, n_texts, n_origins
FROM stories LEFT JOIN sources ON first_source_id = sources.source_id
LEFT JOIN sources AS originator ON originator_source_id = originator.source_id
ORDER BY n_copies DESC, title LIMIT 5
