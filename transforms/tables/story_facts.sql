-- One row per article of a story in scope with what counting needs: its units, its voice, its interval. Not published.
SELECT
    article_id, articles.report_date, articles.source_id, articles.story_id, articles.origin_id, articles.text_group_id,
    articles.effective_at, earliest_at, latest_at, voice_id AS voice, articles.originator_source_id
FROM articles
JOIN (SELECT article_id, earliest_at, latest_at FROM scope_articles) USING (article_id)
