-- One row per body or headline of a touched record, with the day it is filed under.
-- Not published.
SELECT text_id, text_filed_date AS filed_date FROM touched_records
UNION
SELECT title_text_id, title_filed_date FROM touched_records WHERE title_text_id IS NOT NULL
