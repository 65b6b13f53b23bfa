-- A decision of a thing that is not, or no more, in the warehouse: it does nothing.
SELECT kind, key, value, author, decided_date FROM overrides WHERE is_stale ORDER BY ALL
