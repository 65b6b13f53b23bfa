-- One row per text of a changed day and two actors that one of its sentences names, with the first such sentence. Not published.
SELECT
    a.actor_no AS a_no, b.actor_no AS b_no, text_no,
    count(*) AS n_sentences,
    arg_min(least(a.start_char, b.start_char), sentence_no) AS start_char,
    arg_min(greatest(a.end_char, b.end_char), sentence_no) AS end_char
FROM sentence_actors AS a JOIN sentence_actors AS b USING (text_no, sentence_no)
WHERE a.actor_no < b.actor_no
GROUP BY a_no, b_no, text_no
