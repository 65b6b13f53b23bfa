-- One row per text in question and actor it names, as numbers. Not published.
SELECT text_no, actor_no, n_mentions, n_quotes, in_lead
FROM near_text_actors JOIN text_numbers USING (text_id) JOIN actor_numbers USING (actor_id)
