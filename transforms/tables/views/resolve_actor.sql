-- The id of a learnt actor is a hash of its name (transforms/enrich/registry.py), so a registered name tells what id it had before.
CREATE MACRO resolve_actor(actor) AS (
    coalesce((SELECT actor_id FROM actor_redirects WHERE old_actor_id = actor), actor)
);
COMMENT ON MACRO resolve_actor IS 'the registered actor that an actor, learnt by name before, now is; actor = its id';
