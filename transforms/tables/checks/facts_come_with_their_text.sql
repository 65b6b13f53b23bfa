-- What is said of a text is found once, when it comes; so no key of a fact can meet an older one.
SELECT 'actor_mentions' AS fact, text_id FROM added_actor_mentions ANTI JOIN added_texts USING (text_id)
UNION ALL
SELECT 'text_aliases', text_id FROM added_text_aliases ANTI JOIN added_texts USING (text_id)
UNION ALL
SELECT 'text_citations', text_id FROM added_text_citations ANTI JOIN added_texts USING (text_id)
UNION ALL
SELECT 'text_actors', text_id FROM added_text_actors ANTI JOIN added_texts USING (text_id)
