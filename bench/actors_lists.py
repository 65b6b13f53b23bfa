"""Our own words as the tagger's training knows them: a copy, so that a registry and word lists that grow leave its file as it is.

    python -m bench.actors_lists

writes the copy (bench/actors_lists.tsv) anew from today's lists; the next training then makes another model, which needs a new version.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from transforms.enrich import words as lists
from transforms.enrich.evidence import KIND_OF, SAYING
from transforms.enrich.tokens import pieces

KEPT = Path(__file__).with_suffix(".tsv")
REGISTRY = Path(__file__).resolve().parents[1] / "transforms" / "registry" / "actors.csv"
_COLUMNS = ("word", "marks", "evidence")


@dataclass(frozen=True, slots=True)
class Lists:
    """`marks`: the lists a word stands in; `evidence`: the bits of what it says of a name beside it (transforms/enrich/evidence.py)."""

    marks: Mapping[str, frozenset[str]]
    evidence: Mapping[str, int]

    @classmethod
    def kept(cls) -> "Lists":
        """Return the copy."""
        rows = [line.split("\t") for line in KEPT.read_text("utf-8").splitlines()[1:]]
        return cls(
            {word: frozenset(marks.split()) for word, marks, _ in rows if marks},
            {word: int(bits) for word, _, bits in rows if bits != "0"},
        )

    @classmethod
    def of_today(cls) -> "Lists":
        """Return what the registry and the word lists say now."""
        marks: dict[str, set[str]] = defaultdict(set)
        for word, mark in (*_registry(), *_own()):
            marks[word].add(mark)
        return cls({word: frozenset(of) for word, of in marks.items()}, KIND_OF)

    def keep(self) -> None:
        """Write the copy: a line a word, sorted."""
        lines = [
            (word, " ".join(sorted(self.marks.get(word, ()))), str(self.evidence.get(word, 0)))
            for word in sorted({*self.marks, *self.evidence})
        ]
        KEPT.write_text("".join("\t".join(line) + "\n" for line in (_COLUMNS, *lines)), "utf-8")


def placed(name: str) -> Iterator[tuple[str, str]]:
    """Yield the capitalised words of a name and where each stands in it: whole, first or last."""
    words = pieces(name)
    for k, word in enumerate(words):
        if word[0].isupper():
            yield word, "whole" if len(words) == 1 else "first" if k == 0 else "last"


def _registry() -> Iterator[tuple[str, str]]:
    with REGISTRY.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for alias in (row["name"], *row["aliases"].split("|")):
                yield from ((word, f"{row['type']}_{at}") for word, at in placed(alias) if "(" not in alias)
            for alias in filter(None, row["context_aliases"].split("|")):
                kind, _, name = alias.partition(":")
                yield from ((word, kind) for word, _ in placed(name))


def _own() -> Iterator[tuple[str, str]]:
    for mark, found in (
        ("title", lists.TITLES), ("honorific", lists.HONORIFICS), ("title_part", lists.TITLE_PARTS), ("calendar", lists.CALENDAR),
        ("starter", lists.STARTERS), ("generic", lists.GENERIC), ("particle", lists.PARTICLES), ("suffix", lists.SUFFIXES),
        ("kind", lists.KIND_NOUNS), ("no_actor", lists.NON_ACTOR_HEADS), ("saying", SAYING), ("head", lists.ORG_HEADS),
    ):  # fmt: skip
        yield from ((word, mark) for word in found)
    yield from ((word, f"head_{kind}") for word, kind in lists.ORG_HEADS.items())


if __name__ == "__main__":
    Lists.of_today().keep()
