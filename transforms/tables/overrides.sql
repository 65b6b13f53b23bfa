-- One row per decision of the file of overrides as it stands tonight.
-- Of what is forgotten the reason is not kept; a decision that was there before keeps the run that first followed it.
WITH known AS (
    SELECT article_id AS id FROM named_articles
    UNION ALL
    SELECT id FROM named_ids JOIN (SELECT text_id FROM texts) ON id = text_id
    UNION ALL
    SELECT actor_id FROM actor_registry
    UNION ALL
    SELECT actor_id FROM actor_spellings
),
known_versions AS (
    SELECT article_id FROM versions SEMI JOIN named_ids ON article_id = id
    UNION ALL
    SELECT article_id FROM (SELECT article_id FROM previous_article_versions) SEMI JOIN named_ids ON article_id = id
),
forgotten AS (
    SELECT id FROM named_ids WHERE sha256('article:' || id) IN (SELECT key FROM tombstones)
)
SELECT
    override_id, kind, key, value, named_id, author, decided_date,
    if(key IN (FROM forgotten) OR value IN (FROM forgotten), '(forgotten)', reason) AS reason,
    CASE kind
        WHEN 'must_link' THEN key NOT IN (FROM known) OR value NOT IN (FROM known)
        WHEN 'cannot_link' THEN key NOT IN (FROM known) OR value NOT IN (FROM known)
        WHEN 'pin' THEN key NOT IN (FROM known) OR anchor_id NOT IN (FROM known)
        WHEN 'alias' THEN value NOT IN (FROM known)
        WHEN 'not_alias' THEN value NOT IN (FROM known)
        WHEN 'ignore' THEN key NOT IN (FROM known_versions)
        ELSE key NOT IN (FROM known)
    END AS is_stale,
    coalesce(was.first_run_id, (SELECT run_id FROM run)) AS first_run_id
FROM stated_overrides AS stated
LEFT JOIN (SELECT override_id, first_run_id FROM was_overrides) AS was USING (override_id)
