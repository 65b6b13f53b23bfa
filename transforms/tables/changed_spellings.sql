-- One row per spelling known before that stands for another source tonight, or for a source of another family or kind:
-- a bare name goes with the one domain that other records give it, and that can change as records come.
-- Not published: what it names is touched tonight.
SELECT before.said_by, before.name, before.domain, before.named_id
FROM previous_source_spellings AS before
JOIN source_spellings AS now
    ON before.said_by = now.said_by
    AND before.name IS NOT DISTINCT FROM now.name
    AND before.domain IS NOT DISTINCT FROM now.domain
    AND before.named_id IS NOT DISTINCT FROM now.named_id
LEFT JOIN previous_sources AS was ON before.source_id = was.source_id
LEFT JOIN source_list AS is_now ON now.source_id = is_now.source_id
WHERE before.source_id IS DISTINCT FROM now.source_id
    OR (was.source_id IS NOT NULL AND (was.family_id, was.kind) IS DISTINCT FROM (is_now.family_id, is_now.kind))
