"""What is learnt of texts that nobody compared before: what each says, and which pairs with others come near a story."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.stories.cluster import ClusterSettings, days_apart, least_scores, vetoes_of
from transforms.stories.frequencies import Frequencies
from transforms.stories.memory import Bodies, Measured, Memory, keys_of, no_memory
from transforms.stories.profiles import NODES, profiles
from transforms.stories.shelf import DAY, UNDATED, Integers, Shelf, beside
from transforms.stories.similarity import Pairs, Weights, compared_pairs, joined

# Texts whose words are in memory at a time.
_READ_AT_ONCE = 10_000
BARE = pa.schema([field for field in NODES if field.name != "body"])

# The days of some texts (shelf.UNDATED: none) -> remembered texts that take part, at least those in the window of any, a part at a
# time: their rows in the memory, ascending, and their shelf.
Within = Callable[[Integers], Iterable[tuple[Integers, Shelf]]]


def learn(
    nodes: pa.Table,
    weights: Weights,
    known: Mapping[str, Frequencies],
    settings: ClusterSettings,
    n_before: int,
    within: Within,
    bodies: Bodies,
) -> Memory:
    """Read texts and compare them with each other and with those remembered in their window.

    `nodes`: as BARE, none of which is remembered; their rows count on from the `n_before` of the memory. A pair measures the same
    whichever of the two came first, so a memory holds the same pairs whatever the nights were.
    """
    shelf = beside([_read(part, known, settings, bodies) for part in _parts(nodes)])
    takes_part = np.array(nodes["joinable"].to_pylist(), dtype=bool)
    own = np.arange(shelf.n) + n_before
    measured = [_measured(shelf, own, takes_part, np.flatnonzero(takes_part), weights, settings)]
    if takes_part.any():
        for rows, others in within(np.unique(shelf.scalars[takes_part, DAY])):
            sought = np.concatenate([np.ones(others.n, dtype=bool), np.zeros(shelf.n, dtype=bool)])
            near = _near(shelf.scalars[:, DAY], others.scalars[:, DAY], settings.window_days)
            asking = np.flatnonzero(takes_part & near) + others.n
            both, of_both = beside([others, shelf]), np.concatenate([rows, own])
            measured.append(_measured(both, of_both, sought, asking, weights, settings))
    pairs = joined(part.pairs for part in measured)
    vetoes = np.concatenate([part.vetoes for part in measured])
    return replace(no_memory(), keys=keys_of(nodes), joinable=takes_part, shelf=shelf, measured=Measured(pairs, vetoes))


def _near(days: Integers, others: Integers, window: int) -> npt.NDArray[np.bool_]:
    """Return which texts may lie in the window of one of the others, by their days."""
    if UNDATED in others:
        return np.ones(len(days), dtype=bool)
    near: npt.NDArray[np.bool_] = (days >= others.min() - window) & (days <= others.max() + window) | (days == UNDATED)
    return near


def _parts(nodes: pa.Table) -> list[pa.Table]:
    return [nodes.slice(begin, _READ_AT_ONCE) for begin in range(0, nodes.num_rows, _READ_AT_ONCE)]


def _read(nodes: pa.Table, known: Mapping[str, Frequencies], settings: ClusterSettings, bodies: Bodies) -> Shelf:
    text_ids = nodes["text_id"].to_pylist()
    of_texts = bodies(text_ids)
    body = pa.array([of_texts[text_id] for text_id in text_ids], pa.string())
    return profiles(nodes.append_column("body", body), known, settings.similarity.reading).shelf


def _measured(
    shelf: Shelf,
    rows: Integers,
    sought: npt.NDArray[np.bool_],
    asking: Integers,
    weights: Weights,
    settings: ClusterSettings,
) -> Measured:
    """Return the pairs of an asking text and one that is sought that come near a story, by their `rows` in the memory."""
    least = least_scores(weights, settings)
    found = joined(compared_pairs(shelf, settings.similarity, asking, weights, least, sought))
    found = found.only(days_apart(shelf.scalars[:, DAY], found) <= settings.window_days)
    vetoes = vetoes_of(shelf, found, weights.scores(found.features), settings.company_score, settings)
    return Measured(Pairs(rows[found.left], rows[found.right], found.features), vetoes)
