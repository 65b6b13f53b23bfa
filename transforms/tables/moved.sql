-- One row per article that is new, touched or gone tonight, or whose group, story or origin is another: where it was, where it is.
-- Not published: the stories it names are the scope of the night.
WITH was AS MATERIALIZED (
    SELECT article_id, text_group_id, story_id, origin_id, report_date
    FROM (SELECT article_id, text_group_id, story_id, origin_id, report_date FROM previous_articles)
    SEMI JOIN (SELECT article_id FROM memberships UNION ALL SELECT article_id FROM gone_articles) AS looked_for USING (article_id)
)
SELECT
    article_id, memberships.story_id, was.story_id AS previous_story_id, was.report_date AS previous_report_date
FROM memberships LEFT JOIN was USING (article_id)
WHERE was.article_id IS NULL
    OR (memberships.text_group_id, memberships.story_id, memberships.origin_id)
        IS DISTINCT FROM (was.text_group_id, was.story_id, was.origin_id)
    OR article_id IN (SELECT article_id FROM touched_articles)
UNION ALL
SELECT article_id, NULL, was.story_id, was.report_date
FROM was SEMI JOIN gone_articles USING (article_id)
