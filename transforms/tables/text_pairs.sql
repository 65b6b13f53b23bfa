-- One row per pair of texts compared word for word, filed under the day of the later one.
SELECT found_pairs.*, greatest(a.filed_date, b.filed_date) AS filed_date
FROM found_pairs
JOIN (SELECT text_id, filed_date FROM texts) AS a ON text_a = a.text_id
JOIN (SELECT text_id, filed_date FROM texts) AS b ON text_b = b.text_id
