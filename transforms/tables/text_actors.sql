-- One row per text that came tonight and actor it names; outlets being cited are not counted.
SELECT
    text_id, actor_id, count(*)::INTEGER AS n_mentions, bool_or(in_lead) AS in_lead, any_value(filed_date) AS filed_date,
    coalesce(sum(n_spoken), 0)::INTEGER AS n_quotes
FROM added_actor_mentions
LEFT JOIN (
    SELECT text_id, speaker_mention_char AS start_char, count(*) AS n_spoken FROM added_quotes GROUP BY ALL
) USING (text_id, start_char)
WHERE actor_id IS NOT NULL AND NOT as_source
GROUP BY text_id, actor_id
