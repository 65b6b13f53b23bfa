-- One row per outlet credited at a place of a text; a credit that stood in a removed line has no place in the body.
WITH agencies AS (
    SELECT cited_name, coalesce(source_names.source_id, credited_agencies.source_id) AS source_id
    FROM credited_agencies LEFT JOIN source_names ON credited_agencies.source_id = name_id
)
SELECT text_id, coalesce(source_id, cited_source_id) AS cited_source_id, cue, level, start_char, end_char, sentence_no
FROM text_citations LEFT JOIN source_names ON cited_source_id = name_id
UNION ALL
SELECT DISTINCT records.text_id, agencies.source_id, 'with_inputs', 'fact', NULL::INTEGER, NULL::INTEGER, NULL::INTEGER
FROM records, unnest(records.agency_credits) AS credit (cited_name)
JOIN agencies USING (cited_name)
WHERE NOT EXISTS (
    FROM text_citations LEFT JOIN source_names ON cited_source_id = name_id
    WHERE text_citations.text_id = records.text_id
        AND coalesce(source_names.source_id, cited_source_id) = agencies.source_id
)
