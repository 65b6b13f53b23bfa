"""What a text leaves behind once it has been read: enough to find its near-copies among millions without reading those again."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.compiled import compiled, mixed
from transforms.dedupe import kernel
from transforms.dedupe.alphabet import Letters, alphabet
from transforms.dedupe.bits import Bytes
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.settings import NearSettings

In = TypeVar("In")
Out = TypeVar("Out")
Offsets = npt.NDArray[np.int64]
# Bytes of text that a thread takes at a time: some milliseconds of work.
CHUNK_BYTES = 4_000_000
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
# Second half of the digest of an empty text; of one that has characters and no word it is 0, as the first is of both.
_EMPTY = np.uint64(1)


@dataclass(frozen=True)
class Signatures:
    """One row a text: `ids`, its id as a number; `digests` (n, 2), 128 bits of its words; its sampled shingles, ascending, are
    `keys[starts[row]:starts[row + 1]]`. A text without words has no digest (0 first) and no keys.
    """

    ids: Hashes
    digests: Hashes
    starts: Offsets
    keys: Hashes

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def wordless(self) -> npt.NDArray[np.bool_]:
        """Which texts are empty: they have lost their words."""
        lost: npt.NDArray[np.bool_] = (self.digests[:, 0] == 0) & (self.digests[:, 1] == _EMPTY)
        return lost


@dataclass(frozen=True)
class Chunk:
    """Texts as Arrow holds them: text `i` is the UTF-8 data[offsets[i]:offsets[i + 1]]."""

    ids: Hashes
    data: Bytes
    offsets: Offsets

    def __len__(self) -> int:
        return len(self.ids)


def sign(texts: Iterable[pa.RecordBatch], settings: NearSettings, threads: int = 2) -> Signatures:
    """Return the signatures of the texts, in their order.

    `texts`: text_id (`t_` + 16 hex, or a number), body. Raises ValueError for another id.
    """
    letters, expansions = alphabet()

    def signed(chunk: Chunk) -> Signatures:
        found = _signed(
            chunk.data, chunk.offsets, letters, expansions, settings.shingle_words, settings.least_shingles,
            settings.sample_one_in, settings.sample_at_least,
        )  # fmt: skip
        return Signatures(chunk.ids, *found)

    # The keys of all in one piece as they come: thousands of small ones would stay scattered over pages of their own.
    parts, keys, used = [], np.empty(1 << 20, np.uint64), 0
    for part in in_threads(signed, chunks(texts), threads):
        end = used + len(part.keys)
        if end > len(keys):
            larger = np.empty(2 * end, np.uint64)
            larger[:used] = keys[:used]
            keys = larger
        keys[used:end], used = part.keys, end
        parts.append(replace(part, keys=part.keys[:0].copy()))
    return replace(joined(parts), keys=keys[:used])


def joined(parts: list[Signatures]) -> Signatures:
    """Return the rows of several as one."""
    if not parts:
        nothing = np.empty(0, dtype=np.uint64)
        return Signatures(nothing, nothing.reshape(0, 2), np.zeros(1, np.int64), nothing)
    if len(parts) == 1:
        return parts[0]
    shifts = np.cumsum([0, *(part.starts[-1] for part in parts)])
    return Signatures(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.digests for part in parts]),
        np.concatenate([[0], *(part.starts[1:] + shift for part, shift in zip(parts, shifts, strict=False))]),
        np.concatenate([part.keys for part in parts]),
    )


def chunks(texts: Iterable[pa.RecordBatch]) -> Iterator[Chunk]:
    """Yield the texts by some megabytes, in their order, without copying them."""
    for batch in texts:
        ids, bodies = numbers(batch.column("text_id")), batch.column("body").cast(pa.large_string())
        bodies = bodies if not bodies.null_count else pc.fill_null(bodies, "")
        buffers = bodies.buffers()
        offsets = np.frombuffer(buffers[1], np.int64)[bodies.offset : bodies.offset + len(bodies) + 1]
        data = np.frombuffer(buffers[2] or b"", np.uint8)
        first = 0
        while first < len(ids):
            last = int(np.searchsorted(offsets, offsets[first] + CHUNK_BYTES))
            last = min(max(last, first + 1), len(ids))
            yield Chunk(ids[first:last], data, offsets[first : last + 1])
            first = last


def in_threads(work: Callable[[In], Out], items: Iterable[In], threads: int) -> Iterator[Out]:
    """Yield work(item) in the order of the items, some at a time; `work` should let others run (nogil)."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Out]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def numbers(ids: pa.Array) -> Hashes:
    """Return ids as numbers of the same order, those that are numbers as they are. Raises ValueError where one is neither."""
    if ids.type == pa.uint64():
        return np.asarray(ids)
    plain = ids.cast(pa.large_string())
    offsets = np.frombuffer(plain.buffers()[1], np.int64)[plain.offset : plain.offset + len(plain) + 1]
    found: Hashes
    found, wrong = _parsed(np.frombuffer(plain.buffers()[2] or b"", np.uint8), offsets)
    if wrong >= 0:
        raise ValueError(f"text_id {plain[wrong].as_py()!r} is not t_ and 16 hex digits")
    return found


