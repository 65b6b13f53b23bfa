-- One row per source, actor and month with a changed day: what stood, and what the stories in scope count now and counted.
WITH months AS (
    SELECT DISTINCT date_trunc('month', report_date)::DATE AS month FROM actor_days
),
source_texts AS (
    -- A text group lies in one story.
    SELECT
        sign, source_id, actor_no, month, group_no,
        any_value(story_no) AS story_no, bool_or(is_first_original) AS is_first_original
    FROM scope_actors
    GROUP BY sign, source_id, actor_no, month, group_no
),
parts AS (
    SELECT
        source_id, actor_id, month,
        sign * count(DISTINCT story_no) AS n_stories,
        sign * count(*) AS n_texts,
        sign * count(*) FILTER (is_first_original) AS n_original_texts
    FROM source_texts JOIN actor_numbers USING (actor_no)
    GROUP BY source_id, actor_id, month, sign
),
all_parts AS (
    SELECT actor_id, month, sign * count(DISTINCT group_no) AS n
    FROM scope_actors JOIN actor_numbers USING (actor_no)
    GROUP BY actor_id, month, sign
),
counted AS (
    SELECT
        source_id, actor_id, month, sum(n_stories)::BIGINT AS n_stories, sum(n_texts)::BIGINT AS n_texts,
        sum(n_original_texts)::BIGINT AS n_original_texts
    FROM (
        SELECT source_id, actor_id, month, n_stories, n_texts, n_original_texts FROM near_source_actor
        UNION ALL
        FROM parts
    )
    SEMI JOIN months USING (month)
    GROUP BY ALL
    HAVING n_texts > 0
),
counted_all AS (
    SELECT actor_id, month, sum(n)::BIGINT AS n
    FROM (
        SELECT DISTINCT actor_id, month, n_texts_all AS n FROM near_source_actor
        UNION ALL
        FROM all_parts
    )
    GROUP BY ALL
),
source_month AS (
    SELECT source_id, date_trunc('month', report_date)::DATE AS month, count(DISTINCT group_no) AS n FROM month_articles GROUP BY ALL
),
corpus AS (
    SELECT date_trunc('month', report_date)::DATE AS month, count(DISTINCT group_no) AS n FROM month_articles GROUP BY ALL
)
SELECT
    source_id, actor_id, month, n_stories, n_texts, n_original_texts,
    n_texts / source_month.n AS share_of_source,
    (n_texts / source_month.n) / (counted_all.n / corpus.n) AS index,
    counted_all.n AS n_texts_all
FROM counted
JOIN source_month USING (source_id, month)
JOIN corpus USING (month)
JOIN counted_all USING (actor_id, month)
