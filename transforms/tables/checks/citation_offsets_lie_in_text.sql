SELECT text_id, start_char, end_char
FROM added_text_citations JOIN added_texts USING (text_id)
WHERE start_char < 0 OR end_char <= start_char OR end_char > length(body)