def names(ids: Hashes) -> pa.Array:
    """Return numbers as ids."""
    written = np.empty((len(ids), 18), np.uint8)
    written[:, :2] = np.frombuffer(b"t_", np.uint8)
    octets = np.asarray(ids, ">u8").reshape(-1, 1).view(np.uint8)
    written[:, 2::2], written[:, 3::2] = _HEX[octets >> 4], _HEX[octets & 15]
    ends = np.arange(len(ids) + 1, dtype=np.int64) * 18
    return pa.LargeStringArray.from_buffers(len(ids), pa.py_buffer(ends), pa.py_buffer(written)).cast(pa.string())


@compiled
def checksum(values: Hashes) -> int:
    """Return a number that differs where a bit of the values does, or two of them are swapped."""
    total, factor = np.uint64(len(values)), np.uint64(1)
    # Odd factors that differ from place to place.
    for value in values:
        total += value * factor
        factor += np.uint64(2)
    return mixed(total)  # type: ignore[return-value]


@compiled
def _parsed(data: Bytes, offsets: Offsets) -> tuple[Hashes, int]:
    found = np.empty(len(offsets) - 1, dtype=np.uint64)
    for row in range(len(found)):
        if offsets[row + 1] - offsets[row] != 18 or data[offsets[row]] != 116 or data[offsets[row] + 1] != 95:
            return found, row
        value = np.uint64(0)
        for at in range(offsets[row] + 2, offsets[row + 1]):
            digit = np.int64(data[at])
            if 48 <= digit <= 57:
                digit -= 48
            elif 97 <= digit <= 102:
                digit -= 87
            else:
                return found, row
            value = value * np.uint64(16) + np.uint64(digit)
        found[row] = value
    return found, -1


@compiled
def _signed(
    data: Bytes,
    offsets: Offsets,
    letters: Letters,
    expansions: Letters,
    size: int,
    least: int,
    one_in: int,
    at_least: int,
) -> tuple[Hashes, Offsets, Hashes]:
    n = len(offsets) - 1
    digests, starts = np.empty((n, 2), np.uint64), np.zeros(n + 1, np.int64)
    longest = 0
    for row in range(n):
        longest = max(longest, offsets[row + 1] - offsets[row])
    words, shingles, sample = (np.empty(longest // 2 + 1, np.uint64), np.empty(longest // 2 + 1, np.uint64), np.empty(longest // 2 + 1, np.uint64))  # fmt: skip
    keys = np.empty(4096, np.uint64)
    for row in range(n):
        count = kernel.words_of(data, offsets[row], offsets[row + 1], letters, expansions, words)
        digests[row, 0], digests[row, 1] = kernel.digest_of(words, count)
        if offsets[row] == offsets[row + 1]:
            digests[row, 1] = _EMPTY
        made = kernel.shingles_of(words, count, size, shingles)
        taken = 0
        if made >= least:
            taken = kernel.sample_of(shingles, made, one_in, at_least, sample)
        start = starts[row]
        if start + taken > len(keys):
            larger = np.empty(max(2 * len(keys), start + taken), np.uint64)
            larger[:start] = keys[:start]
            keys = larger
        keys[start : start + taken] = sample[:taken]
        starts[row + 1] = start + taken
    return digests, starts, keys[: starts[n]].copy()
