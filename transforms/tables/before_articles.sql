-- One row per article of a story in scope, as last night left it. Not published.
FROM near_articles SEMI JOIN scope_stories USING (story_id)
