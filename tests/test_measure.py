"""Every night measures itself on labelled texts and publishes nothing where it decides them badly."""

import json
from pathlib import Path

import pytest

from flows.contracts import Blocked
from flows.resources import Resources
from flows.settings import Settings
from tests.nights import EXAMPLES, ask, run
from transforms.measure import Floors, measure, read_labelled
from transforms.stories.frequencies import read_frequencies
from transforms.stories.similarity import Weights
from transforms.text import text_id

MARGINS = {"joined_margin", "apart_margin"}
WEIGHTS, FREQUENCIES = Resources.similarity()


def labelled() -> str:
    return Resources.load(Settings()).labelled


def figures(**changed: float) -> dict[str, float]:
    weights = Weights.parse(json.dumps(json.loads(WEIGHTS) | changed))
    return measure(read_labelled(labelled()), weights, read_frequencies(FREQUENCIES))


def test_what_ships_is_above_every_floor() -> None:
    found = figures()
    assert set(found) == {*Floors.__dataclass_fields__, *MARGINS}
    assert all(found[metric] >= getattr(Floors(), metric) for metric in Floors.__dataclass_fields__)
    assert all(found[metric] > 0 for metric in MARGINS)


def test_margins_move_with_what_joins_and_what_parts() -> None:
    weights = json.loads(WEIGHTS)
    one, stricter = figures(), figures(threshold=weights["threshold"] + 0.05)
    assert one["joined_margin"] - stricter["joined_margin"] == pytest.approx(0.05)
    assert figures(intercept=weights["intercept"] - 0.5)["apart_margin"] > one["apart_margin"]


@pytest.mark.parametrize(
    ("broken", "metric"), [({"threshold": 0.99}, "same_story_recall"), ({"intercept": -3.3}, "same_story_precision")]
)
def test_broken_weights_fall_under_their_floor(broken: dict[str, float], metric: str) -> None:
    """So high a threshold parts what is one story, so high an intercept joins what is two."""
    assert figures(**broken)[metric] < getattr(Floors(), metric)


def test_the_labelled_texts_are_the_examples_under_its_labels() -> None:
    gold = json.loads((EXAMPLES / "gold.json").read_text("utf-8"))["articles"].values()
    rows = json.loads(labelled())
    assert {(row["wording"], row["story"]) for row in rows} == {(entry["text_group"], entry["story"]) for entry in gold}
    assert all(text_id(row["body"]) == row["text_id"] for row in rows)


def test_the_figures_are_published(three_nights: Path) -> None:
    rows = ask(
        three_nights,
        "SELECT metric, value, threshold, passed, blocking FROM quality JOIN snapshot USING (run_id) WHERE suite = 'labelled'",
    )
    assert {row["metric"] for row in rows} == {*Floors.__dataclass_fields__, *MARGINS}
    assert all(row["value"] >= row["threshold"] and row["passed"] for row in rows)
    assert {row["metric"] for row in rows if not row["blocking"]} == MARGINS


def test_a_night_under_the_floor_is_blocked_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = json.dumps(json.loads(WEIGHTS) | {"threshold": 0.99})
    monkeypatch.setattr(Resources, "similarity", staticmethod(lambda _="": (broken, FREQUENCIES)))
    dump = tmp_path / "a.txt"
    dump.write_text("The port of Vardal was closed on Tuesday by fishermen who protest at new quotas for cod. " * 3)
    with pytest.raises(
        Blocked, match=r"same_story_recall on the labelled texts is 0\.\d+, under its floor of 0\.900: code, weights"
    ):
        run([dump], tmp_path / "w", "2026-03-02", Settings(tagger="newsfold"))
    assert not (tmp_path / "w" / "current").exists()
