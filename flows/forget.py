"""`newsfold forget`: a tombstone that readers and later nights honour at once, then every kept snapshot without what it names."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from flows.audit import Deed, count, note
from flows.resources import Resources
from flows.settings import Settings
from transforms.clean.urls import address
from transforms.forget import PLAN, SAID, Forgotten, scrub, scrub_log, tombstone, without
from transforms.sources import SourceRegistry
from transforms.text import content_hash
from warehouse import history, storage
from warehouse.lock import LockedError
from warehouse.publish import Warehouse
from warehouse.rewrite import Rewritten, Taken, rewrite
from warehouse.schema import TABLES, Table
from warehouse.snapshot import DataFile, Snapshot
from warehouse.vacuum import is_read

_ARTICLE_ID = re.compile(r"a_[0-9a-f]{16}")
# The tables that PLAN and SAID look at.
_LOOKED_AT = (
    "records", "texts", "articles", "article_versions", "actor_mentions", "text_aliases", "text_citations", "source_citations",
    "sources", "actors", "source_spellings",
)  # fmt: skip


def command(root: Path, kind: str, name: str, settings_file: Path | None) -> int:
    """Forget what is named, say what was done, and return 0; or 1 with a sentence where it has to wait."""
    try:
        registry = SourceRegistry.parse(Resources.load(Settings.load(settings_file)).sources_csv)
        print(forget(root, kind, name, registry))
    except LockedError as error:
        said = "no later night loads it, and the next night or upkeep erases what is there"
        print(f"newsfold: {error} It is forgotten from now on: {said}.", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"newsfold: {error}", file=sys.stderr)
        return 1
    return 0


def forget(root: Path, kind: str, name: str, registry: SourceRegistry) -> str:
    """Forget an article by its url or id, or all articles of a source; return a sentence.

    Raises ValueError for what can't be the name of one, LockedError, the tombstone set.
    """
    _refuse_what_names_nothing(kind, name)
    house = Warehouse(root)
    key_kind = "source" if kind == "source" else "article"
    keys = sorted({tombstone(key_kind, id_) for id_ in _ids(house, kind, name, registry)})
    # Before the lock: from here on no night loads it, whatever becomes of this process.
    _remember(house, key_kind, keys)
    with house.lock("forget"):
        done = finish(house)
    if done is None and house.current() is None:
        return "Nothing is published yet; no night will load it."
    return done.detail if done else "It was forgotten before: no kept snapshot has it, and no night will load it."


def _refuse_what_names_nothing(kind: str, name: str) -> None:
    if kind == "article" and not _ARTICLE_ID.fullmatch(name):
        raise ValueError(f"{name!r} is no article_id: it is a_ and 16 hexadecimal digits, as `articles` has it.")
    if kind == "source" and not name.strip():
        raise ValueError("no source is named: give the id, name or domain of an outlet.")


def _remember(house: Warehouse, kind: str, keys: Sequence[str]) -> None:
    rows = [{"key": key, "kind": kind, "added_at": datetime.now(UTC)} for key in keys]
    house.append_log("tombstones", pa.Table.from_pylist(rows, schema=TABLES["tombstones"].schema), f"t_{keys[0][:16]}")


def keys(house: Warehouse) -> frozenset[str]:
    """Return every tombstone."""
    return frozenset(house.read_log("tombstones")["key"].to_pylist())


def finish(house: Warehouse, after: Callable[[str], None] = lambda step: None) -> Deed | None:
    """Bring every kept snapshot in line with the tombstones, what readers see first, then oldest first; None: they were.

    The caller holds the lock. Killed anywhere, the next call goes on: a snapshot says which tombstones it honours. `after` is
    told of every step. Leaves a row in the log that names nothing.
    """
    wanted = sorted(keys(house))
    late = [each for each in house.snapshots() if not set(wanted) <= set(each.manifest.get("forgotten", ()))]
    if not late:
        return None
    started, seen = datetime.now(UTC), house.current()
    forgotten = _plan(house, wanted)
    # An article of a forgotten source stays forgotten, whatever its source is called one day.
    if covered := sorted({tombstone("article", id_) for id_ in forgotten.ids["articles"]} - set(wanted)):
        _remember(house, "article", covered)
        wanted = sorted({*wanted, *covered})
    n_logged = _scrub_logs(house, forgotten)
    # What the words of a text left behind goes with it.
    for folder in ("work", "cache"):
        house.disk.remove(house.root / folder)
    after("logs")
    done = _rewrite_all(house, late, forgotten, {"forgotten": wanted}, after)
    n_rows = done.n_rows + n_logged
    honoured = frozenset.intersection(*(frozenset(each.manifest.get("forgotten", ())) for each in late))
    n_articles = sum(tombstone("article", id_) not in honoured for id_ in forgotten.ids["articles"])
    detail = f"{count(n_articles, 'article')} forgotten: {done.detail}, {count(n_rows, 'row')}{done.held}."
    return note(house, "forgotten", started, seen, done.n_snapshots, done.n_files, n_rows, detail)


def wear_out(house: Warehouse, before: date) -> Deed | None:
    """Empty the words of every text filed before a day, in every kept snapshot; None: they were. The caller holds the lock."""
    late = [each for each in house.snapshots() if str(each.manifest.get("bodies_from", "")) < str(before)]
    old = {
        row["text_id"]
        for each in late
        for row in each.read("texts", ["text_id", "filed_date"]).to_pylist()
        if row["filed_date"] < before
    }
    if not old:
        return None
    started, seen = datetime.now(UTC), house.current()
    house.disk.remove(house.root / "cache")
    forgotten = Forgotten({"worn": frozenset(old)})
    done = _rewrite_all(house, late, forgotten, {"bodies_from": str(before)}, lambda step: None)
    detail = f"Texts filed before {before} lost their words: {done.detail}, {count(len(old), 'text')}{done.held}."
    return note(house, "bodies_dropped", started, seen, done.n_snapshots, done.n_files, len(old), detail)


@dataclass(frozen=True)
class _Done:
    n_snapshots: int
    n_files: int
    n_rows: int
    n_held: int

    @property
    def detail(self) -> str:
        return f"{count(self.n_snapshots, 'snapshot')} rewritten, {count(self.n_files, 'file')}"

    @property
    def held(self) -> str:
        return f"; {count(self.n_held, 'old snapshot')} being read, removed by a later upkeep" if self.n_held else ""


def _rewrite_all(
    house: Warehouse, late: Sequence[Snapshot], forgotten: Forgotten, mark: dict[str, Any], after: Callable[[str], None]
) -> _Done:
    """Put clean snapshots in the place of these, what readers see first, then oldest first; then remove these."""
    seen = house.current()
    replaced = {number for each in house.snapshots() for number in history.replaced(each)}
    standing = sorted((each for each in late if each.number not in replaced), key=lambda e: (e != seen, e.number))
    files: dict[tuple[str, str], Taken] = {}
    n_rows = 0
    for each in standing:
        n_rows += _rewrite(house, each, forgotten, mark, files)
        after("rewritten")
    gone = [each for each in late if not is_read(each)]
    for each in gone:
        house.store.remove(each.number)
        after("removed")
    # In a bucket the bytes go with the sweep; whoever holds the lock is the only writer, so there is nothing to wait for.
    house.sweep(0)
    house.disk.remove(house.root / "mirror")
    house.rebuild_catalog()
    return _Done(len(standing), len(files), n_rows, len(late) - len(gone))


def _ids(house: Warehouse, kind: str, name: str, registry: SourceRegistry) -> set[str]:
    """Return the ids that a url, an article id or a source's id, name or domain stands for."""
    if kind == "url":
        ids = _named(house, "articles", "article_id", ("url",), {name})
        if (normal := address(name).normal) is not None:
            key = content_hash("a_", "url", normal)
            # An address that was used again names other articles too, withdrawn ones among them.
            texts = _named(house, "records", "text_id", ("key_id",), {key})
            others = {content_hash("a_", key, text) for text in texts}
            ids |= {key} | _named(house, "article_versions", "article_id", ("article_id",), others)
        if not ids:
            raise ValueError(f"{name!r} is no address of an article: write it as https://outlet.example/path.")
        return ids
    if kind == "article":
        return {name}
    ids = {name, registry.source_id_for_name(name), registry.source_id_for_domain(name)}
    ids |= {known.source_id for known in (registry.by_name(name), registry.by_domain(name)) if known}
    ids |= _named(house, "sources", "source_id", ("source_id", "name", "domain"), {name})
    # A record may name it in any way that was learnt.
    spellings = _named(house, "source_aliases", "alias", ("source_id",), ids)
    return ids | {
        f(spelling) for spelling in spellings for f in (registry.source_id_for_name, registry.source_id_for_domain)
    }


