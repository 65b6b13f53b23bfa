-- One row per day on which an article changed. Not published.
SELECT report_date FROM added_articles
UNION
SELECT report_date FROM removed_articles
