"""Who is who: B-cubed of the actors that enrich settles over the mentions of the linking sets and of ECB+.

    python -m bench.actors_resolution --shared ../shared

A gold mention is held to be the actor of the system's mention of the same span, else of the longest that overlaps it; where none is
settled, its own spelling stands for it. The last column is the F1 where each of those is an actor of its own instead. Mentions whose gold
entity is unknown are left out, as are all system mentions beside the gold. ECB+ are the chains of human actors of topics 1 to 35, across
documents; of them the mentions that are names: with a capital that is not a pronoun's.
"""

import argparse
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench.actor_sets import rows
from bench.actors import HOUSE, MODEL, SPACY
from bench.story_sets import b_cubed
from transforms.enrich import ActorRegistry, NameTagger, SpacyTagger, Tagger, enrich
from transforms.sources import SourceRegistry

SETS = ("linking_msnbc-updated", "linking_reuters-128", "ecbplus_topics_1_35")
_NO_ENTITY = ("<NIL>", "<NO_MAPPING>")
NAME = re.compile(
    r"\b(?!(?:I|He|She|It|We|You|They|His|Her|Hers|Its|Our|Their|Him|Them|My|Your|Who|The|A|An|This|That|These|Those|One|Some|Many|Two)\b)[A-Z]"
)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A text and its gold mentions: (start, end, entity)."""

    key: str
    text: str
    mentions: tuple[tuple[int, int, str], ...]


def main() -> None:
    """Print a line a set and tagger: mentions, how many of them are settled, precision, recall, F1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    taggers: dict[str, Tagger] = {"ours": NameTagger(MODEL.read_bytes())}
    if importlib.util.find_spec(SPACY["spaCy small"]):
        taggers["spaCy small"] = SpacyTagger(SPACY["spaCy small"])
    else:
        print(f"spaCy small: skipped, {SPACY['spaCy small']} is not installed")
    print(f"{'set':<24} {'tagger':<12} {'mentions':>8} {'settled':>8} {'P':>6} {'R':>6} {'F1':>6} {'alone':>6}")
    for name in SETS:
        texts = list(_chains(shared) if name.startswith("ecb") else _linked(shared, name))
        for label, tagger in taggers.items():
            found, gold = resolved(texts, tagger)
            scores = b_cubed([actor or spelling for actor, spelling in found], gold)
            alone = b_cubed([actor or f"mention {k}" for k, (actor, _) in enumerate(found)], gold)[2]
            settled = sum(actor is not None for actor, _ in found)
            print(
                f"{name:<24} {label:<12} {len(gold):>8} {settled:>8} "
                + " ".join(f"{score:6.3f}" for score in (*scores, alone))
            )


def resolved(texts: list[Mentioned], tagger: Tagger) -> tuple[list[tuple[str | None, str]], list[str]]:
    """Return for each gold mention the actor found (None for nobody) beside its spelling, and the gold entity."""
    registry = HOUSE / "transforms" / "registry"
    actors = ActorRegistry.parse((registry / "actors.csv").read_text("utf-8"))
    sources = SourceRegistry.parse((registry / "sources.csv").read_text("utf-8"))
    table = pa.table(
        {
            "text_id": [text.key for text in texts],
            "kind": ["body"] * len(texts),
            "body": [text.text for text in texts],
            "lang": ["en"] * len(texts),
        }
    )
    by_text: dict[str, list[dict[str, Any]]] = {}
    for mention in enrich(table, actors, sources, tagger).mentions.to_pylist():
        if mention["actor_id"]:
            by_text.setdefault(mention["text_id"], []).append(mention)
    found, gold = [], []
    for text in texts:
        for start, end, entity in text.mentions:
            gold.append(entity)
            found.append((_actor(by_text.get(text.key, []), start, end), text.text[start:end]))
    return found, gold


def _actor(mentions: list[dict[str, Any]], start: int, end: int) -> str | None:
    meeting = [m for m in mentions if m["start_char"] < end and start < m["end_char"]]
    exact = [m for m in meeting if (m["start_char"], m["end_char"]) == (start, end)]
    best = max(exact or meeting, key=lambda m: (m["end_char"] - m["start_char"], -m["start_char"]), default=None)
    return str(best["actor_id"]) if best else None


def _linked(shared: Path, name: str) -> Iterator[Mentioned]:
    for row in rows(shared / "gold" / "actors" / f"{name}.jsonl.gz"):
        labels = [label for label in row["labels"] if label["entity_id"] not in _NO_ENTITY]
        yield Mentioned(str(row["id"]), row["text"], tuple((*label["span"], label["entity_id"]) for label in labels))


def _chains(shared: Path) -> Iterator[Mentioned]:
    """Yield the articles of ECB+: a mention is given by its line and words, so the first place not yet taken is meant."""
    for row in rows(shared / "gold" / "stories" / "ecbplus_topics_1_35.jsonl.gz"):
        lines = row["text"].split("\n")
        offsets = [sum(len(line) + 1 for line in lines[:k]) for k in range(len(lines))]
        taken: set[int] = set()
        mentions = []
        for mention in row["mentions"]:
            number, words = mention["sentence"], mention["text"]
            human = mention["type"].startswith("HUMAN") and mention["chain"] is not None and NAME.search(words)
            if not human or number >= len(lines):
                continue
            places = (m.start() for m in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", lines[number]))
            start = next((at for k in places if (at := offsets[number] + k) not in taken), None)
            if start is not None:
                taken.add(start)
                mentions.append((start, start + len(words), str(mention["chain"])))
        yield Mentioned(row["id"], row["text"], tuple(sorted(mentions)))


if __name__ == "__main__":
    main()
