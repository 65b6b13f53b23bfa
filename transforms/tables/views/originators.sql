-- One row per outlet that stories are credited to.
CREATE VIEW originators AS
    SELECT
        originator_source_id AS source_id, any_value(sources.name) AS name, any_value(sources.in_corpus) AS in_corpus,
        count(*) AS n_stories, sum(stories.n_copies)::BIGINT AS n_copies, sum(stories.n_texts)::BIGINT AS n_texts,
        sum(stories.n_origins)::BIGINT AS n_origins, avg(originator_support) AS mean_support
    FROM stories JOIN sources ON originator_source_id = source_id
    GROUP BY ALL;
COMMENT ON VIEW originators IS 'one row per outlet that stories are credited to, also those outside the corpus';
COMMENT ON COLUMN originators.source_id IS 'outlet or agency';
COMMENT ON COLUMN originators.n_stories IS 'stories credited to it';
COMMENT ON COLUMN originators.n_copies IS 'active articles of these stories';
COMMENT ON COLUMN originators.n_texts IS 'text groups of them';
COMMENT ON COLUMN originators.n_origins IS 'origins of them: over n_stories where others had it from elsewhere';
COMMENT ON COLUMN originators.mean_support IS 'mean share of their families that credit it, 0..1';
