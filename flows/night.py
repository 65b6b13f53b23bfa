"""What a night holds while it runs: its input, the facts it has found, the tables in the making, and the row it leaves in the log."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as dataset

from flows.beside import Beside
from flows.dumps import DumpFile, Scan, find_dumps
from flows.progress import Progress
from flows.raw_files import RawFiles
from flows.resources import Resources, actor_registry, code_hash, source_registry
from flows.settings import Settings
from transforms.enrich.registry import ActorRegistry
from transforms.overrides import NAMING, Override, parse_overrides
from transforms.sources import SourceRegistry
from transforms.tables.run import STEPS, as_written
from transforms.text import content_hash
from warehouse import history
from warehouse.publish import Warehouse
from warehouse.schema import TABLES
from warehouse.snapshot import Snapshot

# Files lie on this machine's disk, and each thread that reads them keeps some of what it has freed: with eight of them check into ten
# million articles (bench.growth) held 2,917 MiB, with two 2,661.
_READING_THREADS = 2

# What a run counts: the records that came in, and what became of each.
SUMS = ("n_in", "n_loaded", "n_exact_repeat", "n_new_version", "n_withdrawn", "n_quarantined")


@dataclass
class Night:
    """One night in the making; stages read from it and add to it, in order."""

    warehouse: Warehouse
    parent: Snapshot | None
    night: date
    scan: Scan
    settings: Settings
    resources: Resources
    progress: Progress
    connection: duckdb.DuckDBPyConnection
    row: dict[str, Any]
    restate: bool
    new: dict[str, pa.Table] = field(default_factory=dict)
    log: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    # What became of each of tonight's records, where something is forgotten: its article may turn out to be.
    fates: dict[str, str] = field(default_factory=dict)
    # Tables to be made anew from the facts, all that is published then; what stands of them is damaged and not read.
    rebuild: tuple[str, ...] = ()
    # What people decided against the machine.
    overrides: tuple[Override, ...] = ()

    @classmethod
    def begin(
        cls,
        warehouse: Warehouse,
        dumps: Sequence[str],
        night: date,
        settings: Settings,
        progress: Progress,
        reread: bool = False,
        restate: bool | None = None,
        rebuild: Sequence[str] = (),
    ) -> "Night":
        """Find the input and name the run: the same parent, night, input, configuration and code are the same run.

        Files that earlier nights read are not read again, unless `reread` says so. Everything is made anew (`restate`) where it
        is asked for, where tables are named that are to be made anew (`rebuild`), or where it is not said and code or
        configuration are others than those that made the parent.
        Raises FileNotFoundError for a dump that names nothing, ValueError for a fault in the overrides.
        """
        resources = Resources.load(settings)
        overrides = parse_overrides(resources.overrides_csv, settings.overrides)
        parent = warehouse.current()
        code, config = code_hash(), resources.config_hash(settings)
        seen = RawFiles.of(warehouse, code, config)
        scan = find_dumps(dumps, not_in=warehouse.root, feed=settings.feed or None, known=seen, reread=reread)
        files = sorted([*scan.to_read, *scan.known, *scan.aliases], key=lambda file: (file.raw_file_id, file.path))
        identity = [
            parent.data_hash if parent else "",
            night.isoformat(),
            code,
            config,
            "again" if reread else "",
            *rebuild,
            *sorted(row.override_id for row in overrides),
        ]
        identity += [file.raw_file_id for file in files]
        row = {
            "run_id": "r_" + hashlib.sha256("\n".join(identity).encode()).hexdigest()[:16],
            "night": night,
            "parent_snapshot": parent.number if parent else None,
            "code_hash": code,
            "config_hash": config,
            "overrides_hash": content_hash("", *sorted(row.override_id for row in overrides)) if overrides else None,
            "inputs": [{"path": str(file.path), "content_hash": file.content_hash} for file in files],
        } | dict.fromkeys(SUMS, 0)
        within_reach = sum(file.bytes for file in scan.to_read)
        if parent is not None:
            within_reach += sum(file.bytes for file in parent.files)
        connection = _database(warehouse, settings, within_reach)
        connection.execute(resources.sql["macros"])
        log: dict[str, list[dict[str, Any]]] = {"raw_files": [], "quarantine": []}
        if parent is None or rebuild or restate is None:
            restate = parent is None or bool(rebuild) or not made_alike(warehouse, parent, row)
        this = cls(warehouse, parent, night, scan, settings, resources, progress, connection, row, restate, log=log)
        this.rebuild, this.overrides = tuple(rebuild), overrides
        # A name can stand in any text of any day.
        this.restate = this.restate or this.names_moved
        this.keep("run", pa.table({"run_id": [this.run_id], "night": pa.array([night], pa.date32())}))
        this.keep("tombstones", warehouse.read_log("tombstones"))
        for name, table in TABLES.items():
            if table.kind != "log":
                this.look(f"previous_{name}", name)
        this.add("withdrawals", TABLES["withdrawals"].schema.empty_table())
        this.notes += scan.notes()
        if not settings.overrides and this.overrides_moved:
            this.notes.append(
                "warning: the setting `overrides` names no file, so what people decided before holds no more"
            )
        return this

    @property
    def files(self) -> list[DumpFile]:
        """The files that are read."""
        return self.scan.to_read

    @property
    def run_id(self) -> str:
        """The run's id."""
        return str(self.row["run_id"])

    @property
    def seen_at(self) -> datetime:
        """When a record was seen that does not say: the logical night."""
        return datetime.combine(self.night, time(), UTC)

    @property
    def not_after(self) -> datetime:
        """The instant by which a record that does not say was seen: the end of the night, anywhere on earth."""
        return self.seen_at + timedelta(hours=36)

    @property
    def work(self) -> Path:
        """The folder of this run's partial state; what an interrupted attempt finished is found there again."""
        folder = self.warehouse.work / self.run_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @cached_property
    def beside(self) -> Beside:
        """Where tables lie that are too large to keep in memory all night."""
        return Beside(self.work)

    @property
    def brings_nothing(self) -> bool:
        """Whether every record was known and neither code, configuration nor overrides moved since the parent was made."""
        return not (
            self.restate or self.new["records"].num_rows or self.new["withdrawals"].num_rows or self.overrides_moved
        )

    @property
    def names_moved(self) -> bool:
        """Whether people decided otherwise of what names mean since the parent was made."""
        was = self.before("overrides", "kind", "key", "value").to_pylist()
        now = {(row.kind, row.key, row.value) for row in self.overrides}
        return {row for row in now if row[0] in NAMING} != {tuple(row.values()) for row in was if row["kind"] in NAMING}

    @property
    def overrides_moved(self) -> bool:
        """Whether people decided otherwise since the parent was made."""
        was = set(self.before("overrides", "override_id")["override_id"].to_pylist())
        return was != {row.override_id for row in self.overrides}

    def sources(self) -> SourceRegistry:
        """Return the registry of outlets, ours and the settings'."""
        return source_registry(self.resources.sources_csv)

    def actors(self) -> ActorRegistry:
        """Return the registry of actors, ours and the settings'."""
        return actor_registry(self.resources.actors_csv)

    def tombstones(self) -> frozenset[str]:
        """Return the keys of what is forgotten and never loaded again."""
        return frozenset(self.warehouse.read_log("tombstones")["key"].to_pylist())

    def before(self, table: str, *columns: str) -> pa.Table:
        """Return a table, or some columns of it, as last night left it; empty before the first."""
        source = self._last_whole(table)
        if source is None:
            return TABLES[table].schema.empty_table().select(columns or TABLES[table].schema.names)
        return source.read(table, list(columns) or None)

    def look_back(self, name: str, table: str) -> None:
        """Make `name` stand for a whole table as last night left it, also where everything is made anew."""
        source = self._last_whole(table)
        self.connection.register(name, TABLES[table].schema.empty_table() if source is None else source.scan(table))

    def _last_whole(self, table: str) -> Snapshot | None:
        """Return the parent, or the newest snapshot that has a table undamaged: what it remembers is better than nothing."""
        if self.parent is None or table not in self.rebuild:
            return self.parent
        kept = reversed(self.warehouse.snapshots())
        return next((each for each in kept if not each.verify(table)), None)

    def add(self, fact: str, rows: pa.Table) -> None:
        """Take tonight's rows of a fact table: `<fact>` is all its rows then, `new_<fact>` those of tonight.

        Where everything is made anew, all rows count as tonight's.
        """
        declared = rows.select(TABLES[fact].schema.names).cast(TABLES[fact].schema)
        self.new[fact] = self.beside.put(f"added_{fact}", declared)
        self.connection.register(f"added_{fact}", self.new[fact])
        self.connection.execute(
            f"CREATE OR REPLACE VIEW {fact} AS FROM previous_{fact} UNION ALL BY NAME FROM added_{fact};"
            f"CREATE OR REPLACE VIEW new_{fact} AS FROM {fact if self.restate else 'added_' + fact}"
        )

    def look(self, name: str, table: str, days: str | None = None, extra: int = 0) -> None:
        """Make `name` stand for a table as last night left it; with `days`, a query for dates, for their months of it only.

        `extra` widens each day by so many days on both sides. A derived table is empty where everything is made anew.
        """
        self.connection.register(name, self.standing(table, None if days is None else self._months(days, extra)))

    def standing(self, table: str, months: list[str] | None) -> dataset.Dataset:
        """Return some months of a table as last night left it, or all of them; of a derived one nothing where everything is made anew."""
        declared = TABLES[table]
        if self.parent is None or (self.restate and declared.kind == "derived"):
            return dataset.dataset(declared.schema.empty_table())
        return self.parent.scan(table, months)

    def months_of(self, table: str) -> list[str]:
        """Return the months of which a derived table had rows last night; none where everything is made anew."""
        return [] if self.parent is None or self.restate else self.parent.months(table)

    def look_near(self, fact: str, days: str) -> None:
        """Make `near_<fact>` stand for the months of a fact table that hold these dates, and for tonight's rows."""
        self.look(f"previous_near_{fact}", fact, days)
        self.connection.execute(
            f"CREATE OR REPLACE VIEW near_{fact} AS FROM previous_near_{fact} UNION ALL BY NAME FROM added_{fact}"
        )

    def bodies(self, wanted: str) -> pa.Table:
        """Return text_id, body of texts; `wanted` is a query for their ids and the days they are filed under."""
        asked = self.connection.sql(
            f"SELECT DISTINCT * FROM ({wanted}) AS asked (text_id, filed_date)"
        ).to_arrow_table()
        ids, columns = asked["text_id"].combine_chunks(), ["text_id", "body"]
        tonight = self.new["texts"].select(columns)
        found = [tonight.filter(pc.is_in(tonight["text_id"], value_set=ids))]
        standing = asked.filter(pc.invert(pc.is_in(asked["text_id"], value_set=found[0]["text_id"])))
        if self.parent is not None and standing.num_rows:
            months = set(pc.strftime(standing["filed_date"], "%Y-%m").to_pylist())
            # Not through SQL: it would take every body of these months into its own memory to keep a few.
            found.append(self.parent.pick("texts", "text_id", standing["text_id"].combine_chunks(), columns, months))
        return pa.concat_tables(found)

    def find(self, sql: str, **inputs: pa.Table) -> pa.Table:
        """Return the answer to a query that looks for some rows among all that stand: joined as written, what is few to the right."""
        with as_written(self.connection):
            return self.query(sql, **inputs)

    def give_way(self, share: float) -> None:
        """Let SQL keep no more than a share of its memory from now on, and give the rest back: what follows holds much beside it."""
        self.connection.execute(f"SET memory_limit = '{self.settings.sql_memory_less(share)}'")
        self.beside.rest()

    def _months(self, days: str, extra: int) -> list[str]:
        found = self.find(
            "SELECT DISTINCT strftime(day + step, '%Y-%m') AS month "
            f"FROM (SELECT unnest([-{extra}, 0, {extra}]) AS step), ({days}) AS asked (day)"
        )
        return list(found["month"].to_pylist())

    def keep(self, name: str, table: pa.Table) -> None:
        """Make a table visible to SQL under a name, until the night ends.

        Raises ValueError for the name of a step: what is registered would hide the table that the step makes.
        """
        if name in STEPS:
            raise ValueError(f"{name} is made by its SELECT in transforms/tables, and can't be handed over")
        self.connection.register(name, self.beside.put(name, table))

    def view(self, name: str, sql: str | None) -> None:
        """Make a query visible to SQL under a name, or nothing any more."""
        self.connection.unregister(name)
        self.connection.execute(f"DROP VIEW IF EXISTS {name}")
        if sql:
            self.connection.execute(f"CREATE VIEW {name} AS {sql}")

    def query(self, sql: str, **inputs: pa.Table) -> pa.Table:
        """Return the answer to a query over the tables made so far and `inputs`."""
        for name, table in inputs.items():
            self.connection.register(name, table)
        answer = self.connection.sql(sql).to_arrow_table()
        for name in inputs:
            self.connection.unregister(name)
        return answer


def _database(warehouse: Warehouse, settings: Settings, within_reach: int) -> duckdb.DuckDBPyConnection:
    """Return an empty database in memory for a night that has so many bytes of files within reach, and say how Arrow reads for it."""
    pa.set_io_thread_count(_READING_THREADS)
    spill = str(warehouse.work / "sql")
    connection = duckdb.connect(config={"memory_limit": settings.sql_memory, "temp_directory": spill})
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false")
    if within_reach < settings.inline_below_bytes:
        # To share out so little costs more than to do it.
        connection.execute("SET threads = 1")
    return connection


def made_alike(warehouse: Warehouse, parent: Snapshot, row: dict[str, Any]) -> bool:
    """Return whether tonight's code and configuration make the parent of its facts: if not, everything is made anew.

    They made it, or a night of theirs made everything anew and found it to be the same.
    """
    made_by = ("code_hash", "config_hash")
    numbers = {parent.number, *history.replaced(parent)}
    known = (
        run
        for run in warehouse.read_log("runs").select(["status", "snapshot", *made_by]).to_pylist()
        if run["status"] in ("published", "no_change") and run["snapshot"] in numbers
    )
    return any(all(run.get(name) == row[name] for name in made_by) for run in (parent.manifest["run"], *known))
