"""Sources and cues of attributions found in PolNeAR's articles that no training saw, and how much enrich slows down for quotes.

    python -m bench.quotes --shared ../shared

Lenient, as PolNeAR's own comparison: a span found is right if it overlaps a labelled one of the same role, a labelled one is found if
it overlaps one found. The held-out fold is one article in six, by the hash of its name (bench/quote_sets.py).
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from bench.quote_sets import ROLES, Attributed, polnear
from transforms.enrich import ActorRegistry, Attributor, NameTagger, enrich
from transforms.enrich.quotations import quotations
from transforms.enrich.tokens import Tokens
from transforms.sources import SourceRegistry

HOUSE = Path(__file__).resolve().parents[1] / "transforms"

Place = tuple[int, int, int]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    options = parser.parse_args()
    articles = [article for article in polnear(options.shared) if article.held_out]
    table = (HOUSE / "enrich" / "attribution.tsv").read_text("utf-8")
    started = time.process_time()
    attributor = Attributor(table)
    print(f"{len(table.encode()):,} bytes, read in {time.process_time() - started:.2f} CPU s")
    found, seconds = _found(attributor, articles)
    n_words = sum(len(article.text.split()) for article in articles)
    print(f"{len(articles)} articles held out, {n_words:,} words, {n_words / seconds:,.0f} words a CPU second")
    for role in ROLES:
        gold = [(k, start, end) for k, a in enumerate(articles) for of, start, end in a.spans if of == role]
        precision, recall, f1 = lenient(found[role], gold)
        print(f"{role:<8} P {precision:.3f} R {recall:.3f} F1 {f1:.3f}")
    _speed(articles, attributor)


def lenient(found: Sequence[Place], gold: Sequence[Place]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of (text, start, end), right where one overlaps one of the other side."""
    precision, recall = _overlapping(found, gold), _overlapping(gold, found)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _overlapping(ones: Sequence[Place], others: Sequence[Place]) -> float:
    by_text: dict[int, list[Place]] = {}
    for place in others:
        by_text.setdefault(place[0], []).append(place)
    hits = sum(any(start < e and s < end for _, s, e in by_text.get(k, ())) for k, start, end in ones)
    return hits / max(1, len(ones))


def _found(attributor: Attributor, articles: Sequence[Attributed]) -> tuple[dict[str, list[Place]], float]:
    texts = [Tokens(article.text) for article in articles]
    found: dict[str, list[Place]] = {role: [] for role in ROLES}
    started = time.process_time()
    answers = [
        answer
        for part in _parts(texts)
        for answer in attributor.attribute(part, [quotations(text.text) for text in part])
    ]
    seconds = time.process_time() - started
    for k, (text, runs) in enumerate(zip(texts, answers, strict=True)):
        for run in runs:
            found[run.role].append((k, text.starts[run.first], text.ends[run.last - 1]))
    return found, seconds


def _parts(texts: Sequence[Tokens], size: int = 15) -> Iterator[Sequence[Tokens]]:
    """Yield as many texts together as enrich works on at once."""
    return (texts[k : k + size] for k in range(0, len(texts), size))


def _speed(articles: Sequence[Attributed], attributor: Attributor) -> None:
    """Print the words a CPU second of the whole of enrich with quotes and without, in turns."""
    registry = HOUSE / "registry"
    actors = ActorRegistry.parse((registry / "actors.csv").read_text("utf-8"))
    sources = SourceRegistry.parse((registry / "sources.csv").read_text("utf-8"))
    tagger = NameTagger((HOUSE / "enrich" / "names.npz.xz").read_bytes())
    texts = pa.table(
        {
            "text_id": [article.key for article in articles],
            "kind": ["body"] * len(articles),
            "body": [article.text for article in articles],
            "lang": ["en"] * len(articles),
        }
    )
    words = sum(len(article.text.split()) for article in articles)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(7):
        with_quotes = turn % 2 == 0
        started = time.process_time()
        found = enrich(texts, actors, sources, tagger, attributor if with_quotes else None)
        seconds[with_quotes].append(time.process_time() - started)
        if turn == 0:
            kinds = found.quotes["kind"].value_counts().to_pylist()
            named = len(found.quotes) - found.quotes["speaker_actor_id"].null_count
            print(f"{len(found.quotes):,} quotes, {named:,} with their speaker: {kinds}")
    fast, slow = words / min(seconds[False]), words / min(seconds[True][1:])
    print(f"enrich: {fast:,.0f} words a CPU second without quotes, {slow:,.0f} with ({slow / fast:.2f} of it)")


if __name__ == "__main__":
    main()
