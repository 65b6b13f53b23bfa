"""Tonight's texts among all that are known: the pairs they make, and the few between older texts that they unmake.

Nothing is compared again that stands. A pair of older texts is in question only where a new text with a smaller id has taken the
place of one that had introduced them (candidates.py); it goes when they meet nowhere else. So the pairs after any nights, in any
order, are those that all the texts would make at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled
from transforms.dedupe.candidates import introduced, promising
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.overlap import Rows
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Signatures, in_threads, joined

_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
# Bits a key that is asked for: one in 150 of the others is looked up for nothing.
_BITS = 16
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class IdPairs:
    """Pairs of text ids, `left` < `right`."""

    left: Hashes
    right: Hashes

    def __len__(self) -> int:
        return len(self.left)

    def where(self, rows: Mask) -> "IdPairs":
        """Return some of them."""
        return IdPairs(self.left[rows], self.right[rows])


@dataclass(frozen=True)
class _Met:
    """Pairs that meet, as positions in `ids` (ascending): left << 32 | right, ascending."""

    ids: Hashes
    pairs: Hashes

    @property
    def left(self) -> Rows:
        return (self.pairs >> _32).astype(np.int64)

    @property
    def right(self) -> Rows:
        return (self.pairs & _LOW).astype(np.int64)


class Known:
    """The signatures of all texts, in parts (tonight's the last), each text once; parts may lie in files that are mapped."""

    def __init__(self, parts: Sequence[Signatures], threads: int = 2) -> None:
        self._parts = list(parts)
        self.threads = threads
        self._firsts = np.cumsum([0, *(len(part) for part in parts)])

    @property
    def last(self) -> int:
        """The first row of the last part."""
        return int(self._firsts[-2]) if self._parts else 0

    def all(self) -> Signatures:
        """Return the signatures of all texts, in memory."""
        return joined(self._parts)

    def rows_of(self, ids: Hashes) -> Rows:
        """Return the rows of those of some ids (ascending, each once) that are known."""
        return self._hits([part.ids for part in self._parts], ids)[1]

    def signatures(self, rows: Rows) -> Signatures:
        """Return the signatures of some rows, in their order."""
        part_of = np.searchsorted(self._firsts, rows, side="right") - 1
        ids, digests = np.empty(len(rows), np.uint64), np.empty((len(rows), 2), np.uint64)
        sizes = np.zeros(len(rows), np.int64)
        inside = rows - self._firsts[part_of]
        for number in np.unique(part_of).tolist():
            part, some = self._parts[number], part_of == number
            ids[some], digests[some] = part.ids[inside[some]], part.digests[inside[some]]
            sizes[some] = part.starts[inside[some] + 1] - part.starts[inside[some]]
        starts = np.r_[0, np.cumsum(sizes)].astype(np.int64)
        keys = np.empty(int(starts[-1]), np.uint64)
        for number in np.unique(part_of).tolist():
            part, some = self._parts[number], np.flatnonzero(part_of == number)
            _gather(part.keys, part.starts, inside[some], some, starts, keys)
        return Signatures(ids, digests, starts, keys)

    def holders(self, keys: Hashes, digests: Hashes) -> tuple[Rows, Rows]:
        """Return (place, row) of everything that has one of these keys, or digests (after the keys), ascending by place."""
        at_key, entries = self._hits([part.keys for part in self._parts], keys)
        offsets = np.cumsum([0, *(len(part.keys) for part in self._parts)])
        part_of = np.searchsorted(offsets, entries, side="right") - 1
        rows = np.empty(len(entries), np.int64)
        for number in np.unique(part_of).tolist():
            some = part_of == number
            inside = np.searchsorted(self._parts[number].starts, entries[some] - offsets[number], side="right") - 1
            rows[some] = inside + self._firsts[number]
        at_digest, texts = self._hits([part.digests[:, 0] for part in self._parts], digests)
        places, rows = np.r_[at_key, at_digest + len(keys)], np.r_[rows, texts]
        order = np.argsort(places, kind="stable")
        return places[order], rows[order]

    def ids(self, rows: Rows) -> Hashes:
        """Return the ids of some rows."""
        found = np.empty(len(rows), np.uint64)
        part_of = np.searchsorted(self._firsts, rows, side="right") - 1
        for number in np.unique(part_of).tolist():
            some = part_of == number
            found[some] = self._parts[number].ids[rows[some] - self._firsts[number]]
        return found

    def _hits(self, arrays: list[Hashes], wanted: Hashes) -> tuple[Rows, Rows]:
        """Return (place in wanted, place in the arrays one behind the other) of each entry that is wanted."""
        if not len(wanted):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        bits = _sieve(wanted, _BITS * len(wanted))
        jobs = [(array, first) for array, first in zip(arrays, np.cumsum([0, *map(len, arrays)]), strict=False)]
        found = list(in_threads(lambda job: (_sieved(job[0], bits, wanted), job[1]), jobs, self.threads))
        return (
            np.concatenate([places for (places, _), _ in found]),
            np.concatenate([entries + first for (_, entries), first in found]),
        )


def pairs_of(known: Known, fresh: Hashes, settings: NearSettings) -> tuple[IdPairs, IdPairs]:
    """Return the pairs of fresh texts that are worth comparing, and the pairs of others that the new have parted.

    `fresh`: ids of the texts whose pairs are asked for, ascending: tonight's, and any older ones to be looked at again. The
    second answer holds pairs that met at some key of tonight's texts before and no longer do; they may meet at another.
    """
    ours = known.signatures(known.rows_of(fresh))
    keys = np.unique(ours.keys)
    digests = np.unique(ours.digests[:, 0])
    places, rows = known.holders(keys, digests[digests != 0])
    ids, owners = np.unique(known.ids(rows), return_inverse=True)
    old = np.zeros(len(ids), np.bool_)
    old[owners[rows < known.last]] = True
    is_fresh = np.isin(ids, fresh, assume_unique=True)
    found, unmade = _met_anew(places, owners, is_fresh, old & ~is_fresh, old, settings.introduced_by)
    met, lost = (_Met(ids, np.unique(pairs)) for pairs in (found, unmade))
    worth = _worth_comparing(known, met, settings)
    return IdPairs(ids[met.left], ids[met.right]).where(worth), IdPairs(ids[lost.left], ids[lost.right])


def still_meeting(known: Known, pairs: IdPairs, settings: NearSettings) -> Mask:
    """Return which pairs of known texts meet at any key."""
    if not len(pairs):
        return np.empty(0, np.bool_)
    ids = np.unique(np.r_[pairs.left, pairs.right])
    ours = known.signatures(known.rows_of(ids))
    digests = np.unique(ours.digests[:, 0])
    met = _meet(known, *known.holders(np.unique(ours.keys), digests[digests != 0]), settings)
    at = [np.minimum(np.searchsorted(met.ids, end), len(met.ids) - 1) for end in (pairs.left, pairs.right)]
    codes = (at[0].astype(np.uint64) << _32) | at[1].astype(np.uint64)
    still: Mask = np.isin(codes, met.pairs) & (met.ids[at[0]] == pairs.left) & (met.ids[at[1]] == pairs.right)
    return still


def _meet(known: Known, places: Rows, rows: Rows, settings: NearSettings) -> _Met:
    ids, owners = np.unique(known.ids(rows), return_inverse=True)
    met = introduced(places.astype(np.uint64), owners.astype(np.uint32), settings.introduced_by)
    return _Met(ids, np.unique(met))


def _worth_comparing(known: Known, met: _Met, settings: NearSettings) -> Mask:
    needed = np.unique(np.r_[met.left, met.right])
    texts = known.signatures(known.rows_of(met.ids[needed]))
    # Rows come as they lie, not by id.
    place = np.empty(len(needed), np.int64)
    place[np.searchsorted(met.ids[needed], texts.ids)] = np.arange(len(needed))
    left, right = (place[np.searchsorted(needed, end)] for end in (met.left, met.right))
    same = (texts.digests[left, 0] == texts.digests[right, 0]) & (texts.digests[left, 0] != 0)
    worth: Mask = same | promising(left, right, texts.starts, texts.keys, settings, known.threads)
    return worth


@compiled
def _met_anew(
    places: Rows, owners: Rows, fresh: Mask, others: Mask, old: Mask, introduced_by: int
) -> tuple[Hashes, Hashes]:
    """Return the pairs with a fresh text that meet, and those of `others` whom nobody introduces now at a place where one had.

    `places` ascending, an owner once at each; `fresh`, `others` and `old` (there before tonight) by owner.
    """
    met, lost = np.empty(1024, np.uint64), np.empty(1024, np.uint64)
    n_met = n_lost = start = 0
    for end in range(1, len(places) + 1):
        if end < len(places) and places[end] == places[start]:
            continue
        some = np.sort(owners[start:end])
        start = end
        n_old = 0
        for i in range(len(some)):
            n_old += old[some[i]]
            was_one = old[some[i]] and n_old <= introduced_by
            if i >= introduced_by and n_old >= introduced_by and not was_one:
                break
            for j in range(i + 1, len(some)):
                pair = (np.uint64(some[i]) << _32) | np.uint64(some[j])
                if i < introduced_by:
                    if fresh[some[i]] or fresh[some[j]]:
                        met = _with_room(met, n_met)
                        met[n_met] = pair
                        n_met += 1
                elif was_one and others[some[i]] and others[some[j]]:
                    lost = _with_room(lost, n_lost)
                    lost[n_lost] = pair
                    n_lost += 1
    return met[:n_met].copy(), lost[:n_lost].copy()


@compiled
def _with_room(values: Hashes, count: int) -> Hashes:
    if count < len(values):
        return values
    larger = np.empty(2 * count, np.uint64)
    larger[:count] = values
    return larger


@compiled
def _gather(keys: Hashes, starts: Rows, rows: Rows, to: Rows, to_starts: Rows, out: Hashes) -> None:
    for i in range(len(rows)):
        first, at = starts[rows[i]], to_starts[to[i]]
        for j in range(starts[rows[i] + 1] - first):
            out[at + j] = keys[first + j]


@compiled
def _bits(value: np.uint64) -> np.uint64:
    one = np.uint64(1)
    first, second = (value >> np.uint64(40)) & np.uint64(63), (value >> np.uint64(46)) & np.uint64(63)
    return (one << first) | (one << second) | (one << ((value >> np.uint64(52)) & np.uint64(63)))


@compiled
def _sieve(wanted: Hashes, least: int) -> Hashes:
    """Return a Bloom filter of the wanted values in blocks of a word (Putze, Sanders, Singler 2007): three bits of one word each."""
    words = 1
    while 64 * words < least:
        words *= 2
    sieve, mask = np.zeros(words, np.uint64), np.uint64(words - 1)
    for value in wanted:
        sieve[value & mask] |= _bits(value)
    return sieve


@compiled
def _sieved(values: Hashes, sieve: Hashes, wanted: Hashes) -> tuple[Rows, Rows]:
    """Return (place in wanted, place in values) of every value that is wanted; `wanted` ascending."""
    mask = np.uint64(len(sieve) - 1)
    places, entries, count = np.empty(1024, np.int64), np.empty(1024, np.int64), 0
    for i in range(len(values)):
        bits = _bits(values[i])
        if sieve[values[i] & mask] & bits == bits:
            place = np.searchsorted(wanted, values[i])
            if place < len(wanted) and wanted[place] == values[i]:
                if count == len(places):
                    places, entries = (
                        np.append(places, np.empty_like(places)),
                        np.append(entries, np.empty_like(entries)),
                    )
                places[count], entries[count] = place, i
                count += 1
    return places[:count].copy(), entries[:count].copy()
