"""Who is who: B-cubed of the actors that enrich settles over the mentions of the linking sets.

    python -m bench.actors_resolution --shared ../shared

A gold mention is held to be the actor of the system's mention of the same span, else of the longest that overlaps it; where none is
settled, its own spelling stands for it. Mentions whose gold entity is unknown are left out, as are all system mentions beside the gold.
"""

import argparse
from pathlib import Path

import pyarrow as pa

from bench.actor_sets import rows
from bench.actors import HOUSE, MODEL, SPACY
from bench.story_sets import b_cubed
from transforms.enrich import ActorRegistry, NameTagger, SpacyTagger, Tagger, enrich
from transforms.sources import SourceRegistry

SETS = ("linking_msnbc-updated", "linking_reuters-128")
_NO_ENTITY = ("<NIL>", "<NO_MAPPING>")


def main() -> None:
    """Print a line a set and tagger: mentions, precision, recall, F1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    taggers: dict[str, Tagger] = {
        "ours": NameTagger(MODEL.read_bytes()),
        "spaCy small": SpacyTagger(SPACY["spaCy small"]),
    }
    print(f"{'set':<24} {'tagger':<12} {'mentions':>8} {'P':>6} {'R':>6} {'F1':>6}")
    for name in SETS:
        for label, tagger in taggers.items():
            found, gold = resolved(shared / "gold" / "actors" / f"{name}.jsonl.gz", tagger)
            print(
                f"{name:<24} {label:<12} {len(gold):>8} " + " ".join(f"{score:6.3f}" for score in b_cubed(found, gold))
            )


def resolved(path: Path, tagger: Tagger) -> tuple[list[str], list[str]]:
    """Return for each gold mention of a set the actor found and the gold entity."""
    registry = HOUSE / "transforms" / "registry"
    actors = ActorRegistry.parse((registry / "actors.csv").read_text("utf-8"))
    sources = SourceRegistry.parse((registry / "sources.csv").read_text("utf-8"))
    found, gold = [], []
    for row in rows(path):
        text = pa.table({"text_id": [str(row["id"])], "kind": ["body"], "body": [row["text"]], "lang": ["en"]})
        mentions = enrich(text, actors, sources, tagger).mentions.to_pylist()
        for label in row["labels"]:
            if label["entity_id"] in _NO_ENTITY:
                continue
            start, end = label["span"]
            gold.append(label["entity_id"])
            meeting = [m for m in mentions if m["actor_id"] and m["start_char"] < end and start < m["end_char"]]
            exact = [m for m in meeting if (m["start_char"], m["end_char"]) == (start, end)]
            best = max(
                exact or meeting, key=lambda m: (m["end_char"] - m["start_char"], -m["start_char"]), default=None
            )
            found.append(best["actor_id"] if best else row["text"][start:end])
    return found, gold


if __name__ == "__main__":
    main()
