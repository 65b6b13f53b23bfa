"""Tables that are too large to keep in memory all night: written into the night's folder and mapped from there.

A mapped table is read as any other, at the cost of a page that is not there yet; pages nobody looks at are given back.
"""

import ctypes
import mmap
import sys
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


SETTINGS = BesideSettings()


class Beside:
    """Files of tables in a folder, by name, each mapped into memory while anybody holds its table."""

    def __init__(self, folder: Path, settings: BesideSettings = SETTINGS) -> None:
        self._folder, self._settings = folder, settings
        self._maps: dict[str, mmap.mmap] = {}

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
        return ipc.open_file(pa.BufferReader(pa.py_buffer(mapped))).read_all()

    def look_away(self) -> None:
        """Give back the memory of pages that were looked at; who looks again finds them in the files."""
        for mapped in self._maps.values():
            if hasattr(mmap, "MADV_DONTNEED"):
                mapped.madvise(mmap.MADV_DONTNEED)

    def rest(self) -> None:
        """Give back all memory that nobody uses at the moment."""
        self.look_away()
        pa.default_memory_pool().release_unused()
        _trim()


def _trim() -> None:
    """Give back what was freed: a C library keeps it, thinking that it is wanted again."""
    if sys.platform == "linux" and (trim := _malloc_trim()) is not None:
        trim(0)


@cache
def _malloc_trim() -> "ctypes._NamedFuncPointer | None":
    # Only the GNU library has it.
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
