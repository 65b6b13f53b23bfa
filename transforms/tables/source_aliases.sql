-- One row per name or domain under which a source of this warehouse is known.
SELECT DISTINCT alias, source_id, method
FROM (
    SELECT alias, source_id, 'registry' AS method FROM source_registry_aliases
    UNION ALL
    SELECT unnest([name, domain]), source_id, 'learnt' FROM source_spellings WHERE said_by <> 'credit'
)
JOIN sources USING (source_id)
WHERE alias IS NOT NULL AND source_id <> 'src_unknown'
QUALIFY row_number() OVER (PARTITION BY alias, source_id ORDER BY method DESC) = 1
