"""Main text from HTML: F1 of ours beside the known extractors on the same pages in one process, with pages a CPU second.

python -m bench.extract --shared ../shared          # needs the peers: pip install 'newsfold[peers]'
python -m bench.extract --shared ../shared --only newsfold,trafilatura-fast

F1 is that of the article extraction benchmark (github.com/scrapinghub/article-extraction-benchmark): multisets of 4-word shingles, each
page's true and false positives as shares of the page, mean precision and mean recall over pages, their harmonic mean. `newsfold` is the
page's text as extracted, `newsfold-article` what is left of it as an article's body once furniture is gone. `even` and `odd` give F1 on the
two halves of the pages by the last digit of their id: the pages of the odd
half were not looked at while the rules were written (its score was); no threshold was fitted to either half.
"""

import argparse
import gzip
import importlib
import re
import statistics
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from flows.resources import Resources
from flows.settings import Settings
from transforms.clean import CleanSettings, clean
from transforms.clean.extract import read_page
from transforms.records import CleanRecord, RawRecord
from transforms.sources import SourceRegistry

Extractor = Callable[[str], str]
SHINGLE = 4
NIGHT = datetime(2026, 11, 1, tzinfo=UTC)
_TOKEN = re.compile(r"\w+")


def main() -> None:
    """Print a line an extractor: precision, recall, F1, F1 of each half, pages a CPU second and that rate over trafilatura-fast's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--only", default="", help="names of extractors, by commas")
    parser.add_argument("--rounds", type=int, default=3, help="the fastest of so many rounds counts")
    parsed = parser.parse_args()
    with gzip.open(parsed.shared / "gold/extract/scrapinghub.jsonl.gz") as lines:
        pages: list[dict[str, Any]] = [orjson.loads(line) for line in lines]
    wanted = set(filter(None, parsed.only.split(",")))
    extractors = {name: found for name, found in _extractors().items() if not wanted or name in wanted}
    print(f"{'extractor':<20} {'P':>6} {'R':>6} {'F1':>6} {'even':>6} {'odd':>6} {'pages/CPU s':>12} {'of fast':>8}")
    fast = 0.0
    for name, extract in extractors.items():
        texts, rate = _timed(extract, [page["html"] for page in pages], parsed.rounds)
        fast = rate if name == "trafilatura-fast" else fast
        halves = [[i for i, page in enumerate(pages) if int(page["id"][-1], 16) % 2 == part] for part in (0, 1)]
        golds = [page["article_body"] for page in pages]
        scores = [*f1(golds, texts), *(f1([golds[i] for i in h], [texts[i] for i in h])[2] for h in halves)]
        relative = f"{rate / fast:8.2f}" if fast else " " * 8
        print(f"{name:<20} {' '.join(f'{score:6.4f}' for score in scores)} {rate:>12.1f} {relative}", flush=True)


def f1(golds: Sequence[str], texts: Sequence[str]) -> tuple[float, float, float]:
    """Return mean precision, mean recall and their harmonic mean over pages, as the benchmark defines them."""
    shares = [_shares(gold, text) for gold, text in zip(golds, texts, strict=True)]
    precision = statistics.mean(_ratio(tp, fp, fn) for tp, fp, fn in shares if tp + fp)
    recall = statistics.mean(_ratio(tp, fn, fp) for tp, fp, fn in shares if tp + fn)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _ratio(hit: int, wrong: int, other: int) -> float:
    return 1.0 if wrong == other == 0 else hit / (hit + wrong)


def _shares(gold: str, text: str) -> tuple[int, int, int]:
    true, found = _shingles(gold), _shingles(text)
    return (true & found).total(), (found - true).total(), (true - found).total()


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(text)
    return Counter(part for i in range(max(1, len(tokens) - SHINGLE + 1)) if (part := tuple(tokens[i : i + SHINGLE])))


def _timed(extract: Extractor, pages: Sequence[str], rounds: int) -> tuple[list[str], float]:
    """Return the texts and the pages a CPU second of the fastest round; an extractor that raises found nothing."""
    texts, best = list[str](), float("inf")
    for _ in range(rounds):
        started = time.process_time()
        texts = [extract(page) for page in pages]
        best = min(best, time.process_time() - started)
    return texts, len(pages) / best


def _extractors() -> dict[str, Extractor]:
    """The extractors that are installed, trafilatura-fast first; what is missing is said."""
    found: dict[str, Extractor] = {}
    for name, (module, make) in _PEERS.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                found[name] = make(importlib.import_module(module))
        except ImportError:
            print(f"{name}: {module} is not installed; pip install 'newsfold[peers]'", file=sys.stderr)
    return found | {"newsfold": _ours, "newsfold-article": _article()}


def _ours(html: str) -> str:
    return read_page(html, CleanSettings()).text


def _article() -> Extractor:
    sources = SourceRegistry.parse(Resources.load(Settings()).sources_csv)

    def body(html: str) -> str:
        record = RawRecord("page", 0, len(html), {}, html=html)
        outcome = clean(record, feed="bench", sources=sources, settings=CleanSettings(), not_after=NIGHT)
        return outcome.body if isinstance(outcome, CleanRecord) else ""

    return body


def _trafilatura(*, fast: bool) -> Callable[[Any], Extractor]:
    def make(module: Any) -> Extractor:
        return lambda html: module.extract(html, fast=fast, include_comments=False, output_format="txt") or ""

    return make


def _readability(module: Any) -> Extractor:
    lxml_html = importlib.import_module("lxml.html")
    return lambda html: "\n".join(lxml_html.fromstring(module.Document(html).summary()).itertext())


def _newspaper(module: Any) -> Extractor:
    def extract(html: str) -> str:
        article = module.Article("https://example.org/", fetch_images=False)
        try:
            article.download(input_html=html)
            article.parse()
        except ImportError:
            # It asks for a tokeniser of its own for Korean and Japanese.
            return ""
        return str(article.text)

    return extract


def _resiliparse(module: Any) -> Extractor:
    return lambda html: str(
        module.extract_plain_text(html, main_content=True, links=False, alt_texts=False, list_bullets=False)
    )


_PEERS: dict[str, tuple[str, Callable[[Any], Extractor]]] = {
    "trafilatura-fast": ("trafilatura", _trafilatura(fast=True)),
    "trafilatura": ("trafilatura", _trafilatura(fast=False)),
    "readability-lxml": ("readability", _readability),
    "newspaper4k": ("newspaper", _newspaper),
    "resiliparse": ("resiliparse.extract.html2text", _resiliparse),
}

if __name__ == "__main__":
    main()
