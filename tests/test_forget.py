"""Forgetting: what an article said is nowhere in the warehouse's bytes, what was counted stays, and no later night brings it back."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.cli import main
from flows.forget import finish, forget, keys
from flows.resources import Resources
from flows.settings import Settings
from flows.upkeep import keep_up
from tests.nights import ask, run
from tests.test_identify import record
from tests.test_night import STORY, article
from tests.test_similarity import BUDGET, FERRY
from transforms.forget import FORGOTTEN, Forgotten, is_forgotten, scrub, tombstone
from transforms.hold import hold
from transforms.sources import SourceRegistry
from transforms.text import text_id
from warehouse import history
from warehouse.catalog import open_catalog
from warehouse.publish import Warehouse
from warehouse.rollback import roll_back
from warehouse.vacuum import reading

URL = "https://coast-gazette.example/2026/03/quietly-zyzzyva-harbour"
SENTENCE = (
    "The harbour master, Zebedee Quillfeather, whispered to the Vardal Plover that the zyzzyva keys were under the mat."
)
# What nobody else says: address, headline, author, name, words, an unknown field, an outlet known from here alone.
PLANTED = (
    "quietly-zyzzyva",
    "Zyzzyva keys",
    "Oddfellow",
    "Quillfeather",
    "under the mat",
    "xylograph",
    "Vardal Plover",
)
COUNTS = {
    "sources": "SELECT * EXCLUDE (name, domain) FROM sources ORDER BY ALL",
    "source_daily": "FROM source_daily ORDER BY ALL",
    "actor_daily": "FROM actor_daily ORDER BY ALL",
    "actors": "SELECT * EXCLUDE (name) FROM actors ORDER BY ALL",
    "stories": "SELECT * EXCLUDE (title) FROM stories ORDER BY ALL",
    "members": "SELECT article_id, text_group_id, story_id, origin_id, report_date FROM articles ORDER BY ALL",
}

PLANTED_ARTICLE = article(
    7,
    title="Zyzzyva keys found under harbour mat",
    text=f"{STORY} {SENTENCE} The Vardal Plover reported that the keys fit.",
    url=URL,
    author="Peregrine Oddfellow",
    mood="xylograph",
)


@pytest.fixture(scope="module")
def registry() -> SourceRegistry:
    return SourceRegistry.parse(Resources.load(Settings()).sources_csv)


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after two nights; the first brought the planted article, and refused a broken copy of it."""
    folder = tmp_path_factory.mktemp("forget")
    broken = PLANTED_ARTICLE[:-40]
    dumps = {
        "2026-03-02": [article(1), article(2, text=STORY + " Nobody was hurt."), PLANTED_ARTICLE, broken],
        "2026-03-03": [article(3, date="2026-03-03", text=STORY + " The talks begin on Friday.")],
    }
    (folder / "dumps").mkdir()
    for night, articles in dumps.items():
        (folder / "dumps" / f"{night}.jsonl").write_text("\n".join(articles))
        run([folder / "dumps" / f"{night}.jsonl"], folder / "w", night)
    return folder


@pytest.fixture
def root(tmp_path: Path, two_nights: Path) -> Path:
    """A warehouse of one's own after those nights."""
    shutil.copytree(two_nights, tmp_path, symlinks=True, dirs_exist_ok=True)
    Warehouse(tmp_path / "w").rebuild_catalog()
    return tmp_path / "w"


