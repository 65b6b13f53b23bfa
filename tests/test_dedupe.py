"""When two texts are one wording, and when they only look alike."""

import random

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.dedupe import NearCopies, near_copies
from transforms.text import canonical_text, text_id

_WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "lnrst"]


def prose(seed: int, n_words: int) -> str:
    """Return sentences of invented words, the same for the same seed."""
    chance = random.Random(seed)
    words = [chance.choice(_WORDS) for _ in range(n_words)]
    return " ".join(" ".join(words[i : i + 12]).capitalize() + "." for i in range(0, n_words, 12))


def copies(*bodies: str) -> NearCopies:
    ids = [text_id(canonical_text(body)) for body in bodies]
    return near_copies(pa.table({"text_id": ids, "body": list(bodies)}))


def groups(*bodies: str) -> list[str]:
    found = copies(*bodies).groups.to_pylist()
    group = {row["text_id"]: row["text_group_id"] for row in found}
    return [group[text_id(canonical_text(body))] for body in bodies]


def rules(found: NearCopies) -> set[tuple[str, str]]:
    return {(row["decision"], row["rule"]) for row in found.pairs.to_pylist()}


def test_a_text_alone_is_a_group_of_its_own_hash() -> None:
    body = prose(1, 60)
    assert groups(body) == ["g_" + text_id(body)[2:]]


def test_no_texts_no_groups() -> None:
    found = near_copies(pa.table({"text_id": pa.array([], pa.string()), "body": pa.array([], pa.string())}))
    assert found.groups.num_rows == found.pairs.num_rows == 0


def test_case_and_punctuation_make_no_other_wording() -> None:
    body = "The minister’s plan, he said, will hold."
    assert rules(copies(body, "THE MINISTER'S PLAN he said - will hold")) == {("joined", "same_words")}


def test_texts_without_words_are_not_copies_of_each_other() -> None:
    first, second = groups("...", "???")
    assert first != second


def test_a_reprint_with_an_added_paragraph_is_a_copy() -> None:
    body = prose(2, 200)
    found = copies(body, body + "\n" + prose(3, 60))
    assert rules(found) == {("joined", "jaccard")}
    assert found.groups["text_group_id"].unique().to_pylist() == ["g_" + min(found.groups["text_id"].to_pylist())[2:]]


def test_a_cut_reprint_is_contained() -> None:
    body = prose(4, 400)
    found = copies(body, " ".join(body.split()[:100]))
    assert rules(found) == {("joined", "containment")}
    assert found.pairs["containment"].to_pylist() == [1.0]
    assert found.pairs["jaccard"].to_pylist()[0] < 0.5


def test_a_quoted_paragraph_makes_no_copy() -> None:
    quote = prose(5, 40)
    first, second = groups(prose(6, 200) + " " + quote, prose(7, 200) + " " + quote)
    assert first != second


def test_a_caption_inside_a_longer_text_is_too_short_to_be_its_copy() -> None:
    caption = prose(8, 30)
    found = copies(caption, caption + " " + prose(9, 300))
    assert rules(found) == {("rejected", "short_text")}


def test_a_shared_footer_makes_no_copy_however_long() -> None:
    footer = prose(10, 200)
    found = copies(prose(11, 70) + "\n" + footer, prose(12, 70) + "\n" + footer)
    assert rules(found) == {("rejected", "opening_differs")}


def test_a_market_template_with_other_figures_makes_no_copy() -> None:
    def report(close: str, change: str, volume: str) -> str:
        return (
            f"{prose(13, 30)} The index closed at {close} points, a change of {change} percent on the day. "
            f"{prose(14, 30)} Turnover on the exchange came to {volume} million, dealers said. {prose(15, 40)}"
        )

    found = copies(report("4,812.5", "0.4", "311"), report("4,790.1", "1.2", "287"))
    assert rules(found) == {("rejected", "figures_differ")}


def test_one_corrected_figure_leaves_a_copy() -> None:
    body = prose(16, 100) + " The toll rose to 12. " + prose(17, 100)
    first, second = groups(body, body.replace("12", "14"))
    assert first == second


def test_a_compilation_does_not_join_what_it_holds() -> None:
    first, second = prose(18, 150), prose(19, 150)
    found = copies(first, second, first + "\n" + second + "\n" + prose(20, 200))
    assert len(found.groups["text_group_id"].unique()) == 3
    assert rules(found) == {("rejected", "compilation")}


def test_edges_are_listed_once_with_the_smaller_id_first() -> None:
    body = prose(21, 120)
    pairs = copies(body, body.upper(), body + " " + prose(22, 20)).pairs.to_pylist()
    assert all(pair["text_a"] < pair["text_b"] for pair in pairs)
    assert len({(pair["text_a"], pair["text_b"]) for pair in pairs}) == len(pairs) == 3


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(20, 120)), min_size=1, max_size=8, unique=True), st.randoms())
def test_groups_and_pairs_do_not_depend_on_order(cuts: list[tuple[int, int]], chance: random.Random) -> None:
    bodies = [" ".join(prose(seed, 120).split()[:length]) for seed, length in cuts]
    shuffled = bodies[:]
    chance.shuffle(shuffled)
    one, other = copies(*dict.fromkeys(bodies)), copies(*dict.fromkeys(shuffled))
    assert one.groups.equals(other.groups)
    assert one.pairs.equals(other.pairs)


@settings(max_examples=25, deadline=None)
@given(st.integers(60, 200), st.integers(0, 50))
def test_every_text_is_in_one_group_named_by_its_smallest_member(length: int, seed: int) -> None:
    bodies = [prose(seed, 200), " ".join(prose(seed, 200).split()[:length]), prose(seed + 1000, 80)]
    found = copies(*dict.fromkeys(bodies))
    rows = found.groups.to_pylist()
    assert sorted(row["text_id"] for row in rows) == sorted({text_id(body) for body in bodies})
    for group in {row["text_group_id"] for row in rows}:
        assert group[2:] == min(row["text_id"] for row in rows if row["text_group_id"] == group)[2:]
