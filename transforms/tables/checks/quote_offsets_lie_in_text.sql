SELECT text_id, start_char, end_char, speaker_surface
FROM added_quotes
JOIN (SELECT text_id, body, length(body) AS n_chars, strlen(body) = length(body) AS is_ascii FROM added_texts) USING (text_id)
WHERE start_char < 0 OR end_char <= start_char OR end_char > n_chars
    OR piece(body, is_ascii, speaker_start_char, speaker_end_char) IS DISTINCT FROM speaker_surface
