-- One row per mention of the months at hand that a decision of people gives to another actor, or to none. Not published.
-- An alias speaks of the mentions that are written so, and of those of the actor that texts know by that name alone.
WITH decided AS (
    SELECT kind, alias_key(name) AS name_key, learnt_id, min(actor_id) AS actor_id FROM actor_overrides GROUP BY ALL
),
resolved AS (
    SELECT
        mention.*, alias_key(surface) AS name_key,
        coalesce(written.actor_id, known.actor_id, mention.actor_id) AS decided_id
    FROM near_actor_mentions AS mention
    LEFT JOIN (SELECT name_key, actor_id FROM decided WHERE kind = 'alias') AS written ON alias_key(surface) = written.name_key
    LEFT JOIN (SELECT learnt_id, min(actor_id) AS actor_id FROM decided WHERE kind = 'alias' GROUP BY ALL) AS known
        ON mention.actor_id = known.learnt_id
    WHERE NOT as_source
),
judged AS (
    SELECT
        resolved.*,
        if(EXISTS (FROM actor_overrides AS refused WHERE refused.kind = 'not_alias' AND alias_key(refused.name) = resolved.name_key AND refused.actor_id = decided_id),
            NULL, decided_id) AS now_id
    FROM resolved
)
SELECT * EXCLUDE (name_key, decided_id, now_id) REPLACE (now_id AS actor_id, 'override' AS method, 1.0 AS confidence)
FROM judged
WHERE now_id IS DISTINCT FROM actor_id
