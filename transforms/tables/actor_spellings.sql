-- One row per full name and kind under which texts know an actor: last night's counts and tonight's.
SELECT actor_id, name, type, sum(n)::BIGINT AS n_uses
FROM (
    SELECT actor_id, name, type, n_uses AS n FROM previous_actor_spellings
    UNION ALL
    SELECT actor_id, name, type, count(DISTINCT text_id) FROM new_text_aliases GROUP BY ALL
)
GROUP BY ALL
