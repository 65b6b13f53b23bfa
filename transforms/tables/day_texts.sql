-- One row per text and changed day on which an active article has it as its body. Not published.
-- Texts are numbered in the order of their ids, so that the first example is the same however the rows come.
SELECT report_date, text_id, dense_rank() OVER (ORDER BY text_id) AS text_no, group_no, story_no
FROM (SELECT DISTINCT report_date, text_id, group_no, story_no FROM month_articles SEMI JOIN actor_days USING (report_date))
