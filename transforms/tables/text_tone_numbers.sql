-- One row per text in question that has a tone, in ten-thousandths: whole numbers add up to the same in any order. Not published.
SELECT text_no, round(tone * 10000)::INTEGER AS tone FROM near_text_tones JOIN text_numbers USING (text_id)
