"""A synthetic world of news, of any size: what the nights would have found in it, and one more night to add.

python -m bench.world --articles 100000 [--write DIR]

No real words: a vocabulary of syllables with Zipf's frequencies, names made of it, 2,000 sources and up to 50,000 actors by
Zipf. Every figure is a function of the seed and of an article's number, so any month can be made without the ones before it.

Shape. Months have equal weight a day; the last ends with the night before tonight. A month's stories are founded in it, and
their articles follow within 25 days (mean 1.5), so stories cross months. Story sizes fall off as a power (three of four are of
one article, the largest of some hundreds); about 25% of articles are copies of an earlier one of their story, two in three word
for word, the rest reprints with an edited middle and end. Bodies are log-normal with a median of 900 words and hold about 30
mentions of actors; 4% of the names in a body are outlets being cited. 6% of articles have a second version, 4% no date, 15% a
day only, 3% no known source. `tonight` is 80% articles of the last two days, 12% late ones and 8% updates of older articles,
the age of both falling geometrically over five months; four in ten of its new stories are in truth more of a known one.

A body is opening, name, filler, name, ..., closing: pieces of a pool, joined by Arrow's `take`, so that offsets and sentence
numbers follow from the lengths of pieces. Ids have the form of the schema, but are mixed from numbers, not hashed from content.
"""

import argparse
import time as clock
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.special import ndtri

from transforms.stories.evidence import EVIDENCE
from transforms.stories.origins import origins
from transforms.stories.similarity import FEATURES
from warehouse.schema import TABLES, Table

Ints = npt.NDArray[np.int64]
Raw = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]
Columns = dict[str, Any]

DAY = 86_400_000_000
HOUR = DAY // 24
# Texts made at a time: some 30 MB of bodies; larger pieces spend as long in page faults as in work.
TEXTS_AT_ONCE = 5_000
# The texts that an article can bring: article * 4 + one of these.
BODY, TITLE, BODY_2 = range(3)
TYPES = ("person", "person", "person", "state", "company", "government_body", "other_org", "place", "party", "igo")
CUES = ("reported", "according_to", "told", "obtained_by", "published_in")
SCORE = 0.5
# Share of names that speak; chosen so that most days have quotes to count.
SPEAKING = 0.15


@dataclass(frozen=True)
class Batch:
    """What one month, or tonight, brings: rows of the fact tables, and the membership that a night computes.

    `text_groups` (text_id, text_group_id), `text_pairs` (as declared), `story_members` (article_id, story_id, origin_id),
    `story_founders` (story_id, founder_article_id), `evidence` (transforms.stories.evidence.EVIDENCE; nodes are text groups).
    A month's membership is that of the articles filed in it, as the last night has it; tonight's is of every article, old or
    new, of every story that it touches, as tonight has it.
    """

    name: str
    night: date
    run_id: str
    run_no: int
    facts: Mapping[str, pa.Table]
    text_groups: pa.Table
    text_pairs: pa.Table
    story_members: pa.Table
    story_founders: pa.Table
    evidence: pa.Table


@dataclass(frozen=True)
class Articles:
    """Articles as numbers, a column an array; a group or a story bears the number of the article that founded it."""

    no: Ints
    story: Ints
    group: Ints
    parent: Ints  # earlier article of the story through which it joined; itself for the founder
    exact: Mask  # its body is that of its group's founder, word for word; else its own, edited from that
    titled: Ints  # article whose title it bears
    at: Ints  # microseconds since 1970, UTC
    source: Ints  # 0 = not known
    updated: Mask  # it has a second version

    def where(self, rows: Any) -> "Articles":
        """Return some of them, by mask or row numbers."""
        return Articles(**{name: column[rows] for name, column in vars(self).items()})

    def __len__(self) -> int:
        return len(self.no)

    @property
    def day(self) -> Ints:
        """Days since 1970."""
        return self.at // DAY

    @property
    def body(self) -> Ints:
        """Text of the first version."""
        return np.where(self.exact, self.group, self.no) * 4 + BODY

    @classmethod
    def together(cls, parts: Sequence["Articles"]) -> "Articles":
        """Return all parts as one."""
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})


