-- One row per article of a story, in the order of time.
CREATE MACRO story_timeline(story) AS TABLE
    SELECT
        published_at, published_precision, report_date, sources.name AS source, title, origin_kind, dup_level, copy_rank, origin_id, article_id
    -- Every article has its source; what may lack one is not asked for its sources before it is found.
    FROM articles LEFT JOIN sources USING (source_id)
    WHERE story_id = story
    ORDER BY coalesce(effective_at, published_at, report_date::TIMESTAMPTZ), article_id;
COMMENT ON MACRO TABLE story_timeline IS 'articles of a story in the order of time; story = its id';
