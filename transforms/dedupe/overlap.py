"""How much two texts really have in common: their shingles, openings and figures counted one by one, in one pass over the texts.

A text is kept from when it comes by until its last partner has, as bare numbers of 32 bits: of ten thousand pairs one counts a
shingle too many. Of a million articles half are in question, and of these a part at a time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.compiled import compiled
from transforms.dedupe import kernel
from transforms.dedupe.alphabet import Letters, alphabet
from transforms.dedupe.bits import Bytes
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Chunk, Offsets, chunks, in_threads, names

Counts = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int64]
# Columns of the counts of a pair.
SHARED, LEFT, RIGHT, OPENING_LEFT, OPENING_RIGHT, FIGURES, FEWER_FIGURES, SAME_WORDS = range(8)
# Pairs that one thread compares sooner than two could be set to it.
_FEW = 64
_1, _32, _LOW = np.uint64(1), np.uint64(32), np.uint64(0xFFFFFFFF)


@dataclass(frozen=True)
class _Wordings:
    """Of some texts their shingles (each once, in text order) and figures (ascending): of text i, parts 2i and 2i + 1 of `values`."""

    texts: Rows
    values: Numbers
    bounds: Offsets
    digests: Hashes


class _Store:
    """The wordings that still wait for a partner, in one piece of memory."""

    def __init__(self, n_texts: int) -> None:
        # What waits at once of a million articles, without growing; what is never written to takes no memory.
        self.values = np.empty(max(1 << 20, 450 * n_texts), np.uint32)
        self.used = 0
        self.bounds = np.full((n_texts, 3), -1, np.int64)
        self.digests = np.zeros((n_texts, 2), np.uint64)

    def add(self, found: _Wordings, pending: Counts) -> None:
        if self.used + len(found.values) > len(self.values):
            self._make_room(len(found.values), pending)
        self.values[self.used : self.used + len(found.values)] = found.values
        ends = found.bounds[1:].reshape(-1, 2) + self.used
        self.bounds[found.texts] = np.c_[found.bounds[:-1:2] + self.used, ends]
        self.digests[found.texts] = found.digests
        self.used += len(found.values)

    def _make_room(self, needed: int, pending: Counts) -> None:
        waiting = np.flatnonzero((pending > 0) & (self.bounds[:, 0] >= 0))
        waiting = waiting[np.argsort(self.bounds[waiting, 0])]
        self.used = _moved_down(self.values, self.bounds, waiting)
        if self.used + needed > len(self.values) * 3 // 4:
            larger = np.empty(max(len(self.values) * 3 // 2, 2 * (self.used + needed)), np.uint32)
            larger[: self.used] = self.values[: self.used]
            self.values = larger


def overlaps(
    wanted: Hashes, left: Rows, right: Rows, texts: Iterable[pa.RecordBatch], settings: NearSettings, threads: int = 2
) -> Counts:
    """Return the counts of each pair, a row of SHARED to SAME_WORDS.

    `wanted`: ids of the texts in question, ascending; `left` and `right`: pairs of positions in it; `texts`: text_id, body of
    at least these texts, in any order. Raises ValueError where a text is not among them.
    """
    counts = np.zeros((len(left), 8), np.int32)
    pending = np.bincount(np.r_[left, right], minlength=len(wanted)).astype(np.int32)
    by_text = np.argsort(np.r_[left, right], kind="stable") % max(len(left), 1)
    starts = np.r_[0, np.cumsum(pending)].astype(np.int64)
    letters, expansions = alphabet()
    store = _Store(len(wanted))

    def read(chunk: Chunk) -> _Wordings:
        at = np.minimum(np.searchsorted(wanted, chunk.ids), len(wanted) - 1)
        rows = np.flatnonzero(wanted[at] == chunk.ids)
        return _Wordings(at[rows], *_read(chunk.data, chunk.offsets, rows, letters, expansions, settings.shingle_words))

    def compare(pairs: Rows) -> None:
        _compare(pairs, left, right, store.values, store.bounds, store.digests, settings.opening_shingles, counts)

    for found in in_threads(read, chunks(texts) if len(wanted) else (), threads):
        store.add(found, pending)
        ready = _ready(found.texts, by_text, starts, left, right, store.bounds)
        ready = ready[np.argsort(left[ready], kind="stable")]
        for _ in in_threads(compare, np.array_split(ready, threads) if len(ready) > _FEW else [ready], threads):
            pass
        _count_down(pending, left[ready], right[ready])
    if pending.any():
        missing = names(wanted[np.flatnonzero(pending)[:1]])[0]
        raise ValueError(f"{np.count_nonzero(pending)} texts to be compared were not given, {missing} among them")
    return counts


def shares(counts: Counts) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return jaccard and containment of each pair; 1 for the same words, 0 where one is shorter than a shingle."""
    one, other, shared = (counts[:, column].astype(np.int64) for column in (LEFT, RIGHT, SHARED))
    same = counts[:, SAME_WORDS] > 0
    jaccard = np.where(same, 1.0, shared / np.maximum(one + other - shared, 1))
    return jaccard, np.where(same, 1.0, shared / np.maximum(np.minimum(one, other), 1))


