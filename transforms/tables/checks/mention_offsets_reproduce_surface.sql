SELECT text_id, start_char, end_char, surface
FROM added_actor_mentions
JOIN (SELECT text_id, body, strlen(body) = length(body) AS is_ascii FROM added_texts) USING (text_id)
WHERE start_char < 0 OR end_char <= start_char OR piece(body, is_ascii, start_char, end_char) IS DISTINCT FROM surface
