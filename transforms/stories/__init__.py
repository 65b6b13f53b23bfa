"""Which texts tell one story: one similarity (similarity.py), clusters made of it (cluster.py), and their origins (origins.py)."""
