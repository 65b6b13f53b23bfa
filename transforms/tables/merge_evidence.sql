-- One row per pair of text groups considered near the threshold, by the articles that stand for them.
-- A pair decided as before keeps the run that first decided it so.
WITH paired AS (
    SELECT
        least(a.article_id, b.article_id) AS article_a,
        greatest(a.article_id, b.article_id) AS article_b,
        evidence.* EXCLUDE (node_a, node_b)
    FROM evidence
    JOIN group_founders AS a ON node_a = a.text_group_id
    JOIN group_founders AS b ON node_b = b.text_group_id
)
SELECT
    if(before.decision = paired.decision AND before.score = paired.score AND before.threshold = paired.threshold,
       before.run_id, (SELECT run_id FROM run)) AS run_id,
    paired.*
FROM paired LEFT JOIN previous_merge_evidence AS before USING (article_a, article_b)
