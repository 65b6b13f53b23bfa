-- One row per day whose sources counted otherwise last night: an article of it changed, or its story's families or first did,
-- or a credit in its text. Not published.
SELECT report_date FROM added_articles
UNION
SELECT report_date FROM removed_articles
UNION
SELECT report_date
FROM (SELECT report_date, story_id FROM articles UNION ALL SELECT report_date, story_id FROM before_articles)
SEMI JOIN (
    SELECT story_id
    FROM stories LEFT JOIN before_stories AS was USING (story_id)
    WHERE (stories.n_families, stories.first_at, stories.first_article_id)
        IS DISTINCT FROM (was.n_families, was.first_at, was.first_article_id)
) USING (story_id)
UNION
SELECT report_date FROM articles SEMI JOIN touched_texts USING (text_id)
