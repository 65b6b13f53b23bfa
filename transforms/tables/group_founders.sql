-- One row per text group: the article that stands for it where one has to be shown, and its day.
-- Not published. Groups outside the scope are there too, since a pair may reach one.
SELECT text_group_id, article_id, report_date
FROM articles
WHERE dup_level = 'founder'
UNION ALL
SELECT text_group_id, article_id, report_date
FROM (SELECT text_group_id, article_id, report_date, dup_level FROM previous_articles)
ANTI JOIN (SELECT text_group_id FROM articles) AS in_scope USING (text_group_id)
ANTI JOIN before_articles USING (article_id)
WHERE dup_level = 'founder'
