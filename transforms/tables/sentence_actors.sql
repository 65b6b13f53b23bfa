-- One row per sentence of a text of a changed day and actor it names. Not published.
-- A sentence that names more than 12 is a list, not a meeting of two, and makes no pairs.
SELECT text_no, sentence_no, actor_no, min(start_char) AS start_char, max(end_char) AS end_char
FROM near_actor_mentions
JOIN (SELECT DISTINCT text_id, text_no FROM day_texts) AS wanted USING (text_id)
JOIN actor_numbers USING (actor_id)
WHERE NOT as_source
GROUP BY text_no, sentence_no, actor_no
QUALIFY count(*) OVER (PARTITION BY text_no, sentence_no) <= 12
