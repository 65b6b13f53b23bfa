-- One row per report date.
CREATE VIEW coverage AS
    SELECT
        report_date, count(*) AS n_copies, count(DISTINCT text_group_id) AS n_texts, count(DISTINCT story_id) AS n_stories,
        count(DISTINCT origin_id) AS n_origins,
        count(*) FILTER (source_id <> 'src_unknown') / count(*) AS known_source_share,
        count(*) FILTER (date_basis = 'published') / count(*) AS known_date_share,
        count(*) FILTER (effective_at IS NOT NULL) / count(*) AS known_hour_share
    FROM articles
    GROUP BY report_date;
COMMENT ON VIEW coverage IS 'one row per report date: how much of it has a known source, date and hour';
COMMENT ON COLUMN coverage.n_copies IS 'active articles';
COMMENT ON COLUMN coverage.n_texts IS 'text groups';
COMMENT ON COLUMN coverage.n_stories IS 'stories';
COMMENT ON COLUMN coverage.n_origins IS 'origins';
COMMENT ON COLUMN coverage.known_source_share IS 'of them with a known source, 0..1';
COMMENT ON COLUMN coverage.known_date_share IS 'with a stated publication date, 0..1';
COMMENT ON COLUMN coverage.known_hour_share IS 'with an instant known to the hour and zone, 0..1';
