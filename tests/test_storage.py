"""A table takes its declared form or is refused with a sentence; equal rows are equal bytes; a flipped bit is seen."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from little_world import DAYS, NOTES, TOTALS, days, notes, totals

from warehouse import storage
from warehouse.schema import TABLES, Column, Table
from warehouse.storage import DeclarationError

# What a compressed page begins with.
ZSTD = bytes.fromhex("28b52ffd")


def test_columns_are_put_in_order_and_cast_and_rows_sorted() -> None:
    found = pa.table(
        {"n_notes": pa.array([2, 1], pa.decimal128(38, 0)), "tag": pa.array(["b", "a"]).dictionary_encode()}
    )
    enforced = storage.enforce(found, TOTALS)
    assert enforced.schema == TOTALS.schema
    assert enforced.to_pylist() == [{"tag": "a", "n_notes": 1}, {"tag": "b", "n_notes": 2}]


def test_rows_without_a_sort_value_come_last() -> None:
    enforced = storage.enforce(days(("n1", None), ("n2", date(2026, 1, 1))), DAYS)
    assert enforced.column("note_id").to_pylist() == ["n2", "n1"]


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(max_size=3), st.none() | st.dates(), st.none() | st.integers(-(2**63), 2**63 - 1), st.none() | st.floats(-1, 1)
        ),
        min_size=1,
    )
)  # fmt: skip
def test_the_order_is_that_of_the_columns(rows: list[tuple[str | None, date | None, int | None, float | None]]) -> None:
    types = (pa.string(), pa.date32(), pa.int64(), pa.float64())
    columns = {
        f"c{n}": pa.array(column, type_)
        for n, (column, type_) in enumerate(zip(zip(*rows, strict=True), types, strict=True))
    }
    key = tuple(columns)
    declared = Table(
        "any",
        "one row each",
        "derived",
        tuple(Column(name, type_, name) for name, type_ in zip(key, types, strict=True)),
        key,
    )
    table = pa.table(columns)
    expected = table.take(pc.sort_indices(table, [(name, "ascending") for name in key]))
    assert storage.enforce(table, declared).to_pylist() == expected.to_pylist()


def test_strings_in_many_chunks_are_sorted_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"n{number:02}" for number in range(30)]
    expected = storage.enforce(notes(*ids), NOTES)
    shuffled = pa.concat_tables([notes(*ids[start::7]) for start in (3, 0, 6, 2, 5, 1, 4)])
    monkeypatch.setattr(storage, "_COPIED_WHOLE", 0)
    assert storage.enforce(shuffled, NOTES).equals(expected)


def test_strings_too_many_for_one_chunk_are_sorted_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"n{number:02}" for number in range(30)]
    expected = storage.enforce(notes(*ids), NOTES)
    monkeypatch.setattr(storage, "_STRING_LIMIT", 64)
    pieces = storage.enforce(notes(*reversed(ids)), NOTES)
    assert pieces.column("words").num_chunks > 1
    assert pieces.equals(expected)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"tag": ["a"]}, r"totals lacks columns \['n_notes'\]"),
        ({"tag": ["a"], "n_notes": [1], "more": [1]}, r"undeclared columns \['more'\]"),
        ({"tag": ["a"], "n_notes": [None]}, "totals.n_notes may not be NULL and is in 1 rows"),
        ({"tag": ["a"], "n_notes": [1.5]}, "totals.n_notes is double and cannot be int64"),
        ({"tag": ["a"], "n_notes": [[1]]}, "totals.n_notes is list.* and cannot be int64"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(columns: dict[str, list[object]], sentence: str) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        storage.enforce(pa.table(columns), TOTALS)


def test_an_instant_without_a_zone_is_refused() -> None:
    found = days(("n1", None)).set_column(2, "seen_at", pa.array([0], pa.timestamp("us")))
    with pytest.raises(DeclarationError, match=r"days.seen_at has no time zone"):
        storage.enforce(found, DAYS)


def test_a_table_of_an_older_declaration_gets_the_new_column_as_null() -> None:
    older = notes("n1").drop_columns(["tags"])
    assert storage.conform_older(older, NOTES).column("tags").to_pylist() == [None]


@settings(max_examples=25, deadline=None)
@given(order=st.permutations([f"n{number}" for number in range(12)]), cut=st.integers(1, 11))
def test_bytes_are_a_function_of_the_rows(order: list[str], cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither the order of the rows nor the chunks they came in leave a trace."""
    folder = tmp_path_factory.mktemp("bytes")
    straight = notes(*(f"n{number}" for number in range(12)))
    pieces = pa.concat_tables([notes(*order[:cut]), notes(*order[cut:])])
    storage.write_parquet(storage.enforce(straight, NOTES), folder / "a.parquet")
    storage.write_parquet(storage.enforce(pieces, NOTES), folder / "b.parquet")
    assert (folder / "a.parquet").read_bytes() == (folder / "b.parquet").read_bytes()


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    table = storage.enforce(notes("n1", "n2"), NOTES)
    storage.write_parquet(table, tmp_path / "t.parquet")
    back = storage.read_parquet(tmp_path / "t.parquet")
    assert back.schema == NOTES.schema
    assert back.equals(table)
    assert storage.read_parquet(tmp_path / "t.parquet", ["words", "not_there_yet"]).column_names == ["words"]


