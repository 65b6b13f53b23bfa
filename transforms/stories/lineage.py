"""The ids of stories: minted once from the founding article, kept through merges and splits, leading on for ever.

Membership is a function of the articles; ids are a function of the publishing history. A story's founder is the article its
id was minted from. When two stories become one, the older id stays; when one parts, the part with the founder keeps the id.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from transforms.text import content_hash

LINEAGE = pa.schema(
    [
        pa.field("run_id", pa.string()),
        pa.field("night", pa.date32()),
        pa.field("old_story_id", pa.string()),
        pa.field("new_story_id", pa.string()),
        pa.field("founder_article_id", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("reason", pa.string()),
    ]
)


@dataclass(frozen=True)
class Named:
    """The stories of tonight: cluster_id, story_id, founder_article_id; and tonight's rows of the lineage."""

    stories: pa.Table
    lineage: pa.Table


def name_stories(
    members: pa.Table,
    lineage: pa.Table,
    lived_in: Mapping[str, str],
    *,
    night: date,
    run_id: str,
    heirs: Mapping[str, str] = MappingProxyType({}),
    withdrawn: Collection[str] = (),
) -> Named:
    """Give each cluster its story id.

    `members`: article_id, cluster_id, earliest_at (nullable), report_date of every active article; `lineage`: all rows so far;
    `lived_in`: the story each article was in last night. Of several ids whose founder lies in a cluster the oldest stays
    (by night minted, then by id); a cluster without any mints one from its earliest article. `heirs`: of each article that is
    gone tonight, the one its records speak of now, or where it was `withdrawn` one that its story is left with; an id whose founder is gone leads on to the story of the heir.
    """
    clusters: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    cluster_of: dict[str, str] = {}
    for row in members.to_pylist():
        clusters[row["cluster_id"]].append(row)
        cluster_of[row["article_id"]] = row["cluster_id"]
    claims = _claims(lineage, cluster_of)
    living = set(lived_in.values())
    founders = {row["new_story_id"]: row["founder_article_id"] for row in lineage.to_pylist()}
    stories: list[tuple[str, str, str]] = []
    rows: list[dict[str, Any]] = []
    for cluster_id in sorted(clusters):
        articles = clusters[cluster_id]
        if ids := claims.get(cluster_id):
            story_id = ids[0]
            stories.append((cluster_id, story_id, founders[story_id]))
            for old in ids[1:]:
                if old in living:
                    reason = f"their articles are one story now; {story_id} is the older id"
                    rows.append(_row(run_id, night, old, story_id, founders[story_id], "merged", reason))
            continue
        founder = min(articles, key=_founding_order)["article_id"]
        story_id = content_hash("s_", founder, night.isoformat())
        stories.append((cluster_id, story_id, founder))
        left = sorted({lived_in[a["article_id"]] for a in articles if a["article_id"] in lived_in})
        # An id that is led on to this very story below has not parted from it.
        left = [old for old in left if cluster_of.get(heirs.get(founders.get(old, ""), "")) != cluster_id]
        for old in left:
            reason = f"these articles parted from {old}, which stays with its founding article"
            if founders.get(old) in heirs:
                reason = f"the founding article of {old} {_fate(founders[old], withdrawn, 'another')}"
            rows.append(_row(run_id, night, old, story_id, founder, "split", reason))
        if not left:
            rows.append(_row(run_id, night, None, story_id, founder, "minted", "first articles of the story"))
    held = {cluster_id: (story_id, founder) for cluster_id, story_id, founder in stories}
    for old, gone in sorted(anchors(lineage).items()):
        if gone in heirs:
            story_id, founder = held[cluster_of[heirs[gone]]]
            reason = f"its founding article {_fate(gone, withdrawn, heirs[gone])}"
            rows.append(_row(run_id, night, old, story_id, founder, "redirected", reason))
    columns = zip(*stories, strict=True) if stories else ((), (), ())
    names = ("cluster_id", "story_id", "founder_article_id")
    return Named(
        pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}),
        pa.Table.from_pylist(rows, schema=LINEAGE),
    )


def _fate(gone: str, withdrawn: Collection[str], heir: str) -> str:
    return "was withdrawn" if gone in withdrawn else f"turned out to be a version of {heir}"


def _claims(lineage: pa.Table, cluster_of: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the ids ever minted whose founder lies in each cluster, oldest first."""
    minted = {
        row["new_story_id"]: (row["night"], row["new_story_id"], row["founder_article_id"])
        for row in lineage.to_pylist()
        if row["kind"] in ("minted", "split")
    }
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for _, story_id, founder in sorted(minted.values()):
        if founder in cluster_of:
            claims[cluster_of[founder]].append(story_id)
    return claims


def anchors(lineage: pa.Table) -> dict[str, str]:
    """Return the article by which each id ever minted is found: its founder, or where that is gone the one it was led on to."""
    rows = sorted(lineage.to_pylist(), key=lambda row: row["night"])
    minted = {row["new_story_id"]: row["founder_article_id"] for row in rows if row["kind"] in ("minted", "split")}
    return minted | {row["old_story_id"]: row["founder_article_id"] for row in rows if row["kind"] == "redirected"}


def _founding_order(article: Mapping[str, Any]) -> tuple[Any, ...]:
    timed = article["earliest_at"]
    return timed is None, timed or article["report_date"], article["article_id"]


def _row(run_id: str, night: date, old: str | None, new: str, founder: str, kind: str, reason: str) -> dict[str, Any]:
    return {
        "run_id": run_id, "night": night, "old_story_id": old, "new_story_id": new,
        "founder_article_id": founder, "kind": kind, "reason": reason,
    }  # fmt: skip