def _named(house: Warehouse, table: str, wanted: str, columns: tuple[str, ...], values: Iterable[str]) -> set[str]:
    """Return what a column says where one of others has one of the values, in any kept snapshot: one rolled back may come back."""
    paths = [str(path) for path in _distinct(house, table)]
    if not paths:
        return set()
    said = " OR ".join(f"list_contains($known, {column})" for column in columns)
    query = f"SELECT DISTINCT {wanted} FROM read_parquet($paths, union_by_name = true) WHERE {said}"
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        found = connection.execute(query, {"paths": paths, "known": sorted(values)}).fetchall()
    return {row[0] for row in found if row[0] is not None}


def _plan(house: Warehouse, tombstones: Sequence[str]) -> Forgotten:
    """Return what the tombstones stand for in all kept snapshots together, so that a file they share is rewritten once."""
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        connection.register("keys", pa.table({"key": pa.array(tombstones, pa.string())}))
        for name in _LOOKED_AT:
            paths = [str(path) for path in _distinct(house, name)]
            connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({paths!r}, union_by_name = true)")
        ids = {}
        for kind, query in PLAN.items():
            connection.execute(f"CREATE TABLE f_{kind} AS {query}")
            ids[kind] = frozenset(
                row[0] for row in connection.execute(f"FROM f_{kind}").fetchall() if row[0] is not None
            )
        words = frozenset(row[0] for row in connection.execute(SAID).fetchall() if row[0])
    return Forgotten(ids, words)


