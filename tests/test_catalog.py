"""The catalog: described views over one snapshot, from any directory; opened hardened; asked, it only reads."""

import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from little_world import NIGHTS, WORLD, first_night, second_night

from warehouse.catalog import CatalogError, ReadOnlyError, ask, open_catalog
from warehouse.publish import Warehouse
from warehouse.schema import TABLES
from warehouse.snapshot import Snapshot


@pytest.fixture
def house(tmp_path: Path) -> Warehouse:
    house = Warehouse(tmp_path / "house", WORLD)
    house.publish(**first_night())
    return house


@contextmanager
def _open(house: Warehouse) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_catalog(house.root)
    try:
        yield connection
    finally:
        connection.close()


def test_every_table_is_a_view(house: Warehouse) -> None:
    with _open(house) as catalog:
        assert catalog.execute("SELECT note_id FROM notes ORDER BY ALL").fetchall() == [("n1",), ("n2",)]
        assert catalog.execute("SELECT count(*) FROM days").fetchall() == [(3,)]
        assert catalog.execute("SELECT * FROM nights").fetchall() == []


def test_the_views_of_the_caller_are_there(house: Warehouse) -> None:
    with _open(house) as catalog:
        assert catalog.execute("SELECT * FROM busy").fetchall() == [("a",)]
        assert catalog.execute("SELECT * FROM noted('n2')").fetchall() == [("note n2",)]


def test_files_of_the_newest_month_come_first_and_those_of_none_last(house: Warehouse) -> None:
    with _open(house) as catalog:
        ((made_by,),) = catalog.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'days'").fetchall()
    months = re.findall(r"/days/([^/]+)/", made_by)
    assert months == ["2026-02", "2026-01", "undated"]


def test_views_and_columns_say_what_they_are(house: Warehouse) -> None:
    with _open(house) as catalog:
        views = dict(catalog.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall())
        columns = catalog.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    for table in WORLD.values():
        assert views[table.name] == table.row
        assert {(table.name, column.name, column.description) for column in table.columns} <= set(columns)


def test_the_snapshot_tells_which_it_is(house: Warehouse) -> None:
    current = house.current()
    assert current is not None
    with _open(house) as catalog:
        (row,) = catalog.execute("SELECT number, parent, run_id, night, data_hash, location FROM snapshot").fetchall()
    assert row == (1, None, "r_1", date(2026, 2, 1), current.data_hash, str(current.path))


def test_the_log_is_shown_as_it_grows(house: Warehouse) -> None:
    """The night's own row is written after its catalog was built."""
    row = {"run_id": "r_1", "night": date(2026, 2, 1), "reason": None}
    house.append_log("nights", pa.Table.from_pylist([row], schema=NIGHTS.schema), "r_1")
    with _open(house) as catalog:
        assert catalog.execute("SELECT run_id, night, reason FROM nights").fetchall() == [tuple(row.values())]


def test_log_rows_of_an_older_declaration_still_show(house: Warehouse) -> None:
    older = pa.table({"run_id": ["r_0"], "night": [date(2026, 1, 1)]})
    pa.parquet.write_table(older, house.root / "log" / "nights" / "r_0.parquet")
    with _open(house) as catalog:
        assert catalog.execute("SELECT run_id, reason FROM nights").fetchall() == [("r_0", None)]


def test_an_open_catalog_keeps_to_its_snapshot(house: Warehouse) -> None:
    with _open(house) as before:
        house.publish(**second_night())
        assert before.execute("SELECT count(*) FROM notes").fetchall() == [(2,)]
        with _open(house) as after:
            assert after.execute("SELECT count(*) FROM notes").fetchall() == [(3,)]


