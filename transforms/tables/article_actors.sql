-- One row per active article and actor it mentions, in its body or its title.
-- Not published: the ground of every actor table. Outlets being cited are not counted as actors.
WITH said AS (
    SELECT text_id, actor_id, count(*) AS n_mentions, bool_or(in_lead) AS in_lead
    FROM actor_mentions
    WHERE actor_id IS NOT NULL AND NOT as_source
    GROUP BY ALL
)
SELECT article_id, actor_id, bool_or(in_lead) AS in_lead
FROM (
    SELECT article_id, actor_id, in_lead FROM story_facts JOIN said USING (text_id)
    UNION ALL
    SELECT article_id, actor_id, true FROM story_facts JOIN said ON title_text_id = said.text_id
)
GROUP BY ALL
