-- One row per story with an article on a changed day: what a source's day asks of it. Not published.
SELECT story_id, n_families, first_at, first_article_id
FROM stories
UNION ALL
SELECT story_id, n_families, first_at, first_article_id
FROM (SELECT story_id, n_families, first_at, first_article_id FROM previous_stories)
SEMI JOIN (SELECT story_id FROM month_articles SEMI JOIN source_days USING (report_date)) AS wanted USING (story_id)
ANTI JOIN scope_stories USING (story_id)
