SELECT 'source_daily' AS counted_in, days.n AS n_days, whole.n AS n_articles
FROM (SELECT coalesce(sum(n_copies), 0) AS n FROM source_daily) AS days, (SELECT count(*) AS n FROM articles) AS whole
WHERE days.n <> whole.n
UNION ALL
SELECT 'stories', days.n, whole.n
FROM (SELECT coalesce(sum(n_copies), 0) AS n FROM stories) AS days, (SELECT count(*) AS n FROM articles) AS whole
WHERE days.n <> whole.n
UNION ALL
SELECT 'story_articles', days.n, whole.n
FROM (SELECT count(*) AS n FROM story_articles WHERE left_run_id IS NULL) AS days, (SELECT count(*) AS n FROM articles) AS whole
WHERE days.n <> whole.n
