-- One row per actor and changed day, with the text groups that name it in a sentence that is no list. Not published.
SELECT report_date, actor_no, count(DISTINCT group_no) AS n
FROM (SELECT DISTINCT text_no, actor_no FROM sentence_actors) JOIN day_texts USING (text_no)
GROUP BY report_date, actor_no
