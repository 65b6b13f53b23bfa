"""What a night costs as the warehouse grows: 100,000 new articles, late ones and updates into a million, or ten, of a made world.

python -m bench.growth --articles 1000000 --warehouse DIR

Builds the warehouse month by month where it is not there yet, then publishes `tonight` (bench.world) and prints CPU seconds,
peak memory, bytes written and files replaced; of tables that go by month also what rewriting the touched months costs: reading
them, leaving out what goes, adding what comes, sorting, writing, hashing; and what pyarrow alone takes to read and write the same
files. What a night reads, deduplicates, tags and relates is given by the generator; what is measured is the tables: placing,
tabulating, checking, telling what changed, publishing.
"""

import argparse
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console

from bench.alike import lay
from bench.world import Batch, World
from flows.beside import Beside, BesideSettings
from flows.contracts import check_all
from flows.meter import Meter
from flows.night import SUMS, Night
from flows.progress import Progress
from flows.settings import Settings
from flows.stages import place
from flows.tables import changed, derived, tabulate_all
from transforms.tables.run import tabulate
from warehouse.checks import failures
from warehouse.publish import Months, NoChange, Warehouse
from warehouse.schema import TABLES
from warehouse.snapshot import Snapshot

# The counts of a run that this bench has no records for; the check of their sum holds for none.
_NO_RECORDS = dict.fromkeys(SUMS, 0)
# What the issue of growth sets a bar for: the tables of which a night rewrites the months it touches.
REWRITTEN = ("articles", "stories", "source_daily", "actor_daily")


def build(world: World, root: Path, laid: int = 0) -> Snapshot:
    """Publish every month of the world that the warehouse does not hold yet, a night each; return the last snapshot.

    With `laid` so many months that are all alike (bench.alike) come before.
    """
    sources_file(world, root)
    current = Warehouse(root).current() if root.exists() else None
    if laid and (current is None or current.number < laid):
        lay(world, root, laid, build)
        current = Warehouse(root).current()
    with generator() as make:
        for month in range(current.number - laid if current else 0, world.months):
            with made(make, world, root, month) as batch:
                current = publish(batch, root, Meter())
            print(f"month {month + 1} of {world.months}: snapshot {current.number}", flush=True)
            _forget_older(root, current)
    if current is None:
        raise ValueError("a world without months has no warehouse")
    return current


def _built(world: World, root: Path, laid: int) -> None:
    build(world, root, laid)


def sources_file(world: World, root: Path) -> None:
    """Write the world's registry of sources beside the warehouse."""
    root.parent.mkdir(parents=True, exist_ok=True)
    (root.parent / "sources.csv").write_text(world.sources_csv, encoding="utf-8")


@contextmanager
def generator() -> Iterator[Executor]:
    """Start a process of its own, so that what a night holds is told apart from what making its input takes."""
    with ProcessPoolExecutor(1, get_context("spawn")) as make:
        yield make


@contextmanager
def made(make: Executor, world: World, root: Path, month: int | None = None, size: int = 0) -> Iterator[Batch]:
    """Make the batch of a month, or tonight's, elsewhere; its tables are mapped for the block, as a night's own are."""
    folder = root.parent / "batch"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield _mapped(make.submit(_write, world, folder, month, size).result(), folder)
    finally:
        shutil.rmtree(folder)


def _write(world: World, folder: Path, month: int | None, size: int) -> Batch:
    """Write a batch's tables into files; return the batch without rows."""
    batch = world.tonight(size) if month is None else world.batch(month)
    others = {name: rows for name, rows in vars(batch).items() if isinstance(rows, pa.Table)}
    folder.mkdir()
    files = Beside(folder, BesideSettings(in_memory_bytes=0))
    for name, rows in {**batch.facts, **others}.items():
        files.put(name, rows)
    nothing = {name: rows.schema.empty_table() for name, rows in batch.facts.items()}
    return replace(batch, facts=nothing, **{name: rows.schema.empty_table() for name, rows in others.items()})


def _mapped(batch: Batch, folder: Path) -> Batch:
    others = [name for name, rows in vars(batch).items() if isinstance(rows, pa.Table)]
    files = _Files(folder, [*batch.facts, *others])
    return replace(batch, facts=_Files(folder, batch.facts), **{name: files[name] for name in others})


