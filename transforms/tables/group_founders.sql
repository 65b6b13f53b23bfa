-- One row per text group with an active article: the article that stands for it where one has to be shown.
-- Not published.
SELECT text_group_id, article_id
FROM articles
WHERE dup_level = 'founder'
