-- One row per story with an article of the latest night or the day before; what ages by itself is computed here, never stored.
CREATE VIEW stories_today AS
    SELECT
        stories.*,
        CASE
            WHEN first_date >= night THEN 'new'
            WHEN last_date >= night - 1 THEN 'growing'
            WHEN last_date >= night - 7 THEN 'quiet'
            ELSE 'closed'
        END AS status
    FROM stories, tonight
    WHERE last_date >= night - 1;
COMMENT ON VIEW stories_today IS 'stories with an article of the latest night or the day before, with their status (new, growing, quiet, closed)';
COMMENT ON COLUMN stories_today.status IS 'new (began tonight), growing (an article since yesterday), quiet (since a week) or closed';
