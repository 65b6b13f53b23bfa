"""Quotes and their speakers in articles of our own making (bench/quotes_labelled.txt), each quote labelled with who says it.

    python -m bench.quote_speakers [--misses]

A quote found is a labelled one where they share over half of what either covers. A speaker is right where it is the actor whom the text
names by the labelled name; where the text leaves open who speaks, nobody is right. Precision counts speakers settled of quotes
that are labelled, recall labelled quotes whose speaker is known. The rules were mended with the first articles in view; those called
"unseen" were written when the rules stood.
"""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from transforms.enrich import ActorRegistry, Attributor, NameTagger, enrich
from transforms.sources import SourceRegistry
from transforms.text import text_id

LABELLED = Path(__file__).with_name("quotes_labelled.txt")
HOUSE = Path(__file__).resolve().parents[1] / "transforms"
_LABEL = re.compile(r"\[\[([^|\]]+)\|([^\]]+)\]\]")
_OPEN = "-"


@dataclass(frozen=True, slots=True)
class Said:
    """One quote: code points, and who says it; None where that is left open."""

    start: int
    end: int
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Article:
    """A text and its quotes, in its order."""

    name: str
    text: str
    quotes: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of one labelled quote, or of none: whether a quote was, and whether its speaker was settled and right."""

    article: str
    words: str
    labelled: Said | None
    found: bool
    settled: str | None
    right: bool


def articles() -> list[Article]:
    """Return the labelled articles."""
    parts = re.split(r"^== (.+)\n", LABELLED.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return [_article(name, text.strip()) for name, text in zip(parts[::2], parts[1::2], strict=True)]


def _article(name: str, marked: str) -> Article:
    text, quotes, at = "", [], 0
    for label in _LABEL.finditer(marked):
        text += marked[at : label.start()]
        quotes.append(Said(len(text), len(text) + len(label[2]), None if label[1] == _OPEN else label[1]))
        text += label[2]
        at = label.end()
    return Article(name, text + marked[at:], tuple(quotes))


@cache
def answers() -> list[Answer]:
    """Return what enrich finds of all articles."""
    known = articles()
    registry = HOUSE / "registry"
    texts = pa.table(
        {
            "text_id": [text_id(article.text) for article in known],
            "kind": ["body"] * len(known),
            "body": [article.text for article in known],
            "lang": ["en"] * len(known),
        }
    )
    found = enrich(
        texts,
        ActorRegistry.parse((registry / "actors.csv").read_text("utf-8")),
        SourceRegistry.parse((registry / "sources.csv").read_text("utf-8")),
        NameTagger((HOUSE / "enrich" / "names.npz.xz").read_bytes()),
        Attributor((HOUSE / "enrich" / "attribution.tsv").read_text("utf-8")),
    )
    mentions, quotes = found.mentions.to_pylist(), found.quotes.to_pylist()
    result: list[Answer] = []
    for article in known:
        actors: dict[str, set[str]] = {}
        for mention in mentions:
            if mention["text_id"] == text_id(article.text) and mention["actor_id"] is not None:
                actors.setdefault(mention["surface"].removeprefix("The ").removeprefix("the "), set()).add(
                    mention["actor_id"]
                )
        said = [
            (quote["start_char"], quote["end_char"], quote["speaker_actor_id"])
            for quote in quotes
            if quote["text_id"] == text_id(article.text)
        ]
        result += _compared(article, said, actors)
    return result


def _compared(
    article: Article, said: list[tuple[int, int, str | None]], actors: dict[str, set[str]]
) -> Iterator[Answer]:
    left = list(said)
    for gold in article.quotes:
        words = article.text[gold.start : gold.end]
        match = next(
            (one for one in left if 2 * _shared(gold, one) > max(gold.end, one[1]) - min(gold.start, one[0])), None
        )
        if match is None:
            yield Answer(article.name, words, gold, False, None, False)
            continue
        left.remove(match)
        right = match[2] in actors.get(gold.speaker, set()) if gold.speaker is not None else match[2] is None
        yield Answer(article.name, words, gold, True, match[2], right)
    for start, end, actor in left:
        yield Answer(article.name, article.text[start:end], None, True, actor, False)


def _shared(gold: Said, one: tuple[int, int, str | None]) -> int:
    return max(0, min(gold.end, one[1]) - max(gold.start, one[0]))


def scores(found: list[Answer]) -> dict[str, tuple[int, int]]:
    """Return what was right, of how many, of quotes and of speakers."""
    labelled = [one for one in found if one.labelled is not None]
    known = [one for one in labelled if one.labelled is not None and one.labelled.speaker is not None]
    matched = [one for one in labelled if one.found]
    right = sum(one.right for one in known)
    return {
        "quotes precision": (len(matched), sum(one.found for one in found)),
        "quotes recall": (len(matched), len(labelled)),
        "speakers precision": (right, sum(one.settled is not None for one in matched)),
        "speakers recall": (right, len(known)),
    }


def main() -> None:
    """Print the scores, and with --misses what is behind them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--misses", action="store_true", help="print each quote missed, made up, or given to somebody else"
    )
    misses = parser.parse_args().misses
    found = answers()
    seen, unseen = ([one for one in found if one.article.startswith("unseen") is new] for new in (False, True))
    for name, part in (("seen", seen), ("unseen", unseen)):
        print(
            f"{name}: {len({one.article for one in part})} articles, {sum(one.labelled is not None for one in part)} quotes labelled"
        )
        for score, (right, of) in scores(part).items():
            print(f"    {score:<20} {right / of:.3f} ({right} of {of})")
    for one in found if misses else ():
        if not one.right:
            who = "no quote" if one.labelled is None else one.labelled.speaker or "nobody"
            print(
                f"{one.article}: “{one.words}” is of {who}; {f'given to {one.settled}' if one.found else 'not found'}"
            )


if __name__ == "__main__":
    main()
