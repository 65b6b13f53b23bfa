"""Nights that are only counted: the SQL from memberships to the last table, over worlds drawn at random, without files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

import transforms.tables
from tests.second_way import FACTS, UNKNOWN, Known, Row, frame
from transforms.stories.evidence import EVIDENCE
from transforms.tables.run import COUNTS, DAYS, PAIRING, SCOPE, STORIES, tabulate
from warehouse.schema import TABLES

SQL = {path.stem: path.read_text("utf-8") for path in Path(transforms.tables.__file__).parent.glob("*.sql")}
# (source, family, kind)
OUTLETS = (
    ("src_a", "src_a", "outlet"), ("src_b", "src_a", "outlet"), ("src_c", "src_c", "wire"), ("src_d", "src_d", "outlet"),
    ("src_out", "src_out", "outlet"), (UNKNOWN, UNKNOWN, "unknown"),
)  # fmt: skip
BODIES, TITLES = ([f"t_{kind}{i}" for i in range(n)] for kind, n in (("b", 7), ("h", 3)))
ACTORS = [f"act_{i:02}" for i in range(4)]
# Thirteen in one sentence are a list; twelve are not yet.
MANY = [f"act_{i:02}" for i in range(10, 23)]
FILED = date(2026, 3, 31)
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
BEFORE = ("before_articles", "before_stories", "before_story_articles", "before_merge_evidence")
GROWING = (
    "articles",
    "stories",
    "story_articles",
    "source_daily",
    "source_pairs",
    "actor_daily",
    "actor_pairs",
    "source_actor",
)
WHOLE = ("sources", "actors", "actor_spellings")
# Names of things, not counts.
UNCOUNTED = ("source_aliases", "actor_aliases", "overrides")


@dataclass(frozen=True)
class Drawn:
    """What one night finds: every article as it stands, and the group, origin and story of every body."""

    articles: dict[str, Row]
    placed: dict[str, tuple[str, str, str]]  # text -> group, origin, story


@dataclass(frozen=True)
class World:
    """Facts about words, which never change, and the nights in order."""

    mentions: list[Row]
    citations: list[Row]
    credited: dict[str, str | None]  # text -> whom its whole report is credited to
    tones: list[Row]
    nights: list[Drawn]


def _instants() -> st.SearchStrategy[datetime]:
    # Three days on either side of a month's end, on whole half hours: ties and overlaps are the normal case.
    return st.integers(0, 6 * 48).map(lambda i: datetime(2026, 3, 29, tzinfo=UTC) + timedelta(minutes=30 * i))


def article(
    article_id: str,
    source: str,
    text: str,
    precision: str,
    zone: str | None,
    at: datetime = NOON,
    title: str | None = None,
) -> Row:
    """Return an article as a night places it: published at that instant, known as precisely as that."""
    published = None if precision == "unknown" else at
    exact = precision in ("second", "minute", "hour") and zone in ("stated", "source_country")
    return {
        "article_id": article_id,
        "source_id": source,
        "text_id": text,
        "title_text_id": title,
        "title": title,
        "published_at": published,
        "published_precision": precision,
        "tz_method": zone if published else None,
        "effective_at": published if exact else None,
        "report_date": at.date(),
        "date_basis": "published" if published else "first_seen",
        "n_words": 100,
        "n_versions": 1,
        "is_corrected": False,
        "text_filed_date": FILED,
        "title_filed_date": FILED if title else None,
    }


@st.composite
def _article(draw: st.DrawFn, article_id: str) -> Row:
    precision = draw(st.sampled_from(["second", "minute", "hour", "day", "month", "unknown"]))
    at = draw(_instants())
    if precision in ("day", "month"):
        at = at.replace(hour=0, minute=0, day=1 if precision == "month" else at.day)
    source = draw(st.sampled_from([name for name, *_ in OUTLETS if name != "src_out"]))
    zone = draw(st.sampled_from(["stated", "source_country", "assumed_utc"]))
    text, title = draw(st.sampled_from(BODIES)), draw(st.sampled_from([None, *TITLES]))
    return article(article_id, source, text, precision, zone, at, title) | {
        "n_versions": draw(st.sampled_from([1, 1, 2])),
        "is_corrected": draw(st.booleans()),
    }


@st.composite
def _placing(draw: st.DrawFn) -> dict[str, tuple[str, str, str]]:
    """Put every body into a group, every group into an origin, every origin into a story."""
    group = {text: f"g_{draw(st.integers(0, 4))}" for text in BODIES}
    origin = {g: f"o_{draw(st.integers(0, 3))}" for g in sorted(set(group.values()))}
    story = {o: f"s_{draw(st.integers(0, 2))}" for o in sorted(set(origin.values()))}
    return {text: (g, origin[g], story[origin[g]]) for text, g in group.items()}


@st.composite
def _mentions(draw: st.DrawFn, text: str) -> list[Row]:
    who = draw(st.lists(st.tuples(st.sampled_from([None, *ACTORS]), st.integers(0, 2), st.booleans()), max_size=6))
    if draw(st.integers(0, 4)) == 0:
        who += [(actor, 3, False) for actor in MANY[: draw(st.sampled_from([12, 13]))]]
    return mentions(text, who)


def mentions(text: str, who: Sequence[tuple[str | None, int, bool]]) -> list[Row]:
    """Return the mentions of a text: of whom, in which sentence, and whether as an outlet being cited."""
    return [
        {
            "text_id": text, "start_char": 10 * i, "end_char": 10 * i + 4, "surface": "Name", "actor_id": actor, "type": "person",
            "method": "full_name", "confidence": 1.0, "sentence_no": sentence, "in_lead": text in TITLES or sentence < 1,
            "as_source": as_source, "filed_date": FILED,
        }
        for i, (actor, sentence, as_source) in enumerate(sorted(who, key=lambda one: one[1]))
    ]  # fmt: skip


@st.composite
def _citations(draw: st.DrawFn, text: str) -> list[Row]:
    cited = draw(
        st.lists(
            st.tuples(st.sampled_from([o for o, *_ in OUTLETS[:5]]), st.sampled_from(["report", "fact", "media"])),
            max_size=2,
        )
    )
    return citations(text, cited)


def citations(text: str, cited: Sequence[tuple[str, str]]) -> list[Row]:
    """Return the credits of a text: to whom, and at what level."""
    return [
        {
            "text_id": text, "cited_source_id": source, "cue": "reported", "level": level, "start_char": i, "end_char": i + 1,
            "sentence_no": 0, "filed_date": FILED,
        }
        for i, (source, level) in enumerate(cited)
    ]  # fmt: skip


@st.composite
def _tones(draw: st.DrawFn, text: str) -> list[Row]:
    tone = draw(st.one_of(st.none(), st.integers(-10000, 10000)))
    return [] if tone is None else [toned(text, tone)]


def toned(text: str, tone: int) -> Row:
    """Return the tone of a text, given in ten-thousandths."""
    return {"text_id": text, "tone": tone / 10000, "n_tone_words": 1, "filed_date": FILED}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two nights: articles come, change, go; groups, origins and stories are cut anew."""
    ids = [f"a_{i:02}" for i in range(draw(st.integers(1, 9)))]
    first = {i: draw(_article(i)) for i in ids}
    second = dict(first) | {
        i: draw(_article(i)) for i in draw(st.lists(st.sampled_from([*ids, "a_10", "a_11"]), max_size=4))
    }
    for gone in draw(st.lists(st.sampled_from(ids), max_size=2)):
        if len(second) > 1:
            second.pop(gone, None)
    placed = draw(_placing())
    return World(
        mentions=[row for text in (*BODIES, *TITLES) for row in draw(_mentions(text))],
        citations=[row for text in BODIES for row in draw(_citations(text))],
        credited={text: draw(st.sampled_from([None, None, "src_a", "src_c", "src_out"])) for text in BODIES},
        tones=[row for text in BODIES for row in draw(_tones(text))],
        nights=[Drawn(first, placed), Drawn(second, draw(st.one_of(st.just(placed), _placing())))],
    )


