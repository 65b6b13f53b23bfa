-- One row per sentence of a text of a changed day and actor it names, as numbers. Not published.
-- A sentence that names more than 12 is a list, not a meeting of two, and makes no pairs.
WITH named AS MATERIALIZED (
    SELECT text_no::BIGINT * 2_147_483_648 + sentence_no AS sentence, actor_no, min(start_char) AS start_char, max(end_char) AS end_char
    FROM near_actor_mentions
    JOIN (FROM text_numbers SEMI JOIN day_texts USING (text_no)) AS wanted USING (text_id)
    JOIN actor_numbers USING (actor_id)
    WHERE NOT as_source
    GROUP BY sentence, actor_no
)
SELECT sentence, (sentence // 2_147_483_648)::INTEGER AS text_no, actor_no, start_char, end_char
FROM named ANTI JOIN (SELECT sentence FROM named GROUP BY sentence HAVING count(*) > 12) AS lists USING (sentence)
