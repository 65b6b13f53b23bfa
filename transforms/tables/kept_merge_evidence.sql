-- One row per pair considered before with an article of a story in scope, where neither text group was looked at anew tonight;
-- by the articles that stand for the groups now. Not published.
WITH standing AS (
    SELECT member.article_id AS was_id, founder.article_id, text_group_id, founder.report_date
    FROM (SELECT article_id, text_group_id FROM articles UNION SELECT article_id, text_group_id FROM group_founders) AS member
    JOIN group_founders AS founder USING (text_group_id)
    ANTI JOIN looked_at USING (text_group_id)
)
SELECT
    before.* REPLACE (
        least(a.article_id, b.article_id) AS article_a,
        greatest(a.article_id, b.article_id) AS article_b,
        greatest(a.report_date, b.report_date) AS report_date
    )
FROM before_merge_evidence AS before
JOIN standing AS a ON article_a = a.was_id
JOIN standing AS b ON article_b = b.was_id
WHERE a.text_group_id <> b.text_group_id
QUALIFY row_number() OVER (PARTITION BY a.text_group_id, b.text_group_id ORDER BY score DESC, before.article_a, before.article_b) = 1
