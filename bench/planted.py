"""A corpus with known copies: real texts, remixes of them where more are asked for than there are, planted copies, hard negatives.

Of the articles a quarter are copies of others: the same words set otherwise, reprints under a new headline, edited, cut or added
to. Unlike copies they look: market reports that differ in their figures, texts that share a footer (some footers are everywhere,
some in three texts), a quotation or an agency's line. What is drawn depends on the seed; `label` tells the truth.

python -m bench.planted ../shared/gold/load ARTICLES SEED TARGET.parquet
"""

import gzip
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.compiled import compiled, mixed

SCHEMA = pa.schema(
    [("text_id", pa.string()), ("body", pa.large_string()), ("label", pa.int64()), ("kind", pa.string())]
)
Row = tuple[str, int, str]
Chance = np.random.Generator

COPIES, TEMPLATES = 0.25, 0.03
# Of the texts that are no copies: how many end in a footer that is everywhere, in one of a few texts, hold a shared quotation.
COMMON_FOOTERS, RARE_FOOTERS, QUOTES, AGENCY_LINES = 0.10, 0.04, 0.05, 0.08
LEAST_WORDS, DONORS, BLOCK = 40, 1500, 5000
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True)
class Pool:
    """Real texts that share next to nothing with one another, and others to take headlines, footers and quotations from."""

    texts: list[str]
    donors: list[str]
    reports: list[str]


def real_texts(load: Path) -> list[str]:
    """Return the texts of LEAST_WORDS words or more of the load sets, without those that share a fifth of their 8-grams with others."""
    found: dict[str, str] = {}
    for name in ("allsides_37k", "reuters21578"):
        for row in _rows(load / f"{name}.jsonl.gz"):
            text = str(row["text"]).strip()
            if len(text.split()) >= LEAST_WORDS:
                found[f"{name} {row['id']}"] = text
    texts = list(dict.fromkeys(found[key] for key in sorted(found)))
    return [text for text, share in zip(texts, _shared_with_others(texts), strict=True) if share < 0.2]


def _shared_with_others(texts: list[str]) -> npt.NDArray[np.float64]:
    """Return of each text the share of its word 8-grams that another text has."""
    words = [re.findall(r"\w+", text.lower()) for text in texts]
    codes = pa.array([word for some in words for word in some]).dictionary_encode().indices.to_numpy().astype(np.uint64)
    grams = np.zeros(len(codes) - 7, np.uint64)
    for step in range(8):
        grams = grams * np.uint64(0x9E3779B97F4A7C15) + codes[step : len(codes) - 7 + step]
    owners = np.repeat(np.arange(len(texts)), [len(some) for some in words])
    inside = owners[7:] == owners[:-7]
    grams, owners = grams[inside], owners[:-7][inside]
    order = np.argsort(grams, kind="stable")
    grams, owners = grams[order], owners[order]
    starts = np.flatnonzero(np.r_[True, grams[1:] != grams[:-1]])
    several = owners[starts] != owners[np.r_[starts[1:], len(owners)] - 1]
    shared = np.repeat(several, np.diff(np.r_[starts, len(owners)]))
    many = np.bincount(owners, minlength=len(texts))
    return np.bincount(owners, shared, minlength=len(texts)) / np.maximum(many, 1)


def draw_pool(texts: list[str], chance: Chance) -> Pool:
    """Return the texts in another order, with the donors and the market reports taken out."""
    order = [texts[i] for i in chance.permutation(len(texts))]
    reports = [text for text in order if _is_report(text)][:60]
    taken = set(reports)
    rest = [text for text in order if text not in taken]
    return Pool(rest[DONORS:], rest[:DONORS], reports)


