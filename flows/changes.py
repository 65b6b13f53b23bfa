"""What one state of the warehouse changed against another: the rows of `run_changes`, for a night and for `newsfold diff`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.schema import TABLES

# The tables that are compared; each is given twice, the older as previous_<name>.
COMPARED = ("articles", "stories", "source_daily", "actor_daily", "sources", "actors", "overrides")
# Those with so many rows that only what is restated of them is handed on; the older as was_<name>.
PAIRED = ("source_actor", "source_pairs", "actor_pairs")

_WITHDRAWN = pa.schema([("article_id", pa.string())])
_LAST_NIGHT = pa.schema([("previous_night", pa.date32())])
_RESTATED_PAIRS = pa.schema(
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
    sql: str,
    tables: Mapping[str, pa.Table],
    previous: Mapping[str, pa.Table],
    *,
    run: Mapping[str, Any],
    previous_run: Mapping[str, Any],
    lineage: pa.Table,
    pairs: pa.Table,
    reused: pa.Table | None = None,
    withdrawn: pa.Table | None = None,
    memory: str = "1GB",
    settings: ChangeSettings = ChangeSettings(),
) -> pa.Table:
    """Return the rows of `run_changes` between two states.

    `tables` and `previous` hold those of COMPARED, of each the months that differ; `run` and `previous_run` what the manifests
    say of the runs that made them (night, hashes; empty before the first); `lineage` the rows of story_lineage in between;
    `pairs` the answer of `restated_pairs`;
    `reused` (article_id, key_id) the articles found under a key that another had, `withdrawn` (article_id) those taken back.
    """
    inputs = {name: tables[name] for name in COMPARED}
    inputs |= {f"previous_{name}": previous[name] for name in COMPARED}
    row = {
        "run_id": run["run_id"],
        "night": _day(run["night"]),
        "previous_night": _day(previous_run.get("night")),
        "cause": _cause(run, previous_run),
    } | asdict(settings)
    inputs["run"] = pa.Table.from_pylist([row], schema=_run_schema(settings))
    inputs |= {
        "new_lineage": lineage,
        "restated_pairs": pairs,
        "reused": reused if reused is not None else REUSED.empty_table(),
    }
    inputs["withdrawn"] = withdrawn if withdrawn is not None else _WITHDRAWN.empty_table()
    with duckdb.connect(config={"memory_limit": memory}) as connection:
        # Of a long query it would be drawn between the lines of a night.
        connection.execute("SET enable_progress_bar = false")
        for name, table in inputs.items():
            connection.register(name, table)
        found = connection.sql(sql).to_arrow_table()
    declared = TABLES["run_changes"].schema
    return found.select(declared.names).cast(declared)


def restated_pairs(connection: duckdb.DuckDBPyConnection, sql: str, previous_run: Mapping[str, Any]) -> pa.Table:
    """Return the answers of restated_pairs.sql over both states of PAIRED in this connection, a month after the other."""
    months = connection.sql(
        "SELECT month FROM was_source_actor UNION SELECT month FROM was_source_pairs "
        "UNION SELECT date_trunc('month', report_date)::DATE FROM was_actor_pairs ORDER BY month"
    ).to_arrow_table()
    connection.register("last_night", pa.table({"previous_night": [_day(previous_run.get("night"))]}, _LAST_NIGHT))
    told = [_RESTATED_PAIRS.empty_table()]
    for row in range(months.num_rows):
        connection.register("asked", months.slice(row, 1))
        told.append(connection.sql(sql).to_arrow_table().cast(_RESTATED_PAIRS))
    return pa.concat_tables(told)


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
