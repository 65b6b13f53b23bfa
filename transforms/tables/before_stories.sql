-- One row per story in scope, as last night left it. Not published.
FROM near_stories SEMI JOIN scope_stories USING (story_id)
