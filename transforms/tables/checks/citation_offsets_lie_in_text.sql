SELECT text_id, start_char, end_char
FROM added_text_citations JOIN (SELECT text_id, length(body) AS n_chars FROM added_texts) USING (text_id)
WHERE start_char < 0 OR end_char <= start_char OR end_char > n_chars