class _Files(Mapping[str, pa.Table]):
    """Tables in a folder, each mapped when it is asked for and held by nobody here."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._folder, self._names = folder, list(names)

    def __getitem__(self, name: str) -> pa.Table:
        return Beside(self._folder).get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def publish(
    batch: Batch,
    root: Path,
    meter: Meter,
    restate: bool = False,
    rewriting: dict[str, float] | None = None,
    told: list[pa.Table] | None = None,
) -> Snapshot:
    """Publish one batch as a night of its own, its stages measured; raises ValueError where a check fails.

    With `restate` every table is made anew, and the batch holds the membership of all. `rewriting` takes the CPU seconds of
    each table that goes by month, `told` the rows of run_changes.
    """
    costs = {} if rewriting is None else rewriting
    settings = Settings(more_sources=(str(root.parent / "sources.csv"),))
    warehouse = Warehouse(root)
    with warehouse.lock(batch.name):
        quiet = Progress(Console(quiet=True))
        # A world that older code built is good enough to measure on.
        night = Night.begin(warehouse, [], batch.night, settings, quiet, restate=restate)
        night.row |= _NO_RECORDS
        with meter.stage("place"):
            _given(night, batch)
        night.beside.rest()
        with meter.stage("tabulate"):
            tabulate_all(night)
        night.beside.rest()
        with meter.stage("check"):
            broken = failures(check_all(night))
        night.beside.rest()
        if broken:
            raise ValueError(" ".join(finding.sentence for finding in broken))
        with meter.stage("compare"):
            rows = changed(night)
            if told is not None:
                told.append(rows)
            warehouse.append_log("run_changes", rows, night.run_id)
            del rows
        night.beside.rest()
        with meter.stage("publish"):
            facts = night.beside.in_turn(night.new)
            found = warehouse.publish(facts, _metered(derived(night), costs), night.row, night.resources.views)
        night.connection.close()
        shutil.rmtree(night.work)
    return found.snapshot if isinstance(found, NoChange) else found


def _metered(tables: Mapping[str, pa.Table | Months], costs: dict[str, float]) -> dict[str, pa.Table | Months]:
    """Return the tables to publish, those by month with a clock: who takes a month writes it before asking for the next."""

    def clocked(name: str, months: Months) -> Iterator[tuple[str, pa.Table]]:
        started = time.process_time()
        yield from months
        costs[name] = time.process_time() - started

    return {name: rows if isinstance(rows, pa.Table) else clocked(name, rows) for name, rows in tables.items()}


def _given(night: Night, batch: Batch) -> None:
    """Hand the night what reading, deduplicating, tagging and relating would have found."""
    for fact, rows in batch.facts.items():
        night.add(fact, _filed(night, batch) if fact == "records" else rows)
    if "text_actors" not in batch.facts:
        night.add("text_actors", night.query(night.resources.sql["text_actors"]))
    night.keep("text_groups", batch.text_groups)
    place(night)
    night.look("kept_articles", "articles")
    night.view("current_articles", night.resources.sql["current_articles"])
    night.keep("story_members", batch.story_members)
    night.keep(
        "memberships",
        night.find(
            "SELECT article_id, text_group_id, story_id, origin_id "
            "FROM (SELECT article_id, text_group_id FROM current_articles) JOIN story_members USING (article_id)",
        ),
    )
    night.keep("found_pairs", batch.text_pairs.drop_columns("filed_date"))
    tabulate(night.connection, ("text_pairs",), night.resources.sql)
    night.view("standing_text_pairs", "FROM text_pairs UNION ALL BY NAME FROM previous_text_pairs")
    night.keep("before_text_pairs", TABLES["text_pairs"].schema.empty_table())
    night.keep(
        "looked_at",
        night.find(
            "WITH known AS (FROM (SELECT text_group_id FROM previous_articles) SEMI JOIN text_groups USING (text_group_id)) "
            "SELECT DISTINCT text_group_id FROM text_groups ANTI JOIN known USING (text_group_id)",
        ),
    )
    night.keep("story_founders", batch.story_founders)
    night.keep("evidence", batch.evidence)
    night.keep(
        "held_groups", pa.table({"story_id": pa.array([], pa.string()), "text_group_id": pa.array([], pa.string())})
    )


def _filed(night: Night, batch: Batch) -> pa.Table:
    """Return the batch's records with the days that they and their texts are filed under."""
    return night.find(
        """
        WITH named AS (SELECT text_id FROM given UNION SELECT title_text_id FROM given),
        known AS MATERIALIZED (
            SELECT text_id, filed_date FROM new_ones
            UNION ALL
            FROM (SELECT text_id, filed_date FROM previous_texts) SEMI JOIN named USING (text_id)
        )
        SELECT
            given.* REPLACE (
                coalesce(published_at, seen_at)::DATE AS filed_date,
                body.filed_date AS text_filed_date,
                headline.filed_date AS title_filed_date
            )
        FROM given
        JOIN known AS body ON given.text_id = body.text_id
        LEFT JOIN known AS headline ON given.title_text_id = headline.text_id
        """,
        given=pa.table(batch.facts["records"].columns, names=batch.facts["records"].column_names),
        new_ones=batch.facts["texts"].select(["text_id", "filed_date"]),
    )


