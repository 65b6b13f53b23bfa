"""Reading and cleaning a night's dumps: every candidate record ends as loaded, exact repeat, new version or quarantined."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import pyarrow as pa

from flows import workers
from flows.dumps import DumpFile
from flows.night import Night
from transforms.identify import Ledger
from transforms.ids import KnownIds
from transforms.read import ReadLimits, read, sniff
from transforms.records import RawRecord, Rejected
from transforms.tables.run import FILING, fetch, tabulate
from warehouse.schema import TABLES, Table

# Records that travel to a worker at a time: a second or two of work, some megabytes of text.
CHUNK_RECORDS = 200
CHUNK_CHARACTERS = 4_000_000
# Rows that wait as Python objects before they become Arrow.
ROWS_WAITING = 5_000
# Enough for any signature and for the first lines of a text.
SNIFFED_BYTES = 65_536


def read_and_clean(night: Night, pool: Executor) -> None:
    """Read every dump file, clean every record and decide its fate; sets the facts `records` and `texts` and the run's sums."""
    ledger = Ledger(night.before("records", "record_id", "key_id", "title_text_id", "text_id"))
    known_texts = KnownIds(night.before("texts", "text_id")["text_id"])
    records, texts = _Rows(_unfiled(TABLES["records"])), _Rows(_unfiled(TABLES["texts"]))
    counts: dict[DumpFile, Counter[str]] = {file: Counter() for file in night.files}
    run_no = (night.parent.number if night.parent else 0) + 1
    for chunk, outcomes in workers.in_order(pool, workers.clean_chunk, _chunks(night), 2 * night.settings.workers):
        for file, outcome in zip(chunk.files, outcomes, strict=True):
            fate = "quarantined"
            if isinstance(outcome, Rejected):
                night.log["quarantine"].append(_quarantined(outcome, file, night.run_id))
            else:
                provenance = {"raw_file_id": file.raw_file_id, "run_id": night.run_id, "run_no": run_no}
                accepted = ledger.accept(outcome, feed=file.feed, seen_at=night.seen_at, provenance=provenance)
                fate = accepted.fate
                records.extend([accepted.record] if accepted.record else [])
                fresh = {text["text_id"]: text for text in accepted.texts[::-1] if text["text_id"] not in known_texts}
                texts.extend(list(fresh.values()))
                for text_id in fresh:
                    known_texts.add(text_id)
            counts[file].update(("n_in", f"n_{fate}"))
        night.progress.note(f"{sum(count['n_in'] for count in counts.values()):,} records")
    _file(night, records.table(), texts.table())
    for count in counts.values():
        for name, n in count.items():
            night.row[name] += n
    reasons: dict[str, list[str]] = {}
    for row in night.log["quarantine"]:
        reasons.setdefault(row["path"], []).append(row["detail"])
    night.log["raw_files"] = [
        _raw_file(file, counts[file], reasons.get(str(file.path), []), night.run_id) for file in night.files
    ]


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


def _chunks(night: Night) -> Iterator[workers.Chunk]:
    """Yield the night's records in the order of its files, some hundred at a time; small files share a chunk."""
    chunk, characters = workers.Chunk(night.not_after), 0
    for file in night.progress.track(night.files, len(night.files)):
        for record in _read(file):
            chunk.files.append(file)
            chunk.records.append(record)
            if isinstance(record, RawRecord):
                characters += len(record.html or "") + sum(map(len, record.fields.values()))
            if len(chunk.files) >= CHUNK_RECORDS or characters >= CHUNK_CHARACTERS:
                yield chunk
                chunk, characters = workers.Chunk(night.not_after), 0
    if chunk.files:
        yield chunk


def _read(file: DumpFile) -> Iterator[RawRecord | Rejected]:
    if file.problem:
        yield Rejected(0, 0, "read", "unreadable", f"The file can't be read: {file.problem}.")
        return
    with file.path.open("rb") as stream:
        yield from read(stream, file.path.name, ReadLimits())


def _quarantined(refused: Rejected, file: DumpFile, run_id: str) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "raw_file_id": file.raw_file_id,
        "path": str(file.path),
        "raw_start": refused.start,
        "raw_end": refused.end,
        "stage": refused.stage,
        "reason_code": refused.reason_code,
        "detail": refused.detail,
        "preview": refused.preview[:200],
    }


def _raw_file(file: DumpFile, count: Mapping[str, int], reasons: Sequence[str], run_id: str) -> dict[str, Any]:
    status = "read" if not reasons else "quarantined" if len(reasons) == count["n_in"] else "partial"
    return {
        "run_id": run_id,
        "raw_file_id": file.raw_file_id,
        "path": str(file.path),
        "bytes": file.bytes,
        "modified_at": file.modified_at,
        "content_hash": file.content_hash,
        "format": _format(file),
        "n_records": count["n_in"],
        "status": status,
        "reason": reasons[0] if reasons else None,
    }


def _format(file: DumpFile) -> str:
    if file.problem:
        return "unreadable"
    with file.path.open("rb") as stream:
        return str(sniff(stream.read(SNIFFED_BYTES)))


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
