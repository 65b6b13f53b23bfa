"""What the views and macros of the catalog count, a second way: in pandas, from the same ground as tests/second_way.py."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import pandas as pd

from tests.second_way import UNKNOWN, Known, Row, Rows, actor_daily, first_originals, units, unlike
from transforms.text import words


def stories_today(known: Known, night: date) -> Rows:
    def status(story: Row) -> str:
        if story["first_date"] >= night:
            return "new"
        ages = (("growing", 1), ("quiet", 7))
        return next((name for name, days in ages if story["last_date"] >= night - timedelta(days=days)), "closed")

    return {
        key: {"status": status(story), "n_copies": story["n_copies"]}
        for key, story in known.stories_of.items()
        if story["last_date"] >= night - timedelta(days=1)
    }


def originators(known: Known, night: date) -> Rows:
    found: Rows = {}
    for source in {story["originator_source_id"] for story in known.stories_of.values()} - {None}:
        theirs = [(key[0], s) for key, s in known.stories_of.items() if s["originator_source_id"] == source]
        rows = known.told[known.told.story_id.isin([story for story, _ in theirs])]
        found[(source,)] = units(rows) | {
            "mean_support": sum(s["originator_support"] for _, s in theirs) / len(theirs),
        }
    return found


def single_origin_stories(known: Known, night: date) -> Rows:
    return {
        key: {"n_origins": 1}
        for key, story in known.stories_of.items()
        if story["corroboration"] == "single_origin" and story["n_copies"] > 1
    }


def coverage(known: Known, night: date) -> Rows:
    return {
        day: units(rows)
        | {
            "known_source_share": sum(rows.source_id != UNKNOWN) / len(rows),
            "known_date_share": sum(rows.date_basis == "published") / len(rows),
            "known_hour_share": sum(at is not None for at in rows.effective_at) / len(rows),
        }
        for day, rows in known.per(known.told, "report_date")
    }


def article_actors(known: Known, night: date) -> Rows:
    said = {(m.text_id, m.actor_id): m.n_mentions for m in known.text_actors.itertuples()}
    return {
        (a.article_id, a.actor_id): {
            "n_mentions": sum(said.get((text, a.actor_id), 0) for text in (a.text_id, a.title_text_id)),
            "in_lead": bool(a.in_lead),
        }
        for a in known.named.itertuples()
    }


def article_citations(known: Known, night: date) -> Rows:
    both = known.told.merge(known.source_citations, on="text_id")
    return {
        (c.article_id, c.cited_source_id, c.cue, c.start_char): {
            "level": "self" if c.cited_source_id == c.source_id else c.level
        }
        for c in both.itertuples()
    }


def wholes(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for the groups of some quotes (group, words) that of the longest wording which each is cut from."""
    longest: dict[str, str] = {}
    for group, quoted in sorted(said, key=lambda one: (len(one[1]), one[1])):
        longest[group] = f" {' '.join(words(quoted.lower().replace('’', chr(39)).replace('ʼ', chr(39))))} "
    order = sorted(longest, key=lambda group: (len(longest[group]), group))
    return {
        part: next(
            (w for w in reversed(order) if longest[part].count(" ") > 8 and longest[part] in longest[w]),
            part,
        )
        for part in order
    }


def quote_groups(known: Known, night: date) -> Rows:
    grouped = known.quotes[known.quotes.quote_group_id.notna()]
    body = dict(zip(known.texts.text_id, known.texts.body, strict=True))
    both = known.told.merge(grouped, on="text_id")
    whole = wholes((q.quote_group_id, body[q.text_id][q.start_char : q.end_char]) for q in both.itertuples())
    both = both.assign(whole=[whole[group] for group in both.quote_group_id])
    found: Rows = {}
    for key, rows in known.per(both, "whole"):
        speakers = {actor for actor in rows.speaker_actor_id if actor is not None}
        found[key] = units(rows) | {
            "n_wordings": rows.quote_group_id.nunique(),
            "n_sources": len({*rows.source_id} - {UNKNOWN}),
            "speaker_actor_id": next(iter(speakers)) if len(speakers) == 1 else None,
            "first_date": min(rows.report_date),
            "last_date": max(rows.report_date),
        }
    return found


