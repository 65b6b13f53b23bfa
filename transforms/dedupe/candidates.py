"""Pairs of texts worth comparing word for word: those whose samples of shingles meet.

Method: FracMin sampling (Hera, Pierce-Ward, Koslicki 2023, "Deriving confidence intervals for mutation rates ... FracMinHash";
Broder 1997 for shingling): every shingle whose hash lies under a fixed bound is kept, so samples of any two nights agree.

A shingle of a thousand texts would make half a million pairs, and say little. So of the texts that have a shingle the few with the
smallest ids introduce it: a pair meets at a shingle when one of the two introduces it. Of a handful of texts all pairs meet, of
many each meets the few; work grows with the texts, however common a footer is, and the copies of a story that everybody printed
still hang together. Which pairs meet is a function of the set of texts.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled
from transforms.dedupe import buckets
from transforms.dedupe.bits import bits_set, eight_bytes
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Offsets, Signatures, in_threads

Rows = npt.NDArray[np.int64]
Owners = npt.NDArray[np.uint32]
_BUCKETS = 256
_LOW, _BYTE = np.uint64(0xFFFFFFFF), np.uint64(0xFF)
_0, _6, _8, _32, _63 = (np.uint64(number) for number in (0, 6, 8, 32, 63))
# How many pairs ahead what is compared is asked for.
_AHEAD = 8
# 64-bit words of a sketch's bits: with one more two cache lines.
_WORDS = 15
# Pairs a thread takes at a time.
_AT_A_TIME = 1 << 18


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows of signatures: the id of `left` is smaller than that of `right`; ordered by these ids."""

    left: Rows
    right: Rows

    def __len__(self) -> int:
        return len(self.left)


