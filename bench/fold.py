"""What comparing and clustering a night's texts for stories costs as the history grows: CPU seconds, memory, bytes remembered.

python -m bench.fold --shared ../shared --articles 1000000

A month of texts drawn from 59,000 real ones (allsides_37k, reuters21578) is read and compared as a night does, and laid down again and
again under other ids and days, 36 months in all. Each month has events of its own: words that fewer than one text in a hundred holds are
others in every month, and so are runs of words. Then come 5,000 of the other texts, dated in the last month. The tables are not part of
it (bench.growth); a small history is measured beside in the same run.
"""

import argparse
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from math import log
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
from rich.console import Console

from bench.stories_train import ROOM, shipped_frequencies
from bench.story_sets import load_nodes
from flows.likeness import Likenesses
from flows.meter import Meter
from flows.night import Night
from flows.progress import Progress
from flows.settings import Settings
from flows.text_model import WEIGHTS
from transforms.stories.cluster import ClusterSettings, alike
from transforms.stories.constraints import NO_CONSTRAINTS
from transforms.stories.learn import BARE, learn
from transforms.stories.memory import Memory, keys_of
from transforms.stories.reach import node_ids, numbers_of, reached
from transforms.stories.relate import relate
from transforms.stories.shelf import DAY, HEAVY, PHRASES, UNDATED, WORDS, Shelf
from transforms.stories.similarity import Weights
from warehouse.publish import Warehouse

MONTHS, NIGHT = 36, 5_000
LAST = date(2026, 10, 1)
_SMALL = 36_000
# Inverse document frequency (1/256) of what one text in a hundred holds.
_RARE, _32 = round(256 * log(100)), np.uint64(32)


class History:
    """The texts of every month, and of the night: what they are called, when they are dated."""

    def __init__(self, shared: Path, articles: int) -> None:
        every = load_nodes(shared, "allsides_37k", "reuters21578")
        every = every.take(np.random.default_rng(1).permutation(every.num_rows))
        self.n = articles // MONTHS
        if self.n > every.num_rows - NIGHT:
            raise ValueError(
                f"--articles: at most {MONTHS * (every.num_rows - NIGHT):,}, as a month's texts are real and unlike"
            )
        self.bodies = dict(zip(every["text_id"].to_pylist(), every["body"].to_pylist(), strict=True))
        self.night = self._dated(every.slice(0, NIGHT), MONTHS - 1)
        self._month = every.slice(NIGHT, self.n)

    def month(self, number: int) -> pa.Table:
        """Return the texts of a month as nodes, without bodies."""
        return self._dated(self._month, number)

    def of_rows(self, rows: "np.typing.NDArray[np.int64]") -> pa.Table:
        """Return the texts that lie on some rows of the memory, the night's behind all months'."""
        tonight = self.night.take(rows[rows >= MONTHS * self.n] - MONTHS * self.n)
        rows = rows[rows < MONTHS * self.n]
        months = rows // self.n
        parts = [self.month(number).take(rows[months == number] % self.n) for number in np.unique(months).tolist()]
        return pa.concat_tables([*parts, tonight])

    def words(self, text_ids: Sequence[str]) -> dict[str, str]:
        """Return the bodies of some texts."""
        return {text_id: self.bodies[text_id] for text_id in text_ids}

    def _dated(self, nodes: pa.Table, number: int) -> pa.Table:
        names = [f"g_{sha256(f'{number} {node}'.encode()).hexdigest()[:16]}" for node in nodes["node_id"].to_pylist()]
        days = [first_day(number) + timedelta(days=place % 28) for place in range(nodes.num_rows)]
        # One in twenty-five is undated, as in the made world of bench.growth.
        dates = [None if place % 25 == 7 else day for place, day in enumerate(days)]
        named = nodes.set_column(0, "node_id", pa.array(names, pa.string()))
        at = nodes.schema.get_field_index("date")
        return named.set_column(at, "date", pa.array(dates, pa.date32())).select(BARE.names)


