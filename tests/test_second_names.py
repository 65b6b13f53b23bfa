"""Names and credits a second way: which names mean whom, how often they are used, and who is credited where, on the example's nights."""

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.resources import Resources
from flows.settings import Settings
from tests.nights import ask
from tests.second_way import UNKNOWN
from transforms.enrich import ActorRegistry
from transforms.enrich.outlets import outlet_actor
from transforms.sources import SourceRegistry

# Names that mean somebody in one text alone.
LOCAL = ("surname", "acronym", "title", "role")


@pytest.fixture(scope="module")
def tables(three_nights: Path) -> dict[str, pd.DataFrame]:
    names = (
        "records", "text_aliases", "text_citations", "source_citations", "source_spellings", "source_aliases", "sources",
        "actor_spellings", "actor_aliases", "actors",
    )  # fmt: skip
    return {name: pd.DataFrame(ask(three_nights, f"FROM {name}"), dtype=object) for name in names}


@pytest.fixture(scope="module")
def outlets() -> SourceRegistry:
    return SourceRegistry.parse(Resources.load(Settings()).sources_csv)


def counted(frame: pd.DataFrame, *columns: str) -> Counter[tuple[Any, ...]]:
    return Counter(zip(*(frame[column] for column in columns), strict=True))


def test_spellings_of_actors_are_the_names_texts_know_them_by(tables: dict[str, pd.DataFrame]) -> None:
    found = tables["actor_spellings"]
    rows = dict(zip(zip(found.actor_id, found.name, found.type, strict=True), found.n_uses, strict=True))
    known = tables["text_aliases"].drop_duplicates(["text_id", "actor_id", "name", "type"])
    assert rows == counted(known, "actor_id", "name", "type")


def test_aliases_of_actors_are_those_of_the_registry_and_full_names(
    tables: dict[str, pd.DataFrame], outlets: SourceRegistry
) -> None:
    there = {*tables["actors"].actor_id}
    known = [
        (a.actor_id, (a.name, *a.aliases)) for a in ActorRegistry.parse(*Resources.load(Settings()).actors_csv).actors
    ]
    known += [(outlet_actor(source.source_id), (source.name, *source.aliases)) for source in outlets.sources]
    registered = {(alias, actor) for actor, aliases in known for alias in aliases if actor in there}
    expected = dict.fromkeys(registered, ("registry", 1.0))
    learnt = tables["text_aliases"][~tables["text_aliases"].method.isin(LOCAL)]
    for (alias, actor), rows in learnt.groupby(["alias", "actor_id"]):
        if actor in there:
            expected.setdefault((alias, actor), ("learnt", max(rows.confidence)))
    found = tables["actor_aliases"]
    assert {(a.alias, a.actor_id): (a.method, a.confidence) for a in found.itertuples()} == expected


def test_spellings_of_sources_are_counted_where_they_stand(tables: dict[str, pd.DataFrame]) -> None:
    found = tables["source_spellings"]
    uses = {
        said: {
            (row.name_, row.domain, row.named_id): row.n_uses
            for row in rows.rename(columns={"name": "name_"}).itertuples()
        }
        for said, rows in found.groupby("said_by")
    }
    records, citations = tables["records"], tables["text_citations"]
    assert uses["record"] == {(*key, None): n for key, n in counted(records, "source_name", "source_domain").items()}
    cited = counted(citations, "cited_name", "cited_source_id")
    assert uses["citation"] == {(name, None, source): n for (name, source), n in cited.items()}
    credits = Counter(name for names in records.agency_credits for name in names)
    assert uses.get("credit", {}) == {(name, None, None): n for name, n in credits.items()}


def test_aliases_of_sources_are_those_of_the_registry_and_what_texts_and_records_call_them(
    tables: dict[str, pd.DataFrame], outlets: SourceRegistry
) -> None:
    there = {*tables["sources"].source_id} - {UNKNOWN}
    expected = {
        (alias, source.source_id): "registry"
        for source in outlets.sources
        for alias in (source.name, *source.aliases, *source.domains)
        if source.source_id in there
    }
    for row in tables["source_spellings"].rename(columns={"name": "name_"}).itertuples():
        for alias in (row.name_, row.domain):
            if row.said_by != "credit" and alias is not None and row.source_id in there:
                expected.setdefault((alias, row.source_id), "learnt")
    found = tables["source_aliases"]
    assert {(a.alias, a.source_id): a.method for a in found.itertuples()} == expected


def test_credits_are_those_of_the_words_and_of_lines_taken_out(tables: dict[str, pd.DataFrame]) -> None:
    spelt = tables["source_spellings"].rename(columns={"name": "name_"})
    means = {(row.said_by, row.name_, row.named_id): row.source_id for row in spelt.itertuples()}
    expected = {
        (c.text_id, means["citation", c.cited_name, c.cited_source_id], c.cue, c.level, c.start_char)
        for c in tables["text_citations"].itertuples()
    }
    in_words = {(text, source) for text, source, *_ in expected}
    for record in tables["records"].itertuples():
        for name in record.agency_credits:
            source = means["credit", name, None]
            if (record.text_id, source) not in in_words:
                expected.add((record.text_id, source, "with_inputs", "fact", None))
    found = tables["source_citations"]
    assert {
        (c.text_id, c.cited_source_id, c.cue, c.level, None if pd.isna(c.start_char) else c.start_char)
        for c in found.itertuples()
    } == expected
    assert len(found) == len(expected)
