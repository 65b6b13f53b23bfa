-- What people decided is so in what is about to be published.
WITH standing AS (
    SELECT article_id, text_id, text_group_id, story_id, source_id, source_method, published_method FROM articles
    UNION ALL
    SELECT article_id, text_id, text_group_id, story_id, source_id, source_method, published_method
    FROM (SELECT article_id, text_id, text_group_id, story_id, source_id, source_method, published_method FROM previous_articles)
    ANTI JOIN articles USING (article_id) ANTI JOIN removed_articles USING (article_id)
    WHERE EXISTS (FROM stated_overrides)
),
named AS (
    SELECT id, article_id, text_group_id, story_id, source_method, published_method
    FROM named_ids JOIN standing ON id = article_id OR id = text_id
),
linked AS (
    SELECT kind, override.key, override.value, a.story_id AS story_a, b.story_id AS story_b, a.text_group_id AS group_a, b.text_group_id AS group_b
    FROM stated_overrides AS override
    JOIN named AS a ON override.key = a.id
    JOIN named AS b ON coalesce(anchor_id, override.value) = b.id
    WHERE kind IN ('must_link', 'cannot_link', 'pin')
)
SELECT kind, key, value FROM linked
WHERE if(kind = 'cannot_link', story_a = story_b, story_a <> story_b)
    OR (kind = 'must_link' AND starts_with(key, 't_') AND starts_with(value, 't_') AND group_a <> group_b)
UNION
SELECT kind, key, value
FROM stated_overrides JOIN named ON key = id
WHERE kind = 'ignore' OR (kind = 'set_source' AND source_method <> 'override') OR (kind = 'set_date' AND published_method <> 'override')
