-- Every article that a record under a touched key speaks of is among tonight's, unless its dump took it back.
SELECT DISTINCT article_id
FROM placed_records ANTI JOIN articles USING (article_id) ANTI JOIN withdrawn_articles USING (article_id)
