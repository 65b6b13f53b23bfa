-- One row per wording quoted by anybody; one that is cut from a longer one counts there.
CREATE VIEW quote_groups AS
    SELECT
        whole_group_id AS quote_group_id, max_by(words, (length(words), words)) FILTER (words IS NOT NULL) AS words,
        count(DISTINCT quote_group_id) AS n_wordings, count(DISTINCT article_id) AS n_copies,
        count(DISTINCT text_group_id) AS n_texts, count(DISTINCT story_id) AS n_stories, count(DISTINCT origin_id) AS n_origins,
        count(DISTINCT source_id) FILTER (source_id <> 'src_unknown') AS n_sources,
        CASE WHEN count(DISTINCT speaker_actor_id) = 1 THEN min(speaker_actor_id) END AS speaker_actor_id,
        min(report_date) AS first_date, max(report_date) AS last_date
    FROM article_quotes JOIN quote_wholes USING (quote_group_id) JOIN (SELECT article_id, text_group_id, origin_id FROM articles) USING (article_id)
    GROUP BY whole_group_id;
COMMENT ON VIEW quote_groups IS 'one row per wording quoted by anybody, 8 words or more of a longer one counted with that: how far it went, and who said it';
COMMENT ON COLUMN quote_groups.words IS 'what is said, as the article that has most of it writes it';
COMMENT ON COLUMN quote_groups.n_wordings IS 'wordings of it: the whole one, and those cut from it (quote_wholes)';
COMMENT ON COLUMN quote_groups.n_copies IS 'active articles that quote it';
COMMENT ON COLUMN quote_groups.n_texts IS 'text groups of them';
COMMENT ON COLUMN quote_groups.n_stories IS 'stories they stand in';
COMMENT ON COLUMN quote_groups.n_origins IS 'origins of them';
COMMENT ON COLUMN quote_groups.n_sources IS 'known sources of them';
COMMENT ON COLUMN quote_groups.speaker_actor_id IS 'who says it, where all that name anybody name the same';
COMMENT ON COLUMN quote_groups.first_date IS 'first report date';
COMMENT ON COLUMN quote_groups.last_date IS 'last report date';
