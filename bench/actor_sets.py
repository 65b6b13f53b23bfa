"""The labelled sets of names, as raw text with spans: what bench/actors.py scores and bench/actors_train.py learns from.

Offsets are code points of the raw text. Types are PER, ORG, LOC (states and buildings included), NORP and MISC; scores are over
the first three alone.
"""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

SCORED = ("PER", "ORG", "LOC")
FOLDS = 5
_WORLDWIDE = {
    "Person": "PER",
    "Organization": "ORG",
    "Location": "LOC",
    "Facility": "LOC",
    "NORP": "NORP",
    "Misc": "MISC",
    "Product": "MISC",
}
# Code points a token may lie behind the one before it: some gold tokens were corrected by hand and stand nowhere in the raw text.
_REACH = 40

Name = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A raw text with its gold names (start, end, type), sorted, and the group that must not be split over folds."""

    key: str
    group: str
    text: str
    names: tuple[Name, ...]


def worldwide(shared: Path) -> list[Labelled]:
    """Return the 731 articles of worldwide_open, grouped by region, their tokens laid onto the raw text."""
    return [
        Labelled(row["id"], row["region_code"], row["text"], tuple(_names(row["text"], row["sents"], _WORLDWIDE)))
        for row in rows(shared / "gold" / "actors" / "worldwide_open.jsonl.gz")
    ]


def wikigold(shared: Path) -> list[Labelled]:
    """Return the 145 articles of wikigold as plain text: the set has tokens alone, so blanks are set where English has them."""
    found = []
    types = {"PER": "PER", "ORG": "ORG", "LOC": "LOC", "MISC": "MISC"}
    for row in rows(shared / "gold" / "actors" / "wikigold.jsonl.gz"):
        text = "\n".join(_plain(sentence["tokens"]) for sentence in row["sents"])
        found.append(Labelled(row["id"], row["id"], text, tuple(_names(text, row["sents"], types))))
    return found


def folds(documents: Sequence[Labelled], count: int = FOLDS) -> list[list[int]]:
    """Return `count` lists of positions, whole groups together, the largest group first into the smallest fold."""
    sizes: dict[str, list[int]] = {}
    for k, document in enumerate(documents):
        sizes.setdefault(document.group, []).append(k)
    parts: list[list[int]] = [[] for _ in range(count)]
    for _, members in sorted(sizes.items(), key=lambda item: (-len(item[1]), item[0])):
        min(parts, key=len).extend(members)
    return [sorted(part) for part in parts]


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a gzipped JSON-lines file."""
    with gzip.open(path) as lines:
        yield from map(orjson.loads, lines)


def _names(text: str, sents: Sequence[dict[str, Any]], types: dict[str, str]) -> Iterator[Name]:
    """Yield the names of a tagged text (B-, I- tags; I- alone opens where another type or none stands before)."""
    at = 0
    for sent in sents:
        open_type, first, last = "", -1, -1
        for token, tag in [*zip(sent["tokens"], sent["tags"], strict=True), ("", "O")]:
            mark, _, label = tag.partition("-")
            kind = types.get(label, "")
            if open_type and (mark != "I" or label != open_type):
                if first >= 0 and types.get(open_type):
                    yield first, last, types[open_type]
                open_type = ""
            found = text.find(token, at, at + len(token) + _REACH) if token else -1
            if found >= 0:
                at = found + len(token)
            if kind:
                if not open_type:
                    open_type, first = label, found
                if found >= 0:
                    first, last = (found if first < 0 else first), at


def _plain(tokens: Sequence[str]) -> str:
    """Join tokens with blanks, without them before closing and after opening marks."""
    parts: list[str] = []
    quoted = False
    glue = True
    for token in tokens:
        closing = token in {".", ",", ";", ":", "!", "?", ")", "]", "%", "'s", "n't", "'"} or (token == '"' and quoted)
        parts.append(token if glue or closing else f" {token}")
        if token == '"':
            quoted = not quoted
        glue = token in {"(", "[", "$"} or (token == '"' and quoted)
    return "".join(parts)
