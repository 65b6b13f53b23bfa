"""Finding a night's files: what is new, known, grown, replaced, moved or not finished, wherever it lies."""

import os
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest

from flows import dumps, places
from flows.dumps import DumpFile, Scan, find_dumps
from flows.raw_files import RawFiles
from warehouse.schema import TABLES

TEXT = b"A text that is long enough to be one.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two dumps."""
    folder = tmp_path / "wire" / "2026-03-02"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_bytes(TEXT)
    (folder / "b.jsonl").write_bytes(b'{"text": "one"}\n')
    return folder


def log_of(*nights: list[DumpFile], settled: bool = True, **values: Any) -> RawFiles:
    """The log of nights that read these files, as it would be kept."""
    kinds = {"txt": "text", "html": "html"}
    rows = [
        {name: getattr(file, name) for name in ("raw_file_id", "path", "bytes", "modified_at", "content_hash", "feed", "etag")}
        | {"run_id": f"r_{n}", "format": kinds.get(file.path.rpartition(".")[2], "jsonl"), "status": "read", "n_records": 1, "n_quarantined": 0}
        | {"read_from": 0, "stopped_at": file.bytes}
        | values
        for n, files in enumerate(nights)
        for file in files
    ]  # fmt: skip
    schema = pa.schema([field.with_nullable(True) for field in TABLES["raw_files"].schema])
    order = {f"r_{n}": n for n in range(len(nights))}
    return RawFiles(pa.Table.from_pylist(rows, schema=schema), order, order if settled else ())


def scan(folder: Path, known: RawFiles | None = None, **options: Any) -> Scan:
    return find_dumps([str(folder)], not_in=Path("/nowhere"), known=known, **options)


def changes(found: Scan) -> dict[str, str]:
    """The change of each file, by name."""
    passed = [("known", found.known), ("alias", found.aliases), ("waiting", found.waiting)]
    return {f.name: f.change for f in found.to_read} | {f.name: kind for kind, files in passed for f in files}


def test_a_file_that_looks_the_same_is_not_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = scan(folder)
    assert changes(first) == {"a.txt": "new", "b.jsonl": "new"} and {f.feed for f in first.to_read} == {"wire"}
    known = log_of(first.to_read)

    def refuse_to_open(path: str) -> None:
        raise AssertionError(f"{path} was opened")

    monkeypatch.setattr(dumps, "open_file", refuse_to_open)
    again = scan(folder, known)
    assert changes(again) == {"a.txt": "known", "b.jsonl": "known"}
    assert {f.content_hash for f in again.known} == {f.content_hash for f in first.to_read}


def test_known_files_are_read_anew_on_demand_or_where_today_could_say_more(folder: Path) -> None:
    first = scan(folder).to_read
    assert changes(scan(folder, log_of(first), reread=True)) == {"a.txt": "again", "b.jsonl": "again"}
    assert changes(scan(folder, log_of(first, settled=False, status="partial"))) == {
        "a.txt": "again",
        "b.jsonl": "again",
    }
    assert changes(scan(folder, log_of(first, status="partial"))) == {"a.txt": "known", "b.jsonl": "known"}
    assert changes(scan(folder, log_of(first), feed="other")) == {"a.txt": "again", "b.jsonl": "again"}


def test_a_night_that_published_nothing_has_read_nothing(folder: Path) -> None:
    first = scan(folder).to_read
    known = log_of(first)
    assert changes(scan(folder, RawFiles(known._rows, {}, ()))) == {"a.txt": "new", "b.jsonl": "new"}
    assert changes(scan(folder, log_of(first, status="waiting"))) == {"a.txt": "new", "b.jsonl": "new"}


