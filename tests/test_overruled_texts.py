"""What people decided of wording holds, in every order of texts, and moves no group that it does not name."""

import random
from itertools import combinations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_dedupe import prose
from transforms.dedupe import NearCopies, near_copies
from transforms.dedupe.overruled import TextConstraints, overruled
from transforms.text import canonical_text, text_id

LONG = prose(1, 200)
BODIES = [LONG, LONG + "\n" + prose(2, 40), LONG + "\n" + prose(3, 40), LONG.upper(), prose(4, 120), prose(5, 120)]
IDS = [text_id(canonical_text(body)) for body in BODIES]
WORDS = dict(zip(IDS, BODIES, strict=True))


def found(order: list[int]) -> NearCopies:
    return near_copies(pa.table({"text_id": [IDS[i] for i in order], "body": [BODIES[i] for i in order]}))


def groups(copies: NearCopies) -> dict[str, str]:
    return {row["text_id"]: row["text_group_id"] for row in copies.groups.to_pylist()}


def test_a_parted_copy_takes_with_it_what_is_closest() -> None:
    copies = overruled(found([0, 1, 2, 3, 4, 5]), TextConstraints(apart=((IDS[0], IDS[1]),)), WORDS)
    group = groups(copies)
    assert group[IDS[0]] == group[IDS[3]] != group[IDS[1]]
    rules = {
        frozenset((row["text_a"], row["text_b"])): (row["decision"], row["rule"]) for row in copies.pairs.to_pylist()
    }
    assert rules[frozenset((IDS[0], IDS[1]))] == ("rejected", "override")
    assert rules[frozenset((IDS[0], IDS[3]))] == ("joined", "same_words")


def test_two_texts_that_share_nothing_are_one_by_order_with_their_numbers() -> None:
    copies = overruled(found([0, 4, 5]), TextConstraints(together=((IDS[4], IDS[5]),)), WORDS)
    assert groups(copies)[IDS[4]] == groups(copies)[IDS[5]] == "g_" + min(IDS[4], IDS[5])[2:]
    assert [row for row in copies.pairs.to_pylist() if row["rule"] == "override"] == [
        {"text_a": min(IDS[4:]), "text_b": max(IDS[4:]), "jaccard": 0.0, "containment": 0.0, "decision": "joined", "rule": "override"}
    ]  # fmt: skip


def test_what_counts_as_nobodys_copy_bridges_nothing() -> None:
    bridge = IDS[0]
    plain = groups(found([0, 1, 2, 4]))
    assert plain[IDS[1]] == plain[IDS[2]] == plain[bridge]
    alone = groups(overruled(found([0, 1, 2, 4]), TextConstraints(alone=frozenset([bridge])), WORDS))
    assert alone[bridge] == "g_" + bridge[2:] and alone[IDS[1]] != alone[bridge]
    assert alone[IDS[4]] == plain[IDS[4]]


def test_nothing_named_nothing_changed() -> None:
    copies = found([0, 1, 4])
    assert overruled(copies, TextConstraints(apart=(("t_unknown", IDS[0]),)), {}) is copies


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_constraints_hold_in_every_order(chance: random.Random) -> None:
    order = list(range(6))
    pairs = [pair for pair in combinations(range(6), 2) if pair != (0, 3)]
    together = tuple((IDS[a], IDS[b]) for a, b in chance.sample([p for p in pairs if p[1] > 3], 1))
    apart = tuple((IDS[a], IDS[b]) for a, b in chance.sample([p for p in pairs if p[1] <= 3], 2))
    constraints = TextConstraints(together, apart)
    once = overruled(found(order), constraints, WORDS)
    chance.shuffle(order)
    again = overruled(found(order), constraints, WORDS)
    group = groups(once)
    assert group == groups(again)
    assert once.pairs.sort_by([("text_a", "ascending"), ("text_b", "ascending")]).equals(
        again.pairs.sort_by([("text_a", "ascending"), ("text_b", "ascending")])
    )
    assert all(group[a] == group[b] for a, b in together)
    assert all(group[a] != group[b] for a, b in apart)
    assert all(
        name == "g_" + min(text for text, other in group.items() if other == name)[2:] for name in group.values()
    )
