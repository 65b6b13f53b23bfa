-- One row per source known to the registry or named by a record or a citation.
-- Not published: `sources` keeps those that occur, with their counts.
WITH learnt AS (
    SELECT source_id, name, domain, if(source_name IS NULL, 2, 0) AS rank FROM record_sources WHERE source_id IS NOT NULL
    UNION ALL
    SELECT coalesce(source_names.source_id, cited_source_id), cited_name, NULL, 1
    FROM text_citations LEFT JOIN source_names ON cited_source_id = name_id
    UNION ALL
    SELECT coalesce(source_names.source_id, credited_agencies.source_id), cited_name, NULL, 1
    FROM credited_agencies LEFT JOIN source_names ON credited_agencies.source_id = name_id
)
SELECT source_id, name, domain, family_id, kind, country FROM source_registry
UNION ALL
SELECT
    source_id,
    -- The commonest spelling that records give, else that citations give, else the bare domain; of equals the first by alphabet.
    first(name ORDER BY rank, uses DESC, name) AS name,
    min(domain) AS domain,
    source_id AS family_id,
    -- A name that says that it is an agency's.
    if(bool_or(regexp_matches(name, '(?i)\b((news|press) agency|newswire|wire service|news service)$')), 'wire', 'unknown') AS kind,
    NULL AS country
FROM (SELECT source_id, name, min(domain) AS domain, rank, count(*) AS uses FROM learnt GROUP BY source_id, name, rank)
WHERE source_id NOT IN (SELECT source_id FROM source_registry)
GROUP BY source_id
