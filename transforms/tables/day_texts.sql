-- One row per text and changed day on which an active article has it as its body. Not published.
SELECT DISTINCT report_date, text_no, group_no, story_no FROM day_articles
