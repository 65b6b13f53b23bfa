-- One row per way in which a source is named, with how often: last night's counts and tonight's uses.
-- Not published: the ground of source_spellings.
SELECT said_by, name, domain, named_id, sum(n)::BIGINT AS n_uses
FROM (
    SELECT said_by, name, domain, named_id, n_uses AS n FROM previous_source_spellings
    UNION ALL
    SELECT 'record', source_name, source_domain, NULL, 1 FROM new_records
    UNION ALL
    SELECT 'citation', cited_name, NULL, cited_source_id, 1 FROM new_text_citations
    UNION ALL
    SELECT 'credit', unnest(agency_credits), NULL, NULL, 1 FROM new_records
)
GROUP BY ALL
