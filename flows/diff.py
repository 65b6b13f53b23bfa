"""`newsfold diff NIGHT1 NIGHT2`: what changed from one kept night to another, by entity, with old and new value and cause."""

import json
import sys

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from flows.ask import lines
from flows.changes import COMPARED, PAIRED, QUERIES, changes
from flows.resources import sql_of
from warehouse import history
from warehouse.publish import Warehouse
from warehouse.snapshot import Snapshot
from warehouse.store import Place

_SHOWN = ("change", "entity_id", "other_id", "metric", "report_date", "before", "after", "cause", "article_id")

_REUSED = """
SELECT DISTINCT article_id, key_id
FROM articles JOIN records USING (text_id, feed)
WHERE articles.record_key IS NOT DISTINCT FROM records.record_key AND articles.url_norm IS NOT DISTINCT FROM records.url_norm
    AND article_id NOT IN (SELECT key_id FROM records)
"""


def diff(root: Place, older: str, newer: str, as_json: bool) -> int:
    """Print what changed between two nights, runs or snapshot numbers; returns 0, or 1 where one of them is not kept."""
    house = Warehouse(root)
    try:
        found = between(history.as_of(house, older), history.as_of(house, newer))
    except history.NotKeptError as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    rows = found.select(_SHOWN).sort_by(
        [(name, "ascending") for name in ("change", "entity_id", "other_id", "report_date", "metric")]
    )
    if as_json:
        print(json.dumps(rows.to_pylist(), default=str, ensure_ascii=False, indent=1))
    elif rows.num_rows:
        print(lines(list(_SHOWN), [tuple(row.values()) for row in rows.to_pylist()]), end="")
    else:
        print(f"Nothing changed between {older} and {newer}.")
    return 0


def between(older: Snapshot, newer: Snapshot) -> pa.Table:
    """Return the rows of `run_changes` from one snapshot to another; only files that differ are read."""
    with duckdb.connect() as connection:
        for name in COMPARED:
            before, after = _differing(older, newer, name)
            connection.register(f"was_{name}", before)
            connection.register(f"now_{name}", after)
        for name in PAIRED:
            months = history.changed_months(older, newer, name)
            connection.register(f"was_{name}", older.scan(name, months))
            connection.register(f"now_{name}", newer.scan(name, months))
        return changes(
            connection,
            {name: sql_of(name) for name in QUERIES},
            run=newer.manifest["run"],
            previous_run=older.manifest["run"],
            lineage=_new_rows(older, newer, "story_lineage", "run_id"),
            reused=_reused(older, newer),
            withdrawn=_withdrawn(older, newer),
        )


def _differing(older: Snapshot, newer: Snapshot, name: str) -> tuple[pa.Table, pa.Table]:
    months = history.changed_months(older, newer, name)
    return older.read(name, months=months), newer.read(name, months=months)


def _new_rows(older: Snapshot, newer: Snapshot, name: str, key: str) -> pa.Table:
    before, after = _differing(older, newer, name)
    return after.filter(pc.invert(pc.is_in(after[key], value_set=pc.unique(before[key]))))


def _withdrawn(older: Snapshot, newer: Snapshot) -> pa.Table:
    versions = _differing(older, newer, "article_versions")[1]
    return versions.filter(pc.is_valid(versions["withdrawn_at"])).select(["article_id"])


def _reused(older: Snapshot, newer: Snapshot) -> pa.Table:
    """Return article_id, key_id of the articles whose id is no key's own: another article had their key first."""
    with duckdb.connect() as connection:
        connection.register("records", _new_rows(older, newer, "records", "record_id"))
        connection.register("articles", _differing(older, newer, "articles")[1])
        return connection.sql(_REUSED).to_arrow_table()
