-- One row per record read tonight, with the days it and its texts are filed under.
SELECT
    read_records.*,
    coalesce(published_at, seen_at)::DATE AS filed_date,
    body.filed_date AS text_filed_date,
    headline.filed_date AS title_filed_date
FROM read_records
JOIN filed AS body ON read_records.text_id = body.text_id
LEFT JOIN filed AS headline ON read_records.title_text_id = headline.text_id
