"""What the tests of enrichment share: the shipped registries, a tagger that answers from a list, and short ways to read the tables."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from transforms.enrich import ActorRegistry, Enriched, Tagger, enrich
from transforms.enrich.mentions import laid_on
from transforms.enrich.spans import Tag
from transforms.enrich.tokens import Tokens
from transforms.sources import SourceRegistry
from transforms.text import canonical_text, text_id

REGISTRY = Path(__file__).resolve().parents[1] / "transforms" / "registry"


@cache
def shipped_actors() -> ActorRegistry:
    return ActorRegistry.parse((REGISTRY / "actors.csv").read_text("utf-8"))


@cache
def shipped_sources() -> SourceRegistry:
    return SourceRegistry.parse((REGISTRY / "sources.csv").read_text("utf-8"))


class ListTagger:
    """A tagger that knows some names and labels each of their places."""

    name = "list"

    def __init__(self, **labels: Sequence[str]) -> None:
        self._labels = labels

    def tag(self, texts: Sequence[Tokens], known: Sequence[Sequence[bool]]) -> list[list[Tag]]:
        return [laid_on(tokens, [(0, len(tokens.text))], [self._found(tokens.text)]) for tokens in texts]

    def _found(self, text: str) -> list[tuple[int, int, str]]:
        return [place for label, names in self._labels.items() for place in _places(text, names, label)]


def _places(text: str, names: Sequence[str], label: str) -> list[tuple[int, int, str]]:
    return [(at, at + len(name), label) for name in names for at in range(len(text)) if text.startswith(name, at)]


def table(*bodies: str, kind: str = "body", lang: str | None = "en") -> pa.Table:
    rows = [
        {"text_id": text_id(canonical_text(b)), "kind": kind, "body": canonical_text(b), "lang": lang} for b in bodies
    ]
    return pa.Table.from_pylist(
        rows, schema=pa.schema({"text_id": pa.string(), "kind": pa.string(), "body": pa.string(), "lang": pa.string()})
    )


def enriched(body: str, tagger: Tagger | None = None, kind: str = "body", **labels: Sequence[str]) -> Enriched:
    return enrich(table(body, kind=kind), shipped_actors(), shipped_sources(), tagger or ListTagger(**labels))


def meant(body: str, kind: str = "body", **labels: Sequence[str]) -> list[tuple[str, str | None]]:
    """Return the (surface, actor id) pairs of a text in its order."""
    rows = enriched(body, kind=kind, **labels).mentions.to_pylist()
    return [(row["surface"], row["actor_id"]) for row in rows]


def cited(body: str, **labels: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return the (outlet, cue, level) of each credit of a text in its order."""
    rows: list[dict[str, Any]] = enriched(body, **labels).citations.to_pylist()
    return [(row["cited_name"], row["cue"], row["level"]) for row in rows]
