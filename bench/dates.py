"""Publication dates of 800 pages: accuracy and pages a CPU second of ours beside htmldate's, fast and extensive, in one process.

python -m bench.dates --shared ../shared

A page counts as right where the day found is the gold's. `newsfold` dates the page as a night does: by its metadata and markup, its address,
a line made for readers, and htmldate's extensive search where none of them names a day. `newsfold-stated` stops after metadata and address.
`from string` does the same from the page as a string (transforms.clean.day), read tag by tag; as a tree where only that can tell.
Elements of the page are searched where no metadata dates it. A night parses a page once for text, metadata and date; `+ parsed` is the rate with that parse counted in full, the other line without it.
"""

import argparse
import gzip
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson
from htmldate import find_date
from htmldate.utils import load_html
from selectolax.lexbor import LexborHTMLParser

from transforms.clean import CleanSettings
from transforms.clean.day import page_day, stated_day, tree_fields
from transforms.clean.extract import page_date
from transforms.clean.head import stated_in_page
from transforms.clean.metadata import page_metadata
from transforms.read.decode import decode

NIGHT = datetime(2026, 11, 1, tzinfo=UTC)
SETTINGS = CleanSettings()
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
Page = TypeVar("Page")
Found = TypeVar("Found")


def main() -> None:
    """Print a line a method: pages right, share right of all and of those dated, pages a CPU second, and that over htmldate's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parsed = parser.parse_args()
    with gzip.open(parsed.shared / "gold/dates/htmldate_default.jsonl.gz") as lines:
        pages: list[dict[str, Any]] = [orjson.loads(line) for line in lines]
    htmls, urls = [_decoded(page["html_latin1"].encode("latin-1")) for page in pages], [page["url"] for page in pages]
    golds = [page["date"] for page in pages]
    print(f"{'method':<28} {'right':>6} {'of all':>7} {'of dated':>9} {'pages/CPU s':>12} {'of htmldate':>12}")
    peers = [
        (name, *_run(_peer(name == "htmldate"), list(zip(htmls, urls, strict=True))))
        for name in ("htmldate", "htmldate-fast")
    ]
    slow = len(pages) / sum(peers[0][2])
    for name, found, seconds in peers:
        _line(name, golds, found, len(pages) / sum(seconds), slow)
    trees, parsing = _run(lambda page: LexborHTMLParser(page[0]), list(zip(htmls, urls, strict=True)))
    given = [(tree, *page) for tree, page in zip(trees, zip(htmls, urls, strict=True), strict=True)]
    for name, search in (("newsfold", True), ("newsfold-stated", False)):
        found, seconds = _run(_dater(search), given)
        _line(name, golds, found, len(pages) / sum(seconds), slow)
        _line(f"{name} + parsed", golds, found, len(pages) / (sum(seconds) + sum(parsing)), slow)
    from_string, seconds_from_string = _run(_from_string, list(zip(htmls, urls, strict=True)))
    _line("newsfold-stated from string", golds, from_string, len(pages) / sum(seconds_from_string), slow)
    stated = [i for i, (tree, _, _) in enumerate(given) if found[i] is not None and "published" in page_metadata(tree)]
    _, given_theirs = _run(_peer(True), [(load_html(html), url) for html, url in zip(htmls, urls, strict=True)])
    theirs, beside, ours, whole = (
        sum(taken[i] for i in stated) for taken in (peers[0][2], given_theirs, seconds, parsing)
    )
    in_turn = _in_turn((_peer(True), _from_string), [(htmls[i], urls[i]) for i in stated])
    alone = sum(stated_in_page(htmls[i]) is not None for i in stated)
    same = sum(from_string[i] == found[i] for i in range(len(pages)))
    print(
        f"where metadata states the day ({len(stated)} of {len(pages)} pages): {in_turn[0] / in_turn[1]:.1f} times htmldate's speed, both from the page as a string, in turn "
        f"(the same day on {same} of {len(pages)}; without a tree on {alone} of these); {theirs / (ours + whole):.1f} times with a parse of our whole page counted, "
        f"{theirs / ours:.1f} times with it given, {beside / ours:.1f} times with both given"
    )


def _dater(search: bool) -> Callable[[tuple[LexborHTMLParser, str, str]], str | None]:
    return lambda page: _ours(*page, search=search)


def _peer(extensive: bool) -> Callable[[tuple[Any, str]], str | None]:
    return lambda page: find_date(page[0], url=page[1], original_date=True, extensive_search=extensive)


def _line(name: str, golds: Sequence[str], found: Sequence[str | None], rate: float, slow: float) -> None:
    right = sum(day == gold for day, gold in zip(found, golds, strict=True))
    dated = sum(day is not None for day in found)
    print(f"{name:<28} {right:>6} {right / len(golds):>7.4f} {right / dated:>9.4f} {rate:>12.1f} {rate / slow:>12.2f}")


def _run(method: Callable[[Page], Found], pages: Sequence[Page]) -> tuple[list[Found], list[float]]:
    """Return what a method gives for each page and the CPU seconds it took, the better of two rounds."""
    best = [float("inf")] * len(pages)
    for _ in range(2):
        found = list[Found]()
        for i, page in enumerate(pages):
            started = time.process_time()
            found.append(method(page))
            best[i] = min(best[i], time.process_time() - started)
    return found, best


def _in_turn(methods: Sequence[Callable[[Page], object]], pages: Sequence[Page], rounds: int = 5) -> list[float]:
    """Return the CPU seconds of each method over all pages, the better of the rounds page by page; they take turns, so that what else runs meets all."""
    best = [[float("inf")] * len(pages) for _ in methods]
    for _ in range(rounds):
        for taken, method in zip(best, methods, strict=True):
            for i, page in enumerate(pages):
                started = time.process_time()
                method(page)
                taken[i] = min(taken[i], time.process_time() - started)
    return [sum(taken) for taken in best]


def _from_string(page: tuple[str, str]) -> str | None:
    day = page_day(*page, NIGHT, SETTINGS)
    return None if day is None else str(day)


def _ours(tree: LexborHTMLParser, html: str, url: str, *, search: bool) -> str | None:
    fields = tree_fields(tree)
    day = stated_day(fields, url, NIGHT, SETTINGS)
    if search and day is None:
        day = stated_day(fields | page_date(tree, html, fields), url, NIGHT, SETTINGS)
    return None if day is None else str(day)


def _decoded(data: bytes) -> str:
    declared = _CHARSET.search(data, 0, 8192)
    return decode(data, declared.group(1).decode("ascii") if declared else None)[0]


if __name__ == "__main__":
    main()
