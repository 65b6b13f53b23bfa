"""Kinds of item on our own labelled pages: told apart, look-alikes included; and what a stub is."""

from collections import Counter

import orjson
import pytest
from cleaning import SOURCES

from bench.kinds import LABELLED, kind_of

CASES = [orjson.loads(line) for line in LABELLED.read_bytes().splitlines()]


def test_the_labelled_file_has_every_kind_and_look_alikes() -> None:
    counts = Counter(case["kind"] for case in CASES)
    assert len(CASES) >= 200 and min(counts.values()) >= 15
    assert counts.keys() == {"news", "opinion", "liveblog", "roundup", "press_release", "listing", "transcript", "stub"}
    assert {"paywall", "consent", "error"} <= {case["note"] for case in CASES if case["kind"] == "stub"}
    assert sum(case["kind"] == "news" and bool(case["note"]) for case in CASES) >= 20
    assert len({case["id"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("kind", sorted({case["kind"] for case in CASES}))
def test_a_kind_is_found_and_nothing_else_is_called_it(kind: str) -> None:
    found = {case["id"]: kind_of(case, SOURCES) for case in CASES}
    true = {case["id"] for case in CASES if case["kind"] == kind}
    said = {id_ for id_, other in found.items() if other == kind}
    assert len(true & said) >= 0.95 * len(true | said), sorted(true ^ said)


REVIEW = (
    "Two camps have formed over the toll on the Sund bridge.",
    "“A toll paid once a day hurts nobody who earns by crossing, and the bridge was never free,” Ines Halvard, Northern Courier",
    "“Nurses cross twice a shift. They were promised a free bridge.”",
    "Tor Lindqvist and Amy Dahl, Morgenpost",
    "“The ferry cost more and nobody marched.” Piet van Aalst, Harbour Gazette",
    "“A referendum would settle it by May.” Editorial Board, Northern Courier",
)


def kind(*lines: str) -> str:
    return kind_of({"id": "review", "title": "The Sund toll", "url": None, "body": "\n\n".join(lines)}, SOURCES)


def test_quotations_signed_with_several_papers_are_a_round_up() -> None:
    assert kind(*REVIEW) == "roundup"


def test_quotations_of_one_paper_or_a_few_in_a_long_report_are_no_round_up() -> None:
    assert (
        kind(
            *(
                line.replace("Morgenpost", "Northern Courier").replace("Harbour Gazette", "Northern Courier")
                for line in REVIEW
            )
        )
        == "news"
    )
    assert kind(*REVIEW[:4]) == "news"
    assert (
        kind(*REVIEW, *(f"The council met for hour {hour} and heard the drivers of both shores." for hour in range(40)))
        == "news"
    )
