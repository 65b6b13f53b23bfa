"""Tables that are too large to keep in memory all night: written into the night's folder and mapped from there.

A mapped table is read as any other, at the cost of a page that is not there yet. What was looked at is given back a few times a
second: one statement reads more of the files than memory should hold, and a page looked at again is still the system's.
"""

import ctypes
import mmap
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc


@dataclass(frozen=True)
class BesideSettings:
    """What is kept in memory, and how the rest is cut."""

    # A table under this is no burden, and a small night writes no file for it.
    in_memory_bytes: int = 8_000_000
    # Rows that lie together: of texts some 40 MB.
    batch_rows: int = 8_192
    # Between two times that pages are given back: of a gigabyte that takes 10 ms, and a scan maps as much in half a second.
    seconds_held: float = 0.2


SETTINGS = BesideSettings()


class Beside:
    """Files of tables in a folder, by name, each mapped into memory while anybody holds its table."""

    def __init__(self, folder: Path, settings: BesideSettings = SETTINGS) -> None:
        self._folder, self._settings = folder, settings
        self._maps: dict[str, mmap.mmap] = {}
        self._watched = False

    def put(self, name: str, table: pa.Table) -> pa.Table:
        """Return the table, equal rows in equal order, mapped from a file that is written for it unless it is small.

        A table of that name before stays whole for whoever holds it.
        """
        if table.nbytes < self._settings.in_memory_bytes:
            return table
        path = self._folder / f"{name}.arrow"
        path.unlink(missing_ok=True)
        with pa.OSFile(str(path), "wb") as sink, ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=self._settings.batch_rows)
        return self.get(name)

    def get(self, name: str) -> pa.Table:
        """Return the table that was put there under a name and was not small. Raises FileNotFoundError where there is none."""
        with (self._folder / f"{name}.arrow").open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._maps[name] = mapped
        self._watch()
        return ipc.open_file(pa.BufferReader(pa.py_buffer(mapped))).read_all()

    def in_turn(self, tables: Mapping[str, pa.Table]) -> Mapping[str, pa.Table]:
        """Return tables, for who looks at one after another: to ask for one is to look away from the others."""
        return _InTurn(tables, self.look_away)

    def look_away(self) -> None:
        """Give back the memory of pages that were looked at; who looks again finds them in the files."""
        for mapped in list(self._maps.values()):
            if hasattr(mmap, "MADV_DONTNEED"):
                mapped.madvise(mmap.MADV_DONTNEED)

    def _watch(self) -> None:
        if not self._watched:
            self._watched = True
            of = weakref.ref(self)
            threading.Thread(target=_keep_looking_away, args=(of, self._settings.seconds_held), daemon=True).start()

    def rest(self) -> None:
        """Give back all memory that nobody uses at the moment."""
        self.look_away()
        pa.default_memory_pool().release_unused()
        trim()


class _InTurn(Mapping[str, pa.Table]):
    def __init__(self, tables: Mapping[str, pa.Table], look_away: Callable[[], None]) -> None:
        self._tables, self._look_away = tables, look_away

    def __getitem__(self, name: str) -> pa.Table:
        self._look_away()
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def _keep_looking_away(of: "weakref.ref[Beside]", seconds: float) -> None:
    while (files := of()) is not None:
        files.look_away()
        del files
        time.sleep(seconds)


def trim() -> None:
    """Give back what was freed: a C library keeps it, thinking that it is wanted again."""
    if sys.platform == "linux" and (release := _malloc_trim()) is not None:
        release(0)


@cache
def _malloc_trim() -> "ctypes._NamedFuncPointer | None":
    # Only the GNU library has it.
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
