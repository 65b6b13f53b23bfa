-- One row per record under a touched key, with the article it speaks of.
-- Not published.
SELECT touched_records.*, coalesce(reused_keys.article_id, key_id) AS article_id
FROM touched_records LEFT JOIN reused_keys USING (record_id)
