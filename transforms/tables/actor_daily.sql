-- One row per actor and changed day on which an active article mentions it.
WITH dated AS (
    FROM month_articles SEMI JOIN actor_days USING (report_date)
),
stories_of_day AS (
    SELECT report_date, count(DISTINCT story_no) AS n FROM dated GROUP BY report_date
),
mentions AS (
    -- Each text's mentions once a day, however many copies of it there are.
    SELECT report_date, actor_no, sum(n_mentions)::BIGINT AS n
    FROM (
        SELECT DISTINCT report_date, text_id FROM dated
        UNION
        SELECT DISTINCT report_date, title_text_id FROM dated
    )
    JOIN near_text_actors USING (text_id)
    JOIN actor_numbers USING (actor_id)
    GROUP BY ALL
),
of_texts AS (
    -- A text group lies in one story and one origin.
    SELECT
        actor_no, report_date, group_no,
        count(*) AS n_copies, any_value(story_no) AS story_no, any_value(origin_no) AS origin_no,
        bool_or(in_lead) AS in_lead, bool_or(is_known) AS is_known
    FROM day_actors
    GROUP BY actor_no, report_date, group_no
),
counted AS (
    SELECT
        actor_no, report_date,
        sum(n_copies)::BIGINT AS n_copies,
        count(*) AS n_texts,
        count(DISTINCT story_no) AS n_stories,
        count(DISTINCT origin_no) AS n_origins,
        count(*) FILTER (NOT is_known) AS n_unknown_texts,
        count(DISTINCT story_no) FILTER (in_lead) AS n_lead_stories
    FROM of_texts
    GROUP BY actor_no, report_date
),
known AS (
    SELECT actor_no, report_date, count(DISTINCT voice_no) AS n_families
    FROM day_actors
    WHERE is_known
    GROUP BY actor_no, report_date
)
SELECT
    actor_id, report_date,
    mentions.n AS n_mentions,
    n_copies, n_texts, n_stories, n_origins,
    -- Within the day: an unknown copy is a voice where no known source has its text that day.
    coalesce(known.n_families, 0) + n_unknown_texts AS n_families,
    n_lead_stories / n_stories AS lead_share,
    n_stories / stories_of_day.n AS share_of_stories
FROM counted
JOIN actor_numbers USING (actor_no)
JOIN mentions USING (actor_no, report_date)
JOIN stories_of_day USING (report_date)
LEFT JOIN known USING (actor_no, report_date)
