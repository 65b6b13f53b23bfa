-- One row per outlet credited at a place of a text; a credit that stood in a removed line has no place in the body.
SELECT text_id, cited_source_id, cue, level, start_char, end_char, sentence_no
FROM text_citations
UNION ALL
SELECT DISTINCT records.text_id, credited_agencies.source_id, 'with_inputs', 'fact', NULL::INTEGER, NULL::INTEGER, NULL::INTEGER
FROM records, unnest(records.agency_credits) AS credit (cited_name)
JOIN credited_agencies USING (cited_name)
WHERE NOT EXISTS (
    FROM text_citations
    WHERE text_citations.text_id = records.text_id AND text_citations.cited_source_id = credited_agencies.source_id
)
