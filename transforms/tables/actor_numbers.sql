-- One row per actor that a text of a changed day or of a story in scope names, or a changed month counts, numbered in the order
-- of their ids: what is counted apart is a number, as hashing and comparing ids is most of the work otherwise. Not published.
SELECT actor_id, row_number() OVER (ORDER BY actor_id)::INTEGER AS actor_no
FROM (SELECT actor_id FROM near_text_actors UNION SELECT actor_id FROM before_source_actor)