def hand_made() -> World:
    """Two nights with what chance seldom draws: who may have been first, whose copy is whose voice, who only looks like another."""
    later, next_day = NOON + timedelta(hours=2), NOON + timedelta(days=1)
    first = [
        # Two copies that nobody is known to have printed, the one perhaps before the other, of what src_d printed later.
        article("a_00", "src_d", "t_b0", "second", "stated", later, "t_h0"),
        article("a_01", UNKNOWN, "t_b0", "second", "stated"),
        article("a_02", UNKNOWN, "t_b0", "unknown", None),
        # A family that cites itself, and two copies of one house in different words.
        article("a_03", "src_a", "t_b1", "second", "stated"),
        article("a_04", "src_b", "t_b2", "second", "stated", later),
        article("a_05", "src_a", "t_b2", "second", "stated", later),
        article("a_06", "src_d", "t_b2", "second", "stated", later + timedelta(minutes=9)),
        article("a_12", "src_a", "t_b2", "second", "stated", later + timedelta(minutes=20)),
        article("a_13", "src_a", "t_b6", "second", "stated"),
        article("a_14", "src_b", "t_b6", "second", "stated", later),
        # All actors' only article of their last day, which goes.
        article("a_07", UNKNOWN, "t_b3", "second", "stated", next_day + timedelta(days=1)),
        # A wording reprinted twice by one outlet that hides another of its group.
        article("a_08", "src_c", "t_b4", "second", "stated", next_day),
        article("a_09", "src_c", "t_b4", "second", "stated", next_day + timedelta(hours=1)),
        article("a_10", "src_c", "t_b5", "second", "stated", next_day + timedelta(hours=2)),
        article("a_11", "src_d", "t_b5", "day", "stated", next_day.replace(hour=0)),
    ]
    group = {text: f"g_{text}" for text in BODIES} | {"t_b5": "g_t_b4"}
    # One story of three texts of src_a, of which two are of one origin.
    story = {text: f"s_{group[text]}" for text in BODIES} | dict.fromkeys(("t_b2", "t_b6"), "s_g_t_b1")
    origin = {text: f"o_{group[text]}" for text in BODIES} | {"t_b2": "o_g_t_b6"}
    placed = {text: (group[text], origin[text], story[text]) for text in BODIES}
    articles = {row["article_id"]: row for row in first}
    # And one of several of an outlet's month.
    left = {id_: row for id_, row in articles.items() if id_ not in ("a_03", "a_07")}
    return World(
        mentions=[row for text in BODIES for row in mentions(text, [("act_00", 0, False), ("act_02", 0, False), ("act_01", 1, False)])],
        citations=[*citations("t_b1", [("src_b", "fact"), ("src_d", "report")]), *citations("t_b2", [("src_c", "media")]), *citations("t_b4", [("src_d", "fact")]),
                   *citations("t_b5", [("src_d", "fact"), ("src_d", "media")])],
        credited=dict.fromkeys(BODIES),
        tones=[toned("t_b0", -5000), toned("t_b1", 2500), toned("t_b6", 9999), toned("t_b4", 10000), toned("t_b5", -10000)],
        nights=[Drawn(articles, placed), Drawn(left, placed)],
    )  # fmt: skip


