-- One row per text group and changed day with a tone: the mean of its wordings that day, each once, in ten-thousandths. Not published.
SELECT report_date, group_no, round(avg(tone))::INTEGER AS tone
FROM day_texts JOIN text_tone_numbers USING (text_no)
GROUP BY report_date, group_no
