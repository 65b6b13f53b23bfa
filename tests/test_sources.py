"""The registry of outlets: what it accepts, and how a name or a host becomes an id."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.sources import SourceRegistry, host_key, name_key, registrable_domain

HEADER = "source_id,name,aliases,domains,family_id,kind,country\n"
REGISTRY = (Path(__file__).parents[1] / "transforms/registry/sources.csv").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def registry() -> SourceRegistry:
    return SourceRegistry.parse(REGISTRY)


def test_the_shipped_registry_is_free_of_contradictions(registry: SourceRegistry) -> None:
    assert len(registry.sources) >= 200
    assert {s.kind for s in registry.sources} >= {"outlet", "wire", "broadcaster", "aggregator", "official"}
    assert [s.source_id for s in registry.sources] == sorted(s.source_id for s in registry.sources)


@pytest.mark.parametrize(
    ("name", "source_id"),
    [
        ("Dawn", "src_dawn"),
        ("The Dawn News - Home", "src_dawn"),
        ("POLITICO", "src_politico"),
        ("The Politico", "src_politico"),
        ("politico", "src_politico"),
        ("CNN (Web News)", "src_cnn"),
        ("New York Times - Opinion", "src_nyt"),
        ("the express tribune", "src_express_tribune"),
        ("El Pais", "src_el_pais"),
        ("People’s Daily", "src_peoples_daily"),
        ("ANI", "src_ani"),
    ],
)
def test_a_name_finds_its_source(registry: SourceRegistry, name: str, source_id: str) -> None:
    assert registry.source_id_for_name(name) == source_id


@pytest.mark.parametrize(
    ("host", "source_id"),
    [
        ("www.dawn.com", "src_dawn"),
        ("edition.cnn.com", "src_cnn"),
        ("timesofindia.indiatimes.com:443", "src_times_of_india"),
        ("economictimes.indiatimes.com", "src_economic_times"),
        ("m.bbc.co.uk", "src_bbc"),
    ],
)
def test_a_host_finds_its_source(registry: SourceRegistry, host: str, source_id: str) -> None:
    assert registry.source_id_for_domain(host) == source_id


def test_an_unknown_outlet_gets_an_id_made_of_its_normal_name(registry: SourceRegistry) -> None:
    one, other = (
        registry.source_id_for_name("The Nordland Courier"),
        registry.source_id_for_name("NORDLAND COURIER, Inc."),
    )
    assert one == other
    assert one.startswith("src_") and len(one) == 20
    assert registry.source_id_for_name("Nordland Post") != one
    assert registry.source_id_for_domain("news.nordland-courier.co.uk") == registry.source_id_for_domain(
        "nordland-courier.co.uk"
    )


def test_sections_of_one_blog_host_are_different_publishers() -> None:
    assert registrable_domain("a.blogspot.com") != registrable_domain("b.blogspot.com")


def test_families_join_the_outlets_of_one_publisher(registry: SourceRegistry) -> None:
    assert registry.family_of("src_geo_news") == registry.family_of("src_the_news_intl")
    assert registry.family_of("src_0123456789abcdef") == "src_0123456789abcdef"


@pytest.mark.parametrize(
    "rows",
    [
        "src_a,A,X,,,outlet,US\nsrc_b,B,the x,,,outlet,US\n",
        "src_a,A,,a.com,,outlet,US\nsrc_b,B,,www.a.com,,outlet,US\n",
        "src_a,A,,,,outlet,US\nsrc_a,B,,,,outlet,US\n",
        "src_a,A,,,src_nobody,outlet,US\n",
        "src_a,A,,,,newspaper,US\n",
        "A,A,,,,outlet,US\n",
        "src_a,A,,,,outlet,USA\n",
    ],
    ids=["alias twice", "domain twice", "id twice", "family unknown", "kind unknown", "bad id", "bad country"],
)
def test_a_contradiction_is_refused(rows: str) -> None:
    with pytest.raises(ValueError, match="sources:"):
        SourceRegistry.parse(HEADER + rows)


def test_wrong_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="columns"):
        SourceRegistry.parse("id,name\n1,A\n")


@given(st.text(alphabet="abcdehntABCDEHNT -'.&é", max_size=30))
def test_case_and_spacing_never_tell_outlets_apart(name: str) -> None:
    assert name_key(name.upper()) == name_key(f"  {name} ") == name_key(name)


@given(st.text(alphabet="abcwm.-", max_size=30))
def test_a_host_key_is_its_own_key(host: str) -> None:
    assert host_key(host_key(host)) == host_key(host)
