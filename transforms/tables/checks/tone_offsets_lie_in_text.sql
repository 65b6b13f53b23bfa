SELECT text_id, tone, start_char, end_char
FROM added_text_tones
JOIN (SELECT text_id, length(body) AS n_chars FROM added_texts) USING (text_id)
WHERE tone NOT BETWEEN -1 AND 1 OR start_char < 0 OR end_char <= start_char OR end_char > n_chars
    OR (n_tone_words = 0) IS DISTINCT FROM (start_char IS NULL)
