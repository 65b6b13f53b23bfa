-- One row per way in which a source is named by records, by the words of texts, or in agency credits.
SELECT
    said_by, uses.name, uses.domain, named_id,
    CASE said_by
        WHEN 'record' THEN record_sources.source_id
        WHEN 'citation' THEN coalesce(source_names.source_id, named_id)
        ELSE coalesce(credited_names.source_id, credited_agencies.source_id)
    END AS source_id,
    n_uses
FROM spelling_uses AS uses
LEFT JOIN record_sources
    ON said_by = 'record'
    AND uses.name IS NOT DISTINCT FROM record_sources.source_name
    AND uses.domain IS NOT DISTINCT FROM record_sources.source_domain
LEFT JOIN source_names ON said_by = 'citation' AND named_id = source_names.name_id
LEFT JOIN credited_agencies ON said_by = 'credit' AND uses.name = credited_agencies.cited_name
LEFT JOIN source_names AS credited_names ON credited_agencies.source_id = credited_names.name_id
