-- One row per source, month and text group of a story in scope with a tone: the mean of its wordings there, each once, in
-- ten-thousandths. Not published.
SELECT sign, source_no, month, group_no, round(avg(tone))::INTEGER AS tone
FROM (SELECT DISTINCT sign, source_no, month, group_no, text_no FROM scope_copies) JOIN text_tone_numbers USING (text_no)
GROUP BY sign, source_no, month, group_no
