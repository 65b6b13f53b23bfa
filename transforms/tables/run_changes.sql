-- One row per thing the night changed: stories, articles, sources and actors against the night before.
WITH arrived AS (
    SELECT
        articles.article_id, articles.story_id, articles.n_versions, before.n_versions AS n_before,
        CASE
            WHEN before.article_id IS NOT NULL THEN 'new_version'
            WHEN articles.report_date < run.night - 1 THEN 'late_article'
            ELSE 'new_article'
        END AS cause
    FROM articles CROSS JOIN run
    LEFT JOIN previous_articles AS before USING (article_id)
    WHERE before.article_id IS NULL OR before.n_versions < articles.n_versions
),
bringer AS (
    SELECT story_id, min(article_id) AS article_id, arg_min(cause, article_id) AS cause FROM arrived GROUP BY story_id
)
SELECT run_id, change, entity_id, before, after, cause, article_id
FROM run, (
    SELECT 'new_story' AS change, story_id AS entity_id, NULL::VARCHAR AS before, n_copies::VARCHAR AS after, cause, article_id
    FROM stories ANTI JOIN previous_stories USING (story_id) LEFT JOIN bringer USING (story_id)
    UNION ALL
    SELECT 'grown', story_id, before.n_copies::VARCHAR, stories.n_copies::VARCHAR, cause, article_id
    FROM stories JOIN previous_stories AS before USING (story_id) LEFT JOIN bringer USING (story_id)
    WHERE stories.n_copies > before.n_copies
    UNION ALL
    SELECT kind, if(kind = 'split', new_story_id, old_story_id), old_story_id, new_story_id, 'new_article', NULL
    FROM story_lineage JOIN run USING (run_id)
    WHERE kind IN ('merged', 'split')
    UNION ALL
    SELECT 'new_version', article_id, n_before::VARCHAR, n_versions::VARCHAR, cause, article_id
    FROM arrived
    WHERE cause = 'new_version'
    UNION ALL
    SELECT 'key_reused', reused_keys.article_id, records.key_id, reused_keys.article_id, 'new_article', reused_keys.article_id
    FROM reused_keys JOIN records USING (record_id)
    WHERE reused_keys.article_id NOT IN (SELECT article_id FROM previous_articles)
    UNION ALL
    SELECT 'new_source', source_id, NULL, name, 'new_article', NULL
    FROM sources ANTI JOIN previous_sources USING (source_id)
    UNION ALL
    SELECT 'new_actor', actor_id, NULL, name, 'new_article', NULL
    FROM actors ANTI JOIN previous_actors USING (actor_id)
)
GROUP BY ALL