def first_day(number: int) -> date:
    """Return the first day of a month of the history."""
    months = LAST.year * 12 + LAST.month - 1 - (MONTHS - 1 - number)
    return date(months // 12, months % 12 + 1, 1)


def lay(shared: Path, articles: int, root: Path) -> None:
    """Remember every month of a history."""
    history, weights, settings = History(shared, articles), shipped_weights(), ClusterSettings()
    known = Likenesses(a_night(root), settings.window_days)
    learnt = learn(history.month(0), weights, shipped_frequencies(), settings, 0, lambda days: (), history.words)
    ties = alike(learnt.measured.pairs, learnt.measured.vetoes, weights, settings)
    for number in range(MONTHS):
        nodes = history.month(number)
        shelf = renamed(learnt.shelf, MONTHS - 1 - number)
        moved = later(replace(learnt, shelf=shelf), nodes, number * history.n)
        known.add(moved, nodes["node_id"].to_pylist(), ties)


def renamed(shelf: Shelf, number: int) -> Shelf:
    """Return the texts with other rare words and other runs of words for each number; 0 leaves them as they are."""
    mask = np.uint64(number * 0x9E3779B1 % (1 << 32))
    rare = np.unique((shelf.words >> _32)[(shelf.words >> np.uint64(20)) % 4096 >= _RARE])
    columns = {}
    for name, place in (("words", WORDS), ("phrases", PHRASES), ("heavy", HEAVY)):
        values = getattr(shelf, name)
        if name == "phrases":
            # The lowest bit says that it is quoted.
            moved = values ^ np.uint32(int(mask) & ~1)
        else:
            moved = np.where(np.isin(values >> _32, rare), values ^ (mask << _32), values)
        if name != "heavy":
            owner = np.repeat(np.arange(shelf.n), np.diff(shelf.starts[:, place]))
            moved = moved[np.lexsort((moved, owner))]
        columns[name] = moved
    return shelf._replace(**columns)


def later(learnt: Memory, nodes: pa.Table, n_before: int) -> Memory:
    """Return what was learnt of a month as that of another, behind so many texts."""
    scalars, pairs = learnt.shelf.scalars.copy(), learnt.measured.pairs
    days = nodes["date"].cast(pa.int32()).fill_null(UNDATED)
    scalars[:, DAY] = np.array(days)
    moved = replace(pairs, left=pairs.left + n_before, right=pairs.right + n_before)
    return replace(
        learnt,
        keys=keys_of(nodes),
        shelf=learnt.shelf._replace(scalars=scalars),
        measured=replace(learnt.measured, pairs=moved),
    )


def night(shared: Path, articles: int, root: Path) -> None:
    """Print what the night's texts cost against a history."""
    history, weights, settings, meter = History(shared, articles), shipped_weights(), ClusterSettings(), Meter()
    frequencies, known = shipped_frequencies(), Likenesses(a_night(root), settings.window_days)
    held = psutil.Process().memory_info().rss / 2**20
    with meter.stage("at hand"):
        book = known.book
    with meter.stage("learn"):
        learnt = learn(history.night, weights, frequencies, settings, len(book.keys), known.within, history.words)
    with meter.stage("keep"):
        ties = alike(learnt.measured.pairs, learnt.measured.vetoes, weights, settings)
        known.add(learnt, history.night["node_id"].to_pylist(), ties)
        del learnt
    with meter.stage("reach"):
        book = known.book
        stood, stands = np.arange(MONTHS * history.n), np.arange(len(book.keys))
        tonight = numbers_of(history.night["node_id"].to_pylist())
        groups, _ = reached(book, stood, stands, tonight, NO_CONSTRAINTS, settings.shared_neighbours)
        near = known.near(groups)
        ends = np.unique(np.concatenate([book.nodes[near[side]] for side in ("left", "right")]))
        beyond = np.setdiff1d(ends, groups)
        rows = np.flatnonzero(np.isin(book.nodes, np.concatenate([groups, beyond])))
    with meter.stage("recall"):
        memory = known.memory(rows, near)
    with meter.stage("relate"):
        related = relate(
            history.of_rows(rows),
            weights,
            frequencies,
            settings,
            memory=memory,
            bodies=history.words,
            beyond=node_ids(beyond),
        )
        known.tell(related.learnt, rows)
    size = sum(path.stat().st_size for path in root.rglob("cache/**/*.parquet"))
    cpu = sum(stage["cpu_seconds"] for stage in meter.stages)
    print(
        f"{NIGHT:,} texts into {MONTHS * history.n:,} of {MONTHS} months, {size / len(book.keys):,.0f} bytes a text on disk"
    )
    for stage in meter.stages:
        print(
            f"  {stage['stage']:<8} {stage['cpu_seconds']:>7.1f} CPU s {stage['seconds']:>7.1f} s {stage['peak_mb'] - held:>7,.0f} MiB more than before"
        )
    print(
        f"  in all {cpu:.1f} CPU s, {NIGHT / cpu:,.0f} texts a CPU second; {near.num_rows:,} pairs, {len(groups):,} groups reached, "
        f"{related.evidence.num_rows:,} rows of evidence",
        flush=True,
    )


def a_night(root: Path) -> Night:
    """Return a night of an empty warehouse that keeps what it remembers."""
    night = Night.begin(Warehouse(root), [], LAST + timedelta(days=28), Settings(), Progress(Console(quiet=True)))
    night.restate = False
    return night


def shipped_weights() -> Weights:
    """Return the weights that nights use."""
    return Weights.parse((ROOM / WEIGHTS[""]).read_text())


def main() -> None:
    """Lay a small history and the one asked for, and print what a night costs in each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parsed = parser.parse_args()
    for articles in (_SMALL, parsed.articles):
        with tempfile.TemporaryDirectory() as folder:
            # What one leaves in memory is not the next one's.
            for work in (lay, night):
                with ProcessPoolExecutor(1, get_context("spawn")) as apart:
                    apart.submit(work, parsed.shared, articles, Path(folder) / "warehouse").result()


if __name__ == "__main__":
    main()
