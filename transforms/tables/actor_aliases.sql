-- One row per name of an actor: everywhere (registry names, full names learnt) or in one text alone (short forms).
SELECT alias, NULL AS lang, actor_id, 'global' AS scope, 'registry' AS method, 1.0 AS confidence
FROM actor_registry_aliases SEMI JOIN actors USING (actor_id)
UNION ALL
SELECT alias, min(lang), actor_id, 'global', 'learnt', max(confidence)
FROM text_aliases SEMI JOIN actors USING (actor_id)
WHERE method NOT IN ('surname', 'acronym', 'title', 'role')
    AND (alias, actor_id) NOT IN (SELECT (alias, actor_id) FROM actor_registry_aliases)
GROUP BY alias, actor_id
UNION ALL
SELECT alias, lang, actor_id, text_id, if(method = 'acronym', 'acronym', 'surname'), confidence
FROM text_aliases SEMI JOIN actors USING (actor_id)
WHERE method IN ('surname', 'acronym', 'title', 'role')
