-- One row per source, actor and month with a changed day: what stood, and what the stories in scope count now and counted.
WITH stood AS (
    SELECT
        source_no, actor_no, month, n_copies, n_texts, n_stories, n_origins, n_original_texts, n_texts_all, n_toned_texts,
        -- The sum that the mean was of, in ten-thousandths.
        round(tone_text_mean * n_toned_texts * 10000)::BIGINT AS tone
    FROM before_source_actor JOIN source_numbers USING (source_id) JOIN actor_numbers USING (actor_id)
),
of_groups AS (
    SELECT
        sign, source_no, actor_no, month, story_no, origin_no, group_no,
        count(*) AS n_copies, bool_or(is_first_original) AS is_first_original
    FROM scope_actors JOIN scope_copies USING (row_no)
    WHERE month IN (SELECT date_trunc('month', report_date) FROM actor_days)
    GROUP BY sign, source_no, actor_no, month, story_no, origin_no, group_no
),
of_origins AS (
    SELECT
        sign, source_no, actor_no, month, story_no, sum(n_copies)::BIGINT AS n_copies, count(*) AS n_texts,
        count(*) FILTER (is_first_original) AS n_original_texts, count(tone) AS n_toned_texts, sum(tone)::BIGINT AS tone
    FROM of_groups LEFT JOIN scope_tones USING (sign, source_no, month, group_no)
    GROUP BY sign, source_no, actor_no, month, story_no, origin_no
),
of_stories AS (
    -- A text group lies in one origin, and an origin in one story: so each is counted by folding the one before.
    SELECT
        sign, source_no, actor_no, month, sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts, count(*) AS n_origins,
        sum(n_original_texts)::BIGINT AS n_original_texts, sum(n_toned_texts)::BIGINT AS n_toned_texts, sum(tone)::BIGINT AS tone
    FROM of_origins
    GROUP BY sign, source_no, actor_no, month, story_no
),
counted AS (
    SELECT
        source_no, actor_no, month, sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts,
        sum(n_stories)::BIGINT AS n_stories, sum(n_origins)::BIGINT AS n_origins,
        sum(n_original_texts)::BIGINT AS n_original_texts, sum(n_toned_texts)::BIGINT AS n_toned_texts, sum(tone)::BIGINT AS tone
    FROM (
        SELECT source_no, actor_no, month, n_copies, n_texts, n_stories, n_origins, n_original_texts, n_toned_texts, tone FROM stood
        UNION ALL
        SELECT
            source_no, actor_no, month, sum(sign * n_copies)::BIGINT, sum(sign * n_texts)::BIGINT,
            sum(sign)::BIGINT, sum(sign * n_origins)::BIGINT, sum(sign * n_original_texts)::BIGINT,
            sum(sign * n_toned_texts)::BIGINT, sum(sign * tone)::BIGINT
        FROM of_stories
        GROUP BY source_no, actor_no, month
    )
    GROUP BY source_no, actor_no, month
    HAVING sum(n_texts) > 0
),
counted_all AS (
    SELECT actor_no, month, sum(n)::BIGINT AS n
    FROM (
        SELECT actor_no, month, any_value(n_texts_all) AS n FROM stood GROUP BY actor_no, month
        UNION ALL
        SELECT actor_no, month, sum(sign)::BIGINT
        FROM (SELECT DISTINCT sign, actor_no, month, group_no FROM of_groups)
        GROUP BY actor_no, month
    )
    GROUP BY actor_no, month
),
source_month AS (
    SELECT source_id, date_trunc('month', report_date)::DATE AS month, count(DISTINCT text_group_id) AS n FROM month_articles GROUP BY ALL
),
corpus AS (
    SELECT date_trunc('month', report_date)::DATE AS month, count(DISTINCT text_group_id) AS n FROM month_articles GROUP BY ALL
)
SELECT
    source_id, actor_id, month, n_copies, n_texts, n_stories, n_origins, n_original_texts,
    n_texts / source_month.n AS share_of_source,
    (n_texts / source_month.n) / (counted_all.n / corpus.n) AS index,
    counted_all.n AS n_texts_all,
    n_toned_texts, if(n_toned_texts > 0, tone / (n_toned_texts * 10000), NULL) AS tone_text_mean
FROM counted
JOIN counted_all USING (actor_no, month)
JOIN corpus USING (month)
JOIN source_numbers USING (source_no)
JOIN actor_numbers USING (actor_no)
JOIN source_month USING (source_id, month)
