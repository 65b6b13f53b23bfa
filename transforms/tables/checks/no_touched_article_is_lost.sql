-- Every article that a record under a touched key speaks of is among tonight's.
SELECT DISTINCT article_id FROM placed_records ANTI JOIN articles USING (article_id)
