-- One row per source that published in the span.
CREATE MACRO source_scorecard(days) AS TABLE
    -- Texts and stories are counted over the whole span, so that one told on two days is one.
    WITH span AS (
        SELECT articles.* FROM articles, tonight WHERE report_date > night - days AND report_date <= night + 1
    ),
    counted AS (
        SELECT
            source_id, count(*) AS n_copies, count(DISTINCT text_group_id) AS n_texts, count(DISTINCT story_id) AS n_stories,
            count(DISTINCT origin_id) AS n_origins,
            count(DISTINCT text_group_id) FILTER (origin_kind = 'original' AND copy_rank = 1) AS n_original_texts,
            count(*) FILTER (origin_kind IN ('wire', 'republished', 'rewrite')) / count(*) AS syndication_share
        FROM span
        GROUP BY source_id
    ),
    first AS (
        SELECT first_source_id AS source_id, count(*) AS n_firsts
        FROM stories JOIN span ON first_article_id = article_id
        GROUP BY first_source_id
    ),
    cited AS (
        SELECT cited_source_id AS source_id, count(DISTINCT citing.family_id) AS n_cited_by_families
        FROM span JOIN source_citations USING (text_id)
        JOIN sources AS citing ON span.source_id = citing.source_id
        JOIN sources AS cited ON cited_source_id = cited.source_id
        WHERE level IN ('report', 'fact') AND citing.family_id <> cited.family_id AND citing.source_id <> 'src_unknown'
        GROUP BY cited_source_id
    )
    SELECT
        counted.source_id, sources.name, counted.* EXCLUDE (source_id),
        coalesce(n_firsts, 0) AS n_firsts, coalesce(n_cited_by_families, 0) AS n_cited_by_families
    FROM counted JOIN sources USING (source_id) LEFT JOIN first USING (source_id) LEFT JOIN cited USING (source_id)
    ORDER BY counted.n_copies DESC, source_id;
COMMENT ON MACRO TABLE source_scorecard IS 'one row per source that published in the span: what it reported, repeated and had first; days = length of the span up to the latest night';
