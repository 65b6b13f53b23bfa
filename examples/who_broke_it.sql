SELECT title, first.name AS first_in_corpus, credited.name AS credited_to, stories.n_copies AS copies, stories.n_texts AS texts, stories.n_origins AS origins
FROM stories
LEFT JOIN sources AS first ON first_source_id = first.source_id
LEFT JOIN sources AS credited ON originator_source_id = credited.source_id
WHERE n_families > 1
ORDER BY first_in_corpus IS NULL, copies DESC, title LIMIT 7