def test_a_grown_file_goes_on_where_reading_stopped_and_a_replaced_one_starts_anew(folder: Path) -> None:
    known = log_of(scan(folder).to_read)
    with (folder / "b.jsonl").open("ab") as file:
        file.write(b'{"text": "two"}\n')
    with (folder / "a.txt").open("ab") as file:
        file.write(b"And more of it.\n")
    found = {file.name: file for file in scan(folder, known).to_read}
    assert (found["b.jsonl"].change, found["b.jsonl"].read_from) == ("grown", 16)
    assert (found["a.txt"].change, found["a.txt"].read_from) == ("replaced", 0), (
        "a text is one record: its new wording is whole"
    )
    (folder / "b.jsonl").write_bytes(b'{"text": "other"}\n{"text": "two"}\n')
    assert {f.change for f in scan(folder, known).to_read} == {"replaced"}


def test_the_same_bytes_elsewhere_are_an_alias_unless_the_name_is_the_key(folder: Path, tmp_path: Path) -> None:
    known = log_of(scan(folder).to_read)
    later = tmp_path / "wire" / "2026-03-03"
    later.mkdir()
    for name, copy in (("a.txt", "a.txt"), ("a.txt", "another.txt"), ("b.jsonl", "b.jsonl"), ("b.jsonl", "c.jsonl")):
        (later / copy).write_bytes((folder / name).read_bytes())
    assert changes(scan(later, known)) == {
        "a.txt": "alias",
        "another.txt": "new",
        "b.jsonl": "alias",
        "c.jsonl": "alias",
    }
    other = tmp_path / "blog" / "2026-03-03"
    other.mkdir(parents=True)
    (other / "b.jsonl").write_bytes((folder / "b.jsonl").read_bytes())
    assert changes(scan(other, known)) == {"b.jsonl": "new"}, "keys are scoped by feed"
    assert changes(scan(later, log_of(scan(folder).to_read, read_from=5)))["b.jsonl"] == "new", (
        "only a part of it was counted"
    )


def test_a_late_file_with_an_old_time_is_read(folder: Path) -> None:
    known = log_of(scan(folder).to_read)
    (folder / "late.txt").write_bytes(b"A late text.")
    os.utime(folder / "late.txt", (946_684_800, 946_684_800))
    assert changes(scan(folder, known))["late.txt"] == "new"


def test_a_file_still_being_written_waits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "c.jsonl.part").write_bytes(b"{")
    looks = dumps.look

    def grows(path: str) -> places.Look:
        found = looks(path)
        if path.endswith("b.jsonl"):
            with Path(path).open("ab") as file:
                file.write(b"x")
        return found

    monkeypatch.setattr(dumps, "look", grows)
    assert changes(scan(folder)) == {"a.txt": "new", "b.jsonl": "waiting", "c.jsonl.part": "waiting"}
    assert scan(folder).notes() == ["2 files are still being written; left for another night"]


def test_what_cannot_be_read_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "nowhere").symlink_to("gone")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    (folder / "empty").mkdir()
    (folder / "secret.txt").write_bytes(b"x")
    opens = dumps.open_file

    def denied(path: str) -> Any:
        if path.endswith("secret.txt"):
            raise PermissionError(13, "Permission denied")
        return opens(path)

    monkeypatch.setattr(dumps, "open_file", denied)
    problems = {file.name: file.problem for file in scan(folder).to_read if file.problem}
    assert problems == {
        "nowhere": "a link that leads nowhere", "loop": "a link to a folder", "pipe": "not a regular file (a pipe, a device)",
        "secret.txt": "Permission denied",
    }  # fmt: skip
    assert scan(folder / "empty").to_read == []


def test_what_lies_beside_saved_pages_is_no_dump(folder: Path) -> None:
    (folder / "story.html").write_bytes(b"<html><p>x</p></html>")
    (folder / "story_files").mkdir()
    (folder / "story_files" / "site.js").write_bytes(b"var x")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "other_files").mkdir()
    (folder / "other_files" / "c.txt").write_bytes(b"A text of its own.")
    found = scan(folder)
    assert set(changes(found)) == {"a.txt", "b.jsonl", "story.html", "c.txt"} and found.n_assets == 2


