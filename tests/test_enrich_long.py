"""However a text is made, reading it for names costs as its length: each of these took minutes when a rule looked through all of it at every word."""

import string
from collections.abc import Callable, Iterator
from functools import cache

import pyarrow as pa
import pytest

from flows.resources import Resources, actor_registry, source_registry
from flows.settings import Settings
from transforms.enrich import Attributor, Enriched, NameTagger, enrich


@cache
def _names() -> tuple[str, ...]:
    letters = string.ascii_lowercase
    return tuple(f"{a}{b}{c}ev".title() for a in letters for b in "aeiou" for c in letters)


def _texts() -> Iterator[tuple[str, str]]:
    names = _names()
    yield "one word without end", "x" * 400_000
    yield "one line of underscores", "_" * 400_000
    yield "full stops", "." * 400_000
    yield "names without a comma", "Anna Holt " * 6_000
    yield "an outlet again and again", "(Reuters) - " * 6_000
    yield "organisations of one another", "University of " * 6_000
    yield "companies", ". ".join(f"{name} Inc. bought {name}ton Ltd" for name in names[:3_000])
    yield "organisations", ". ".join(f"{name} University said" for name in names[:3_000])
    yield (
        "parties and their letters",
        ". ".join(f"{name} People's Party ({name[:3].upper()})" for name in names[:3_000]),
    )


@pytest.fixture(scope="module")
def read() -> Callable[[pa.Table], Enriched]:
    resources = Resources.load(Settings())
    actors, sources = actor_registry(resources.actors_csv), source_registry(resources.sources_csv)
    tagger, attributor = NameTagger(resources.names), Attributor(resources.attribution)
    return lambda texts: enrich(texts, actors, sources, tagger, attributor)


@pytest.mark.parametrize("body", [pytest.param(text, id=what) for what, text in _texts()])
def test_a_long_odd_text_is_read_to_its_end(body: str, read: Callable[[pa.Table], Enriched]) -> None:
    found = read(pa.table({"text_id": ["t_1"], "kind": ["body"], "body": [body], "lang": ["en"]}))
    for row in found.mentions.to_pylist():
        assert body[row["start_char"] : row["end_char"]] == row["surface"]
