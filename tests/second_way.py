"""Every measure of the tables a second way: in pandas, from articles and the facts about their words, group by group, with sets.

`Known` holds what is counted; each function returns the rows a table must have, by their keys. Nothing here reads the SQL.
"""

import math
from collections import defaultdict, namedtuple
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from itertools import combinations, permutations
from typing import Any

import pandas as pd

from warehouse.schema import TABLES

Row = dict[str, Any]
Rows = dict[tuple[Hashable, ...], Row]

UNKNOWN = "src_unknown"
FACTS = (
    "articles",
    "sources",
    "text_actors",
    "actor_mentions",
    "source_citations",
    "text_aliases",
    "merge_evidence",
    "quotes",
    "text_tones",
    "texts",
)
# What a reading of the words to the hour is worth (transforms/tables/macros.sql says the same in SQL).
_WIDTH = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_LIST = 12


def frame(rows: list[Row], name: str) -> pd.DataFrame:
    """Return rows of a table with None for NULL, so that nothing becomes a float or a NaN on the way."""
    names = TABLES[name].schema.names
    return pd.DataFrame([[row.get(column) for column in names] for row in rows], columns=names, dtype=object)


@dataclass(frozen=True)
class Known:
    """The ground of all counts; of `sources` only family and kind are believed, of `articles` only what one article says."""

    articles: pd.DataFrame
    sources: pd.DataFrame
    text_actors: pd.DataFrame
    actor_mentions: pd.DataFrame
    source_citations: pd.DataFrame
    text_aliases: pd.DataFrame
    merge_evidence: pd.DataFrame
    quotes: pd.DataFrame
    text_tones: pd.DataFrame
    texts: pd.DataFrame

    @cached_property
    def family(self) -> dict[str, str]:
        return dict(zip(self.sources.source_id, self.sources.family_id, strict=True))

    @cached_property
    def told(self) -> pd.DataFrame:
        """Articles with their voice: a known family; a text group nobody known has; None for an unknown copy of a known one's."""
        heard = set(self.articles.text_group_id[self.articles.source_id != UNKNOWN])

        def voice(article: Any) -> str | None:
            if article.source_id != UNKNOWN:
                return self.family[article.source_id]
            return None if article.text_group_id in heard else str(article.text_group_id)

        return self.articles.assign(
            voice=pd.Series([voice(a) for a in each_of(self.articles)], index=self.articles.index, dtype=object),
            month=pd.Series([day.replace(day=1) for day in self.articles.report_date], index=self.articles.index),
        )

    @cached_property
    def named(self) -> pd.DataFrame:
        """A row per article and actor that its body or its headline names."""
        actors = self.text_actors[["text_id", "actor_id", "in_lead"]]
        headline = actors.assign(in_lead=True).rename(columns={"text_id": "title_text_id"})
        both = pd.concat([self.told.merge(actors, on="text_id"), self.told.merge(headline, on="title_text_id")])
        lead = both.groupby(["article_id", "actor_id"]).in_lead.any().reset_index()
        return lead.merge(self.told, on="article_id")

    @cached_property
    def stories_of(self) -> Rows:
        return stories(self)

    @cached_property
    def tone(self) -> dict[str, float]:
        return dict(zip(self.text_tones.text_id, self.text_tones.tone, strict=True))

    def sound(self, rows: pd.DataFrame) -> float | None:
        """Return the mean tone of the wordings of some copies, each wording once, to four places; None where none is known."""
        return _mean(self.tone[text] for text in {*rows.text_id} if text in self.tone)

    def per(self, told: pd.DataFrame, *keys: str) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
        """Yield the slices that agree in `keys`."""
        for key, rows in told.groupby(list(keys)):
            yield (key if isinstance(key, tuple) else (key,)), rows


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _distinct(values: Iterable[Any]) -> int:
    return len({value for value in values if value is not None})


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of what is known, to four places, halves away from zero; None of nothing."""
    known = [Decimal(str(value)) for value in values if value is not None]
    if not known:
        return None
    return float((sum(known, Decimal()) / len(known)).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _average(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def units(rows: pd.DataFrame) -> Row:
    """Return the four units of some copies."""
    return {
        "n_copies": _distinct(rows.article_id),
        "n_texts": _distinct(rows.text_group_id),
        "n_stories": _distinct(rows.story_id),
        "n_origins": _distinct(rows.origin_id),
    }


def first_originals(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[[kind == "original" and rank == 1 for kind, rank in zip(rows.origin_kind, rows.copy_rank, strict=True)]]


def text_actors(known: Known) -> Rows:
    """Mentions of a text that are resolved and no outlet being cited, counted."""
    counted = known.actor_mentions[[a is not None for a in known.actor_mentions.actor_id]]
    counted = counted[~counted.as_source.astype(bool)]
    spoken = list(zip(known.quotes.text_id, known.quotes.speaker_mention_char, strict=True))
    return {
        (text, actor): {"n_mentions": len(rows), "in_lead": any(rows.in_lead)}
        | ({"n_quotes": sum(spoken.count((text, start)) for start in rows.start_char)} if spoken else {})
        for (text, actor), rows in known.per(counted, "text_id", "actor_id")
    }


def actor_daily(known: Known) -> Rows:
    stories_of_day = {day: _distinct(rows.story_id) for (day,), rows in known.per(known.told, "report_date")}
    mentions = {(r.text_id, r.actor_id): r.n_mentions for r in each_of(known.text_actors)}
    quotes = {(r.text_id, r.actor_id): r.n_quotes for r in each_of(known.text_actors)}
    sounds = {key: known.sound(rows) for key, rows in known.per(known.told, "text_group_id", "report_date")}
    found = {}
    for (actor, day), rows in known.per(known.named, "actor_id", "report_date"):
        groups = {story: {*of.text_group_id} for (story,), of in known.per(rows, "story_id")}
        stories = [_mean(sounds[group, day] for group in of) for of in groups.values()]
        recognised = rows[rows.source_id != UNKNOWN]
        in_lead = rows[rows.in_lead.astype(bool)]
        texts = {*rows.text_id, *rows.title_text_id}
        found[actor, day] = units(rows) | {
            "n_mentions": sum(mentions.get((text, actor), 0) for text in texts),
            "n_quotes": _sum(quotes.get((text, actor)) for text in texts),
            "n_families": _distinct(known.family[s] for s in recognised.source_id)
            + len({*rows.text_group_id} - {*recognised.text_group_id}),
            "lead_share": _share(_distinct(in_lead.story_id), _distinct(rows.story_id)),
            "share_of_stories": _share(_distinct(rows.story_id), stories_of_day[day]),
            "tone_text_mean": _average(sounds[group, day] for group in {*rows.text_group_id}),
            "tone_story_mean": _average(stories),
        }
    return found


def actors(known: Known) -> Rows:
    """Names, kinds, days and units; whoever any text names is there, also where no article stands any more."""
    spelt: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for alias in each_of(known.text_aliases):
        spelt[alias.actor_id].append((alias.name, alias.type))
    days: dict[str, Row] = {}
    for (actor,), rows in known.per(known.named, "actor_id"):
        days[actor] = units(rows) | {
            "first_date": min(rows.report_date),
            "last_date": max(rows.report_date),
        }
    nowhere = {"n_copies": 0, "n_texts": 0, "n_stories": 0, "n_origins": 0, "first_date": None, "last_date": None}
    return {
        (actor,): days.get(actor, nowhere) | ({"name": _commonest(spelt[actor], 0)} if actor in spelt else {})
        for actor in {a for a in known.actor_mentions.actor_id if a is not None}
    }


def _commonest(spelt: list[tuple[str, str]], which: int) -> str:
    said = [pair[which] for pair in spelt]
    return min(said, key=lambda value: (-said.count(value), value))


def actor_pairs(known: Known) -> Rows:
    sentences: dict[str, dict[int, dict[str, tuple[int, int]]]] = defaultdict(lambda: defaultdict(dict))
    for m in each_of(known.actor_mentions):
        if m.actor_id is not None and not m.as_source:
            start, end = sentences[m.text_id][m.sentence_no].get(m.actor_id, (m.start_char, m.end_char))
            sentences[m.text_id][m.sentence_no][m.actor_id] = min(start, m.start_char), max(end, m.end_char)
    found: Rows = {}
    for (day,), rows in known.per(known.told, "report_date"):
        meetings: dict[tuple[str, str], list[tuple[str, int, int, int]]] = defaultdict(list)
        naming: dict[str, set[str]] = defaultdict(set)
        group = dict(zip(rows.text_id, rows.text_group_id, strict=True))
        story = dict(zip(rows.text_id, rows.story_id, strict=True))
        origin = dict(zip(rows.text_id, rows.origin_id, strict=True))
        for text in group:
            for no, there in sentences[text].items():
                if len(there) > _LIST:
                    continue
                for actor in there:
                    naming[actor].add(group[text])
                for a, b in combinations(sorted(there), 2):
                    meetings[a, b].append((text, no, min(there[a][0], there[b][0]), max(there[a][1], there[b][1])))
        for (a, b), met in meetings.items():
            together = {group[text] for text, *_ in met}
            text, _, start, end = min(met)
            found[a, b, day] = {
                "n_copies": sum(text in {text for text, *_ in met} for text in rows.text_id),
                "n_texts": len(together),
                "n_stories": len({story[text] for text, *_ in met}),
                "n_origins": len({origin[text] for text, *_ in met}),
                "n_sentences": len(met),
                "lift": len(together) * len({*group.values()}) / (len(naming[a]) * len(naming[b])),
                "example_text_id": text,
                "example_start_char": start,
                "example_end_char": end,
            }
    return found


def source_actor(known: Known) -> Rows:
    of_source = {key: _distinct(rows.text_group_id) for key, rows in known.per(known.told, "source_id", "month")}
    of_all = {month: _distinct(rows.text_group_id) for (month,), rows in known.per(known.told, "month")}
    naming = {key: _distinct(rows.text_group_id) for key, rows in known.per(known.named, "actor_id", "month")}
    sounds = {key: known.sound(rows) for key, rows in known.per(known.told, "source_id", "month", "text_group_id")}
    found = {}
    for (source, actor, month), rows in known.per(known.named, "source_id", "actor_id", "month"):
        tones = [sounds[source, month, group] for group in {*rows.text_group_id}]
        share = _distinct(rows.text_group_id) / of_source[source, month]
        found[source, actor, month] = units(rows) | {
            "n_original_texts": _distinct(first_originals(rows).text_group_id),
            "share_of_source": share,
            "index": share / (naming[actor, month] / of_all[month]),
            "n_texts_all": naming[actor, month],
            "n_toned_texts": sum(tone is not None for tone in tones),
            "tone_text_mean": _average(tones),
        }
    return found


def sources(known: Known) -> Rows:
    """Days and units of whoever published; the others have none."""
    found: Rows = {
        (source,): {"in_corpus": False, "n_copies": 0, "n_texts": 0, "n_stories": 0, "n_origins": 0, "first_date": None}
        for source in known.sources.source_id
    }
    for (source,), rows in known.per(known.told, "source_id"):
        found[(source,)] = units(rows) | {
            "in_corpus": True,
            "first_date": min(rows.report_date),
            "last_date": max(rows.report_date),
        }
    return found


def source_daily(known: Known) -> Rows:
    stories_of_day = {day: _distinct(rows.story_id) for (day,), rows in known.per(known.told, "report_date")}
    credits = known.source_citations[known.source_citations.level.isin(["report", "fact"])]
    cites = known.told.merge(credits[["text_id", "cited_source_id"]], on="text_id")
    cites = cites[cites.cited_source_id != cites.source_id]
    copies = {key: len(rows) for key, rows in known.per(known.told, "source_id", "report_date")}
    found = {}
    for (source, day), rows in known.per(known.told, "source_id", "report_date"):
        of_day = cites[cites.report_date == day]
        usual = [copies.get((source, day - timedelta(days=back))) for back in range(1, 29)]
        citing = {*of_day.voice[of_day.cited_source_id == source]} - {None, known.family[source]}
        found[source, day] = (
            units(rows)
            | _reporting(rows, stories_of_day[day])
            | _racing(known, rows)
            | {
                "n_cited_by_families": len(citing),
                "n_cites_out": _distinct(of_day.cited_source_id[of_day.source_id == source]),
                "correction_rate": _share(sum(rows.is_corrected), len(rows)),
                "revision_rate": _share(sum(n > 1 for n in rows.n_versions), len(rows)),
                "known_date_share": _share(sum(rows.date_basis == "published"), len(rows)),
                "baseline_ratio": _ratio(len(rows), [n for n in usual if n]),
            }
        )
    return found


def source_pairs(known: Known) -> Rows:
    credits = known.source_citations[known.source_citations.level.isin(["report", "fact"])]
    cites = known.told.merge(credits[["text_id", "cited_source_id"]], on="text_id")
    cites = cites[cites.cited_source_id != cites.source_id]
    cited = {
        key: _distinct(rows.text_group_id) for key, rows in known.per(cites, "source_id", "cited_source_id", "month")
    }
    met: dict[tuple[str, str, Any], list[tuple[pd.DataFrame, pd.DataFrame]]] = defaultdict(list)
    for (month, _), rows in known.per(known.told, "month", "text_group_id"):
        copies = {source: of for (source,), of in known.per(rows, "source_id")}
        for one, other in permutations(copies, 2):
            met[one, other, month].append((copies[one], copies[other]))
    return {
        key: {
            "n_citations": cited.get(key, 0),
            "n_shared_text_groups": len(met[key]),
            "n_times_first": sum(_surely_before(ours, theirs) for ours, theirs in met[key]),
            "lag_minutes_median": _median([lag for pair in met[key] if (lag := _lag(*pair)) is not None]),
        }
        for key in {*cited, *met}
    }


def _surely_before(ours: pd.DataFrame, theirs: pd.DataFrame) -> bool:
    place = min((rank for rank in ours.copy_rank if rank is not None), default=None)
    return place is not None and all(rank is not None and place < rank for rank in theirs.copy_rank)


def _lag(ours: pd.DataFrame, theirs: pd.DataFrame) -> float | None:
    firsts = [min((at for at in rows.effective_at if at is not None), default=None) for rows in (theirs, ours)]
    return None if None in firsts else _minutes(*firsts)


def _minutes(one: Any, other: Any) -> float:
    """Return the minutes from one instant to the other, in whole seconds, as clocks tell them."""
    return float((other.replace(microsecond=0) - one.replace(microsecond=0)).total_seconds() / 60)


def _median(values: list[float]) -> float | None:
    return float(pd.Series(values).median()) if values else None


def _reporting(rows: pd.DataFrame, stories_of_day: int) -> Row:
    originals = first_originals(rows)
    ranked = _distinct(g for g, rank in zip(rows.text_group_id, rows.copy_rank, strict=True) if rank is not None)
    kinds = list(rows.origin_kind)
    return {
        "n_original_texts": _distinct(originals.text_group_id),
        "originality_rate": _share(_distinct(originals.text_group_id), ranked) if ranked >= 5 else None,
        "wire_share": _share(kinds.count("wire"), len(kinds)),
        "syndication_share": _share(sum(k in ("wire", "republished", "rewrite") for k in kinds), len(kinds)),
        "breadth": _share(_distinct(rows.story_id), stories_of_day),
        "breadth_original": _share(_distinct(originals.story_id), stories_of_day),
    }


def each_of(rows: pd.DataFrame) -> Iterator[Any]:
    """Return the rows as `itertuples` has them without their index, which looks each column up by a slower way."""
    return map(_row_of(tuple(rows.columns)), zip(*(column for _, column in rows.items()), strict=True))


@cache
def _row_of(columns: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    return namedtuple("Row", columns)._make


def _racing(known: Known, rows: pd.DataFrame) -> Row:
    lags, firsts, alone = [], set(), set()
    for article in each_of(rows):
        story = known.stories_of[(article.story_id,)]
        if story["n_families"] == 1:
            alone.add(article.story_id)
            continue
        if story["first_article_id"] == article.article_id:
            firsts.add(article.story_id)
        if article.effective_at is not None:
            lags.append(_minutes(story["first_at"], article.effective_at))
    return {
        "n_firsts": len(firsts),
        "lag_minutes_median": _median(lags),
        "n_lag_excluded": sum(at is None for at in rows.effective_at),
        "exclusive_rate": _share(len(alone), _distinct(rows.story_id)),
    }


def _ratio(now: int, before: list[int]) -> float | None:
    return now / float(pd.Series(before).median()) if before else None


def stories(known: Known) -> Rows:
    accepted = known.merge_evidence[known.merge_evidence.decision.isin(["accept", "override"])]
    story_of = dict(zip(known.told.article_id, known.told.story_id, strict=True))
    links: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for link in each_of(accepted):
        links[story_of[link.article_a]].append((link.score, link.score - link.threshold))
    closeness: dict[str, int] = defaultdict(int)
    for link in each_of(accepted[accepted.decision == "accept"]):
        for article in (link.article_a, link.article_b):
            closeness[article] += round(link.score * 1_000_000)
    found = {}
    for (story,), rows in known.per(known.told, "story_id"):
        medoid = min(
            each_of(rows),
            key=lambda a: (-closeness[a.article_id], a.title is None, a.dup_level != "founder", a.article_id),
        )
        found[(story,)] = (
            {name: value for name, value in units(rows).items() if name != "n_stories"}
            | _origins(rows)
            | _instants(rows)
            | {
                "n_sources": _distinct(s for s in rows.source_id if s != UNKNOWN),
                "n_families": _distinct(rows.voice),
                "medoid_article_id": medoid.article_id,
                "title": medoid.title,
                "cohesion": min((score for score, _ in links[story]), default=None),
                "margin": min((margin for _, margin in links[story]), default=None),
            }
        )
    return found


def _origins(rows: pd.DataFrame) -> Row:
    credited = {o: _distinct(rows.voice[rows.originator_source_id == o]) for o in rows.originator_source_id if o}
    most = min(credited, key=lambda o: (-credited[o], o), default=None)
    told = {a.origin_id for a in each_of(rows) if a.source_id != UNKNOWN or a.originator_source_id is not None}
    n = _distinct(rows.origin_id)
    return {
        "n_origins": n,
        "originator_source_id": most,
        "originator_support": credited[most] / _distinct(rows.voice) if most else None,
        "corroboration": "single_origin" if n == 1 else "corroborated" if len(told) >= 2 else "unknown",
    }


def _instants(rows: pd.DataFrame) -> Row:
    known = [at for at in rows.effective_at if at is not None]
    first = _first(rows)
    return {
        "first_at": min(known, default=None),
        "last_at": max(known, default=None),
        "first_date": min(rows.report_date),
        "last_date": max(rows.report_date),
        "first_article_id": first.article_id if first else None,
        "first_source_id": first.source_id if first and first.source_id != UNKNOWN else None,
    }


def _first(rows: pd.DataFrame) -> Any:
    """Return the earliest article where every article of another voice is dated, and began after it had ended; else None."""

    def ended(article: Any) -> Any:
        return article.effective_at + _WIDTH[article.published_precision]

    timed = [a for a in each_of(rows) if a.effective_at is not None]
    if not timed:
        return None
    first = min(timed, key=lambda a: (a.effective_at, ended(a), a.article_id))
    for other in each_of(rows):
        if other.article_id == first.article_id or (other.voice is not None and other.voice == first.voice):
            continue
        # A day whose zone is not known may have begun 14 hours before it did in Greenwich.
        began = other.effective_at or (other.published_at - timedelta(hours=14) if other.published_at else None)
        if began is None or began < ended(first):
            return None
    return first


COUNTED = {
    "text_actors": text_actors,
    "stories": stories,
    "source_daily": source_daily,
    "source_pairs": source_pairs,
    "actor_daily": actor_daily,
    "actor_pairs": actor_pairs,
    "source_actor": source_actor,
    "sources": sources,
    "actors": actors,
}


def differing(name: str, found: list[Row], known: Known) -> list[str]:
    """Return how the rows of a table differ from those it must have: in their keys, in a value, in what is NULL."""
    return unlike(found, TABLES[name].key, COUNTED[name](known))


def unlike(found: list[Row], key: tuple[str, ...], expected: Rows) -> list[str]:
    """Return how rows differ from the expected ones: in their keys, in a value, in what is NULL."""
    rows = {tuple(row[k] for k in key): row for row in found}
    assert len(rows) == len(found), f"a key is there twice: {key}"
    wrong = [f"missing {k}" for k in expected.keys() - rows.keys()] + [
        f"extra {k}" for k in rows.keys() - expected.keys()
    ]
    for k in expected.keys() & rows.keys():
        wrong += [
            f"{k} {name}: {rows[k][name]!r}, a second way {value!r}"
            for name, value in expected[k].items()
            if not _same(rows[k][name], value)
        ]
    return sorted(wrong)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, (float, int)):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)
