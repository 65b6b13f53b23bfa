-- One row per two actors named in one sentence, and changed day.
SELECT
    first.actor_id AS actor_a, second.actor_id AS actor_b, day_pairs.report_date,
    n_copies, n_texts, n_stories, n_origins, n_sentences,
    n_texts * text_count.n / (a.n * b.n) AS lift,
    text_id AS example_text_id, start_char AS example_start_char, end_char AS example_end_char
FROM day_pairs
JOIN (SELECT report_date, count(DISTINCT group_no) AS n FROM day_texts GROUP BY report_date) AS text_count USING (report_date)
JOIN day_actor_texts AS a ON a.actor_no = a_no AND a.report_date = day_pairs.report_date
JOIN day_actor_texts AS b ON b.actor_no = b_no AND b.report_date = day_pairs.report_date
JOIN actor_numbers AS first ON first.actor_no = a_no
JOIN actor_numbers AS second ON second.actor_no = b_no
JOIN text_numbers USING (text_no)
