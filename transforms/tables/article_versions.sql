-- One row per version of a touched article, filed under the day of the article.
SELECT versions.*, report_date
FROM versions JOIN touched_articles USING (article_id)
