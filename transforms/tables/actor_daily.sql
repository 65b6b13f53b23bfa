-- One row per actor and changed day on which an active article mentions it.
-- A text group lies in one origin, and an origin in one story: so each is counted by folding the one before.
WITH stories_of_day AS (
    SELECT report_date, count(DISTINCT story_no) AS n FROM day_articles GROUP BY report_date
),
mentions AS (
    -- Each text's mentions once a day, however many copies of it there are.
    SELECT report_date, actor_no, sum(n_mentions)::BIGINT AS n, sum(n_quotes)::BIGINT AS n_quotes
    FROM (SELECT DISTINCT report_date, unnest([text_no, title_no]) AS text_no FROM day_articles) JOIN named_actors USING (text_no)
    GROUP BY report_date, actor_no
),
of_groups AS (
    SELECT
        report_date, actor_no, story_no, origin_no, group_no,
        count(*) AS n_copies, bool_or(in_lead) AS in_lead, bool_or(is_known) AS is_known
    FROM day_actors JOIN day_articles USING (article_no)
    GROUP BY report_date, actor_no, story_no, origin_no, group_no
),
of_origins AS (
    SELECT
        report_date, actor_no, story_no, origin_no,
        sum(n_copies)::BIGINT AS n_copies, count(*) AS n_texts, count(*) FILTER (NOT is_known) AS n_unknown_texts,
        bool_or(in_lead) AS in_lead, sum(tone)::BIGINT AS tone, count(tone) AS n_toned
    FROM of_groups LEFT JOIN day_tones USING (report_date, group_no)
    GROUP BY report_date, actor_no, story_no, origin_no
),
of_stories AS (
    SELECT
        report_date, actor_no, story_no,
        sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts, count(*) AS n_origins,
        sum(n_unknown_texts)::BIGINT AS n_unknown_texts, bool_or(in_lead) AS in_lead,
        sum(tone)::BIGINT AS tone, sum(n_toned)::BIGINT AS n_toned
    FROM of_origins
    GROUP BY report_date, actor_no, story_no
),
counted AS (
    SELECT
        report_date, actor_no,
        sum(n_copies)::BIGINT AS n_copies, sum(n_texts)::BIGINT AS n_texts, count(*) AS n_stories, sum(n_origins)::BIGINT AS n_origins,
        sum(n_unknown_texts)::BIGINT AS n_unknown_texts, count(*) FILTER (in_lead) AS n_lead_stories,
        -- One vote a text, one vote a story.
        sum(tone) / sum(n_toned) / 10000 AS tone_text_mean, avg(round(tone / n_toned)) / 10000 AS tone_story_mean
    FROM of_stories
    GROUP BY report_date, actor_no
),
known AS (
    SELECT report_date, actor_no, count(DISTINCT voice_no) AS n_families
    FROM day_actors JOIN day_articles USING (article_no)
    WHERE is_known
    GROUP BY report_date, actor_no
)
SELECT
    actor_id, report_date,
    mentions.n AS n_mentions,
    n_copies, n_texts, n_stories, n_origins,
    -- Within the day: an unknown copy is a voice where no known source has its text that day.
    coalesce(known.n_families, 0) + n_unknown_texts AS n_families,
    n_lead_stories / n_stories AS lead_share,
    n_stories / stories_of_day.n AS share_of_stories,
    mentions.n_quotes,
    tone_text_mean, tone_story_mean
FROM counted
JOIN actor_numbers USING (actor_no)
JOIN mentions USING (actor_no, report_date)
JOIN stories_of_day USING (report_date)
LEFT JOIN known USING (actor_no, report_date)
