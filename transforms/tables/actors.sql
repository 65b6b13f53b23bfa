-- One row per actor of the registry, or learnt from texts, that is mentioned.
WITH mentioned AS (
    SELECT DISTINCT actor_id FROM actor_mentions WHERE actor_id IS NOT NULL
),
learnt AS (
    -- The commonest spelling and kind; of equals the first by alphabet.
    SELECT actor_id, mode(name ORDER BY name) AS name, mode(type ORDER BY type) AS type
    FROM text_aliases
    GROUP BY actor_id
),
counted AS (
    SELECT
        actor_id, min(report_date) AS first_date, max(report_date) AS last_date,
        count(*) AS n_copies, count(DISTINCT text_group_id) AS n_texts,
        count(DISTINCT story_id) AS n_stories, count(DISTINCT origin_id) AS n_origins
    FROM article_actors JOIN story_facts USING (article_id)
    GROUP BY actor_id
)
SELECT
    mentioned.actor_id,
    coalesce(known.name, learnt.name) AS name,
    coalesce(known.type, learnt.type) AS type,
    known.country, known.affiliation_id,
    first_date, last_date,
    coalesce(n_copies, 0) AS n_copies, coalesce(n_texts, 0) AS n_texts,
    coalesce(n_stories, 0) AS n_stories, coalesce(n_origins, 0) AS n_origins
FROM mentioned
LEFT JOIN actor_registry AS known USING (actor_id)
LEFT JOIN learnt USING (actor_id)
LEFT JOIN counted USING (actor_id)
