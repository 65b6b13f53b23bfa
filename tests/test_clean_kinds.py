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
