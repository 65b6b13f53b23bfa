"""Exactly once: nights over files that stay, grow, move and change, and everything read again."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from little_world import WORLD, notes, totals
from zstandard import compress

from flows.audit import note
from flows.dumps import find_dumps
from flows.intake import _Account, _stopped_at
from flows.raw_files import RawFiles
from flows.settings import Settings
from flows.upkeep import keep_up
from tests.nights import ask, run
from tests.reading import http_response, packed, page_of, warc_record, zipped
from transforms.records import RawRecord, Rejected
from warehouse.compact import CompactSettings, compact
from warehouse.publish import Warehouse
from warehouse.rollback import roll_back
from warehouse.schema import TABLES
from warehouse.snapshot import Snapshot
from warehouse.vacuum import VacuumSettings, vacuum

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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_compressed_file_grown_by_members_is_read_on(tmp_path: Path) -> None:
    feed, whole = tmp_path / "wire", tmp_path / "whole"
    feed.mkdir()

    def page(n: int) -> bytes:
        return warc_record("response", http_response(page_of(WORDS.format(n, n, n))), f"https://example.org/{n}")

    grown: dict[str, list[bytes]] = {
        "a.jsonl.gz": [packed(line(1) + line(2)), packed(line(3))],
        "b.jsonl.zst": [compress(line(4)), compress(line(5))],
        "c.warc.gz": [packed(page(6)) + packed(page(7)), packed(page(8))],
        "d.txt.gz": [packed(b"Notes.\n" + WORDS.format("Lun", 1, 2).encode()), packed(b" More of it.")],
    }
    for night in (0, 1):
        for name, members in grown.items():
            (feed / name).write_bytes(b"".join(members[: night + 1]))
        row = run([feed], tmp_path / "w", f"2026-03-0{night + 2}")
        assert fates(row) == ((6, 6, 0, 0, 0), (4, 3, 0, 1, 0))[night]
    files = ask(
        tmp_path / "w", "SELECT path, change, read_from > 0 AS on FROM raw_files WHERE change != 'new' ORDER BY path"
    )
    assert [(file["path"][-6:], file["change"], file["on"]) for file in files] == [
        ("onl.gz", "grown", True), ("nl.zst", "grown", True), ("arc.gz", "grown", True), ("txt.gz", "replaced", False),
    ]  # fmt: skip
    run([feed], whole, "2026-03-03")
    places = "SELECT raw_start, raw_end, text_id FROM records WHERE record_key IS DISTINCT FROM 'd.txt' ORDER BY ALL"
    assert ask(tmp_path / "w", places) == ask(whole, places)

    # A member that is half there: nothing of it is read, and what was read is known when it is whole.
    for cut in (-5, None):
        (feed / "a.jsonl.gz").write_bytes(b"".join(grown["a.jsonl.gz"]) + packed(line(9))[:cut])
        row = run([feed], tmp_path / "w", f"2026-03-0{4 if cut else 5}")
        assert fates(row) == ((1, 0, 0, 0, 1) if cut else (4, 1, 3, 0, 0))


def test_what_was_read_stays_known_when_snapshots_are_rewritten_and_vacuumed(tmp_path: Path) -> None:
    """Of three nights the first two are compacted; then only a line that leads over the rewritten snapshot tells of them."""
    house = Warehouse(tmp_path / "w", WORLD | {name: TABLES[name] for name in ("runs", "raw_files", "upkeep")})
    _logged(house, 1, None)
    _logged(house, 2, 1)
    with house.lock("upkeep"):
        started, seen = datetime.now(UTC), house.current()
        assert compact(house, CompactSettings(merge_at=2)) is not None
        assert _known(house) == {"1.txt", "2.txt"}
        note(house, "compacted", started, seen, 1, 2, 0, "merged")
    _logged(house, 4, 3)
    assert _known(house) == {"1.txt", "2.txt", "4.txt"}
    with house.lock("upkeep"):
        assert vacuum(house, VacuumSettings(keep_days=1, keep_weekly=False)).removed == (1, 2, 3)
    assert _known(house) == {"1.txt", "2.txt", "4.txt"}


def test_what_was_rolled_back_was_not_read(tmp_path: Path) -> None:
    house = Warehouse(tmp_path / "w", WORLD | {name: TABLES[name] for name in ("runs", "raw_files", "upkeep")})
    _logged(house, 1, None)
    _logged(house, 2, 1)
    with house.lock("rollback"):
        started, (left, _) = datetime.now(UTC), roll_back(house, "1")
        note(house, "rolled_back", started, left, 0, 0, 0, "back")
    assert _known(house) == {"1.txt"}


def _logged(house: Warehouse, number: int, parent: int | None) -> None:
    """Publish a night that adds a note and says in the log that it read one file."""
    run_id, night = f"r_{number}", date(2026, 3, number)
    published = house.publish(
        {"notes": notes(run_id)}, {"totals": totals(a=number)}, {"run_id": run_id, "night": night}
    )
    assert isinstance(published, Snapshot) and published.number == number
    at = datetime(2026, 3, number, tzinfo=UTC)
    row = {"run_id": run_id, "night": night, "started_at": at, "status": "published", "snapshot": number}
    file = {"run_id": run_id, "path": f"{number}.txt", "raw_file_id": f"f_{number}", "format": "text", "status": "read"}
    for name, said in (("runs", row | {"parent_snapshot": parent}), ("raw_files", file)):
        schema = TABLES[name].schema
        filled = {f.name: _filler(f.type) for f in schema if not f.nullable} | said
        house.append_log(name, pa.Table.from_pylist([filled], schema=schema), run_id)


def _filler(kind: pa.DataType) -> object:
    if pa.types.is_list(kind):
        return []
    return "" if pa.types.is_string(kind) else 0


def _known(house: Warehouse) -> set[str]:
    return set(RawFiles.of(house, "", "").by_path([f"{n}.txt" for n in range(1, 5)]))


@pytest.mark.slow
def test_upkeep_makes_no_night_read_again(tmp_path: Path) -> None:
    root, feed = tmp_path / "w", tmp_path / "wire"
    feed.mkdir()
    for n in (1, 2):
        (feed / f"{n}.jsonl").write_bytes(line(n))
        run([feed], root, f"2026-03-0{n}")
    assert keep_up(root, Settings(merge_at_files=2))
    assert run([feed], root, "2026-03-03")["n_in"] == 0
    assert keep_up(root, Settings(keep_bodies_days=1))
    assert run([feed], root, "2026-03-04")["n_in"] == 0


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
