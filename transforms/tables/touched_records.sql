-- One row per record under a touched key. Not published.
FROM near_records SEMI JOIN touched_keys USING (key_id)
