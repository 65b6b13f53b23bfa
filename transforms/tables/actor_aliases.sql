-- One row per name that means an actor everywhere: registry names, full names learnt, and names people gave.
WITH learnt AS (
    SELECT alias, lang, actor_id, confidence FROM previous_actor_aliases WHERE method = 'learnt'
    UNION ALL
    SELECT alias, lang, actor_id, confidence
    FROM new_text_aliases
    WHERE method NOT IN ('surname', 'acronym', 'title', 'role')
)
SELECT alias, NULL AS lang, actor_id, 'global' AS scope, 'registry' AS method, 1.0 AS confidence
FROM actor_registry_aliases SEMI JOIN actors USING (actor_id)
UNION ALL
SELECT alias, min(lang), actor_id, 'global', 'learnt', max(confidence)
FROM learnt SEMI JOIN actors USING (actor_id)
WHERE (alias, actor_id) NOT IN (SELECT (alias, actor_id) FROM actor_registry_aliases)
GROUP BY alias, actor_id
UNION ALL
SELECT DISTINCT name, NULL, actor_id, 'global', 'override', 1.0
FROM actor_overrides SEMI JOIN actors USING (actor_id)
WHERE kind = 'alias'
    AND (name, actor_id) NOT IN (SELECT (alias, actor_id) FROM actor_registry_aliases)
    AND (name, actor_id) NOT IN (SELECT (alias, actor_id) FROM learnt)
