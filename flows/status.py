"""`newsfold status`: the last nights, how fresh the warehouse is, and what was quarantined."""

import sys
from pathlib import Path

import duckdb

from flows.ask import show
from warehouse.catalog import CatalogError, open_catalog
from warehouse.publish import Warehouse
from warehouse.store import Place, is_remote

_FRESH = """
SELECT number AS snapshot, night, (SELECT count(*) FROM articles) AS copies, (SELECT count(DISTINCT text_group_id) FROM articles) AS texts,
    (SELECT count(*) FROM stories) AS stories, (SELECT max(published_at) FROM articles) AS newest_article
FROM snapshot
"""
_NIGHTS = """
SELECT night, status, started_at, date_diff('second', started_at, finished_at) AS seconds,
    n_in, n_loaded AS loaded, n_new_version AS versions, n_exact_repeat AS repeats, n_withdrawn AS withdrawn, n_quarantined AS quarantined, snapshot, reason
FROM runs ORDER BY started_at DESC LIMIT 10
"""
_REFUSED = """
SELECT night, reason_code, count(DISTINCT (path, raw_start)) AS n, min(path) AS for_example, any_value(detail) AS detail
FROM quarantine JOIN (SELECT DISTINCT run_id, night FROM runs) USING (run_id)
GROUP BY night, reason_code ORDER BY night DESC, n DESC LIMIT 20
"""


def status(root: Place) -> int:
    """Print freshness, the last ten nights tried, and the reasons of what was refused; returns 0, or 1 without a warehouse.

    Where nothing was ever published the log still tells of the nights tried.
    """
    sections = [("What readers see", _FRESH), ("Last nights", _NIGHTS), ("Quarantined", _REFUSED)]
    try:
        connection = open_catalog(root)
    except CatalogError as error:
        print(f"newsfold: {error}", file=sys.stderr)
        connection, sections = duckdb.connect(), sections[1:]
        house = Warehouse(root) if is_remote(root) or Path(root).is_dir() else None
        if house is None or not house.read_log("runs").num_rows:
            return 1
        for name in ("runs", "quarantine"):
            connection.register(name, house.read_log(name))
    with connection:
        for title, query in sections:
            print(f"\n{title}")
            show(connection.execute(query))
    return 0
