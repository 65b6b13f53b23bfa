"""What nights remember of texts and pairs they compared for stories: files beside the warehouse, a folder a night that found any.

All of it follows from the texts, weights and document frequencies (transforms/stories/memory.py): a cache that may be deleted. It lies
in cache/stories/<code and configuration>/<texts before it>/ as texts, pairs, told and parted; what other code or configuration left is deleted.
"""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from flows.night import Night
from transforms.stories.memory import PAIRS, TEXTS, TOLD, Memory, no_memory
from transforms.stories.regions import PARTED
from warehouse.storage import read_parquet, write_parquet

_SCHEMAS = {"texts": TEXTS, "pairs": PAIRS, "told": TOLD, "parted": PARTED}


class Likenesses:
    """The memory of a night's warehouse: recalled once, added to once."""

    def __init__(self, night: Night) -> None:
        made_by = f"{night.row['code_hash']} {night.row['config_hash']}"
        self._night = night
        self._folder = night.warehouse.root / "cache" / "stories" / hashlib.sha256(made_by.encode()).hexdigest()[:16]
        self.memory = self._recalled()

    def bodies(self, text_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the words of some texts; only months that hold any are read."""
        night = self._night
        night.keep("asked_texts", pa.table({"text_id": pa.array(text_ids, pa.string())}))
        found = night.bodies(
            "SELECT text_id, text_filed_date FROM (SELECT text_id, text_filed_date FROM records) SEMI JOIN asked_texts USING (text_id)"
        )
        return dict(zip(found["text_id"].to_pylist(), found["body"].to_pylist(), strict=True))

    def add(self, learnt: Memory) -> None:
        """Keep what tonight added; a kill leaves the whole of it or nothing."""
        if not (learnt.keys or learnt.told.num_rows or learnt.parted.num_rows):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        staging = self._folder / "staging"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        for name, table in learnt.tables().items():
            write_parquet(table, staging / f"{name}.parquet")
        disk = self._night.warehouse.disk
        disk.sync_folders(staging)
        number = len(list(self._folder.glob("[0-9]*")))
        disk.put_in_place(staging, self._folder / f"{number:06}-{len(self.memory.keys):010}")

    def _recalled(self) -> Memory:
        for other in self._folder.parent.glob("*"):
            if other != self._folder or self._night.restate:
                shutil.rmtree(other)
        parts: dict[str, list[pa.Table]] = {name: [schema.empty_table()] for name, schema in _SCHEMAS.items()}
        count = 0
        for folder in sorted(self._folder.glob("[0-9]*")):
            try:
                tables = {
                    name: read_parquet(folder / f"{name}.parquet").cast(schema) for name, schema in _SCHEMAS.items()
                }
            except (OSError, ValueError) as error:
                return self._forgotten(folder, str(error))
            if not folder.name.endswith(f"-{count:010}"):
                return self._forgotten(folder, "a part before it is missing")
            count += tables["texts"].num_rows
            for name, table in tables.items():
                parts[name].append(table)
        return Memory.of_tables(**{name: pa.concat_tables(tables) for name, tables in parts.items()})

    def _forgotten(self, folder: Path, why: str) -> Memory:
        self._night.progress.say(f"  {folder} is damaged ({why}); all texts are compared for stories again")
        shutil.rmtree(self._folder)
        return no_memory()
