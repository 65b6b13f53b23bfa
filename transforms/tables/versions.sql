-- One row per version of a touched article: a distinct wording of title and body under one key.
-- A version's dates are the latest its records state; it was seen when the first of them was. Not published.
WITH worded AS (
    SELECT
        article_id, text_id, title_text_id,
        max(published_at) AS published_at,
        max(updated_at) AS updated_at,
        min(seen_at) AS seen_at,
        arg_min(struct_pack(raw_file_id, raw_start, raw_end, raw_member, removed, extra, correction_start_char, correction_end_char), (seen_at, record_id)) AS first_record
    FROM placed_records
    GROUP BY ALL
)
SELECT
    article_id,
    row_number() OVER (
        PARTITION BY article_id
        ORDER BY updated_at NULLS FIRST, published_at NULLS FIRST, seen_at, text_id, title_text_id
    )::INTEGER AS version_no,
    text_id, title_text_id, published_at, updated_at, seen_at,
    first_record.raw_file_id, first_record.raw_start, first_record.raw_end, first_record.raw_member, first_record.removed, first_record.extra,
    first_record.correction_start_char AS note_start_char, first_record.correction_end_char AS note_end_char
FROM worded
