-- One row per touched article that its dump took back, and that no later record of it outlives; and per touched article that people
-- decided to ignore. Not published.
-- A record outlives a withdrawal that was changed before it, where both state when, else one that was seen before it; of a tie the
-- withdrawal holds. A key without address speaks of all records that have it in its feed; with one, of those that have none.
WITH taken AS (
    SELECT article_id, taken.updated_at, taken.seen_at
    FROM placed_records JOIN withdrawals AS taken ON key_id = url_key_id
    UNION
    SELECT article_id, taken.updated_at, taken.seen_at
    FROM placed_records JOIN withdrawals AS taken
        ON placed_records.feed_key_id = taken.feed_key_id AND (url_key_id IS NULL OR key_id = taken.feed_key_id)
),
shown AS (
    SELECT article_id, updated_at, seen_at FROM placed_records SEMI JOIN taken USING (article_id)
    UNION
    SELECT article_id, placed_records.updated_at, again.seen_at
    FROM placed_records SEMI JOIN taken USING (article_id) JOIN withdrawals AS again USING (record_id)
),
outlived AS (
    SELECT DISTINCT article_id, shown.updated_at, shown.seen_at
    FROM shown JOIN taken USING (article_id)
    GROUP BY ALL
    HAVING bool_and(
        CASE
            WHEN shown.updated_at <> taken.updated_at THEN shown.updated_at > taken.updated_at
            ELSE shown.seen_at > taken.seen_at
        END
    )
)
SELECT article_id, max(withdrawn_at) AS withdrawn_at
FROM (
    SELECT article_id, coalesce(updated_at, seen_at) AS withdrawn_at FROM taken ANTI JOIN outlived USING (article_id)
    UNION ALL
    SELECT article_id, ignored_at FROM placed_records JOIN ignored_articles USING (article_id)
)
GROUP BY article_id
