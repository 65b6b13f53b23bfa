"""The five real dumps: title, publisher, date, writer and credits as the gold states them, and no line gone without a rule."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cleaning import cleaned

from transforms.clean.lines import split_lines
from transforms.read import read
from transforms.records import CleanRecord, RawRecord

NUMBERS = ("000", "001", "002", "003", "004")


@pytest.fixture(scope="module", params=NUMBERS)
def seed(request: pytest.FixtureRequest, shared: Path) -> tuple[dict[str, object], RawRecord, CleanRecord]:
    gold = json.loads((shared / "seeds/gold.json").read_text(encoding="utf-8"))["articles"][request.param]
    with (shared / "seeds" / gold["file"]).open("rb") as stream:
        (raw,) = read(stream, gold["file"])
    assert isinstance(raw, RawRecord)
    result = cleaned(raw, "seeds")
    assert isinstance(result, CleanRecord)
    return gold, raw, result


Seed = tuple[dict[str, object], RawRecord, CleanRecord]


def test_title_publisher_and_writer_are_those_stated(seed: Seed) -> None:
    gold, _, found = seed
    title = gold["title"]
    assert found.title == (" ".join(title.split()) if isinstance(title, str) else None)
    assert found.source_name == gold["publisher"]
    assert found.source_method == ("unknown" if gold["publisher"] is None else "self_credit")
    assert found.byline == ((gold["author"],) if gold["author"] else ())
    assert found.record_key == gold["file"]


def test_dates_have_the_precision_of_what_is_stated(seed: Seed) -> None:
    gold, _, found = seed
    published = gold["published"]
    if not isinstance(published, str):
        assert (found.published_at, found.published_precision) == (None, "unknown")
    elif "T" in published:
        assert (found.published_at, found.published_precision) == (
            datetime.fromisoformat(published).astimezone(UTC),
            "minute",
        )
        assert (found.updated_at, found.tz_method) == (found.published_at, "stated")
    else:
        assert (found.published_at, found.published_precision) == (
            datetime.fromisoformat(published).replace(tzinfo=UTC),
            "day",
        )


def test_agencies_are_told_from_picture_credits(seed: Seed) -> None:
    gold, _, found = seed
    cited = gold["cited_sources"]
    assert isinstance(cited, list)
    assert list(found.agency_credits) == [source["name"] for source in cited if source["kind"] == "agency"]


def test_every_line_is_kept_or_removed_under_a_rule(seed: Seed) -> None:
    _, raw, found = seed
    pieces = sorted([*found.body.split("\n"), *(text for _, text in found.removed)])
    assert pieces == sorted(line.text for line in split_lines(raw.fields["body"]))


def test_no_sentence_is_removed_but_a_pointer_or_a_caption(seed: Seed) -> None:
    _, _, found = seed
    sentences = [rule for rule, text in found.removed if text.endswith((".", "”", '."')) and len(text.split()) > 8]
    assert set(sentences) <= {"caption", "also_read"}
