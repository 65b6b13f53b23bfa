-- Every text group of a story must reach the founding article's group through accepted pairs.
WITH RECURSIVE links AS (
    SELECT a.text_group_id AS a, b.text_group_id AS b
    FROM merge_evidence
    JOIN articles AS a ON article_a = a.article_id
    JOIN articles AS b ON article_b = b.article_id
    WHERE decision IN ('accept', 'override') AND a.story_id = b.story_id
),
both_ways AS (SELECT a, b FROM links UNION SELECT b, a FROM links),
reached AS (
    SELECT founder.text_group_id FROM stories JOIN articles AS founder ON founder_article_id = article_id
    UNION
    SELECT both_ways.b FROM reached JOIN both_ways ON text_group_id = both_ways.a
)
SELECT article_id, story_id FROM articles
WHERE text_group_id NOT IN (SELECT text_group_id FROM reached)
    -- What has lost its words has no pairs; it stays where it was.
    AND story_id NOT IN (SELECT story_id FROM articles SEMI JOIN held_groups USING (text_group_id))
