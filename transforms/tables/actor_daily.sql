-- One row per actor and changed day on which an active article mentions it.
WITH dated AS (
    FROM month_articles SEMI JOIN actor_days USING (report_date)
),
stories_of_day AS (
    SELECT report_date, count(DISTINCT story_id) AS n FROM dated GROUP BY report_date
),
mentions AS (
    -- Each text's mentions once a day, however many copies of it there are.
    SELECT report_date, actor_id, sum(n_mentions)::BIGINT AS n
    FROM (
        SELECT DISTINCT report_date, text_id FROM dated
        UNION
        SELECT DISTINCT report_date, title_text_id FROM dated
    )
    JOIN near_text_actors AS text_actors USING (text_id)
    GROUP BY ALL
)
SELECT
    actor_id, report_date,
    mentions.n AS n_mentions,
    count(*) AS n_copies,
    count(DISTINCT text_group_id) AS n_texts,
    count(DISTINCT story_id) AS n_stories,
    count(DISTINCT origin_id) AS n_origins,
    -- Within the day: an unknown copy is a voice where no known source has its text that day.
    count(DISTINCT voice) FILTER (is_known)
        + count(DISTINCT text_group_id) - count(DISTINCT text_group_id) FILTER (is_known) AS n_families,
    count(DISTINCT story_id) FILTER (in_lead) / count(DISTINCT story_id) AS lead_share,
    count(DISTINCT story_id) / stories_of_day.n AS share_of_stories
FROM day_actors
JOIN mentions USING (actor_id, report_date)
JOIN stories_of_day USING (report_date)
GROUP BY actor_id, report_date, mentions.n, stories_of_day.n
