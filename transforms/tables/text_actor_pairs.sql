-- One row per text of a changed day and two actors that one of its sentences names, with the first such sentence. Not published.
SELECT
    a.actor_no AS a_no, b.actor_no AS b_no, a.text_no,
    count(*) AS n_sentences,
    arg_min(least(a.start_char, b.start_char), sentence) AS start_char,
    arg_min(greatest(a.end_char, b.end_char), sentence) AS end_char
FROM sentence_actors AS a JOIN sentence_actors AS b USING (sentence)
WHERE a.actor_no < b.actor_no
GROUP BY a_no, b_no, a.text_no
