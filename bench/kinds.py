"""Kinds of item told apart: the confusion table over a labelled file of our own writing, short invented pages of every kind and their look-alikes.

python -m bench.kinds                       # tests/fixtures/kinds.jsonl
python -m bench.kinds my_labelled.jsonl     # id, kind, title, url, body a line
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson

from flows.resources import Resources
from flows.settings import Settings
from transforms.clean import CleanSettings, clean
from transforms.records import CleanRecord, RawRecord
from transforms.sources import SourceRegistry

LABELLED = Path(__file__).parents[1] / "tests/fixtures/kinds.jsonl"
NIGHT = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> None:
    """Print a row a true kind and a column a found one, then precision and recall of each kind, then every case that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", nargs="?", type=Path, default=LABELLED)
    cases = [orjson.loads(line) for line in parser.parse_args().labelled.read_bytes().splitlines()]
    sources = SourceRegistry.parse(Resources.load(Settings()).sources_csv)
    found = [kind_of(case, sources) for case in cases]
    table = Counter((case["kind"], kind) for case, kind in zip(cases, found, strict=True))
    kinds = sorted({kind for pair in table for kind in pair})
    print(f"{'true / found':<14}", *(f"{kind[:9]:>9}" for kind in kinds), f"{'n':>5} {'P':>6} {'R':>6}")
    for true in kinds:
        n, said = (sum(table[pair] for pair in pairs) for pairs in (_row(true, kinds), _column(true, kinds)))
        right = table[true, true]
        shares = f"{right / said if said else 0:6.3f} {right / n if n else 0:6.3f}"
        print(f"{true:<14}", *(f"{table[true, kind] or '.':>9}" for kind in kinds), f"{n:>5} {shares}")
    wrong = [(case, kind) for case, kind in zip(cases, found, strict=True) if case["kind"] != kind]
    print(f"{len(cases) - len(wrong)} of {len(cases)} right")
    for case, kind in wrong:
        print(f"  {case['id']}: {kind}, {case['title']!r} {case.get('note', '')}")


def kind_of(case: Mapping[str, str | None], sources: SourceRegistry) -> str:
    """Return the kind a night gives a labelled case; one that is refused is a stub, as nothing of it is joined."""
    fields = {name: value for name in ("title", "url", "body") if (value := case.get(name))}
    record = RawRecord(case["id"], 0, 0, fields)
    outcome = clean(record, feed="kinds", sources=sources, settings=CleanSettings(), not_after=NIGHT)
    return outcome.content_type if isinstance(outcome, CleanRecord) else "stub"


def _row(true: str, kinds: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((true, kind) for kind in kinds)


def _column(found: str, kinds: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((kind, found) for kind in kinds)


if __name__ == "__main__":
    main()