def _forget_older(root: Path, current: Snapshot) -> None:
    for folder in (root / "snapshots").iterdir():
        if folder.name.isdigit() and int(folder.name) < current.number:
            shutil.rmtree(folder)


def copied(path: Path) -> float:
    """Return the CPU seconds that pyarrow takes to read a Parquet file and to write its rows again as they are, in memory."""
    started = time.process_time()
    pq.write_table(pq.read_table(path), pa.BufferOutputStream(), compression="zstd", compression_level=2)
    return time.process_time() - started


def main() -> None:
    """Build where needed, publish tonight, print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=36, help="fewer, of as many articles a month, are built sooner")
    parser.add_argument("--tonight", type=int, default=100_000)
    parser.add_argument("--laid", type=int, default=0, help="months before these, all alike and laid down quickly")
    parser.add_argument("--only-build", action="store_true", help="publish nothing but what stands before tonight")
    parser.add_argument("--warehouse", type=Path, required=True)
    parsed = parser.parse_args()
    world = World(parsed.articles * parsed.months // 36, months=parsed.months)
    root: Path = parsed.warehouse / "warehouse"
    with generator() as elsewhere:
        # What building leaves in memory is no night's.
        elsewhere.submit(_built, world, root, parsed.laid).result()
    if parsed.only_build:
        return
    before = Warehouse(root).current()
    if before is None:
        raise ValueError(f"{root} was built and is not there")
    meter, rewriting = Meter(), dict[str, float]()
    n_known = sum(file.rows for file in before.files if file.table == "articles")
    with ExitStack() as stack:
        with generator() as make:
            batch = stack.enter_context(made(make, world, root, size=parsed.tonight))
        # All ASCII; and a length is told by where a text begins, without a look at it.
        text = pc.sum(pc.binary_length(batch.facts["texts"]["body"])).as_py()
        held = psutil.Process().memory_info().rss / 2**20
        facts = sum(rows.nbytes for rows in batch.facts.values()) / 2**20
        after = publish(batch, root, meter, rewriting=rewriting)
    print(
        f"{before.number} -> {after.number}: {parsed.tonight:,} records into {n_known:,} articles of {world.months + parsed.laid} months"
    )
    for stage in meter.stages:
        print(
            f"{stage['stage']:<10} {stage['cpu_seconds']:>8.1f} CPU s {stage['seconds']:>8.1f} s {stage['peak_mb']:>8,.0f} MiB, "
            f"{meter.own_mb[stage['stage']]:,.0f} of them not pages of files"
        )
    print(
        f"before the night the process held {held:,.0f} MiB; tonight's rows are {facts:,.0f} MiB in files that it maps"
    )
    known = {(file.path, file.sha256) for file in before.files}
    new = [file for file in after.files if (file.path, file.sha256) not in known]
    least = sum(copied(after.path / file.path) for file in new if file.table in REWRITTEN)
    print(
        f"rewriting the touched months of {', '.join(REWRITTEN)}: {sum(rewriting[name] for name in REWRITTEN):.1f} CPU s; "
        f"{least:.1f} for reading these files and writing them again, by pyarrow alone and in memory"
    )
    log = Warehouse(root).read_log("run_changes")
    others = log.filter(pc.equal(log["run_id"], after.manifest["run"]["run_id"]))["other_id"]
    print(f"run_changes: {len(others):,} rows, {len(others) - others.null_count:,} of them of pairs")
    written = Counter[str]()
    for file in new:
        written[file.table] += file.bytes
    print(f"{'table':<18} {'files':>6} {'of':>6} {'MB written':>11} {'CPU s of rewriting':>19}")
    for table in TABLES:
        if files := [file for file in after.files if file.table == table]:
            cost = f"{rewriting[table]:>19.1f}" if table in rewriting else ""
            print(
                f"{table:<18} {sum(f.table == table for f in new):>6} {len(files):>6} {written[table] / 1e6:>11.1f} {cost}"
            )
    print(
        f"written in all {sum(written.values()) / 1e6:.0f} MB = {sum(written.values()) / text:.2f} x the new text ({text / 1e6:.0f} MB)"
    )


if __name__ == "__main__":
    main()
