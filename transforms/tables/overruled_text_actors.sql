-- One row per text with such a mention and actor that it names then. Not published.
SELECT
    text_id, actor_id, count(*)::INTEGER AS n_mentions, bool_or(in_lead) AS in_lead, any_value(filed_date) AS filed_date,
    coalesce(sum(n_spoken), 0)::INTEGER AS n_quotes
FROM (
    FROM near_actor_mentions SEMI JOIN overruled_mentions USING (text_id) ANTI JOIN overruled_mentions USING (text_id, start_char)
    UNION ALL BY NAME
    FROM overruled_mentions
)
LEFT JOIN (
    SELECT text_id, speaker_mention_char AS start_char, count(*) AS n_spoken
    FROM near_quotes SEMI JOIN overruled_mentions USING (text_id)
    GROUP BY ALL
) USING (text_id, start_char)
WHERE actor_id IS NOT NULL AND NOT as_source
GROUP BY text_id, actor_id
