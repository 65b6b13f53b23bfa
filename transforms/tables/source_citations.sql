-- One row per outlet credited at a place of a touched text; a credit that stood in a removed line has no place in the body.
WITH agencies AS (
    SELECT name AS cited_name, source_id FROM source_spellings WHERE said_by = 'credit'
),
in_words AS (
    SELECT text_citations.*, source_id
    FROM near_text_citations AS text_citations SEMI JOIN touched_texts USING (text_id)
    JOIN source_spellings
        ON said_by = 'citation' AND cited_name = source_spellings.name AND cited_source_id = source_spellings.named_id
)
SELECT text_id, source_id AS cited_source_id, cue, level, start_char, end_char, sentence_no, filed_date
FROM in_words
UNION ALL
SELECT DISTINCT credited.text_id, agencies.source_id, 'with_inputs', 'fact', NULL::INTEGER, NULL::INTEGER, NULL::INTEGER, filed_date
FROM (
    SELECT text_id, unnest(agency_credits) AS cited_name, text_filed_date AS filed_date
    FROM records SEMI JOIN touched_texts USING (text_id)
) AS credited
JOIN agencies USING (cited_name)
WHERE (credited.text_id, agencies.source_id) NOT IN (SELECT (text_id, source_id) FROM in_words)