def test_row_groups_are_as_set(tmp_path: Path) -> None:
    table = totals(**{f"t{number:03}": number for number in range(25)})
    storage.write_parquet(table, tmp_path / "t.parquet", storage.ParquetSettings(row_group_rows=10))
    assert pq.read_metadata(tmp_path / "t.parquet").num_row_groups == 3
    assert storage.read_parquet(tmp_path / "t.parquet").equals(table)


def test_a_row_group_holds_so_much_text_at_most_but_one_row_at_least(tmp_path: Path) -> None:
    lengths = [3, 3, 3, 3, 20, 1, 9, 2, 2]
    table = pa.table({"note_id": [f"n{number}" for number in range(len(lengths))], "words": ["w" * n for n in lengths]})
    of_ten = storage.ParquetSettings(row_group_text_bytes=10 + 2 * 2)
    storage.write_parquet(table, tmp_path / "t.parquet", of_ten)
    metadata = pq.read_metadata(tmp_path / "t.parquet")
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [2, 2, 1, 2, 2]
    assert storage.read_parquet(tmp_path / "t.parquet").equals(table)


def test_a_flipped_bit_is_not_read(tmp_path: Path) -> None:
    table = storage.enforce(notes(*(f"n{number}" for number in range(500))), NOTES)
    storage.write_parquet(table, tmp_path / "t.parquet")
    damaged = bytearray((tmp_path / "t.parquet").read_bytes())
    damaged[200] ^= 1
    (tmp_path / "t.parquet").write_bytes(damaged)
    with pytest.raises(OSError, match="CRC"):
        storage.read_parquet(tmp_path / "t.parquet")


# Single rows by value


def test_row_groups_tell_what_is_not_in_them(tmp_path: Path) -> None:
    table = notes(*(f"n{number}" for number in range(100)))
    storage.write_parquet(
        table, tmp_path / "t.parquet", storage.ParquetSettings(row_group_rows=10), lookups=("note_id",)
    )
    with duckdb.connect() as connection:
        probe = f"SELECT bloom_filter_excludes FROM parquet_bloom_probe('{tmp_path}/t.parquet', 'note_id', 'n42')"
        excluded = [row for (row,) in connection.execute(probe).fetchall()]
        found = connection.execute(f"SELECT note_id FROM '{tmp_path}/t.parquet' WHERE note_id = 'n42'").fetchall()
    assert (excluded.count(False), excluded[4], found) == (1, False, [("n42",)])


