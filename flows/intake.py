"""Reading and cleaning a night's dumps: every candidate record ends as loaded, exact repeat, new version, withdrawn or quarantined."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, cast

import pyarrow as pa

from flows import workers
from flows.dumps import DumpFile
from flows.night import Night
from flows.places import look
from transforms.forget import is_forgotten, tombstone
from transforms.identify import Ledger, feed_key_id, url_key_id
from transforms.ids import KnownIds
from transforms.read import (
    ROWS,
    WEIGHT,
    Batch,
    FieldNames,
    Format,
    Reading,
    ReadLimits,
    Records,
    Source,
    batches,
    can_grow,
    sniff,
)
from transforms.records import CleanRecord, RawRecord, Rejected, Tombstone
from transforms.tables.run import FILING, fetch, tabulate
from transforms.withdraw import Withdrawals
from warehouse.schema import TABLES, Table

# Rows that wait as Python objects before they become Arrow.
ROWS_WAITING = 5_000
# What must be read twice and comes only once is kept in memory up to here, and beyond on the disk, where there is room for more.
SPOOLED_IN_MEMORY = 64 << 20
SPOOLED_AT_MOST = 64 << 30
# A record cut by the end of the file may only be half written: a grown file is read on from its beginning.
_CUT_OFF = {"bad_json", "truncated_warc", "wrong_length"}


@dataclass
class _Account:
    """What is known of one file that was read: its candidates by fate, what was passed over, where reading stopped."""

    file: DumpFile
    format: str = "unreadable"
    n_read: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    reason: str | None = None
    stopped_at: int | None = None
    is_unfinished: bool = False

    def row(self, run_id: str) -> dict[str, Any]:
        """Return the file's row of the log. Raises RuntimeError where a candidate has no fate: nothing may be lost on the way."""
        if self.n_read != self.fates.total():
            said = f"{self.n_read} records were read and {self.fates.total()} have a fate"
            raise RuntimeError(f"{self.file.path}: {said}; this is a fault of newsfold, nothing was published")
        refused = self.fates["quarantined"]
        status = "read" if not refused else "quarantined" if refused == self.n_read else "partial"
        fates = {f"n_{fate}": self.fates[fate] for fate in FATES}
        return _raw_file(self.file, run_id) | fates | {
            "format": self.format,
            "n_records": self.n_read,
            "n_skipped": self.skipped.total(),
            "skipped": sorted(self.skipped.items()),
            "status": "waiting" if self.is_unfinished else status,
            "reason": "the file changed while it was read; it is read again" if self.is_unfinished else self.reason,
            "stopped_at": self.stopped_at,
        }  # fmt: skip


FATES = ("loaded", "exact_repeat", "new_version", "withdrawn", "quarantined")
FORGOTTEN = "It was forgotten on request."


def read_and_clean(night: Night, pool: Executor) -> None:
    """Read every dump file, clean every record and decide its fate; sets the facts `records` and `texts` and the run's sums."""
    ledger = Ledger(night.before("records", "record_id", "key_id", "title_text_id", "text_id", "seen_at"))
    withdrawals = Withdrawals(night.before("withdrawals", *_WITHDRAWAL))
    known_texts = KnownIds(night.before("texts", "text_id")["text_id"])
    records, texts = _Rows(_unfiled(TABLES["records"])), _Rows(_unfiled(TABLES["texts"]))
    accounts = {file: _Account(file) for file in night.files}
    registry, tombstones = night.sources(), night.tombstones()
    run_no = (night.parent.number if night.parent else 0) + 1
    chunks = _chunks(night, accounts)
    for chunk, outcomes in workers.in_order(pool, workers.clean_chunk, chunks, 2 * night.settings.workers):
        for file, outcome in zip(chunk.files, outcomes, strict=True):
            account, fate = accounts[file], "quarantined"
            provenance = {"raw_file_id": file.raw_file_id, "run_id": night.run_id, "run_no": run_no}
            if isinstance(outcome, CleanRecord) and is_forgotten(outcome, file.feed, registry, tombstones):
                outcome = Rejected(outcome.raw_start, outcome.raw_end, "clean", "forgotten", FORGOTTEN)
            elif isinstance(outcome, Tombstone) and _withdraws(outcome, file.feed, tombstones):
                fate = withdrawals.take_back(outcome, file.feed, night.seen_at, provenance)
            elif isinstance(outcome, Tombstone) and outcome.reason_code == "tombstone":
                outcome = Rejected(outcome.start, outcome.end, "clean", "forgotten", FORGOTTEN)
            if fate == "quarantined" and isinstance(outcome, Rejected):
                night.log["quarantine"].append(_quarantined(outcome, file, night.run_id))
                account.reason = account.reason or outcome.detail
            elif isinstance(outcome, CleanRecord):
                accepted = ledger.accept(outcome, feed=file.feed, seen_at=night.seen_at, provenance=provenance)
                fate = accepted.fate
                records.extend([accepted.record] if accepted.record else [])
                if accepted.record is None and file.change != "again":
                    keys = accepted.key_id, feed_key_id(file.feed, outcome.record_key)
                    at = outcome.seen_at or night.seen_at
                    withdrawals.show_again(accepted.record_id, *keys, at, accepted.is_later)
                if tombstones and accepted.record:
                    night.fates[accepted.record["record_id"]] = fate
                fresh = {text["text_id"]: text for text in accepted.texts[::-1] if text["text_id"] not in known_texts}
                texts.extend(list(fresh.values()))
                for text_id in fresh:
                    known_texts.add(text_id)
            account.fates[fate] += 1
        night.progress.note(f"{sum(account.n_read for account in accounts.values()):,} records")
    _file(night, records.table(), texts.table())
    night.add("withdrawals", withdrawals.rows(TABLES["withdrawals"].schema, {"run_id": night.run_id, "run_no": run_no}))
    _close_accounts(night, accounts.values())


