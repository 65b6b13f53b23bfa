-- One row per actor of the registry, or learnt from texts, that is mentioned.
-- The commonest spelling names it, and the commonest kind; of equals the first by alphabet.
WITH counted AS (
    SELECT
        actor_id, sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts,
        sum(n_stories)::BIGINT AS n_stories, sum(n_origins)::BIGINT AS n_origins
    FROM (
        SELECT actor_id, n_copies, n_texts, n_stories, n_origins FROM previous_actors
        UNION ALL
        SELECT
            actor_id, sign * count(*), sign * count(DISTINCT group_no), sign * count(DISTINCT story_no), sign * count(DISTINCT origin_no)
        FROM scope_actors JOIN actor_numbers USING (actor_no)
        GROUP BY actor_id, sign
    )
    GROUP BY actor_id
),
mentioned AS (
    SELECT actor_id FROM previous_actors
    UNION
    SELECT actor_id FROM new_actor_mentions WHERE actor_id IS NOT NULL
    UNION
    -- One whose mentions were forgotten is counted still.
    SELECT actor_id FROM new_text_actors
    UNION
    SELECT actor_id FROM actor_overrides JOIN counted USING (actor_id) WHERE kind = 'alias' AND n_copies > 0
),
named AS (
    SELECT actor_id, first(name ORDER BY n DESC, name) AS name
    FROM (SELECT actor_id, name, sum(n_uses) AS n FROM actor_spellings GROUP BY ALL)
    GROUP BY actor_id
),
typed AS (
    SELECT actor_id, first(type ORDER BY n DESC, type) AS type
    FROM (SELECT actor_id, type, sum(n_uses) AS n FROM actor_spellings GROUP BY ALL)
    GROUP BY actor_id
),
active AS (
    SELECT actor_id, min(report_date) AS first_date, max(report_date) AS last_date FROM all_actor_days GROUP BY actor_id
)
SELECT
    mentioned.actor_id,
    -- Whom only an override names goes by the name it gives.
    coalesce(known.name, named.name, (SELECT min(name) FROM actor_overrides WHERE actor_overrides.actor_id = mentioned.actor_id)) AS name,
    coalesce(known.type, typed.type, if(mentioned.actor_id IN (SELECT actor_id FROM actor_overrides), 'other_org', NULL)) AS type,
    known.country, known.affiliation_id,
    first_date, last_date,
    coalesce(n_copies, 0) AS n_copies, coalesce(n_texts, 0) AS n_texts,
    coalesce(n_stories, 0) AS n_stories, coalesce(n_origins, 0) AS n_origins
FROM mentioned
LEFT JOIN actor_registry AS known USING (actor_id)
LEFT JOIN named USING (actor_id)
LEFT JOIN typed USING (actor_id)
LEFT JOIN counted USING (actor_id)
LEFT JOIN active USING (actor_id)
