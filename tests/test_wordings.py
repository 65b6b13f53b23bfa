"""What is remembered of texts beside the warehouse: never needed, never believed when damaged, and never more than was asked for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import flows.night
import flows.wordings
from flows.settings import Settings
from tests.nights import ask, run
from tests.test_dedupe import prose
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Signatures, sign
from transforms.text import text_id

QUICK = Settings(tagger="newsfold")
WORDS = [prose(seed, 120) for seed in range(8)]


def signatures(bodies: list[str]) -> Signatures:
    table = pa.table({"text_id": pa.array(map(text_id, bodies), pa.string()), "body": pa.array(bodies, pa.string())})
    return sign(table.to_batches(), NearSettings())


@pytest.mark.parametrize("bodies", [WORDS, ["", "..."], []])
def test_signatures_are_read_as_they_were_written(bodies: list[str], tmp_path: Path) -> None:
    made = signatures(bodies)
    flows.wordings.save(made, tmp_path / "a.signatures")
    read = flows.wordings.load(tmp_path / "a.signatures")
    assert read is not None
    for name in ("ids", "digests", "starts", "keys", "wordless"):
        assert np.array_equal(getattr(read, name), getattr(made, name))


def test_a_flipped_bit_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.signatures"
    flows.wordings.save(signatures(WORDS), path)
    sound = path.read_bytes()
    for at in range(0, len(sound), 37):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 4]) + sound[at + 1 :])
        assert flows.wordings.load(path) is None
    for length in (0, 8, len(sound) // 2, len(sound) - 8):
        path.write_bytes(sound[:length])
        assert flows.wordings.load(path) is None


def nights(root: Path, dumps: Path) -> Iterator[dict[str, Any]]:
    """Run three nights whose texts copy, cut, hold and repeat one another's."""
    held = f"{WORDS[0]} {WORDS[1]}"
    texts = [
        [WORDS[0], WORDS[2], f"{WORDS[3]} {prose(20, 30)}", WORDS[4]],
        [f"{prose(30, 8)} {WORDS[0]}", " ".join(WORDS[2].split()[:60]), WORDS[3], WORDS[5]],
        [WORDS[1], held, WORDS[4].upper(), f"{WORDS[5]} {prose(40, 50)}", WORDS[2]],
    ]
    for number, bodies in enumerate(texts):
        rows = [
            {"id": f"{number}{i}", "title": f"Title {number}{i}", "text": body, "date": f"2026-0{number + 1}-02T08:00:00Z"}
            for i, body in enumerate(bodies)
        ]  # fmt: skip
        dump = dumps / f"{number}.jsonl"
        dump.write_text("".join(json.dumps(row) + "\n" for row in rows))
        yield run([dump], root, f"2026-04-0{number + 1}", QUICK)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A warehouse of three nights, and the hash of its data."""
    folder = tmp_path_factory.mktemp("wordings")
    rows = list(nights(folder / "w", folder))
    assert [row["status"] for row in rows] == ["published"] * 3
    return folder, rows[-1]["data_hash"]


def test_the_nights_found_what_they_copied(grown: tuple[Path, str]) -> None:
    rules = ask(grown[0] / "w", "SELECT rule, count(*) AS n FROM text_pairs GROUP BY ALL ORDER BY ALL")
    assert {row["rule"] for row in rules} == {"same_words", "jaccard", "containment", "compilation"}


def test_making_everything_anew_finds_the_same(grown: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, data_hash = grown
    monkeypatch.setattr(flows.night, "made_alike", lambda *args: False)
    anew = run([folder / "0.jsonl"], folder / "w", "2026-04-04", QUICK)
    assert (anew["status"], anew["data_hash"]) == ("no_change", data_hash)


@pytest.mark.slow
def test_without_the_cache_or_with_a_damaged_one_the_night_is_the_same(grown: tuple[Path, str], tmp_path: Path) -> None:
    for number, _ in enumerate(nights(tmp_path / "w", tmp_path)):
        cached = sorted((tmp_path / "w" / "cache").rglob("*.signatures"))
        assert len(cached) == number
        for path in cached[:1]:
            path.unlink()
        for path in cached[1:]:
            path.write_bytes(path.read_bytes()[:-200])
    what = "SELECT text_a, text_b, decision, rule FROM text_pairs ORDER BY ALL"
    assert ask(tmp_path / "w", what) == ask(grown[0] / "w", what)


def test_old_texts_are_read_only_where_one_may_have_been_copied(
    grown: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = grown
    dump = tmp_path / "a.jsonl"
    dump.write_text(json.dumps({"id": "z", "title": "Z", "text": f"{WORDS[4]} again", "date": "2026-03-03"}) + "\n")
    read, was = [], flows.wordings._read
    monkeypatch.setattr(flows.wordings, "_read", lambda path, rows: read.append((path, rows)) or was(path, rows))
    assert run([dump], folder / "w", "2026-04-05", QUICK)["status"] == "published"
    # Of three files the two that hold a copy of it; the newest, beside that, where no night had remembered it yet.
    assert len([path for path, rows in read if rows is not None]) == 2
    assert len([path for path, rows in read if rows is None]) <= 1
