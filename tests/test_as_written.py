"""Joins of what stands with what tonight touches: the few are held in memory, never the many."""

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.tables.run import AS_WRITTEN, STEPS, as_written
from warehouse.scan import scan

_ONE = pa.schema([("key_id", pa.int64())])


@pytest.fixture
def house(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that sees a thousand standing keys behind Arrow, and three of tonight."""
    pq.write_table(pa.table({"key_id": list(range(1000))}, _ONE), tmp_path / "standing.parquet")
    connection = duckdb.connect()
    connection.register("standing", scan([str(tmp_path / "standing.parquet")], _ONE))
    connection.execute("CREATE TABLE tonight AS SELECT unnest([3, 4, 5])::BIGINT AS key_id")
    return connection


def _held(connection: duckdb.DuckDBPyConnection) -> str:
    """Return what a semi join holds in memory: its right side, as it is run."""
    sql = "EXPLAIN (FORMAT json) FROM standing SEMI JOIN tonight USING (key_id)"
    (join,) = json.loads(connection.execute(sql).fetchall()[0][1])
    return str(join["children"][1]["extra_info"].get("Table") or join["children"][1]["name"])


def test_tonights_keys_are_held_and_not_what_stands(house: duckdb.DuckDBPyConnection) -> None:
    with as_written(house):
        assert _held(house) == "memory.main.tonight"
        found = house.execute("FROM standing SEMI JOIN tonight USING (key_id) ORDER BY ALL").fetchall()
    assert found == [(3,), (4,), (5,)]


def test_what_stands_would_be_held_otherwise(house: duckdb.DuckDBPyConnection) -> None:
    """If this fails, SQL has come to know how much stands behind Arrow, and nothing need be joined as written any more."""
    assert _held(house) == "PYTHON_ARROW_SCAN"


def test_an_error_leaves_no_setting_behind(house: duckdb.DuckDBPyConnection) -> None:
    setting = "SELECT current_setting('disabled_optimizers')"
    before = house.execute(setting).fetchall()
    with pytest.raises(duckdb.Error), as_written(house):
        house.execute("FROM nothing")
    assert house.execute(setting).fetchall() == before


def test_what_is_joined_as_written_is_a_step() -> None:
    assert AS_WRITTEN <= STEPS