def test_one_row_of_many_columns_lies_in_a_small_row_group(tmp_path: Path) -> None:
    table, settings = notes(*(f"n{number}" for number in range(100))), storage.ParquetSettings(lookup_group_cells=60)
    storage.write_parquet(table, tmp_path / "t.parquet", settings, lookups=("note_id",))
    assert pq.read_metadata(tmp_path / "t.parquet").row_group(0).num_rows == 60 // table.num_columns
    storage.write_parquet(table, tmp_path / "t.parquet", settings)
    assert pq.read_metadata(tmp_path / "t.parquet").num_row_groups == 1


def test_one_row_of_many_lies_in_a_small_page(tmp_path: Path) -> None:
    table, settings = notes(*(f"n{number}" for number in range(100))), storage.ParquetSettings(lookup_page_rows=10)
    sizes = []
    for lookups in ((), ("note_id",)):
        storage.write_parquet(table, tmp_path / "t.parquet", settings, lookups=lookups)
        column = pq.read_metadata(tmp_path / "t.parquet").row_group(0).column(0)
        start = column.data_page_offset
        pages = (tmp_path / "t.parquet").read_bytes()[start : start + column.total_compressed_size]
        sizes.append(pages.count(ZSTD))
        assert storage.read_parquet(tmp_path / "t.parquet").equals(table)
    assert sizes == [1, 10]


def test_words_that_hardly_repeat_have_no_bounds_unless_they_are_looked_up(tmp_path: Path) -> None:
    table = notes(*(f"n{number}" for number in range(100)))
    storage.write_parquet(table, tmp_path / "t.parquet", lookups=("note_id",))
    group = pq.read_metadata(tmp_path / "t.parquet").row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    without = {column.path_in_schema for column in columns if not column.is_stats_set}
    assert without == {"words"}
    storage.write_parquet(table, tmp_path / "t.parquet")
    group = pq.read_metadata(tmp_path / "t.parquet").row_group(0)
    assert all(group.column(number).is_stats_set for number in range(group.num_columns))


def test_what_is_searched_lies_there_as_it_is(tmp_path: Path) -> None:
    table = notes(*(f"note number {number}" for number in range(1000)))
    storage.write_parquet(table, tmp_path / "t.parquet", searched=("note_id",))
    columns = [pq.read_metadata(tmp_path / "t.parquet").row_group(0).column(n) for n in range(table.num_columns)]
    assert [column.path_in_schema for column in columns if column.compression == "UNCOMPRESSED"] == ["note_id"]
    assert b"note number 7" in (tmp_path / "t.parquet").read_bytes()
    assert storage.read_parquet(tmp_path / "t.parquet").equals(table)


def test_what_is_looked_up_is_a_column_of_words() -> None:
    for table in TABLES.values():
        for name in (*table.lookups, *table.searched):
            assert table.schema.field(name).type == pa.string()


def test_words_that_hardly_repeat_have_no_dictionary(tmp_path: Path) -> None:
    table = notes(*(f"n{number}" for number in range(100)))
    storage.write_parquet(table, tmp_path / "t.parquet")
    group = pq.read_metadata(tmp_path / "t.parquet").row_group(0)
    columns = {group.column(number).path_in_schema: group.column(number) for number in range(group.num_columns)}
    dictionaries = {path for path, column in columns.items() if column.has_dictionary_page}
    assert dictionaries == {"tags.list.element", "extra.key_value.key", "extra.key_value.value"}


def test_no_flipped_bit_of_a_file_passes_for_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "notes.parquet"
    storage.write_parquet(storage.enforce(notes("n1", "n2"), NOTES), path)
    assert storage.is_as_written(path, NOTES)
    sound = path.read_bytes()
    version = sound.index(b"version ") + len(b"version ")
    bits = [bit for bit in range(0, 8 * len(sound), 41) if not version <= bit // 8 < version + 8]
    for bit in bits:
        damaged = bytearray(sound)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert not storage.is_as_written(path, NOTES), f"bit {bit}"
