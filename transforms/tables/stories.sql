-- One row per story in scope: the articles that report the same event.
WITH counted AS (
    SELECT
        story_id,
        min(effective_at) AS first_at, max(effective_at) AS last_at,
        min(report_date) AS first_date, max(report_date) AS last_date,
        count(*) AS n_copies,
        count(DISTINCT text_group_id) AS n_texts,
        count(DISTINCT origin_id) AS n_origins,
        count(DISTINCT source_id) FILTER (source_id <> 'src_unknown') AS n_sources,
        count(DISTINCT voice) AS n_families,
        count(DISTINCT origin_id) FILTER (source_id <> 'src_unknown' OR originator_source_id IS NOT NULL) AS n_known_origins
    FROM story_facts
    GROUP BY story_id
),
credited AS (
    SELECT story_id, originator_source_id, count(DISTINCT voice) AS support
    FROM story_facts
    WHERE originator_source_id IS NOT NULL
    GROUP BY story_id, originator_source_id
    QUALIFY row_number() OVER (PARTITION BY story_id ORDER BY support DESC, originator_source_id) = 1
),
earliest AS (
    SELECT story_id, article_id, source_id, voice, latest_at
    FROM story_facts
    WHERE effective_at IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY story_id ORDER BY earliest_at, latest_at, article_id) = 1
),
firsts AS (
    -- Certain when every article of another voice is dated and began after the first had ended.
    SELECT story_id, earliest.article_id, earliest.source_id
    FROM earliest JOIN story_facts AS other USING (story_id)
    GROUP BY ALL
    HAVING coalesce(
        bool_and(coalesce(other.earliest_at >= earliest.latest_at, false))
            FILTER (other.article_id <> earliest.article_id AND (other.voice IS NULL OR other.voice IS DISTINCT FROM earliest.voice)),
        true
    )
),
links AS (
    SELECT articles.story_id, min(score) AS cohesion, min(score - threshold) AS margin
    FROM merge_evidence JOIN articles ON article_a = article_id
    WHERE decision IN ('accept', 'override')
    GROUP BY articles.story_id
),
centrality AS (
    -- In millionths: sums of fractions depend on the order they are added in, and copies tie.
    SELECT article_id, sum(round(score * 1000000)::BIGINT) AS closeness
    FROM (
        SELECT article_a AS article_id, score FROM merge_evidence WHERE decision = 'accept'
        UNION ALL
        SELECT article_b, score FROM merge_evidence WHERE decision = 'accept'
    )
    GROUP BY article_id
),
medoids AS (
    SELECT story_id, first(article_id ORDER BY coalesce(closeness, 0) DESC, title IS NULL, dup_level <> 'founder', article_id) AS medoid_article_id
    FROM articles LEFT JOIN centrality USING (article_id)
    GROUP BY story_id
)
SELECT
    story_id, medoid.title, medoids.medoid_article_id,
    coalesce(story_founders.founder_article_id, before_stories.founder_article_id) AS founder_article_id,
    counted.first_at, counted.last_at, counted.first_date, counted.last_date,
    counted.n_copies, counted.n_texts, counted.n_origins, counted.n_sources, counted.n_families,
    credited.originator_source_id, support / counted.n_families AS originator_support,
    CASE
        WHEN counted.n_origins = 1 THEN 'single_origin'
        WHEN n_known_origins >= 2 THEN 'corroborated'
        ELSE 'unknown'
    END AS corroboration,
    nullif(firsts.source_id, 'src_unknown') AS first_source_id,
    firsts.article_id AS first_article_id,
    links.cohesion, links.margin
FROM counted
LEFT JOIN story_founders USING (story_id)
LEFT JOIN before_stories USING (story_id)
JOIN medoids USING (story_id)
JOIN articles AS medoid ON medoid.article_id = medoids.medoid_article_id
LEFT JOIN credited USING (story_id)
LEFT JOIN firsts USING (story_id)
LEFT JOIN links USING (story_id)
