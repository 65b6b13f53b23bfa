-- One row per two actors named in one sentence, and changed day.
-- A sentence that names more than 12 is a list, not a meeting of two, and makes no pairs.
WITH day_texts AS (
    SELECT DISTINCT report_date, text_id, text_group_id, story_id FROM month_articles SEMI JOIN actor_days USING (report_date)
),
named AS (
    SELECT text_id, sentence_no, actor_id, min(start_char) AS start_char, max(end_char) AS end_char
    FROM near_actor_mentions SEMI JOIN day_texts USING (text_id)
    WHERE actor_id IS NOT NULL AND NOT as_source
    GROUP BY text_id, sentence_no, actor_id
    QUALIFY count(*) OVER (PARTITION BY text_id, sentence_no) <= 12
),
together AS (
    SELECT
        a.actor_id AS actor_a, b.actor_id AS actor_b, a.text_id, a.sentence_no,
        least(a.start_char, b.start_char) AS start_char, greatest(a.end_char, b.end_char) AS end_char
    FROM named AS a JOIN named AS b
        ON a.text_id = b.text_id AND a.sentence_no = b.sentence_no AND a.actor_id < b.actor_id
),
actor_texts AS (
    SELECT report_date, actor_id, count(DISTINCT text_group_id) AS n
    FROM (SELECT DISTINCT text_id, actor_id FROM named) JOIN day_texts USING (text_id)
    GROUP BY ALL
),
text_count AS (
    SELECT report_date, count(DISTINCT text_group_id) AS n FROM day_texts GROUP BY report_date
),
paired AS (
    SELECT
        actor_a, actor_b, report_date,
        count(DISTINCT story_id) AS n_stories,
        count(DISTINCT text_group_id) AS n_texts,
        count(DISTINCT (text_id, sentence_no)) AS n_sentences,
        arg_min(struct_pack(text_id, start_char, end_char), (text_id, sentence_no)) AS example
    FROM together JOIN day_texts USING (text_id)
    GROUP BY ALL
)
SELECT
    actor_a, actor_b, report_date, n_stories, n_texts, n_sentences,
    n_texts * text_count.n / (a.n * b.n) AS lift,
    example.text_id AS example_text_id, example.start_char AS example_start_char, example.end_char AS example_end_char
FROM paired
JOIN text_count USING (report_date)
JOIN actor_texts AS a ON a.actor_id = actor_a AND a.report_date = paired.report_date
JOIN actor_texts AS b ON b.actor_id = actor_b AND b.report_date = paired.report_date
