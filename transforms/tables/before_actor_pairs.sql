-- The rows of changed days, as last night left them. Not published.
FROM near_actor_pairs SEMI JOIN actor_days USING (report_date)