def of_two(a: str, b: str, settings: NearSettings | None = None) -> dict[str, float]:
    """Return the jaccard and containment of two texts, as `text_pairs` has them."""
    texts = pa.record_batch({"text_id": pa.array([0, 1], pa.uint64()), "body": [a, b]})
    both = np.arange(2, dtype=np.int64)
    jaccard, containment = shares(
        overlaps(both.astype(np.uint64), both[:1], both[1:], [texts], settings or NearSettings(), 1)
    )
    return {"jaccard": float(jaccard[0]), "containment": float(containment[0])}


@compiled
def _moved_down(values: Numbers, bounds: Offsets, waiting: Rows) -> int:
    """Move what is waited for (in the order in which it lies) to the front; return how much is used then."""
    used = 0
    for text in waiting:
        start, middle, end = bounds[text, 0], bounds[text, 1], bounds[text, 2]
        for i in range(end - start):
            values[used + i] = values[start + i]
        bounds[text, 0], bounds[text, 1], bounds[text, 2] = used, used + middle - start, used + end - start
        used += end - start
    return used


@compiled
def _ready(texts: Rows, by_text: Rows, starts: Offsets, left: Rows, right: Rows, bounds: Offsets) -> Rows:
    """Return the pairs of which one of these texts has just come, and the other is there."""
    fresh = np.zeros(len(bounds), np.bool_)
    fresh[texts] = True
    room = 0
    for text in texts:
        room += starts[text + 1] - starts[text]
    found, count = np.empty(room, np.int64), 0
    for text in texts:
        for at in range(starts[text], starts[text + 1]):
            pair = by_text[at]
            other = right[pair] if left[pair] == text else left[pair]
            if bounds[other, 0] >= 0 and (not fresh[other] or text == left[pair]):
                found[count] = pair
                count += 1
    return found[:count].copy()


@compiled
def _count_down(pending: Counts, left: Rows, right: Rows) -> None:
    for pair in range(len(left)):
        pending[left[pair]] -= 1
        pending[right[pair]] -= 1


