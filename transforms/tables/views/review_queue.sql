-- One row per pair of articles that the machine decided, the narrowest first.
CREATE VIEW review_queue AS
    SELECT abs(score - threshold) AS distance, merge_evidence.*, a.title AS title_a, b.title AS title_b
    FROM merge_evidence
    JOIN articles AS a ON article_a = a.article_id
    JOIN articles AS b ON article_b = b.article_id
    WHERE decision <> 'override'
    ORDER BY distance, article_a, article_b;
COMMENT ON VIEW review_queue IS 'pairs decided most narrowly, closest first';
COMMENT ON COLUMN review_queue.distance IS 'from the score to the threshold, 0..1';
COMMENT ON COLUMN review_queue.title_a IS 'headline of article_a';
COMMENT ON COLUMN review_queue.title_b IS 'headline of article_b';
