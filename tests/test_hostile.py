"""What a stranger can send: every trick costs itself, with one clear reason, and neither crashes, hangs, bloats nor shortens a night."""

import bz2
import io
import json
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import ipc

from bench.fuzz import check
from tests.reading import (
    all_of,
    http_response,
    packed,
    page_of,
    reasons_of,
    records_of,
    skipped_of,
    tarred,
    warc_record,
    zipped,
)  # fmt: skip
from tests.samples import JSONL, SAMPLES
from transforms.read import Reading, ReadLimits, read
from transforms.records import RawRecord, Rejected

LONG = b"".join(
    b'{"id": "%d", "text": "Article number %d of a dump that is cut."}\n' % (n, n * 7919) for n in range(500)
)
PAGES = [
    warc_record(
        "response",
        http_response(page_of(" ".join(str(n * i * 7919 % 10_007) for i in range(300)))),
        f"https://e.org/{n}",
    )
    for n in range(5)
]
SMALL = ReadLimits(ratio_grace=1 << 16, max_decompressed=1 << 24)
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": packed, "zstd": zstandard.ZstdCompressor(write_checksum=True).compress, "bzip2": bz2.compress, "xz": lzma.compress,
}  # fmt: skip


@pytest.mark.parametrize("kind", COMPRESSORS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_stream_is_found_and_gives_no_record(kind: str, share: float) -> None:
    whole = COMPRESSORS[kind](LONG)
    assert reasons_of(whole[: int(len(whole) * share)]) == [f"truncated_{kind}"]
    assert not [item for item in all_of(whole[:-1]) if isinstance(item, RawRecord)]


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_a_stream_cut_between_its_frames_is_whole_and_one_cut_in_the_second_is_not(kind: str) -> None:
    two = COMPRESSORS[kind](LONG[:5_000]) + COMPRESSORS[kind](LONG[5_000:])
    assert len(records_of(two)) == 500
    assert reasons_of(two[:-9]) == [f"truncated_{kind}"]


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_a_stream_with_a_flipped_bit_is_found(kind: str) -> None:
    data = bytearray(COMPRESSORS[kind](LONG))
    data[len(data) // 2] ^= 0x10
    (reason,) = reasons_of(bytes(data))
    assert reason in (f"corrupt_{kind}", f"truncated_{kind}")


def test_a_truncated_zip_and_a_damaged_member_are_found() -> None:
    data = zipped({"a.jsonl": LONG, "b.jsonl": JSONL})
    assert reasons_of(data[:-30]) == ["truncated_zip"]
    damaged = bytearray(data)
    damaged[200] ^= 0xFF
    found = all_of(bytes(damaged))
    (refused,) = [item for item in found if isinstance(item, Rejected)]
    assert (refused.reason_code, refused.member) == ("corrupt_zip", "a.jsonl")
    assert [item.key for item in found if isinstance(item, RawRecord)] == ["a", "b"]


def test_a_truncated_tar_and_a_damaged_header_are_found() -> None:
    data = tarred({"a.txt": b"First text.", "b.txt": b"Second text." * 100, "c.txt": b"x"})
    assert reasons_of(data[:2_000]) == ["truncated_tar"]
    assert reasons_of(tarred({"a.txt": b"x"})[:1024]) == ["truncated_tar"]
    damaged = bytearray(data)
    damaged[1024] ^= 0xFF
    found = all_of(bytes(damaged))
    assert [type(item) for item in found] == [RawRecord, Rejected] and reasons_of(bytes(damaged)) == ["corrupt_tar"]


def test_a_truncated_web_archive_keeps_its_whole_records_and_says_where_it_ends() -> None:
    for data in (b"".join(map(packed, PAGES)), packed(b"".join(PAGES)), b"".join(PAGES)):
        found = all_of(data[:-20] if data[:2] == b"\x1f\x8b" else data[:-40])
        assert len([item for item in found if isinstance(item, RawRecord)]) == 4
        (refused,) = [item for item in found if isinstance(item, Rejected)]
        assert refused.reason_code in ("truncated_gzip", "truncated_warc") and refused.start > 0


def test_a_corrupt_middle_member_costs_itself() -> None:
    members = [bytearray(packed(page)) for page in PAGES]
    members[2][60] ^= 0xFF
    found = all_of(b"".join(bytes(member) for member in members))
    assert [item.fields["url"][-1] for item in found if isinstance(item, RawRecord)] == ["0", "1", "3", "4"]
    assert [item.reason_code for item in found if isinstance(item, Rejected)] == ["corrupt_gzip"]


@pytest.mark.parametrize("length", [10, 100_000, 10**15, -1], ids=["short", "long", "huge", "none"])
def test_a_wrong_content_length_costs_its_record(length: int) -> None:
    wrong = warc_record("response", http_response(page_of("wrong")), length=length)
    found = all_of(PAGES[0] + wrong + PAGES[1])
    assert [item.fields["url"][-1] for item in found if isinstance(item, RawRecord)] == ["0", "1"]
    assert [item.reason_code for item in found if isinstance(item, Rejected)] == ["wrong_length"]


@pytest.mark.parametrize("new", [ipc.new_file, ipc.new_stream], ids=["file", "stream"])
@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_a_batch_that_would_fill_the_memory_is_refused_before_it_is_opened(codec: str, new: Any) -> None:
    rows = pa.table({"text": ["x" * 1_000_000] * 60})
    out = io.BytesIO()
    with new(out, rows.schema, options=ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(rows)
    with patch.object(ipc, "open_stream", side_effect=AssertionError("it was opened")):
        assert reasons_of(out.getvalue(), Reading(SMALL)) == ["compression_bomb"]


def test_an_arrow_file_whose_list_names_other_batches_is_refused() -> None:
    out = io.BytesIO()
    rows = pa.table({"text": ["One.", "Two."]})
    with ipc.new_file(out, rows.schema) as writer:
        for batch in rows.to_batches(max_chunksize=1):
            writer.write_batch(batch)
    assert len(records_of(out.getvalue())) == 2
    with patch("transforms.read.arrow.claimed", return_value=(0, 1)):
        assert reasons_of(out.getvalue()) == ["corrupt_arrow"]


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (packed(page_of("x" * 500))[:-9], {"Content_Encoding": "gzip"}, "truncated_body"),
        (b"\x1f\x8b\x08\x00garbage and more of it", {"Content_Encoding": "gzip"}, "corrupt_body"),
        (b"ff\r\n<p>too short", {"Transfer_Encoding": "chunked"}, "truncated_body"),
        (packed(b"<p>" * (6 << 20)), {"Content_Encoding": "gzip"}, "compression_bomb"),
        (zstandard.compress(b"<p>" * (6 << 20)), {"Content_Encoding": "zstd"}, "compression_bomb"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" * 50, {}, "binary"),
        (b"", {}, "no_text"),
    ],
)  # fmt: skip
def test_a_hostile_response_costs_itself(body: bytes, headers: dict[str, str], reason: str) -> None:
    found = all_of(PAGES[0] + warc_record("response", http_response(body, **headers)) + PAGES[1])
    assert [type(item) for item in found] == [RawRecord, Rejected, RawRecord] and found[1].reason_code == reason  # type: ignore[union-attr]


def peak_of(items: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        items()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


ZEROS = b"\n" * (32 << 20)


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_a_compression_bomb_is_refused_before_it_fills_the_memory(kind: str) -> None:
    bomb = COMPRESSORS[kind](ZEROS)
    for data in (bomb, COMPRESSORS[kind](bomb), tarred({"a": bomb})):
        assert set(reasons_of(data, SMALL)) == {"compression_bomb"}
    # zstd gives what a piece holds at once.
    assert peak_of(lambda: reasons_of(bomb, SMALL)) < (64 if kind == "zstd" else 24) << 20


def test_a_zip_bomb_is_refused_member_by_member_and_as_a_whole() -> None:
    bomb = zipped({"a": ZEROS, "b.txt": b"A text."})
    found = all_of(bomb, how=SMALL)
    assert [type(item) for item in found] == [Rejected, RawRecord] and reasons_of(bomb, SMALL) == ["compression_bomb"]
    assert reasons_of(zipped({"x.zip": bomb}), SMALL) == ["compression_bomb"]
    many = zipped({f"{n}.txt": bytes(range(97, 122)) * 40_000 for n in range(30)})
    assert "compression_bomb" in reasons_of(many, ReadLimits(max_decompressed=1 << 23, ratio_grace=1 << 30))
    assert reasons_of(zipped({str(n): b"x" for n in range(9)}), ReadLimits(max_members=8))[-1] == "too_many_members"


def test_a_zstd_of_run_length_blocks_is_refused_in_little_memory() -> None:
    block = struct.pack("<I", (128 << 10) << 3 | 1 << 1)[:3] + b"a"
    frame = b"\x28\xb5\x2f\xfd\x00\x38" + block * 20_000 + struct.pack("<I", 1)[:3]
    assert len(frame) < 100_000 and reasons_of(frame, SMALL) == ["compression_bomb"]
    assert peak_of(lambda: reasons_of(frame, SMALL)) < 300 << 20


def test_a_decompressor_that_wants_gigabytes_is_refused() -> None:
    wide = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=30)).compressobj()
    assert reasons_of(wide.compress(JSONL) + wide.flush()) == ["corrupt_zstd"]


def test_an_archive_three_deep_is_refused() -> None:
    assert reasons_of(zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": b"x"})})})) == ["nested_archive"]
    assert reasons_of(tarred({"a.gz": packed(packed(JSONL))})) == ["nested_archive"]


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("name", ["../up.txt", "a/../../up.txt", "/etc/passwd", "C:/x.txt", "..\\up.txt"])
def test_a_path_that_leads_elsewhere_is_refused(name: str) -> None:
    for data in (zipped({name: b"Text.", "ok.txt": b"Fine."}), tarred({name: b"Text.", "ok.txt": b"Fine."})):
        found = all_of(data)
        assert [type(item) for item in found] == [Rejected, RawRecord] and reasons_of(data) == ["unsafe_path"]


def test_links_in_archives_are_refused_and_devices_too() -> None:
    more = [link("a", tarfile.SYMTYPE, "/etc/passwd"), link("b", tarfile.LNKTYPE, "a"), link("p", tarfile.FIFOTYPE, "")]
    assert reasons_of(tarred({"ok.txt": b"Fine."}, more)) == ["archive_link", "archive_link", "unsupported_format"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert reasons_of(out.getvalue()) == ["archive_link"]


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(zipped({"a.txt": b"A text."}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert reasons_of(bytes(data)) == ["encrypted"]


LOLS = "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10 if n else "lol"}">' for n in range(10))


@pytest.mark.parametrize(
    "doctype",
    [
        f"<!DOCTYPE rss [{LOLS}]>",
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>',
    ],
    ids=["laughs", "external", "parameter"],
)
def test_a_document_with_entities_of_its_own_is_refused(doctype: str) -> None:
    body = "<channel><item><title>&lol9;</title><description>&x;</description></item></channel>"
    for root in ("rss", "nitf"):
        data = f'<?xml version="1.0"?>{doctype.replace("rss", root)}<{root}>{body}</{root}>'
        assert reasons_of(data.encode()) == ["xml_entities"]


def test_a_doctype_from_elsewhere_is_not_looked_up() -> None:
    rss = b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd"><rss><item><title>T</title><description>&nbsp;x</description></item></rss>'
    (record,) = records_of(rss)
    assert record.fields["title"] == "T"


def test_a_broken_entry_costs_itself() -> None:
    rss = b"<rss><channel><item><title>A</title></item><item><title>B</wrong></item><item><title>C</title></item><item><title>D"
    found = all_of(rss)
    assert [item.fields["title"] for item in found if isinstance(item, RawRecord)] == ["A", "C"]
    assert reasons_of(rss) == ["bad_xml", "bad_xml"]


def test_deep_and_wide_markup_does_not_hang_a_feed() -> None:
    deep = (
        b"<rss><item><title>A</title><description>"
        + b"<b>" * 100_000
        + b"x"
        + b"</b>" * 100_000
        + b"</description></item></rss>"
    )
    wide = b"<rss><item><title>A</title><x " + b" ".join(b'a%d=""' % n for n in range(200_000)) + b"/></item></rss>"
    for data in (deep, wide):
        assert len(all_of(data)) == 1


def test_a_line_of_100_mb_is_passed_over_without_being_held() -> None:
    def stream() -> Iterator[bytes]:
        yield b'{"id": "a", "text": "First."}\n{"text": "'
        yield from [b"x" * (1 << 16)] * 1_600
        yield b'"}\n{"id": "z", "text": "Last."}\n'

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self._pieces = stream()

        def read(self, size: int = -1) -> bytes:
            return next(self._pieces, b"")

    found: list[object] = list(read(Stream(), "x"))  # type: ignore[arg-type]
    first, refused, last = found
    assert isinstance(first, RawRecord) and isinstance(last, RawRecord) and (first.key, last.key) == ("a", "z")
    assert isinstance(refused, Rejected) and refused.reason_code == "record_too_large"


@pytest.mark.parametrize("shape", ["[%s]", '{"a": "b",\n "articles": [%s]}'])
def test_an_element_of_100_mb_is_passed_over_without_being_held(shape: str) -> None:
    head, tail = (shape % '{"id": 1, "text": "a"},|, {"id": 2, "text": "b"}').split("|")

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            pieces = [head.encode() + b'{"text": "', *[b"x" * (1 << 16)] * 1_600, b'"}' + tail.encode()]
            self._pieces = iter(pieces)

        def read(self, size: int = -1) -> bytes:
            return next(self._pieces, b"")

    found: list[object] = []
    assert peak_of(lambda: found.extend(read(Stream(), "x"))) < 100 << 20  # type: ignore[arg-type]
    assert "record_too_large" in [item.reason_code for item in found if isinstance(item, Rejected)]
    if shape == "[%s]":
        assert [item.key for item in found if isinstance(item, RawRecord)] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "a", "title": "one", "title": "two"}', "duplicate_key"),
        (b'{"text": "a", "meta": {"k" : 1, "k" : 2}}', "duplicate_key"),
        (b'{"text": "a", "n": NaN, "k": 1, "k": 2}', "duplicate_key"),
        (b'{"text": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001, "too_deep"),
    ],
)  # fmt: skip
def test_a_line_that_says_two_things_or_none_is_refused(line: bytes, reason: str) -> None:
    assert reasons_of(line + b"\n" + JSONL) == [reason]


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (b'{"text": "a", "title": "same", "title": "same"}', {"body": "a", "title": "same"}),
        (b'{"text": "He said \\"no\\": twice \\":.", "n": [{"a": 1}, {"a": 2}]}', {"body": 'He said "no": twice ":.'}),
        (b'{"text": "a", "date": 1e999, "url": NaN, "source": -1e999}', {"body": "a"}),
        (b'{"text": "a", "title": 1' + b"0" * 10_000 + b"}", {"body": "a", "title": "1" + "0" * 10_000}),
    ],
    ids=["same twice", "quoted colons", "no numbers", "a long number"],
)
def test_an_odd_line_is_read_for_what_it_says(line: bytes, fields: dict[str, str]) -> None:
    (record,) = records_of(line + b"\n")
    assert dict(record.fields) == fields


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"text": "a\x00b"}', "a\x00b"),
        (b'{"text": "a\\u0000b"}', "a\x00b"),
        (b'{"text": "a \\ud83d b"}', "a \ufffd b"),
        ('{"text": "Straße"}'.encode("utf-16"), "Straße"),
        (b'\xef\xbb\xbf{"text": "a"}', "a"),
        (b'{"text": "caf\xe9 na\xefve"}', "café naïve"),
        ('{"text": "cafÃ©"}'.encode(), "cafÃ©"),
    ],
    ids=["NUL", "escaped NUL", "lone surrogate", "utf-16", "bom", "not utf-8", "mojibake is the cleaner's"],
)
def test_text_in_any_encoding_is_text(data: bytes, text: str) -> None:
    for line in (data, data[: -1 if len(data) % 2 else None] if data[:2] == b"\xff\xfe" else data):
        (record,) = records_of(line)
        assert record.fields["body"] == text
        record.fields["body"].encode("utf-8")


