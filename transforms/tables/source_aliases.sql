-- One row per name or domain under which a source of this warehouse is known.
SELECT DISTINCT alias, source_id, method
FROM (
    SELECT alias, source_id, 'registry' AS method FROM source_registry_aliases
    UNION ALL
    SELECT unnest([source_name, source_domain]), source_id, 'learnt' FROM record_sources
    UNION ALL
    SELECT cited_name, coalesce(source_names.source_id, cited_source_id), 'learnt'
    FROM text_citations LEFT JOIN source_names ON cited_source_id = name_id
)
JOIN sources USING (source_id)
WHERE alias IS NOT NULL AND source_id <> 'src_unknown'
QUALIFY row_number() OVER (PARTITION BY alias, source_id ORDER BY method DESC) = 1
