"""What one state of the warehouse changed against another: the rows of `run_changes`, for a night and for `newsfold diff`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from itertools import product
from typing import Any

import duckdb
import pyarrow as pa

from flows.months import within
from warehouse.schema import TABLES

# The tables that are compared; in SQL each stands twice, the newer as now_<name> and the older as was_<name>.
COMPARED = ("articles", "stories", "source_daily", "actor_daily", "sources", "actors", "overrides")
# Those with so many rows that only what is restated of them is told.
PAIRED = ("source_actor", "source_pairs", "actor_pairs")
_DAILY = {"source_daily": "source_id", "actor_daily": "actor_id"}
# What is asked of both states, of transforms/tables.
QUERIES = ("restated_days", "restated_pairs", "run_changes")

_WITHDRAWN = pa.schema([("article_id", pa.string())])
_RESTATED = pa.schema(
    [("entity_id", pa.string()), ("other_id", pa.string()), ("report_date", pa.date32())]
    + [(name, pa.string()) for name in ("metric", "before", "after")]
)
REUSED = pa.schema([("article_id", pa.string()), ("key_id", pa.string())])
# What a run is made of beside its input; the first of these that differs is the cause of what no article explains.
_MADE_OF = {"override": "overrides_hash", "config": "config_hash", "code": "code_hash"}


@dataclass(frozen=True)
class ChangeSettings:
    """When a source counts as gone silent."""

    # Longer than a weekend's pause of an outlet that publishes on working days only.
    silent_days: int = 3
    # Shorter spans say nothing of a habit: two weeks hold two weekends.
    silent_span_days: int = 14


def changes(
    connection: duckdb.DuckDBPyConnection,
    sql: Mapping[str, str],
    *,
    run: Mapping[str, Any],
    previous_run: Mapping[str, Any],
    lineage: pa.Table,
    reused: pa.Table | None = None,
    withdrawn: pa.Table | None = None,
    settings: ChangeSettings = ChangeSettings(),
    rest: Callable[[], object] = lambda: None,
) -> pa.Table:
    """Return the rows of `run_changes` between two states.

    The states stand in the connection, the tables of COMPARED and PAIRED as was_<name> and now_<name>, of each the months that
    differ under its declared columns; `sql` holds QUERIES by name; `run` and `previous_run` what the manifests say of the runs
    that made them (night, hashes; empty before the first); `lineage` the rows of story_lineage in between; `reused` (article_id,
    key_id) the articles found under a key that another had, `withdrawn` (article_id) those taken back. `rest` is called once the
    numbers that are others now are told, and before all rows are handed over at once: a time to give memory back.
    """
    row = {
        "run_id": run["run_id"],
        "night": _day(run["night"]),
        "previous_night": _day(previous_run.get("night")),
        "cause": _cause(run, previous_run),
    } | asdict(settings)
    connection.register("newer_run", pa.Table.from_pylist([row], schema=_run_schema(settings)))
    _restate(connection, sql)
    rest()
    inputs = {
        "new_lineage": lineage,
        "reused": reused if reused is not None else REUSED.empty_table(),
        "withdrawn": withdrawn if withdrawn is not None else _WITHDRAWN.empty_table(),
    }
    for name, table in inputs.items():
        connection.register(name, table)
    found = connection.sql(sql["run_changes"]).to_arrow_table()
    for name in ("newer_run", *inputs):
        connection.unregister(name)
    connection.execute("DROP TABLE restated")
    declared = TABLES["run_changes"].schema
    return found.select(declared.names).cast(declared)


def _restate(connection: duckdb.DuckDBPyConnection, sql: Mapping[str, str]) -> None:
    """Make `restated`: the numbers of days and pairs that stood and are others now, a month after the other: all at once fill the memory.

    A table, as SQL can put it aside where memory is short, and what Arrow holds it can't.
    """
    connection.register("none_restated", _RESTATED.empty_table())
    connection.execute("CREATE OR REPLACE TABLE restated AS FROM none_restated")
    connection.unregister("none_restated")
    for table, key in _DAILY.items():
        for month in _months(connection, table):
            for state in ("was", "now"):
                rows = f"FROM {state}_{table} WHERE {within(TABLES[table], month)}"
                connection.execute(
                    f"CREATE OR REPLACE VIEW {state}_daily AS SELECT {key} AS entity_id, * EXCLUDE ({key}) {rows}"
                )
            connection.execute(f"INSERT INTO restated BY NAME FROM (\n{sql['restated_days']}\n)")
    for table in PAIRED:
        for month in _months(connection, table):
            for state, other in product(("was", "now"), PAIRED):
                asked = within(TABLES[table], month) if other == table else "false"
                connection.execute(
                    f"CREATE OR REPLACE VIEW asked_{state}_{other} AS FROM {state}_{other} WHERE {asked}"
                )
            connection.execute(f"INSERT INTO restated BY NAME FROM (\n{sql['restated_pairs']}\n)")
    views = ["was_daily", "now_daily", *(f"asked_{state}_{name}" for state, name in product(("was", "now"), PAIRED))]
    connection.execute(";".join(f"DROP VIEW IF EXISTS {view}" for view in views))


def _months(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Return the months of which a table holds rows, new or old."""
    day = f"SELECT DISTINCT strftime({TABLES[table].partition}, '%Y-%m') FROM"
    found = connection.execute(f"{day} was_{table} UNION {day} now_{table} ORDER BY ALL").fetchall()
    return [month for (month,) in found]


def _run_schema(settings: ChangeSettings) -> pa.Schema:
    thresholds = [pa.field(name, pa.int32()) for name in asdict(settings)]
    days = [pa.field("night", pa.date32()), pa.field("previous_night", pa.date32())]
    return pa.schema([pa.field("run_id", pa.string()), *days, pa.field("cause", pa.string()), *thresholds])


def _cause(run: Mapping[str, Any], previous_run: Mapping[str, Any]) -> str | None:
    for cause, name in _MADE_OF.items():
        if previous_run and run.get(name) != previous_run.get(name):
            return cause
    return None


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value if isinstance(value, date) else None