_WITHDRAWAL = ("withdrawal_id", "kind", "url_key_id", "feed_key_id", "seen_at")


def _withdraws(stone: Tombstone, feed: str, tombstones: frozenset[str]) -> bool:
    """Return whether a tombstone names an article, and none that is forgotten."""
    keys = filter(None, (url_key_id(stone.url_norm), feed_key_id(feed, stone.record_key)))
    return stone.reason_code == "tombstone" and not any(tombstone("article", key) in tombstones for key in keys)


def refuse_forgotten(night: Night) -> bool:
    """Quarantine tonight's records that turned out to speak of a forgotten article; return whether there were any.

    Needs `placed`: record_id, article_id of the records under touched keys.
    """
    refused = night.query(_FORGOTTEN).to_pylist()
    files = {file.raw_file_id: file for file in night.files}
    for record in refused:
        fate = f"n_{night.fates[record['record_id']]}"
        outcome = Rejected(
            record["raw_start"], record["raw_end"], "clean", "forgotten", FORGOTTEN, member=record["raw_member"]
        )
        night.log["quarantine"].append(_quarantined(outcome, files[record["raw_file_id"]], night.run_id))
        read = (row for row in night.log["raw_files"] if row["raw_file_id"] == record["raw_file_id"] and row[fate])
        for row in (next(read), night.row):
            row[fate] -= 1
            row["n_quarantined"] += 1
            if row is not night.row:
                row["reason"] = row["reason"] or FORGOTTEN
                if row["status"] != "waiting":
                    row["status"] = "quarantined" if row["n_quarantined"] == row["n_records"] else "partial"
    if refused:
        ids = pa.table({"record_id": [record["record_id"] for record in refused]})
        night.add("records", night.query("FROM new ANTI JOIN ids USING (record_id)", new=night.new["records"], ids=ids))
        night.add("texts", night.query(_STILL_NAMED, new=night.new["texts"]))
    return bool(refused)


_FORGOTTEN = """
SELECT record_id, raw_file_id, raw_start, raw_end, raw_member
FROM added_records JOIN placed USING (record_id)
WHERE sha256('article:' || article_id) IN (SELECT key FROM tombstones)
ORDER BY record_id
"""
_STILL_NAMED = """
FROM new SEMI JOIN (SELECT unnest([text_id, title_text_id]) AS text_id FROM added_records) USING (text_id) ORDER BY text_id
"""


def _close_accounts(night: Night, accounts: Any) -> None:
    """Put every file into the log and its fates into the run's sums."""
    skipped: Counter[str] = Counter()
    for account in accounts:
        row = account.row(night.run_id)
        night.log["raw_files"].append(row)
        night.row["n_in"] += row["n_records"]
        for name in (f"n_{fate}" for fate in FATES):
            night.row[name] += row[name]
        skipped += account.skipped
    for file in night.scan.aliases:
        # The same bytes in the same feed are the same records: what reading them would find is known.
        known = {"n_records": file.n_known, "n_exact_repeat": file.n_known, "format": file.format}
        night.log["raw_files"].append(_raw_file(file, night.run_id) | known | {"status": "alias"})
        night.row["n_in"] += file.n_known
        night.row["n_exact_repeat"] += file.n_known
    for file in night.scan.waiting:
        waiting = {
            "status": "waiting",
            "change": "waiting",
            "reason": "it is still being written; left for another night",
        }
        night.log["raw_files"].append(_raw_file(file, night.run_id) | waiting)
    if skipped:
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in skipped.most_common(8))
        night.notes.append(f"{skipped.total():,} parts of dumps are no candidates for articles: {kinds}")


