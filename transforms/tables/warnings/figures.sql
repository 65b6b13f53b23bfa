-- One row per figure of tonight that is judged against the same figure of the nights before; n = rows it was taken over.
-- kind: count (unusual where too low or too high), unknown (where too high), flag (where all true or all false).
SELECT 'records' AS metric, 'records' AS "table", 'count' AS kind, count(*)::DOUBLE AS value, count(*) AS n FROM added_records
UNION ALL
SELECT 'share of unknown sources', 'records', 'unknown', avg((source_name IS NULL AND source_domain IS NULL)::INTEGER), count(*) FROM added_records
UNION ALL
SELECT 'share of unknown dates', 'records', 'unknown', avg((published_at IS NULL)::INTEGER), count(*) FROM added_records
UNION ALL
SELECT 'share with in_lead', 'actor_mentions', 'flag', avg(in_lead::INTEGER), count(*) FROM added_actor_mentions
UNION ALL
SELECT 'share with as_source', 'actor_mentions', 'flag', avg(as_source::INTEGER), count(*) FROM added_actor_mentions
UNION ALL
SELECT 'share with in_lead', 'text_actors', 'flag', avg(in_lead::INTEGER), count(*) FROM added_text_actors
