"""Contracts generated from the declarations: every fault is found, counted, named and shown."""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from little_world import WORLD, days, notes, totals

from warehouse import storage
from warehouse.checks import Finding, check, check_sql, failures
from warehouse.schema import TABLES, Reference, Table


def _tables(**changed: pa.Table) -> dict[str, pa.Table]:
    return {"notes": notes("n1"), "days": days(("n1", date(2026, 1, 1))), "totals": totals(a=1), **changed}


def _shown(
    tables: dict[str, pa.Table], removed: dict[str, pa.Table] | None = None, previous: dict[str, pa.Table] | None = None,
    declared: dict[str, Table] = WORLD,
) -> duckdb.DuckDBPyConnection:  # fmt: skip
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in declared.items():
        for kind, found in (("added", tables), ("removed", removed or {}), ("previous", previous or {})):
            if name in found or kind != "added":
                connection.register(f"{kind}_{name}", found.get(name, storage.empty(table)))
    return connection


def _check(tables: dict[str, pa.Table], declared: dict[str, Table] = WORLD) -> list[Finding]:
    return check(_shown(tables, declared=declared), declared)


def _failed(tables: dict[str, pa.Table], declared: dict[str, Table] = WORLD) -> Finding:
    (finding,) = failures(_check(tables, declared))
    return finding


def test_sound_tables_pass_every_contract() -> None:
    findings = _check(_tables())
    assert failures(findings) == []
    assert [(finding.table, finding.metric) for finding in findings] == [
        ("notes", "conforms"),
        ("days", "conforms"),
        ("totals", "conforms"),
        ("notes", "not_null"),
        ("notes", "key_unique"),
        ("days", "not_null"),
        ("days", "key_unique"),
        ("days", "references note_id"),
        ("totals", "not_null"),
        ("totals", "key_unique"),
    ]
    assert all(finding.blocking and finding.sentence == "" for finding in findings)


def test_a_missing_table_is_named() -> None:
    tables = _tables()
    del tables["totals"]
    assert _failed(tables).sentence == "totals: conforms is broken by 1 row, such as fault=the table is missing."


def test_columns_that_are_not_as_declared_are_named() -> None:
    wrong = pa.table({"tag": ["a"], "n_notes": ["1"], "more": [1]})
    assert _failed(_tables(totals=wrong)).rows == (
        {"column": "n_notes", "fault": "is string, declared int64"},
        {"column": "more", "fault": "not declared"},
    )


def test_nulls_are_counted_by_column() -> None:
    nulls = pa.table({"tag": ["a", "b"], "n_notes": pa.array([None, None], pa.int64())})
    finding = _failed(_tables(totals=nulls))
    assert (finding.metric, finding.value, finding.rows) == ("not_null", 2.0, ({"column": "n_notes", "nulls": 2},))


def test_a_key_held_twice_is_shown() -> None:
    twice = pa.concat_tables([totals(a=1, b=1), totals(a=2)])
    finding = _failed(_tables(totals=twice))
    assert (finding.metric, finding.rows) == ("key_unique", ({"tag": "a", "n_rows": 2},))
    assert finding.sentence == "totals: key_unique is broken by 1 row, such as tag=a, n_rows=2."


def test_a_null_in_a_key_equals_a_null() -> None:
    finding = _failed(_tables(days=days(("n1", None), ("n1", None))))
    assert finding.rows == ({"note_id": "n1", "day": None, "n_rows": 2},)


def test_a_reference_into_the_void_is_shown_with_its_key() -> None:
    finding = _failed(_tables(days=days(("n1", None), ("n7", date(2026, 1, 1)))))
    assert finding.metric == "references note_id"
    assert finding.rows == ({"day": date(2026, 1, 1), "note_id": "n7"},)


def test_a_null_refers_to_nothing_and_that_is_well() -> None:
    tagged = Table(**{**vars(WORLD["notes"]), "references": (Reference("words", "totals", "tag"),)})
    silent = notes("n1").set_column(1, "words", pa.array(["a"]))
    assert failures(_check(_tables(notes=silent), {**WORLD, "notes": tagged})) == []


