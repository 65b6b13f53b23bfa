-- One row per article of a story in scope, as numbers: as it stands (sign 1) and as it stood (sign -1). Not published.
-- A text group and an origin lie in one story, so what stories, texts and origins count over any time is a sum over stories:
-- new total = old total + what the stories in scope count now - what they counted.
SELECT
    row_number() OVER ()::INTEGER AS row_no, sign, body.text_no, headline.text_no AS title_no, source_no,
    date_trunc('month', report_date)::DATE AS month,
    dense_rank() OVER (ORDER BY story_id)::INTEGER AS story_no,
    dense_rank() OVER (ORDER BY origin_id)::INTEGER AS origin_no,
    dense_rank() OVER (ORDER BY text_group_id)::INTEGER AS group_no,
    origin_kind = 'original' AND copy_rank = 1 AS is_first_original
FROM (SELECT 1 AS sign, * FROM articles UNION ALL BY NAME SELECT -1 AS sign, * FROM before_articles)
JOIN source_numbers USING (source_id)
JOIN text_numbers AS body USING (text_id)
LEFT JOIN text_numbers AS headline ON title_text_id = headline.text_id