def _distinct(house: Warehouse, table: str) -> Iterator[Path]:
    known: set[str] = set()
    for each in house.snapshots():
        for file in each.files:
            if file.table == table and file.sha256 not in known:
                known.add(file.sha256)
                yield house.store.fetch_data(each.number, file)


def _scrub_logs(house: Warehouse, forgotten: Forgotten) -> int:
    n_rows = 0
    for table in (name for name, declared in house.tables.items() if declared.kind == "log"):
        for path in house.store.log(table):
            rows = storage.conform_older(storage.read_parquet(path), house.tables[table])
            scrubbed = scrub_log(rows, forgotten)
            if scrubbed is not rows:
                n_rows += rows.num_rows
                house.append_log(table, scrubbed, path.stem)
    return n_rows


def _rewrite(
    house: Warehouse, old: Snapshot, forgotten: Forgotten, mark: dict[str, Any], done: dict[tuple[str, str], Taken]
) -> int:
    """Put a snapshot without what is forgotten in the place of `old`; return the number of rows in files written anew."""
    n_rows = 0

    def edit(declared: Table, files: Sequence[DataFile]) -> Iterator[Taken | Rewritten]:
        nonlocal n_rows
        for file in files:
            if (file.path, file.sha256) in done:
                yield done[file.path, file.sha256]
                continue
            rows = storage.read_parquet(house.store.fetch_data(old.number, file))
            scrubbed = scrub(declared.name, rows, forgotten)
            if scrubbed is rows:
                yield Taken(file, old.number)
                continue
            n_rows += rows.num_rows - scrubbed.num_rows or 1
            if scrubbed.num_rows:
                inside = Path(file.path).relative_to(declared.name)
                yield Rewritten(inside, storage.conform_older(scrubbed, declared), file.run_id or "")

    run = without(old.manifest["run"], forgotten)
    new = rewrite(house, old, edit, mark, run)
    written = {file.path: file for file in new.files}
    for file in old.files:
        if (now := written.get(file.path)) is not None and now.sha256 != file.sha256:
            done[file.path, file.sha256] = Taken(now, new.number)
    return n_rows