@pytest.fixture
def bucket() -> Iterator[str]:
    """A folder that lies in no file system of this machine."""
    memory = fsspec.filesystem("memory")
    memory.pipe({"/wire/2026-03-02/a.txt": TEXT, "/wire/2026-03-02/b.jsonl": b'{"text": "one"}\n'})
    yield "memory://wire/2026-03-02"
    memory.rm("/wire", recursive=True)


def test_a_dump_may_lie_wherever_fsspec_reaches(bucket: str) -> None:
    for dump in (bucket, f"{bucket}/*", f"{bucket}/*.txt", f"{bucket}/a.txt"):
        found = find_dumps([dump], not_in=Path("/nowhere"))
        assert "a.txt" in changes(found) and {file.feed for file in found.to_read} == {"wire"}
    with found.to_read[0].open() as stream:
        assert stream.read() == TEXT
    whole = find_dumps([bucket], not_in=Path("/nowhere"))
    again = find_dumps([bucket], not_in=Path("/nowhere"), known=log_of(whole.to_read))
    assert changes(again) == {"a.txt": "known", "b.jsonl": "known"}
    with pytest.raises(FileNotFoundError, match="there is no dump at 'memory://nothing'"):
        find_dumps(["memory://nothing"], not_in=Path("/nowhere"))


def test_an_etag_tells_a_replaced_object_of_the_same_size_and_time(bucket: str) -> None:
    whole = find_dumps([bucket], not_in=Path("/nowhere")).to_read
    known = log_of([replace(file, etag="old") for file in whole])
    assert find_dumps([bucket], not_in=Path("/nowhere"), known=known).to_read == []
    (seen,) = known.by_path([whole[0].path]).values()
    assert seen.looks_like(whole[0].look) and not seen.looks_like(replace(whole[0].look, etag="new"))


def test_a_dump_may_lie_in_a_bucket(bucket_url: str, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    bucket = bucket_url.removeprefix("s3://").partition("/")[0]
    for name in ("wire/2026-03-02/a.txt", "wire/2026-03-02/b.jsonl"):
        request = urllib.request.Request(
            f"{endpoint}/{bucket}/{name}", data=TEXT, method="PUT", headers={"Content-Type": "text/plain"}
        )
        urllib.request.urlopen(request).close()
    for dump in (f"s3://{bucket}/wire", f"s3://{bucket}/wire/2026-03-02/*.txt"):
        found = find_dumps([dump], not_in=Path("/nowhere"))
        (text,) = (file for file in found.to_read if file.name == "a.txt")
        assert text.problem is None
        assert text.feed == "wire" and text.bytes == len(TEXT) and text.etag
        with text.open() as stream:
            assert stream.read() == TEXT and stream.seek(2) == 2 and stream.read() == TEXT[2:]
    again = find_dumps([f"s3://{bucket}/wire"], not_in=Path("/nowhere"), known=log_of([text]))
    assert changes(again) == {"a.txt": "known", "b.jsonl": "new"}


def test_a_name_that_is_no_text_is_written_down_and_opened_again(folder: Path) -> None:
    """Linux takes any bytes for a name; a path goes into tables and ids, which hold UTF-8 alone."""
    name = os.fsencode(folder) + b"/caf\xe9.txt"
    with open(name, "wb") as file:  # noqa: PTH123
        file.write(b"Rain fell.\n")
    (folder / "caf\\xe8.txt").write_bytes(b"Snow fell.\n")
    found = {file.name: file for file in scan(folder).to_read}
    said = {"caf\\xe9.txt": b"Rain fell.\n", "caf\\xe8.txt": b"Snow fell.\n"}
    for path, data in said.items():
        assert found[path].problem is None and found[path].path.encode()
        with found[path].open() as stream:
            assert stream.read() == data