def test_a_new_column_at_row_30_001_is_kept() -> None:
    lines = [b'{"id": %d, "text": "x"}' % n for n in range(30_000)] + [b'{"id": 30000, "text": "y", "late": "here"}']
    *_, last = records_of(b"\n".join(lines))
    assert last.extra == {"late": "here"}
    table = b"id,text\n" + b"".join(b"%d,x\n" % n for n in range(30_000))
    assert reasons_of(table + b"30000,y,here\n") == ["wrong_columns"]
    header_again = table + b"id,text,author\n30000,y,here\n"
    assert reasons_of(header_again) == ["wrong_columns", "wrong_columns"]


def test_a_field_of_10_mb_is_read_and_one_over_the_limit_is_refused() -> None:
    row = b'2,"' + (b"long text " * 99 + b"long text\n") * 10_000 + b'"\n'
    found = records_of(b"id,text\n1,one\n" + row + b"3,three\n")
    assert [len(record.fields["body"]) for record in found] == [3, 10_000_000, 5]
    limited = all_of(b"id,text\n1,one\n" + row + b"3,three\n", how=ReadLimits(max_record=1 << 20))
    assert [item.key for item in limited if isinstance(item, RawRecord)] == ["1", "3"]


def test_an_unbalanced_quote_costs_its_row() -> None:
    rows = [b'%d,"Title %d, with comma",text\n' % (n, n) for n in range(200)]
    rows[100] = b'100,"Never closed, text\n'
    data = b"id,title,text\n" + b"".join(rows)
    assert reasons_of(data) == ["unbalanced_quotes"]
    assert len([item for item in all_of(data) if isinstance(item, RawRecord)]) == 199


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" * 30, b"%PDF-1.7\n1 0 obj", b"\x89PNG\r\n\x1a\n\x00\x00"]
)
def test_a_picture_named_html_is_no_page(data: bytes) -> None:
    (refused,) = all_of(data, "page.html")
    assert isinstance(refused, Rejected) and refused.reason_code == "binary"


