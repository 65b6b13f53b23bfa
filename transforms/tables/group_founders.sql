-- One row per text group in scope, and per other group that is paired with one: the article that stands for it where one has to be
-- shown, and its day. Not published.
SELECT text_group_id, article_id, report_date
FROM articles
WHERE dup_level = 'founder'
UNION ALL
SELECT text_group_id, article_id, report_date
FROM paired_founders
ANTI JOIN (SELECT text_group_id FROM articles) AS in_scope USING (text_group_id)
ANTI JOIN before_articles USING (article_id)
