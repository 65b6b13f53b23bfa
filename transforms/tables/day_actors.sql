-- One row per article of a changed day and actor it mentions, in its body or its title.
-- Not published: the ground of actor days. Outlets being cited are not counted as actors.
WITH body AS (
    SELECT article_no, actor_no, in_lead FROM day_articles JOIN named_actors USING (text_no)
),
headline AS (
    SELECT article_no, actor_no FROM day_articles JOIN named_actors ON title_no = named_actors.text_no
)
SELECT body.article_no, body.actor_no, in_lead OR headline.article_no IS NOT NULL AS in_lead
FROM body LEFT JOIN headline USING (article_no, actor_no)
UNION ALL
SELECT article_no, actor_no, true FROM headline ANTI JOIN body USING (article_no, actor_no)
