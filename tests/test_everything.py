"""The finish line of reading: every format and every trick in one folder, one night, and each single record has its fate and its reason."""

import io
import json
import lzma
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from pyarrow import ipc

from flows.settings import Settings
from tests.nights import ask, run
from tests.reading import http_response, packed, page_of, tarred, warc_record, zipped

# A night of this takes its time: the tagger reads every text, and a million brackets are pushed through every reader.
pytestmark = pytest.mark.slow
_PLACES = ("Vardal", "Osk", "Torkham", "Lindau", "Brest", "Narva", "Ystad", "Tarifa", "Bergen", "Corfu")


class Expected(NamedTuple):
    """What becomes of one file: records loaded, taken back, refused by reason, and parts passed over."""

    loaded: int = 0
    refused: Mapping[str, int] = {}
    skipped: int = 0
    withdrawn: int = 0
    again: int = 0


def story(n: int) -> str:
    """A text of a few sentences that no other number has."""
    place, other = _PLACES[n % 10], _PLACES[n // 10 % 10]
    return (
        f"The council of {place} decided on day {n} to close quay {n * 7} after {n * 13} crates from {other} were lost. "
        f"Dockers said that pier {n * 17} would take the ships of line {n * 19}, and that nobody had asked them before the vote."
    )


def line(n: int, **more: object) -> bytes:
    return json.dumps({"id": str(n), "title": f"Quay {n} closes", "text": story(n)} | more).encode() + b"\n"


def page(n: int) -> bytes:
    return page_of(f"<article><h1>Quay {n} closes</h1><p>{story(n)}</p><p>{story(n + 5000)}</p></article>")


def table(*numbers: int) -> pa.Table:
    return pa.table({"id": [str(n) for n in numbers], "text": [story(n) for n in numbers]})


def parquet(rows: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(rows, out, write_page_checksum=True)
    return out.getvalue()


def arrow(rows: pa.Table, codec: str | None = None) -> bytes:
    out = io.BytesIO()
    with ipc.new_file(out, rows.schema, options=ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(rows)
    return out.getvalue()


def mail(n: int) -> bytes:
    head = (
        f"Received: by mx\r\nMessage-ID: <{n}@e.org>\r\nFrom: news@e.org\r\nSubject: Quay {n}\r\nMIME-Version: 1.0\r\n"
    )
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{story(n)}\r\n".encode()


def rss(*numbers: int) -> bytes:
    items = "".join(
        f"<item><guid>{n}</guid><title>Quay {n}</title><description>{story(n)}</description></item>" for n in numbers
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>C</title>{items}</channel></rss>'.encode()


def response(n: int) -> bytes:
    return warc_record("response", http_response(page(n)), f"https://e.org/{n}")


GOOD: dict[str, tuple[bytes, Expected]] = {
    "text.txt": (story(1).encode(), Expected(1)),
    "utf16.txt": (story(2).encode("utf-16"), Expected(1)),
    "page.html": (page(3), Expected(1)),
    "lines.jsonl": (line(4) + line(5) + b"\n", Expected(2)),
    "array.json": (b"[" + line(6) + b"," + line(7) + b"]", Expected(2)),
    "answer.json": (b'{\n"articles": [' + line(8) + b"]}", Expected(1)),
    "news_please.json": (json.dumps({"maintext": story(9), "title_page": "T", "date_publish": "2026-03-01"}).encode(), Expected(1)),
    "table.csv": (f'id,title,text\n10,Q,"{story(10)}"\n11,Q,"{story(11)}"\n'.encode(), Expected(2)),
    "table.tsv": (f"id\ttitle\ttext\n12\tQ\t{story(12)}\n".encode(), Expected(1)),
    "rows.parquet": (parquet(table(13, 14, 15)), Expected(3)),
    "rows.arrow": (arrow(table(16, 17)), Expected(2)),
    "crawl.warc": (warc_record("warcinfo", b"x") + warc_record("request", b"GET /") + response(18) + warc_record("revisit", b""), Expected(1, skipped=3)),
    "crawl.warc.gz": (packed(response(19)) + packed(response(20)), Expected(2)),
    "texts.wet": (warc_record("conversion", story(21).encode(), "https://e.org/21"), Expected(1)),
    "feed.rss": (rss(22, 23), Expected(2)),
    "atom.xml": (f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>24</id><title>T</title><content>{story(24)}</content></entry></feed>'.encode(), Expected(1)),
    "sitemap.xml": (b'<urlset xmlns:n="x"><url><loc>https://e.org/s</loc><n:news><n:title>Head of it</n:title></n:news></url></urlset>', Expected(0, {"no_text": 1})),
    "item.nitf": (f'<nitf><head><docdata><doc-id id-string="25"/></docdata></head><body><body.content><p>{story(25)}</p></body.content></body></nitf>'.encode(), Expected(1)),
    "item.newsml": (f'<newsMessage xmlns="n"><packageItem/><newsItem guid="26"><headline>H</headline><inlineXML><html><body><p>{story(26)}</p></body></html></inlineXML></newsItem></newsMessage>'.encode(), Expected(1, skipped=1)),
    "letter.eml": (mail(27), Expected(1)),
    "letters.mbox": (b"From a@b Mon Mar  2 04:00:00 2026\r\n" + mail(28) + b"\r\nFrom a@b Mon Mar  2 05:00:00 2026\r\n" + mail(29), Expected(2)),
    "deep.tar.gz": (packed(tarred({"a/1.jsonl.zst": zstandard.compress(line(30)), "a/2.txt": story(31).encode()})), Expected(2)),
    "lines.jsonl.xz": (lzma.compress(line(32)), Expected(1)),
    "files.zip": (zipped({"1.txt": story(33).encode(), "2.html": page(34)}), Expected(2)),
    "taken_back.jsonl": (line(35) + b'{"id": "35", "deleted": true}\n{"id": "no such", "status": "withdrawn"}\n', Expected(1, withdrawn=2)),
    "wrong_name.pdf": (line(36), Expected(1)),
}  # fmt: skip

HOSTILE: dict[str, tuple[bytes, Expected]] = {
    "cut.jsonl.gz": (packed(line(40) * 50)[:-9], Expected(0, {"truncated_gzip": 1})),
    "cut.jsonl.zst": (zstandard.compress(line(40) * 50)[:-9], Expected(0, {"truncated_zstd": 1})),
    "cut.jsonl.xz": (lzma.compress(line(40) * 50)[:-9], Expected(0, {"truncated_xz": 1})),
    "cut.zip": (zipped({"a.txt": story(40).encode()})[:-30], Expected(0, {"truncated_zip": 1})),
    "cut.warc.gz": (packed(response(41)) + packed(response(42))[:-20], Expected(1, {"truncated_gzip": 1})),
    "corrupt_middle.warc.gz": (packed(response(43)) + packed(response(44))[:60] + b"\xff" * 40 + packed(response(44))[100:] + packed(response(45)), Expected(2, {"corrupt_gzip": 1})),
    "wrong_length.warc": (response(46) + response(47).replace(b"Content-Length: ", b"Content-Length: 9", 1), Expected(1, {"truncated_warc": 1})),
    "bomb.gz": (packed(b" " * (40 << 20)), Expected(0, {"compression_bomb": 1})),
    "bomb.zst": (zstandard.compress(b" " * (40 << 20)), Expected(0, {"compression_bomb": 1})),
    "bomb.zip": (zipped({"a.txt": b" " * (40 << 20)}), Expected(0, {"compression_bomb": 1})),
    "bomb.arrow": (arrow(pa.table({"text": ["x" * (1 << 20)] * 40}), "zstd"), Expected(0, {"compression_bomb": 1})),
    "deep.zip": (zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": b"x"})})}), Expected(0, {"nested_archive": 1})),
    "up.zip": (zipped({"../up.txt": b"x", "in.txt": story(48).encode()}), Expected(1, {"unsafe_path": 1})),
    "entities.xml": (b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item><title>&a;</title></item></channel></rss>', Expected(0, {"xml_entities": 1})),
    "attributes.html": (b"<html><body " + b" ".join(b'a%d="1"' % i for i in range(200_000)) + b"><p>x</p></body></html>", Expected(0, {"page_too_complex": 1})),
    "tags.html": (b"<html><body>" + b"<div>" * 100_000 + b"x", Expected(0, {"page_too_complex": 1})),
    "large.html": (page_of("<p>" + "word " * 4_200_000), Expected(0, {"record_too_large": 1})),
    "long_line.jsonl": (b'{"text": "' + b"x" * (17 << 20) + b'"}\n' + line(49), Expected(1, {"record_too_large": 1})),
    "odd_text.jsonl": (b'{"id": "50", "text": "' + story(50).encode() + b' NUL \\u0000 and \\ud800 and caf\xc3\x83\xc2\xa9 \xff"}\n', Expected(1)),
    "odd.jsonl": (b'{"id": "51", "text": "a", "text": "b"}\n' + b'{"text": ' + b"[" * 100_000 + b"\n" + line(52, m=1).replace(b"1}", b"NaN, \"k\": 1e999}") + b"[1]\n", Expected(1, {"duplicate_key": 1, "too_deep": 1, "not_an_object": 1})),
    "late_column.jsonl": (b"".join(line(100) for _ in range(3)) + line(53, surprise="a new column"), Expected(2, again=2)),
    "field.csv": (b'id,title,text\n54,Q,"' + b"word " * (2 << 20) + b'"\n' + f'55,Q,"{story(55)}"\n'.encode(), Expected(2)),
    "quotes.csv": (f'id,title,text\n56,Q,"{story(56)}"\n57,Q,"never closed\n'.encode(), Expected(1, {"unbalanced_quotes": 1})),
    "picture.html": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00\x01" * 200, Expected(0, {"binary": 1})),
    "paper.html": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 200, Expected(0, {"binary": 1})),
    "empty.txt": (b"", Expected(0, {"empty_file": 1})),
    "dates.jsonl": (line(58, date="0001-01-01") + line(59, date="9999-12-31T23:59:59Z"), Expected(2)),
    "parquet.cut": (parquet(table(60, 61))[:-20], Expected(0, {"corrupt_parquet": 1})),
    "nameless.jsonl": (b'{"deleted": true}\n', Expected(0, {"tombstone_without_key": 1})),
    "furniture.jsonl": (b'{"id": "62", "text": "Advertisement"}\n', Expected(0, {"no_text": 1})),
    "one_key.jsonl": (b"".join(line(63, text=f"{story(63)} Edition {n} of the day.") for n in range(400)), Expected(400)),
}  # fmt: skip


def _thrown_together(folder: Path) -> dict[str, Expected]:
    expected = {}
    for number, (name, (data, fate)) in enumerate((GOOD | HOSTILE).items()):
        # A feed each, so that no file's keys are another's.
        path = folder / f"feed{number:02}" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        expected[str(path)] = fate
    odd = folder / "odd"
    (odd / "empty folder").mkdir(parents=True)
    os.mkfifo(odd / "pipe")
    (odd / "dangling.txt").symlink_to(folder / "nowhere")
    (odd / "still.jsonl.part").write_bytes(line(70))
    expected |= {str(odd / name): Expected(0, {"unreadable": 1}) for name in ("pipe", "dangling.txt")}
    expected[str(odd / "still.jsonl.part")] = Expected()
    return expected


def test_a_folder_of_everything_has_a_fate_and_a_reason_for_every_record(tmp_path: Path) -> None:
    expected = _thrown_together(tmp_path / "dumps")
    row = run([tmp_path / "dumps"], tmp_path / "w", "2026-03-02", Settings(tagger="newsfold"))
    assert row["status"] == "published"
    refused: dict[str, Counter[str]] = {path: Counter() for path in expected}
    for each in ask(tmp_path / "w", "SELECT path, reason_code FROM quarantine"):
        refused[each["path"]][each["reason_code"]] += 1
    files = ask(tmp_path / "w", "FROM raw_files")
    found = {
        file["path"]: Expected(
            file["n_loaded"] + file["n_new_version"], dict(refused[file["path"]]), file["n_skipped"], file["n_withdrawn"],
            file["n_exact_repeat"],
        )
        for file in files
    }  # fmt: skip
    assert {path: fate for path, fate in found.items() if fate != expected[path]} == {}
    assert found.keys() == expected.keys()
    for file in files:
        assert file["n_records"] == sum(
            file[f"n_{fate}"] for fate in ("loaded", "exact_repeat", "new_version", "withdrawn", "quarantined")
        )
    fates = [row[f"n_{fate}"] for fate in ("loaded", "exact_repeat", "new_version", "withdrawn", "quarantined")]
    assert row["n_in"] == sum(fates) == sum(file["n_records"] for file in files)
    again = run([tmp_path / "dumps"], tmp_path / "w", "2026-03-03", Settings(tagger="newsfold"), reread=True)
    assert (again["status"], again["data_hash"]) == ("no_change", row["data_hash"])
