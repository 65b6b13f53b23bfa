"""A night computes what it can have changed: the tables are those that making everything anew gives, and no other month moves."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bench.growth import build, publish, sources_file
from bench.world import Batch, World
from flows.diff import between
from flows.meter import Meter
from warehouse.publish import Warehouse
from warehouse.snapshot import Snapshot

# Articles and months of a world, and how many articles tonight brings: one for every day, and one as large as it takes for the rare.
LITTLE, LARGE = (48, 3, 12), (240, 4, 60)


# A warehouse, its batches, a snapshot after each, and what each night wrote down that it changed.
Grown = tuple[Path, list[Batch], list[Snapshot], list[list[dict[str, Any]]]]


def _grown(root: Path, seed: int, size: tuple[int, int, int]) -> Grown:
    n_articles, months, n_tonight = size
    world = World(n_articles, seed=seed, months=months, n_sources=12, n_actors=40)
    sources_file(world, root)
    batches = [*world.batches(), world.tonight(n_tonight)]
    told: list[list[pa.Table]] = [[] for _ in batches]
    snapshots = [publish(batch, root, Meter(), told=rows) for batch, rows in zip(batches, told, strict=True)]
    return root, batches, snapshots, [pa.concat_tables(rows).to_pylist() for rows in told]


def _everything(batches: list[Batch]) -> Batch:
    """Return the batches as one night that brings no facts, with the membership as the last of them has it."""

    def latest(name: str, *key: str) -> pa.Table:
        rows = {tuple(row[k] for k in key): row for batch in batches for row in getattr(batch, name).to_pylist()}
        return pa.Table.from_pylist(list(rows.values()), schema=getattr(batches[0], name).schema)

    last = batches[-1]
    return replace(
        last,
        facts={name: rows.schema.empty_table() for name, rows in last.facts.items()},
        text_groups=latest("text_groups", "text_id"),
        text_pairs=latest("text_pairs", "text_a", "text_b"),
        story_members=latest("story_members", "article_id"),
        story_founders=latest("story_founders", "story_id"),
        evidence=latest("evidence", "node_a", "node_b"),
    )


@pytest.fixture(
    scope="module",
    params=[(1, LITTLE), *(pytest.param((seed, LARGE), marks=pytest.mark.slow) for seed in (1, 2, 3, 4))],
)
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Grown:
    return _grown(tmp_path_factory.mktemp("growth") / "warehouse", *request.param)


def test_making_everything_anew_changes_no_byte(grown: Grown) -> None:
    root, batches, snapshots, _ = grown
    last = snapshots[-1]
    again = publish(_everything(batches), root, Meter(), restate=True)
    assert _differing(last, again) == []
    assert again == last == Warehouse(root).current()


def test_months_that_tonight_does_not_touch_keep_their_hashes(grown: Grown) -> None:
    _, _, snapshots, _ = grown
    before, after = snapshots[1], snapshots[2]
    first = min(before.months("articles"))
    kept = [
        file
        for file in before.files
        if file.month == first and file.table in ("articles", "stories", "actor_daily", "texts")
    ]
    assert kept
    assert {(file.path, file.sha256) for file in kept} <= {(file.path, file.sha256) for file in after.files}


def test_what_a_night_restates_of_pairs_is_what_two_snapshots_say(grown: Grown) -> None:
    _, _, snapshots, told = grown
    restated = 0
    for older, newer, rows in zip(snapshots, snapshots[1:], told[1:], strict=False):
        ours = [row for row in rows if row["other_id"] is not None]
        assert {_number(row) for row in ours} == set(_restated_pairs(older, newer)) and len({*map(str, ours)}) == len(
            {_number(row) for row in ours}
        )
        assert all(row["change"] == "restated_metric" and row["cause"] for row in ours)
        found = [row for row in between(older, newer).to_pylist() if row["other_id"] is not None]
        assert sorted(map(str, found)) == sorted(map(str, ours))
        restated += len(ours)
    assert restated > 10


def _number(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("entity_id", "other_id", "report_date", "metric", "before", "after"))


# Of each table its key, the numbers that are its rows' own, and the others.
PAIRS = {
    "source_actor": (("source_id", "actor_id", "month"), ("n_copies", "n_texts", "n_stories", "n_origins", "n_original_texts"), ("n_toned_texts", "tone_text_mean"), ("share_of_source", "index", "n_texts_all")),
    "source_pairs": (("source_id", "other_id", "month"), ("n_citations", "n_shared_text_groups", "n_times_first"), ("lag_minutes_median",), ()),
    "actor_pairs": (("actor_a", "actor_b", "report_date"), ("n_copies", "n_texts", "n_stories", "n_origins", "n_sentences"), (), ("lift",)),
}  # fmt: skip


def _restated_pairs(older: Snapshot, newer: Snapshot) -> Iterator[tuple[Any, ...]]:
    """Yield what differs of rows that stood in the older one, row by row; of a month still running what no growth explains."""
    night = older.manifest["run"]["night"]
    for table, (key, counts, others, shared) in PAIRS.items():
        after = {tuple(row[k] for k in key): row for row in newer.read(table).to_pylist()}
        for row in older.read(table).to_pylist():
            one, other, day = (row[k] for k in key)
            now = after.get((one, other, day), dict.fromkeys(row))
            if all(row[name] == now[name] for name in (*counts, *others)):
                continue
            until = day if key[2] == "report_date" else day.replace(day=monthrange(day.year, day.month)[1])
            grew = any(now[name] is not None and now[name] > row[name] for name in counts)
            for name in (*counts, *others, *shared):
                was, is_ = row[name], now[name]
                fell = name.startswith("n_") and was is not None and is_ is not None and is_ < was
                if was is not None and was != is_ and (until.isoformat() <= str(night) or not grew or fell):
                    yield one, other, day, name, str(was), None if is_ is None else str(is_)


def _differing(a: Snapshot, b: Snapshot) -> list[str]:
    one, other = ({(file.path, file.sha256) for file in snapshot.files} for snapshot in (a, b))
    return sorted(path for path, _ in one ^ other)


@pytest.mark.slow
def test_a_night_counts_months_that_were_laid_down_as_any_other(tmp_path: Path) -> None:
    root = tmp_path / "warehouse"
    world = World(48, seed=1, months=2, n_sources=12, n_actors=40)
    before = build(world, root, laid=2)
    assert len(before.months("articles")) == 4
    after = publish(world.tonight(12), root, Meter())
    articles = after.read("articles", ["article_id"])
    assert len(set(articles["article_id"].to_pylist())) == articles.num_rows
    assert sum(after.read("sources", ["n_copies"])["n_copies"].to_pylist()) == articles.num_rows
