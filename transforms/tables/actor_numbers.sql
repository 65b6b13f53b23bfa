-- One row per actor that a text of a changed day or of a story in scope names, numbered in the order of their ids. Not published.
SELECT actor_id, row_number() OVER (ORDER BY actor_id) AS actor_no
FROM (SELECT DISTINCT actor_id FROM near_text_actors)
