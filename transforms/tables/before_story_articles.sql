-- One row per membership in a story in scope, as last night left it. Not published.
FROM near_story_articles SEMI JOIN scope_stories USING (story_id)
