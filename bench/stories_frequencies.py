"""Build the document frequencies that story similarity rests on, from the open load and story sets.

    python -m bench.stories_frequencies --shared ../shared

Words and figures of the first 700 words of each text, with the number of texts that hold them;
rare terms are left out, and no text can be read back from it.

The corpora are American, where "Pakistan" is rarer than "Washington"; in a Pakistani dump it is the other way round. Every
country is somebody's home: names of states, their peoples and capitals count as often as the home capital of the corpora.
"""

import argparse
import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from transforms.stories.frequencies import DOCUMENTS, NUMBER, SCHEMA, WORD
from transforms.stories.profiles import ReadingSettings
from transforms.stories.tokens import listed, printed_form, tokens
from transforms.text import canonical_text

SETS = ("load/allsides_37k", "stories/epimine_coarse")
# A word seen twice may be a misprint.
LEAST = {WORD: 3, NUMBER: 3}
# Figures as printed: 21, 1,300.5, 143; thousands separators are dropped so that 1,300 and 1300 agree.
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?")
HOME_CAPITAL = "washington"
# Parts of the names of states that are words of their own.
_BESIDE = frozenset(listed("the of and republic islamic people democratic kingdom new city"))
TARGET = Path("transforms/stories/document_frequencies.parquet")
REGISTRY = Path("transforms/registry/actors.csv")


def main() -> None:
    """Count and write the artefact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=TARGET)
    options = parser.parse_args()
    n_documents, counts = count(texts(options.shared))
    at_home = counts[WORD][HOME_CAPITAL]
    counts[WORD] |= Counter(dict.fromkeys(state_words(REGISTRY.read_text("utf-8")), at_home))
    write(n_documents, counts, options.out)
    print(f"{n_documents:,} documents, {options.out.stat().st_size:,} bytes")


def texts(shared: Path) -> Iterator[str]:
    """Yield the bodies of the open sets in their stored form."""
    for name in SETS:
        with gzip.open(shared / "gold" / f"{name}.jsonl.gz") as lines:
            yield from (canonical_text(orjson.loads(line)["text"]) for line in lines)


def count(bodies: Iterator[str]) -> tuple[int, dict[str, Counter[str]]]:
    """Return the number of documents and, per kind, in how many of them each term occurs."""
    limit = ReadingSettings().first_words
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in LEAST}
    n_documents = 0
    for body in bodies:
        _, starts, ends = tokens(body, limit)
        if not len(starts):
            continue
        n_documents += 1
        places = zip(starts.tolist(), ends.tolist(), strict=True)
        counts[WORD].update({printed_form(body[start:end]) for start, end in places})
        figures = _NUMBER.findall(body, 0, int(ends[-1]))
        counts[NUMBER].update({figure.replace(",", "") for figure in figures})
    return n_documents, counts


def state_words(registry: str) -> set[str]:
    """Return the words in the names of states, peoples and capitals of the actor registry, given as CSV text."""
    states = [row for row in csv.DictReader(registry.splitlines()) if row["type"] == "state"]
    marked = [alias.partition(":")[2] for row in states for alias in row["context_aliases"].split("|")]
    names = [name for row in states for name in (row["name"], *row["aliases"].split("|"))] + marked
    return {word for name in names for word in _forms(name)} - _BESIDE


def _forms(name: str) -> list[str]:
    _, starts, ends = tokens(name, 9)
    return [printed_form(name[start:end]) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def write(n_documents: int, counts: dict[str, Counter[str]], path: Path) -> None:
    """Write the terms seen often enough, sorted, with the number of documents in a row of its own."""
    rows = [(DOCUMENTS, "", n_documents)]
    for kind, least in LEAST.items():
        rows += sorted((kind, term, df) for term, df in counts[kind].items() if df >= least)
    table = pa.table([list(column) for column in zip(*rows, strict=True)], schema=SCHEMA)
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=["kind"],
        column_encoding={"term": "DELTA_BYTE_ARRAY"},
    )


if __name__ == "__main__":
    main()
