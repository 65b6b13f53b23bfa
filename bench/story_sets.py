"""The labelled sets that story clustering is trained and measured on, as nodes with gold stories, and B-cubed."""

import gzip
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from transforms.stories.profiles import NODES
from transforms.text import canonical_text, text_id

SETS = {"outlets_dated": "outlets_dated", "basil": "basil", "ecb_1_35": "ecbplus_topics_1_35"}
FOLDS = 5


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
    nodes = pa.table({name: pa.array([row[name] for row in rows], NODES.field(name).type) for name in NODES.names})
    subjects = [row["subject"] for row in rows]
    return Labelled(nodes, [r["set"] for r in rows], [r["story"] for r in rows], subjects, [_fold(s) for s in subjects])


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


def day_of(stamp: str | None) -> date | None:
    """Return the day of an ISO stamp; None where there is none to read."""
    try:
        return date.fromisoformat((stamp or "")[:10])
    except ValueError:
        return None


def b_cubed(found: Sequence[object], gold: Sequence[object]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of Bagga and Baldwin 1998, each article counting once."""
    both, ours, theirs = Counter(zip(found, gold, strict=True)), Counter(found), Counter(gold)
    precision = sum(n * n / ours[mine] for (mine, _), n in both.items()) / len(gold)
    recall = sum(n * n / theirs[true] for (_, true), n in both.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


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
