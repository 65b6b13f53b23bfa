-- One row per outlet credited at a place of any text. Not published: source_citations, touched or not.
SELECT text_id, cited_source_id, cue, level, start_char, end_char, sentence_no, filed_date FROM source_citations
UNION ALL
SELECT text_id, cited_source_id, cue, level, start_char, end_char, sentence_no, filed_date
FROM previous_source_citations ANTI JOIN touched_texts USING (text_id)
