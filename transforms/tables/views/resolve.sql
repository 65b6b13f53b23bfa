-- The story that holds now what an id stood for.
CREATE MACRO resolve(story) AS (
    SELECT articles.story_id
    FROM story_lineage JOIN articles ON founder_article_id = article_id
    WHERE (new_story_id = story AND kind IN ('minted', 'split')) OR (old_story_id = story AND kind = 'redirected')
    LIMIT 1
);
COMMENT ON MACRO resolve IS 'the story that now holds what a story id, of any night, was minted for; story = the id';
