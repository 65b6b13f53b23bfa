"""Decisions of people through whole nights: they hold, touch what they name, equal making everything anew, and can be undone."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import flows.night
from flows.contracts import Blocked
from flows.forget import forget
from flows.overrule import loosened
from flows.resources import Resources
from flows.settings import Settings
from tests.nights import ask, run
from tests.test_touched import BANK, DAM, FISH
from transforms.enrich.registry import learnt_id
from transforms.sources import SourceRegistry
from transforms.text import content_hash
from warehouse.publish import Warehouse

HEAD = "kind,key,value,author,date,reason\n"
WHO = "ines,2026-03-04,read both"
FISH_TOO = FISH + "Two more ports closed in the evening."
RECORDS: list[dict[str, Any]] = [
    {"url": "https://alpha.example/fish", "source": "Alpha Times", "text": FISH, "date": "2026-03-02T08:00:00Z"},
    {"url": "https://beta.example/fish", "source": "Beta Post", "text": FISH_TOO, "date": "2026-03-02T09:00:00Z"},
    {"url": "https://gamma.example/fish", "source": "Gamma News", "text": FISH, "date": "2026-03-02T10:00:00Z"},
    {"url": "https://alpha.example/bank", "source": "Alpha Times", "text": BANK, "date": "2026-03-02T08:00:00Z"},
    {"url": "https://beta.example/dam", "source": "Beta Post", "text": DAM, "date": "2026-02-20T08:00:00Z"},
]
FISH_URL, FISH_TOO_URL, FISH_COPY_URL, BANK_URL, DAM_URL = (record["url"] for record in RECORDS)


class Desk:
    """A warehouse, the dump that fills it, and the file of overrides beside it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.file, self.dump = folder / "w", folder / "overrides.csv", folder / "a.jsonl"
        lines = [json.dumps({"id": record["url"], "title": record["text"][:40]} | record) for record in RECORDS]
        self.dump.write_text("\n".join(lines) + "\n")
        self.settings = Settings(tagger="newsfold", overrides=str(self.file))
        self.nights = 0
        self.decide()

    def decide(self, *rows: str) -> None:
        self.file.write_text(HEAD + "".join(f"{row},{WHO}\n" for row in rows))

    def night(self) -> dict[str, Any]:
        self.nights += 1
        return run([self.dump], self.root, f"2026-03-{self.nights + 2:02}", self.settings)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in ask(self.root, sql)]

    def stories(self) -> set[frozenset[str]]:
        return {frozenset(urls) for (urls,) in self.ask("SELECT list(url) FROM articles GROUP BY story_id")}

    def texts(self) -> set[frozenset[str]]:
        return {frozenset(urls) for (urls,) in self.ask("SELECT list(url) FROM articles GROUP BY text_group_id")}

    def state(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "SELECT columns(* EXCLUDE (last_run_id, story_id)), story_id IS NULL FROM articles ORDER BY article_id"
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    assert made.night()["status"] == "published"
    return made


def article(url: str) -> str:
    return content_hash("a_", "url", url)


def test_decisions_hold_are_carried_on_equal_a_restatement_and_can_be_undone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, stories, texts = desk.state(), desk.stories(), desk.texts()
    fish = frozenset((FISH_URL, FISH_TOO_URL, FISH_COPY_URL))
    assert stories == texts == {fish, frozenset([BANK_URL]), frozenset([DAM_URL])}
    unchanged = desk.night()
    assert (unchanged["status"], [stage["stage"] for stage in unchanged["stages"]]) == ("no_change", ["read"])

    desk.decide(
        f"must_link,{BANK_URL},{article(DAM_URL)}",
        f"cannot_link,{FISH_TOO_URL},{FISH_URL}",
        f"set_source,{BANK_URL},Valley Gazette",
        f"set_date,{DAM_URL},2026-03-01T06:30Z",
        f"set_source,{DAM_URL},src_dawn",
    )
    decided = desk.night()
    assert decided["status"] == "published"
    assert desk.stories() == {fish - {FISH_TOO_URL}, frozenset([FISH_TOO_URL]), frozenset([BANK_URL, DAM_URL])}
    assert desk.texts() == {
        fish - {FISH_TOO_URL},
        frozenset([FISH_TOO_URL]),
        frozenset([BANK_URL]),
        frozenset([DAM_URL]),
    }
    assert desk.ask(
        "SELECT url, name, source_id, source_method, source_confidence, published_method, published_precision, published_raw, "
        "report_date::VARCHAR, effective_at IS NOT NULL FROM articles JOIN sources USING (source_id) "
        f"WHERE url IN ('{BANK_URL}', '{DAM_URL}') ORDER BY url"
    ) == [
        (BANK_URL, "Valley Gazette", content_hash("src_", "valley gazette"), "override", 1.0, "metadata", "second", "2026-03-02T08:00:00Z", "2026-03-02", True),
        (DAM_URL, "Dawn", "src_dawn", "override", 1.0, "override", "minute", "2026-03-01T06:30Z", "2026-03-01", True),
    ]  # fmt: skip
    assert desk.ask("SELECT decision, veto FROM merge_evidence ORDER BY ALL") == [
        ("override", None),
        ("veto", "override"),
    ]
    assert desk.ask("SELECT decision, rule FROM text_pairs") == [("rejected", "override")]
    assert desk.ask("SELECT kind, is_stale, first_run_id FROM overrides ORDER BY kind, key") == [
        (kind, False, decided["run_id"])
        for kind in ("cannot_link", "must_link", "set_date", "set_source", "set_source")
    ]
    causes = desk.ask(
        "SELECT DISTINCT change, cause FROM changes_tonight WHERE cause IS NOT NULL AND cause <> 'override'"
    )
    assert causes == []
    assert len(desk.ask("FROM changes_tonight WHERE change = 'overruled'")) == 5

    # The order of the rows says nothing.
    desk.file.write_text(HEAD + "".join(reversed(desk.file.read_text().splitlines(keepends=True)[1:])))
    assert desk.night()["status"] == "no_change"
    with monkeypatch.context() as patch:
        patch.setattr(flows.night, "made_alike", lambda *args: False)
        anew = desk.night()
    assert (anew["status"], anew["data_hash"]) == ("no_change", decided["data_hash"])
    used = desk.ask(
        "SELECT run_id, count(*), count(DISTINCT override_id) FROM override_uses JOIN runs ON used_in_run = run_id WHERE NOT is_stale GROUP BY ALL"
    )
    followed = desk.ask(
        f"SELECT run_id FROM runs WHERE run_id <> '{unchanged['run_id']}' AND parent_snapshot IS NOT NULL"
    )
    assert len(followed) == 3 and sorted(used) == sorted((run_id, 5, 5) for (run_id,) in followed)

    desk.decide()
    assert desk.night()["status"] == "published"
    assert (desk.state(), desk.stories(), desk.texts()) == (before, stories, texts)
    assert desk.ask("SELECT count(*) FROM override_uses JOIN snapshot ON used_in_run = run_id") == [(0,)]
    assert len(desk.ask("FROM changes_tonight WHERE change = 'overruled_no_more'")) == 5


@pytest.mark.slow
def test_texts_are_joined_and_articles_pinned(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ((story,),) = desk.ask(f"SELECT story_id FROM articles WHERE url = '{FISH_URL}'")
    texts = [
        text
        for (text,) in desk.ask(f"SELECT text_id FROM articles WHERE url IN ('{BANK_URL}', '{DAM_URL}') ORDER BY url")
    ]
    desk.decide(
        f"must_link,{texts[0]},{texts[1]}", f"pin,{BANK_URL},{story}", f"must_link,{FISH_URL},https://nowhere.example/x"
    )
    decided = desk.night()
    assert decided["status"] == "published"
    assert desk.ask("SELECT DISTINCT story_id FROM articles") == [(story,)]
    assert len(desk.texts()) == 2
    assert desk.ask("SELECT decision, rule, jaccard FROM text_pairs WHERE rule = 'override'") == [
        ("joined", "override", 0.0)
    ]
    assert desk.ask("SELECT kind FROM overrides WHERE is_stale") == [("must_link",)]
    (note,) = (note for note in decided["notes"] if "stale" in note)
    assert "override_is_stale is broken by 1 row" in note and "author=ines" in note
    stale = desk.ask(
        "SELECT passed, blocking FROM quality JOIN snapshot USING (run_id) WHERE metric = 'override_is_stale'"
    )
    assert stale == [(False, False)]
    monkeypatch.setattr(flows.night, "made_alike", lambda *args: False)
    assert desk.night()["data_hash"] == decided["data_hash"]


@pytest.mark.slow
def test_an_ignored_article_is_in_no_story_and_no_count_until_it_is_ignored_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, stories = desk.state(), desk.stories()
    ((story, founder),) = desk.ask(
        f"SELECT story_id, founder_article_id FROM stories JOIN articles USING (story_id) WHERE url = '{FISH_URL}'"
    )
    urls = {article(url): url for url in (FISH_URL, FISH_TOO_URL, FISH_COPY_URL)}
    desk.decide(f"ignore,{urls[founder]},", f"ignore,{BANK_URL},", "ignore,https://nowhere.example/x,")
    decided = desk.night()
    assert desk.stories() == {frozenset(urls.values()) - {urls[founder]}, frozenset([DAM_URL])}
    assert desk.ask("SELECT sum(n_copies)::INT FROM source_daily") == [(3,)]
    assert desk.ask("SELECT key FROM overrides WHERE is_stale") == [(article("https://nowhere.example/x"),)]
    assert desk.ask(
        f"SELECT resolve('{story}') = story_id FROM articles WHERE url IN ('{FISH_URL}', '{FISH_COPY_URL}') LIMIT 1"
    ) == [(True,)]
    gone = "SELECT entity_id, cause FROM changes_tonight WHERE change = 'withdrawn' ORDER BY entity_id"
    assert desk.ask(gone) == sorted([(founder, "override"), (article(BANK_URL), "override")])
    assert desk.ask("SELECT count(*) FROM article_versions WHERE withdrawn_at = '2026-03-04'") == [(2,)]
    with monkeypatch.context() as patch:
        patch.setattr(flows.night, "made_alike", lambda *args: False)
        assert desk.night()["data_hash"] == decided["data_hash"]
    desk.decide()
    desk.night()
    assert (desk.state(), desk.stories()) == (before, stories)
    assert desk.ask(f"SELECT DISTINCT story_id FROM articles WHERE url = '{FISH_URL}'") == [(story,)]
    assert {cause for (cause,) in desk.ask("SELECT DISTINCT cause FROM changes_tonight")} == {"override"}


@pytest.mark.slow
def test_decisions_wait_for_what_they_name_and_one_night_or_two_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "once").mkdir()
    (tmp_path / "twice").mkdir()
    once, twice = Desk(tmp_path / "once"), Desk(tmp_path / "twice")
    lines = once.dump.read_text().splitlines(keepends=True)
    rows = [
        f"must_link,{BANK_URL},{DAM_URL}", f"cannot_link,{FISH_TOO_URL},{FISH_URL}", f"set_date,{DAM_URL},2026-03-01",
        f"set_source,{FISH_TOO_URL},Valley Gazette", f"ignore,{FISH_COPY_URL},",
    ]  # fmt: skip
    for desk in (once, twice):
        desk.decide(*rows)
    once.night()
    twice.dump.write_text(lines[1] + lines[3])
    twice.night()
    assert {kind for (kind,) in twice.ask("SELECT kind FROM overrides WHERE is_stale")} == {
        "must_link", "cannot_link", "set_date", "ignore",
    }  # fmt: skip
    twice.dump = twice.dump.with_name("b.jsonl")
    twice.dump.write_text(lines[0] + lines[2] + lines[4])
    grown = twice.night()
    assert twice.ask("FROM overrides WHERE is_stale") == []
    told = "SELECT * EXCLUDE (first_run_id, last_run_id, story_id, first_seen_at, record_key, feed) FROM articles ORDER BY article_id"
    assert (once.stories(), once.texts(), once.ask(told)) == (twice.stories(), twice.texts(), twice.ask(told))
    with monkeypatch.context() as patch:
        patch.setattr(flows.night, "made_alike", lambda *args: False)
        assert twice.night()["data_hash"] == grown["data_hash"]


@pytest.mark.slow
def test_decisions_about_a_withdrawn_article_wait_until_it_is_shown_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (
        f"must_link,{BANK_URL},{DAM_URL}", f"cannot_link,{FISH_TOO_URL},{FISH_URL}", f"set_date,{DAM_URL},2026-03-01",
        f"set_source,{FISH_TOO_URL},Valley Gazette",
    )  # fmt: skip
    lines = desk.dump.read_text().splitlines(keepends=True)
    desk.decide(*rows)
    desk.night()
    decided, stories, texts = desk.state(), desk.stories(), desk.texts()
    named = "SELECT kind FROM overrides WHERE is_stale ORDER BY kind"

    stones = [json.dumps({"id": url, "url": url, "deleted": True}) + "\n" for url in (DAM_URL, FISH_TOO_URL)]
    desk.dump = desk.dump.with_name("b.jsonl")
    desk.dump.write_text("".join(stones))
    gone = desk.night()
    assert (gone["n_withdrawn"], desk.stories()) == (2, {frozenset([BANK_URL]), frozenset([FISH_URL, FISH_COPY_URL])})
    assert [kind for (kind,) in desk.ask(named)] == ["cannot_link", "must_link", "set_date", "set_source"]
    with monkeypatch.context() as patch:
        patch.setattr(flows.night, "made_alike", lambda *args: False)
        assert desk.night()["data_hash"] == gone["data_hash"]
    # Decided while it is away, a word about it changes nothing of what is there.
    desk.decide(*rows, f"pin,{DAM_URL},{desk.ask('SELECT story_id FROM stories')[0][0]}")
    desk.night()
    away = {frozenset([BANK_URL]), frozenset([FISH_URL, FISH_COPY_URL])}
    assert (desk.stories(), len(desk.ask(named))) == (away, 5)

    desk.decide(*rows)
    desk.dump = desk.dump.with_name("c.jsonl")
    desk.dump.write_text(lines[1] + lines[4])
    back = desk.night()
    assert (desk.stories(), desk.texts(), desk.ask(named)) == (stories, texts, [])
    assert desk.state() == decided
    with monkeypatch.context() as patch:
        patch.setattr(flows.night, "made_alike", lambda *args: False)
        assert desk.night()["data_hash"] == back["data_hash"]


@pytest.mark.slow
def test_decisions_of_forgotten_articles_hold_and_their_reasons_go(desk: Desk) -> None:
    registry = SourceRegistry.parse(Resources.load(desk.settings).sources_csv)
    forget(desk.root, "url", FISH_TOO_URL, registry)
    forget(desk.root, "url", DAM_URL, registry)
    # What lost its words stays where it was: what keeps its own goes where it is told.
    desk.decide(f"must_link,{BANK_URL},{DAM_URL}", f"cannot_link,{FISH_TOO_URL},{FISH_URL}")
    desk.night()
    together = "SELECT count(*)::INT, count(DISTINCT story_id)::INT FROM articles WHERE article_id IN ('{}', '{}')"
    assert desk.ask(together.format(article(BANK_URL), article(DAM_URL))) == [(2, 1)]
    assert desk.ask(together.format(article(FISH_URL), article(FISH_TOO_URL))) == [(2, 2)]
    assert desk.ask("SELECT DISTINCT reason FROM overrides") == [("(forgotten)",)]
    decided = desk.state()
    desk.night()
    assert desk.state() == decided


def test_what_keeps_company_for_want_of_words_lets_go_of_what_is_parted() -> None:
    held = pa.table({"story_id": ["s_1"] * 4 + ["s_2"], "text_group_id": ["g_lost", "g_gone", "g_a", "g_b", "g_c"]})
    lost = pa.table({"text_group_id": ["g_lost", "g_gone"]})
    assert loosened(held, [("g_a", "g_c")], lost) is held
    assert loosened(held, [("g_a", "g_b")], lost)["text_group_id"].to_pylist() == ["g_lost", "g_gone", "g_c"]
    assert loosened(held, [("g_a", "g_lost")], lost)["text_group_id"].to_pylist() == ["g_gone", "g_c"]


@pytest.mark.slow
def test_a_decision_touches_what_it_names_and_a_night_without_the_file_says_that_it_holds_no_more(desk: Desk) -> None:
    february = _files(desk, "2026-02")
    desk.decide(f"set_source,{BANK_URL},Valley Gazette")
    desk.night()
    # What a decision does not name is not written again.
    assert february and _files(desk, "2026-02") == february
    desk.settings = Settings(tagger="newsfold")
    row = desk.night()
    assert any("names no file, so what people decided before holds no more" in note for note in row["notes"])
    assert desk.ask("FROM overrides") == []


def _files(desk: Desk, month: str) -> set[tuple[str, str]]:
    current = Warehouse(desk.root).current()
    assert current
    return {(file.path, file.sha256) for file in current.files if file.month == month}


PEOPLE = (
    "Prime Minister Imran Khan met Zebedee Quillfeather of the fishing union in Islamabad on Tuesday. Mr. Quillfeather told reporters "
    "that the talks went well. Zebedee Quillfeather will come back in May. Imran Khan thanked Quillfeather for his patience. "
)


@pytest.mark.slow
def test_names_mean_whom_people_say_in_every_number_and_mention(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path)
    desk.dump.write_text(
        json.dumps({"id": "1", "title": "Talks on fish", "text": PEOPLE, "date": "2026-03-02T08:00:00Z"}) + "\n"
    )
    desk.night()
    mentions = "SELECT surface, actor_id, method FROM article_mentions WHERE part = 'body' ORDER BY start_char"
    counts = "SELECT * EXCLUDE (report_date) FROM actor_daily ORDER BY actor_id"
    before = [
        desk.ask(sql)
        for sql in (
            mentions,
            counts,
            "FROM actors ORDER BY ALL",
            "FROM actor_pairs ORDER BY ALL",
            "FROM actor_aliases ORDER BY ALL",
        )
    ]
    learnt, khan = learnt_id("Zebedee Quillfeather"), "act_person_imran_khan"
    said = {(surface, actor) for surface, actor, _ in before[0]}
    assert {("Zebedee Quillfeather", learnt), ("Quillfeather", learnt), ("Imran Khan", khan)} <= said

    desk.decide(f"alias,Zebedee Quillfeather,{learnt_id('Zeb Q')}", f"not_alias,Imran Khan,{khan}")
    decided = desk.night()
    new = learnt_id("Zeb Q")
    said = {(surface, actor): method for surface, actor, method in desk.ask(mentions)}
    assert said["Zebedee Quillfeather", new] == said["Quillfeather", new] == said["Imran Khan", None] == "override"
    daily = {row[0]: row[1] for row in desk.ask(counts)}
    assert daily[new] == sum(row[1] == learnt for row in before[0]) and not {learnt, khan} & daily.keys()
    assert desk.ask(f"SELECT name, type, n_copies FROM actors WHERE actor_id = '{new}'") == [
        ("Zebedee Quillfeather", "other_org", 1)
    ]
    assert desk.ask("SELECT alias, actor_id FROM actor_aliases WHERE method = 'override'") == [
        ("Zebedee Quillfeather", new)
    ]
    assert desk.ask("SELECT kind, is_stale FROM overrides ORDER BY kind") == [("alias", True), ("not_alias", False)]
    # Another night brings another article; what it makes is what making everything anew makes.
    more = desk.dump.with_name("b.jsonl")
    more.write_text(
        json.dumps(
            {
                "id": "2",
                "title": "More fish",
                "text": PEOPLE.replace("Tuesday", "Friday") + FISH,
                "date": "2026-03-05T08:00:00Z",
            }
        )
        + "\n"
    )
    grown = run([desk.dump, more], desk.root, "2026-03-06", desk.settings)
    assert desk.ask(f"SELECT n_copies FROM actors WHERE actor_id = '{new}'") == [(2,)]
    with monkeypatch.context() as patch:
        patch.setattr(flows.night, "made_alike", lambda *args: False)
        anew = run([desk.dump, more], desk.root, "2026-03-07", desk.settings)
    assert decided["data_hash"] != grown["data_hash"] == anew["data_hash"]

    more.unlink()
    desk.dump.write_text("")
    desk.decide()
    desk.nights = 8
    desk.night()
    assert not desk.ask(f"SELECT * FROM article_mentions WHERE method = 'override' OR actor_id = '{new}'")
    assert not desk.ask(f"FROM actors WHERE actor_id = '{new}'")
    assert desk.ask(f"SELECT n_copies FROM actors WHERE actor_id = '{learnt}'") == [(2,)]


CONTRADICTIONS = [
    ([f"must_link,{FISH_URL},{BANK_URL}", f"must_link,{BANK_URL},{DAM_URL}", f"cannot_link,{FISH_URL},{DAM_URL}"], ["line 2 (must_link", "line 3 (must_link", "line 4 (cannot_link"]),
    ([f"cannot_link,{FISH_URL},{FISH_COPY_URL}"], ["line 2 (cannot_link", "copies of one text"]),
    ([f"must_link,{BANK_URL},{FISH_COPY_URL}", f"cannot_link,{FISH_URL},{BANK_URL}"], ["line 3 (cannot_link", "line 2 (must_link"]),
    ([f"pin,{BANK_URL},s_{'0' * 16}"], ["line 2 (pin", "never published"]),
    ([f"set_source,{BANK_URL},src_nobody"], ["line 2 (set_source", "nobody knows"]),
]  # fmt: skip


def test_what_contradicts_itself_stops_the_night_and_names_the_rows(desk: Desk) -> None:
    ((number,),) = desk.ask("SELECT number FROM snapshot")
    for rows, said in CONTRADICTIONS:
        desk.decide(*rows)
        with pytest.raises(Blocked) as blocked:
            desk.night()
        assert all(words in str(blocked.value) for words in said), blocked.value
        assert desk.ask("SELECT number FROM snapshot") == [(number,)]
    desk.decide()
    assert desk.night()["status"] == "no_change"
    runs = Warehouse(desk.root).read_log("runs")["status"].to_pylist()
    kept = Warehouse(desk.root).read_log("quality").to_pylist()
    assert runs.count("blocked") == len(CONTRADICTIONS)
    assert [row["detail"] for row in kept if row["suite"] == "overrides" and row["blocking"] and not row["passed"]]


def test_a_fault_in_the_file_is_one_sentence_before_anything_is_read(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.decide("merge,a,b")
    with pytest.raises(ValueError, match=r"overrides\.csv: line 2: there is no kind 'merge'"):
        desk.night()
    desk.file.write_bytes(b"kind,key\xff")
    with pytest.raises(ValueError, match=r"overrides\.csv: byte 8 is no UTF-8; save the file as UTF-8\."):
        desk.night()
    desk.file.unlink()
    with pytest.raises(FileNotFoundError, match="there is no file of overrides at"):
        desk.night()
