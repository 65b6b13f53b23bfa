-- One row per source, actor and month.
WITH facts AS (SELECT *, date_trunc('month', report_date)::DATE AS month FROM story_facts),
source_month AS (
    SELECT source_id, month, count(DISTINCT text_group_id) AS n FROM facts GROUP BY ALL
),
corpus AS (
    SELECT month, count(DISTINCT text_group_id) AS n FROM facts GROUP BY month
),
corpus_actor AS (
    SELECT actor_id, month, count(DISTINCT text_group_id) AS n FROM article_actors JOIN facts USING (article_id) GROUP BY ALL
),
counted AS (
    SELECT
        source_id, actor_id, month,
        count(DISTINCT story_id) AS n_stories,
        count(DISTINCT text_group_id) AS n_texts,
        count(DISTINCT text_group_id) FILTER (origin_kind = 'original' AND copy_rank = 1) AS n_original_texts
    FROM article_actors JOIN facts USING (article_id)
    GROUP BY ALL
)
SELECT
    source_id, actor_id, month, n_stories, n_texts, n_original_texts,
    n_texts / source_month.n AS share_of_source,
    (n_texts / source_month.n) / (corpus_actor.n / corpus.n) AS index
FROM counted
JOIN source_month USING (source_id, month)
JOIN corpus USING (month)
JOIN corpus_actor USING (actor_id, month)
