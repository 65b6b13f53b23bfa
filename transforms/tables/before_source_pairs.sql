-- The rows of months with a changed day, as last night left them. Not published.
FROM near_source_pairs