def candidates(signatures: Signatures, settings: NearSettings, threads: int = 2) -> Pairs:
    """Return the pairs that have the same words, or meet and by their samples share enough to be shown."""
    order = np.argsort(signatures.ids, kind="stable")
    rank = np.empty(len(order), dtype=np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    met = distinct(meetings(signatures.keys, signatures.starts, rank, settings.introduced_by, threads))
    left, right = order[met >> _32], order[met & _LOW]
    worth = promising(left, right, signatures.starts, signatures.keys, settings, threads)
    found = distinct([met[worth], _of_same_words(signatures, rank, settings.introduced_by)])
    return Pairs(order[found >> _32], order[found & _LOW])


def meetings(keys: Hashes, starts: Offsets, rank: Owners, introduced_by: int, threads: int) -> list[Hashes]:
    """Return the smaller rank << 32 | the larger of every two rows at every key that they meet at."""
    # What is large is numpy's to allocate: it asks for large pages, of which a million texts touch hundreds and not half a million.
    scattered, owners = np.empty_like(keys), np.empty(len(keys), np.uint32)
    cuts = np.linspace(0, len(starts) - 1, threads + 1).astype(np.int64)
    parts = range(threads)
    counts = np.stack([*in_threads(lambda part: _counted(keys[slice(*starts[cuts[part : part + 2]])]), parts, threads)])
    # Bucket by bucket, and in each part by part: where each part's begin.
    ends = np.cumsum(counts.T).reshape(_BUCKETS, threads)
    filled = np.ascontiguousarray((ends - counts.T).T)

    def scatter(part: int) -> None:
        _scatter(keys, starts[cuts[part] : cuts[part + 1] + 1], rank[cuts[part] :], filled[part], scattered, owners)

    for _ in in_threads(scatter, parts, threads):
        pass
    bounds = np.r_[0, ends[:, -1]]

    def met(bucket: int) -> Hashes:
        some = slice(bounds[bucket], bounds[bucket + 1])
        repeated = _repeated(scattered[some])
        ours = scattered[some][repeated]
        order = np.argsort(ours)
        return introduced(ours[order], owners[some][repeated][order], introduced_by)

    return list(in_threads(met, range(_BUCKETS), threads))


def distinct(found: list[Hashes]) -> Hashes:
    """Return each number once, ascending."""
    every = np.concatenate(found)
    # Sorted it is; numpy's unique puts millions into a table that no cache holds.
    every.sort()
    return every[np.r_[True, every[1:] != every[:-1]]] if len(every) else every


def _of_same_words(signatures: Signatures, rank: Owners, introduced_by: int) -> Hashes:
    worded = np.flatnonzero(signatures.digests[:, 0])
    order = worded[np.argsort(signatures.digests[worded, 0], kind="stable")]
    return introduced(signatures.digests[order, 0].copy(), rank[order], introduced_by)


@compiled
def _counted(keys: Hashes) -> Offsets:
    """Return how many keys have each low byte."""
    many = np.zeros(_BUCKETS, np.int64)
    for key in keys:
        many[key & _BYTE] += 1
    return many


@compiled
def _scatter(keys: Hashes, starts: Offsets, rank: Owners, filled: Offsets, scattered: Hashes, owners: Owners) -> None:
    """Write the keys of some rows and their owners to the places from `filled` on of their low bytes."""
    for row in range(len(starts) - 1):
        for i in range(starts[row], starts[row + 1]):
            low = keys[i] & _BYTE
            scattered[filled[low]] = keys[i]
            owners[filled[low]] = rank[row]
            filled[low] += 1


@compiled
def _repeated(keys: Hashes) -> Rows:
    """Return where the keys are that may be there twice: most are there once and need no sorting."""
    bits = 64
    while bits < 16 * len(keys):
        bits *= 2
    once, twice = np.zeros(bits // 64, np.uint64), np.zeros(bits // 64, np.uint64)
    for key in keys:
        slot = (key >> np.uint64(8)) & np.uint64(bits - 1)
        bit = np.uint64(1) << (slot & np.uint64(63))
        word = slot >> np.uint64(6)
        twice[word] |= once[word] & bit
        once[word] |= bit
    found, count = np.empty(len(keys), np.int64), 0
    for i in range(len(keys)):
        slot = (keys[i] >> np.uint64(8)) & np.uint64(bits - 1)
        if twice[slot >> np.uint64(6)] >> (slot & np.uint64(63)) & np.uint64(1):
            found[count] = i
            count += 1
    return found[:count].copy()


@compiled
def introduced(keys: Hashes, owners: Owners, introduced_by: int) -> Hashes:
    """Return smaller << 32 | larger for every two owners of a key of which one is among its smallest owners.

    `keys` ascending; an owner has a key once.
    """
    room = start = 0
    for end in range(1, len(keys) + 1):
        if end == len(keys) or keys[end] != keys[start]:
            room += min(introduced_by, end - start - 1) * (end - start - 1)
            start = end
    found, count, start = np.empty(room, np.uint64), 0, 0
    smallest = np.empty(introduced_by + 1, np.uint32)
    for end in range(1, len(keys) + 1):
        if end < len(keys) and keys[end] == keys[start]:
            continue
        many = 0
        for i in range(start, end if end - start > 1 else start):
            at = many
            while at > 0 and smallest[at - 1] > owners[i]:
                smallest[at] = smallest[at - 1]
                at -= 1
            smallest[at] = owners[i]
            many = min(many + 1, introduced_by)
        for i in range(start, end if many else start):
            for first in smallest[:many]:
                found[count] = (np.uint64(first) << _32) | np.uint64(owners[i])
                count += first < owners[i]
        start = end
    return found[:count].copy()


def promising(
    left: Rows, right: Rows, starts: Offsets, keys: Hashes, settings: NearSettings, threads: int
) -> npt.NDArray[np.bool_]:
    """Return of which pairs the samples share `shown_containment` of what they could, give or take a standard deviation.

    What they could: the keys of the smaller within reach of both samples. Fastest where pairs of one `left` lie together.
    """
    bound = np.uint64((1 << 64) - 1) // np.uint64(settings.sample_one_in)
    sketches = np.zeros((len(starts) - 1, _WORDS + 1), np.uint64)
    _sketch(starts, keys, bound, sketches)

    def worth(first: int) -> npt.NDArray[np.bool_]:
        some = slice(first, first + _AT_A_TIME)
        return _promising(left[some], right[some], starts, keys, sketches, bound, settings.shown_containment)

    parts = in_threads(worth, range(0, len(left), _AT_A_TIME), threads)
    return np.concatenate([np.empty(0, np.bool_), *parts])


@compiled
def _promising(
    left: Rows, right: Rows, starts: Offsets, keys: Hashes, sketches: Hashes, bound: np.uint64, least: float
) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(left), np.bool_)
    slots, held, table, mask = np.empty(0, np.uint64), -1, _0, _0
    possible = _possible(left, right, sketches, least)
    for i in range(len(possible)):
        if i + _AHEAD < len(possible):
            row = right[possible[i + _AHEAD]]
            buckets.fetch(buckets.address(keys, starts[row]), buckets.address(keys, starts[row + 1]))
        pair = possible[i]
        one, other = left[pair], right[pair]
        if one != held:
            held = one
            slots, table, mask = buckets.emptied(slots, starts[one + 1] - starts[one])
            at, end = buckets.address(keys, starts[one]), buckets.address(keys, starts[one + 1])
            while at < end:
                buckets.placed(table, mask, eight_bytes(at))
                at += _8
        shared = 0
        at, end = buckets.address(keys, starts[other]), buckets.address(keys, starts[other + 1])
        while at < end:
            shared += buckets.asked(table, mask, eight_bytes(at))[1] != 0
            at += _8
        furthest = max(min(keys[starts[one + 1] - 1], keys[starts[other + 1] - 1]), bound)
        reach = min(_within(starts, keys, one, furthest), _within(starts, keys, other, furthest))
        found[pair] = shared >= least * reach - math.sqrt(reach * least * (1 - least))
    return found


@compiled
def _within(starts: Offsets, keys: Hashes, row: int, furthest: np.uint64) -> int:
    """Return how many keys of a row are no larger."""
    many: int = starts[row + 1] - starts[row]
    while many and keys[starts[row] + many - 1] > furthest:
        many -= 1
    return many


@compiled
def _possible(left: Rows, right: Rows, sketches: Hashes, least: float) -> Rows:
    """Return which pairs may be promising by their sketches: a look at two lines of memory each."""
    found, count = np.empty(len(left), np.int64), 0
    base, size = buckets.address(sketches, 0), np.uint64((_WORDS + 1) * sketches.itemsize)
    for pair in range(len(left)):
        if pair + _AHEAD < len(left):
            ahead = base + np.uint64(right[pair + _AHEAD]) * size
            buckets.fetch(ahead, ahead + size)
        # No views of rows: counting who holds them would take longer than all else.
        one, other = base + np.uint64(left[pair]) * size, base + np.uint64(right[pair]) * size
        ours, theirs = eight_bytes(one + size - _8), eight_bytes(other + size - _8)
        most, reach = min(ours >> _32, theirs >> _32), min(ours & _LOW, theirs & _LOW)
        for word in range(_WORDS):
            at = np.uint64(word) * _8
            most += bits_set(eight_bytes(one + at) & eight_bytes(other + at))
        found[count] = pair
        count += int(most > 0 and most >= least * reach - math.sqrt(reach * least * (1 - least)))
    return found[:count].copy()


@compiled
def _sketch(starts: Offsets, keys: Hashes, bound: np.uint64, sketches: Hashes) -> None:
    """Set of each text 960 bits, one for each key; and how many keys found theirs set << 32 | how many lie within the bound.

    Two texts share no more keys than bits and those that found theirs set.
    """
    for row in range(len(starts) - 1):
        for i in range(starts[row], starts[row + 1]):
            word, bit = (((keys[i] >> _6) & _LOW) * np.uint64(_WORDS)) >> _32, np.uint64(1) << (keys[i] & _63)
            sketches[row, _WORDS] += np.uint64(keys[i] <= bound)
            if sketches[row, word] & bit:
                sketches[row, _WORDS] += np.uint64(1) << _32
            sketches[row, word] |= bit
