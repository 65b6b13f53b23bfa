"""Train the tagger of names on the open sets and write its model file.

    python -m bench.actors_train --shared ../shared
    python -m bench.actors_train --shared ../shared --check     # writes nothing, fails where the file that ships is not what it makes

Learns from the names of 731 articles of worldwide_open (persons, organisations, places with buildings, peoples, other names); no
sentence of any set is in the file: it holds common words and endings of words with a row of small integers each. It needs the
extra `train`; the sources of word knowledge and their terms are in bench/actors_words.py. The same command gives the same bytes:
our own lists are a copy of when the version was made (bench/actors_lists.py), and the packages are pinned.
"""

import argparse
import hashlib
import io
import lzma
import os
import re
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.actor_sets import worldwide
from bench.actors_crf import Learning, Weights, examples, learn
from bench.actors_words import WordBook
from transforms.enrich.evidence import BYTES, CATEGORIES
from transforms.enrich.names import FINER, SCALE, SHARED

TARGET = Path("transforms/enrich/names.npz.xz")
VERSION = "1"
# The commonest words of any case, and of capitalised ones, that share rows; and the commonest whose usage is kept.
WORDS, CAPITALISED, USED = 60_000, 260_000, 30_000
# What a step of the packed numbers is worth in 1/SCALE; the file shrinks as steps grow.
STEPS = {"features": 1, "lists": 1, "vectors": 1, "usage": 3}
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_WORD = re.compile(r"[^\W_]+\Z")


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=TARGET)
    parser.add_argument("--check", action="store_true", help="compare with the file at --out instead of writing it")
    options = parser.parse_args()
    if any(os.environ.get(name) != "1" for name in _THREADS):
        # Sums of several threads come in any order: the same bytes need one.
        command = [sys.executable, "-m", "bench.actors_train", *sys.argv[1:]]
        os.execve(sys.executable, command, os.environ | dict.fromkeys(_THREADS, "1"))
    book = WordBook(options.shared)
    data = examples(worldwide(options.shared), book.evidence)
    packed = pack(learn(data, book, Learning()), book)
    if not options.check:
        options.out.write_bytes(packed)
    digests = [hashlib.sha256(found).hexdigest() for found in (packed, options.out.read_bytes())]
    print(f"{options.out}: {len(packed):,} bytes, sha256 {digests[0]}")
    if digests[0] != digests[1]:
        sys.exit(f"{options.out} has sha256 {digests[1]}: it is not what this command makes here.")


def pack(weights: Weights, book: WordBook) -> bytes:
    """Return the model file: rows of features, lists, vectors and usage as products of integers, and tables of the columns."""
    features = [f for f in weights.features if not f.startswith("g=")]
    own = {f: k for k, f in enumerate(weights.features)}
    words, shared, sets = _words(book, own)
    vectors, used = book.tables()
    by_list = np.array(
        [
            np.sum([weights.of_features[own[f]] for f in of], axis=0) if of else np.zeros(weights.of_features.shape[1])
            for of in sets
        ]
    )
    blocks = {
        "features": weights.of_features[[own[f] for f in features]],
        "lists": by_list,
        "vectors": vectors @ weights.of_vectors[: vectors.shape[1]],
        "usage": (used @ weights.of_vectors[vectors.shape[1] :])[: USED + 1],
    }
    small, basis = _folded(blocks)
    parts: dict[str, NDArray[np.generic]] = {
        "version": np.array(VERSION),
        "words": _bytes(words),
        "shared": np.asfortranarray(shared),
        "features": _bytes(features),
        **{f"of_{name}": np.asfortranarray(rows) for name, rows in small.items()},
        "steps": np.array([STEPS[name] for name in ("features", *SHARED)], np.int32),
        "basis": basis,
        "transitions": _whole(weights.transitions),
        **{f"of_{name}": table for name, table in _tables(weights).items()},
    }
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **parts)
    return lzma.compress(packed.getvalue(), preset=9)


def _words(book: WordBook, own: dict[str, int]) -> tuple[list[str], NDArray[np.uint16], list[tuple[str, ...]]]:
    """Return the words that share rows, sorted, the places of those rows (words x SHARED), and the sets of lists by place."""
    vector_of, usage_of = book.vector_rows(), book.usage_rows()
    known = [word for word in vector_of if _WORD.match(word)]
    capitalised = [word for word in known if word[0].isupper()]
    kept = {*known[:WORDS], *capitalised[:CAPITALISED], *list(usage_of)[:USED]}
    words = sorted(word for word in kept if _WORD.match(word))
    sets: dict[tuple[str, ...], int] = {(): 0}
    places = []
    for word in words:
        marks = tuple(mark for mark in book.lists(word) if mark in own)
        used = usage_of.get(word, -1) + 1
        places.append((sets.setdefault(marks, len(sets)), vector_of.get(word, -1) + 1, used if used <= USED else 0))
    return words, np.array(places, np.uint16), list(sets)


def _folded(blocks: dict[str, NDArray[np.float32]]) -> tuple[dict[str, NDArray[np.int16]], NDArray[np.int32]]:
    """Return the rows of all blocks on their common main axes, in whole steps, and the axes in 1/FINER of what a step is worth."""
    together = np.concatenate(list(blocks.values())).astype(np.float64) * SCALE
    _, axes = np.linalg.eigh(together.T @ together)
    # Signs of eigenvectors are a matter of the library; the largest entry is made positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    small = {
        name: np.round(rows * SCALE @ axes / STEPS[name]).clip(-30_000, 30_000).astype(np.int16)
        for name, rows in blocks.items()
    }
    return small, np.round(axes.T * FINER).astype(np.int32)


def _bytes(lines: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def _tables(weights: Weights) -> dict[str, NDArray[np.int16]]:
    """Return a table of scores a column: a row a category, or a row for each value of a byte of evidence."""
    found: dict[str, NDArray[np.int16]] = {}
    start = 0
    for name, size in CATEGORIES.items():
        found[name] = _whole(weights.of_columns[start : start + size])
        start += size
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    for k, name in enumerate(BYTES):
        found[name] = _whole(bits @ weights.of_columns[start + 8 * k : start + 8 * (k + 1)])
    return found


def _whole(scores: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.round(scores * SCALE).clip(-30_000, 30_000).astype(np.int16)


if __name__ == "__main__":
    main()
