"""Tables handed on as columns say, row by row, what reading them record by record says."""

import csv
import io
import pickle
from collections.abc import Iterator
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from transforms.read import Batch, Item, Reading, Source, read, read_parts
from transforms.read import arrow as arrow_reader
from transforms.read import csv as csv_reader

NAMES = ["id", "title", "text", "body", "note", "deleted"]
cells = st.none() | st.sampled_from(["", "nan", "None", " ", "id", "true", "Rain fell.", "“Où?”, she said", 'a "b"', "x\ny", "1e999"]) | st.text(max_size=12)  # fmt: skip
rows = st.lists(st.tuples(*[cells] * len(NAMES)), max_size=12)


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def columns(table: list[tuple[str | None, ...]]) -> pa.Table:
    clean = [[value and value.encode("utf-8", "replace").decode() for value in row] for row in table]
    return pa.table({name: pa.array([row[i] for row in clean], pa.string()) for i, name in enumerate(NAMES)})


@given(rows)
def test_rows_of_parquet_are_the_same_in_batches_and_one_by_one(table: list[tuple[str | None, ...]]) -> None:
    data = parquet(columns(table))
    with patch.object(arrow_reader, "weights", lambda batch: None):
        one_by_one = list(read(io.BytesIO(data), "a.parquet"))
    assert list(read(io.BytesIO(data), "a.parquet")) == one_by_one
    assert len(one_by_one) == len(table)


@given(rows)
def test_rows_of_a_csv_are_the_same_parsed_at_once_and_line_by_line(table: list[tuple[str | None, ...]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([NAMES, *table])
    data = text.getvalue().encode("utf-8", "replace")

    def records() -> list[Item]:
        parts = csv_reader.read(Source(io.BytesIO(data)), "a.csv", Reading())
        return [item for part in parts for item in (part.records() if isinstance(part, Batch) else (part,))]

    with patch.object(csv_reader._Table, "_parsed", lambda *args: None):
        carefully = records()
    assert records() == carefully


def batches(data: bytes, name: str) -> Iterator[Batch]:
    return (part for part in read_parts(io.BytesIO(data), name) if isinstance(part, Batch))


def test_a_batch_is_arrow_under_our_names_with_its_place_in_the_dump() -> None:
    (batch,) = batches(b"id,headline,maintext,desk\n1,One,Rain fell.,city\n2,Two,Snow fell.,city\n", "a.csv")
    table = batch.arrow()
    assert table.schema.names == ["start", "end", "key", "title", "body", "extra.desk"]
    assert table.select(["start", "end"]).to_pylist() == [{"start": 26, "end": 47}, {"start": 48, "end": 69}]
    assert table["body"].cast(pa.string()).to_pylist() == ["Rain fell.", "Snow fell."]


def test_a_part_of_a_batch_travels_alone() -> None:
    (batch,) = batches(parquet(pa.table({"id": [str(i) for i in range(100)], "text": ["Rain fell."] * 100})), "a")
    part = batch.slice(40, 2)
    assert len(pickle.dumps(part)) < len(pickle.dumps(batch))
    assert [each.start for each in pickle.loads(pickle.dumps(part)).records()] == [40, 41]


def test_rows_of_other_than_text_are_read_too() -> None:
    table = pa.table({"id": [1, 2], "text": ["Rain fell.", "Snow fell."], "tags": [["a"], []], "share": [0.5, None]})
    found = list(read(io.BytesIO(parquet(table)), "a.parquet"))
    assert [(each.key, dict(each.extra)) for each in found] == [("1", {"tags": '["a"]', "share": "0.5"}), ("2", {})]  # type: ignore[union-attr]
