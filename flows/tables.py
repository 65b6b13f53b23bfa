"""The tables of tonight's snapshot: what the night can have changed is made anew, compared with what stood, and handed on by month."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.dataset as dataset

from flows.changes import COMPARED, PAIRED, changes
from flows.months import columns_of, differing, in_declared_form
from flows.night import Night
from flows.novelty import tell_novelty
from flows.resources import actor_registry, source_registry
from transforms.enrich.outlets import outlet_actor
from transforms.enrich.registry import learnt_id
from transforms.tables.run import (
    BEFORE,
    COUNTS,
    DAYS,
    OVERRULED_ACTORS,
    PAIRING,
    REDIRECTS,
    SCOPE,
    STORIES,
    VIEWS,
    passing,
    tabulate,
)
from warehouse.publish import Months
from warehouse.schema import TABLES, Table

# Small enough to be written whole each night; every other derived table changes by months.
WHOLE = (
    "sources",
    "source_aliases",
    "source_spellings",
    "actors",
    "actor_aliases",
    "actor_redirects",
    "actor_spellings",
    "overrides",
)
BY_MONTH = tuple(name for name, table in TABLES.items() if table.kind == "derived" and name not in WHOLE)
_OF_ARTICLES = ("articles", "article_versions", "source_citations", "stories", "story_articles", "merge_evidence")
_OF_DAYS = ("source_daily", "source_pairs", "actor_daily", "actor_pairs", "source_actor")

# What SQL keeps of its memory beside whole months of large tables or all that changed, and where it tells what changed. A night into ten
# million articles (bench.growth) has 2.7 million changes; with two thirds SQL could not tell those of a month of pairs, and beside
# months publishing took 2,959 and 3,096 MiB with two thirds, 2,679 to 3,090 with half, 2,256 to 2,487 with half since no two months are held.
_BESIDE_MONTHS, _TELLING = 1 / 2, 5 / 6

# The day before, and every month of the story until then: that is where its rows stand.
_SCOPE_DAYS = """
SELECT previous_report_date FROM moved WHERE previous_report_date IS NOT NULL
UNION
SELECT unnest(generate_series(first_date, last_date, INTERVAL 1 MONTH) || [last_date])::DATE
FROM (SELECT story_id, first_date, last_date FROM previous_stories) SEMI JOIN scope_stories USING (story_id)
"""
_COUNTED = "article_id, story_id, text_group_id, source_id, report_date, n_versions, is_corrected, status"
_MONTHS_NOW = f"""
SELECT {_COUNTED} FROM near_month_articles ANTI JOIN before_articles USING (article_id)
UNION ALL
SELECT {_COUNTED} FROM articles
WHERE date_trunc('month', report_date) IN (SELECT date_trunc('month', report_date) FROM source_days)
"""
_STORY_DAYS = "SELECT first_date FROM (SELECT story_id, first_date FROM previous_stories) SEMI JOIN scope_stories USING (story_id)"
_EVIDENCE_DAYS = """
SELECT report_date FROM (SELECT article_a, article_b, report_date FROM previous_merge_evidence)
WHERE article_a IN (SELECT article_id FROM before_articles) OR article_b IN (SELECT article_id FROM before_articles)
"""
# A withdrawn article is in no story that could have moved; its versions stand under its day all the same.
_VERSION_DAYS = """
SELECT previous_report_date FROM moved WHERE previous_report_date IS NOT NULL
UNION
SELECT report_date FROM (SELECT article_id, report_date FROM previous_article_versions WHERE withdrawn_at IS NOT NULL)
SEMI JOIN stated_articles USING (article_id)
"""
_BODY_DAYS = "SELECT text_filed_date FROM month_articles SEMI JOIN actor_days USING (report_date)"
_CREDIT_DAYS = "SELECT text_filed_date FROM month_articles SEMI JOIN source_days USING (report_date)"
_SCOPE_TEXT_DAYS = "SELECT text_filed_date FROM articles UNION SELECT text_filed_date FROM before_articles"
_TEXT_DAYS = f"""
{_BODY_DAYS}
UNION SELECT title_filed_date FROM month_articles SEMI JOIN actor_days USING (report_date) WHERE title_filed_date IS NOT NULL
UNION SELECT unnest([text_filed_date, title_filed_date]) FROM articles
UNION SELECT unnest([text_filed_date, title_filed_date]) FROM before_articles
"""


def tabulate_all(night: Night) -> None:
    """Make every table that tonight can have changed: `<table>` holds the rows in question, `added_` and `removed_` what differs."""
    _scope(night)
    _tabulate(night, ("scope_articles",))
    tell_novelty(night)
    _tabulate(night, PAIRING)
    _look_up_founders(night)
    _tabulate(night, STORIES)
    for name in (*_OF_ARTICLES, "text_pairs"):
        _compare(night, TABLES[name])
    _tabulate(night, DAYS)
    changed, days = "SELECT report_date FROM source_days", "SELECT report_date FROM actor_days"
    night.look("near_month_articles", "articles", changed)
    night.look("near_source_daily", "source_daily", changed, extra=28)
    night.look("near_source_pairs", "source_pairs", changed)
    for name in ("actor_daily", "actor_pairs", "source_actor"):
        night.look(f"near_{name}", name, days)
    _tabulate(night, COUNTS[:1])
    night.look("near_day_citations", "source_citations", _CREDIT_DAYS)
    night.look("near_scope_citations", "source_citations", _SCOPE_TEXT_DAYS)
    night.look_near("text_actors", _TEXT_DAYS)
    decided = _names_moved(night)
    night.look_near("text_tones", _TEXT_DAYS)
    night.look_near("actor_mentions", _TEXT_DAYS if decided else _BODY_DAYS)
    if decided:
        night.look_near("quotes", _BODY_DAYS)
        _overrule_actors(night)
    _count(night, COUNTS[1:])
    for name in WHOLE:
        night.view(f"before_{name}", f"FROM previous_{name}")
        _compare(night, TABLES[name])
    for name in _OF_DAYS:
        _replace(night, TABLES[name])


def _names_moved(night: Night) -> bool:
    """Return whether a text at hand names somebody who is another now: people decided so, or the name was registered since."""
    for name, table in _actors(night.resources.actors_csv, night.resources.sources_csv).items():
        night.keep(name, table)
    _tabulate(night, REDIRECTS)
    moved = "SELECT 1 FROM near_text_actors SEMI JOIN actor_redirects ON near_text_actors.actor_id = old_actor_id"
    return bool(night.query(f"SELECT 1 FROM actor_overrides UNION ALL ({moved} LIMIT 1)").num_rows)


def _overrule_actors(night: Night) -> None:
    """Let `near_actor_mentions` and `near_text_actors` say whom names mean now; the facts stay as found."""
    _tabulate(night, OVERRULED_ACTORS)
    for name, key in (("actor_mentions", "text_id, start_char"), ("text_actors", "text_id")):
        over = "overruled_mentions" if name == "actor_mentions" else "overruled_text_actors"
        found = f"FROM previous_near_{name} UNION ALL BY NAME FROM added_{name}"
        night.connection.execute(
            f"CREATE OR REPLACE VIEW near_{name} AS FROM ({found}) ANTI JOIN overruled_mentions USING ({key}) UNION ALL BY NAME FROM {over}"
        )


def derived(night: Night) -> dict[str, pa.Table | Months]:
    """Return what to publish: the small tables whole, of the others the months that differ, each made when it is asked for."""
    night.give_way(_BESIDE_MONTHS)
    whole = {name: in_declared_form(night, f"FROM {name}", TABLES[name]) for name in WHOLE}
    return whole | {name: differing(night, TABLES[name], by_days=name in _OF_DAYS) for name in BY_MONTH}


def changed(night: Night) -> pa.Table:
    """Return the rows of `run_changes`: what differs of tonight's tables against last night's."""
    night.give_way(_TELLING)
    for name in (*COMPARED, *PAIRED):
        if night.restate:
            night.look_back(f"last_{name}", name)
        columns, stood = columns_of(TABLES[name]), f"last_{name}" if night.restate else f"before_{name}"
        if name == "articles":
            # Tables, as of what stands behind Arrow SQL does not know how much there is of it.
            of_months = stood if night.restate else "near_month_articles"
            night.connection.execute(
                f"CREATE OR REPLACE TABLE now_articles AS {_MONTHS_NOW};"
                f"CREATE OR REPLACE TABLE was_articles AS SELECT {_COUNTED} FROM {of_months}"
            )
        else:
            night.view(f"now_{name}", f"SELECT {columns} FROM {name}")
            night.view(f"was_{name}", f"SELECT {columns} FROM {stood}")
    found = changes(
        night.connection,
        night.resources.sql,
        run=night.row,
        previous_run=night.parent.manifest["run"] if night.parent else {},
        lineage=night.new["story_lineage"],
        reused=night.query(
            "SELECT DISTINCT article_id, key_id FROM reused_keys JOIN touched_records USING (record_id)"
        ),
        withdrawn=night.query("SELECT article_id FROM withdrawn_articles"),
        rest=lambda: night.give_way(_BESIDE_MONTHS),
    )
    for name in (*COMPARED, *PAIRED):
        kind = "TABLE" if name == "articles" else "VIEW"
        night.connection.execute(f"DROP {kind} now_{name}; DROP {kind} was_{name}")
    return found


def _scope(night: Night) -> None:
    _tabulate(night, SCOPE)
    night.look("near_articles", "articles", _SCOPE_DAYS)
    night.look("near_stories", "stories", _STORY_DAYS)
    night.look("near_article_versions", "article_versions", _VERSION_DAYS)
    night.look("near_story_articles", "story_articles", _SCOPE_DAYS)
    night.look("near_source_citations", "source_citations", "SELECT filed_date FROM touched_texts")
    _tabulate(night, BEFORE[:-1])
    night.look("near_merge_evidence", "merge_evidence", _EVIDENCE_DAYS)
    _tabulate(night, BEFORE[-1:])
    if night.restate and night.parent:
        # Who joined when, and who decided first, outlives a restatement.
        for name in ("story_articles", "merge_evidence"):
            night.keep(f"was_{name}", night.before(name))
            night.connection.execute(f"CREATE OR REPLACE TABLE before_{name} AS FROM was_{name}")
    night.view("kept_articles", "FROM before_articles")


def _look_up_founders(night: Night) -> None:
    """Make `paired_founders` hold the articles of last night that stood for what is `paired`.

    Not by SQL, which can't know how many articles there are behind Arrow: it would hold millions to look for a few among them.
    """
    ids = night.query("FROM paired").column(0).combine_chunks()
    named = dataset.field("text_group_id").isin(ids) | dataset.field("article_id").isin(ids)
    standing = night.standing("articles", None)
    columns = ["text_group_id", "article_id", "report_date"]
    night.keep("paired_founders", standing.to_table(columns, filter=(dataset.field("dup_level") == "founder") & named))


def _tabulate(night: Night, names: Iterable[str]) -> None:
    tabulate(night.connection, names, night.resources.sql, night.progress.note)
    night.beside.look_away()


def _count(night: Night, names: Sequence[str]) -> None:
    """Make tables of which some only serve the next ones: these go as soon as the last has read them."""
    read = passing(names, night.resources.sql)
    for name in names:
        _tabulate(night, [name])
        for step in read[name]:
            if step not in TABLES and step not in VIEWS and not step.startswith("before_"):
                night.connection.execute(f"DROP TABLE {step}")


def _compare(night: Night, table: Table) -> None:
    """Set what is to be added to a table and what removed, row by row."""
    columns = columns_of(table)
    before = f"SELECT {columns} FROM before_{table.name}" + (" WHERE false" if night.restate else "")
    now = f"SELECT {columns} FROM {table.name}"
    night.connection.execute(f"CREATE OR REPLACE TABLE added_{table.name} AS {now} EXCEPT {before}")
    night.connection.execute(f"CREATE OR REPLACE TABLE removed_{table.name} AS {before} EXCEPT {now}")


def _replace(night: Night, table: Table) -> None:
    """Let all rows of changed days or months take the place of those that stood: comparing them would cost as much."""
    columns = columns_of(table)
    nothing = " WHERE false" if night.restate else ""
    night.view(f"added_{table.name}", f"SELECT {columns} FROM {table.name}")
    night.view(f"removed_{table.name}", f"SELECT {columns} FROM before_{table.name}{nothing}")


@lru_cache(maxsize=1)
def _actors(actors_csv: tuple[str, ...], sources_csv: str) -> dict[str, pa.Table]:
    """Return the actor tables that SQL joins; an outlet of the source registry is an actor too, where it acts."""
    registry, sources = actor_registry(actors_csv), source_registry(sources_csv)
    known = [
        {
            "actor_id": a.actor_id,
            "name": a.name,
            "type": a.type,
            "country": a.country,
            "affiliation_id": a.affiliation_id,
        }
        for a in registry.actors
    ] + [
        {
            "actor_id": outlet_actor(s.source_id),
            "name": s.name,
            "type": "media",
            "country": s.country,
            "affiliation_id": None,
        }
        for s in sources.sources
    ]
    aliases = {(alias, a.actor_id) for a in registry.actors for alias in (a.name, *a.aliases)}
    aliases |= {(alias, outlet_actor(s.source_id)) for s in sources.sources for alias in (s.name, *s.aliases)}
    strings = ("actor_id", "name", "type", "country", "affiliation_id")
    outlets: dict[str, set[str]] = {}
    for source in sources.sources:
        for name in (source.name, *source.aliases):
            outlets.setdefault(learnt_id(name), set()).add(outlet_actor(source.source_id))
    # A name of two outlets is nobody's, and one of an actor is the actor's.
    learnt = {old: min(ids) for old, ids in outlets.items() if len(ids) == 1} | registry.learnt_before()
    return {
        "registered_names": pa.table(
            {"old_actor_id": pa.array(learnt.keys(), pa.string()), "actor_id": pa.array(learnt.values(), pa.string())}
        ),
        "actor_registry": pa.Table.from_pylist(known, schema=pa.schema([(name, pa.string()) for name in strings])),
        "actor_registry_aliases": pa.table(
            dict(zip(("alias", "actor_id"), zip(*sorted(aliases), strict=True), strict=True))
        ),
    }
