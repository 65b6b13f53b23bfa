"""Which texts are copies, a night at a time: what is remembered of every text, where it lies, and what a night looks up in it.

What a text leaves behind (transforms/dedupe/signatures.py) is a function of its words alone, and a file of texts never changes: so
the signatures of each are kept beside the warehouse under that file's hash and the code's, appended by the night that finds them missing and
deleted with the last snapshot's need of them. They are a cache: lost, damaged or of other code they are made anew from the texts.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.night import Night
from transforms.dedupe.edges import Edges
from transforms.dedupe.growing import Known
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.near import GATHERING, NO_BODY, REPORT, NearCopies, copies_of, edges_of, everything, grown
from transforms.dedupe.overruled import RULE
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Signatures, checksum, in_threads, names, numbers, sign
from warehouse import history
from warehouse.snapshot import marks
from warehouse.storage import put_in_place

SETTINGS = NearSettings()
BATCH_ROWS = 1000
# By what records use as a body: the same words may have come as a headline first.
_BODIES = """
SELECT text_id, bool_or(content_type IN ('roundup', 'liveblog', 'listing', 'stub')) AS gathers
FROM (SELECT text_id, content_type FROM records) SEMI JOIN asked USING (text_id)
GROUP BY text_id ORDER BY text_id
"""


class Wordings:
    """The texts of a night, known ones and tonight's."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._threads = night.settings.workers
        files = [file for file in night.parent.files if file.table == "texts"] if night.parent else []
        self._paths = night.parent.paths("texts") if night.parent and files else []
        self._hashes = [file.sha256 for file in files]

    def copies(self) -> NearCopies:
        """Return the pairs of all texts, and the groups of those that are joined.

        Only tonight's are looked at where last night's pairs still hold: where everything is made anew they do not, nor where
        texts have lost their words since.
        """
        night = self._night
        lost_words = night.parent is not None and history.replaced(night.parent) and marks(night.parent)
        if night.restate or lost_words:
            edges = everything(self.known, self._uses, self._bodies, SETTINGS, self._threads)
        else:
            edges = self._grown()
        return copies_of(edges)

    def lost(self) -> pa.Table:
        """Return text_id of the texts that have lost their words."""
        found = [part.ids[part.wordless] for part in self._parts]
        return self._bodies_among(np.unique(np.concatenate([np.empty(0, np.uint64), *found]))).select(["text_id"])

    @cached_property
    def known(self) -> Known:
        """What all texts left behind, tonight's last."""
        return Known(self._parts, self._threads)

    @cached_property
    def _parts(self) -> list[Signatures]:
        folder = self._night.warehouse.root / "cache" / "signatures" / str(self._night.row["code_hash"])[:16]
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.parent.glob("*/*"):
            if stale.parent != folder or stale.stem not in self._hashes:
                stale.unlink()
        cached = [folder / f"{hash_}.signatures" for hash_ in self._hashes]
        kept = in_threads(lambda path: load(path) if path.exists() else None, cached, self._threads)
        parts = [
            self._signed(path, where) if found is None else found
            for path, where, found in zip(self._paths, cached, kept, strict=True)
        ]
        tonight = self._night.new["texts"].select(["text_id", "body"])
        return [*parts, sign(tonight.to_batches(BATCH_ROWS), SETTINGS, self._threads)]

    def _signed(self, texts: Path, cached: Path) -> Signatures:
        if cached.exists():
            self._night.progress.say(f"  {cached.name} is damaged; what it held is read from the texts again")
        made = sign(_read(texts, None), SETTINGS, self._threads)
        save(made, cached)
        return made

    def _grown(self) -> Edges:
        night = self._night
        before = night.before("text_pairs", "text_a", "text_b", "jaccard", "containment", "decision", "rule")
        decided = pc.equal(before["rule"], RULE)
        # What people decided hides what the words say.
        overruled = before.filter(decided)
        ids = [
            night.query("SELECT DISTINCT text_id FROM new_records")["text_id"],
            overruled["text_a"],
            overruled["text_b"],
        ]
        fresh = np.unique(
            np.concatenate([numbers(chunk) for column in ids for chunk in column.chunks] or [np.empty(0, np.uint64)])
        )
        previous = edges_of(before.filter(pc.invert(decided)))
        return grown(self.known, fresh, previous, self._uses, self._bodies, SETTINGS, self._threads)

    def _uses(self, ids: Hashes) -> "np.typing.NDArray[np.int8]":
        bodies = self._bodies_among(ids)
        used_as = np.where(bodies["gathers"].to_numpy(), GATHERING, REPORT)
        found = np.full(len(ids), NO_BODY, np.int8)
        # Both by id.
        found[np.isin(ids, numbers(bodies["text_id"].combine_chunks()), assume_unique=True)] = used_as
        return found

    def _bodies_among(self, ids: Hashes) -> pa.Table:
        return self._night.query(_BODIES, asked=pa.table({"text_id": names(ids)}))

    def _bodies(self, wanted: pa.Array) -> Iterator[pa.RecordBatch]:
        """Yield the texts by the row groups that hold any that are wanted."""
        rows = np.sort(self.known.rows_of(np.sort(numbers(wanted))))
        first = 0
        for path, part in zip(self._paths, self._parts, strict=False):
            inside = rows[(rows >= first) & (rows < first + len(part))] - first
            first += len(part)
            if len(inside):
                yield from _read(path, inside)
        tonight = self._night.new["texts"].select(["text_id", "body"])
        yield from tonight.filter(pc.is_in(tonight["text_id"], value_set=wanted)).to_batches(BATCH_ROWS)


def save(signatures: Signatures, path: Path) -> None:
    """Write signatures to a file that can be mapped; it is there whole or not at all.

    64-bit numbers: a checksum of the rest; how many texts; their ids, digests, starts; the keys.
    """
    n_texts = np.array([len(signatures)], np.uint64)
    parts = [n_texts, signatures.ids, signatures.digests.ravel(), signatures.starts.view(np.uint64), signatures.keys]
    rest = np.concatenate(parts)
    staging = path.with_suffix(".tmp")
    np.concatenate([np.array([checksum(rest)], np.uint64), rest]).tofile(staging)
    put_in_place(staging, path)


def load(path: Path) -> Signatures | None:
    """Map the signatures of a file; None where they are not what was written."""
    if path.stat().st_size % 8 or path.stat().st_size < 24:
        return None
    values = np.memmap(path, np.uint64, mode="r").view(np.ndarray)
    if int(values[0]) != checksum(values[1:]):
        return None
    ids, digests, starts, keys = np.split(values[2:], np.cumsum([1, 2, 1]) * int(values[1]) + [0, 0, 1])
    return Signatures(ids, digests.reshape(-1, 2), starts.view(np.int64), keys)


def _read(path: Path, rows: "np.typing.NDArray[np.int64] | None") -> Iterator[pa.RecordBatch]:
    """Yield text_id, body of a file of texts, or of its row groups that hold some rows; every page is checked."""
    file = pq.ParquetFile(path, pre_buffer=False, page_checksum_verification=True)
    ends = np.cumsum([file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)])
    groups = None if rows is None else np.unique(np.searchsorted(ends, rows, side="right")).tolist()
    yield from file.iter_batches(BATCH_ROWS, row_groups=groups, columns=["text_id", "body"])
