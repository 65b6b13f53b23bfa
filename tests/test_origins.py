"""Origins: how many independent tellings a story has."""

import random
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from transforms.stories.origins import origins

COLUMNS = ("article_id", "story_id", "text_group_id", "source_id", "family_id", "originator_source_id")
TYPES = pa.schema([(name, pa.string()) for name in COLUMNS])


def found(*rows: tuple[str | None, ...]) -> dict[str, str]:
    articles = pa.table([list(column) for column in zip(*rows, strict=True)] or [[]] * len(COLUMNS), schema=TYPES)
    return dict(zip(*(origins(articles)[name].to_pylist() for name in ("article_id", "origin_id")), strict=True))


def count(*rows: tuple[str | None, ...]) -> int:
    return len(set(found(*rows).values()))


def test_two_outlets_that_credit_nobody_are_two_origins() -> None:
    assert count(("a1", "s", "g1", "x", "x", None), ("a2", "s", "g2", "y", "y", None)) == 2


def test_one_text_group_one_family_one_originator_are_each_one_origin() -> None:
    assert count(("a1", "s", "g1", "x", "x", None), ("a2", "s", "g1", "y", "y", None)) == 1
    assert count(("a1", "s", "g1", "x", "house", None), ("a2", "s", "g2", "y", "house", None)) == 1
    assert count(("a1", "s", "g1", "x", "x", "cnn"), ("a2", "s", "g2", "y", "y", "cnn")) == 1


def test_who_is_credited_and_who_credits_are_one_origin() -> None:
    assert count(("a1", "s", "g1", "ap", "ap", None), ("a2", "s", "g2", "y", "y", "ap")) == 1


def test_a_chain_of_ties_makes_one_origin() -> None:
    assert (
        count(("a1", "s", "g1", "x", "h", None), ("a2", "s", "g2", "y", "h", "ap"), ("a3", "s", "g3", "z", "z", "ap"))
        == 1
    )


def test_unknown_sources_tie_nothing() -> None:
    unknown = "src_unknown"
    assert count(("a1", "s", "g1", None, None, None), ("a2", "s", "g2", None, None, None)) == 2
    assert count(("a1", "s", "g1", unknown, unknown, None), ("a2", "s", "g2", unknown, unknown, unknown)) == 2


def test_an_origin_never_leaves_its_story_and_does_not_know_its_name() -> None:
    rows = [("a1", "s1", "g1", "x", "x", None), ("a2", "s2", "g2", "x", "x", None)]
    assert count(*rows) == 2
    assert found(*rows) == found(*((a, "t" + s, *rest) for a, s, *rest in rows))


def test_no_articles_no_origins() -> None:
    assert found() == {}


_ARTICLE: st.SearchStrategy[tuple[Any, ...]] = st.tuples(
    st.integers(0, 5), st.sampled_from([None, "src_unknown", "x", "y", "z"]), st.sampled_from([None, "x", "ap"])
)


@given(st.lists(_ARTICLE, min_size=1, max_size=12), st.randoms())
def test_order_does_not_matter_and_origins_never_outnumber_families(
    articles: list[tuple[Any, ...]], chance: random.Random
) -> None:
    house = {"x": "h1", "y": "h1", "z": "h2"}
    rows = [
        (f"a{i:02}", f"s{group % 2}", f"g{group}", source, house.get(source, source), originator)
        for i, (group, source, originator) in enumerate(articles)
    ]
    ours = found(*rows)
    chance.shuffle(rows)
    assert ours == found(*rows)
    for story in {row[1] for row in rows}:
        inside = [row for row in rows if row[1] == story]
        known = {row[4] for row in inside if row[3] in house}
        all_unknown = {row[2] for row in inside} - {row[2] for row in inside if row[3] in house}
        assert len({ours[row[0]] for row in inside}) <= len(known) + len(all_unknown)
        for group in {row[2] for row in inside}:
            assert len({ours[row[0]] for row in inside if row[2] == group}) == 1
