"""Taking back and showing again: what dumps say of the standing of articles, beside the records that bring their words.

A tombstone speaks of its address, else of its record key in its feed, and is told apart by its place in its dump, so that reading
it twice says it once. A record that is known already brings no row of its own; that it came again is kept here where its key was
taken back before, or where it states a later fetch time than before: a tombstone of a time between may still be on its way. So what
becomes of records and tombstones that state their times does not hang on the nights they are read in; of those that don't, the night
is the time. Which word is the last one is decided over all of them (transforms/tables/withdrawn_articles.sql).
"""

from array import array
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.identify import feed_key_id, url_key_id
from transforms.ids import id_number, id_numbers
from transforms.records import Tombstone
from transforms.text import content_hash

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Withdrawals:
    """The withdrawals known so far, those of tonight, and the known records that came again tonight."""

    def __init__(self, known: pa.Table) -> None:
        """Start from rows of `withdrawals` (withdrawal_id, kind, url_key_id, feed_key_id, seen_at)."""
        self._known: set[str] = set(known["withdrawal_id"].to_pylist())
        taken = known.filter(pc.equal(known["kind"], "withdrawn"))
        self._before = taken.select(["url_key_id", "feed_key_id", "seen_at"])
        self._rows: list[dict[str, Any]] = []
        # Four numbers a record: a night that repeats millions must not hold their ids as strings.
        self._again = array("Q")
        self._is_later = array("b")
        self._again_at = array("q")

    def take_back(self, stone: Tombstone, feed: str, seen_at: datetime, provenance: Mapping[str, Any]) -> str:
        """Take a tombstone; returns its fate, `withdrawn`, or `exact_repeat` where this very one is known.

        `provenance` is raw_file_id, run_id and run_no.
        """
        at = (str(stone.start), str(stone.end), stone.member)
        id_ = content_hash("w_", provenance["raw_file_id"], *at)
        if id_ in self._known:
            return "exact_repeat"
        self._known.add(id_)
        self._rows.append(
            _row(id_, "withdrawn", stone.seen_at or seen_at, provenance)
            | {
                "url_key_id": url_key_id(stone.url_norm),
                "feed_key_id": feed_key_id(feed, stone.record_key),
                "said": stone.said,
                "updated_at": stone.updated_at,
                "raw_start": stone.start,
                "raw_end": stone.end,
                "raw_member": stone.member,
            }
        )
        return "withdrawn"

    def show_again(
        self, record_id: str, key_id: str, feed_key_id: str | None, seen_at: datetime, is_later: bool = False
    ) -> None:
        """Note that a known record came again; `is_later` where it says itself that it was fetched later than before."""
        self._again.extend((id_number(record_id), id_number(key_id), id_number(feed_key_id) if feed_key_id else 0))
        self._is_later.append(is_later)
        self._again_at.append((seen_at - _EPOCH) // _MICROSECOND)

    def rows(self, schema: pa.Schema, provenance: Mapping[str, Any]) -> pa.Table:
        """Return tonight's rows of `withdrawals`; `provenance` is run_id and run_no."""
        return pa.Table.from_pylist(self._rows + self._shown(provenance), schema=schema)

    def _shown(self, provenance: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return a row for each known record that came again later, or after its key was taken back, at the latest time it did."""
        taken = pa.concat_tables([self._before, pa.Table.from_pylist(self._rows, schema=self._before.schema)])
        earliest: dict[int, int] = {}
        times = pc.cast(taken["seen_at"], pa.int64()).to_pylist()
        for column in ("url_key_id", "feed_key_id"):
            for key, at in zip(id_numbers(taken[column]).tolist(), times, strict=True):
                earliest[key] = min(at, earliest.get(key, at))
        earliest.pop(0, None)
        again = np.frombuffer(self._again, dtype=np.uint64).reshape(-1, 3)
        keys = np.fromiter(earliest, dtype=np.uint64, count=len(earliest))
        latest: dict[int, int] = {}
        is_later = np.frombuffer(self._is_later, dtype=np.bool_)
        for row in np.flatnonzero(is_later | np.isin(again[:, 1:], keys).any(axis=1)).tolist():
            record, *named = again[row].tolist()
            at = self._again_at[row]
            if is_later[row] or any(at > earliest.get(key, at) for key in named):
                latest[record] = max(at, latest.get(record, at))
        shown = []
        for record, at in sorted(latest.items()):
            record_id, seen_at = f"rec_{record:016x}", _EPOCH + at * _MICROSECOND
            if (id_ := content_hash("w_", record_id, seen_at.isoformat())) not in self._known:
                shown.append(_row(id_, "shown_again", seen_at, provenance) | {"record_id": record_id})
        return shown


def _row(id_: str, kind: str, seen_at: datetime, provenance: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "withdrawal_id": id_,
        "kind": kind,
        "seen_at": seen_at,
        "filed_date": seen_at.astimezone(UTC).date(),
        **provenance,
    }