@pytest.mark.parametrize(("counts", "lost"), [({"a": 1, "b": 1}, []), ({"a": 1}, ["b"])])
def test_every_element_of_a_list_must_stand_in_the_target(counts: dict[str, int], lost: list[str]) -> None:
    tagged = Table(**{**vars(WORLD["notes"]), "references": (Reference("tags", "totals", "tag"),)})
    found = failures(_check(_tables(totals=totals(**counts)), {**WORLD, "notes": tagged}))
    assert [row["tags"] for finding in found for row in finding.rows] == lost


def test_one_fault_is_not_told_twice() -> None:
    """A table that does not conform is not checked further, nor are references into it."""
    assert _failed(_tables(notes=pa.table({"note_id": ["n1"]}))).metric == "conforms"


def test_many_offenders_are_counted_and_a_few_are_shown() -> None:
    lost = days(*((f"n{number}", None) for number in range(40)))
    finding = _failed(_tables(days=lost))
    assert finding.value == 39
    assert [row["note_id"] for row in finding.rows] == ["n0", "n10", "n11", "n12", "n13"]


# What stands already was checked when it came; what comes is held against it.


def _failed_against(
    previous: dict[str, pa.Table], came: dict[str, pa.Table], gone: dict[str, pa.Table]
) -> list[Finding]:
    nothing = {name: storage.empty(table) for name, table in WORLD.items()}
    return failures(check(_shown(nothing | came, gone, previous), WORLD))


def test_a_key_that_stands_already_is_held_twice_unless_its_row_goes() -> None:
    (finding,) = _failed_against({"totals": totals(a=1)}, {"totals": totals(a=2)}, {})
    assert (finding.metric, finding.rows) == ("key_unique", ({"tag": "a", "n_rows": 2},))
    assert _failed_against({"totals": totals(a=1)}, {"totals": totals(a=2)}, {"totals": totals(a=1)}) == []


def test_a_reference_may_lead_to_what_stands_already() -> None:
    assert _failed_against({"notes": notes("n1")}, {"days": days(("n1", None))}, {}) == []


def test_what_stays_may_not_refer_to_what_goes() -> None:
    counted = Table(**{**vars(WORLD["days"]), "references": (Reference("note_id", "totals", "tag"),)})
    world = {**WORLD, "days": counted}
    stood = {"totals": totals(n1=1, n2=1), "days": days(("n1", None), ("n2", None))}
    nothing = {name: storage.empty(table) for name, table in world.items()}
    (finding,) = failures(check(_shown(nothing, {"totals": totals(n1=1)}, stood, world), world))
    assert (finding.metric, finding.rows) == ("references note_id", ({"day": None, "note_id": "n1"},))
    both = {"totals": totals(n1=1), "days": days(("n1", None))}
    assert failures(check(_shown(nothing, both, stood, world), world)) == []


def test_the_warehouse_as_declared_passes_empty() -> None:
    tables = {name: storage.empty(table) for name, table in TABLES.items() if table.kind != "log"}
    assert failures(_check(tables, TABLES)) == []


def test_every_reference_of_the_warehouse_points_at_a_column() -> None:
    for table in TABLES.values():
        for reference in table.references:
            assert reference.target in TABLES[reference.table].schema.names
            assert reference.column in table.schema.names


# Checks given as SQL


def _sql(sql: str, **options: Any) -> Finding:
    connection = duckdb.connect()
    connection.register("totals", totals(a=1))
    (finding,) = check_sql(connection, {"no busy tags": sql}, **options)
    return finding


def test_a_query_without_rows_passes() -> None:
    assert _sql("SELECT * FROM totals WHERE n_notes > 1").passed


def test_the_rows_of_a_query_are_those_that_offend() -> None:
    finding = _sql("SELECT * FROM totals WHERE n_notes = 1; -- as a statement\n")
    assert (finding.suite, finding.metric, finding.blocking) == ("news", "no busy tags", True)
    assert finding.sentence == "no busy tags is broken by 1 row, such as tag=a, n_notes=1."


def test_a_warning_does_not_block() -> None:
    finding = _sql("FROM totals", suite="volume", blocking=False)
    assert not finding.passed
    assert failures([finding]) == []


def test_a_broken_query_is_no_pass() -> None:
    with pytest.raises(duckdb.Error):
        _sql("SELECT * FROM nowhere")
