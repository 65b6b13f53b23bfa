-- One row per article of a changed day and actor it mentions, in its body or its title.
-- Not published: the ground of actor days. Outlets being cited are not counted as actors.
WITH dated AS (
    SELECT *, source_id <> 'src_unknown' AS is_known FROM month_articles SEMI JOIN actor_days USING (report_date)
)
SELECT article_id, actor_id, report_date, story_id, origin_id, text_group_id, voice, is_known, bool_or(in_lead) AS in_lead
FROM (
    SELECT article_id, actor_id, report_date, story_id, origin_id, text_group_id, voice, is_known, in_lead
    FROM dated JOIN near_text_actors AS text_actors USING (text_id)
    UNION ALL
    SELECT article_id, actor_id, report_date, story_id, origin_id, text_group_id, voice, is_known, true
    FROM dated JOIN near_text_actors AS text_actors ON title_text_id = text_actors.text_id
)
GROUP BY ALL
