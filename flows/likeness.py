"""What nights remember of texts and pairs they compared for stories: files beside the warehouse, a folder for each time that any were found.

All of it follows from the texts, weights and document frequencies (transforms/stories/memory.py): a cache that may be deleted. It lies
in cache/stories/<code and configuration>/<number>-<texts before it>/: `book` and `ties` are read each night; of `texts`, a file a
month, those of the months that tonight's texts are compared with; of `pairs` and `told` what is asked for. What other code or
configuration left is deleted. `standing` says which of the texts stood after the last nights.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.night import Night
from transforms.stories.memory import PAIRS, TEXTS, TOLD, Memory
from transforms.stories.reach import Book, Mask, numbers_of
from transforms.stories.regions import PARTED
from transforms.stories.shelf import DAY, UNDATED, Integers, Packed, Shelf, from_table
from warehouse.storage import ParquetSettings, read_parquet, write_parquet

_BOOK = pa.schema([("key", pa.uint64()), ("node", pa.uint64()), ("day", pa.int32()), ("joinable", pa.bool_())])
_TIES = pa.schema([("left", pa.int32()), ("right", pa.int32())])
_SHELVED = pa.schema([pa.field("row", pa.int64()), *TEXTS])
# A text takes some four kilobytes, and a few of many are asked for.
_FORM = ParquetSettings(row_group_rows=2_000)
# Texts of the window in memory at a time: some 200 MB.
_AT_ONCE = 50_000
# Nights that one can go back to and find their texts remembered; four bytes a text each.
_STANDING_KEPT = 8
# Parts of fewer bytes are put together where there are so many.
_SMALL, _MERGED_FROM = 32_000_000, 16


class DamagedMemoryError(ValueError):
    """A file of the memory is not what was written; the message says which, and why."""


class Likenesses:
    """The memory of a night's warehouse."""

    def __init__(self, night: Night, window_days: int) -> None:
        made_by = f"{night.row['code_hash']} {night.row['config_hash']}"
        self._night, self._window = night, window_days
        self._folder = night.warehouse.root / "cache" / "stories" / hashlib.sha256(made_by.encode()).hexdigest()[:16]
        for other in self._folder.parent.glob("*"):
            if other != self._folder or night.restate:
                shutil.rmtree(other)

    @cached_property
    def book(self) -> Book:
        """What is at hand of every remembered text. Raises DamagedMemoryError."""
        books, ties, count = [_BOOK.empty_table()], [_TIES.empty_table()], 0
        for number, folder in enumerate(self._folders()):
            if folder.name != _name(number, count):
                raise DamagedMemoryError(f"{folder}: a part before it is missing")
            books.append(_all_of(folder / "book.parquet").cast(_BOOK))
            ties.append(_all_of(folder / "ties.parquet").cast(_TIES))
            count += books[-1].num_rows
        return _book(pa.concat_tables(books), pa.concat_tables(ties))

    def standing(self) -> Integers | None:
        """Return the rows of all compared texts that stood last night, ascending; None where not all of them are remembered."""
        parent = self._night.parent
        run = None if parent is None else parent.manifest["run"]["run_id"]
        for path in sorted((self._folder / "standing").glob(f"*-{run}.parquet")):
            rows: Integers = np.array(_all_of(path)["row"], dtype=np.int64)
            if not len(rows) or rows[-1] < len(self.book.keys):
                return rows
        return None

    def stand(self, rows: Integers) -> None:
        """Say which of the remembered texts stand tonight; what older nights said is let go of."""
        disk, folder = self._night.warehouse.disk, self._folder / "standing"
        disk.folders(folder)
        staging = folder / "staging"
        write_parquet(pa.table({"row": rows}), staging)
        disk.put_in_place(staging, folder / f"{len(self._folders()):06}-{self._night.run_id}.parquet")
        for path in sorted(folder.glob("*.parquet"))[:-_STANDING_KEPT]:
            path.unlink()

    def forget(self) -> None:
        """Remember nothing."""
        shutil.rmtree(self._folder)
        self.__dict__.pop("book", None)

    def bodies(self, text_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the words of some texts; only months that hold any are read."""
        night = self._night
        night.keep("asked_texts", pa.table({"text_id": pa.array(text_ids, pa.string())}))
        found = night.bodies(
            "SELECT text_id, text_filed_date FROM (SELECT text_id, text_filed_date FROM records) SEMI JOIN asked_texts USING (text_id)"
        )
        return dict(zip(found["text_id"].to_pylist(), found["body"].to_pylist(), strict=True))

    def within(self, days: Integers) -> Iterator[tuple[Integers, Shelf]]:
        """Yield the remembered texts that take part in the months within a window of some days, as learn.Within."""
        months = None if UNDATED in days else {_UNDATED, *_months_around(days, self._window)}
        parts: list[pa.Table] = []
        dated = True
        for path in sorted(self._folder.glob("[0-9]*/texts-*.parquet"), key=lambda path: (path.stem, path.parent.name)):
            month = path.stem.removeprefix("texts-")
            if months is not None and month not in months:
                continue
            # Those without a date come last, and by themselves: every text is compared with them.
            if parts and (dated != (month != _UNDATED) or sum(part.num_rows for part in parts) >= _AT_ONCE):
                yield from _in_parts(pa.concat_tables(parts))
                parts.clear()
            dated = month != _UNDATED
            found = _all_of(path).cast(_SHELVED)
            parts.append(found.filter(found["joinable"]))
        if parts:
            yield from _in_parts(pa.concat_tables(parts))

    def near(self, nodes: Packed) -> pa.Table:
        """Return the pairs with a text of one of these nodes that came near a story, as PAIRS."""
        asked = np.isin(self.book.nodes, nodes)
        return self._picked("pairs", PAIRS, ("left", "right"), lambda left, right: asked[left] | asked[right])

    def memory(self, rows: Integers, near: pa.Table) -> Memory:
        """Return what is remembered of some rows (ascending) as a memory of its own: `near` of their pairs."""
        here = np.zeros(len(self.book.keys), dtype=bool)
        here[rows] = True
        months = np.unique(_month_names(self.book.days[rows]))
        texts = [_SHELVED.empty_table()]
        for path in sorted(self._folder.glob("[0-9]*/texts-*.parquet")):
            if path.stem.removeprefix("texts-") in months:
                texts.append(_picked(path, ("row",), lambda row: here[row]).cast(_SHELVED))
        told = self._picked("told", TOLD, ("a", "b"), lambda a, b: here[a] & here[b])
        parted = [_all_of(folder / "parted.parquet").cast(PARTED) for folder in self._folders()]
        both = pc.and_(pa.array(here[near["left"]]), pa.array(here[near["right"]]))
        return Memory.of_tables(
            texts=pa.concat_tables(texts).sort_by("row").select(TEXTS.names),
            pairs=_at_places(near.filter(both), ("left", "right"), lambda row: np.searchsorted(rows, row)),
            told=_at_places(told, ("a", "b"), lambda row: np.searchsorted(rows, row)),
            parted=pa.concat_tables([PARTED.empty_table(), *parted]),
        )

    def add(self, learnt: Memory, nodes: Sequence[str], ties: Mask) -> None:
        """Keep what was learnt, all of it or nothing after a kill.

        `learnt`: texts and pairs whose numbers count on from those remembered; `nodes`: the node id of each text; `ties`: which of
        the pairs tie a region.
        """
        tables = learnt.tables()
        texts, count = tables["texts"], len(self.book.keys)
        days = learnt.shelf.scalars[:, DAY]
        pairs = tables["pairs"]
        columns = [numbers_of(learnt.keys), numbers_of(nodes), days.astype(np.int32), learnt.joinable]
        files = {
            "book": pa.table(columns, schema=_BOOK),
            "ties": pairs.select(_TIES.names).filter(pa.array(ties)),
            "pairs": pairs,
            "told": learnt.told,
            "parted": learnt.parted,
        }
        months = _month_names(days)
        rows = np.arange(count, count + len(days))
        for month in np.unique(months):
            here = np.flatnonzero(months == month)
            shelved = texts.take(pa.array(here)).add_column(0, "row", pa.array(rows[here]))
            files[f"texts-{month}"] = shelved.cast(_SHELVED)
        self._put(files)
        self.__dict__["book"] = self.book.grown(_book(files["book"], files["ties"]))

    def tell(self, learnt: Memory, rows: Integers) -> None:
        """Keep what a look at some rows found: what was told of their pairs, and how their regions parted."""
        if learnt.told.num_rows or learnt.parted.num_rows:
            told = _at_places(learnt.told, ("a", "b"), lambda place: rows[place])
            files = {"book": _BOOK.empty_table(), "ties": _TIES.empty_table(), "pairs": PAIRS.empty_table()}
            self._put(files | {"told": told, "parted": learnt.parted})

    def tidy(self) -> None:
        """Make one of the small parts at the end, where there are many: each costs a night the opening of its files.

        They go from the last on, so that a kill leaves parts without a gap; the texts of those that are missing are compared again.
        """
        small: list[Path] = []
        for folder in reversed(self._folders()):
            if sum(path.stat().st_size for path in folder.iterdir()) >= _SMALL:
                break
            small.insert(0, folder)
        if len(small) < _MERGED_FROM:
            return
        names = sorted({path.name for folder in small for path in folder.iterdir()})
        staging = self._written(
            {name: pa.concat_tables(_all_of(each / name) for each in small if (each / name).exists()) for name in names}
        )
        for folder in reversed(small):
            self._night.warehouse.disk.remove(folder)
        self._night.warehouse.disk.put_in_place(staging, small[0])

    def _put(self, files: Mapping[str, pa.Table]) -> None:
        number, count = len(self._folders()), len(self.book.keys)
        staging = self._written({f"{name}.parquet": table for name, table in files.items()})
        self._night.warehouse.disk.put_in_place(staging, self._folder / _name(number, count))

    def _written(self, files: Mapping[str, pa.Table]) -> Path:
        disk, staging = self._night.warehouse.disk, self._folder / "staging"
        disk.remove(staging)
        disk.folders(staging)
        for name, table in files.items():
            write_parquet(table, staging / name, _FORM)
        disk.sync_folders(staging)
        return staging

    def _folders(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*"))

    def _picked(
        self, name: str, schema: pa.Schema, by: tuple[str, str], which: Callable[[Integers, Integers], Mask]
    ) -> pa.Table:
        parts = [_picked(folder / f"{name}.parquet", by, which).cast(schema) for folder in self._folders()]
        return pa.concat_tables([schema.empty_table(), *parts])


_UNDATED = "undated"


def _name(number: int, count: int) -> str:
    return f"{number:06}-{count:010}"


def _book(texts: pa.Table, ties: pa.Table) -> Book:
    keys, nodes, days, joinable = (np.array(column) for column in texts.columns)
    left, right = (np.array(column) for column in ties.columns)
    return Book(keys, nodes, days.astype(np.int64), joinable.astype(bool), left, right)


def _month_names(days: Integers) -> "npt.NDArray[np.str_]":
    names: npt.NDArray[np.str_] = np.where(days == UNDATED, _UNDATED, _months(days))
    return names


def _months_around(days: Integers, window: int) -> set[str]:
    """Return the months of all days that lie at most so many from one of these."""
    dated = np.unique(days[days != UNDATED])
    around = np.unique(dated[:, None] + np.append(np.arange(-window, window, 28), window))
    return set(_months(around).tolist())


def _months(days: Integers) -> "npt.NDArray[np.str_]":
    return np.datetime_as_string(days.astype("datetime64[D]").astype("datetime64[M]"))


def _in_parts(texts: pa.Table) -> Iterator[tuple[Integers, Shelf]]:
    """Yield texts by row, some at a time."""
    for begin in range(0, texts.num_rows, _AT_ONCE):
        part = texts.slice(begin, _AT_ONCE).sort_by("row")
        yield np.array(part["row"]), from_table(part)


def _at_places(table: pa.Table, names: tuple[str, str], place: Callable[[Integers], Integers]) -> pa.Table:
    """Return a table with other row numbers in two of its columns."""
    for name in names:
        at = table.schema.get_field_index(name)
        moved = place(np.array(table[name], dtype=np.int64))
        table = table.set_column(at, table.schema.field(at), pa.array(moved, table.schema.field(at).type))
    return table


def _all_of(path: Path) -> pa.Table:
    try:
        return read_parquet(path)
    except (OSError, ValueError) as error:
        raise DamagedMemoryError(f"{path}: {error}") from error


def _picked(path: Path, by: tuple[str, ...], which: Callable[..., Mask]) -> pa.Table:
    """Return the rows of a file that are asked for by what some columns say; only row groups that hold any are read whole."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            ends = np.cumsum([file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)])
            told = file.read(columns=list(by))
            rows = np.flatnonzero(which(*(np.array(told[name], dtype=np.int64) for name in by)))
            groups, own = np.unique(np.searchsorted(ends, rows, side="right"), return_inverse=True)
            if not len(groups):
                return file.schema_arrow.empty_table()
            lengths = np.diff(ends, prepend=0)[groups]
            moved = ends[groups] - np.cumsum(lengths)
            return file.read_row_groups(groups.tolist()).take(pa.array(rows - moved[own]))
    except (OSError, ValueError) as error:
        raise DamagedMemoryError(f"{path}: {error}") from error
