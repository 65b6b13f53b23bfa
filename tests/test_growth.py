"""A night computes what it can have changed: the tables are those that making everything anew gives, and no other month moves."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from bench.growth import build, publish, sources_file
from bench.world import Batch, World
from flows.meter import Meter
from warehouse.publish import Warehouse
from warehouse.snapshot import Snapshot

# One worker builds each world once for all.
pytestmark = pytest.mark.xdist_group("growth")

# Articles and months of a world, and how many articles tonight brings: one for every day, and one as large as it takes for the rare.
LITTLE, LARGE = (48, 3, 12), (240, 4, 60)


def _grown(root: Path, seed: int, size: tuple[int, int, int]) -> tuple[list[Batch], list[Snapshot]]:
    n_articles, months, n_tonight = size
    world = World(n_articles, seed=seed, months=months, n_sources=12, n_actors=40)
    sources_file(world, root)
    batches = [*world.batches(), world.tonight(n_tonight)]
    return batches, [publish(batch, root, Meter()) for batch in batches]


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
def grown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Batch], list[Snapshot]]:
    root = tmp_path_factory.mktemp("growth") / "warehouse"
    return root, *_grown(root, *request.param)


def test_making_everything_anew_changes_no_byte(grown: tuple[Path, list[Batch], list[Snapshot]]) -> None:
    root, batches, snapshots = grown
    last = snapshots[-1]
    again = publish(_everything(batches), root, Meter(), restate=True)
    assert _differing(last, again) == []
    assert again == last == Warehouse(root).current()


def test_months_that_tonight_does_not_touch_keep_their_hashes(grown: tuple[Path, list[Batch], list[Snapshot]]) -> None:
    _, _, snapshots = grown
    before, after = snapshots[1], snapshots[2]
    first = min(before.months("articles"))
    kept = [
        file
        for file in before.files
        if file.month == first and file.table in ("articles", "stories", "actor_daily", "texts")
    ]
    assert kept
    assert {(file.path, file.sha256) for file in kept} <= {(file.path, file.sha256) for file in after.files}


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
