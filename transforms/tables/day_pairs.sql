-- One row per two actors named in one sentence, and changed day, as numbers. Not published.
SELECT
    a_no, b_no, report_date,
    count(DISTINCT story_no) AS n_stories,
    count(DISTINCT group_no) AS n_texts,
    sum(n_sentences)::BIGINT AS n_sentences,
    min(text_no) AS text_no,
    arg_min(start_char, text_no) AS start_char,
    arg_min(end_char, text_no) AS end_char
FROM text_actor_pairs JOIN day_texts USING (text_no)
GROUP BY a_no, b_no, report_date
