-- One row per actor of the registry, or learnt from texts, that is mentioned.
-- The commonest spelling names it, and the commonest kind; of equals the first by alphabet.
WITH of_groups AS (
    SELECT sign, actor_no, story_no, origin_no, group_no, count(*) AS n_copies
    FROM scope_actors JOIN scope_copies USING (row_no)
    GROUP BY sign, actor_no, story_no, origin_no, group_no
),
of_origins AS (
    SELECT sign, actor_no, story_no, sum(n_copies)::BIGINT AS n_copies, count(*) AS n_texts
    FROM of_groups
    GROUP BY sign, actor_no, story_no, origin_no
),
of_stories AS (
    SELECT sign, actor_no, sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts, count(*) AS n_origins
    FROM of_origins
    GROUP BY sign, actor_no, story_no
),
counted AS (
    -- A text group lies in one origin, and an origin in one story: so each is counted by folding the one before.
    SELECT
        actor_id, sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts,
        sum(n_stories)::BIGINT AS n_stories, sum(n_origins)::BIGINT AS n_origins
    FROM (
        SELECT actor_id, n_copies, n_texts, n_stories, n_origins FROM previous_actors
        UNION ALL
        SELECT actor_id, sum(sign * n_copies)::BIGINT, sum(sign * n_texts)::BIGINT, sum(sign)::BIGINT, sum(sign * n_origins)::BIGINT
        FROM of_stories JOIN actor_numbers USING (actor_no)
        GROUP BY actor_id
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
    SELECT actor_id FROM counted WHERE n_copies > 0 AND actor_id IN (SELECT actor_id FROM actor_redirects UNION SELECT actor_id FROM actor_overrides WHERE kind = 'alias')
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
unsure AS (
    -- Its first or last day has changed, and may no longer be one of its days.
    SELECT DISTINCT actor_id
    FROM (SELECT actor_id, unnest([first_date, last_date]) AS report_date FROM previous_actors)
    SEMI JOIN actor_days USING (report_date)
    ANTI JOIN actor_daily USING (actor_id, report_date)
),
active AS (
    SELECT actor_id, min(first_date) AS first_date, max(last_date) AS last_date
    FROM (
        SELECT actor_id, first_date, last_date FROM previous_actors ANTI JOIN unsure USING (actor_id)
        UNION ALL
        SELECT actor_id, report_date, report_date FROM actor_daily
        UNION ALL
        SELECT actor_id, report_date, report_date
        FROM previous_actor_daily SEMI JOIN unsure USING (actor_id) ANTI JOIN actor_days USING (report_date)
    )
    GROUP BY actor_id
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
