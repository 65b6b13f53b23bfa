-- One row per article that is, or was, in a story in scope.
WITH links AS (
    SELECT article_a AS article_id, article_b AS other, score FROM merge_evidence WHERE decision IN ('accept', 'override')
    UNION ALL
    SELECT article_b, article_a, score FROM merge_evidence WHERE decision IN ('accept', 'override')
),
best AS (
    SELECT article_id, first(other ORDER BY score DESC, other) AS link_article_id, max(score) AS score
    FROM links
    GROUP BY article_id
),
now AS (
    SELECT
        articles.story_id, articles.article_id, articles.origin_id, articles.origin_kind AS role,
        CASE
            WHEN articles.article_id = stories.founder_article_id THEN NULL
            WHEN articles.dup_level <> 'founder' THEN group_founders.article_id
            ELSE best.link_article_id
        END AS link_article_id,
        CASE
            WHEN articles.article_id = stories.founder_article_id THEN NULL
            WHEN articles.dup_level <> 'founder' THEN 1.0
            ELSE best.score
        END AS score,
        articles.report_date
    FROM articles
    JOIN stories USING (story_id)
    JOIN group_founders USING (text_group_id)
    LEFT JOIN best ON articles.article_id = best.article_id
),
open AS (FROM before_story_articles WHERE left_run_id IS NULL)
SELECT now.*, coalesce(open.joined_run_id, (SELECT run_id FROM run)) AS joined_run_id, NULL::VARCHAR AS left_run_id
FROM now LEFT JOIN open USING (story_id, article_id)
UNION ALL BY NAME
SELECT
    story_id, article_id, NULL AS origin_id, NULL AS role, NULL AS link_article_id, NULL AS score,
    joined_run_id, (SELECT run_id FROM run) AS left_run_id, report_date
-- An article whose records speak of another now was in no story; one that was withdrawn has left its.
FROM open ANTI JOIN now USING (story_id, article_id) ANTI JOIN (FROM gone_articles WHERE heir_id IS NOT NULL) AS moved_on USING (article_id)
UNION ALL BY NAME
FROM before_story_articles ANTI JOIN (FROM gone_articles WHERE heir_id IS NOT NULL) AS moved_on USING (article_id)
WHERE left_run_id IS NOT NULL
