"""Going through the narrowest decisions: both sides are shown, a verdict is written once, whole, and never against the file."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from flows.cli import main
from flows.review import review, settle
from tests.nights import ask
from transforms.overrides import parse_overrides

TODAY = date(2026, 3, 5)
A, B, C = (f"a_{letter * 16}" for letter in "abc")


def answers(*given: str) -> Iterator[str]:
    yield from given


def walked(root: Path, file: Path, *given: str, limit: int = 50) -> int:
    waiting = answers(*given)

    def answer(question: str) -> str:
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    return review(root, file, "ines", TODAY, limit, answer=answer)


def test_verdicts_are_written_with_author_date_and_reason(
    three_nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "overrides.csv"
    queue = ask(three_nights, "FROM review_queue LIMIT 3")
    assert walked(three_nights, file, "y", "one ferry", "s", "maybe", "n", "", "q") == 0
    rows = parse_overrides(file.read_text("utf-8"), "overrides.csv")
    pairs = [(row["article_a"], row["article_b"]) for row in queue]
    assert [(row.kind, row.key, row.value, row.author, row.reason) for row in rows] == [
        ("must_link", *pairs[0], "ines", "one ferry"),
        ("cannot_link", *pairs[2], "ines", "read both"),
    ]
    assert all(row.decided_on == TODAY for row in rows)
    told = capsys.readouterr().out
    assert all(row["title_a"] in told and row["title_b"] in told for row in queue)
    assert "begins: " in told and "What counted, in log-odds" in told and "2 verdicts written" in told
    assert walked(three_nights, file, "q", limit=1) == 0
    next_pair = pairs[1]
    assert all(article in capsys.readouterr().out for article in next_pair[:1])


def test_the_list_asks_nothing_and_leaves_out_what_is_settled(
    three_nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "overrides.csv"
    first, second = ask(three_nights, "FROM review_queue LIMIT 2")
    command = ["review", "--list", "--overrides", str(file), "--warehouse", str(three_nights)]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert told.index(first["article_a"]) < told.rindex(second["article_b"]) and not file.exists()
    settle(file, "must_link", first["article_a"], first["article_b"], "ines", TODAY, "read both")
    assert main(command) == 0
    assert f"{first['article_a']}  {first['article_b']}" not in capsys.readouterr().out


def test_without_a_file_it_says_how_to_name_one(three_nights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--warehouse", str(three_nights)]) == 2
    assert "name it with --overrides FILE" in capsys.readouterr().err


def test_a_verdict_is_written_once_and_keeps_what_stands_there(tmp_path: Path) -> None:
    file = tmp_path / "overrides.csv"
    stood = f"# the desk\nkind,key,value,author,date,reason\nignore,{C},,max,2026-01-01,a test page"
    file.write_text(stood)
    file.chmod(0o640)
    assert settle(file, "cannot_link", B, A, "ines", TODAY, 'two, "really"') is True
    assert settle(file, "cannot_link", A, B, "max", TODAY, "again") is False
    text = file.read_text()
    assert text.startswith(stood + "\n") and len(parse_overrides(text, "x")) == 2
    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["overrides.csv"]


def test_a_verdict_against_the_file_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "overrides.csv"
    settle(file, "must_link", A, B, "ines", TODAY, "one")
    settle(file, "must_link", B, C, "ines", TODAY, "one")
    before = file.read_bytes()
    with pytest.raises(ValueError, match=r"not written, as line 4 \(cannot_link"):
        settle(file, "cannot_link", A, C, "ines", TODAY, "two")
    assert file.read_bytes() == before


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "overrides.csv"
    settle(file, "must_link", A, B, "ines", TODAY, "one")
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        settle(file, "must_link", B, C, "ines", TODAY, "one")
    assert file.read_bytes() == before and [each.name for each in tmp_path.iterdir()] == ["overrides.csv"]
