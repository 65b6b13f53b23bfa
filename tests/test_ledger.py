"""Exactly once: nights over files that stay, grow, move and change, and everything read again."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.dumps import find_dumps
from flows.intake import _Account, _stopped_at
from tests.nights import ask, run
from tests.reading import http_response, packed, warc_record, zipped
from transforms.records import RawRecord, Rejected

WORDS = (
    "Fishermen at the port of {} brought the harbour to a standstill on Tuesday in protest at new quotas for cod and haddock, "
    "the ministry said, and a spokesman for the union promised that boats number {} to {} would stay where they are until spring."
)


def line(n: int, **more: Any) -> bytes:
    """One article as a line."""
    article = {"id": str(n), "title": f"Port number {n} shut", "text": WORDS.format(f"Vardal-{n}", n * 17, n * 23)}
    return json.dumps(article | more).encode() + b"\n"


def fates(row: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return row["n_in"], row["n_loaded"], row["n_exact_repeat"], row["n_new_version"], row["n_quarantined"]


def test_each_record_counts_once_however_its_file_comes(tmp_path: Path) -> None:
    root, feed = tmp_path / "w", tmp_path / "wire"
    feed.mkdir()
    (feed / "a.jsonl").write_bytes(line(1) + line(2))
    (feed / "t.txt").write_bytes(b"A plain text.\n" + WORDS.format("Lun", 1, 2).encode())
    assert fates(run([feed], root, "2026-03-02")) == (3, 3, 0, 0, 0)

    same = run([feed], root, "2026-03-03")
    assert (same["status"], fates(same)) == ("no_change", (0, 0, 0, 0, 0))
    assert same["notes"] == ["2 files are as an earlier night read them; not read again"]

    # Grown by a line of which half is there, beside an alias; then the rest of it comes.
    whole = line(4)
    with (feed / "a.jsonl").open("ab") as file:
        file.write(line(3) + whole[:30])
    (feed / "2026-03-04").mkdir()
    (feed / "2026-03-04" / "t.txt").write_bytes((feed / "t.txt").read_bytes())
    assert fates(run([feed], root, "2026-03-04")) == (3, 1, 1, 0, 1)
    with (feed / "a.jsonl").open("ab") as file:
        file.write(whole[30:])
    assert fates(run([feed], root, "2026-03-05")) == (1, 1, 0, 0, 0)

    # Replaced: one line as it was, one with other words, one new.
    (feed / "a.jsonl").write_bytes(line(1) + line(2, text=WORDS.format("Vardal-2", 35, 46) + " Corrected.") + line(5))
    assert fates(run([feed], root, "2026-03-06")) == (3, 1, 1, 1, 0)
    status = ask(
        root,
        "SELECT night, path, change, raw_files.status AS status FROM raw_files JOIN runs USING (run_id) WHERE path LIKE '%a.jsonl' ORDER BY night",
    )
    assert [(row["change"], row["status"]) for row in status] == [
        ("new", "read"), ("grown", "partial"), ("grown", "read"), ("replaced", "read"),
    ]  # fmt: skip

    again = run([feed], root, "2026-03-07", reread=True)
    assert again["status"] == "no_change" and again["n_in"] == again["n_exact_repeat"] == 5


def test_a_folder_of_everything_is_accounted_for(tmp_path: Path) -> None:
    root, feed = tmp_path / "w", tmp_path / "wire"
    feed.mkdir()
    page = (
        b"<!DOCTYPE html><html><body><article><h1>Quay</h1><p>"
        + WORDS.format("Lun", 8, 9).encode()
        + b"</p></article></body></html>"
    )
    (feed / "a.warc.gz").write_bytes(
        packed(warc_record("request", b"GET"))
        + packed(warc_record("response", http_response(page)))
        + packed(warc_record("revisit", b""))
    )
    (feed / "b.zip").write_bytes(
        zipped(
            {"in/1.jsonl": line(1) + b"{broken\n", "../up.txt": b"x", "in/2.txt": WORDS.format("Nor", 3, 4).encode()}
        )
    )
    (feed / "c.csv").write_bytes(
        b"id,title,text\n9,Cod," + WORDS.format("Cod", 5, 6).replace(",", ";").encode() + b"\n9,Cod\n"
    )
    (feed / "d.jsonl.gz").write_bytes(packed(line(7))[:-5])
    row = run([feed], root, "2026-03-02")
    assert fates(row) == (8, 4, 0, 0, 4)
    assert "2 parts of dumps are no candidates for articles: request 1, revisit 1" in row["notes"]
    reasons = {r["reason_code"]: r["raw_member"] for r in ask(root, "FROM quarantine")}
    assert reasons == {
        "bad_json": "in/1.jsonl",
        "unsafe_path": "../up.txt",
        "wrong_columns": None,
        "truncated_gzip": None,
    }
    held = {r["raw_member"] for r in ask(root, "FROM records")}
    assert held == {None, "in/1.jsonl", "in/2.txt"}
    sums = ask(
        root,
        "SELECT sum(n_records) AS n, sum(n_loaded) AS l, sum(n_quarantined) AS q, sum(n_skipped) AS s FROM raw_files",
    )
    assert sums == [{"n": 8, "l": 4, "q": 4, "s": 2}]


def test_a_record_without_a_fate_stops_the_night(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    (file,) = find_dumps([str(tmp_path)], not_in=Path("/nowhere")).to_read
    account = _Account(file, n_read=2)
    account.fates["loaded"] = 1
    with pytest.raises(RuntimeError, match="2 records were read and 1 have a fate"):
        account.row("r_1")


def test_reading_stops_before_a_record_that_may_only_be_half_written() -> None:
    assert _stopped_at(RawRecord("a", 10, 90, {}), 91) == 90
    assert _stopped_at(Rejected(10, 91, "read", "bad_json", ""), 91) == 10
    assert _stopped_at(Rejected(10, 60, "read", "bad_json", ""), 91) == 60
    assert _stopped_at(Rejected(10, 91, "read", "no_text", ""), 91) == 91
