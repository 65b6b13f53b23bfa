-- One row per article of a story in scope and actor it mentions, as it stands (sign 1) and as it stood (sign -1).
-- Not published. A text group and an origin lie in one story, so what stories, texts and origins count over any time is a sum
-- over stories: new total = old total + what the stories in scope count now - what they counted.
WITH counted AS (
    SELECT 1 AS sign, * FROM articles
    UNION ALL BY NAME
    SELECT -1 AS sign, * FROM before_articles
)
SELECT DISTINCT
    sign, article_id, actor_id, source_id, report_date, story_id, origin_id, text_group_id,
    origin_kind = 'original' AND copy_rank = 1 AS is_first_original
FROM (
    SELECT counted.*, actor_id FROM counted JOIN near_text_actors AS text_actors USING (text_id)
    UNION ALL
    SELECT counted.*, actor_id FROM counted JOIN near_text_actors AS text_actors ON title_text_id = text_actors.text_id
)