def plant(load: Path, n_articles: int, seed: int, target: Path) -> None:
    """Write a corpus of SCHEMA, in an order that tells nothing."""
    chance = np.random.default_rng(seed)
    pool = draw_pool(real_texts(load), chance)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        n_parts = max(1, n_articles // 20_000)
        parts = [pq.ParquetWriter(Path(folder) / f"{i}.parquet", SCHEMA, compression="lz4") for i in range(n_parts)]
        for block in _blocks(_corpus(pool, n_articles, chance)):
            part = chance.integers(0, n_parts, block.num_rows)
            for number in np.unique(part).tolist():
                parts[number].write_table(block.filter(pa.array(part == number)))
        for writer in parts:
            writer.close()
        staging = target.with_suffix(".tmp")
        with pq.ParquetWriter(staging, SCHEMA, compression="zstd", compression_level=1) as writer:
            for number in range(n_parts):
                rows = pq.read_table(Path(folder) / f"{number}.parquet")
                writer.write_table(rows.take(chance.permutation(rows.num_rows)), row_group_size=20_000)
        shutil.move(staging, target)


def _corpus(pool: Pool, n_articles: int, chance: Chance) -> Iterator[Row]:
    n_copies, n_templates = int(n_articles * COPIES), int(n_articles * TEMPLATES)
    n_base = n_articles - n_copies - n_templates
    furniture = _Furniture(pool.donors, n_base, chance)
    label = copied = 0
    for text in _first(n_base, pool, chance):
        base = furniture.put_on(text, chance)
        yield base, label, "base"
        # Geometric, so that some are copied often: the mean is what is left to copy over what is left to copy from.
        wanted = (n_copies - copied) / (n_base - label)
        many = int(chance.geometric(1 / (1 + 4 * wanted))) - 1 if chance.random() < 0.25 else 0
        for _ in range(min(many, n_copies - copied)):
            kind = list(EDITS)[chance.integers(len(EDITS))]
            yield EDITS[kind](base, pool.donors, chance), label, kind
            copied += 1
        label += 1
    for _ in range(n_copies - copied + n_templates):
        yield _with_other_figures(pool.reports[int(chance.integers(len(pool.reports)))], chance), label, "template"
        label += 1


def _first(count: int, pool: Pool, chance: Chance) -> Iterator[str]:
    yield from pool.texts[:count]
    if count <= len(pool.texts):
        return
    lengths = np.array([len(text.split()) for text in pool.texts])
    chain = _Chain([text.split() for text in pool.texts[:12_000]])
    while count > len(pool.texts):
        many = min(BLOCK, count - len(pool.texts))
        yield from chain.walk(chance.choice(lengths, many), chance)
        count -= many


class _Chain:
    """A Markov chain over words: what it says has the words and the habits of the texts, and copies none of them."""

    def __init__(self, texts: list[list[str]]) -> None:
        encoded = pa.array([word for text in texts for word in text]).dictionary_encode()
        words, codes = encoded.dictionary.cast(pa.large_string()), encoded.indices.to_numpy()
        order = np.argsort(codes[:-1], kind="stable")
        self._next = codes[1:][order]
        self._starts = np.searchsorted(codes[:-1][order], np.arange(len(words) + 1))
        self._letters = np.frombuffer(words.buffers()[2], np.uint8)
        self._bounds = np.frombuffer(words.buffers()[1], np.int64)[: len(words) + 1]

    def walk(self, lengths: npt.NDArray[np.int64], chance: Chance) -> list[str]:
        seed = chance.integers(0, 1 << 63, dtype=np.uint64)
        codes = _walked(self._next, self._starts, int(lengths.sum()), seed)
        data, offsets = _said(codes, lengths, self._letters, self._bounds)
        texts = pa.LargeStringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(data))
        joined: list[str] = texts.to_pylist()
        return joined


