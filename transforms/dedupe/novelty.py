"""How much of a text is new to its story: which of its runs of five words no earlier text of the story had."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.compiled import compiled
from transforms.dedupe import kernel
from transforms.dedupe.alphabet import Letters, alphabet
from transforms.dedupe.bits import Bytes
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Chunk, Offsets, chunks, in_threads, numbers

Ints = npt.NDArray[np.int64]

NOVELTY = pa.schema([pa.field("article_id", pa.string(), nullable=False), pa.field("novel_share", pa.float64())])
_LONG_AGO, _NEVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True)
class Shingled:
    """Texts by their numbers, ascending; the shingles of text i, in its order, are keys[starts[i]:starts[i] + counts[i]]."""

    ids: Hashes
    starts: Offsets
    counts: Offsets
    keys: Hashes


def shingled(texts: Iterable[pa.RecordBatch], settings: NearSettings, threads: int = 2) -> Shingled:
    """Return the runs of `shingle_words` words of each text (text_id, body)."""
    letters, expansions = alphabet()

    def of(chunk: Chunk) -> tuple[Hashes, Offsets, Hashes]:
        return chunk.ids, *_shingled(chunk.data, chunk.offsets, letters, expansions, settings.shingle_words)

    nothing = (np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.uint64))
    ids, counts, keys = (
        np.concatenate(parts) for parts in zip(nothing, *in_threads(of, chunks(texts), threads), strict=True)
    )
    order = np.argsort(ids, kind="stable")
    return Shingled(ids[order], (np.cumsum(counts) - counts)[order], counts[order], keys)


def novel_shares(articles: pa.Table, texts: Shingled) -> pa.Table:
    """Return for each article the share of its text's shingles that no earlier text of its story has (NOVELTY).

    `articles`: article_id, story_id, text_id, earliest_at, latest_at (the interval in which it was published; NULL where that is not
    known); of a story all of them or none. A text lies in one story. One that is not among `texts` has shingles, and nobody else
    has them. The share is NULL where there is no shingle, or where whether an earlier text has some of them is not known.
    """
    text, story, early, late = _columns(articles)
    # Texts one after the other, those of a story together; articles in the order of their texts.
    known, first, place = np.unique(text, return_index=True, return_inverse=True)
    by_story = np.lexsort((known, story[first]))
    rank = np.empty(len(known), np.int64)
    rank[by_story] = np.arange(len(known))
    by_text = np.argsort(rank[place], kind="stable")
    starts, counts, keys = _laid_out(known[by_story], texts)
    old, unsure, distinct = _compared(
        keys, starts, counts, _bounds(story[first][by_story]), _bounds(rank[place][by_text]), early[by_text], late[by_text]
    )  # fmt: skip
    n = distinct[rank[place][by_text]]
    share = pa.array(np.divide(n - old, n, out=np.zeros(len(n)), where=n > 0), mask=(n == 0) | (unsure > 0))
    return pa.table([articles["article_id"].combine_chunks().take(pa.array(by_text)), share], schema=NOVELTY)


def _columns(articles: pa.Table) -> tuple[Hashes, Ints, Ints, Ints]:
    def instants(name: str, unknown: int) -> Ints:
        values = articles[name].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
        found: Ints = pc.fill_null(values, unknown).to_numpy()
        return found

    story: Any = articles["story_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return (
        numbers(articles["text_id"].combine_chunks()),
        story.astype(np.int64),
        instants("earliest_at", int(_LONG_AGO)),
        instants("latest_at", int(_NEVER)),
    )


def _laid_out(wanted: Hashes, texts: Shingled) -> tuple[Offsets, Offsets, Hashes]:
    """Return where the shingles of the wanted texts begin, how many they are, and all of them."""
    row = np.minimum(np.searchsorted(texts.ids, wanted), max(len(texts.ids) - 1, 0))
    there = texts.ids[row] == wanted if len(texts.ids) else np.zeros(len(wanted), bool)
    # Of a text whose words were not asked for one shingle stands for all.
    keys = np.concatenate([texts.keys, np.zeros(1, np.uint64)])
    starts, counts = np.full(len(wanted), len(texts.keys)), np.ones(len(wanted), np.int64)
    starts[there], counts[there] = texts.starts[row[there]], texts.counts[row[there]]
    return starts, counts, keys


def _bounds(sorted_values: Ints) -> Offsets:
    """Return where each run of equal values begins, and the end."""
    if not len(sorted_values):
        return np.zeros(1, np.int64)
    return np.concatenate([[0], np.flatnonzero(np.diff(sorted_values)) + 1, [len(sorted_values)]]).astype(np.int64)


@compiled
def _shingled(
    data: Bytes, offsets: Offsets, letters: Letters, expansions: Letters, size: int
) -> tuple[Offsets, Hashes]:
    n = len(offsets) - 1
    counts = np.zeros(n, np.int64)
    longest = 0
    for row in range(n):
        longest = max(longest, offsets[row + 1] - offsets[row])
    words, shingles = np.empty(longest // 2 + 1, np.uint64), np.empty(longest // 2 + 1, np.uint64)
    keys = np.empty((offsets[n] - offsets[0]) // 2 + n, np.uint64)
    end = 0
    for row in range(n):
        count = kernel.words_of(data, offsets[row], offsets[row + 1], letters, expansions, words)
        made = kernel.shingles_of(words, count, size, shingles)
        keys[end : end + made] = shingles[:made]
        counts[row] = made
        end += made
    return counts, keys[:end].copy()


@compiled
def _compared(
    keys: Hashes, starts: Offsets, counts: Offsets, stories: Offsets, copies: Offsets, early: Ints, late: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return for each article how many shingles of its text an earlier text surely has, and of how many others that is not known;
    and for each text how many different ones it has.

    Texts stories[s]:stories[s + 1] are those of story s, articles copies[t]:copies[t + 1] those with text t.
    """
    old, unsure = np.zeros(len(early), np.int64), np.zeros(len(early), np.int64)
    distinct = np.zeros(len(starts), np.int64)
    largest = 1
    for s in range(len(stories) - 1):
        total = 0
        for t in range(stories[s], stories[s + 1]):
            total += counts[t]
        largest = max(largest, total)
    room = 2
    while room < 2 * largest:
        room *= 2
    # The text that a shingle was found in last says of which story it is, too: texts have other numbers in each.
    table, found_in = np.empty(room, np.uint64), np.full(room, -1, np.int64)
    # Of all articles with a shingle: the earliest end, the earliest beginning and whose it is, the next beginning.
    ended, began, whose, next_began = (np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64))  # fmt: skip
    slots = np.empty(largest, np.int64)
    for s in range(len(stories) - 1):
        total = 0
        for t in range(stories[s], stories[s + 1]):
            total += counts[t]
        size = 2
        while size < 2 * total:
            size *= 2
        mask = np.uint64(size - 1)
        filled = 0
        for t in range(stories[s], stories[s + 1]):
            for at in range(starts[t], starts[t] + counts[t]):
                slot = np.int64(keys[at] & mask)
                while found_in[slot] >= stories[s] and table[slot] != keys[at]:
                    slot = (slot + 1) & (size - 1)
                if found_in[slot] == t:
                    continue
                if found_in[slot] < stories[s]:
                    table[slot] = keys[at]
                    ended[slot], began[slot], whose[slot], next_began[slot] = _NEVER, _NEVER, -1, _NEVER
                found_in[slot] = t
                distinct[t] += 1
                slots[filled] = slot
                filled += 1
                for a in range(copies[t], copies[t + 1]):
                    ended[slot] = min(ended[slot], late[a])
                    if early[a] < began[slot]:
                        began[slot], whose[slot], next_began[slot] = early[a], a, began[slot]
                    else:
                        next_began[slot] = min(next_began[slot], early[a])
        filled = 0
        for t in range(stories[s], stories[s + 1]):
            for a in range(copies[t], copies[t + 1]):
                for k in range(filled, filled + distinct[t]):
                    slot = slots[k]
                    if ended[slot] <= early[a]:
                        old[a] += 1
                    elif (next_began[slot] if whose[slot] == a else began[slot]) < late[a]:
                        unsure[a] += 1
            filled += distinct[t]
    return old, unsure, distinct
