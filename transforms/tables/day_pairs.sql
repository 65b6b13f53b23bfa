-- One row per two actors named in one sentence, and changed day, as numbers, with the first such sentence. Not published.
-- A text group lies in one origin, and an origin in one story: so each is counted by folding the one before.
WITH of_groups AS (
    SELECT
        a_no, b_no, report_date, story_no, origin_no, group_no,
        sum(n_copies)::BIGINT AS n_copies, sum(n_sentences)::BIGINT AS n_sentences,
        min(text_no) AS text_no, arg_min(start_char, text_no) AS start_char, arg_min(end_char, text_no) AS end_char
    FROM text_actor_pairs JOIN day_texts USING (text_no)
    GROUP BY a_no, b_no, report_date, story_no, origin_no, group_no
),
of_origins AS (
    SELECT
        a_no, b_no, report_date, story_no,
        sum(n_copies)::BIGINT AS n_copies, count(*) AS n_texts, sum(n_sentences)::BIGINT AS n_sentences,
        min(text_no) AS text_no, arg_min(start_char, text_no) AS start_char, arg_min(end_char, text_no) AS end_char
    FROM of_groups
    GROUP BY a_no, b_no, report_date, story_no, origin_no
),
of_stories AS (
    SELECT
        a_no, b_no, report_date,
        sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts, count(*) AS n_origins, sum(n_sentences)::BIGINT AS n_sentences,
        min(text_no) AS text_no, arg_min(start_char, text_no) AS start_char, arg_min(end_char, text_no) AS end_char
    FROM of_origins
    GROUP BY a_no, b_no, report_date, story_no
)
SELECT
    a_no, b_no, report_date,
    sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts, count(*) AS n_stories, sum(n_origins)::BIGINT AS n_origins,
    sum(n_sentences)::BIGINT AS n_sentences,
    min(text_no) AS text_no, arg_min(start_char, text_no) AS start_char, arg_min(end_char, text_no) AS end_char
FROM of_stories
GROUP BY a_no, b_no, report_date
