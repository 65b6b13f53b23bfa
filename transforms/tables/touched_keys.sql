-- One row per key that tonight's records stand under or tonight's withdrawals speak of, whose source is spelt in a way that means
-- another one tonight, or of whose article people decided otherwise since last night.
-- Not published: articles under any other key say tonight what they said last night.
SELECT key_id FROM new_records
UNION
SELECT key_id FROM overruled_keys
UNION
SELECT key_id FROM records JOIN new_withdrawals AS taken ON key_id = url_key_id
UNION
SELECT key_id FROM records JOIN new_withdrawals AS taken ON records.feed_key_id = taken.feed_key_id
UNION
SELECT key_id
FROM records SEMI JOIN new_withdrawals USING (record_id)
WHERE key_id IN (SELECT url_key_id FROM withdrawals) OR feed_key_id IN (SELECT feed_key_id FROM withdrawals)
UNION
SELECT key_id
FROM records JOIN changed_spellings AS spelling
    ON said_by = 'record'
    AND source_name IS NOT DISTINCT FROM spelling.name
    AND source_domain IS NOT DISTINCT FROM spelling.domain
UNION
SELECT key_id
FROM (SELECT key_id, unnest(agency_credits) AS credit FROM records) JOIN changed_spellings
    ON said_by = 'credit' AND credit = name
UNION
SELECT key_id
FROM (SELECT key_id, unnest([text_id, title_text_id]) AS text_id FROM records) SEMI JOIN (
    SELECT text_id
    FROM text_citations JOIN changed_spellings
        ON said_by = 'citation' AND cited_name = name AND cited_source_id = named_id
) USING (text_id)
