-- One row per outlet or agency that published or was cited.
WITH counted AS (
    SELECT
        source_id, min(report_date) AS first_date, max(report_date) AS last_date,
        count(*) AS n_copies, count(DISTINCT text_group_id) AS n_texts, count(DISTINCT story_id) AS n_stories
    FROM articles
    GROUP BY source_id
)
SELECT
    source_id, name, domain, family_id, kind, country,
    n_copies IS NOT NULL AS in_corpus,
    first_date, last_date,
    coalesce(n_copies, 0) AS n_copies, coalesce(n_texts, 0) AS n_texts, coalesce(n_stories, 0) AS n_stories
FROM source_list LEFT JOIN counted USING (source_id)
WHERE n_copies IS NOT NULL
    OR source_id = 'src_unknown'
    OR source_id IN (SELECT cited_source_id FROM source_citations)
