SELECT text_id, start_char, end_char, surface
FROM actor_mentions JOIN texts USING (text_id)
WHERE substring(body, start_char + 1, end_char - start_char) IS DISTINCT FROM surface
