-- One row per article of a changed day and actor it mentions, in its body or its title.
-- Not published: the ground of actor days. Outlets being cited are not counted as actors.
WITH dated AS (
    SELECT
        article_no, report_date, text_id, title_text_id, story_no, origin_no, group_no, voice_no, source_id <> 'src_unknown' AS is_known
    FROM month_articles SEMI JOIN actor_days USING (report_date)
),
said AS (
    SELECT text_id, actor_no, in_lead FROM near_text_actors JOIN actor_numbers USING (actor_id)
)
SELECT
    article_no, actor_no, any_value(report_date) AS report_date, any_value(story_no) AS story_no, any_value(origin_no) AS origin_no,
    any_value(group_no) AS group_no, any_value(voice_no) AS voice_no, any_value(is_known) AS is_known, bool_or(in_lead) AS in_lead
FROM (
    SELECT dated.* EXCLUDE (text_id, title_text_id), actor_no, in_lead FROM dated JOIN said USING (text_id)
    UNION ALL
    SELECT dated.* EXCLUDE (text_id, title_text_id), actor_no, true FROM dated JOIN said ON title_text_id = said.text_id
)
GROUP BY article_no, actor_no
