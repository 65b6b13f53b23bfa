-- One row per article and mention in its body or title, whom names mean now.
CREATE VIEW article_mentions AS
    WITH said AS (
        SELECT article_id, 'body' AS part, actor_mentions.*
        FROM articles JOIN actor_mentions ON articles.text_id = actor_mentions.text_id AND text_filed_date = filed_date
        UNION ALL
        SELECT article_id, 'title', actor_mentions.*
        FROM articles JOIN actor_mentions ON title_text_id = actor_mentions.text_id AND title_filed_date = filed_date
    ),
    aliases AS (
        SELECT alias_key(key) AS name_key, min(value) AS actor_id FROM overrides WHERE kind = 'alias' GROUP BY ALL
    ),
    refused AS (
        SELECT DISTINCT alias_key(key) AS name_key, value AS actor_id FROM overrides WHERE kind = 'not_alias'
    ),
    resolved AS (
        SELECT
            said.*, written.actor_id AS written_id, known.method AS known_method,
            decided_actor(written.actor_id, known.actor_id, said.actor_id) AS decided_id
        FROM said
        LEFT JOIN aliases AS written ON NOT as_source AND alias_key(surface) = written.name_key
        LEFT JOIN actor_redirects AS known ON NOT as_source AND said.actor_id = known.old_actor_id
    ),
    judged AS (
        SELECT
            resolved.* EXCLUDE (written_id, known_method, decided_id),
            decided_mention(
                decided_id, refused.actor_id IS NOT NULL, resolved.actor_id, method, confidence, written_id, known_method
            ) AS decided
        FROM resolved
        LEFT JOIN refused ON NOT as_source AND decided_id = refused.actor_id AND alias_key(surface) = refused.name_key
    )
    SELECT
        judged.* EXCLUDE (decided)
        REPLACE (decided.actor_id AS actor_id, decided.method AS method, decided.confidence AS confidence)
    FROM judged;
COMMENT ON VIEW article_mentions IS 'one row per article and mention in its body or title, whom names mean now, by the registry and by what people decided; offsets count the text''s code points';
COMMENT ON COLUMN article_mentions.part IS 'body or title';