@dataclass(frozen=True)
class World:
    """About `articles` articles over `months` months up to and including `last_night`; equal fields, equal rows."""

    articles: int
    seed: int = 1
    months: int = 36
    last_night: date = date(2026, 11, 20)
    n_sources: int = 2_000
    n_actors: int = 50_000
    _plans: dict[int, Articles] = field(default_factory=dict, compare=False, repr=False)

    def batches(self) -> Iterator[Batch]:
        """Yield one batch a month, oldest first."""
        yield from map(self.batch, range(self.months))

    def batch(self, month: int) -> Batch:
        """Return the batch of the month of this number, from 0; stories founded the month before go on in it."""
        of = Articles.together([self._plan(number) for number in (month - 1, month) if number >= 0])
        begin, end = self._month(month)
        filed = (of.day >= begin) & (of.day < end)
        night = _date(end - 1)
        return self._batch(f"{night:%Y-%m}", night, month + 1, of, filed, filed & of.updated, filed)

    def tonight(self, size: int = 100_000) -> Batch:
        """Return the night after the last month: `size` records, late arrivals and updates over five months among them."""
        rng = np.random.default_rng([self.seed, self.months])
        known = Articles.together([self._plan(month) for month in range(max(0, self.months - 7), self.months)])
        known = known.where(np.argsort(known.at, kind="stable"))
        n_updates = size * 8 // 100
        fresh = _joined(rng, self._fresh(rng, size - n_updates), known)
        wanted = np.unique(_of_day(rng, known, self._tonight - _ages(rng, n_updates)))
        again = np.zeros(len(known), bool)
        again[wanted] = ~known.updated[wanted]
        known = replace(known, updated=known.updated | again)
        touched = np.isin(known.story, np.union1d(fresh.story, known.story[again]))
        of = Articles.together([known.where(touched), fresh])
        new = np.arange(len(of)) >= touched.sum()
        again = np.concatenate([again[touched], fresh.updated])
        night = _date(self._tonight)
        return self._batch("tonight", night, self.months + 1, of, new, again, np.ones(len(of), bool))

    @cached_property
    def sources_csv(self) -> str:
        """The outlets as a registry (see transforms.sources); a fifth share their publisher with the one before them."""
        rows = [
            f"src_w{number},{name},,w{number}.example,src_w{_head(number)},{'wire' if number % 40 == 3 else 'outlet'},"
            for number, name in enumerate(_outlets(self.n_sources).to_pylist())
            if number
        ]
        return "\n".join(["source_id,name,aliases,domains,family_id,kind,country", *rows]) + "\n"

    # Plans: who reports what, when, after whom

    @property
    def _tonight(self) -> int:
        return (self.last_night - date(1970, 1, 1)).days + 1

    def _month(self, number: int) -> tuple[int, int]:
        """Return the first day of a month and the day behind its last, in days since 1970."""
        first = self.last_night.year * 12 + self.last_night.month - 1 - (self.months - 1) + number
        begin, end = ((date(m // 12, m % 12 + 1, 1) - date(1970, 1, 1)).days for m in (first, first + 1))
        return begin, min(end, self._tonight)

    def _plan(self, month: int) -> Articles:
        """Return the articles of the stories founded in a month, up to the last night."""
        if month not in self._plans:
            begin, end = self._month(month)
            share = (end - begin) / (self._tonight - self._month(0)[0])
            rng = np.random.default_rng([self.seed, month])
            plan = self._stories(rng, round(self.articles * share), month, (begin, end), 25.0)
            # Seven months back is as far as anything looks.
            self._plans.pop(month - 8, None)
            self._plans[month] = plan.where(plan.day < self._tonight)
        return self._plans[month]

    def _fresh(self, rng: np.random.Generator, size: int) -> Articles:
        """Return tonight's articles but the updates, as stories of their own; the late ones stand alone."""
        late = size * 13 // 100
        end = self._tonight + 1
        new = self._stories(rng, size - late, self.months, (end - 2, end), 1.0)
        alone = self._stories(rng, late, self.months + 1, (end - 2, end - 1), 1.0, largest=1)
        alone = replace(alone, at=alone.at - _ages(rng, late) * DAY)
        # Reports of tomorrow morning are not in tonight's dump.
        return Articles.together([replace(new, at=np.minimum(new.at, end * DAY - 1)), alone])

    def _stories(
        self, rng: np.random.Generator, n: int, month: int, days: tuple[int, int], longest: float, largest: int = 300
    ) -> Articles:
        """Return n articles in stories founded on these days; `longest` is the days that a story goes on at most."""
        start, first = _sizes(rng, n, largest)
        i = np.arange(n)
        place = i - start
        story_day = rng.choice(np.arange(*days), len(first), p=_weekdays(*days))
        founded = story_day * DAY + ((rng.random(len(first)) + rng.random(len(first))) / 2 * DAY).astype(np.int64)
        delay = np.where(place > 0, np.minimum(rng.exponential(min(1.5, longest / 3), n), longest), 0.0)
        # Those behind their founder in the order of their delays.
        delay = delay[np.lexsort((delay, start))]
        parent = start + (rng.random(n) * place).astype(np.int64)
        copies = (place > 0) & (rng.random(n) < 0.58)
        group = np.where(copies, parent, i)
        while not np.array_equal(group, group[group]):
            group = group[group]
        exact = ~copies | (rng.random(n) < 0.67)
        no = (month << 32) + i
        known = 1 + _zipf(self.n_sources - 1, 0.9)[rng.integers(0, _STEPS, n)]
        return Articles(
            no=no,
            story=no[start],
            group=no[group],
            parent=no[parent],
            exact=exact,
            titled=np.where(copies & exact & (rng.random(n) < 0.6), no[group], no),
            at=founded[np.searchsorted(first, start)] + (delay * DAY).astype(np.int64),
            source=np.where(rng.random(n) < 0.03, 0, known),
            updated=rng.random(n) < 0.06,
        )

    # Batches: plans as tables

    def _batch(self, name: str, night: date, run_no: int, of: Articles, new: Mask, again: Mask, shown: Mask) -> Batch:
        """Return the batch in which `new` articles arrive and others come `again`; `of` holds whole stories."""
        run: Columns = {"run_id": _ids("r_", np.array([run_no]), "run")[0].as_py(), "run_no": run_no, "night": night}
        groups = _group_ids(of)
        founders = of.where(shown & (of.no == of.story))
        bodies, titles = _new_texts(of, new, again)
        facts, counted = self._text_facts(bodies, titles)
        facts["records"] = self._records(of, new, again, counted, run)
        facts["withdrawals"] = TABLES["withdrawals"].schema.empty_table()
        minted = of.where(new & (of.no == of.story))
        facts["story_lineage"] = _rows(
            TABLES["story_lineage"],
            {
                **run,
                "new_story_id": _ids("s_", minted.no, "story"),
                "founder_article_id": _ids("a_", minted.no, "article"),
                "kind": "minted",
                "reason": "first articles of the story",
            },
            len(minted),
        )
        founding = {
            "story_id": _ids("s_", founders.no, "story"),
            "founder_article_id": _ids("a_", founders.no, "article"),
        }
        return Batch(
            name, night, run["run_id"], run_no, facts,
            text_groups=_text_groups(of.where(shown), groups.filter(pa.array(shown))),
            text_pairs=_text_pairs(of.where(new & ~of.exact), of.where(again)),
            story_members=self._members(of, groups, shown),
            story_founders=pa.table(founding),
            evidence=self._evidence(of, groups, new, shown),
        )  # fmt: skip

    def _members(self, of: Articles, groups: pa.Array, shown: Mask) -> pa.Table:
        """Return story and origin of the articles shown; whole stories decide about origins."""
        told = np.flatnonzero(np.isin(of.story, of.story[shown]))
        of, groups, shown = of.where(told), groups.take(pa.array(told)), shown[told]
        columns = {
            "article_id": _ids("a_", of.no, "article"),
            "story_id": _ids("s_", of.story, "story"),
            "text_group_id": groups,
            "source_id": _source_ids(of.source),
            "family_id": _source_ids(_head(of.source)),
            "originator_source_id": _source_ids(self._credit(of.group), none=True),
        }
        found = origins(pa.table(columns))
        # By article, as `columns` are not.
        order = pc.index_in(columns["article_id"], found["article_id"].combine_chunks())
        members = {name: columns[name] for name in ("article_id", "story_id")} | {
            "origin_id": found["origin_id"].combine_chunks().take(order)
        }
        return pa.table(members).filter(pa.array(shown))

    def _evidence(self, of: Articles, groups: pa.Array, new: Mask, shown: Mask) -> pa.Table:
        """Return how each text group joined its story, and pairs of strangers that came near."""
        order = np.argsort(of.no, kind="stable")
        row = np.arange(len(of))
        at = order[np.searchsorted(of.no, of.parent, sorter=order)]
        joined = row[shown & (of.group == of.no) & (of.story != of.no)]
        alone = row[new & (of.group == of.no)]
        near = alone[1:][(self._unit("near", of.no[alone[1:]]) < 0.05) & (of.story[alone[1:]] != of.story[alone[:-1]])]
        before = alone[np.searchsorted(alone, near) - 1]
        left, right = np.concatenate([joined, near]), np.concatenate([at[joined], before])
        accepted = np.arange(len(left)) < len(joined)
        a, b = groups.take(pa.array(left)), groups.take(pa.array(right))
        unit = self._unit("score", of.no[left])
        columns: Columns = {
            "node_a": pc.min_element_wise(a, b),
            "node_b": pc.max_element_wise(a, b),
            "score": np.round(np.where(accepted, SCORE + unit * 0.45, SCORE - 0.0001 - unit * 0.049), 6),
            "threshold": SCORE,
            "decision": pc.if_else(pa.array(accepted), "accept", "reject"),
            **{name: np.round(self._unit(name, of.no[left]), 6) for name in FEATURES},
        } | self._terms(of.where(left))
        return pa.table([_column(columns.get(f.name), f.type, len(left)) for f in EVIDENCE], schema=EVIDENCE)

    def _terms(self, of: Articles) -> Columns:
        """Return the first word of each one's body as the term that ties it, and where it stands."""
        first = _pool(self.n_actors, self.n_sources).first_words.take(pa.array(self._opening(of.group)))
        ends = pc.utf8_length(first).cast(pa.int32())
        span = pa.StructArray.from_arrays(
            [_ids("t_", of.body, "text"), pa.array(np.zeros(len(of), np.int32)), ends],
            names=["text_id", "start_char", "end_char"],
        )
        one = pa.array(np.arange(len(of) + 1, dtype=np.int32))
        return {
            "terms": pa.ListArray.from_arrays(one, pc.utf8_lower(first)),
            "spans": pa.ListArray.from_arrays(one, span),
        }

    def _records(self, of: Articles, new: Mask, again: Mask, counted: "Counts", run: Columns) -> pa.Table:
        first, second = of.where(new), of.where(again)
        both = Articles.together([first, second])
        version = (np.arange(len(both)) >= len(first)).astype(np.int64)
        body = np.where(version == 0, both.body, both.no * 4 + BODY_2)
        n_words = self._counted(both, body, counted)
        host = pc.binary_join_element_wise("w", _decimal(both.source), "")
        known = pa.array(both.source > 0)
        article = _ids("a_", both.no, "article")
        domain = pc.if_else(known, pc.binary_join_element_wise(host, "example", "."), None)
        url = pc.binary_join_element_wise(pc.binary_join_element_wise("https://", domain, ""), article, "/")
        dice = self._unit("date", both.no)
        dated, to_the_day = dice >= 0.04, (dice >= 0.04) & (dice < 0.19)
        seen = both.at + (self._unit("seen", both.no * 2 + version) * 6 * HOUR).astype(np.int64) * dated
        seen += version * (1 + 20 * self._unit("update", both.no)).astype(np.int64) * HOUR
        published = np.where(to_the_day, both.day * DAY, both.at // 60_000_000 * 60_000_000)
        begin = np.cumsum(5 * n_words) - 5 * n_words
        by_no = np.argsort(of.no, kind="stable")
        day_of = of.day[by_no]
        columns: Columns = {
            **run,
            "filed_date": _days(both.day),
            "text_filed_date": _days(day_of[np.searchsorted(of.no, body // 4, sorter=by_no)]),
            "title_filed_date": _days(day_of[np.searchsorted(of.no, both.titled, sorter=by_no)]),
            "record_id": _ids("rec_", both.no * 2 + version, "record"),
            "key_id": article,
            "feed": "world",
            "record_key": pc.if_else(known, None, article),
            "url": url,
            "url_norm": url,
            "source_name": pc.if_else(known, _outlets(self.n_sources).take(pa.array(both.source)), None),
            "source_domain": domain,
            "source_method": pc.if_else(known, "url", "unknown"),
            "source_confidence": np.where(both.source > 0, 0.9, 0.0),
            "title": self._titles(both.titled, both.story).text,
            "title_method": "given",
            "title_text_id": _ids("t_", both.titled * 4 + TITLE, "text"),
            "text_id": _ids("t_", body, "text"),
            "byline": _lists_of_one(_names(self.n_actors), self._byline(both.no)),
            "lang": "en",
            "lang_confidence": 1.0,
            "published_at": pa.array(published, mask=~dated),
            "published_precision": _choice(["unknown", "day", "minute"], dated * 1 + (dated & ~to_the_day)),
            "published_method": _choice(["none", "metadata"], dated * 1),
            "published_raw": pa.array(published, mask=~dated).cast(pa.string()),
            "tz_method": _choice([None, "assumed_utc", "stated"], dated * 1 + (dated & ~to_the_day)),
            "updated_at": pa.array(seen, mask=version == 0),
            "seen_at": seen,
            "content_type": "news",
            "n_words": n_words,
            "raw_file_id": _ids("f_", np.full(len(both), run["run_no"]), "file"),
            "raw_start": begin,
            "raw_end": begin + 5 * n_words,
        }
        return _rows(TABLES["records"], columns, len(both))

    # Texts: pieces of the pool, names at known places

    def _text_facts(self, bodies: "Texts", titles: "Texts") -> tuple[dict[str, pa.Table], "Counts"]:
        """Return the fact tables about new texts, and the number of words of the bodies."""
        names = ("texts", "text_actors", "actor_mentions", "text_aliases", "text_citations", "quotes", "text_tones")
        made: dict[str, list[pa.Table]] = {name: [TABLES[name].schema.empty_table()] for name in names}
        counts = [np.zeros(0, np.int64)]
        for kind, texts in (("body", bodies), ("title", titles)):
            for begin in range(0, len(texts.no), TEXTS_AT_ONCE):
                part = texts.slice(begin, begin + TEXTS_AT_ONCE)
                words = self._bodies(part) if kind == "body" else self._titles(part.content, part.story)
                if kind == "body":
                    counts.append(words.n_words)
                for name, table in self._about(part, words, kind).items():
                    made[name].append(table)
        facts = {name: pa.concat_tables(parts) for name, parts in made.items()}
        return facts, Counts(bodies.no, np.concatenate(counts))

    def _bodies(self, texts: "Texts") -> "Words":
        pool = _pool(self.n_actors, self.n_sources)
        n_names = self._n_names(texts.content)
        owner = np.repeat(np.arange(len(texts.no)), n_names)
        slot = np.arange(len(owner)) - np.repeat(np.cumsum(n_names) - n_names, n_names)
        content = texts.content[owner]
        fillers = self._fillers(texts, owner, slot, n_names)
        report = slot == self._credit_slot(texts.content, n_names)[owner]
        cited = report | (self._unit("cited", content, slot) < 0.04)
        outlet = np.where(
            report, self._credit(content), 1 + _zipf(self.n_sources - 1, 0.9)[self._step("cites", content, slot)]
        )
        # Two in three are of the story's dozen, the rest of this text alone.
        cast = np.where(
            self._unit("whose", content, slot) < 0.65,
            self._step("cast", texts.story[owner], (12 * self._unit("who", content, slot) ** 1.5).astype(np.int64)),
            self._step("own", content, slot),
        )
        actor = _zipf(self.n_actors, 1.0)[cast]
        short = _is_person(actor) & (self._unit("form", content, slot) < 0.5)
        named = np.where(cited, pool.outlets + outlet, np.where(short, pool.surnames, pool.names) + actor)
        # Opening, name, filler, name, ..., closing: each name stands behind its filler.
        sizes = 2 * n_names + 1
        pieces = np.empty(sizes.sum(), np.int64)
        behind = np.arange(len(owner)) * 2 + 1 + owner
        pieces[behind - 1], pieces[behind] = fillers, named
        last = np.cumsum(sizes) - 1
        edited = np.where(texts.edit == 0, texts.content, texts.edit)
        pieces[last] = pool.closings + (self._raw("closing", edited) % np.uint64(pool.n_closings)).astype(np.int64)
        return _joined_pieces(pool, pieces, sizes, behind, owner, actor, short, cited, outlet, report)

    def _titles(self, content: Ints, story: Ints) -> "Words":
        pool = _pool(self.n_actors, self.n_sources)
        owner = np.arange(len(content))
        actor = _zipf(self.n_actors, 1.0)[self._step("cast", story, np.zeros_like(story))]
        pieces = np.empty(3 * len(owner), np.int64)
        pieces[0::3] = pool.heads + (self._raw("head", content) % np.uint64(pool.n_heads)).astype(np.int64)
        pieces[1::3] = pool.names + actor
        pieces[2::3] = pool.tails + (self._raw("tail", content) % np.uint64(pool.n_tails)).astype(np.int64)
        no = np.zeros(len(owner), bool)
        sizes = np.full(len(owner), 3, np.int64)
        return _joined_pieces(pool, pieces, sizes, owner * 3 + 1, owner, actor, no, no, actor, no)

    def _about(self, texts: "Texts", words: "Words", kind: str) -> dict[str, pa.Table]:
        text_id = _ids("t_", texts.no, "text")
        ids = text_id.take(pa.array(words.owner))
        filed = _days(texts.day[words.owner])
        actor_id = _actor_ids(words.actor)
        type_ = _types(words.actor)
        in_lead = (words.sentence < 3) | (kind == "title")
        resolved = self._unit("resolved", texts.content[words.owner], words.start) >= 0.03
        spans: Columns = {
            "text_id": ids,
            "start_char": words.start,
            "end_char": words.end,
            "sentence_no": words.sentence,
            "filed_date": filed,
        }
        mentions = spans | {
            "surface": words.surface,
            "actor_id": pc.if_else(pa.array(resolved & ~words.cited), actor_id, None),
            "type": pc.if_else(pa.array(words.cited), "media", type_),
            "method": _choice(
                ["full_name", "surname", "unresolved", "registry"],
                np.where(words.cited, 3, np.where(resolved, words.short * 1, 2)),
            ),
            "confidence": np.where(resolved, 0.8, 0.3),
            "in_lead": in_lead,
            "as_source": words.cited,
        }
        named = np.flatnonzero(resolved & ~words.cited)
        form = (words.owner[named] * self.n_actors + words.actor[named]) * 2 + words.short[named]
        once = named[np.unique(form, return_index=True)[1]]
        aliases = {
            "text_id": ids.take(pa.array(once)),
            "alias": words.surface.take(pa.array(once)),
            "lang": "en",
            "actor_id": actor_id.take(pa.array(once)),
            "name": _names(self.n_actors).take(pa.array(words.actor[once])),
            "type": type_.take(pa.array(once)),
            "method": _choice(["full_name", "surname"], words.short[once] * 1),
            "confidence": 0.8,
            "filed_date": filed.take(pa.array(once)),
        }
        pairs, first, pair = np.unique(
            words.owner[named] * self.n_actors + words.actor[named], return_index=True, return_inverse=True
        )
        first = named[first]
        counted = {
            "text_id": ids.take(pa.array(first)),
            "actor_id": actor_id.take(pa.array(first)),
            "n_mentions": np.bincount(pair, minlength=len(pairs)),
            "in_lead": np.bincount(pair, weights=in_lead[named], minlength=len(pairs)) > 0,
            "filed_date": filed.take(pa.array(first)),
        }
        speaking = named[self._unit("speaking", texts.content[words.owner[named]], words.start[named]) < SPEAKING]
        counted["n_quotes"] = np.bincount(pair, weights=np.isin(named, speaking), minlength=len(pairs)).astype(np.int64)
        quotes = {name: _take(values, speaking) for name, values in spans.items()} | self._quoted(words, speaking)
        rows = np.flatnonzero(words.cited)
        level = np.where(
            words.report[rows], 0, 1 + (self._unit("level", texts.no[words.owner[rows]], words.start[rows]) < 0.1)
        )
        citations = {name: _take(values, rows) for name, values in spans.items()} | {
            "cited_name": words.surface.take(pa.array(rows)),
            "cited_source_id": _source_ids(words.outlet[rows]),
            "cue": _choice(
                CUES,
                (self._raw("cue", texts.no[words.owner[rows]], words.start[rows]) % np.uint64(len(CUES))).astype(
                    np.int64
                ),
            ),
            "level": _choice(["report", "fact", "media"], level),
        }
        rows_of = {
            "text_id": text_id,
            "kind": kind,
            "body": words.text,
            "n_words": words.n_words,
            "lang": "en",
            "filed_date": _days(texts.day),
        }
        return {
            "texts": _rows(TABLES["texts"], rows_of, len(texts.no)),
            "text_actors": _rows(TABLES["text_actors"], counted, len(first)),
            "actor_mentions": _rows(TABLES["actor_mentions"], mentions, len(words.owner)),
            "text_aliases": _rows(TABLES["text_aliases"], aliases, len(once)),
            "text_citations": _rows(TABLES["text_citations"], citations, len(rows)),
            "quotes": _rows(TABLES["quotes"], quotes, len(speaking)),
            "text_tones": self._toned(texts, words, kind),
        }

    def _toned(self, texts: "Texts", words: "Words", kind: str) -> pa.Table:
        """Return the tones of bodies, one in ten of them not known, said by their first characters."""
        some = np.flatnonzero((self._unit("toned", texts.no) < 0.9) & (kind == "body"))
        columns = {
            "text_id": _ids("t_", texts.no[some], "text"),
            "tone": np.round(self._unit("tone", texts.no[some]) * 1.2 - 0.6, 4),
            "n_tone_words": 1,
            "start_char": 0,
            "end_char": 1,
            "filed_date": _days(texts.day[some]),
        }
        return _rows(TABLES["text_tones"], columns, len(some))

    def _quoted(self, words: "Words", speaking: Ints) -> Columns:
        """Return what is said of quotes whose words are the names of their speakers: enough for counting them."""
        rows = pa.array(speaking)
        return {
            "kind": "indirect",
            "n_words": 1,
            "verb": "said",
            "speaker_surface": words.surface.take(rows),
            "speaker_start_char": words.start[speaking],
            "speaker_end_char": words.end[speaking],
            "speaker_actor_id": _actor_ids(words.actor).take(rows),
            "speaker_confidence": 0.8,
            "speaker_mention_char": words.start[speaking],
        }

    def _fillers(self, texts: "Texts", owner: Ints, slot: Ints, n_names: Ints) -> Ints:
        """Return the piece before each name: an opening before the first; in an edited text the middle one is another."""
        pool = _pool(self.n_actors, self.n_sources)
        edited = (texts.edit != 0)[owner] & (slot == n_names[owner] // 2)
        key = np.where(edited, texts.edit[owner], texts.content[owner])
        filler = pool.fillers + (self._raw("filler", key, slot) % np.uint64(pool.n_fillers)).astype(np.int64)
        return np.where(slot == 0, self._opening(texts.content)[owner], filler)

    def _opening(self, content: Ints) -> Ints:
        pool = _pool(self.n_actors, self.n_sources)
        return (self._raw("opening", content) % np.uint64(pool.n_openings)).astype(np.int64)

    def _n_names(self, content: Ints) -> Ints:
        names = np.exp(np.log(27.4) + 0.45 * ndtri(self._unit("length", content)))
        return np.asarray(np.clip(names, 2, 300), np.int64)

    def _counted(self, of: Articles, body: Ints, counted: "Counts") -> Ints:
        """Return the words of these bodies; those brought by an earlier batch are made again to be counted."""
        missing, rows = np.unique(body[~np.isin(body, counted.texts)], return_index=True)
        of = of.where(np.flatnonzero(~np.isin(body, counted.texts))[rows])
        texts = Texts(missing, of.group, np.zeros_like(missing), of.story, of.day)
        parts = [counted.n_words]
        for begin in range(0, len(missing), TEXTS_AT_ONCE):
            parts.append(self._bodies(texts.slice(begin, begin + TEXTS_AT_ONCE)).n_words)
        numbers, n_words = np.concatenate([counted.texts, missing]), np.concatenate(parts)
        order = np.argsort(numbers, kind="stable")
        found: Ints = n_words[order[np.searchsorted(numbers, body, sorter=order)]]
        return found

    def _credit(self, content: Ints) -> Ints:
        """Return the outlet that a body owes its whole report to; 0 = none."""
        outlet = 1 + _zipf(self.n_sources - 1, 0.9)[self._step("credit", content)]
        return np.where(self._unit("credited", content) < 0.12, outlet, 0)

    def _credit_slot(self, content: Ints, n_names: Ints) -> Ints:
        """Return the name at which that outlet is credited; -1 = none is."""
        slot = (self._unit("credit slot", content) * n_names).astype(np.int64)
        return np.where(self._credit(content) > 0, slot, -1)

    def _byline(self, no: Ints) -> Ints:
        """Return a number of a name, for three articles of five; -1 = none."""
        name = (self._unit("byline", no) * self.n_actors).astype(np.int64)
        return np.where(self._unit("signed", no) < 0.6, name, -1)

    # Chance: a function of the seed, what it decides, and one or two numbers

    def _raw(self, what: str, a: Ints, b: Ints | int = 0) -> Raw:
        key = np.array([(zlib.crc32(what.encode()) << 32) + self.seed], np.uint64)
        return _mix(_mix(a.astype(np.uint64) + _mix(key)) + np.asarray(b).astype(np.uint64) * _GOLDEN)

    def _unit(self, what: str, a: Ints, b: Ints | int = 0) -> npt.NDArray[np.float64]:
        """Return numbers in (0, 1)."""
        return ((self._raw(what, a, b) >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52

    def _step(self, what: str, a: Ints, b: Ints | int = 0) -> Ints:
        """Return rows of a table of _STEPS quantiles."""
        return (self._raw(what, a, b) % np.uint64(_STEPS)).astype(np.int64)


@dataclass(frozen=True)
class Texts:
    """Texts to make: number, the article whose body it is or edits, what sets the edit apart (0 = none), story, day filed."""

    no: Ints
    content: Ints
    edit: Ints
    story: Ints
    day: Ints

    def slice(self, begin: int, end: int) -> "Texts":
        """Return those from begin to end."""
        return Texts(**{name: column[begin:end] for name, column in vars(self).items()})


@dataclass(frozen=True)
class Counts:
    """Words of some bodies."""

    texts: Ints
    n_words: Ints


@dataclass(frozen=True)
class Words:
    """Texts made (`text`, `n_words`), and every name in them, a column an array; `owner` is the row of its text."""

    text: pa.Array
    n_words: Ints
    owner: Ints
    start: Ints
    end: Ints
    surface: pa.Array
    sentence: Ints
    actor: Ints
    short: Mask
    cited: Mask
    outlet: Ints
    report: Mask


@dataclass(frozen=True)
class Pool:
    """What texts are made of, in one array, kind after kind; `n_*` count a kind, its own name is the number of its first piece.

    Each but the first of a text begins with a blank or a newline; sentences end inside fillers and at closings only.
    """

    pieces: pa.Array
    surfaces: pa.Array
    first_words: pa.Array
    length: Ints
    words: Ints
    ends: Ints
    n_openings: int
    fillers: int
    n_fillers: int
    closings: int
    n_closings: int
    heads: int
    n_heads: int
    tails: int
    n_tails: int
    names: int
    surnames: int
    outlets: int


@lru_cache(maxsize=2)
def _pool(n_actors: int, n_sources: int) -> Pool:
    rng = np.random.default_rng(7)
    openings = [_capital(_filler(rng)[1:]) for _ in range(4_000)]
    fillers = [_filler(rng) for _ in range(20_000)]
    closings = [_filler(rng) + "." for _ in range(4_000)]
    heads = [_capital(" ".join(_some_words(rng, 3))) for _ in range(5_000)]
    tails = [" " + " ".join(_some_words(rng, 4)) for _ in range(5_000)]
    full = _names(n_actors).to_pylist()
    named = [full, [name.partition(" ")[0] for name in full], _outlets(n_sources).to_pylist()]
    kinds = [openings, fillers, closings, heads, tails, *([f" {name}" for name in names] for names in named)]
    starts = np.cumsum([0, *map(len, kinds)]).tolist()
    pieces = pa.array([piece for kind in kinds for piece in kind], pa.string())
    return Pool(
        pieces=pieces,
        surfaces=pc.utf8_ltrim_whitespace(pieces),
        first_words=pa.array([opening.partition(" ")[0] for opening in openings]),
        length=pc.utf8_length(pieces).to_numpy().astype(np.int64),
        words=pc.count_substring_regex(pieces, "[a-zA-Z]+").to_numpy().astype(np.int64),
        ends=pc.count_substring_regex(pieces, r"\.\s").to_numpy().astype(np.int64),
        n_openings=len(openings),
        fillers=starts[1],
        n_fillers=len(fillers),
        closings=starts[2],
        n_closings=len(closings),
        heads=starts[3],
        n_heads=len(heads),
        tails=starts[4],
        n_tails=len(tails),
        names=starts[5],
        surnames=starts[6],
        outlets=starts[7],
    )


def _filler(rng: np.random.Generator) -> str:
    """Return a blank and some words: few, so that the names around share a sentence, or two sentences' worth."""
    if rng.random() < 0.35:
        return " " + " ".join(_some_words(rng, int(rng.integers(2, 9))))
    lengths = rng.integers(8, 22, 3)
    parts = [" ".join(_some_words(rng, int(n))) for n in lengths]
    between = "\n" if rng.random() < 0.4 else " "
    return f" {parts[0]}. {_capital(parts[1])}.{between}{_capital(parts[2])}"


def _joined_pieces(
    pool: Pool,
    pieces: Ints,
    sizes: Ints,
    named: Ints,
    owner: Ints,
    actor: Ints,
    short: Mask,
    cited: Mask,
    outlet: Ints,
    report: Mask,
) -> Words:
    """Return texts of so many pieces each (`sizes`), the names among which stand at `named`."""
    length, ends = pool.length[pieces], pool.ends[pieces]
    behind, ended = np.cumsum(length), np.cumsum(ends)
    last = np.cumsum(sizes) - 1
    bounds = np.concatenate([[0], behind[last]])
    ended_before = np.concatenate([[0], ended[last]])[:-1]
    bytes_ = pool.pieces.take(pa.array(pieces)).buffers()[2]
    text = pa.Array.from_buffers(pa.string(), len(sizes), [None, pa.py_buffer(bounds.astype(np.int32)), bytes_])
    start = behind[named] - length[named] + 1 - bounds[owner]
    return Words(
        text=text,
        n_words=np.add.reduceat(pool.words[pieces], last - sizes + 1) if len(sizes) else sizes,
        owner=owner,
        start=start,
        end=behind[named] - bounds[owner],
        surface=pool.surfaces.take(pa.array(pieces[named])),
        sentence=ended[named] - ended_before[owner],
        actor=actor,
        short=short,
        cited=cited,
        outlet=outlet,
        report=report,
    )


# Membership


def _new_texts(of: Articles, new: Mask, again: Mask) -> tuple[Texts, Texts]:
    """Return the bodies and the titles that nobody had before."""
    own = of.where(new & (of.body == of.no * 4 + BODY))
    later = of.where(again)
    bodies = Texts(
        no=np.concatenate([own.body, later.no * 4 + BODY_2]),
        content=np.concatenate([own.group, later.group]),
        edit=np.concatenate([np.where(own.no == own.group, 0, own.no + 1), -1 - later.no]),
        story=np.concatenate([own.story, later.story]),
        day=np.concatenate([own.day, later.day]),
    )
    titled = of.where(new & (of.titled == of.no))
    titles = Texts(titled.no * 4 + TITLE, titled.no, np.zeros_like(titled.no), titled.story, titled.day)
    return bodies, titles


def _group_ids(of: Articles) -> pa.Array:
    """Return each article's text group: `g_` and the smallest hash of its texts."""
    hashes = np.minimum(_hash(of.body, "text"), np.where(of.updated, _hash(of.no * 4 + BODY_2, "text"), ~np.uint64(0)))
    _, group = np.unique(of.group, return_inverse=True)
    smallest = np.full(group.max(initial=-1) + 1, ~np.uint64(0))
    np.minimum.at(smallest, group, hashes)
    return _hex("g_", smallest[group])


def _text_groups(of: Articles, groups: pa.Array) -> pa.Table:
    """Return the group of each body that these articles have or had."""
    later = np.flatnonzero(of.updated)
    texts, first = np.unique(np.concatenate([of.body, of.no[later] * 4 + BODY_2]), return_index=True)
    rows = pa.array(np.concatenate([np.arange(len(of)), later])[first])
    return pa.table({"text_id": _ids("t_", texts, "text"), "text_group_id": groups.take(rows)})


def _text_pairs(edited: Articles, again: Articles) -> pa.Table:
    """Return what ties an edited body to the one it comes from."""
    new = _ids("t_", np.concatenate([edited.body, again.no * 4 + BODY_2]), "text")
    old = _ids("t_", np.concatenate([edited.group * 4 + BODY, again.body]), "text")
    columns: Columns = {
        "text_a": pc.min_element_wise(new, old),
        "text_b": pc.max_element_wise(new, old),
        "jaccard": 0.9,
        "containment": 0.95,
        "decision": "joined",
        "rule": "jaccard",
        "filed_date": _days(np.concatenate([edited.day, again.day])),
    }
    return _rows(TABLES["text_pairs"], columns, len(new))


def _joined(rng: np.random.Generator, fresh: Articles, known: Articles) -> Articles:
    """Return `fresh` with four in ten of its stories gone into known ones of about their day, a third of these as copies."""
    founders = np.flatnonzero(fresh.no == fresh.story)
    joining = founders[rng.random(len(founders)) < 0.4]
    target = _of_day(rng, known, fresh.day[joining] - rng.integers(0, 3, len(joining)))
    copies = rng.random(len(joining)) < 1 / 3
    story, group, parent, exact = fresh.story.copy(), fresh.group.copy(), fresh.parent.copy(), fresh.exact.copy()
    _, of_story = np.unique(fresh.story, return_inverse=True)
    in_story, in_group = np.full(len(founders), -1), np.full(len(founders), -1)
    in_story[of_story[joining]] = target
    in_group[of_story[joining]] = np.where(copies, target, -1)
    moved = in_story[of_story]
    story[moved >= 0] = known.story[moved[moved >= 0]]
    copied = np.where(fresh.group == fresh.story, in_group[of_story], -1)
    group[copied >= 0] = known.group[copied[copied >= 0]]
    parent[joining] = known.no[target]
    exact[joining] = ~copies | (rng.random(len(joining)) < 0.67)
    return replace(fresh, story=story, group=group, parent=parent, exact=exact)


def _of_day(rng: np.random.Generator, known: Articles, days: Ints) -> Ints:
    """Return the row of an article of each of these days, or of the nearest there is; `known` is in the order of time."""
    days = np.clip(days, known.day[0], known.day[-1])
    begin, end = np.searchsorted(known.day, days), np.searchsorted(known.day, days, side="right")
    found: Ints = np.minimum(begin + (rng.random(len(days)) * (end - begin)).astype(np.int64), len(known) - 1)
    return found


def _ages(rng: np.random.Generator, n: int) -> Ints:
    """Return days, at least 1, at most five months, falling geometrically."""
    return np.minimum(rng.geometric(1 / 25, n), 150).astype(np.int64)


def _sizes(rng: np.random.Generator, n: int, largest: int) -> tuple[Ints, Ints]:
    """Return the row of each article's founder, and the rows of founders, for n articles in stories of a power law's sizes."""
    shares = np.arange(1, largest + 1) ** -2.6
    sizes = 1 + np.searchsorted(np.cumsum(shares) / shares.sum(), rng.random(n))
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), n)) + 1]
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    return np.repeat(first, sizes)[:n], first


def _weekdays(begin: int, end: int) -> npt.NDArray[np.float64]:
    # 1970-01-01 was a Thursday; fewer stories begin at a week-end.
    weights = np.where((np.arange(begin, end) + 3) % 7 >= 5, 0.6, 1.0)
    return np.asarray(weights / weights.sum())


# Words and names

_STEPS = 1 << 20
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SYLLABLES = [f"{c}{v}{d}" for c in "bdfgklmnprstvz" for v in "aeiou" for d in ("", "n", "r", "s")]


@lru_cache(maxsize=8)
def _zipf(n: int, exponent: float) -> Ints:
    """Return _STEPS quantiles of the numbers below n by Zipf's law."""
    shares = np.arange(1, n + 1) ** -exponent
    steps = (np.arange(_STEPS) + 0.5) / _STEPS
    return np.minimum(np.searchsorted(np.cumsum(shares) / shares.sum(), steps), n - 1)


def _word(number: int) -> str:
    """Return a word for a number, another for every number; commoner ones are shorter."""
    number += len(_SYLLABLES)
    syllables = ""
    while number:
        number, digit = divmod(number, len(_SYLLABLES))
        syllables += _SYLLABLES[digit]
    return syllables


@lru_cache(maxsize=1)
def _vocabulary() -> list[str]:
    return [_word(number) for number in range(30_000)]


def _some_words(rng: np.random.Generator, n: int) -> list[str]:
    return [_vocabulary()[rank] for rank in _zipf(30_000, 1.0)[rng.integers(0, _STEPS, n)]]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


@lru_cache(maxsize=2)
def _names(n_actors: int) -> pa.Array:
    """Return the actors' full names: a surname that some share, and another word."""
    return pa.array([f"{_capital(_word(40_000 + i // 3))} {_capital(_word(200_000 + i))}" for i in range(n_actors)])


@lru_cache(maxsize=2)
def _outlets(n_sources: int) -> pa.Array:
    return pa.array([f"{_capital(_word(700_000 + i))} Gazette" for i in range(n_sources)])


def _is_person(actor: Ints) -> Mask:
    person: Mask = _kind(actor) < 3
    return person


def _kind(actor: Ints) -> Ints:
    return (_hash(actor, "type") % np.uint64(len(TYPES))).astype(np.int64)


def _types(actor: Ints) -> pa.Array:
    return _choice(TYPES, _kind(actor))


def _actor_ids(actor: Ints) -> pa.Array:
    return _ids("act_", actor, "actor")


def _head(source: Any) -> Any:
    """Return the head outlet of a source's publisher."""
    return source - (source % 5 == 0) * (source > 0)


def _source_ids(source: Ints, none: bool = False) -> pa.Array:
    """Return registry ids; number 0 is src_unknown, or NULL."""
    ids = pc.binary_join_element_wise("src_w", _decimal(source), "")
    return pc.if_else(pa.array(source > 0), ids, None if none else "src_unknown")


# Columns


def _mix(x: Raw) -> Raw:
    """Return splitmix64's finaliser, which gives every number another."""
    x = x + _GOLDEN
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _hash(numbers: Ints, what: str) -> Raw:
    return _mix(numbers.astype(np.uint64) ^ _mix(np.array([zlib.crc32(what.encode())], np.uint64)))


def _ids(prefix: str, numbers: Ints, what: str) -> pa.Array:
    """Return an id for each number of a kind of thing."""
    return _hex(prefix, _hash(numbers, what))


def _hex(prefix: str, values: Raw) -> pa.Array:
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    octets = values.astype(">u8").view(np.uint8).reshape(-1, 8)
    width = len(prefix) + 16
    letters = np.empty((len(values), width), np.uint8)
    letters[:, : len(prefix)] = np.frombuffer(prefix.encode(), np.uint8)
    letters[:, len(prefix) :: 2] = digits[octets >> 4]
    letters[:, len(prefix) + 1 :: 2] = digits[octets & 15]
    bounds = np.arange(len(values) + 1, dtype=np.int32) * width
    return pa.Array.from_buffers(pa.string(), len(values), [None, pa.py_buffer(bounds), pa.py_buffer(letters)])


def _decimal(numbers: Ints) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _choice(words: Sequence[str | None], which: Any) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(which))


def _lists_of_one(values: pa.Array, which: Ints) -> pa.Array:
    """Return lists of one value each, empty where its number is negative."""
    bounds = np.concatenate([[0], np.cumsum(which >= 0)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), values.take(pa.array(which[which >= 0])))


def _take(values: Any, rows: Ints) -> Any:
    return values[rows] if isinstance(values, np.ndarray) else values.take(pa.array(rows))


def _days(days: Ints) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.date32())


def _date(days: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(days))


def _rows(declared: Table, columns: Mapping[str, Any], n: int) -> pa.Table:
    """Return n rows of a declared table: an array or one value a column; what is not named is NULL."""
    arrays = [_column(columns.get(column.name), column.type, n) for column in declared.columns]
    return pa.Table.from_arrays(arrays, schema=declared.schema)


def _column(values: Any, type_: pa.DataType, n: int) -> pa.Array:
    if values is None and pa.types.is_nested(type_):
        return pa.array([[]], type_).take(pa.array(np.zeros(n, np.int64)))
    if isinstance(values, np.ndarray):
        values = pa.array(values)
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return (
            values.cast(pa.int64()).cast(type_)
            if pa.types.is_timestamp(type_) and pa.types.is_integer(values.type)
            else values.cast(type_)
        )
    return pa.repeat(pa.scalar(values, type_), n)


# Command


def main() -> None:
    """Make the world, say what each month costs, and write its tables as plain Parquet where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, help="folder for <table>/<month>.parquet")
    parsed = parser.parse_args()
    world = World(parsed.articles, parsed.seed)
    for month in range(world.months + 1):
        begin = clock.process_time()
        batch = world.batch(month) if month < world.months else world.tonight()
        seconds = clock.process_time() - begin
        rows = "  ".join(f"{name} {table.num_rows:,}" for name, table in batch.facts.items())
        print(f"{batch.name}  {seconds:6.1f} CPU s  {rows}", flush=True)
        if parsed.write:
            others = {name: table for name, table in vars(batch).items() if isinstance(table, pa.Table)}
            for name, table in {**batch.facts, **others}.items():
                (parsed.write / name).mkdir(parents=True, exist_ok=True)
                pq.write_table(table, parsed.write / name / f"{batch.name}.parquet", compression="zstd")


if __name__ == "__main__":
    main()
