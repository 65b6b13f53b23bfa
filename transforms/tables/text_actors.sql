-- One row per text that came tonight and actor it names; outlets being cited are not counted.
SELECT text_id, actor_id, count(*)::INTEGER AS n_mentions, bool_or(in_lead) AS in_lead, any_value(filed_date) AS filed_date
FROM added_actor_mentions
WHERE actor_id IS NOT NULL AND NOT as_source
GROUP BY text_id, actor_id
