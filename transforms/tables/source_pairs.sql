-- One row per source, other source whom it credits or shares wording with, and month with a changed day.
WITH credited AS (
    -- What stood, and what the stories in scope say now and said.
    SELECT source_id, other_id, month, sum(n)::BIGINT AS n_citations
    FROM (
        SELECT source_id, other_id, month, n_citations AS n FROM before_source_pairs
        UNION ALL
        SELECT source_id, other_id, month, sum(sign) FROM scope_citations GROUP BY ALL
    )
    WHERE month IN (SELECT date_trunc('month', report_date) FROM source_days)
    GROUP BY ALL
    HAVING sum(n) > 0
),
shared AS (
    SELECT
        ours.source_id, theirs.source_id AS other_id, month,
        -- A known place is certainly behind or before every other copy; of the other's copies none may be without one.
        count(*) AS n,
        count(*) FILTER (ours.place < theirs.place AND theirs.all_placed) AS n_times_first,
        median(date_diff('second', theirs.at, ours.at) / 60.0) AS lag_minutes_median
    FROM shared_groups AS ours JOIN shared_groups AS theirs USING (month, text_group_id)
    WHERE ours.source_id <> theirs.source_id
    GROUP BY ALL
)
SELECT
    source_id, other_id, month,
    coalesce(n_citations, 0) AS n_citations, coalesce(shared.n, 0) AS n_shared_text_groups, coalesce(n_times_first, 0) AS n_times_first,
    lag_minutes_median
FROM credited FULL JOIN shared USING (source_id, other_id, month)
