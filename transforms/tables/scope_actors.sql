-- One row per article of a story in scope and actor it mentions, as it stands (sign 1) and as it stood (sign -1).
-- Not published. A text group and an origin lie in one story, so what stories, texts and origins count over any time is a sum
-- over stories: new total = old total + what the stories in scope count now - what they counted.
WITH counted AS (
    SELECT row_number() OVER () AS row_no, *
    FROM (SELECT 1 AS sign, * FROM articles UNION ALL BY NAME SELECT -1 AS sign, * FROM before_articles)
),
said AS (
    SELECT text_id, actor_no FROM near_text_actors JOIN actor_numbers USING (actor_id)
),
named AS (
    SELECT row_no, actor_no FROM counted JOIN said USING (text_id)
    UNION
    SELECT row_no, actor_no FROM counted JOIN said ON title_text_id = said.text_id
)
SELECT
    sign, actor_no, source_id, date_trunc('month', report_date)::DATE AS month,
    id_number(story_id) AS story_no, id_number(origin_id) AS origin_no, id_number(text_group_id) AS group_no,
    origin_kind = 'original' AND copy_rank = 1 AS is_first_original
FROM named JOIN counted USING (row_no)
