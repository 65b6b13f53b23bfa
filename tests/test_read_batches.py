"""Tables handed on as columns say, row by row, what reading them record by record says."""

import csv
import io
import json
import pickle
from dataclasses import replace
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading import http_response, page_of, warc_record
from transforms.read import Item, Reading, ReadLimits, Source, Table, batches, read
from transforms.read import arrow as arrow_reader
from transforms.read import csv as csv_reader
from transforms.read import jsonl as jsonl_reader
from transforms.records import RawRecord, Rejected, Skipped

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
        return [item for part in parts for item in (part.records() if isinstance(part, Table) else (part,))]

    with patch.object(csv_reader._Rows, "_parsed", lambda *args: None):
        carefully = records()
    assert records() == carefully


def test_a_batch_is_arrow_under_our_names_with_its_place_in_the_dump() -> None:
    data = b"id,headline,maintext,desk\n1,One,Rain fell.,city\n2,Two,Snow fell.,city\n"
    (batch,) = batches(io.BytesIO(data), "a.csv")
    table = batch.arrow()
    assert table.schema.names == ["start", "end", "key", "title", "body", "extra.desk"]
    assert table.select(["start", "end"]).to_pylist() == [{"start": 26, "end": 47}, {"start": 48, "end": 69}]
    assert table["body"].cast(pa.string()).to_pylist() == ["Rain fell.", "Snow fell."]


def test_a_part_of_a_batch_travels_alone() -> None:
    data = parquet(pa.table({"id": [str(i) for i in range(100)], "text": ["Rain fell."] * 100}))
    (batch,) = batches(io.BytesIO(data), "a")
    assert isinstance(batch, Table)
    part = batch.slice(40, 2)
    assert len(pickle.dumps(part)) < len(pickle.dumps(batch))
    assert [each.start for each in pickle.loads(pickle.dumps(part)).records()] == [40, 41]


def test_rows_of_other_than_text_are_read_too() -> None:
    table = pa.table({"id": [1, 2], "text": ["Rain fell.", "Snow fell."], "tags": [["a"], []], "share": [0.5, None]})
    found = list(read(io.BytesIO(parquet(table)), "a.parquet"))
    assert [(each.key, dict(each.extra)) for each in found] == [("1", {"tags": '["a"]', "share": "0.5"}), ("2", {})]  # type: ignore[union-attr]


READ = {
    "lines": b'{"id": "1", "text": "Rain fell."}\n{broken\n\n{"id": "2", "html": "<p>Snow</p>", "tags": ["a"]}\n',
    "text": b"A plain text.\nOf two lines.",
    "web archive": warc_record("request", b"GET") + warc_record("response", http_response(page_of("Rain fell."))),
}


@pytest.mark.parametrize("name", READ)
def test_records_of_any_reader_are_batches_that_become_arrow(name: str) -> None:
    found = [item for item in read(io.BytesIO(READ[name]), "a") if not isinstance(item, Skipped)]
    (batch,) = batches(io.BytesIO(READ[name]), "a")
    assert list(batch.records()) == found
    rows = batch.arrow().to_pylist()
    assert [(row["start"], row["end"]) for row in rows] == [(each.start, each.end) for each in found]
    for row, each in zip(rows, found, strict=True):
        if isinstance(each, RawRecord):
            assert (row["key"], row.get("html")) == (each.key, each.html)
            assert {field: row[field] for field in each.fields} == each.fields
            assert {field: row[f"extra.{field}"] for field in each.extra} == each.extra
        else:
            assert (row["reason_code"], row["preview"]) == (each.reason_code, each.preview)


def test_batches_are_bounded_by_rows_and_by_weight() -> None:
    line = b'{"id": "%d", "text": "%s"}\n'
    many = b"".join(line % (i, b"Rain fell.") for i in range(450))
    assert [len(batch) for batch in batches(io.BytesIO(many), "a")] == [200, 200, 50]
    heavy = b"".join(line % (i, b"x" * 1_500_000) for i in range(5))
    assert [len(batch) for batch in batches(io.BytesIO(heavy), "a")] == [3, 2]


def test_what_was_read_before_a_stream_fails_is_handed_on() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 1 << 16:
                raise OSError("the disk is gone")
            return super().read(size)

    found = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(batches(Failing(b'{"id": "1", "text": "Rain fell."}\n' * 4_000), "a"))
    assert sum(map(len, found)) == (1 << 16) // 34


values = st.sampled_from(["a", 'say: "b" : c', '\\"', "naïve", ""]) | st.text(max_size=9)
objects = st.dictionaries(st.sampled_from(["id", "text", "a:", 'q"', "tags"]), values | st.lists(values, max_size=2))
odd = st.sampled_from(
    [
        b"",
        b" ",
        b"{",
        b'{"a":1,"a":2}',
        b'{"text": "x", "text" : "y"}',
        b'{"text" :"x"}',
        b"\xef\xbb\xbf",
        b'{"text":"\xe4"}',
    ]
)
json_lines = st.lists(odd | objects.map(lambda value: json.dumps(value).encode()), max_size=12)


@given(json_lines, st.integers(1, 40), st.integers(10, 60))
def test_json_lines_are_the_same_however_they_are_cut(found: list[bytes], size: int, limit: int) -> None:
    data, how = b"\n".join(found), Reading(ReadLimits(max_record=limit))

    def lines_of(piece: int) -> list[Item]:
        chunks = (data[i : i + piece] for i in range(0, len(data), piece))
        items = jsonl_reader._lines(chunks, b"", how, 0)
        # Of a line that is not held, as much is shown as came at once.
        return [replace(each, preview="") if isinstance(each, Rejected) else each for each in items]

    assert lines_of(size) == lines_of(1 << 20)
    with patch.object(jsonl_reader, "plain_object", lambda *args: None):
        assert lines_of(1 << 20) == lines_of(size)
