"""What reaches back: a later record that moves earlier articles moves every number they are in, as making all anew would."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import flows.night
from tests.nights import ask, run
from tests.test_bridges import REPORTS
from tests.test_similarity import FERRY

FISH = (
    "Fishermen closed the port of Vardal on Tuesday in protest at new quotas for cod, which will cost four hundred jobs. "
    * 2
)
BANK = (
    "The bank of Torkham said on Monday that it will open nine branches in the valley before the end of the summer. "
    * 2
)
DAM = (
    "Engineers began to lower the lake behind the dam at Osk after cracks were found in its eastern wall last week. "
    * 2
)


def _record(key: str, text: str, **fields: object) -> dict[str, object]:
    return {"id": key, "title": text[:40], "text": text, "date": "2026-03-02T08:00:00Z"} | fields


ALPHA = "https://alphatimes.example"
CASES: dict[str, list[list[dict[str, object]]]] = {
    "a bare name gains a domain": [
        [_record("1", FISH, source="Alpha Times")],
        [_record("2", BANK, source="Alpha Times", url=f"{ALPHA}/bank")],
    ],
    "and loses it to a second one": [
        [_record("1", FISH, source="Alpha Times"), _record("2", BANK, source="Alpha Times", url=f"{ALPHA}/bank")],
        [_record("3", DAM, source="Alpha Times", url="https://other.example/dam")],
    ],
    "an agency credited gains a domain": [
        [_record("1", FISH + " (With inputs from Zed News Agency)", source="Beta Post")],
        [_record("2", BANK, source="Zed News Agency", url="https://zed.example/bank")],
    ],
    "an outlet credited in a headline gains a domain": [
        [_record("1", FISH, source="Beta Post", title="Minister knew of quotas in May, the Alpha Times reported")],
        [_record("2", BANK, source="Alpha Times", url=f"{ALPHA}/bank")],
    ],
    "an outlet's only article turns out to be another's": [
        [_record("1", FISH + " Reuters reported on Monday that talks go on.", source="Beta Post"), _record("2", BANK, source="Reuters")],
        [_record("2", BANK, source="Dawn", modified="2026-03-03T08:00:00Z")],
    ],
    "an article moves to another month": [
        [_record("1", FISH, source="Alpha Times"), _record("2", FISH, source="Beta Post", date="2026-01-15T08:00:00Z")],
        [_record("1", FISH + " Corrected.", source="Alpha Times", date="2026-02-20T08:00:00Z", modified="2026-03-03T08:00:00Z")],
    ],
}  # fmt: skip


ALPHAS = ("Alpha", "Gamma", "Delta", "Sigma", "Omega", "Kappa")
WORDS = (FISH, BANK, DAM, FERRY, *(text for pair in REPORTS.values() for text in pair))
BETAS = ("Beta", "Zeta", "Theta", "Iota", "Lambda", "Epsilon")


def _apart(number: int, record: dict[str, object]) -> dict[str, object]:
    """Return a case's record with words, outlets, addresses and months that no other case has."""
    said = json.dumps(record)
    for text, other in zip((FISH, BANK, DAM), WORDS[2 * number + (number > 1) :], strict=False):
        said = said.replace(json.dumps(text)[1:-1], json.dumps(other)[1:-1])
    for name, others in (("Alpha", ALPHAS), ("Beta", BETAS)):
        said = said.replace(name, others[number]).replace(name.lower(), others[number].lower())
    said = re.sub(r"(\w+)\.example", rf"\g<1>{number}.example", said)
    said = re.sub(r"\d{4}-\d\d-\d\d", lambda day: str(date.fromisoformat(day[0]) - timedelta(93 * number)), said)
    moved: dict[str, object] = json.loads(said)
    return moved | {"id": f"{number}-{record['id']}"}


@pytest.mark.slow
def test_a_night_of_all_that_reaches_back_equals_making_everything_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All cases in one, apart from each other by words, outlets and months, so that none is made anew for another's sake."""
    nights = [
        [_apart(number, record) for number, case in enumerate(CASES.values()) for record in case[night]]
        for night in (0, 1)
    ]
    test_a_night_equals_making_everything_anew(nights, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("nights", CASES.values(), ids=CASES.keys())
def test_a_night_equals_making_everything_anew(
    nights: list[list[dict[str, object]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[dict[str, Any]] = []
    for number, records in enumerate(nights):
        dump = tmp_path / f"{number}.jsonl"
        dump.write_text("".join(json.dumps(record) + "\n" for record in records))
        rows.append(run([dump], tmp_path / "w", f"2026-03-0{number + 2}"))
    assert [row["status"] for row in rows] == ["published"] * len(nights)
    monkeypatch.setattr(flows.night, "made_alike", lambda *args: False)
    anew = run([tmp_path / "0.jsonl"], tmp_path / "w", "2026-03-04")
    assert (anew["status"], anew["data_hash"]) == ("no_change", rows[-1]["data_hash"])


def test_who_is_first_is_not_certain_where_a_known_voice_may_be_earlier(tmp_path: Path) -> None:
    records = [
        _record("1", FISH),
        _record("2", FISH, source="Beta Post", date="2026-03-02"),
        _record("3", FISH, source="Dawn", date=""),
    ]
    dump = tmp_path / "a.jsonl"
    dump.write_text("".join(json.dumps(record) + "\n" for record in records))
    run([dump], tmp_path / "w", "2026-03-02")
    assert ask(tmp_path / "w", "SELECT n_copies, first_article_id FROM stories") == [
        {"n_copies": 3, "first_article_id": None}
    ]
