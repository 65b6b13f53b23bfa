-- One row per pair of text groups considered near the threshold, by the articles that stand for them; one of the two in scope.
-- A pair decided as before keeps the run that first decided it so; a pair not looked at again stays as it is.
WITH paired AS (
    SELECT
        least(a.article_id, b.article_id) AS article_a,
        greatest(a.article_id, b.article_id) AS article_b,
        evidence.* EXCLUDE (node_a, node_b),
        greatest(a.report_date, b.report_date) AS report_date
    FROM evidence
    JOIN group_founders AS a ON node_a = a.text_group_id
    JOIN group_founders AS b ON node_b = b.text_group_id
    WHERE node_a IN (SELECT text_group_id FROM scope_articles) OR node_b IN (SELECT text_group_id FROM scope_articles)
)
SELECT
    if(before.decision = paired.decision AND before.score = paired.score AND before.threshold = paired.threshold,
       before.run_id, (SELECT run_id FROM run)) AS run_id,
    paired.*
FROM paired LEFT JOIN before_merge_evidence AS before USING (article_a, article_b)
UNION ALL BY NAME
FROM kept_merge_evidence ANTI JOIN paired USING (article_a, article_b)
