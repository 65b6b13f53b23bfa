-- One row per article under a touched key that its dump has not taken back.
-- Not published: the ground on which groups, stories and the articles table are built.
FROM stated_articles ANTI JOIN withdrawn_articles USING (article_id)