def said_anywhere(root: Path, words: tuple[str, ...] = PLANTED) -> set[tuple[str, str]]:
    """Look through all bytes of the warehouse, Parquet decoded; return (word, file) of what is found."""
    found = set()
    for path in (path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        data = path.read_bytes()
        if path.suffix == ".parquet":
            data += json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode()
            data += str(pq.ParquetFile(path).metadata.to_dict()).encode()
        found |= {(word, path.relative_to(root).as_posix()) for word in words if word.encode() in data}
    return found


def counted(root: Path, night: str | None = None) -> dict[str, list[Any]]:
    with open_catalog(root, history.as_of(Warehouse(root), night) if night else None) as connection:
        return {name: connection.execute(sql).fetchall() for name, sql in COUNTS.items()}


def test_the_words_are_gone_everywhere_and_the_counts_stay(root: Path, registry: SourceRegistry) -> None:
    assert {word for word, _ in said_anywhere(root)} == set(PLANTED)
    before = {night: counted(root, night) for night in ("2026-03-02", "2026-03-03")}
    sentence = forget(root, "url", URL + "?utm_source=feed", registry)
    assert sentence.startswith("1 article forgotten: 2 snapshots rewritten")
    assert said_anywhere(root) == set()
    assert {night: counted(root, night) for night in before} == before
    for each in Warehouse(root).snapshots():
        assert each.verify() == []
    (row,) = ask(root, "SELECT url, title, byline, n_words > 50 AS counted FROM articles WHERE status = 'forgotten'")
    assert row == {"url": None, "title": None, "byline": [], "counted": True}


@pytest.mark.slow
def test_every_contract_holds_afterwards_and_the_audit_names_nothing(root: Path, registry: SourceRegistry) -> None:
    forget(root, "url", URL, registry)
    (row,) = ask(root, "SELECT action, n_snapshots, n_files > 0 AS files, detail FROM upkeep")
    assert (row["action"], row["n_snapshots"], row["files"]) == ("forgotten", 2, True)
    broken = "SELECT count(*) AS n FROM actor_mentions JOIN texts USING (text_id) WHERE body[start_char + 1:end_char] <> surface"
    assert ask(root, broken) == [{"n": 0}]
    assert ask(root, "SELECT count(*) AS n FROM text_actors ANTI JOIN actors USING (actor_id)") == [{"n": 0}]


@pytest.mark.slow
@pytest.mark.parametrize("restated", [False, True])
def test_no_later_night_brings_it_back(
    root: Path, registry: SourceRegistry, monkeypatch: pytest.MonkeyPatch, restated: bool
) -> None:
    forget(root, "url", URL, registry)
    members = dict(ask(root, "SELECT map(list(article_id), list(story_id)) AS m FROM articles")[0]["m"])
    if restated:
        monkeypatch.setattr("flows.night.made_alike", lambda *_: False)
    dump = root.parent / "dumps" / "later.jsonl"
    dump.write_text("\n".join([PLANTED_ARTICLE, article(4, date="2026-03-03", text=STORY + " Cod prices rose.")]))
    row = run([dump], root, "2026-03-04")
    assert (row["status"], row["n_in"], row["n_loaded"], row["n_quarantined"]) == ("published", 2, 1, 1)
    refused = ask(root, "SELECT reason_code, preview FROM quarantine JOIN snapshot USING (run_id)")
    assert refused == [{"reason_code": "forgotten", "preview": ""}]
    assert said_anywhere(root) == set()
    now = dict(ask(root, "SELECT map(list(article_id), list(story_id)) AS m FROM articles")[0]["m"])
    assert {article_id: now[article_id] for article_id in members} == members
    assert ask(root, "SELECT count(*) AS n FROM articles WHERE status = 'forgotten'") == [{"n": 1}]


@pytest.mark.slow
def test_a_text_that_another_article_carries_keeps_its_words(tmp_path: Path, registry: SourceRegistry) -> None:
    dump = tmp_path / "a.jsonl"
    body = f"{STORY} {SENTENCE}"
    dump.write_text("\n".join([article(1, text=body, url=URL), article(2, text=body, source="Valley Post")]))
    run([dump], tmp_path / "w", "2026-03-02")
    forget(tmp_path / "w", "url", URL, registry)
    assert said_anywhere(tmp_path / "w", ("quietly-zyzzyva",)) == set()
    assert {word for word, _ in said_anywhere(tmp_path / "w", ("Quillfeather",))} == {"Quillfeather"}


@pytest.mark.slow
def test_an_article_is_forgotten_by_its_id_and_a_source_by_its_name(root: Path, registry: SourceRegistry) -> None:
    (one,) = ask(root, "SELECT article_id FROM articles WHERE record_key = 'k2'")
    forget(root, "article", one["article_id"], registry)
    assert ask(root, "SELECT count(*) AS n FROM articles WHERE status = 'forgotten'") == [{"n": 1}]
    forget(root, "source", "Coast Gazette", registry)
    assert ask(root, "SELECT DISTINCT status FROM articles") == [{"status": "forgotten"}]
    assert said_anywhere(root, (*PLANTED, "standstill")) == set()
    dump = root.parent / "dumps" / "later.jsonl"
    dump.write_text(article(9, text=STORY + " It is over."))
    assert run([dump], root, "2026-03-04")["n_quarantined"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("step", range(6))
def test_stopped_anywhere_it_is_finished_by_the_next_upkeep(root: Path, registry: SourceRegistry, step: int) -> None:
    """Steps: the logs, each of two snapshots, each of two removals; and once before anything but the tombstone."""
    taken = iter(range(step))

    def stop(_: str) -> None:
        if next(taken, None) is None:
            raise KeyboardInterrupt

    house = Warehouse(root)
    before = counted(root)
    with house.lock("another"), pytest.raises(Exception, match="is being written by another"):
        forget(root, "url", URL, registry)
    assert len(keys(house)) == 1
    try:
        with house.lock("forget"):
            finish(house, after=stop)
    except KeyboardInterrupt:
        pass
    assert counted(root) == before
    keep_up(root, Settings())
    assert said_anywhere(root) == set() and counted(root) == before
    assert len(house.snapshots()) == 2


@pytest.mark.slow
def test_a_night_finishes_it_before_it_begins(root: Path, registry: SourceRegistry) -> None:
    with Warehouse(root).lock("another"), pytest.raises(Exception, match="is being written by another"):
        forget(root, "url", URL, registry)
    run([root.parent / "dumps" / "2026-03-03.jsonl"], root, "2026-03-04")
    assert said_anywhere(root) == set()


@pytest.mark.slow
def test_a_snapshot_that_is_read_goes_when_it_is_let_go(root: Path, registry: SourceRegistry) -> None:
    with reading(history.as_of(Warehouse(root), "2026-03-02")):
        assert "1 old snapshot being read" in forget(root, "url", URL, registry)
        assert said_anywhere(root)
    keep_up(root, Settings())
    assert said_anywhere(root) == set()


@pytest.mark.slow
def test_days_of_articles_forgotten_one_by_one_are_counted_on(tmp_path: Path, registry: SourceRegistry) -> None:
    root, dump, urls = tmp_path / "w", tmp_path / "a.jsonl", (URL, URL + "-too")
    dump.write_text("\n".join(article(n, text=text, url=urls[n]) for n, text in enumerate((BUDGET, FERRY))))
    run([dump], root, "2026-03-02")
    named = "SELECT actor_id, name FROM actors ORDER BY ALL"
    together = "SELECT actor_a, actor_b, n_copies, n_sentences FROM actor_pairs ORDER BY ALL"
    before = ask(root, together)
    assert before
    for url in urls:
        assert forget(root, "url", url, registry).startswith("1 article forgotten")
    left = ask(root, named)
    assert {row["name"] for row in left} >= {"(forgotten)"}
    # The day is counted anew when another article of it comes.
    dump.write_text(article(2))
    assert run([dump], root, "2026-03-03")["status"] == "published"
    assert [row for row in ask(root, together) if row in before] == before
    assert [row for row in ask(root, named) if row in left] == left


@pytest.mark.slow
def test_what_only_a_night_rolled_back_knows_by_the_address_goes_too(tmp_path: Path, registry: SourceRegistry) -> None:
    root, dump = tmp_path / "w", tmp_path / "a.jsonl"
    for night, fields in {
        "2026-03-02": {},
        "2026-03-03": {"title": "Keys", "text": FERRY, "date": "2026-03-03"},
    }.items():
        dump.write_text(article(7, url=URL, **fields))
        run([dump], root, night)
    assert len(ask(root, "FROM articles")) == 2
    house = Warehouse(root)
    with house.lock("rollback"):
        roll_back(house, "2026-03-02")
    forget(root, "url", URL, registry)
    assert said_anywhere(root, ("quietly-zyzzyva", "Marenko", "Keys")) == set()


@pytest.mark.slow
@pytest.mark.parametrize("restated", [False, True])
def test_a_group_keeps_the_name_that_a_withdrawn_text_gave_it(
    tmp_path: Path, registry: SourceRegistry, monkeypatch: pytest.MonkeyPatch, restated: bool
) -> None:
    texts = sorted((FERRY, FERRY + " The harbour was closed until noon."), key=text_id)
    root, dump = tmp_path / "w", tmp_path / "a.jsonl"
    gone = json.dumps({"id": "k0", "deleted": True, "date": "2026-03-03"})
    dump.write_text("\n".join([article(0, text=texts[0]), article(1, text=texts[1], url=URL), gone]))
    run([dump], root, "2026-03-02")
    groups, pairs = "SELECT text_id, text_group_id FROM articles WHERE n_words < 60", "FROM text_pairs"
    before = ask(root, groups), ask(root, pairs)
    assert [row["text_group_id"] for row in before[0]] == ["g_" + text_id(texts[0])[2:]] and before[1]
    forget(root, "url", URL, registry)
    if restated:
        monkeypatch.setattr("flows.night.made_alike", lambda *_: False)
    dump.write_text(article(2))
    run([dump], root, "2026-03-03")
    assert (ask(root, groups), ask(root, pairs)) == before


@pytest.mark.slow
def test_the_command_says_what_it_did(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", "--url", URL, "--warehouse", str(root)]) == 0
    assert capsys.readouterr().out.startswith("1 article forgotten")
    with Warehouse(root).lock("a night"):
        assert main(["forget", "--article", "a_0000000000000000", "--warehouse", str(root)]) == 1
    assert "It is forgotten from now on" in capsys.readouterr().err


@pytest.mark.parametrize("named", [("source", "Alpha Times"), ("source", "alphatimes.example")])
def test_a_source_is_told_by_its_name_and_by_its_domain(registry: SourceRegistry, named: tuple[str, str]) -> None:
    given = replace(record(), source_name="Alpha Times", source_domain="alphatimes.example")
    tombstones = {
        tombstone("source", f(named[1])) for f in (registry.source_id_for_name, registry.source_id_for_domain)
    }
    assert is_forgotten(given, "wire", registry, tombstones)
    assert not is_forgotten(
        replace(given, source_name="Beta", source_domain="beta.example"), "wire", registry, tombstones
    )


@pytest.mark.slow
def test_a_source_forgotten_by_name_stays_so_when_it_comes_with_a_domain(root: Path, registry: SourceRegistry) -> None:
    forget(root, "source", "Coast Gazette", registry)
    covered = {tombstone("article", row["article_id"]) for row in ask(root, "SELECT article_id FROM articles")}
    assert covered <= keys(Warehouse(root))
    dump = root.parent / "dumps" / "later.jsonl"
    dump.write_text(
        "\n".join(
            [
                article(9, text=f"{STORY} {SENTENCE}", url="https://coast-gazette.example/9"),
                article(10, source="Valley Post"),
            ]
        )
    )
    row = run([dump], root, "2026-03-04")
    assert (row["n_loaded"], row["n_quarantined"]) == (1, 1)
    assert said_anywhere(root) == set()
    assert ask(root, "SELECT count(*) AS n FROM articles WHERE status = 'forgotten'") == [{"n": len(covered)}]


@pytest.mark.slow
def test_a_version_of_a_forgotten_article_under_a_key_used_again_is_refused(
    tmp_path: Path, registry: SourceRegistry
) -> None:
    dump, other = tmp_path / "a.jsonl", f"{SENTENCE} Nobody knew who had put them there, or since when, or why."
    again = article(1, title="Keys at Vardal", text=other, date="2026-03-03")
    dump.write_text("\n".join([article(1), again]))
    run([dump], tmp_path / "w", "2026-03-03")
    (one,) = ask(tmp_path / "w", "SELECT article_id FROM articles WHERE title = 'Keys at Vardal'")
    forget(tmp_path / "w", "article", one["article_id"], registry)
    dump.write_text("\n".join([article(1, title="Keys at Vardal", text=other + " It rained."), article(2)]))
    row = run([dump], tmp_path / "w", "2026-03-04")
    assert (row["n_in"], row["n_loaded"], row["n_new_version"], row["n_quarantined"]) == (2, 1, 0, 1)
    (file,) = ask(
        tmp_path / "w",
        "SELECT status, n_records, n_loaded, n_quarantined FROM raw_files JOIN snapshot USING (run_id)",
    )
    assert file == {"status": "partial", "n_records": 2, "n_loaded": 1, "n_quarantined": 1}
    assert said_anywhere(tmp_path / "w", ("Quillfeather", "It rained")) == set()


# Bodies by policy


@pytest.mark.slow
def test_old_texts_lose_their_words_and_every_table_keeps_its_numbers(root: Path) -> None:
    before = counted(root)
    settings = Settings(keep_bodies_days=1)
    assert any("lost their words" in done for done in keep_up(root, settings))
    assert keep_up(root, settings) == []
    assert counted(root) == before
    bodies = ask(
        root,
        "SELECT bool_or(body <> '') AS words, sum(n_words) > 50 AS counted FROM texts GROUP BY filed_date ORDER BY filed_date",
    )
    assert bodies == [{"words": False, "counted": True}, {"words": True, "counted": True}]
    dump = root.parent / "dumps" / "later.jsonl"
    dump.write_text(article(4, date="2026-03-03", text=STORY + " Cod prices rose."))
    assert run([dump], root, "2026-03-04")["status"] == "published"


@pytest.mark.slow
def test_a_correction_of_a_text_without_words_is_a_new_version(root: Path) -> None:
    keep_up(root, Settings(keep_bodies_days=1))
    dump = root.parent / "dumps" / "later.jsonl"
    dump.write_text(article(1, title="Blockade called off", text=STORY + " It is over.", modified="2026-03-04"))
    row = run([dump], root, "2026-03-04")
    assert (row["n_loaded"], row["n_new_version"]) == (0, 1)
    assert ask(root, "SELECT n_versions FROM articles WHERE record_key = 'k1'") == [{"n_versions": 2}]


# Keeping company


def test_spellings_of_a_forgotten_actor_become_one_and_keep_their_number() -> None:
    columns = ("actor_id", "name", "type", "n_uses")
    known = [
        ("act_1", "Odo Marenko", "person", 2),
        ("act_1", "ODO MARENKO", "person", 1),
        ("act_2", "Port Lindis", "place", 4),
    ]
    rows = pa.table(dict(zip(columns, map(list, zip(*known, strict=True)), strict=True)))
    ids = {"actors": frozenset({"act_1"}), "aliases": frozenset({"act_1\nOdo Marenko", "act_1\n(forgotten)"})}
    left = scrub("actor_spellings", rows, Forgotten(ids))
    assert left.to_pylist() == [
        dict(zip(columns, row, strict=True)) for row in (("act_1", FORGOTTEN, "person", 3), known[2])
    ]
    # Another erasure finds the placeholder among the names of forgotten texts.
    assert scrub("actor_spellings", left, Forgotten(ids)) is left


def test_bonds_join_groups_under_the_smallest_name() -> None:
    groups = pa.table({"item": ["a", "b", "c", "d"], "group": ["g1", "g2", "g3", "g4"]})
    bonds = pa.table({"bond": ["x", "x", "y", "y", "z"], "item": ["b", "c", "c", "d", "nobody"]})
    assert hold(groups, bonds)["group"].to_pylist() == ["g1", "g2", "g2", "g2"]
    assert hold(groups, bonds.slice(0, 0)).equals(groups)
