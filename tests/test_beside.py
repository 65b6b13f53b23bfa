"""Tables kept beside memory: what comes back is what was put there, whoever looks and however often memory is given back."""

from pathlib import Path

import pyarrow as pa
import pytest

from flows.beside import Beside, BesideSettings

EVERYTHING = BesideSettings(in_memory_bytes=0, batch_rows=2)


def _table(*words: str | None) -> pa.Table:
    return pa.table({"word": pa.array(words, pa.string()), "n": pa.array(range(len(words)), pa.int64())})


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    table = _table("one", None, "three", "four", "five")
    files = Beside(tmp_path, EVERYTHING)
    found = files.put("words", table)
    assert found.equals(table)
    files.rest()
    assert found.equals(table) and Beside(tmp_path).get("words").equals(table)


def test_a_table_takes_no_memory_but_pages_of_its_file(tmp_path: Path) -> None:
    table = _table(*("word" for _ in range(5_000)))
    held = pa.total_allocated_bytes()
    found = Beside(tmp_path, EVERYTHING).put("words", table)
    assert found.num_rows == 5_000 and pa.total_allocated_bytes() - held < 1_000


def test_one_that_takes_the_place_of_another_leaves_it_whole_for_who_holds_it(tmp_path: Path) -> None:
    files = Beside(tmp_path, EVERYTHING)
    first = files.put("words", _table("old", "older"))
    second = files.put("words", _table("new"))
    files.rest()
    assert first.equals(_table("old", "older")) and second.equals(_table("new"))


def test_a_small_table_stays_in_memory_and_writes_no_file(tmp_path: Path) -> None:
    table = _table("one")
    assert Beside(tmp_path).put("words", table) is table
    assert list(tmp_path.iterdir()) == []


def test_an_empty_table_can_be_mapped(tmp_path: Path) -> None:
    assert Beside(tmp_path, EVERYTHING).put("words", _table()).equals(_table())


def test_what_was_never_put_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Beside(tmp_path).get("words")


def test_tables_are_looked_at_in_turn(tmp_path: Path) -> None:
    files = Beside(tmp_path, EVERYTHING)
    tables = {"words": files.put("words", _table("one", "two")), "none": _table()}
    found = files.in_turn(tables)
    assert dict(found) == tables and len(found) == 2
    assert found["words"].equals(_table("one", "two"))


def test_a_table_stays_whole_while_its_pages_are_given_back_all_the_time(tmp_path: Path) -> None:
    table = _table(*map(str, range(5_000)))
    found = Beside(tmp_path, BesideSettings(in_memory_bytes=0, seconds_held=0)).put("words", table)
    assert all(found.equals(table) for _ in range(50))