def source_scorecard(known: Known, night: date) -> Rows:
    span = _span(known.told, night, DAYS)
    credits = known.source_citations[known.source_citations.level.isin(["report", "fact"])]
    cites = span.merge(credits[["text_id", "cited_source_id"]], on="text_id")
    first = {s["first_article_id"] for s in known.stories_of.values() if s["n_families"] > 1}
    found: Rows = {}
    for (source,), rows in known.per(span, "source_id"):
        citing = {known.family[s] for s in cites.source_id[cites.cited_source_id == source] if s != UNKNOWN}
        kinds = list(rows.origin_kind)
        found[(source,)] = units(rows) | {
            "n_original_texts": len({*first_originals(rows).text_group_id}),
            "syndication_share": sum(kind in ("wire", "republished", "rewrite") for kind in kinds) / len(kinds),
            "n_firsts": len(first & {*rows.article_id}),
            "n_cited_by_families": len(citing - {known.family[source]}),
        }
    return found


def actor_scorecard(known: Known, night: date) -> Rows:
    days: dict[str, list[tuple[date, Row]]] = {}
    for (actor, day), row in actor_daily(known).items():
        if day <= night + timedelta(days=1):
            days.setdefault(str(actor), []).append((day, row))
    found: Rows = {}
    for actor, rows in days.items():
        inside = [row for day, row in rows if day > night - timedelta(days=DAYS)]
        if not inside:
            continue
        observed = sum(row["n_stories"] for day, row in rows if day > night - timedelta(days=2))
        before = [row for day, row in rows if night - timedelta(days=15) <= day <= night - timedelta(days=2)]
        # Two days' worth of the fourteen before.
        expected = sum(row["n_stories"] for row in before) / 7
        found[(actor,)] = {
            "n_copies": sum(row["n_copies"] for row in inside),
            "n_texts": sum(row["n_texts"] for row in inside),
            "n_story_days": sum(row["n_stories"] for row in inside),
            "n_origin_days": sum(row["n_origins"] for row in inside),
            "trend": (observed - expected) / expected**0.5 if expected else None,
        }
    return found


def _span(told: pd.DataFrame, night: date, days: int) -> pd.DataFrame:
    first, last = night - timedelta(days=days), night + timedelta(days=1)
    return told[[first < day <= last for day in told.report_date]]


DAYS = 3
# A view: what is asked, its key, and how it is counted.
VIEWED: dict[str, tuple[str, tuple[str, ...], Callable[[Known, date], Rows]]] = {
    "stories_today": ("stories_today", ("story_id",), stories_today),
    "originators": ("originators", ("source_id",), originators),
    "single_origin_stories": ("single_origin_stories", ("story_id",), single_origin_stories),
    "coverage": ("coverage", ("report_date",), coverage),
    "article_actors": ("article_actors", ("article_id", "actor_id"), article_actors),
    "article_citations": (
        "article_citations",
        ("article_id", "cited_source_id", "cue", "start_char"),
        article_citations,
    ),
    "quote_groups": ("quote_groups", ("quote_group_id",), quote_groups),
    "source_scorecard": (f"source_scorecard({DAYS})", ("source_id",), source_scorecard),
    "actor_scorecard": (f"actor_scorecard({DAYS})", ("actor_id",), actor_scorecard),
}


def viewed_otherwise(name: str, found: list[dict[str, Any]], known: Known, night: date) -> list[str]:
    """Return how the rows of a view differ from those it must have."""
    _, key, counted = VIEWED[name]
    return unlike(found, key, counted(known, night))