class Counting:
    """Tables that grow by nights, by the SQL that a night runs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tables = {name: _table([], name) for name in (*GROWING, *WHOLE, "merge_evidence")}
        self.articles: dict[str, Row] = {}

    def night(self, drawn: Drawn) -> None:
        """Count one night's articles, where they differ from those of the night before."""
        with duckdb.connect() as connection:
            connection.execute("SET threads = 1; SET TimeZone = 'UTC'")
            connection.execute(SQL["macros"])
            for name, table in (self._found(drawn) | self._read(drawn)).items():
                connection.register(f"given_{name}", table)
                connection.execute(f"CREATE TABLE {name} AS FROM given_{name}")
            self._tabulate(connection)
            self.tables = {name: _kept(connection, name) for name in self.tables}
        self.articles = drawn.articles

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a table as it stands."""
        if name == "text_actors":
            return _text_actors(self.world.mentions)
        found: list[Row] = self.tables[name].to_pylist()
        return found

    def known(self) -> Known:
        """Return the ground of the counts."""
        return Known(**{name: frame(self._ground(name), name) for name in FACTS})

    def table(self, name: str) -> pa.Table:
        """Return a table as it stands, or a fact about words; empty where this world has none."""
        return self.tables[name] if name in self.tables else _table(self._ground(name), name)

    def _ground(self, name: str) -> list[Row]:
        given = {
            "actor_mentions": self.world.mentions,
            "source_citations": self.world.citations,
            "text_tones": self.world.tones,
        }
        return given.get(name) or (self.rows(name) if name in self.tables or name == "text_actors" else [])

    def _found(self, drawn: Drawn) -> dict[str, pa.Table]:
        """Return what reading, relating and the files of names would have left."""
        touched = [row for id_, row in drawn.articles.items() if self.articles.get(id_) != row]
        texts = {row[name] for row in touched for name in ("text_id", "title_text_id")} - {None}
        new = self.world.mentions if not self.articles else []
        place = drawn.placed
        members = [
            {"article_id": id_}
            | dict(zip(("text_group_id", "origin_id", "story_id"), place[row["text_id"]], strict=True))
            for id_, row in drawn.articles.items()
        ]
        founders = {
            row["story_id"]: row["article_id"]
            for row in sorted(members, key=lambda row: row["article_id"], reverse=True)
        }
        return {
            "touched_articles": _table(
                [row | {"text_group_id": place[row["text_id"]][0], "originator_source_id": self._credit(row)} for row in touched],
                "articles",
            ).drop_columns(["story_id", "origin_id", "dup_level", "dup_similarity", "copy_rank", "origin_kind", "novel_share", "status", "voice_id"]),
            "gone_articles": _strings(article_id=sorted(self.articles.keys() - drawn.articles.keys()), heir_id=None),
            "memberships": pa.Table.from_pylist(members),
            "story_founders": _strings(story_id=list(founders), founder_article_id=list(founders.values())),
            "text_groups": _strings(text_id=BODIES, text_group_id=[place[text][0] for text in BODIES]),
            "touched_texts": _strings(text_id=sorted(texts)),
            "text_originators": _strings(text_id=BODIES, originator_source_id=[self.world.credited[text] for text in BODIES]),
            "source_citations": _table([row for row in self.world.citations if row["text_id"] in texts], "source_citations"),
            "new_actor_mentions": _table(new, "actor_mentions"),
            "new_text_actors": _table(_text_actors(new), "text_actors"),
        }  # fmt: skip

    def _read(self, drawn: Drawn) -> dict[str, pa.Table]:
        """Return what stood before, the registries, and what this world has none of."""
        people = sorted({*ACTORS, *MANY})
        outlets = [{"source_id": id_, "name": id_, "family_id": family, "kind": kind} for id_, family, kind in OUTLETS]
        stood = {f"previous_{name}": table for name, table in self.tables.items()}
        return stood | {
            "near_day_citations": _table(self.world.citations if self.articles else [], "source_citations"),
            "near_scope_citations": _table(self.world.citations if self.articles else [], "source_citations"),
            "near_actor_mentions": _table(self.world.mentions, "actor_mentions"),
            "near_text_tones": _table(self.world.tones, "text_tones"),
            "near_text_actors": _table(_text_actors(self.world.mentions), "text_actors"),
            "source_list": _table(outlets, "sources").select(["source_id", "name", "domain", "family_id", "kind", "country"]),
            "source_spellings": _strings(said_by=["citation"] * len(outlets), source_id=[row["source_id"] for row in outlets]),
            "actor_registry": _strings(actor_id=people, name=people, type=["person"] * len(people), country=None, affiliation_id=None),
            "actor_redirects": _strings(old_actor_id=[], actor_id=[], method=[]),
            "actor_overrides": _strings(kind=[], name_key=[], learnt_id=[], actor_id=[], name=[]),
            "new_text_aliases": _table([], "text_aliases"),
            "standing_text_pairs": _table([], "text_pairs"),
            "evidence": EVIDENCE.empty_table(),
            "looked_at": _strings(text_group_id=[group for group, *_ in drawn.placed.values()]),
            "novelties": pa.table({"article_id": pa.array([], pa.string()), "novel_share": pa.array([], pa.float64())}),
            "tombstones": _strings(key=[]),
            "run": _strings(run_id=[f"r_{len(self.articles)}"]),
        }  # fmt: skip

    def _credit(self, article: Row) -> str | None:
        credited = self.world.credited[article["text_id"]]
        return None if credited == article["source_id"] else credited

    def _tabulate(self, connection: duckdb.DuckDBPyConnection) -> None:
        tabulate(connection, SCOPE, SQL)
        for name in ("articles", "stories", "story_articles", "merge_evidence"):
            connection.execute(f"CREATE VIEW near_{name} AS FROM previous_{name}")
        tabulate(connection, BEFORE, SQL)
        connection.execute("CREATE VIEW kept_articles AS FROM before_articles")
        tabulate(connection, ("current_articles", "scope_articles", *PAIRING), SQL)
        connection.execute(
            "CREATE TABLE paired_founders AS SELECT text_group_id, article_id, report_date FROM previous_articles "
            "WHERE dup_level = 'founder' AND (text_group_id IN (FROM paired) OR article_id IN (FROM paired))"
        )
        tabulate(connection, STORIES, SQL)
        columns = ", ".join(TABLES["articles"].schema.names)
        for name, one, other in (("added", "articles", "before_articles"), ("removed", "before_articles", "articles")):
            connection.execute(
                f"CREATE TABLE {name}_articles AS SELECT {columns} FROM {one} EXCEPT SELECT {columns} FROM {other}"
            )
        tabulate(connection, DAYS, SQL)
        for near, name, day in (
            ("month_articles", "articles", "report_date"), ("source_daily", "source_daily", "report_date"),
            ("actor_daily", "actor_daily", "report_date"), ("actor_pairs", "actor_pairs", "report_date"),
            ("source_actor", "source_actor", "month"), ("source_pairs", "source_pairs", "month"),
        ):  # fmt: skip
            # Whole months are what a night reads; of baselines it reads one more, so of source_daily here all.
            months = "SELECT date_trunc('month', report_date) FROM source_days"
            where = "" if near == "source_daily" else f" WHERE date_trunc('month', {day}) IN ({months})"
            connection.execute(f"CREATE TABLE near_{near} AS FROM previous_{name}{where}")
        tabulate(connection, [name for name in COUNTS if name not in UNCOUNTED], SQL)


def _kept(connection: duckdb.DuckDBPyConnection, name: str) -> pa.Table:
    """Return a table with tonight's rows in the place of those they replace."""
    columns = ", ".join(f'"{column}"' for column in TABLES[name].schema.names)
    sql = f"SELECT {columns} FROM {name}"
    if name not in WHOLE:
        sql += f" UNION ALL SELECT {columns} FROM previous_{name} ANTI JOIN before_{name} USING ({', '.join(TABLES[name].key)})"
    return connection.sql(sql).to_arrow_table().cast(_schema(name))


def _text_actors(mentions: Iterable[Row]) -> list[Row]:
    rows: dict[tuple[str, str], Row] = {}
    for said in mentions:
        if said["actor_id"] is None or said["as_source"]:
            continue
        key = {name: said[name] for name in ("text_id", "actor_id", "filed_date")}
        row = rows.setdefault((said["text_id"], said["actor_id"]), key | {"n_mentions": 0, "in_lead": False})
        row["n_mentions"] += 1
        row["in_lead"] |= said["in_lead"]
    return list(rows.values())


def _table(rows: list[Row], name: str) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=_schema(name))


def _schema(name: str) -> pa.Schema:
    # Without what may not be NULL: an article drawn here says no more than counting asks.
    return pa.schema([pa.field(field.name, field.type) for field in TABLES[name].schema])


def _strings(**columns: list[Any] | None) -> pa.Table:
    n = max(len(values) for values in columns.values() if values is not None)
    return pa.table(
        {name: pa.array([None] * n if values is None else values, pa.string()) for name, values in columns.items()}
    )
