"""Armed groups and perpetrators: which organisations of two sets of reports on violence enrich finds, and how many of its own are among them.

    python -m bench.actors_groups --shared ../shared

re3d_open: named organisations (a capital that is not a pronoun's, confidence of .5 or more) of 49 documents on Syria and Iraq; of them the
armed groups, told by name. Found is what a mention that is no person or place overlaps; precision is the share of such mentions that overlap
a gold organisation or nationality, of armed groups the share of the mentions of that type.
muc4_open: perpetrating organisations of 1,500 reports in capitals, once a report, lines unwrapped, lower-case letters lost as they came.
Found where a mention overlaps any of the ways the report names it; precision is the share of armed groups found (once a report) that are
a perpetrator there: the others are named too, but did nothing.
"""

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from bench.actor_sets import rows
from bench.actors import HOUSE, MODEL
from bench.actors_resolution import NAME
from transforms.enrich import ActorRegistry, NameTagger, enrich
from transforms.sources import SourceRegistry

_SURE = 0.5
_NO_BODY = frozenset({"person", "place"})
_ARMED = re.compile(
    r"\b(?:ISI[LS]|IS|Da['’]?esh|Islamic State|AQI|SDF|Syrian Democratic Forces|[Aa]l[- ]Q[ae]+['’]?[ie]da|[Aa]l[- ]Nusra|Nusra|Jabhat|Hi?ezb[au]llah|Hizballah|PKK|YPG|Peshmerga"
    r"|Free Syrian Army|FSA|Ahrar|PMF|Popular Mobili[sz]ation|Taliban|Hamas|Ansar|Jaysh|Jaish|Khorasan|militias?|Brigades?)\b"
)

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Rates:
    """How many of `gold` were found, and how many of what was `said` is right."""

    found: int
    gold: int
    right: int
    said: int

    def __str__(self) -> str:
        return (
            f"recall {self.found / self.gold:.3f} ({self.found} of {self.gold}), "
            f"precision {self.right / max(1, self.said):.3f} ({self.right} of {self.said})"
        )


def main() -> None:
    """Print a line a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    for name, rates in (*re3d(shared), ("muc4_open, perpetrators", muc4(shared))):
        print(f"{name:<28} {rates}")


def re3d(shared: Path) -> Iterator[tuple[str, Rates]]:
    """Yield what is found of the named organisations, and of the armed groups among them."""
    documents = list(rows(shared / "gold" / "actors" / "re3d_open.jsonl.gz"))
    mentions = mentioned([row["text"] for row in documents])
    for name, armed in (("re3d_open, organisations", False), ("re3d_open, armed groups", True)):
        gold = [[_span(e) for e in row["entities"] if _named(e, armed)] for row in documents]
        other = [[_span(e) for e in row["entities"] if _body(e)] for row in documents]
        said = [[m for m in of if (m[2] == "armed_group") or not armed] for of in mentions]
        found = sum(_meets(span, of) for spans, of in zip(gold, mentions, strict=True) for span in spans)
        right = sum(_meets(span, of) for spans, of in zip(said, other, strict=True) for span in spans)
        yield name, Rates(found, sum(map(len, gold)), right, sum(map(len, said)))


def muc4(shared: Path) -> Rates:
    """Return what is found of the perpetrating organisations."""
    documents = list(rows(shared / "gold" / "actors" / "muc4_open.jsonl.gz"))
    texts = [_unwrapped(row["text"]) for row in documents]
    found = gold = right = said = 0
    for row, text, mentions in zip(documents, texts, mentioned(texts), strict=True):
        named = {tuple(t["perp_organization_id"]["strings"]) for t in row["templates"] if _perpetrator(t)}
        places = [[span for name in names for span in _places(text, name)] for names in sorted(named)]
        gold += len(places)
        found += sum(any(_meets(span, mentions) for span in spans) for spans in places)
        groups: dict[str, list[Span]] = {}
        for mention in mentions:
            if mention[2] == "armed_group":
                groups.setdefault(text[mention[0] : mention[1]], []).append(mention)
        said += len(groups)
        right += sum(any(_meets(m, spans) for m in of for spans in places) for of in groups.values())
    return Rates(found, gold, right, said)


def mentioned(texts: list[str]) -> list[list[Span]]:
    """Return the mentions of each text that are no person or place: (start, end, type)."""
    registry = HOUSE / "transforms" / "registry"
    actors = ActorRegistry.parse((registry / "actors.csv").read_text("utf-8"))
    sources = SourceRegistry.parse((registry / "sources.csv").read_text("utf-8"))
    ids = [f"{k:06}" for k in range(len(texts))]
    table = pa.table({"text_id": ids, "kind": ["body"] * len(ids), "body": texts, "lang": ["en"] * len(ids)})
    found: list[list[Span]] = [[] for _ in texts]
    for row in enrich(table, actors, sources, NameTagger(MODEL.read_bytes())).mentions.to_pylist():
        if row["type"] not in _NO_BODY:
            found[int(row["text_id"])].append((row["start_char"], row["end_char"], row["type"]))
    return found


def _named(entity: dict[str, Any], armed: bool) -> bool:
    sure = entity["type"] == "Organisation" and entity["confidence"] >= _SURE and NAME.search(entity["value"])
    return bool(sure) and (not armed or _ARMED.search(entity["value"]) is not None)


def _body(entity: dict[str, Any]) -> bool:
    return entity["type"] in {"Organisation", "Nationality"}


def _span(entity: dict[str, Any]) -> Span:
    return entity["begin"], entity["end"], entity["type"]


def _perpetrator(template: dict[str, Any]) -> bool:
    named = template.get("perp_organization_id")
    return named is not None and named["type"] == "simple_strings" and not named.get("optional")


def _unwrapped(text: str) -> str:
    """Return a text with its paragraphs on one line each, offsets of its own."""
    return re.sub(r"(?<!\n)\n(?! *\n| {2,})", " ", text)


def _places(text: str, name: str) -> Iterator[Span]:
    pattern = r"\s+".join(map(re.escape, name.split()))
    return ((m.start(), m.end(), "") for m in re.finditer(rf"(?<!\w){pattern}(?!\w)", text))


def _meets(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end, _ in others)


if __name__ == "__main__":
    main()
