"""Texts that come in any number of nights, in any order, leave the pairs and groups that they would make at once."""

import random
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_dedupe import prose
from transforms.dedupe.edges import Edges
from transforms.dedupe.growing import Known
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.near import NO_BODY, REPORT, copies_of, edges_of, everything, grown, near_copies
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import numbers, sign
from transforms.text import text_id

# So few introduce a shingle that a handful of copies crosses over.
FEW = replace(NearSettings(), introduced_by=1, sample_one_in=4)


def table(bodies: list[str]) -> pa.Table:
    return pa.table(
        {"text_id": pa.array([text_id(body) for body in bodies], pa.string()), "body": pa.array(bodies, pa.string())}
    )


def every_text(ids: Hashes) -> npt.NDArray[np.int8]:
    return np.full(len(ids), REPORT, np.int8)


def nights_of(nights: list[list[str]], how: NearSettings, again: list[str] | None = None) -> Edges:
    """Let the texts of each night grow on what stood; the last looks at the texts of `again` anew, too."""
    texts = table([body for night in nights for body in night])
    parts, edges = [], edges_of(near_copies(table([])).pairs)
    for number, night in enumerate(nights):
        parts.append(sign(table(night).to_batches(), how))
        fresh = [*night, *(again or [] if number == len(nights) - 1 else [])]
        ids = np.unique(numbers(table(fresh)["text_id"].combine_chunks())) if fresh else np.empty(0, np.uint64)
        edges = grown(Known(parts), ids, edges, every_text, lambda wanted: texts.to_batches(), how)
    return edges


def variants(seed: int) -> list[str]:
    """Return a text and what is made of it: cuts, additions, edits, and a text that holds two."""
    chance = random.Random(seed)
    body = prose(seed % 4, 90)
    words = body.split()
    edited = [word if chance.random() > 0.04 else "other" for word in words]
    return [
        body,
        body.upper(),
        " ".join(words[: chance.randint(45, 80)]),
        body + " " + prose(seed + 50, chance.randint(10, 80)),
        " ".join(edited),
        prose((seed + 1) % 4, 90) + " " + body,
        " ".join(words[:12]),
    ]


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=6),
    st.lists(st.integers(0, 4), min_size=50, max_size=50),
    st.randoms(use_true_random=False),
    st.sampled_from([FEW, replace(FEW, introduced_by=2), NearSettings()]),
)
def test_nights_in_any_order_and_size_leave_the_same(
    seeds: list[int], night_of: list[int], chance: random.Random, how: NearSettings
) -> None:
    bodies = list(dict.fromkeys(body for seed in seeds for body in variants(seed)))
    chance.shuffle(bodies)
    nights = [[body for body, night in zip(bodies, night_of, strict=False) if night == number] for number in range(5)]
    whole = near_copies(table(bodies), how)
    found = copies_of(nights_of(nights, how, again=bodies[:3]))
    assert found.pairs.equals(whole.pairs)
    group = dict(zip(*found.groups.to_pydict().values(), strict=True))
    assert all(
        group.get(text, "g_" + text[2:]) == of for text, of in zip(*whole.groups.to_pydict().values(), strict=True)
    )
    known = Known([sign(table(night).to_batches(), how) for night in nights])
    at_once = everything(known, every_text, lambda wanted: table(bodies).to_batches(), how)
    assert copies_of(at_once).pairs.equals(whole.pairs)


def test_two_that_were_introduced_part_when_another_takes_the_place_and_they_meet_nowhere_else() -> None:
    bodies = [f"{prose(1, 60)} {prose(number + 60, 30)}" for number in range(12)]
    bodies.sort(key=text_id, reverse=True)
    edges = nights_of([[body] for body in bodies], FEW)
    assert copies_of(edges).pairs.equals(near_copies(table(bodies), FEW).pairs)
    # All meet the smallest, and few each other.
    assert len(edges) < len(bodies) * 2


def test_the_copies_of_a_story_that_everybody_printed_are_one_group() -> None:
    bodies = [f"{prose(2, 150)} {prose(number + 100, 12)}" for number in range(200)]
    assert len(near_copies(table(bodies)).groups["text_group_id"].unique()) == 1


def test_a_text_that_is_no_body_makes_no_pair() -> None:
    body = prose(3, 90)
    texts = table([body, body + " more", body + " and more"])
    headline = numbers(texts["text_id"].combine_chunks())[:1]
    known = Known([sign(texts.to_batches(), NearSettings())])
    edges = everything(
        known,
        lambda ids: np.where(ids == headline[0], NO_BODY, REPORT),
        lambda wanted: texts.to_batches(),
        NearSettings(),
    )
    assert len(edges) == 1 and headline[0] not in (edges.left[0], edges.right[0])


def test_a_text_that_was_asked_for_and_is_not_there_is_named() -> None:
    texts = table([prose(4, 90), prose(4, 90) + " more"])
    known = Known([sign(texts.to_batches(), NearSettings())])
    with pytest.raises(ValueError, match=min(texts["text_id"].to_pylist())):
        everything(known, every_text, lambda wanted: texts.slice(0, 0).to_batches(), NearSettings())
