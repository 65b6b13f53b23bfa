"""A tombstone withdraws the article it names, and a later record of it brings it back, in whatever order and portions they come."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import flows.night
from flows.diff import between
from flows.forget import forget
from flows.resources import Resources, sql_of
from flows.settings import Settings
from tests.nights import ask, run
from transforms.identify import Ledger, feed_key_id
from transforms.records import CleanRecord, Tombstone
from transforms.sources import SourceRegistry
from transforms.withdraw import Withdrawals
from warehouse.publish import Warehouse
from warehouse.schema import TABLES

QUICK = Settings(tagger="newsfold")
FISH = (
    "Fishermen closed the port of Vardal on Tuesday in protest at new quotas, which will cost four hundred jobs. " * 2
)
BANK = "The bank of Torkham said on Monday that it will open nine branches in the valley before the summer ends. " * 2
STANDING = "SELECT record_key FROM articles ORDER BY ALL"
VERSIONS = (
    "SELECT version_no, withdrawn_at IS NOT NULL AS is_withdrawn FROM article_versions ORDER BY article_id, version_no"
)

Record = Mapping[str, object]


def record(key: str, text: str = FISH, **fields: object) -> Record:
    return {"id": key, "title": text[:40], "text": text, "date": "2026-03-02T08:00:00Z"} | fields


def nights(root: Path, *batches: Sequence[Record], first: int = 2) -> list[dict[str, Any]]:
    """Run a night for each batch, each from a dump of its own."""
    rows = []
    for number, records in enumerate(batches):
        dump = root / "dumps" / "wire" / f"{first + number}.jsonl"
        dump.parent.mkdir(parents=True, exist_ok=True)
        dump.write_text("".join(json.dumps(each) + "\n" for each in records))
        rows.append(run([dump], root / "w", f"2026-03-{first + number:02}", QUICK))
    return rows


def keys(root: Path) -> list[str]:
    return [row["record_key"] for row in ask(root / "w", STANDING)]


def test_a_withdrawn_article_leaves_the_tables_and_keeps_its_history(tmp_path: Path) -> None:
    _, row = nights(tmp_path, [record("1"), record("2", BANK)], [{"id": "1", "deleted": True}])
    assert (row["n_in"], row["n_withdrawn"], row["n_quarantined"]) == (1, 1, 0)
    assert keys(tmp_path) == ["2"]
    assert ask(tmp_path / "w", "SELECT sum(n_copies) AS n FROM source_daily") == [{"n": 1}]
    assert ask(tmp_path / "w", "SELECT count(*) AS n FROM stories") == [{"n": 1}]
    assert ask(tmp_path / "w", "SELECT count(*) AS n, count(withdrawn_at) AS gone FROM article_versions") == [
        {"n": 2, "gone": 1}
    ]
    left = "SELECT count(*) AS n FROM story_articles WHERE left_run_id = $run"
    assert ask(tmp_path / "w", left, run=row["run_id"]) == [{"n": 1}]
    told = ask(tmp_path / "w", "SELECT change, before, after, cause FROM changes_tonight WHERE change = 'withdrawn'")
    assert told == [{"change": "withdrawn", "before": "active", "after": "withdrawn", "cause": "withdrawn"}]
    causes = ask(tmp_path / "w", "SELECT DISTINCT cause FROM changes_tonight")
    assert causes == [{"cause": "withdrawn"}]


@pytest.mark.slow
def test_a_later_record_brings_it_back_changed_or_not(tmp_path: Path) -> None:
    again = record("1", FISH + "Talks go on.")
    nights(tmp_path, [record("1"), record("2", BANK)], [{"id": "1", "status": "deleted"}], [again])
    assert keys(tmp_path) == ["1", "2"]
    assert ask(tmp_path / "w", VERSIONS)[0]["is_withdrawn"] is False
    nights(tmp_path, [{"id": "1", "status": "deleted"}], [again, record("3", BANK + "It has twelve now.")], first=5)
    assert keys(tmp_path) == ["1", "2", "3"]


@pytest.mark.slow
def test_what_an_earlier_night_read_is_no_later_word_when_it_is_read_again(tmp_path: Path) -> None:
    nights(tmp_path, [record("1"), record("2", BANK)], [{"id": "1", "deleted": "yes"}])
    folder = tmp_path / "dumps"
    row = run([folder], tmp_path / "w", "2026-03-09", QUICK, reread=True)
    assert (row["status"], row["n_exact_repeat"], row["n_withdrawn"]) == ("no_change", 3, 0)
    assert keys(tmp_path) == ["2"]


@pytest.mark.slow
def test_a_tombstone_may_come_before_what_it_withdraws(tmp_path: Path) -> None:
    late = record("1", fetched="2026-03-01T10:00:00Z")
    nights(tmp_path, [{"id": "1", "deleted": True, "fetched": "2026-03-02T10:00:00Z"}, record("2", BANK)], [late])
    assert keys(tmp_path) == ["2"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stone", "left"),
    [
        ({"id": "1"}, ["2"]),
        ({"url": "https://m.alpha.example/fish?utm_source=x"}, ["2"]),
        ({"id": "2"}, ["1"]),
        ({"id": "2", "url": "https://alpha.example/fish"}, []),
        ({"id": "9", "url": "https://alpha.example/other"}, ["1", "2"]),
    ],
    ids=["its key", "its address", "a key without address", "key of one, address of the other", "another's"],
)
def test_it_names_its_article_by_address_or_by_key(stone: Record, left: list[str], tmp_path: Path) -> None:
    first = [record("1", url="https://alpha.example/fish"), record("2", BANK)]
    nights(tmp_path, first, [{**stone, "pubStatus": "stat:canceled"}])
    assert keys(tmp_path) == left


@pytest.mark.slow
def test_a_key_means_nothing_in_another_feed(tmp_path: Path) -> None:
    nights(tmp_path, [record("1")])
    other = tmp_path / "dumps" / "other" / "a.jsonl"
    other.parent.mkdir()
    other.write_text('{"id": "1", "deleted": true}\n')
    run([other], tmp_path / "w", "2026-03-05", QUICK)
    assert keys(tmp_path) == ["1"]


@pytest.mark.slow
def test_a_story_lives_on_without_its_founder_and_under_its_old_id_with_it(tmp_path: Path) -> None:
    copies = [record("1"), record("2", date="2026-03-02T09:00:00Z")]
    nights(tmp_path, copies)
    (before,) = ask(tmp_path / "w", "SELECT story_id, founder_article_id FROM stories")
    founder = ask(
        tmp_path / "w", "SELECT record_key FROM articles WHERE article_id = $a", a=before["founder_article_id"]
    )
    nights(tmp_path, [{"id": founder[0]["record_key"], "deleted": True}], first=3)
    (now,) = ask(tmp_path / "w", "SELECT story_id FROM stories")
    assert ask(tmp_path / "w", "SELECT resolve($s) AS leads_to", s=before["story_id"]) == [
        {"leads_to": now["story_id"]}
    ]
    nights(tmp_path, [record(founder[0]["record_key"], FISH + "Talks go on.")], first=4)
    assert ask(tmp_path / "w", "SELECT story_id, n_copies FROM stories") == [
        {"story_id": before["story_id"], "n_copies": 2}
    ]


CASES: dict[str, list[list[Record]]] = {
    "withdrawn": [[record("1"), record("2")], [{"id": "1", "deleted": True}]],
    "the last of its story": [[record("1"), record("2", BANK)], [{"id": "2", "deleted": True}]],
    "withdrawn at once": [[record("1"), record("2"), {"id": "1", "deleted": True}]],
    "a version late for a withdrawn one": [
        [record("1", fetched="2026-03-02T09:00:00Z"), record("2")],
        [{"id": "1", "deleted": True, "fetched": "2026-03-02T12:00:00Z"}],
        [record("1", FISH + "Talks go on.", fetched="2026-03-02T10:00:00Z")],
    ],
    "withdrawn in one month, back in another": [
        [record("1", date="2026-01-02"), record("2")],
        [{"id": "1", "deleted": True}],
        [record("1", FISH + "Talks go on.", date="2026-03-02", modified="2026-03-04")],
    ],
    "back unchanged, withdrawn again": [
        [record("1"), record("2")],
        [{"id": "1", "deleted": True}],
        [record("1"), record("3", BANK)],
        [{"id": "1", "status": "deleted"}],
    ],
    "a key used again": [[record("1"), record("2")], [record("1", BANK, modified="2026-03-04")], [{"id": "1", "deleted": True}]],
}  # fmt: skip


@pytest.mark.parametrize(
    "batches", [pytest.param(CASES[name], id=name, marks=() if "late" in name else pytest.mark.slow) for name in CASES]
)
def test_a_night_equals_making_everything_anew(
    batches: list[list[Record]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = nights(tmp_path, *batches)
    assert [row["status"] for row in rows] == ["published"] * len(batches)
    monkeypatch.setattr(flows.night, "made_alike", lambda *args: False)
    anew = run([tmp_path / "dumps" / "wire" / "2.jsonl"], tmp_path / "w", "2026-03-20", QUICK)
    assert (anew["status"], anew["data_hash"]) == ("no_change", rows[-1]["data_hash"])


# Everything that is not the history of the nights themselves.
SAYS = (
    "SELECT * EXCLUDE (first_run_id, last_run_id, story_id) FROM articles ORDER BY article_id",
    "SELECT * EXCLUDE (raw_file_id, raw_start, raw_end) FROM article_versions ORDER BY article_id, version_no",
    "SELECT * EXCLUDE (story_id, founder_article_id) FROM stories ORDER BY medoid_article_id",
    "SELECT * FROM source_daily ORDER BY ALL",
)
TALE: list[Record] = [
    record("1", fetched="2026-03-02T09:00:00Z"),
    {"id": "1", "deleted": True, "fetched": "2026-03-03T09:00:00Z"},
    record("1", FISH + "Talks go on.", fetched="2026-03-04T09:00:00Z", modified="2026-03-04"),
    {"id": "1", "deleted": True, "fetched": "2026-03-05T09:00:00Z"},
]


@pytest.mark.slow
def test_an_unchanged_record_read_before_an_older_tombstone_outlives_it(tmp_path: Path) -> None:
    tale = [
        record("1", fetched="2026-03-01T09:00:00Z"),
        record("1", fetched="2026-03-05T09:00:00Z"),
        {"id": "1", "deleted": True, "fetched": "2026-03-03T09:00:00Z"},
    ]
    for number, order in enumerate(permutations(tale)):
        nights(tmp_path / str(number), [record("2", BANK)], *([each] for each in order), first=10)
        assert keys(tmp_path / str(number)) == ["1", "2"]


@pytest.mark.slow
@pytest.mark.parametrize("length", [3, 4])
def test_order_and_portions_change_nothing(length: int, tmp_path: Path) -> None:
    tale = TALE[:length]
    found = []
    for number, order in enumerate(permutations(range(length))):
        if number % (length * 2 - 3):
            continue
        for cuts in ((1,), tuple(range(1, length))):
            root = tmp_path / f"{length}-{number}-{len(cuts)}"
            edges = (0, *cuts, length)
            other = record("2", BANK, fetched="2026-03-02T09:00:00Z")
            parts = [[tale[i] for i in order[a:b]] for a, b in pairwise(edges)]
            nights(root, [other, *parts[0]], *parts[1:], first=10)
            found.append([ask(root / "w", question) for question in SAYS])
    assert all(each == found[0] for each in found)
    assert len(found[0][0]) == (2 if length == 3 else 1)


@pytest.mark.slow
def test_diff_names_what_was_withdrawn(tmp_path: Path) -> None:
    nights(tmp_path, [record("1"), record("2", BANK)], [{"id": "1", "deleted": True}])
    older, newer = sorted(Warehouse(tmp_path / "w").snapshots(), key=lambda each: each.number)
    assert "withdrawn" in between(older, newer)["change"].to_pylist()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["url", "source"])
def test_a_withdrawn_article_can_be_forgotten(kind: str, tmp_path: Path) -> None:
    address = "https://alpha.example/fish"
    nights(tmp_path, [record("1", url=address), record("2", BANK)], [{"id": "1", "deleted": True}])
    registry = SourceRegistry.parse(Resources.load(QUICK).sources_csv)
    forget(tmp_path / "w", kind, address if kind == "url" else "alpha.example", registry)
    bodies = ask(tmp_path / "w", "SELECT body FROM texts WHERE kind = 'body'")
    assert sorted(row["body"][:4] for row in bodies) == ["", "The "]
    row = nights(tmp_path, [{"id": "1", "url": address, "deleted": True}], first=7)[0]
    assert (row["n_withdrawn"], row["n_quarantined"]) == (0, 1)


# The rule itself, against a few lines of Python.
NIGHT = datetime(2026, 3, 1, tzinfo=UTC)
times = st.integers(0, 3).map(lambda n: NIGHT + timedelta(days=n))
words = st.lists(st.tuples(st.booleans(), st.none() | times, times), min_size=1, max_size=5)


def stands(said: Sequence[tuple[bool, datetime | None, datetime]]) -> bool:
    def outlives(shown: tuple[datetime | None, datetime], taken: tuple[datetime | None, datetime]) -> bool:
        if shown[0] and taken[0] and shown[0] != taken[0]:
            return shown[0] > taken[0]
        return shown[1] > taken[1]

    stones = [word[1:] for word in said if word[0]]
    return not stones or any(all(outlives(word[1:], stone) for stone in stones) for word in said if not word[0])


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@given(said=words)
def test_the_last_word_counts(
    said: list[tuple[bool, datetime | None, datetime]], engine: duckdb.DuckDBPyConnection
) -> None:
    said = [*said, (False, None, NIGHT)]
    instant = pa.timestamp("us", tz="UTC")
    shown = [each for each in said if not each[0]]
    taken = [each for each in said if each[0]]
    placed_records = pa.table(
        {
            "article_id": ["a"] * len(shown),
            "key_id": ["a"] * len(shown),
            "feed_key_id": ["a"] * len(shown),
            "record_id": [str(i) for i in range(len(shown))],
            "updated_at": pa.array([each[1] for each in shown], instant),
            "seen_at": pa.array([each[2] for each in shown], instant),
        }
    )
    withdrawals = pa.table(
        {
            "url_key_id": pa.array([None] * len(taken), pa.string()),
            "feed_key_id": pa.array(["a"] * len(taken), pa.string()),
            "record_id": pa.array([None] * len(taken), pa.string()),
            "updated_at": pa.array([each[1] for each in taken], instant),
            "seen_at": pa.array([each[2] for each in taken], instant),
        }
    )
    engine.register("placed_records", placed_records)
    engine.register("withdrawals", withdrawals)
    engine.execute("CREATE OR REPLACE TEMP TABLE ignored_articles (article_id VARCHAR, ignored_at TIMESTAMPTZ)")
    found = engine.execute(sql_of("withdrawn_articles")).fetchall()
    assert (found == []) is stands(said)


def says(nights: Sequence[Sequence[tuple[bool, datetime]]], engine: duckdb.DuckDBPyConnection) -> bool:
    """Whether one article stands after nights that each read some of its records, unchanged, and of its tombstones."""
    tables = {name: TABLES[name].schema.empty_table() for name in ("records", "withdrawals")}
    for number, read in enumerate(nights):
        provenance = {"run_id": str(number), "run_no": number}
        ledger, kept = Ledger(tables["records"]), Withdrawals(tables["withdrawals"])
        night, rows = NIGHT + timedelta(days=99 + number), []
        for place, (is_stone, fetched) in enumerate(read):
            if is_stone:
                stone = Tombstone(place, place, "clean", "tombstone", "", record_key="1", seen_at=fetched)
                kept.take_back(stone, "wire", night, provenance | {"raw_file_id": f"f_{number}"})
                continue
            found = ledger.accept(replace(CLEAN, seen_at=fetched), feed="wire", seen_at=night, provenance=provenance)
            rows += [found.record] if found.record else []
            if not found.record:
                kept.show_again(
                    found.record_id, found.key_id, feed_key_id("wire", "1"), fetched, is_later=found.is_later
                )
        columns = tables["records"].schema
        fresh = [
            {"text_filed_date": night.date(), "filed_date": night.date(), "raw_file_id": "f"} | row for row in rows
        ]
        tables["records"] = pa.concat_tables([tables["records"], pa.Table.from_pylist(fresh, schema=columns)])
        again = kept.rows(tables["withdrawals"].schema, provenance)
        tables["withdrawals"] = pa.concat_tables([tables["withdrawals"], again])
    engine.register("withdrawals", tables["withdrawals"])
    engine.register("placed_records", tables["records"].append_column("article_id", tables["records"]["key_id"]))
    engine.execute("CREATE OR REPLACE TEMP TABLE ignored_articles (article_id VARCHAR, ignored_at TIMESTAMPTZ)")
    return not engine.execute(sql_of("withdrawn_articles")).fetchall()


CLEAN = CleanRecord(
    record_key="1", url=None, url_norm=None, transport_host=None, source_name="Harbour Post", source_domain=None,
    source_method="metadata", source_confidence=0.9, title="Crane falls", title_method="given", byline=(), dateline_place=None,
    agency_credits=(), lang="en", lang_confidence=0.99, published_at=None, published_precision="unknown", published_method="none",
    published_raw=None, tz_method=None, updated_at=None, seen_at=None, content_type="news", body=FISH, n_words=19, removed=(),
    extra={}, raw_start=0, raw_end=1,
)  # fmt: skip


@given(read=st.lists(st.lists(st.tuples(st.booleans(), times), max_size=3), min_size=2, max_size=4))
@example(read=[[(False, NIGHT)], [(False, NIGHT + timedelta(days=2))], [(True, NIGHT + timedelta(days=1))]])
def test_the_last_word_counts_in_whatever_nights_it_is_read(
    read: list[list[tuple[bool, datetime]]], engine: duckdb.DuckDBPyConnection
) -> None:
    said = [(is_stone, None, fetched) for night in read for is_stone, fetched in night]
    assume(not all(is_stone for is_stone, _, _ in said))
    assert says(read, engine) is stands(said)


def test_a_repeat_counts_only_behind_a_withdrawal_of_its_key() -> None:
    schema = TABLES["withdrawals"].schema
    kept = Withdrawals(schema.empty_table())
    kept.show_again("rec_" + "1" * 16, "a_" + "1" * 16, None, NIGHT)
    assert kept.rows(schema, {"run_id": "r", "run_no": 1}).num_rows == 0
