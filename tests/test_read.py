"""Reading: what a dump is, which records it holds, and what is refused with which reason."""

import codecs
import gzip
import io
import json
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.read import Format, ReadLimits, read, sniff
from transforms.read.lines import lines
from transforms.records import RawRecord, Rejected


def packed(data: bytes) -> bytes:
    """Return the data as gzip without a time of day in it: parameters of tests must be the same in every process."""
    return gzip.compress(data, mtime=0)


TWO = b'{"id": "a", "text": "First."}\n{"id": "b", "text": "Second."}\n'
PAGE = b"<!DOCTYPE html><html><head><title>T</title></head><body><p>Hello.</p></body></html>"


class Pipe(io.RawIOBase):
    """A stream that gives a few bytes at a time and cannot be rewound."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, 7) if size > 0 else 7)


def all_of(data: bytes, name: str = "dump", limits: ReadLimits | None = None) -> list[RawRecord | Rejected]:
    return list(read(io.BytesIO(data), name, limits))


def records_of(data: bytes, name: str = "dump") -> list[RawRecord]:
    found = all_of(data, name)
    assert all(isinstance(record, RawRecord) for record in found), found
    return [record for record in found if isinstance(record, RawRecord)]


def reason_of(data: bytes, limits: ReadLimits | None = None) -> str:
    (refused,) = all_of(data, limits=limits)
    assert isinstance(refused, Rejected)
    assert refused.stage == "read"
    assert len(refused.preview) <= 200
    return refused.reason_code


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Format.EMPTY),
        (b" \r\n\t\x00", Format.EMPTY),
        (codecs.BOM_UTF8, Format.EMPTY),
        (b"WASHINGTON: Two things happened.\n", Format.TEXT),
        (b"[WASHINGTON] Two things happened.\n", Format.TEXT),
        ("Čtyři zprávy z Prahy.".encode("utf-16"), Format.TEXT),
        ("caf\xe9 na\xefve".encode("cp1252"), Format.TEXT),
        (b"One NUL \x00 is an accident.", Format.TEXT),
        (PAGE, Format.HTML),
        (b'<?xml version="1.0"?>\n<!-- x -->\n' + PAGE, Format.HTML),
        (b'<?xml version="1.0"?><rss><channel/></rss>', Format.FEED),
        (b'<?xml version="1.0"?><invoice><total/></invoice>', Format.XML),
        (TWO, Format.JSONL),
        (codecs.BOM_UTF8 + TWO, Format.JSONL),
        (TWO.decode().encode("utf-16"), Format.JSONL),
        (b"not json\n" + TWO, Format.JSONL),
        (b'[{"id": 1},\n{"id": 2}]', Format.JSON),
        (b'{\n  "id": 1,\n  "text": "x"\n}\n', Format.JSON),
        (packed(TWO), Format.GZIP),
        (b"%PDF-1.7 ...", Format.BINARY),
        (b"\x89PNG\r\n\x1a\n", Format.BINARY),
        (bytes(range(256)) * 4, Format.BINARY),
    ],
)
def test_a_format_is_told_from_content(data: bytes, expected: Format) -> None:
    assert sniff(data) is expected


def test_a_text_file_is_one_record_whose_key_is_its_name() -> None:
    (record,) = records_of("Eins. Zwei — drei.\n".encode(), "007_x.txt")
    assert (record.key, record.start, record.end) == ("007_x.txt", 0, 21)
    assert record.fields == {"body": "Eins. Zwei — drei.\n"}


def test_an_archive_of_a_text_has_the_texts_own_name() -> None:
    (record,) = records_of(packed(b"Some text."), "007_x.txt.gz")
    assert record.key == "007_x.txt"


def test_a_page_is_one_record_and_keeps_its_declared_encoding() -> None:
    page = '<html><head><meta charset="windows-1251"></head><body><p>Привет, мир</p></body></html>'.encode("cp1251")
    (record,) = records_of(page, "page.html")
    assert record.key == "page.html"
    assert record.html is not None and "Привет, мир" in record.html
    assert record.extra["text_encoding"] == "cp1251"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (codecs.BOM_UTF8 + "é".encode(), "é"),
        ("é and more words".encode("utf-16"), "é and more words"),
        ("plain words, é once".encode("utf-16-le"), "plain words, é once"),
        ("the café’s owner".encode("cp1252"), "the café’s owner"),
        (
            "Новости дня: президент подписал указ о назначении".encode("cp1251"),
            "Новости дня: президент подписал указ о назначении",
        ),
        ("ok — ok — ok ".encode() + b"\xff", "ok — ok — ok \ufffd"),
    ],
    ids=["bom", "utf-16", "utf-16 unmarked", "cp1252", "cp1251", "one bad byte"],
)
def test_text_is_decoded_by_mark_utf8_or_detection(data: bytes, text: str) -> None:
    (record,) = records_of(data)
    assert record.fields["body"] == text


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF8])
def test_json_lines_give_a_record_a_line_with_its_bytes(newline: bytes, bom: bytes) -> None:
    data = bom + TWO.replace(b"\n", newline)
    found = records_of(data)
    assert [r.key for r in found] == ["a", "b"]
    assert [json.loads(data[r.start : r.end].removeprefix(bom))["id"] for r in found] == ["a", "b"]


def test_wide_json_lines_are_cut_at_wide_newlines() -> None:
    data = '{"id": 1, "text": "ਊ"}\n{"id": 2, "text": "Ċ"}\n'.encode("utf-16")
    found = records_of(data)
    assert [(r.key, r.fields["body"]) for r in found] == [("1", "ਊ"), ("2", "Ċ")]
    assert json.loads(data[found[1].start : found[1].end].decode("utf-16-le"))["id"] == 2


def test_a_json_array_and_a_single_spread_object_are_read_too() -> None:
    data = b'[{"id": 1, "text": "a]}\\"{"},\n {"id": 2, "text": "b"}]'
    found = records_of(data)
    assert [r.key for r in found] == ["1", "2"]
    assert json.loads(data[found[0].start : found[0].end])["id"] == 1
    assert records_of(b'{\n "id": 3,\n "text": "c"\n}')[0].key == "3"


def test_fields_in_the_wild_map_to_ours_and_the_rest_is_extra() -> None:
    line = {
        "guid": 17,
        "link": "https://example.org/a",
        "headline": "H",
        "maintext": "Body.",
        "publisher": {"name": "Example", "logo": "x"},
        "pubDate": "Sat, 04 Sep 2021 02:28:00 GMT",
        "date_modify": "2021-09-05",
        "scraped_at": 1630809600,
        "authors": ["Jane Doe", {"name": "John Roe"}],
        "tags": ["a", 1],
        "section": "World",
        "empty": "",
        "nothing": None,
    }
    (record,) = records_of(json.dumps(line).encode())
    assert record.key == "17"
    assert record.fields == {
        "url": "https://example.org/a",
        "title": "H",
        "body": "Body.",
        "source": "Example",
        "published": "Sat, 04 Sep 2021 02:28:00 GMT",
        "updated": "2021-09-05",
        "fetched": "1630809600",
        "author": "Jane Doe; John Roe",
    }
    assert json.loads(record.extra["publisher"]) == line["publisher"]
    assert json.loads(record.extra["tags"]) == ["a", 1]
    assert record.extra["section"] == "World"
    assert "empty" not in record.extra and "nothing" not in record.extra


def test_our_own_name_wins_and_the_second_alias_is_kept() -> None:
    (record,) = records_of(
        b'{"id": "k", "text": "alias", "body": "own", "source_domain": "a.com", "source": "A", "_id": {"$oid": "9"}}'
    )
    assert record.fields["body"] == "own"
    assert record.fields["source"] == "A"
    assert record.extra == {"text": "alias", "source_domain": "a.com", "_id": '{"$oid":"9"}'}
    assert record.key == "k"


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (b'{"text": "a \\ud83d b"}', "a \ufffd b"),
        (b'{"text": "a \\ud83d\\ude00 b"}', "a \U0001f600 b"),
        (b'{"text": "a\x00b"}', "a\x00b"),
        (b'{"text": "tab\tin a string"}', "tab\tin a string"),
        (b'{"text": "caf\xe9"}', "café"),
        (b'{"text": "x", "id": NaN, "score": -Infinity}', "x"),
    ],
    ids=["lone surrogate", "pair", "NUL", "raw control", "cp1252", "NaN"],
)
def test_a_hostile_line_that_still_says_something_is_read(line: bytes, body: str) -> None:
    (record,) = records_of(line + b"\n")
    assert record.fields["body"] == body
    record.fields["body"].encode("utf-8")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut', "bad_json"),
        (b'{"text": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", "too_deep"),
        (b'{"text": "x", "a": ' + b"[" * 100 + b"]" * 100 + b"}", "too_deep"),
        (b"[1, 2]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b'{"title": "no body"}', "no_text"),
        (b'{"text": "   "}', "no_text"),
        (b'{"text": "' + b"x" * 3_000 + b'"}', "record_too_large"),
    ],
)
def test_one_bad_line_is_refused_with_its_bytes_and_the_others_load(line: bytes, reason: str) -> None:
    first, bad, last = all_of(
        b'{"id": "a", "text": "A."}\n' + line + b'\n{"id": "z", "text": "Z."}',
        limits=ReadLimits(max_record=11_000 if reason == "too_deep" else 2_000),
    )
    assert isinstance(first, RawRecord) and isinstance(last, RawRecord)
    assert (first.key, last.key) == ("a", "z")
    assert isinstance(bad, Rejected)
    assert (bad.reason_code, bad.start, bad.end) == (reason, 26, 26 + len(line))


def test_a_cut_off_array_keeps_its_whole_elements() -> None:
    whole, cut = all_of(b'[{"id": 1, "text": "a"}, {"id": 2, "te')
    assert isinstance(whole, RawRecord) and whole.key == "1"
    assert isinstance(cut, Rejected) and cut.reason_code == "bad_json"


@pytest.mark.parametrize("cut", [1, 4, 8, 12, 30])
def test_a_truncated_archive_gives_no_record_at_all(cut: int) -> None:
    assert reason_of(packed(TWO * 50)[:-cut]) == "truncated_gzip"


def test_a_damaged_archive_gives_no_record_at_all() -> None:
    data = bytearray(packed(TWO * 50))
    data[-6] ^= 0xFF
    assert reason_of(bytes(data)) == "corrupt_gzip"
    assert reason_of(packed(TWO) + b"garbage") == "corrupt_gzip"


def test_an_archive_of_several_members_is_read_through() -> None:
    assert [r.key for r in records_of(packed(TWO) + packed(b'{"id": "c", "text": "Third."}'))] == [
        "a",
        "b",
        "c",
    ]


def test_a_compression_bomb_is_refused() -> None:
    limits = ReadLimits(ratio_grace=1 << 16)
    assert reason_of(packed(b"\n" * (1 << 20)), limits) == "compression_bomb"
    assert reason_of(packed(TWO * 50), ReadLimits(max_decompressed=100)) == "compression_bomb"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        (b"\n\n  ", "empty_file"),
        (packed(b""), "empty_file"),
        (b"\x00\x01\x02\x03" * 100, "binary"),
        (packed(b"\x00\x01\x02\x03" * 100), "binary"),
        (packed(packed(packed(TWO))), "nested_archive"),
        (b"<rss version='2.0'></rss>", "no_records"),
        (b'<?xml version="1.0"?><invoice><total>3</total></invoice>', "unsupported_format"),
    ],
)
def test_a_file_that_is_no_dump_is_refused(data: bytes, reason: str) -> None:
    assert reason_of(data) == reason


def test_a_text_or_page_beyond_the_limit_is_refused() -> None:
    assert reason_of(b"word " * 100, ReadLimits(max_record=100)) == "record_too_large"
    assert reason_of(PAGE * 3, ReadLimits(max_record=100)) == "record_too_large"


@pytest.mark.parametrize("data", [TWO, packed(TWO), PAGE, b"Some text.", b"", packed(TWO)[:-3]])
def test_a_pipe_reads_like_a_file(data: bytes) -> None:
    pipe: BinaryIO = Pipe(data)  # type: ignore[assignment]
    assert list(read(pipe, "dump")) == all_of(data)


@given(
    rows=st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")), max_size=8),
    size=st.integers(1, 20),
    limit=st.integers(5, 40),
)
def test_lines_are_those_of_the_stream_however_it_is_cut(rows: list[bytes], size: int, limit: int) -> None:
    data = b"\n".join(rows)
    found = list(lines((data[i : i + size] for i in range(0, len(data), size)), limit))
    expected = data.split(b"\n") if data else []
    assert [data[line.start : line.end] for line in found] == (
        expected[:-1] if expected and not expected[-1] else expected
    )
    assert all(line.data == (data[line.start : line.end] if line.end - line.start <= limit else None) for line in found)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    for item in all_of(data):
        assert 0 <= item.start <= item.end
