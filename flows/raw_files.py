"""Which files were read before, by the log of the nights: a night that was killed, blocked or rolled back has read nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.places import Look
from warehouse import history
from warehouse.publish import Warehouse

_COLUMNS = (
    "path", "raw_file_id", "feed", "bytes", "modified_at", "etag", "content_hash", "format", "status", "change", "stopped_at", "run_id",
    "n_records", "n_quarantined", "read_from",
)  # fmt: skip
# Formats whose one record is named after the file: the same bytes under another name are another record.
NAMED_AFTER_FILE = frozenset(
    {"text", "html", "mail", "gzip", "zstd", "bzip2", "xz", "empty", "binary", "xml", "unreadable"}
)


@dataclass(frozen=True)
class Seen:
    """A file as an earlier night read it."""

    raw_file_id: str
    feed: str | None
    look: Look
    content_hash: str
    format: str
    stopped_at: int | None
    # Records of it that the warehouse holds; None where the log does not say it of the file as a whole.
    n_held: int | None
    # Whether reading it again with today's code and configuration could say something else of what was refused.
    is_settled: bool

    def looks_like(self, found: Look) -> bool:
        """Return whether a file looks as it did then, so that it need not be read: size, time and etag."""
        return (found.bytes, found.modified_at) == (self.look.bytes, self.look.modified_at) and (
            found.etag == self.look.etag or None in (found.etag, self.look.etag)
        )


class RawFiles:
    """The files of the nights that led to what readers see."""

    def __init__(self, rows: pa.Table, order: Mapping[str, int], settled: Iterable[str]) -> None:
        """Start from rows of `raw_files`, the place of each run that counts, and the runs made with today's code and configuration."""
        counts = pc.is_in(rows["run_id"], value_set=pa.array(list(order), pa.string()))
        unread = pc.or_(pc.equal(rows["status"], "waiting"), pc.equal(rows["format"], "unreadable"))
        self._rows = rows.filter(pc.and_(counts, pc.invert(unread))).select(_COLUMNS)
        self._order = order
        self._settled = set(settled)

    @classmethod
    def of(cls, warehouse: Warehouse, code_hash: str, config_hash: str) -> "RawFiles":
        """Read the log."""
        runs = warehouse.read_log("runs").sort_by("started_at").to_pylist()
        line = _line_of_descent(warehouse, runs)
        order = {
            run["run_id"]: place
            for place, run in enumerate(runs)
            if run["status"] in ("published", "no_change") and run["snapshot"] in line
        }
        settled = (r["run_id"] for r in runs if (r["code_hash"], r["config_hash"]) == (code_hash, config_hash))
        return cls(warehouse.read_log("raw_files"), order, settled)

    def by_path(self, paths: Sequence[str]) -> dict[str, Seen]:
        """Return the latest reading of each of these paths that was read before."""
        return {row["path"]: self._seen(row) for row in self._latest("path", paths)}

    def by_content(self, hashes: Sequence[str]) -> dict[str, list[Seen]]:
        """Return the readings of bytes with these hashes."""
        found: dict[str, list[Seen]] = {}
        for row in self._latest("content_hash", hashes):
            found.setdefault(row["content_hash"], []).append(self._seen(row))
        return found

    def _latest(self, column: str, values: Sequence[str]) -> list[dict[str, Any]]:
        rows = self._rows.filter(pc.is_in(self._rows[column], value_set=pa.array(values, pa.string()))).to_pylist()
        return sorted(rows, key=lambda row: self._order[row["run_id"]])

    def _seen(self, row: Mapping[str, Any]) -> Seen:
        look = Look(row["path"], row["bytes"], row["modified_at"], row["etag"])
        settled = row["status"] in ("read", "alias") or row["run_id"] in self._settled
        whole = row["n_quarantined"] is not None and not row["read_from"]
        return Seen(
            raw_file_id=row["raw_file_id"],
            feed=row["feed"],
            look=look,
            content_hash=row["content_hash"],
            format=row["format"],
            stopped_at=row["stopped_at"],
            n_held=row["n_records"] - row["n_quarantined"] if whole else None,
            is_settled=settled,
        )


def _line_of_descent(warehouse: Warehouse, runs: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the numbers of the snapshot readers see, of those it came from, and of those that any of them replaced."""
    current = warehouse.current()
    if current is None:
        return set()
    before: defaultdict[int, set[int | None]] = defaultdict(set)
    before[current.number].update(history.ancestors(warehouse, current))
    for run in runs:
        if run["status"] == "published":
            before[run["snapshot"]].add(run["parent_snapshot"])
    for each in warehouse.snapshots():
        before[each.number].update(history.replaced(each))
    # Of a rewritten snapshot that was vacuumed, only the log says what it replaced.
    for deed in warehouse.read_log("upkeep").to_pylist():
        if deed["action"] != "rolled_back":
            before[deed["snapshot"]].add(deed["snapshot_before"])
    line: set[int] = set()
    found: set[int | None] = {current.number}
    while new := {number for number in found if number is not None} - line:
        line |= new
        found = set[int | None]().union(*(before[number] for number in new))
    return line
