SELECT text_id, start_char, end_char, surface
FROM added_actor_mentions JOIN added_texts USING (text_id)
WHERE substring(body, start_char + 1, end_char - start_char) IS DISTINCT FROM surface
