"""A warehouse's life: nights, corrections, withdrawals, verdicts, erasures, roll-backs, upkeep and crashes, in any order.

After each of them every byte is as published, every night that is kept shows what it showed, every story id leads somewhere and
what was to be forgotten is nowhere. In the end, making everything anew changes nothing, and the same records told in one night
give the same warehouse.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import flows.night
from flows.contracts import Blocked
from flows.forget import forget
from flows.repair import rebuild
from flows.resources import Resources
from flows.settings import Settings
from flows.upkeep import keep_up
from tests.nights import ask, run
from tests.test_forget import said_anywhere
from tests.test_similarity import BUDGET, FERRY, FERRY_TOO
from tests.test_touched import BANK, FISH
from tests.test_withdrawals import SAYS
from transforms.sources import SourceRegistry
from warehouse import history
from warehouse.catalog import open_catalog
from warehouse.publish import Warehouse
from warehouse.rollback import roll_back
from warehouse.schema import TABLES

FIRST = date(2026, 3, 2)
FISH_TOO = FISH + "Two more ports closed in the evening."
WORDS = (FERRY, FERRY_TOO, FISH, FISH_TOO, BANK, BUDGET, FERRY + " " + BANK)
OUTLETS = ("Alpha Times", "Beta Post", "Gamma News")
# Two months, and one that only late articles are of.
DAYS = ("2026-01-15", "2026-02-27", "2026-02-28", "2026-03-01")
KEYS = 6
# What carries no text, and is never to move by itself.
COUNTED = (
    "SELECT * EXCLUDE (name, domain) FROM sources ORDER BY ALL",
    "FROM source_daily ORDER BY ALL",
    "FROM source_pairs ORDER BY ALL",
    "FROM source_actor ORDER BY ALL",
    "SELECT * EXCLUDE (name) FROM actors ORDER BY ALL",
    "FROM actor_daily ORDER BY ALL",
    "FROM actor_pairs ORDER BY ALL",
    "SELECT * EXCLUDE (title, medoid_article_id, cohesion, margin) FROM stories ORDER BY ALL",
    "SELECT article_id, text_group_id, story_id, origin_id, report_date, source_id FROM articles ORDER BY ALL",
)
HEAD = "kind,key,value,author,date,reason\n"


def nonce(key: int) -> str:
    """A word that nobody says but the article of a key."""
    return f"zq{key}vx"


def url(key: int) -> str:
    return f"https://outlet{key % 3}.example/2026/{nonce(key)}"


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """An article, or another version of it, or its withdrawal."""
    key = draw(st.integers(0, KEYS - 1))
    if draw(st.integers(0, 9)) == 0:
        return {"id": str(key), "url": url(key), "deleted": True}
    outlet = draw(st.sampled_from((None, *OUTLETS)))
    words = draw(st.sampled_from(WORDS))
    return {"id": str(key), "url": url(key), "title": f"{words[:30]} {nonce(key)}", "text": words, "date": f"{draw(st.sampled_from(DAYS))}T08:00:00Z"} | (
        {"source": outlet} if outlet else {}
    )  # fmt: skip


pairs = st.tuples(st.integers(0, KEYS - 1), st.integers(0, KEYS - 1)).filter(lambda pair: pair[0] < pair[1])
verdicts = st.one_of(
    st.tuples(st.sampled_from(("must_link", "cannot_link")), pairs).map(
        lambda said: f"{said[0]},{url(said[1][0])},{url(said[1][1])}"
    ),
    st.tuples(st.integers(0, KEYS - 1), st.sampled_from(OUTLETS)).map(
        lambda said: f"set_source,{url(said[0])},{said[1]}"
    ),
    st.tuples(st.integers(0, KEYS - 1), st.sampled_from(DAYS)).map(lambda said: f"set_date,{url(said[0])},{said[1]}"),
    st.integers(0, KEYS - 1).map(lambda key: f"ignore,{url(key)},"),
)


def counted(root: Path, night: str | None = None) -> dict[str, list[Any]]:
    """What readers see, or saw after a night."""
    with open_catalog(root, history.as_of(Warehouse(root), night) if night else None) as connection:
        return {sql: connection.execute(sql).fetchall() for sql in COUNTED}


def assert_same(root: Path, counts: dict[str, list[Any]], night: str | None = None) -> None:
    for sql, rows in counted(root, night).items():
        assert rows == counts[sql], (
            night,
            sql,
            [row for row in rows if row not in counts[sql]],
            [row for row in counts[sql] if row not in rows],
        )


class Stopped(BaseException):
    """As a kill comes: nobody catches it."""


@dataclass
class Shown:
    """What readers saw after a night: its counts, its story ids, and the dumps that led there."""

    number: int
    counts: dict[str, list[Any]]
    stories: set[str]
    dumps: tuple[Path, ...] = field(default=())


class Life(RuleBasedStateMachine):
    """One warehouse, its folder of dumps, and the file of overrides beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="life-"))
        self.root, self.file = self.folder / "w", self.folder / "overrides.csv"
        self.settings_file = self.folder / "settings.toml"
        self.settings_file.write_text(f'tagger = "newsfold"\noverrides = "{self.file}"\n')
        self.settings = Settings.load(self.settings_file)
        self.number = 0
        self.rows: list[str] = []
        self.decide()
        self.registry = SourceRegistry.parse(Resources.load(self.settings).sources_csv)
        # What readers see, and what led there: night -> what it showed.
        self.line: dict[str, Shown] = {}
        self.read: tuple[Path, ...] = ()
        self.forgotten: set[int] = set()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def decide(self) -> None:
        self.file.write_text(HEAD + "".join(f"{row},ines,2026-03-02,read both\n" for row in self.rows))

    def dump(self, said: Sequence[dict[str, Any]]) -> Path:
        """Write a dump; what it says was fetched an hour after what the one before says."""
        path = self.folder / "dumps" / f"{self.number:03}.jsonl"
        path.parent.mkdir(exist_ok=True)
        fetched = f"2026-03-02T00:{self.number:02}:00Z"
        path.write_text("".join(json.dumps(each | {"fetched": fetched, "modified": fetched}) + "\n" for each in said))
        return path

    def night(self, *dumps: Path, reread: bool = False, stop_after: int | None = None) -> dict[str, Any] | None:
        """Run a night, stopped after so many of its steps; None where the overrides contradict each other."""
        self.number += 1
        left = iter(range(stop_after)) if stop_after is not None else None

        def after(step: str) -> None:
            if left is not None and next(left, None) is None:
                raise Stopped(step)

        name = (FIRST + timedelta(self.number)).isoformat()
        before = self.seen()
        try:
            row = run(dumps, self.root, name, self.settings, after=after, reread=reread)
        except Blocked as error:
            assert "contradict" in str(error)
            assert self.seen() == before
            self.rows.pop()
            self.decide()
            return None
        except Stopped:
            if self.seen() == before:
                return {"status": "stopped"}
            row = {"status": "published"}
        assert row["status"] in ("published", "no_change"), row
        self.read = tuple(dict.fromkeys((*self.read, *dumps)))
        if row["status"] == "published":
            self.show(name)
        return row

    def seen(self) -> tuple[int, str] | None:
        current = Warehouse(self.root).current() if self.root.exists() else None
        return (current.number, current.data_hash) if current else None

    def show(self, night: str) -> None:
        current = Warehouse(self.root).current()
        assert current is not None
        ids = {row["story_id"] for row in ask(self.root, "SELECT story_id FROM stories")}
        self.line[night] = Shown(current.number, counted(self.root), ids, self.read)

    @initialize(said=st.lists(records(), min_size=2, max_size=5))
    def begin(self, said: list[dict[str, Any]]) -> None:
        self.night(self.dump(said))

    @rule(said=st.lists(records(), min_size=1, max_size=4))
    def more_is_said(self, said: list[dict[str, Any]]) -> None:
        self.night(self.dump(said))

    @rule(said=st.lists(records(), min_size=1, max_size=4), steps=st.integers(0, 14))
    def a_night_is_cut_off(self, said: list[dict[str, Any]], steps: int) -> None:
        dump = self.dump(said)
        row = self.night(dump, stop_after=steps)
        if row and row["status"] == "stopped":
            self.night(dump)

    @precondition(lambda self: self.read)
    @rule(reread=st.booleans(), data=st.data())
    def a_dump_comes_again(self, reread: bool, data: st.DataObject) -> None:
        # What was decided since counts first.
        if self.night() is None:
            return
        before = self.seen()
        row = self.night(data.draw(st.sampled_from(self.read)), reread=reread)
        assert row and row["status"] == "no_change" and self.seen() == before

    @rule(row=verdicts)
    def somebody_decides(self, row: str) -> None:
        if row not in self.rows:
            self.rows.append(row)
            self.decide()
            self.night()

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def somebody_takes_it_back(self, data: st.DataObject) -> None:
        self.rows.remove(data.draw(st.sampled_from(self.rows)))
        self.decide()
        self.night()

    @rule(key=st.integers(0, KEYS - 1))
    def an_article_is_forgotten(self, key: int) -> None:
        before = counted(self.root)
        forget(self.root, "url", url(key), self.registry)
        assert_same(self.root, before)
        self.forgotten.add(key)
        # Nobody decides about what is forgotten any more.
        self.rows = [row for row in self.rows if nonce(key) not in row]
        self.decide()

    @precondition(lambda self: len(self.line) > 1)
    @rule(data=st.data())
    def readers_go_back(self, data: st.DataObject) -> None:
        night = data.draw(st.sampled_from(sorted(self.line)))
        house = Warehouse(self.root)
        with house.lock("rollback"):
            roll_back(house, night)
        self.line = {name: shown for name, shown in self.line.items() if name <= night}
        self.read = self.line[night].dumps

    @rule()
    def upkeep_is_done(self) -> None:
        before = counted(self.root)
        keep_up(self.root, self.settings)
        assert_same(self.root, before)
        # A week of nights stays, and of older ones the last of each week.
        latest = date.fromisoformat(max(self.line))
        weeks = {date.fromisoformat(night).isocalendar()[:2]: night for night in sorted(self.line)}
        of_week = {night for night in self.line if date.fromisoformat(night) > latest - timedelta(7)}
        self.line = {night: shown for night, shown in self.line.items() if night in of_week | set(weeks.values())}

    @rule(table=st.sampled_from([name for name, table in TABLES.items() if table.kind == "derived"]))
    def a_table_is_rebuilt(self, table: str) -> None:
        if self.night() is None:
            return
        before, counts = self.seen(), counted(self.root)
        assert rebuild(self.root, [table], self.settings_file) == 0
        assert_same(self.root, counts)
        assert self.forgotten or self.seen() == before

    @rule()
    def all_is_made_anew(self) -> None:
        if self.night() is None:
            return
        before, counts = self.seen(), counted(self.root)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(flows.night, "made_alike", lambda *_: False)
            row = self.night()
        assert_same(self.root, counts)
        # Two texts whose headlines were forgotten are told to be one story by less than before.
        assert self.forgotten or (row and row["status"] == "no_change" and self.seen() == before), row

    @precondition(lambda self: not self.forgotten and self.read)
    @rule()
    def all_is_told_in_one_night(self) -> None:
        if self.night() is None:
            return
        other = self.folder / f"told-{self.number}"
        dump = self.folder / "dumps" / "all.jsonl"
        dump.write_text("".join(path.read_text() for path in self.read))
        run([dump], other, (FIRST + timedelta(self.number)).isoformat(), self.settings)
        dump.unlink()
        assert [ask(other, sql) for sql in SAYS] == [ask(self.root, sql) for sql in SAYS]

    @invariant()
    def every_byte_is_as_published(self) -> None:
        if self.root.exists():
            for each in Warehouse(self.root).snapshots():
                assert each.verify() == []

    @invariant()
    def kept_nights_show_what_they_showed(self) -> None:
        for night, shown in self.line.items():
            assert_same(self.root, shown.counts, night)

    @invariant()
    def every_story_id_leads_somewhere(self) -> None:
        if self.line:
            ids = set().union(*(shown.stories for shown in self.line.values()))
            known = "SELECT story_id FROM stories UNION SELECT old_story_id FROM story_lineage UNION SELECT new_story_id FROM story_lineage"
            assert ids <= {row["story_id"] for row in ask(self.root, known)}

    @invariant()
    def what_was_forgotten_is_nowhere(self) -> None:
        assert said_anywhere(self.root, tuple(map(nonce, sorted(self.forgotten)))) == set()

    @invariant()
    def every_record_has_one_fate(self) -> None:
        if self.line:
            bad = "SELECT run_id FROM runs WHERE status = 'published' AND n_in <> n_loaded + n_exact_repeat + n_new_version + n_withdrawn + n_quarantined"
            assert ask(self.root, bad) == []


# The same few lives every time, and NEWSFOLD_LIVES of chance where that is set. One that fails is told whole: to shorten it would
# take an hour of nights.
LIVES = os.environ.get("NEWSFOLD_LIVES", "")
Life.TestCase.settings = settings(
    max_examples=int(LIVES or 3),
    stateful_step_count=8,
    derandomize=not LIVES,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
TestLife = pytest.mark.slow(Life.TestCase)
