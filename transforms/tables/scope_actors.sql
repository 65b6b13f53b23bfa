-- One row per article of a story in scope, as it stands or stood, and actor it mentions, in its body or its title. Not published.
WITH body AS (
    SELECT row_no, actor_no FROM scope_copies JOIN named_actors USING (text_no)
)
FROM body
UNION ALL
SELECT row_no, actor_no
FROM scope_copies JOIN named_actors ON title_no = named_actors.text_no
ANTI JOIN body USING (row_no, actor_no)
