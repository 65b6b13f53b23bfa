"""What nights remember of compared texts: never needed, never believed when damaged, and all that a later night reads again is its own."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import flows.likeness
import flows.night
from flows.likeness import Likenesses
from flows.settings import Settings
from tests.nights import ask, run
from tests.test_similarity import BUDGET, FERRY, FERRY_TOO

# Each is several whole nights.
pytestmark = pytest.mark.slow

QUICK = Settings(tagger="newsfold", feed="wire")
NIGHTS = [
    [(FERRY, "2026-03-01"), (BUDGET, "2026-03-01")],
    [(FERRY_TOO, "2026-03-02"), (f"{BUDGET} Mr. Ulrik walked out of the chamber with his deputies.", None)],
    [
        (f"The wreck was raised on Thursday. {FERRY_TOO}", "2026-03-04"),
        ("Snow fell in the hills of Oran for a third day.", None),
    ],
]


def nights(folder: Path, before: Callable[[Path], None] = lambda cache: None) -> dict[str, Any]:
    """Run three nights and return the row of the last; `before` each, the cache is handed over."""
    row: dict[str, Any] = {}
    for number, texts in enumerate(NIGHTS):
        rows = [
            {"id": f"{number}{i}", "title": f"Title {number}{i}", "text": text, "date": day}
            for i, (text, day) in enumerate(texts)
        ]
        dump = folder / f"{number}.jsonl"
        dump.write_text("".join(json.dumps(row) + "\n" for row in rows))
        before(folder / "w" / "cache" / "stories")
        row = run([dump], folder / "w", f"2026-04-0{number + 1}", QUICK)
        assert row["status"] == "published"
    return row


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A warehouse of three nights that remembered, and the hash of its data."""
    folder = tmp_path_factory.mktemp("likeness")
    return folder, nights(folder)["data_hash"]


def lost(cache: Path) -> None:
    shutil.rmtree(cache, ignore_errors=True)


def flipped(cache: Path) -> None:
    for path in sorted(cache.rglob("*.parquet")):
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 4
        path.write_bytes(bytes(data))


def parted(cache: Path) -> None:
    for part in sorted(cache.glob("*/000000-*")):
        shutil.rmtree(part)


@pytest.mark.parametrize("harm", [lost, flipped, parted])
def test_without_it_or_with_a_damaged_one_the_nights_are_the_same(
    remembered: tuple[Path, str], tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    nights(tmp_path, harm)
    for what in ("article_id, story_id, origin_id FROM articles", "* EXCLUDE run_id FROM merge_evidence"):
        asked = f"SELECT {what} ORDER BY ALL"
        assert ask(tmp_path / "w", asked) == ask(remembered[0] / "w", asked)


def test_small_parts_become_one(remembered: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows.likeness, "_MERGED_FROM", 2)
    assert nights(tmp_path)["data_hash"] == remembered[1]
    (parts,) = ([*cache.glob("[0-9]*")] for cache in (tmp_path / "w" / "cache" / "stories").iterdir())
    assert [part.name for part in parts] == ["000000-0000000000"]


def test_a_night_reads_its_own_texts_and_those_they_are_near_to(
    remembered: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = remembered
    shutil.copytree(folder / "w", tmp_path / "w", symlinks=True)
    asked: list[str] = []
    was = Likenesses.bodies

    def bodies(self: Likenesses, text_ids: Sequence[str]) -> Any:
        asked.extend(text_ids)
        return was(self, text_ids)

    monkeypatch.setattr(Likenesses, "bodies", bodies)
    dump = tmp_path / "a.jsonl"
    dump.write_text(
        json.dumps({"id": "z", "title": "Z", "text": f"{FERRY} Two boats are missing.", "date": "2026-03-02"}) + "\n"
    )
    assert run([dump], tmp_path / "w", "2026-04-04", QUICK)["status"] == "published"
    bodies_read = " ".join(
        row["body"] for row in ask(tmp_path / "w", "SELECT text_id, body FROM texts") if row["text_id"] in set(asked)
    )
    assert "ferry" in bodies_read and "budget" not in bodies_read and "Snow" not in bodies_read


def test_making_everything_anew_finds_the_same(remembered: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, data_hash = remembered
    monkeypatch.setattr(flows.night, "made_alike", lambda *args: False)
    anew = run([folder / "0.jsonl"], folder / "w", "2026-04-04", QUICK)
    assert (anew["status"], anew["data_hash"]) == ("no_change", data_hash)