def parquet(rows: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(rows, out, write_page_checksum=True)
    return out.getvalue()


def test_a_damaged_columnar_file_is_found() -> None:
    data = parquet(pa.table({"id": [str(n) for n in range(3_000)], "text": [f"text {n * 7919}" for n in range(3_000)]}))
    for broken in (data[:-20], data[: len(data) // 2], b"PAR1" + b"\x00" * 100 + b"PAR1"):
        assert reasons_of(broken) == ["corrupt_parquet"]
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0x01
    assert reasons_of(bytes(flipped)) == ["corrupt_parquet"]
    arrow = bytearray(SAMPLES["arrow stream"])
    assert reasons_of(bytes(arrow[: len(arrow) // 2])) == ["corrupt_arrow"]


def test_a_columnar_bomb_is_refused_in_little_memory() -> None:
    text = "word " * 200_000
    data = parquet(pa.table({"text": pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), [text])}))
    assert len(data) < 1 << 20
    before = pa.total_allocated_bytes()
    (*loaded, refused) = list(read(io.BytesIO(data), "x"))
    assert isinstance(refused, Rejected) and refused.reason_code == "compression_bomb" and refused.end == 20_000
    assert len(loaded) < 2_000 and pa.total_allocated_bytes() - before < 200 << 20


@pytest.mark.parametrize(
    "mail",
    [
        b"Received: x\nFrom: =?utf-8?b?!!!?= <a@b>\nSubject: =?x-none?q?=FF?=\nDate: \xff\nMIME-Version: 1.0\n\nText.",
        b"Received: x\nFrom: " + b"(" * 5_000 + b"\nSubject: x\n\nText.",
        b"Received: x\nFrom: a\nContent-Type: text/plain; charset=nonsense\n\nText.",
        b"Received: x\nFrom: a\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\nnot base64 at all!",
        b"Received: x\nFrom: a\nContent-Type: multipart/mixed\n\nno boundary",
    ],
)
def test_a_hostile_message_is_one_item(mail: bytes) -> None:
    assert len(all_of(mail)) == 1


def test_a_message_of_endless_parts_is_refused() -> None:
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(5_000))
    assert reasons_of(b"Received: x\nFrom: a\n" + parts) == ["too_many_parts"]


def test_a_million_lines_with_one_key_are_read_in_little_memory() -> None:
    line = b'{"id": "same", "text": "One."}\n'

    class Stream(io.RawIOBase):
        left = 20_000

        def read(self, size: int = -1) -> bytes:
            self.left -= 1_000
            return line * 1_000 if self.left >= 0 else b""

    assert peak_of(lambda: sum(1 for _ in read(Stream(), "x"))) < 16 << 20  # type: ignore[arg-type]


@settings(max_examples=150)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_no_mutation_of_a_dump_breaks_a_promise(name: str, data: st.DataObject) -> None:
    sample = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(sample)))
        kind = data.draw(st.sampled_from(["cut", "flip", "insert", "repeat", "drop"]))
        if kind == "cut":
            del sample[at:]
        elif kind == "flip" and at < len(sample):
            sample[at] ^= data.draw(st.integers(1, 255))
        elif kind == "insert":
            sample[at:at] = data.draw(st.binary(max_size=12))
        elif kind == "repeat":
            sample[at:at] = sample[max(0, at - 30) : at] * data.draw(st.integers(1, 20))
        else:
            del sample[at : at + data.draw(st.integers(1, 40))]
    check(bytes(sample))


@given(st.binary(max_size=600))
def test_no_bytes_break_a_promise(data: bytes) -> None:
    check(data)


@given(st.sampled_from(["gzip", "zstd", "bzip2", "xz"]), st.binary(max_size=300), st.integers(0, 400))
def test_what_is_packed_comes_out_whole_or_not_at_all(kind: str, data: bytes, cut: int) -> None:
    whole = COMPRESSORS[kind](b"Text: " + data.hex().encode())
    # Of fewer bytes nobody can say what they were.
    cut = min(cut, len(whole) - 12)
    found = all_of(whole[: len(whole) - cut])
    assert bool(cut) == any(isinstance(item, Rejected) for item in found)


@given(
    st.lists(
        st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.none() | st.integers(), max_size=5), max_size=6
    )
)
def test_json_lines_are_counted_however_odd(rows: list[dict[str, object]]) -> None:
    data = "\n".join(json.dumps(row) for row in [{"text": "first"}, *rows]).encode()
    assert len(all_of(data)) == 1 + len(rows)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20),
            st.text('ab,"\n', max_size=12),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_table_written_by_the_book_is_read_back(rows: list[tuple[str, str]]) -> None:
    import csv as book

    out = io.StringIO(newline="")
    writer = book.writer(out, quoting=book.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["text", "title"])
    kept = [
        (text, title)
        for text, title in rows
        if text.strip().casefold() not in ("", "nan", "none", "null", "nat", "n/a", "<na>", "\\n")
    ]
    writer.writerows(kept)
    found = records_of(out.getvalue().encode())
    assert [record.fields["body"] for record in found] == [text for text, _ in kept]


def test_zlib_is_told_from_gzip() -> None:
    assert skipped_of(zlib.compress(b"x")) == {} and len(all_of(zlib.compress(b"x" * 400))) == 1
    assert len(all_of(b"A text.", how=Reading())) == 1


@pytest.mark.parametrize(
    "charset", ["x\x00y", "base64", "zlib", "idna", "punycode", "undefined", "unicode_escape", "rot13", "nonsense"]
)
def test_an_encoding_that_is_none_is_not_believed(charset: str) -> None:
    page = http_response(b"<html><p>caf\xe9</p></html>", Content_Type=f"text/html; charset={charset}")
    (record,) = records_of(warc_record("response", page))
    assert record.html is not None and "café" in record.html


def test_a_member_without_a_name_is_refused() -> None:
    assert reasons_of(zipped({"": b"A text."})) == ["unsafe_path"]