def test_a_plain_duckdb_in_any_directory_reads_it(house: Warehouse, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).execute('SELECT * FROM busy').fetchall())"
    path = os.path.relpath(house.root / "current" / "catalog.duckdb", elsewhere)
    run = subprocess.run([sys.executable, "-c", code, path], cwd=elsewhere, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[('a',)]"


def test_a_folder_with_quotes_and_wildcards_in_its_name_is_only_a_name(tmp_path: Path) -> None:
    house = Warehouse(tmp_path / "it's [a] *very* odd name", WORLD)
    house.publish(**first_night())
    with _open(house) as catalog:
        assert catalog.execute("SELECT count(*) FROM days").fetchall() == [(3,)]


def test_the_file_is_in_the_storage_format_of_the_oldest_reader(house: Warehouse) -> None:
    header = (house.root / "current" / "catalog.duckdb").read_bytes()[:20]
    # DuckDB's header holds the storage version behind checksum and magic bytes; 68 is that of DuckDB 1.5.
    assert struct.unpack_from("<Q", header, 12) == (68,)


def test_every_declared_table_has_its_view_also_without_a_file(tmp_path: Path) -> None:
    from warehouse import catalog, snapshot, storage

    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "manifest.json").write_text(snapshot.manifest_text(1, None, "0", {"run_id": "r"}, []))
    catalog.build(tmp_path / "1", tmp_path / "log", "", tmp_path / "c.duckdb")
    with duckdb.connect(tmp_path / "c.duckdb", read_only=True) as connection:
        for name, table in TABLES.items():
            arrow = connection.sql(f'FROM "{name}"').to_arrow_table()
            assert storage.enforce(arrow, table).schema == table.schema


def test_nobody_opens_it_for_writing_by_mistake(house: Warehouse) -> None:
    assert (house.root / "current" / "catalog.duckdb").stat().st_mode & 0o222 == 0


# Attached under another name: views and macros keep to the catalog they stand in


@pytest.fixture
def two(house: Warehouse) -> Iterator[duckdb.DuckDBPyConnection]:
    """Both snapshots attached, the newer one in use."""
    house.publish(**second_night())
    with duckdb.connect() as connection:
        for number in (1, 2):
            path = house.root / "snapshots" / str(number) / "catalog.duckdb"
            connection.execute(f"ATTACH '{path}' AS night_{number} (READ_ONLY)")
        yield connection


def test_attached_catalogs_are_compared(two: duckdb.DuckDBPyConnection) -> None:
    new = "SELECT note_id FROM night_2.notes EXCEPT SELECT note_id FROM night_1.notes"
    assert two.execute(new).fetchall() == [("n3",)]


def test_a_macro_reads_its_own_catalog_whichever_is_in_use(two: duckdb.DuckDBPyConnection) -> None:
    assert two.execute("FROM night_2.noted('n3')").fetchall() == [("note n3",)]
    two.execute("USE night_2")
    assert two.execute("FROM night_1.noted('n3')").fetchall() == []
    assert two.execute("FROM noted('n3')").fetchall() == [("note n3",)]


_MACROS = """
CREATE VIEW loud AS SELECT upper(words) AS shout, note_id FROM notes;
CREATE MACRO shout_of(id) AS (SELECT shout FROM loud WHERE note_id = id);
CREATE MACRO counted(least) AS TABLE WITH few AS (SELECT * FROM totals WHERE n_notes >= least) FROM few, (SELECT count(*) AS n FROM loud);
CREATE MACRO doubled(n) AS n * 2;
COMMENT ON MACRO TABLE counted IS 'labels with at least so many notes';
"""


def test_macros_of_every_kind_are_bound(tmp_path: Path) -> None:
    house = Warehouse(tmp_path / "house", WORLD)
    house.publish(**first_night() | {"views_sql": _MACROS})
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{house.root / 'current' / 'catalog.duckdb'}' AS c (READ_ONLY)")
        assert connection.execute("SELECT c.shout_of('n1'), c.doubled(2)").fetchall() == [("NOTE N1", 4)]
        assert connection.execute("FROM c.counted(2)").fetchall() == [("a", 2, 2)]
        comments = "SELECT comment FROM duckdb_functions() WHERE function_name = 'counted'"
        assert connection.execute(comments).fetchall() == [("labels with at least so many notes",)]


