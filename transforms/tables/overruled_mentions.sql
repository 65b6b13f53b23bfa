-- One row per mention of the months at hand that now means another actor, or none: people decided so, or its name was registered
-- since. Not published.
-- An alias speaks of the mentions that are written so, and of those of the actor that texts know by that name alone.
WITH decided AS (
    SELECT alias_key(name) AS name_key, min(actor_id) AS actor_id FROM actor_overrides WHERE kind = 'alias' GROUP BY ALL
),
refused AS (
    SELECT DISTINCT alias_key(name) AS name_key, actor_id FROM actor_overrides WHERE kind = 'not_alias'
),
resolved AS (
    SELECT
        mention.*, written.actor_id AS written_id, known.method AS known_method,
        decided_actor(written.actor_id, known.actor_id, mention.actor_id) AS decided_id
    FROM near_actor_mentions AS mention
    LEFT JOIN decided AS written ON alias_key(surface) = written.name_key
    LEFT JOIN actor_redirects AS known ON mention.actor_id = known.old_actor_id
    -- Without a decision only moved ids are looked at: to key every name of some months is most of the work.
    WHERE NOT as_source
        AND (EXISTS (FROM actor_overrides) OR mention.actor_id IN (SELECT old_actor_id FROM actor_redirects))
),
judged AS (
    SELECT
        resolved.* EXCLUDE (written_id, known_method, decided_id),
        decided_mention(
            decided_id, refused.actor_id IS NOT NULL, resolved.actor_id, method, confidence, written_id, known_method
        ) AS decided
    FROM resolved
    LEFT JOIN refused ON decided_id = refused.actor_id AND alias_key(surface) = refused.name_key
)
SELECT
    judged.* EXCLUDE (decided)
    REPLACE (decided.actor_id AS actor_id, decided.method AS method, decided.confidence AS confidence)
FROM judged
WHERE decided.actor_id IS DISTINCT FROM judged.actor_id
