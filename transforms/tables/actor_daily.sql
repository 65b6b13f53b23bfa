-- One row per actor and report date on which an active article mentions it.
WITH day_stories AS (
    SELECT report_date, count(DISTINCT story_id) AS n FROM story_facts GROUP BY report_date
),
mentions AS (
    -- Each text's mentions once a day, however many copies of it there are.
    SELECT report_date, actor_id, count(*) AS n
    FROM (
        SELECT DISTINCT report_date, text_id FROM story_facts
        UNION
        SELECT DISTINCT report_date, title_text_id FROM story_facts
    )
    JOIN actor_mentions USING (text_id)
    WHERE actor_id IS NOT NULL AND NOT as_source
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
    count(DISTINCT family_id) FILTER (source_id <> 'src_unknown')
        + count(DISTINCT text_group_id) - count(DISTINCT text_group_id) FILTER (source_id <> 'src_unknown') AS n_families,
    count(DISTINCT story_id) FILTER (in_lead) / count(DISTINCT story_id) AS lead_share,
    count(DISTINCT story_id) / day_stories.n AS share_of_stories
FROM article_actors
JOIN story_facts USING (article_id)
JOIN mentions USING (actor_id, report_date)
JOIN day_stories USING (report_date)
GROUP BY actor_id, report_date, mentions.n, day_stories.n