def test_a_macro_still_says_that_the_views_it_reads_are_not_held_in_memory(tmp_path: Path) -> None:
    house = Warehouse(tmp_path / "house", WORLD)
    house.publish(**first_night() | {"views_sql": _MACROS})
    with _open(house) as catalog:
        asked = "SELECT macro_definition FROM duckdb_functions() WHERE function_name = 'counted'"
        ((body,),) = catalog.execute(asked).fetchall()
    # Older storage formats forget it, and DuckDB would hold all of a table that a macro reads twice.
    assert body.startswith("WITH ") and " AS NOT MATERIALIZED (" in body


def test_a_parameter_that_hides_a_column_is_refused(tmp_path: Path) -> None:
    house = Warehouse(tmp_path / "house", WORLD)
    views = "CREATE VIEW loud AS SELECT upper(words) AS shout FROM notes; CREATE MACRO m(words) AS TABLE FROM loud WHERE shout = words;"
    with pytest.raises(duckdb.BinderException, match="words"):
        house.publish(**first_night() | {"views_sql": views})


def test_a_column_of_a_view_says_what_the_column_it_is_made_from_says(house: Warehouse) -> None:
    with _open(house) as catalog:
        columns = "SELECT comment FROM duckdb_columns() WHERE table_name = 'busy' AND column_name = 'tag'"
        assert catalog.execute(columns).fetchall() == [("the label",)]


@pytest.mark.parametrize("keep_read", [False, True])
def test_what_was_read_is_kept_for_who_says_that_more_is_asked(house: Warehouse, keep_read: bool) -> None:
    with open_catalog(house.root, tables=WORLD, keep_read=keep_read) as catalog:
        found = catalog.execute("FROM notes").fetchall()
        kept = catalog.execute(
            "SELECT count(*) FROM duckdb_external_file_cache() WHERE path LIKE '%/notes/%'"
        ).fetchall()
        assert (kept[0][0] > 0) is keep_read
        assert catalog.execute("FROM notes").fetchall() == found


# Moved, missing


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="Nothing is published in"):
        open_catalog(tmp_path)


def test_a_moved_warehouse_is_noticed_and_mended(house: Warehouse, tmp_path: Path) -> None:
    house.root.rename(tmp_path / "moved")
    with pytest.raises(CatalogError, match="was built for"):
        open_catalog(tmp_path / "moved")
    moved = Warehouse(tmp_path / "moved", WORLD)
    moved.rebuild_catalog()
    with _open(moved) as catalog:
        assert catalog.execute("SELECT * FROM busy").fetchall() == [("a",)]


def test_a_copied_warehouse_never_reads_the_original(house: Warehouse, tmp_path: Path) -> None:
    shutil.copytree(house.root, tmp_path / "copy", symlinks=True)
    with pytest.raises(CatalogError, match="was built for"):
        open_catalog(tmp_path / "copy")


def test_an_empty_night_mends_the_catalog_too(house: Warehouse) -> None:
    current = house.current()
    assert isinstance(current, Snapshot)
    (current.path / "catalog.duckdb").unlink()
    with pytest.raises(CatalogError, match="has no catalog"):
        open_catalog(house.root)
    house.publish(**first_night())
    with _open(house) as catalog:
        assert catalog.execute("SELECT * FROM busy").fetchall() == [("a",)]


# Hardened


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_text('{root}/../secret.txt')",
        "SELECT * FROM read_text('{root}/lock')",
        "SELECT * FROM secret",
        "COPY (SELECT 1) TO '{root}/../out.csv'",
        "ATTACH '{root}/../other.duckdb' AS other (READ_WRITE)",
        "CREATE TABLE t AS SELECT 1",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "RESET lock_configuration",
    ],
)
def test_nothing_outside_is_reached(house: Warehouse, sql: str) -> None:
    (house.root.parent / "secret.txt").write_text("secret")
    secret = pa.table({"word": ["secret"]})  # a Python variable is no table either
    with _open(house) as catalog, pytest.raises(duckdb.Error):
        catalog.execute(sql.format(root=house.root))
    assert sorted(path.name for path in house.root.parent.iterdir()) == ["house", "secret.txt"]
    assert secret.num_rows == 1


