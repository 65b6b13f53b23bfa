-- One row per story of several articles that all go back to one origin.
CREATE VIEW single_origin_stories AS
    SELECT * FROM stories WHERE corroboration = 'single_origin' AND n_copies > 1;
COMMENT ON VIEW single_origin_stories IS 'stories of several articles that all go back to one origin';
