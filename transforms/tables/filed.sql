-- One row per text that a record read tonight names, with the day it is filed under: that of the record that first brought it,
-- the earliest of tonight's where it is new. Not published.
WITH named AS MATERIALIZED (
    SELECT text_id, coalesce(published_at, seen_at)::DATE AS filed_date FROM read_records
    UNION ALL
    SELECT title_text_id, coalesce(published_at, seen_at)::DATE FROM read_records WHERE title_text_id IS NOT NULL
),
known AS (SELECT text_id, filed_date FROM (SELECT text_id, filed_date FROM previous_texts) SEMI JOIN named USING (text_id))
SELECT text_id, coalesce(min(known.filed_date), min(named.filed_date)) AS filed_date
FROM named LEFT JOIN known USING (text_id)
GROUP BY text_id
