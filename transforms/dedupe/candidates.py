"""Pairs of texts worth comparing word for word: those whose samples of shingles meet.

Method: FracMin sampling (Hera, Pierce-Ward, Koslicki 2023, "Deriving confidence intervals for mutation rates ... FracMinHash";
Broder 1997 for shingling): every shingle whose hash lies under a fixed bound is kept, so samples of any two nights agree.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.dedupe.shingles import Hashes

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """Pairs of row numbers (left < right) and the number of sampled shingles they share."""

    left: Indices
    right: Indices
    shared: Indices


def sample(shingle_set: Hashes, one_in: int, at_least: int) -> Hashes:
    """Return the sampled part of a sorted set of shingles: hashes under 2^64 / one_in, and at least so many smallest."""
    under = int(np.searchsorted(shingle_set, np.uint64((1 << 64) // one_in)))
    return shingle_set[: max(under, min(at_least, len(shingle_set)))]


def meeting(samples: list[Hashes], most_texts: int) -> Candidates:
    """Return the pairs whose samples share a shingle that lies in no more than `most_texts` of them.

    A shingle of more texts is a footer or a formula, and says nothing about copying.
    """
    owners = np.repeat(np.arange(len(samples), dtype=np.int64), [len(s) for s in samples])
    hashes = np.concatenate(samples) if samples else np.empty(0, dtype=np.uint64)
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], owners[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else np.empty(0, dtype=np.int64)
    sizes = np.diff(np.r_[starts, len(hashes)])
    found = [_pairs_of_size(owners, starts[sizes == size], size, len(samples)) for size in range(2, most_texts + 1)]
    keys, shared = np.unique(np.concatenate(found), return_counts=True)
    return Candidates(keys // len(samples), keys % len(samples), shared.astype(np.int64))


def comparable(a: Hashes, b: Hashes) -> int:
    """Return how many of its sampled shingles the smaller text could share: those within reach of both samples."""
    bound = min(a[-1], b[-1])
    return int(min(np.searchsorted(a, bound, "right"), np.searchsorted(b, bound, "right")))


def _pairs_of_size(owners: Indices, starts: Indices, size: int, n_texts: int) -> Indices:
    """Return left * n_texts + right for every pair inside each group of `size` owners (ascending within a group)."""
    members = owners[starts[:, None] + np.arange(size)]
    left, right = np.triu_indices(size, 1)
    keys: Indices = (members[:, left] * n_texts + members[:, right]).ravel()
    return keys
