-- One row per article of a changed day, as numbers. Not published.
SELECT
    row_number() OVER ()::INTEGER AS article_no, report_date, body.text_no, headline.text_no AS title_no,
    dense_rank() OVER (ORDER BY story_id)::INTEGER AS story_no,
    dense_rank() OVER (ORDER BY origin_id)::INTEGER AS origin_no,
    dense_rank() OVER (ORDER BY text_group_id)::INTEGER AS group_no,
    if(voice IS NULL, NULL, dense_rank() OVER (ORDER BY voice)::INTEGER) AS voice_no,
    source_id <> 'src_unknown' AS is_known
FROM month_articles SEMI JOIN actor_days USING (report_date)
JOIN text_numbers AS body USING (text_id)
LEFT JOIN text_numbers AS headline ON title_text_id = headline.text_id