@compiled
def _compare(
    pairs: Rows,
    left: Rows,
    right: Rows,
    values: Numbers,
    bounds: Offsets,
    digests: Hashes,
    opening: int,
    counts: Counts,
) -> None:
    """Count what each pair shares; fastest where pairs of one `left` lie together."""
    slots, opens, mask, inside = np.zeros(1024, np.uint32), np.zeros(1024, np.bool_), _1, -1
    for pair in pairs:
        a, b = left[pair], right[pair]
        first, first_end, second, second_end = bounds[a, 0], bounds[a, 1], bounds[b, 0], bounds[b, 1]
        if a != inside:
            slots, size = _empty(slots, first_end - first)
            if size > len(opens):
                opens = np.zeros(size, np.bool_)
            mask = np.uint64(size - 1)
            for at in range(first, first_end):
                slot = np.uint64(values[at]) & mask
                while slots[slot]:
                    slot = (slot + _1) & mask
                slots[slot], opens[slot] = values[at], at - first < opening
            inside = a
        shared = kept_left = kept_right = 0
        for at in range(second, second_end):
            value = values[at]
            slot = np.uint64(value) & mask
            while slots[slot] != value and slots[slot]:
                slot = (slot + _1) & mask
            if slots[slot]:
                shared += 1
                kept_left += opens[slot]
                kept_right += at - second < opening
        counts[pair, SHARED], counts[pair, LEFT], counts[pair, RIGHT] = shared, first_end - first, second_end - second
        counts[pair, OPENING_LEFT], counts[pair, OPENING_RIGHT] = kept_left, kept_right
        counts[pair, FIGURES] = _common(values, first_end, bounds[a, 2], second_end, bounds[b, 2])
        counts[pair, FEWER_FIGURES] = min(bounds[a, 2] - first_end, bounds[b, 2] - second_end)
        same = digests[a, 0] == digests[b, 0] and digests[a, 1] == digests[b, 1]
        counts[pair, SAME_WORDS] = same and digests[a, 0] != 0


@compiled
def _empty(slots: Numbers, count: int) -> tuple[Numbers, int]:
    """Return room for a table of some values, the same where that suffices, and its size: a power of two."""
    size = 64
    while size < 3 * count:
        size *= 2
    if size > len(slots):
        return np.zeros(size, np.uint32), size
    slots[:size] = 0
    return slots, size


@compiled
def _common(values: Numbers, i: int, i_end: int, j: int, j_end: int) -> int:
    """Return how many values two ascending sets share."""
    shared = 0
    while i < i_end and j < j_end:
        a, b = values[i], values[j]
        shared += a == b
        i += a <= b
        j += b <= a
    return shared


@compiled
def _read(
    data: Bytes, offsets: Offsets, rows: Rows, letters: Letters, expansions: Letters, size: int
) -> tuple[Numbers, Offsets, Hashes]:
    longest, all_bytes = 0, 0
    for row in rows:
        longest = max(longest, offsets[row + 1] - offsets[row])
        all_bytes += offsets[row + 1] - offsets[row]
    words, shingles = np.empty(longest + 1, np.uint64), np.empty(longest // 2 + 1, np.uint64)
    # A word and a figure take two bytes each, and no byte is in two.
    values, used, slots = np.empty(all_bytes + 2 * len(rows), np.uint32), 0, np.zeros(1024, np.uint32)
    bounds, digests = np.zeros(2 * len(rows) + 1, np.int64), np.zeros((len(rows), 2), np.uint64)
    for i in range(len(rows)):
        start, end = offsets[rows[i]], offsets[rows[i] + 1]
        count = kernel.words_of(data, start, end, letters, expansions, words)
        digests[i, 0], digests[i, 1] = kernel.digest_of(words, count)
        made = kernel.shingles_of(words, count, size, shingles)
        slots, room = _empty(slots, made)
        mask = np.uint64(room - 1)
        for at in range(made):
            # Each once, in their order; 0 is none.
            value = np.uint32(max(shingles[at] & _LOW, _1))
            slot = np.uint64(value) & mask
            while slots[slot] != value and slots[slot]:
                slot = (slot + _1) & mask
            values[used] = value
            used += slots[slot] == 0
            slots[slot] = value
        bounds[2 * i + 1] = used
        count = kernel.figures_of(data, start, end, letters, words)
        for at in range(count):
            # The higher half: these are ascending.
            values[used + at] = words[at] >> _32
        used += count
        bounds[2 * i + 2] = used
    return values[:used], bounds, digests
