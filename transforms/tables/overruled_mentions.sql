-- One row per mention of the months at hand that now means another actor, or none: people decided so, or its name was registered
-- since. Not published.
-- An alias speaks of the mentions that are written so, and of those of the actor that texts know by that name alone.
WITH decided AS (
    SELECT alias_key(name) AS name_key, min(actor_id) AS actor_id FROM actor_overrides WHERE kind = 'alias' GROUP BY ALL
),
resolved AS (
    SELECT
        mention.*, alias_key(surface) AS name_key,
        coalesce(written.actor_id, known.actor_id, mention.actor_id) AS decided_id,
        -- As sure as the registry makes a name that it knows when it is read.
        if(written.actor_id IS NULL AND known.method = 'registry', {'method': 'registry', 'confidence': 0.9}, {'method': 'override', 'confidence': 1.0}) AS said
    FROM near_actor_mentions AS mention
    LEFT JOIN decided AS written ON alias_key(surface) = written.name_key
    LEFT JOIN actor_redirects AS known ON mention.actor_id = known.old_actor_id
    -- Without a decision only moved ids are looked at: to key every name of some months is most of the work.
    WHERE NOT as_source
        AND (EXISTS (FROM actor_overrides) OR mention.actor_id IN (SELECT old_actor_id FROM actor_redirects))
),
judged AS (
    SELECT
        resolved.*,
        if(EXISTS (FROM actor_overrides AS refused WHERE refused.kind = 'not_alias' AND alias_key(refused.name) = resolved.name_key AND refused.actor_id = decided_id),
            NULL, decided_id) AS now_id
    FROM resolved
)
SELECT
    * EXCLUDE (name_key, decided_id, now_id, said)
    REPLACE (now_id AS actor_id, if(now_id IS NULL, 'override', said.method) AS method, if(now_id IS NULL, 1.0, said.confidence) AS confidence)
FROM judged
WHERE now_id IS DISTINCT FROM actor_id
