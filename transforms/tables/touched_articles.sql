-- One row per article under a touched key that its dump has not taken back.
-- Not published: the ground on which groups, stories and the articles table are built.
SELECT stated_articles.*, is_corrected
FROM stated_articles
JOIN (
    SELECT article_id, coalesce(bool_or(is_correction), false) AS is_corrected FROM article_versions GROUP BY article_id
) AS notes USING (article_id)
ANTI JOIN withdrawn_articles USING (article_id)
