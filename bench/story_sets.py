"""The labelled sets that story clustering is trained and measured on, as nodes with gold stories, and B-cubed."""

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from transforms.enrich import enrich
from transforms.enrich.registry import ActorRegistry
from transforms.enrich.spans import Tag
from transforms.enrich.tokens import Tokens
from transforms.sources import SourceRegistry
from transforms.stories.profiles import NODES
from transforms.text import canonical_text, text_id

SETS = {"outlets_dated": "outlets_dated", "basil": "basil", "ecb_1_35": "ecbplus_topics_1_35"}
FOLDS = 5
REGISTRY = Path("transforms/registry")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


@dataclass(frozen=True)
class Labelled:
    """Nodes sorted by node_id, and for each its set, gold story, subject (stories of one kind share it) and fold."""

    nodes: pa.Table
    sets: list[str]
    stories: list[str]
    subjects: list[str]
    folds: list[int]


def labelled(shared: Path) -> Labelled:
    """Return the three open sets as one table of nodes."""
    rows = [row for name, file in SETS.items() for row in _rows(name, shared / "gold" / "stories" / f"{file}.jsonl.gz")]
    rows.sort(key=lambda row: row["node_id"])
    nodes = cited_outlets(nodes_of(rows))
    subjects = [row["subject"] for row in rows]
    return Labelled(nodes, [r["set"] for r in rows], [r["story"] for r in rows], subjects, [_fold(s) for s in subjects])


def cited_outlets(nodes: pa.Table) -> pa.Table:
    """Return the nodes with `cited` filled in: outlets that a text credits for its whole report, wire agencies aside."""
    actors = ActorRegistry.parse((REGISTRY / "actors.csv").read_text("utf-8"))
    sources = SourceRegistry.parse((REGISTRY / "sources.csv").read_text("utf-8"))
    wires = {source.source_id for source in sources.sources if source.kind == "wire"}
    count = nodes.num_rows
    texts = nodes.select(["text_id", "body"])
    texts = texts.append_column("kind", pa.array(["body"] * count)).append_column("lang", pa.array(["en"] * count))
    cited: dict[str, set[str]] = defaultdict(set)
    for row in enrich(texts, actors, sources, _NoTagger()).citations.to_pylist():
        if row["level"] == "report" and row["cited_source_id"] not in wires:
            cited[row["text_id"]].add(row["cited_source_id"])
    column = [sorted(cited[text]) for text in nodes["text_id"].to_pylist()]
    place = nodes.schema.get_field_index("cited")
    return nodes.set_column(place, NODES.field("cited"), pa.array(column, NODES.field("cited").type))


class _NoTagger:
    """Outlets are found by registry and cue; the entity model would take minutes and add none of them."""

    name = "none"

    def tag(self, texts: Sequence[Tokens], known: Sequence[Sequence[bool]]) -> list[list[Tag]]:
        """Return no names."""
        return [[] for _ in texts]


def node(body: str, title: str | None, day: date | None, cited: Sequence[str] = ()) -> dict[str, Any]:
    """Return one row of nodes for an article of its own text group."""
    text = canonical_text(body)
    group = "g_" + text_id(text)[2:]
    return {
        "node_id": group,
        "text_id": text_id(text),
        "body": text,
        "title": canonical_text(title) if title else None,
        "date": day,
        "cited": list(cited),
        "joinable": True,
    }


def days_of(nodes: pa.Table) -> npt.NDArray[np.int64]:
    """Return the day of each node since 1970; -1 where it has none."""
    return np.array([-1 if day is None else (day - date(1970, 1, 1)).days for day in nodes["date"].to_pylist()])


def day_of(stamp: str | None) -> date | None:
    """Return the day of an ISO stamp, or of one like 26-FEB-1987; None where there is none to read."""
    text = (stamp or "").strip()
    if (wire := re.match(r"(\d{1,2})-([A-Z]{3})-(\d{4})", text)) and wire[2] in _MONTHS:
        text = f"{wire[3]}-{_MONTHS.index(wire[2]) + 1:02}-{int(wire[1]):02}"
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def b_cubed(found: Sequence[object], gold: Sequence[object]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of Bagga and Baldwin 1998, each article counting once."""
    both, ours, theirs = Counter(zip(found, gold, strict=True)), Counter(found), Counter(gold)
    precision = sum(n * n / ours[mine] for (mine, _), n in both.items()) / len(gold)
    recall = sum(n * n / theirs[true] for (_, true), n in both.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def load_nodes(shared: Path, *names: str) -> pa.Table:
    """Return the distinct texts of load sets as nodes."""
    rows: dict[str, dict[str, Any]] = {}
    for name in names:
        with gzip.open(shared / "gold" / "load" / f"{name}.jsonl.gz") as lines:
            for line in lines:
                article = orjson.loads(line)
                row = node(article["text"], article["title"], day_of(article["published_at"]))
                rows[row["text_id"]] = row
    return nodes_of(list(rows.values()))


@dataclass(frozen=True)
class LabelledPairs:
    """Two columns of nodes, and for each pair its language and whether both tell one event."""

    left: pa.Table
    right: pa.Table
    langs: list[str]
    same: list[bool]


def labelled_pairs(shared: Path) -> LabelledPairs:
    """Return the pairs of the Telegram clustering contest with a verdict of people, 215 of 250 of them Russian; all undated."""
    with gzip.open(shared / "gold" / "stories" / "pairs_telegram.jsonl.gz") as lines:
        rows = [orjson.loads(line) for line in lines]
    left, right = ([node(row[f"text_{side}"], row[f"title_{side}"], None) for row in rows] for side in "ab")
    return LabelledPairs(
        nodes_of(left), nodes_of(right), [row["lang"] for row in rows], [row["same_event"] == "OK" for row in rows]
    )


def nodes_of(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Return rows as a table of nodes."""
    return pa.table({name: pa.array([row[name] for row in rows], NODES.field(name).type) for name in NODES.names})


def _rows(name: str, path: Path) -> list[dict[str, Any]]:
    with gzip.open(path) as lines:
        articles = [orjson.loads(line) for line in lines]
    rows = []
    for article in articles:
        story = f"{name}/{article['cluster']}"
        subject = f"{name}/{article['topic']}" if name == "ecb_1_35" else story
        row = node(article["text"], article["title"], day_of(article["published_at"]))
        rows.append(row | {"set": name, "story": story, "subject": subject})
    return rows


def _fold(subject: str) -> int:
    return int.from_bytes(sha256(subject.encode()).digest()[:4], "big") % FOLDS
