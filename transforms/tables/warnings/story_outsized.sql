-- A story that tonight made far larger than any before it: rather a chain of strangers than one event.
WITH stood AS (
    SELECT max(n_texts) AS largest FROM (SELECT story_id, n_texts FROM previous_stories)
    ANTI JOIN (SELECT story_id FROM added_stories) USING (story_id)
),
told AS (SELECT sum(n_texts) AS n FROM added_stories)
SELECT story_id, n_texts, title
FROM added_stories, stood, told, warning_settings
WHERE n_texts >= outsized_texts
    AND n_texts > coalesce(outsized_factor * stood.largest, outsized_share * told.n)
ORDER BY n_texts DESC, story_id
