-- One row per touched text whose whole report is credited to somebody: the outlet with most credits of level report, else the
-- agency credited. Not published: the ground of origins and originators.
SELECT text_id, first(cited_source_id ORDER BY rank, uses DESC, first_start, cited_source_id) AS originator_source_id
FROM (
    SELECT text_id, cited_source_id, 0 AS rank, count(*) AS uses, min(start_char) AS first_start
    FROM source_citations WHERE level = 'report' GROUP BY ALL
    UNION ALL
    SELECT text_id, cited_source_id, 1, count(*), min(start_char)
    FROM source_citations JOIN source_list ON cited_source_id = source_id
    WHERE cue IN ('with_inputs', 'via') AND level <> 'media' AND kind = 'wire' GROUP BY ALL
)
GROUP BY text_id