@compiled
def _walked(
    following: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], count: int, seed: np.uint64
) -> npt.NDArray[np.int32]:
    """Return so many words, each drawn from those that follow the one before."""
    codes, word = np.empty(count, np.int32), 0
    for i in range(count):
        drawn = np.int64(mixed(seed + np.uint64(i) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(1))
        width = starts[word + 1] - starts[word]
        # One step in eight leaps, or rare words would lead through the same sentence every time.
        if width == 0 or drawn % 8 == 0:
            word = following[(drawn >> 3) % len(following)]
        else:
            word = following[starts[word] + (drawn >> 3) % width]
        codes[i] = word
    return codes


@compiled
def _said(
    codes: npt.NDArray[np.int32],
    lengths: npt.NDArray[np.int64],
    letters: npt.NDArray[np.uint8],
    bounds: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the words of so many texts with blanks between them, and where each text begins."""
    room = len(codes)
    for code in codes:
        room += bounds[code + 1] - bounds[code]
    data, offsets, at, used = np.empty(room, np.uint8), np.zeros(len(lengths) + 1, np.int64), 0, 0
    for text in range(len(lengths)):
        for i in range(lengths[text]):
            if i:
                data[used] = ord(" ")
                used += 1
            for letter in range(bounds[codes[at]], bounds[codes[at] + 1]):
                data[used] = letters[letter]
                used += 1
            at += 1
        offsets[text + 1] = used
    return data, offsets


class _Furniture:
    """What unrelated texts have in common: footers, quotations, the line of an agency."""

    def __init__(self, donors: list[str], n_texts: int, chance: Chance) -> None:
        self.common = [_words(donors, 25, 180, chance) for _ in range(40)]
        self.share = 1 / np.arange(1, 41)
        self.share /= self.share.sum()
        self.rare = [_words(donors, 40, 220, chance) for _ in range(max(1, int(n_texts * RARE_FOOTERS / 3)))]
        self.quotes = [
            "“" + _words(donors, 30, 80, chance) + "”" for _ in range(max(1, int(n_texts * QUOTES / 4)))
        ]  # fmt: skip
        self.agency = [f"({name}) — " for name in ("Reuters", "AP", "AFP", "ANI", "PTI", "Xinhua", "TASS")]

    def put_on(self, text: str, chance: Chance) -> str:
        dice = chance.random(4)
        if dice[0] < AGENCY_LINES:
            agency = self.agency[int(chance.integers(len(self.agency)))]
            text = (
                agency + text + f"\n{agency} reporting by our correspondents; editing by the desk. All rights reserved."
            )
        if dice[1] < QUOTES:
            paragraphs = text.split("\n")
            paragraphs.insert(
                int(chance.integers(1, len(paragraphs) + 1)), self.quotes[int(chance.integers(len(self.quotes)))]
            )
            text = "\n".join(paragraphs)
        if dice[2] < COMMON_FOOTERS:
            text += "\n" + self.common[int(chance.choice(len(self.common), p=self.share))]
        elif dice[3] < RARE_FOOTERS:
            text += "\n" + self.rare[int(chance.integers(len(self.rare)))]
        return text


def _set_otherwise(text: str, donors: list[str], chance: Chance) -> str:
    plain = text.replace("’", "'").replace("“", '"').replace("”", '"').replace(" — ", " - ").replace("\n\n", "\n")
    return plain if plain != text else text.replace("'", "’").replace(". ", ".  ") + "\n***"


def _reprinted(text: str, donors: list[str], chance: Chance) -> str:
    return _headline(donors, chance) + text


def _edited(text: str, donors: list[str], chance: Chance) -> str:
    """Replace, drop or repeat one to six words in a hundred, under a new headline or none."""
    words = text.split(" ")
    others = donors[int(chance.integers(len(donors)))].split()
    rate = chance.uniform(0.01, 0.06)
    for place in np.flatnonzero(chance.random(len(words)) < rate).tolist():
        kind = chance.integers(3)
        other = others[int(chance.integers(len(others)))]
        words[place] = other if kind == 0 else "" if kind == 1 else f"{words[place]} {other}"
    return (_headline(donors, chance) if chance.random() < 0.5 else "") + " ".join(words) + "\nEdited."


def _cut(text: str, donors: list[str], chance: Chance) -> str:
    """Keep the first fifth to four fifths, and sixty words at least."""
    words = text.split(" ")
    kept = max(60, int(len(words) * chance.uniform(0.2, 0.8)))
    return (_headline(donors, chance) if chance.random() < 0.3 else "") + " ".join(words[:kept]) + " …"


def _added_to(text: str, donors: list[str], chance: Chance) -> str:
    n_words = len(text.split())
    more = _words(donors, max(15, n_words // 10), max(30, int(n_words * 0.6)), chance)
    return (_headline(donors, chance) if chance.random() < 0.5 else "") + text + "\n" + more


EDITS: dict[str, Callable[[str, list[str], Chance], str]] = {
    "set otherwise": _set_otherwise,
    "new headline": _reprinted,
    "edited": _edited,
    "cut": _cut,
    "added to": _added_to,
}


def _headline(donors: list[str], chance: Chance) -> str:
    words = donors[int(chance.integers(len(donors)))].split()
    start = int(chance.integers(max(1, len(words) - 12)))
    return " ".join(words[start : start + int(chance.integers(6, 13))]).title() + "\n"


def _words(donors: list[str], least: int, most: int, chance: Chance) -> str:
    """Return some running words of a donor, `least` to `most` where it has as many."""
    words = donors[int(chance.integers(len(donors)))].split()
    many = int(chance.integers(least, max(least + 1, most)))
    start = int(chance.integers(max(1, len(words) - many)))
    return " ".join(words[start : start + many])


def _is_report(text: str) -> bool:
    words = text.split()
    return 60 <= len(words) <= 300 and sum(bool(_FIGURE.search(word)) for word in words) >= 0.1 * len(words)


def _with_other_figures(text: str, chance: Chance) -> str:
    digits = iter(chance.integers(1, 10, len(text)).tolist())
    return _FIGURE.sub(lambda _: str(next(digits)), text)


def _blocks(rows: Iterator[Row]) -> Iterator[pa.Table]:
    # Two texts may come out the same words: an id is one row.
    seen: set[str] = set()
    waiting: list[tuple[str, str, int, str]] = []
    for body, label, kind in rows:
        text_id = "t_" + sha256(body.encode()).hexdigest()[:16]
        if text_id in seen:
            continue
        seen.add(text_id)
        waiting.append((text_id, body, label, kind))
        if len(waiting) == BLOCK:
            yield _table(waiting)
            waiting = []
    if waiting:
        yield _table(waiting)


def _table(rows: list[tuple[str, str, int, str]]) -> pa.Table:
    return pa.table(dict(zip(SCHEMA.names, map(list, zip(*rows, strict=True)), strict=True)), schema=SCHEMA)


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    plant(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
