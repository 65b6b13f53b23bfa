-- One row per id that a name was, or would have been, learnt by, and the actor the name means now; what people decided comes first.
WITH decided AS (
    SELECT learnt_id AS old_actor_id, min(actor_id) AS actor_id FROM actor_overrides WHERE kind = 'alias' GROUP BY ALL
)
SELECT old_actor_id, actor_id, 'override' AS method
FROM decided
WHERE old_actor_id <> actor_id
UNION ALL
SELECT old_actor_id, actor_id, 'registry'
FROM registered_names ANTI JOIN decided USING (old_actor_id)
