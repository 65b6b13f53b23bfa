"""How much two texts really have in common: their shingles, openings and figures counted one by one, in one pass over the texts.

A text is kept from when it comes by until its last partner has, as bare numbers of 32 bits: of ten thousand pairs one counts a
shingle too many. Of a million articles half are in question, and of these a part at a time.
"""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.compiled import compiled
from transforms.dedupe import buckets, kernel
from transforms.dedupe.alphabet import Letters, alphabet
from transforms.dedupe.bits import Bytes, four_bytes
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
_1, _4, _32, _LOW = np.uint64(1), np.uint64(4), np.uint64(32), np.uint64(0xFFFFFFFF)


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

    def has_room(self, found: _Wordings) -> bool:
        return self.used + len(found.values) <= len(self.values)

    def add(self, found: _Wordings) -> None:
        self.values[self.used : self.used + len(found.values)] = found.values
        ends = found.bounds[1:].reshape(-1, 2) + self.used
        self.bounds[found.texts] = np.c_[found.bounds[:-1:2] + self.used, ends]
        self.digests[found.texts] = found.digests
        self.used += len(found.values)

    def make_room(self, found: _Wordings, pending: Counts) -> None:
        """Drop the wordings for which nobody waits, and take more memory where that is not enough."""
        waiting = np.flatnonzero((pending > 0) & (self.bounds[:, 0] >= 0))
        waiting = waiting[np.argsort(self.bounds[waiting, 0])]
        self.used = _moved_down(self.values, self.bounds, waiting)
        needed = self.used + len(found.values)
        if needed > len(self.values) * 3 // 4:
            larger = np.empty(max(len(self.values) * 3 // 2, 2 * needed), np.uint32)
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
    starts = np.r_[0, np.cumsum(pending)].astype(np.int64)
    by_text = _by_text(left, right, starts)
    letters, expansions = alphabet()
    store = _Store(len(wanted))

    def read(chunk: Chunk) -> _Wordings:
        at = np.minimum(np.searchsorted(wanted, chunk.ids), len(wanted) - 1)
        rows = np.flatnonzero(wanted[at] == chunk.ids)
        return _Wordings(at[rows], *_read(chunk.data, chunk.offsets, rows, letters, expansions, settings.shingle_words))

    def compare(ready: Rows) -> None:
        _compare(ready, left, store.values, store.bounds, store.digests, settings.opening_shingles, counts)

    # What is compared is compared while the next are read; only while the store is moved nobody may look into it.
    with ThreadPoolExecutor(threads) as pool:
        comparing: deque[Future[None]] = deque()
        for found in in_threads(read, chunks(texts) if len(wanted) else (), threads):
            if not store.has_room(found):
                _finish(comparing, 0)
                store.make_room(found, pending)
            store.add(found)
            ready = _ready(found.texts, by_text, starts, left, right, store.bounds)
            parts = np.array_split(ready, threads) if len(ready) > _FEW else [ready]
            comparing.extend(pool.submit(compare, part) for part in parts)
            _count_down(pending, ready)
            _finish(comparing, 2 * threads)
        _finish(comparing, 0)
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


def _finish(comparing: "deque[Future[None]]", but: int) -> None:
    while len(comparing) > but:
        comparing.popleft().result()


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
def _by_text(left: Rows, right: Rows, starts: Offsets) -> Rows:
    """Return the pairs of each text: those of text i from starts[i] on."""
    pairs, filled = np.empty(2 * len(left), np.int64), starts.copy()
    for pair in range(len(left)):
        for text in (left[pair], right[pair]):
            pairs[filled[text]] = pair
            filled[text] += 1
    return pairs


@compiled
def _ready(texts: Rows, by_text: Rows, starts: Offsets, left: Rows, right: Rows, bounds: Offsets) -> Rows:
    """Return (pair, text, other) of the pairs of which one of these texts has just come, and the other is there; text by text."""
    fresh = np.zeros(len(bounds), np.bool_)
    fresh[texts] = True
    room = 0
    for text in texts:
        room += starts[text + 1] - starts[text]
    found, count = np.empty((room, 3), np.int64), 0
    for text in texts:
        for at in range(starts[text], starts[text + 1]):
            pair = by_text[at]
            other = left[pair] + right[pair] - text
            if bounds[other, 0] >= 0 and (not fresh[other] or text == left[pair]):
                found[count, 0], found[count, 1], found[count, 2] = pair, text, other
                count += 1
    return found[:count].copy()


@compiled
def _count_down(pending: Counts, ready: Rows) -> None:
    for i in range(len(ready)):
        pending[ready[i, 1]] -= 1
        pending[ready[i, 2]] -= 1


@compiled
def _compare(
    ready: Rows, left: Rows, values: Numbers, bounds: Offsets, digests: Hashes, opening: int, counts: Counts
) -> None:
    """Count what each pair shares: `ready` as `_ready` returns them."""
    slots, opens, inside = np.empty(0, np.uint32), np.empty(0, np.uint8), -1
    table = mask = np.uint64(0)
    for i in range(len(ready)):
        # No views of rows: counting who holds them takes longer than all else.
        pair, a, b = ready[i, 0], ready[i, 1], ready[i, 2]
        if i + 1 < len(ready):
            later = ready[i + 1, 2]
            buckets.fetch(buckets.address(values, bounds[later, 0]), buckets.address(values, bounds[later, 2]))
        first, first_end, second, second_end = bounds[a, 0], bounds[a, 1], bounds[b, 0], bounds[b, 1]
        if a != inside:
            slots, table, mask = buckets.emptied(slots, first_end - first)
            opens = _emptied_bytes(opens, mask)
            for at in range(first, first_end):
                bucket, lane, _ = buckets.placed(table, mask, values[at])
                if at - first < opening:
                    opens[bucket] |= np.uint8(lane)
            inside = a
        middle = min(second + opening, second_end)
        others_kept, kept = _held(table, mask, opens, values, second, middle)
        shared, later = _held(table, mask, opens, values, middle, second_end)
        shared, kept = shared + others_kept, kept + later
        size, others_size = first_end - first, second_end - second
        if a != left[pair]:
            size, others_size, kept, others_kept = others_size, size, others_kept, kept
        counts[pair, SHARED], counts[pair, LEFT], counts[pair, RIGHT] = shared, size, others_size
        counts[pair, OPENING_LEFT], counts[pair, OPENING_RIGHT] = kept, others_kept
        counts[pair, FIGURES] = _common(values, first_end, bounds[a, 2], second_end, bounds[b, 2])
        counts[pair, FEWER_FIGURES] = min(bounds[a, 2] - first_end, bounds[b, 2] - second_end)
        if shared == size == others_size:
            same = digests[a, 0] == digests[b, 0] and digests[a, 1] == digests[b, 1]
            counts[pair, SAME_WORDS] = same and digests[a, 0] != 0


@compiled
def _held(table: np.uint64, mask: np.uint64, opens: Bytes, values: Numbers, start: int, end: int) -> tuple[int, int]:
    """Return how many of some values a table holds, and how many of these in its opening."""
    shared = kept = 0
    at, last = buckets.address(values, start), buckets.address(values, end)
    while at < last:
        bucket, found = buckets.asked(table, mask, np.uint32(four_bytes(at)))
        shared += found != 0
        kept += opens[bucket] & found != 0
        at += _4
    return shared, kept


@compiled
def _emptied_bytes(opens: Bytes, mask: np.uint64) -> Bytes:
    if np.int64(mask) >= len(opens):
        return np.zeros(np.int64(mask) + 1, np.uint8)
    opens[: np.int64(mask) + 1] = 0
    return opens


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
    values, used, slots = np.empty(all_bytes + 2 * len(rows), np.uint32), 0, np.empty(0, np.uint32)
    bounds, digests = np.zeros(2 * len(rows) + 1, np.int64), np.zeros((len(rows), 2), np.uint64)
    for i in range(len(rows)):
        start, end = offsets[rows[i]], offsets[rows[i] + 1]
        count = kernel.words_of(data, start, end, letters, expansions, words)
        digests[i, 0], digests[i, 1] = kernel.digest_of(words, count)
        made = kernel.shingles_of(words, count, size, shingles)
        slots, table, mask = buckets.emptied(slots, made)
        for at in range(made):
            # Each once, in their order; 0 is none.
            value = np.uint32(max(shingles[at] & _LOW, _1))
            values[used] = value
            used += buckets.placed(table, mask, value)[2]
        bounds[2 * i + 1] = used
        count = kernel.figures_of(data, start, end, letters, words)
        for at in range(count):
            # The higher half: these are ascending.
            values[used + at] = words[at] >> _32
        used += count
        bounds[2 * i + 2] = used
    return values[:used], bounds, digests
