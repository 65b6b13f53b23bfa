"""`newsfold status`: the last nights, how fresh the warehouse is, and what was quarantined."""

import sys

from flows.ask import answer
from warehouse.catalog import CatalogError, open_catalog
from warehouse.store import Place

_FRESH = """
SELECT number AS snapshot, night, (SELECT count(*) FROM articles) AS copies, (SELECT count(DISTINCT text_group_id) FROM articles) AS texts,
    (SELECT count(*) FROM stories) AS stories, (SELECT max(published_at) FROM articles) AS newest_article
FROM snapshot
"""
_NIGHTS = """
SELECT night, status, started_at, date_diff('second', started_at, finished_at) AS seconds,
    n_in, n_loaded AS loaded, n_new_version AS versions, n_exact_repeat AS repeats, n_quarantined AS quarantined, snapshot, reason
FROM runs ORDER BY started_at DESC LIMIT 10
"""
_REFUSED = """
SELECT night, reason_code, count(DISTINCT (path, raw_start)) AS n, min(path) AS for_example, any_value(detail) AS detail
FROM quarantine JOIN (SELECT DISTINCT run_id, night FROM runs) USING (run_id)
GROUP BY night, reason_code ORDER BY night DESC, n DESC LIMIT 20
"""


def status(root: Place) -> int:
    """Print freshness, the last ten nights tried, and the reasons of what was refused; returns 0, or 1 without a warehouse."""
    try:
        open_catalog(root).close()
    except CatalogError as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    for title, query in (("What readers see", _FRESH), ("Last nights", _NIGHTS), ("Quarantined", _REFUSED)):
        print(f"\n{title}")
        answer(root, query, "table")
    return 0