def _file(night: Night, records: pa.Table, texts: pa.Table) -> None:
    """Give tonight's records and texts the days they are filed under, and hand them over as facts."""
    night.connection.register("read_records", records)
    tabulate(night.connection, FILING, night.resources.sql)
    night.add("records", fetch(night.connection, "filed_records"))
    night.add("texts", night.query("FROM read_texts JOIN filed USING (text_id) ORDER BY text_id", read_texts=texts))
    night.connection.unregister("read_records")


def _unfiled(declared: Table) -> pa.Schema:
    """Return the columns of a fact table without the days it is filed under."""
    return pa.schema([field for field in declared.schema if not field.name.endswith("filed_date")])


def _chunks(night: Night, accounts: dict[DumpFile, _Account]) -> Iterator[workers.Chunk]:
    """Yield the night's records in the order of its files, as many at a time as a batch may hold; small files share a chunk."""
    how = _how(night)
    chunk, weight = workers.Chunk(night.not_after), 0
    for file in night.progress.track(night.files, len(night.files)):
        account = accounts[file]
        for batch in _read(account, how):
            account.n_read += len(batch)
            if chunk.files and (len(chunk.files) + len(batch) > ROWS or weight + batch.weight > WEIGHT):
                yield chunk
                chunk, weight = workers.Chunk(night.not_after), 0
            chunk.add(file, batch)
            weight += batch.weight
    if chunk.files:
        yield chunk


def _how(night: Night) -> Reading:
    folder = str(night.work)

    def spool() -> BinaryIO:
        return cast(BinaryIO, tempfile.SpooledTemporaryFile(SPOOLED_IN_MEMORY, dir=folder))

    limits = replace(ReadLimits(), max_unseekable=SPOOLED_AT_MOST)
    return Reading(limits, FieldNames(night.settings.fields), spool)


def _read(account: _Account, how: Reading) -> Iterator[Batch]:
    """Yield what a file holds, and note its format, what was passed over, and where reading stopped."""
    file, last = account.file, None
    if file.problem:
        yield _unreadable(file.problem)
        return
    try:
        with file.open() as stream:
            source = Source(stream)
            kind = sniff(source.head, how.fields)
            account.format = str(kind)
            for batch in batches(source, file.name, how, file.read_from):
                if isinstance(batch, Records):
                    account.skipped += batch.skipped
                    last = batch.items[-1] if batch.items else last
                yield from batch.parts(ROWS)
            is_open = can_grow(source, how)
    except OSError as error:
        account.is_unfinished = True
        yield _unreadable(error.strerror or str(error) or type(error).__name__)
        return
    if is_open and kind in (Format.JSONL, Format.WARC):
        account.stopped_at = file.read_from if last is None else _stopped_at(last, file.bytes)
    elif is_open and isinstance(last, RawRecord):
        # Of compressed ones it is not known whether what was refused last lacked its end.
        account.stopped_at = last.end
    account.is_unfinished = look(file.path) != file.look


def _stopped_at(last: RawRecord | Rejected, size: int) -> int:
    cut_off = isinstance(last, Rejected) and last.reason_code in _CUT_OFF and last.end >= size
    return last.start if cut_off else last.end


def _unreadable(problem: str) -> Records:
    return Records([Rejected(0, 0, "read", "unreadable", f"The file can't be read: {problem}.")])


def _quarantined(refused: Rejected, file: DumpFile, run_id: str) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "raw_file_id": file.raw_file_id,
        "path": file.path,
        "raw_start": refused.start,
        "raw_end": refused.end,
        "raw_member": refused.member,
        "stage": refused.stage,
        "reason_code": refused.reason_code,
        "detail": refused.detail,
        "preview": refused.preview[:200],
    }


def _raw_file(file: DumpFile, run_id: str) -> dict[str, Any]:
    """Return the log's row of a file of which nothing was read."""
    return {
        "run_id": run_id,
        "raw_file_id": file.raw_file_id,
        "path": file.path,
        "bytes": file.bytes,
        "modified_at": file.modified_at,
        "content_hash": file.content_hash,
        "format": file.format,
        "reason": None,
        "feed": file.feed,
        "etag": file.etag,
        "change": file.change,
        "read_from": file.read_from,
        "stopped_at": None,
        "skipped": [],
    } | dict.fromkeys(("n_records", "n_skipped", *(f"n_{fate}" for fate in FATES)), 0)


class _Rows:
    """Rows of one table, turned into Arrow a few thousand at a time so that memory holds them once."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._waiting: list[dict[str, Any]] = []
        self._parts: list[pa.Table] = []

    def extend(self, rows: list[dict[str, Any]]) -> None:
        self._waiting.extend(rows)
        if len(self._waiting) >= ROWS_WAITING:
            self._pack()

    def table(self) -> pa.Table:
        self._pack()
        return pa.concat_tables([self._schema.empty_table(), *self._parts])

    def _pack(self) -> None:
        self._parts.append(pa.Table.from_pylist(self._waiting, schema=self._schema))
        self._waiting = []
