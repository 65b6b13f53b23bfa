-- One row per source known to the registry or named by a record, a citation or a credit.
-- Not published: `sources` keeps those that occur, with their counts.
WITH learnt AS (
    -- Records' spellings speak before those of citations and credits; a bare domain is a name where there is no other.
    SELECT
        source_id, coalesce(name, domain) AS name, min(domain) AS domain,
        CASE WHEN said_by <> 'record' THEN 1 WHEN name IS NULL THEN 2 ELSE 0 END AS rank, sum(n_uses) AS uses
    FROM source_spellings
    WHERE source_id IS NOT NULL
    GROUP BY ALL
    UNION ALL
    -- Whom only an override names.
    SELECT DISTINCT source_id, name, domain, 3, 0 FROM override_sources WHERE name IS NOT NULL
)
SELECT source_id, name, domain, family_id, kind, country FROM source_registry
UNION ALL
SELECT
    source_id,
    -- The commonest spelling; of equals the first by alphabet.
    first(name ORDER BY rank, uses DESC, name) AS name,
    min(domain) AS domain,
    source_id AS family_id,
    -- A name that says that it is an agency's.
    if(bool_or(regexp_matches(name, '(?i)\b((news|press) agency|newswire|wire service|news service)$')), 'wire', 'unknown') AS kind,
    NULL AS country
FROM learnt
WHERE source_id NOT IN (SELECT source_id FROM source_registry)
GROUP BY source_id
