SELECT text_group_id, count(DISTINCT story_id) AS n_stories, count(DISTINCT origin_id) AS n_origins
FROM articles
GROUP BY text_group_id
HAVING n_stories <> 1 OR n_origins <> 1