def test_a_second_connection_is_as_hard_and_as_utc(house: Warehouse) -> None:
    with _open(house), _open(house) as second:
        assert second.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
        assert second.execute("SELECT seen_at::VARCHAR FROM days LIMIT 1").fetchall() == [("2026-01-01 07:00:00+00",)]
        assert second.execute("SELECT DISTINCT seen_at FROM days").fetchall() == [
            (datetime(2026, 1, 1, 7, tzinfo=UTC),)
        ]
        with pytest.raises(duckdb.PermissionException):
            second.execute("SELECT * FROM read_text('/etc/passwd')")


# Asked


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT tag FROM totals WHERE n_notes > 1",
        "FROM busy",
        "WITH t AS (SELECT * FROM totals) SELECT tag FROM t WHERE tag = 'a'",
        "SELECT 1; SELECT * FROM busy;",
        # A range join runs as a merge join, which merges nothing into anything.
        "SELECT 'a' FROM range(3000) one(i) JOIN range(3000) other(j) ON i < j LIMIT 1",
    ],
)
def test_questions_are_answered(house: Warehouse, sql: str) -> None:
    with _open(house) as catalog:
        assert ask(catalog, sql).fetchall() == [("a",)]


@pytest.mark.parametrize(
    "sql", ["SHOW TABLES", "DESCRIBE notes", "SUMMARIZE days", "EXPLAIN FROM busy", "EXPLAIN ANALYZE FROM busy"]
)
def test_questions_about_the_tables_are_answered(house: Warehouse, sql: str) -> None:
    with _open(house) as catalog:
        assert ask(catalog, sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{out}'",
        "WITH c AS (COPY (SELECT 1) TO '{out}') SELECT 1",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}'",
        "EXPLAIN/**/ANALYZE COPY (SELECT 1) TO '{out}'",
        "EXPLAIN (ANALYZE, FORMAT json) WITH c AS (COPY (SELECT 1) TO '{out}') SELECT 1",
        "EXPLAIN ANALYZE WITH c AS (COPY (SELECT 1) TO '{out}') SELECT 1",
        "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('WITH c AS (COPY (SELECT 1) TO ''{out}'') SELECT 1'))",
        "FROM (SELECT 1), json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
        "FROM truncate_duckdb_logs()",
        "PREPARE p AS COPY (SELECT 1) TO '{out}'",
        "SELECT 1; COPY (SELECT 1) TO '{out}'",
        "ATTACH '{out}' AS other (READ_WRITE)",
        "EXPORT DATABASE '{out}'",
        "CREATE TEMP TABLE t AS SELECT 1",
        "SET VARIABLE a = 1",
        "CHECKPOINT",
        "  ",
    ],
)
def test_whatever_would_write_is_refused_even_inside_the_warehouse(house: Warehouse, sql: str) -> None:
    out = house.root / "snapshots" / "out.csv"
    with _open(house) as catalog, pytest.raises(ReadOnlyError):
        ask(catalog, sql.format(out=out))
    assert not out.exists()


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT nothing FROM busy", "LINE 1: SELECT nothing FROM busy\n               ^"),
        ("SELECT tag\nFROM busy\nWHERE nothing", "LINE 3: WHERE nothing\n              ^"),
    ],
)
def test_what_duckdb_refuses_is_quoted_as_it_was_asked(house: Warehouse, sql: str, told: str) -> None:
    with _open(house) as catalog, pytest.raises(duckdb.BinderException) as refused:
        ask(catalog, sql)
    assert told in str(refused.value)


@pytest.mark.parametrize("sql", ["SELECT error('No such night.')", "FROM read_parquet(error('No such night.'))"])
def test_a_refusal_in_words_of_ours_is_told_alone(house: Warehouse, sql: str) -> None:
    with _open(house) as catalog, pytest.raises(duckdb.InvalidInputException, match=r"\ANo such night\.\Z"):
        ask(catalog, sql).fetchall()
