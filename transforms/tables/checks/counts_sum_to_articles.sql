-- All articles are counted once by days and sources, by stories and by their memberships.
WITH whole AS (
    SELECT (SELECT count(*) FROM previous_articles) - (SELECT count(*) FROM removed_articles) + (SELECT count(*) FROM added_articles) AS n
),
counted AS (
    SELECT 'sources' AS counted_in, sum(n_copies) AS n FROM sources
    UNION ALL
    SELECT 'source_daily',
        coalesce((SELECT sum(n_copies) FROM previous_source_daily), 0)
            - coalesce((SELECT sum(n_copies) FROM removed_source_daily), 0)
            + coalesce((SELECT sum(n_copies) FROM added_source_daily), 0)
    UNION ALL
    SELECT 'stories',
        coalesce((SELECT sum(n_copies) FROM previous_stories), 0)
            - coalesce((SELECT sum(n_copies) FROM removed_stories), 0)
            + coalesce((SELECT sum(n_copies) FROM added_stories), 0)
    UNION ALL
    SELECT 'story_articles',
        (SELECT count(*) FROM previous_story_articles WHERE left_run_id IS NULL)
            - (SELECT count(*) FROM removed_story_articles WHERE left_run_id IS NULL)
            + (SELECT count(*) FROM added_story_articles WHERE left_run_id IS NULL)
)
SELECT counted_in, counted.n AS n_counted, whole.n AS n_articles
FROM counted, whole
WHERE counted.n <> whole.n
