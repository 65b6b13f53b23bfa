"""Tonight's texts among all that are known: the pairs they make, and the few between older texts that they unmake.

Nothing is compared again that stands. A pair of older texts is in question only where a new text with a smaller id has taken the
place of one that had introduced them (candidates.py); it goes when they meet nowhere else. So the pairs after any nights, in any
order, are those that all the texts would make at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled
from transforms.dedupe.candidates import distinct, promising
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.overlap import Rows
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Signatures, in_threads, joined

_LOW, _24, _32, _63 = np.uint64(0xFFFFFFFF), np.uint64(24), np.uint64(32), np.uint64(63)
_40, _46, _52 = np.uint64(40), np.uint64(46), np.uint64(52)
# Bits a key that is asked for, and up to twice as many: of the others one in 150 or less is looked up for nothing.
_BITS = 16
# Values sieved before those left are looked up.
_AT_A_TIME = 1 << 12
Places = npt.NDArray[np.uint32]
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


class Known:
    """The signatures of all texts, in parts (tonight's the last), each text once; parts may lie in files that are mapped."""

    def __init__(self, parts: Sequence[Signatures], threads: int = 2) -> None:
        self._parts = list(parts)
        self.threads = threads
        self._firsts = np.cumsum([0, *(len(part) for part in parts)])

    @property
    def count(self) -> int:
        """How many texts are known."""
        return int(self._firsts[-1])

    @property
    def last(self) -> int:
        """The first row of the last part."""
        return int(self._firsts[-2]) if self._parts else 0

    def all(self) -> Signatures:
        """Return the signatures of all texts, in memory."""
        return joined(self._parts)

    def rows_of(self, ids: Hashes) -> Rows:
        """Return the rows of those of some ids (ascending, each once) that are known."""
        return self._rows([part.ids for part in self._parts], ids)[1]

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
        """Return (place, row) of all that share one of these keys, or digests (after the keys), ascending by place."""
        at_key, entries, counts = self._hits([part.keys for part in self._parts], keys)
        ends = np.cumsum(counts)
        rows = np.empty(len(entries), np.int64)
        for number, part in enumerate(self._parts):
            some = slice(ends[number] - counts[number], ends[number])
            rows[some] = np.searchsorted(part.starts, entries[some], side="right") - 1 + self._firsts[number]
        at_digest, texts = self._rows([part.digests[:, 0] for part in self._parts], digests)
        return _by_place(np.r_[at_key, at_digest + len(keys)], np.r_[rows, texts], len(keys) + len(digests))

    def ids(self, rows: Rows) -> Hashes:
        """Return the ids of some rows."""
        found: Hashes = self._ids[rows]
        return found

    @cached_property
    def _ids(self) -> Hashes:
        return np.concatenate([np.empty(0, np.uint64), *(part.ids for part in self._parts)])

    def _rows(self, arrays: list[Hashes], wanted: Hashes) -> tuple[Rows, Rows]:
        """Return (place in wanted, row) of each text of which the entry in these arrays is wanted."""
        places, rows, counts = self._hits(arrays, wanted)
        return places, rows + np.repeat(self._firsts[:-1], counts)

    def _hits(self, arrays: list[Hashes], wanted: Hashes) -> tuple[Rows, Rows, list[int]]:
        """Return (place in wanted, place in its array) of each entry that is wanted, array by array, and how many of each are."""
        sieve, table = _sieve(wanted, _BITS * len(wanted)), _table(wanted)
        found = list(in_threads(lambda array: _sieved(array, sieve, table, wanted), arrays, self.threads))
        nothing = np.empty(0, np.int64)
        return (
            np.concatenate([nothing, *(places for places, _ in found)]),
            np.concatenate([nothing, *(entries for _, entries in found)]),
            [len(places) for places, _ in found],
        )


def pairs_of(known: Known, fresh: Hashes, settings: NearSettings) -> tuple[IdPairs, IdPairs]:
    """Return the pairs of fresh texts that are worth comparing, and the pairs of others that the new have parted.

    `fresh`: ids of the texts whose pairs are asked for, ascending: tonight's, and any older ones to be looked at again. The
    second answer holds pairs that met at some key of tonight's texts before and no longer do; they may meet at another.
    """
    ours = known.rows_of(fresh)
    places, rows = known.holders(*_marks(known.signatures(ours)))
    is_fresh = np.zeros(known.count, np.bool_)
    is_fresh[ours] = True
    found, parted = _met_anew(places, rows, known.ids(rows), is_fresh, known.last, settings.introduced_by)
    met, lost = distinct([found]), distinct([parted])
    met = met[_worth_comparing(known, met, settings)]
    return _of_rows(known, met), _of_rows(known, lost)


def still_meeting(known: Known, pairs: IdPairs, settings: NearSettings) -> Mask:
    """Return which pairs of known texts meet at any key."""
    if not len(pairs):
        return np.empty(0, np.bool_)
    places, rows = known.holders(*_marks(known.signatures(known.rows_of(distinct([pairs.left, pairs.right])))))
    # Both of a pair are among those whose keys were asked for.
    every = np.ones(known.count, np.bool_)
    found, _ = _met_anew(places, rows, known.ids(rows), every, 0, settings.introduced_by)
    met = _of_rows(known, distinct([found]))
    return among(pairs, met)


def among(pairs: IdPairs, others: IdPairs) -> Mask:
    """Return which pairs are among the others."""
    ids = distinct([pairs.left, pairs.right])
    at = [np.minimum(np.searchsorted(ids, end), len(ids) - 1) for end in (others.left, others.right)]
    inside = (ids[at[0]] == others.left) & (ids[at[1]] == others.right) if len(ids) else np.zeros(len(others), np.bool_)
    theirs = (at[0][inside].astype(np.uint64) << _32) | at[1][inside].astype(np.uint64)
    ours = (np.searchsorted(ids, pairs.left).astype(np.uint64) << _32) | np.searchsorted(ids, pairs.right).astype(
        np.uint64
    )
    found: Mask = np.isin(ours, theirs)
    return found


def _marks(texts: Signatures) -> tuple[Hashes, Hashes]:
    """Return all that texts can meet at: their keys, and the first half of their digests."""
    digests = distinct([texts.digests[:, 0]])
    return distinct([texts.keys]), digests[digests != 0]


def _of_rows(known: Known, pairs: Hashes) -> IdPairs:
    return IdPairs(known.ids((pairs >> _32).astype(np.int64)), known.ids((pairs & _LOW).astype(np.int64)))


def _worth_comparing(known: Known, met: Hashes, settings: NearSettings) -> Mask:
    ends = met >> _32, met & _LOW
    needed = distinct(list(ends))
    texts = known.signatures(needed.astype(np.int64))
    left, right = (np.searchsorted(needed, end) for end in ends)
    same = (texts.digests[left, 0] == texts.digests[right, 0]) & (texts.digests[left, 0] != 0)
    worth: Mask = same | promising(left, right, texts.starts, texts.keys, settings, known.threads)
    return worth


@compiled
def _met_anew(
    places: Rows, rows: Rows, ids: Hashes, fresh: Mask, last: int, introduced_by: int
) -> tuple[Hashes, Hashes]:
    """Return the pairs with a fresh text that meet, and those of others whom nobody introduces now at a place where one had.

    `places` ascending, a row once at each; `ids` go with the rows; `fresh` by row; rows from `last` on were not there before.
    A pair: the row of the smaller id << 32 | that of the larger.
    """
    met, lost = np.empty(1024, np.uint64), np.empty(1024, np.uint64)
    n_met = n_lost = start = 0
    # Entries of the smallest ids at a place: of all, and of those that were there before.
    now, before = np.empty(introduced_by + 1, np.int64), np.empty(introduced_by + 1, np.int64)
    every, some = np.arange(len(places)), np.empty(len(places) + 1, np.int64)
    for end in range(1, len(places) + 1):
        if end < len(places) and places[end] == places[start]:
            continue
        n_now = n_before = n_fresh = 0
        for at in range(start, end):
            some[n_fresh] = at
            n_fresh += fresh[rows[at]]
            # Most are larger, and the call takes longer than the look.
            if n_now < introduced_by or ids[at] < ids[now[n_now - 1]]:
                n_now = _with_smallest(now, n_now, at, ids, introduced_by)
            if rows[at] < last and (n_before < introduced_by or ids[at] < ids[before[n_before - 1]]):
                n_before = _with_smallest(before, n_before, at, ids, introduced_by)
        most = (end - start) * introduced_by
        met, lost = _with_room(met, n_met + most), _with_room(lost, n_lost + most)
        furthest = ids[now[n_now - 1]]
        for i in range(n_now):
            one = now[i]
            for other in some[:n_fresh] if not fresh[rows[one]] else every[start:end]:
                if ids[other] > ids[one]:
                    met[n_met] = (np.uint64(rows[one]) << _32) | np.uint64(rows[other])
                    n_met += 1
        for i in range(n_before):
            one = before[i]
            if ids[one] <= furthest or fresh[rows[one]]:
                continue
            for other in range(start, end):
                if rows[other] < last and not fresh[rows[other]] and ids[other] > ids[one]:
                    lost[n_lost] = (np.uint64(rows[one]) << _32) | np.uint64(rows[other])
                    n_lost += 1
        start = end
    return met[:n_met].copy(), lost[:n_lost].copy()


@compiled
def _with_smallest(smallest: Rows, count: int, entry: int, ids: Hashes, most: int) -> int:
    """Put an entry among the smallest by id, at most so many; return how many they are."""
    at = count
    while at > 0 and ids[smallest[at - 1]] > ids[entry]:
        smallest[at] = smallest[at - 1]
        at -= 1
    smallest[at] = entry
    return min(count + 1, most)


@compiled
def _with_room(values: Hashes, needed: int) -> Hashes:
    if needed <= len(values):
        return values
    larger = np.empty(2 * needed, np.uint64)
    larger[: len(values)] = values
    return larger


@compiled
def _by_place(places: Rows, rows: Rows, count: int) -> tuple[Rows, Rows]:
    """Return both in the order of places, without the places that are there once."""
    many, at, used = np.zeros(count, np.int64), np.zeros(count, np.int64), 0
    for place in places:
        many[place] += 1
    for place in range(count):
        at[place] = used
        used += many[place] if many[place] > 1 else 0
    sorted_places, sorted_rows = np.empty(used, np.int64), np.empty(used, np.int64)
    for i in range(len(places)):
        if many[places[i]] > 1:
            to = at[places[i]]
            sorted_places[to], sorted_rows[to] = places[i], rows[i]
            at[places[i]] += 1
    return sorted_places, sorted_rows


@compiled
def _gather(keys: Hashes, starts: Rows, rows: Rows, to: Rows, to_starts: Rows, out: Hashes) -> None:
    for i in range(len(rows)):
        first, at = starts[rows[i]], to_starts[to[i]]
        for j in range(starts[rows[i] + 1] - first):
            out[at + j] = keys[first + j]


@compiled
def _bits(value: np.uint64) -> np.uint64:
    one = np.uint64(1)
    return (one << ((value >> _40) & _63)) | (one << ((value >> _46) & _63)) | (one << ((value >> _52) & _63))


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
def _table(wanted: Hashes) -> Places:
    """Return an open-addressed table of the places of the wanted values, one too high: 0 is none."""
    size = 64
    while size < 2 * len(wanted):
        size *= 2
    table, mask = np.zeros(size, np.uint32), np.uint64(size - 1)
    for place in range(len(wanted)):
        slot = (wanted[place] >> _24) & mask
        while table[slot]:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = place + 1
    return table


@compiled
def _sieved(values: Hashes, sieve: Hashes, table: Places, wanted: Hashes) -> tuple[Rows, Rows]:
    """Return (place in wanted, place in values) of every value that is wanted."""
    places, entries, count = np.empty(1024, np.int64), np.empty(1024, np.int64), 0
    left, words, mask = np.empty(_AT_A_TIME, np.int64), np.uint64(len(sieve) - 1), np.uint64(len(table) - 1)
    for first in range(0, len(values), _AT_A_TIME):
        n_left = 0
        for i in range(first, min(first + _AT_A_TIME, len(values))):
            # No branch: most fall through, and nobody could tell which.
            left[n_left] = i
            bits = _bits(values[i])
            n_left += sieve[values[i] & words] & bits == bits
        if count + n_left > len(places):
            places, entries = _longer(places, count, n_left), _longer(entries, count, n_left)
        for i in left[:n_left]:
            slot = (values[i] >> _24) & mask
            while table[slot] and wanted[table[slot] - 1] != values[i]:
                slot = (slot + np.uint64(1)) & mask
            if table[slot]:
                places[count], entries[count] = table[slot] - 1, i
                count += 1
    return places[:count].copy(), entries[:count].copy()


@compiled
def _longer(values: Rows, count: int, more: int) -> Rows:
    larger = np.empty(2 * (count + more), np.int64)
    larger[:count] = values[:count]
    return larger
