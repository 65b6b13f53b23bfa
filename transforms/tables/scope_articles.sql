-- One row per article of a story in scope as it stands tonight, with its story and origin. Not published.
SELECT
    current_articles.*,
    coalesce(memberships.story_id, before_articles.story_id) AS story_id,
    coalesce(memberships.origin_id, before_articles.origin_id) AS origin_id
FROM current_articles
LEFT JOIN memberships USING (article_id)
LEFT JOIN before_articles USING (article_id)
