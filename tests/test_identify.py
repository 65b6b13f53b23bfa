"""Fates of a record and the identity of an article: keys, versions, exact repeats, keys used again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.identify import Ledger, compared_texts, key_id, placed_before, record_sources, reused_keys
from transforms.ids import KnownIds, id_numbers
from transforms.records import CleanRecord
from transforms.revisions import COMPARED_AT_MOST, revisions
from transforms.sources import SourceRegistry
from transforms.text import content_hash, text_id
from warehouse.schema import TABLES

SEEN = datetime(2026, 3, 2, tzinfo=UTC)
BODY = "The harbour was closed on Monday after a crane fell across the northern quay and two ships were damaged."
OTHER = "Voters in the highlands go to the polls on Sunday in an election that six parties contest for ninety seats."


def record(**changes: Any) -> CleanRecord:
    plain = CleanRecord(
        record_key="7", url=None, url_norm=None, transport_host=None, source_name="Harbour Post", source_domain=None,
        source_method="metadata", source_confidence=0.9, title="Crane falls", title_method="given", byline=(), dateline_place=None,
        agency_credits=(), lang="en", lang_confidence=0.99, published_at=None, published_precision="unknown", published_method="none",
        published_raw=None, tz_method=None, updated_at=None, seen_at=None, content_type="news", body=BODY, n_words=19, removed=(),
        extra={}, raw_start=0, raw_end=1,
    )  # fmt: skip
    return replace(plain, **changes)


def fates(*records: CleanRecord, ledger: Ledger | None = None) -> list[str]:
    ledger = ledger or Ledger()
    return [ledger.accept(r, feed="wire", seen_at=SEEN, provenance={}).fate for r in records]


def test_the_same_key_title_and_body_is_an_exact_repeat() -> None:
    assert fates(record(), record(byline=("A. Reporter",))) == ["loaded", "exact_repeat"]


def test_an_exact_repeat_with_other_metadata_still_leaves_a_row() -> None:
    ledger = Ledger()
    provenance = {"raw_file_id": "f_1", "run_id": "r_1", "run_no": 1}
    rows = [
        ledger.accept(r, feed="wire", seen_at=SEEN, provenance=provenance).record
        for r in (record(), record(byline=("A. B.",)), record())
    ]
    assert [row is not None for row in rows] == [True, True, False]


def test_the_same_key_with_another_body_or_title_is_a_new_version() -> None:
    assert fates(record(), record(body=BODY + " Nobody was hurt."), record(title="Crane falls on quay")) == [
        "loaded",
        "new_version",
        "new_version",
    ]


def test_the_same_words_under_another_key_are_a_copy_not_a_repeat() -> None:
    assert fates(record(), record(record_key="8")) == ["loaded", "loaded"]


def test_a_url_is_the_key_where_there_is_one_and_crosses_feeds() -> None:
    with_url = record(url="https://h.example/1", url_norm="https://h.example/1")
    assert key_id(with_url, "wire") == key_id(replace(with_url, record_key="9"), "pages")


def test_record_keys_are_scoped_by_feed() -> None:
    assert key_id(record(), "wire") != key_id(record(), "pages")


def test_a_ledger_knows_what_earlier_nights_accepted() -> None:
    known = pa.table(
        {
            "record_id": ["rec_00000000000000ab"],
            "key_id": [key_id(record(), "wire")],
            "title_text_id": [text_id("Crane falls")],
            "text_id": [text_id(BODY)],
            "seen_at": pa.array([SEEN], pa.timestamp("us", tz="UTC")),
        }
    )
    assert fates(record(), ledger=Ledger(known)) == ["exact_repeat"]


def test_a_repeat_is_later_that_states_a_later_fetch_time() -> None:
    hours = (0, 2, 1, None, 3)
    came = [record(seen_at=None if hour is None else SEEN + timedelta(hours=hour)) for hour in hours]

    def is_later(ledger: Ledger, records: list[CleanRecord]) -> list[bool]:
        return [ledger.accept(r, feed="wire", seen_at=SEEN + timedelta(9), provenance={}).is_later for r in records]

    ledger = Ledger()
    assert is_later(ledger, came) == [False, True, False, False, True]
    first = Ledger().accept(came[0], feed="wire", seen_at=SEEN, provenance={}).record
    schema = pa.schema([field for field in TABLES["records"].schema if first and field.name in first])
    assert is_later(Ledger(pa.Table.from_pylist([first], schema=schema)), came) == [False, True, False, False, True]


@given(st.lists(st.one_of(st.none(), st.integers(0, 2**64 - 1)), max_size=40))
def test_an_id_is_a_number(numbers: list[int | None]) -> None:
    ids = [None if number is None else f"rec_{number:016x}" for number in numbers]
    column = pa.chunked_array([pa.array(ids[:7], pa.string()), pa.array(ids, pa.string()).slice(7)])
    assert id_numbers(column).tolist() == [number or 0 for number in numbers]
    known = KnownIds(column.drop_null())
    assert all(id_ in known for id_ in ids if id_)
    assert content_hash("rec_", "another") not in known
    known.add(content_hash("rec_", "another"))
    assert content_hash("rec_", "another") in known


def rows(*versions: tuple[str, str | None, int]) -> tuple[pa.Table, dict[str, str]]:
    """Records of one key: (body, title, day seen)."""
    table = pa.Table.from_pylist(
        [
            {
                "record_id": f"rec_{n}", "key_id": "a_1", "text_id": text_id(body), "title_text_id": title and text_id(title),
                "updated_at": None, "published_at": None, "seen_at": datetime(2026, 3, day, tzinfo=UTC),
            }
            for n, (body, title, day) in enumerate(versions)
        ]
    )  # fmt: skip
    return table, {text_id(body): body for body, _, _ in versions}


def test_a_key_used_again_for_another_article_is_another_article() -> None:
    moved = reused_keys(*rows((BODY, "Crane falls", 1), (OTHER, "Polls open", 2)))
    assert moved["record_id"].to_pylist() == ["rec_1"]
    assert moved["article_id"][0].as_py() != "a_1"


def test_a_rewritten_version_under_the_same_title_is_the_same_article() -> None:
    assert reused_keys(*rows((BODY, "Crane falls", 1), (OTHER, "Crane falls", 2))).num_rows == 0


def test_a_version_that_keeps_a_third_of_the_words_is_the_same_article() -> None:
    assert reused_keys(*rows((BODY, "Crane falls", 1), (BODY + " " + OTHER, "Quay closed", 2))).num_rows == 0


def articles_of(table: pa.Table, bodies: dict[str, str], lost: set[str], placed: dict[str, str]) -> list[str]:
    """Return the article of each record of the key, some of whose bodies have lost their words."""
    moved = reused_keys(table, {id_: "" if body in lost else body for id_, body in bodies.items()}, placed)
    articles = dict(zip(moved["record_id"].to_pylist(), moved["article_id"].to_pylist(), strict=True))
    return [articles.get(record, "a_1") for record in table["record_id"].to_pylist()]


def test_a_text_that_lost_its_words_stays_where_it_was() -> None:
    table, bodies = rows((BODY, "Crane falls", 1), (OTHER, "Polls open", 2), (BODY + " More.", "Quay closed", 3))
    before = articles_of(table, bodies, set(), {})
    versions = table.select(["text_id", "title_text_id"]).append_column("article_id", pa.array(before))
    placed = placed_before(table, versions)
    assert list(placed.values()) == before and len(set(before)) == 2
    for lost in ({BODY}, {OTHER}, {BODY, OTHER}, {BODY, BODY + " More."}, set(bodies.values())):
        assert articles_of(table, bodies, lost, placed) == before


def test_a_new_text_beside_texts_without_words_is_of_the_article_of_the_key() -> None:
    table, bodies = rows((BODY, "Crane falls", 1), (OTHER, "Polls open", 2), (BODY + " More.", "Quay closed", 3))
    other = content_hash("a_", "a_1", text_id(OTHER))
    placed = {"rec_0": "a_1", "rec_1": other}
    assert articles_of(table, bodies, {BODY, OTHER}, placed) == ["a_1", other, "a_1"]
    # Once it is placed it stays, and its title ties as ever.
    assert articles_of(table, bodies, {BODY, OTHER}, placed | {"rec_2": "a_1"}) == ["a_1", other, "a_1"]
    table, bodies = rows((BODY, "Crane falls", 1), (OTHER, "Polls open", 2), (BODY + " More.", "Polls open", 3))
    assert articles_of(table, bodies, {BODY, OTHER}, placed) == ["a_1", other, other]


def test_a_late_text_takes_no_id_from_an_article_without_words() -> None:
    table, bodies = rows((OTHER + " Late.", "Late", 1), (BODY, "Crane falls", 2), (OTHER, "Polls open", 3))
    other = content_hash("a_", "a_1", text_id(OTHER))
    late, crane, polls = articles_of(table, bodies, {BODY}, {"rec_1": "a_1", "rec_2": other})
    assert crane == "a_1" != late == polls


@given(st.permutations(range(4)))
def test_the_order_of_records_decides_nothing(order: list[int]) -> None:
    versions = [
        (BODY, "Crane falls", 1),
        (OTHER, "Polls open", 2),
        (BODY + " More.", "Quay closed", 3),
        (OTHER + " More.", "Turnout", 4),
    ]
    table, bodies = rows(*versions)
    straight = reused_keys(table, bodies)
    shuffled = reused_keys(table.take(order), bodies)
    assert straight.sort_by("record_id").equals(shuffled.sort_by("record_id"))


@given(
    st.lists(
        st.tuples(st.sampled_from([BODY, OTHER]), st.sampled_from([None, "Crane falls", "Polls open"])),
        min_size=1,
        max_size=4,
    )
)
def test_a_key_under_one_title_needs_no_bodies_to_be_one_article(versions: list[tuple[str, str | None]]) -> None:
    table, bodies = rows(*((body, title, day) for day, (body, title) in enumerate(versions, 1)))
    assert reused_keys(compared_texts(table), bodies).equals(reused_keys(table, bodies))


def test_a_key_under_one_title_is_not_compared() -> None:
    table, _ = rows((BODY, "Crane falls", 1), (OTHER, "Crane falls", 2))
    assert compared_texts(table).num_rows == 0
    table, _ = rows((BODY, None, 1), (OTHER, None, 2))
    assert compared_texts(table).num_rows == 2


def named(*pairs: tuple[str | None, str | None]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"source_name": name, "source_domain": domain} for name, domain in pairs],
        schema=pa.schema([("source_name", pa.string()), ("source_domain", pa.string())]),
    )


def ids(*pairs: tuple[str | None, str | None]) -> list[str | None]:
    known = "source_id,name,aliases,domains,family_id,kind,country\nsrc_dawn,Dawn,The Dawn News,dawn.com,,outlet,PK\n"
    found: list[str | None] = record_sources(named(*pairs), SourceRegistry.parse(known))["source_id"].to_pylist()
    return found


def test_the_registry_decides_by_domain_then_by_name() -> None:
    assert ids(("Somebody", "www.dawn.com"), ("The Dawn News", None)) == ["src_dawn", "src_dawn"]


def test_an_outlet_keeps_its_id_when_its_name_becomes_known() -> None:
    before = ids((None, "post.example"))
    after = ids((None, "post.example"), ("The Harbour Post", "post.example"), ("Harbour Post", None))
    assert set(after) == set(before)


def test_a_name_that_two_domains_use_stays_a_name() -> None:
    first, second, bare = ids(("Daily News", "a.example"), ("Daily News", "b.example"), ("Daily News", None))
    assert len({first, second, bare}) == 3


def test_who_names_nothing_is_unknown() -> None:
    assert ids((None, None)) == [None]


def test_a_key_on_every_record_of_a_dump_costs_time_in_proportion() -> None:
    bodies = {f"t_{n}": f"Text number {n} of many, about {n * 7919} other things." for n in range(2_000)}
    rows = [
        {"record_id": f"rec_{n}", "key_id": "a_1", "text_id": text, "title_text_id": f"t_title_{n // 2}", "updated_at": None, "published_at": None, "seen_at": n}
        for n, text in enumerate(bodies)
    ]  # fmt: skip
    moved = reused_keys(pa.Table.from_pylist(rows), bodies)
    articles = dict(zip(moved["record_id"].to_pylist(), moved["article_id"].to_pylist(), strict=True))
    assert len(articles) == 1_998 and articles["rec_10"] == articles["rec_11"] != articles["rec_12"]


@pytest.mark.slow
def test_a_million_versions_of_one_key_are_not_compared_each_with_each() -> None:
    n = 1_000_000
    names = ("record_id", "key_id", "text_id", "title_text_id", "updated_at", "published_at", "seen_at")
    ids = {"record_id": "rec_", "text_id": "t_"}
    columns = {name: [f"{prefix}{i:016x}" for i in range(n)] for name, prefix in ids.items()}
    columns |= {"key_id": ["a_1"] * n, "title_text_id": ["t_one", "t_two"] * (n // 2), "seen_at": [SEEN] * n}
    schema = pa.schema([(name, TABLES["records"].schema.field(name).type) for name in names])
    table = pa.table({name: columns.get(name, [None] * n) for name in names}, schema=schema)
    bodies = dict.fromkeys(columns["text_id"], BODY)
    # The headline alone tells them apart: two articles.
    assert set(reused_keys(table, bodies)["article_id"].to_pylist()) == {
        content_hash("a_", "a_1", columns["text_id"][1])
    }
    versions = table.select(["text_id", "title_text_id"]).append_column("article_id", pa.array(["a_1"] * n))
    versions = versions.append_column("version_no", pa.array(range(1, n + 1), pa.int32()))
    assert revisions(versions, bodies, {}).num_rows == COMPARED_AT_MOST - 1
