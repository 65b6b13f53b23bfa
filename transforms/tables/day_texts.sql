-- One row per text and changed day on which an active article has it as its body, with the articles that do. Not published.
SELECT report_date, text_no, group_no, origin_no, story_no, count(*) AS n_copies
FROM day_articles
GROUP BY report_date, text_no, group_no, origin_no, story_no
