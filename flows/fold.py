"""The stage that makes stories: what tonight can have changed is compared and clustered, every other story stays as it was."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.likeness import DamagedMemoryError, Likenesses
from flows.night import Night
from flows.overrule import loosened, story_constraints
from flows.stages import place
from flows.text_model import text_model
from transforms.hold import hold
from transforms.stories.cluster import ClusterSettings, alike
from transforms.stories.constraints import Constraints
from transforms.stories.evidence import EVIDENCE
from transforms.stories.frequencies import Frequencies, read_frequencies
from transforms.stories.learn import learn
from transforms.stories.lineage import name_stories
from transforms.stories.memory import keys_of
from transforms.stories.origins import origins
from transforms.stories.reach import at_once, node_ids, numbers_of, reached
from transforms.stories.relate import CLUSTERS, relate, takes_part
from transforms.stories.shelf import Integers, Packed
from transforms.stories.similarity import Weights, similarity_of
from transforms.tables.run import LOOKED_AT, STANDING, tabulate

# Texts that are read and compared, and texts whose stories are looked for, at a time: some 80 and 400 MB of what is remembered.
_LEARNT_AT_ONCE, _RELATED_AT_ONCE = 20_000, 100_000


def fold(night: Night) -> None:
    """Fold text groups into stories, give each its id, and estimate the origins inside."""
    place(night)
    night.view("kept_articles", "FROM previous_articles")
    tabulate(night.connection, STANDING, night.resources.sql)
    constraints = story_constraints(night)
    clusters, evidence = _related(night, constraints)
    lost = night.query("SELECT text_group_id FROM text_groups SEMI JOIN lost_texts USING (text_id)")
    night.keep("held_groups", loosened(night.query(_HELD_GROUPS), constraints.apart, lost))
    members = night.query(
        "SELECT article_id, cluster_id, earliest_at, report_date "
        "FROM standing_articles JOIN clusters ON text_group_id = node_id ORDER BY article_id",
        clusters=hold(clusters, night.query("SELECT story_id AS bond, text_group_id AS item FROM held_groups")),
    )
    lived_in = dict(zip(*(column.to_pylist() for column in night.find("FROM lived_in").columns), strict=True))
    heirs = _heirs(night, lived_in)
    named = name_stories(
        members,
        _lineage(night, members, lived_in, heirs),
        lived_in,
        night=night.night,
        run_id=night.run_id,
        heirs=heirs,
        withdrawn=frozenset(night.query("SELECT article_id FROM withdrawn_articles")["article_id"].to_pylist()),
    )
    night.add("story_lineage", named.lineage)
    articles = night.query(
        "SELECT article_id, story_id, text_group_id, source_id, family_id, originator_source_id "
        "FROM standing_articles JOIN members USING (article_id) JOIN named USING (cluster_id) ORDER BY article_id",
        members=members,
        named=named.stories,
    )
    # Every pair is looked at again each night, so what was decided before is of no use.
    tabulate(night.connection, ("text_pairs",), night.resources.sql)
    night.view("standing_text_pairs", "FROM text_pairs")
    night.view("before_text_pairs", "FROM previous_text_pairs")
    night.view("looked_at", "SELECT text_group_id FROM reached_groups")
    night.keep("evidence", evidence)
    night.keep("story_founders", named.stories.select(["story_id", "founder_article_id"]))
    night.keep(
        "memberships",
        night.query(
            "SELECT article_id, text_group_id, story_id, origin_id FROM a JOIN o USING (article_id)",
            a=articles,
            o=origins(articles),
        ),
    )


def _related(night: Night, constraints: Constraints) -> tuple[pa.Table, pa.Table]:
    """Return clusters and evidence (see relate.Related) of what tonight reaches; `reached_groups` names it, `standing_articles` holds it."""
    settings = ClusterSettings(similarity_of(text_model(night.settings.text_model)))
    known = Likenesses(night, settings.window_days)
    folding = _Folding(night, constraints, settings, known)
    try:
        return folding.folded()
    except DamagedMemoryError as error:
        night.progress.say(f"  what nights remember of compared texts is damaged ({error}); all are compared again")
        known.forget()
        return folding.folded()


class _Folding:
    """What a night compares texts for stories with."""

    def __init__(self, night: Night, constraints: Constraints, settings: ClusterSettings, known: Likenesses) -> None:
        self._night, self._constraints, self._settings, self._known = night, constraints, settings, known
        self._weights = Weights.parse(night.resources.weights)
        self._frequencies: dict[str, Frequencies] = dict(read_frequencies(night.resources.document_frequencies))

    def folded(self) -> tuple[pa.Table, pa.Table]:
        """Return the clusters and the evidence of what tonight reaches."""
        night, known = self._night, self._known
        # What has lost its words can't be compared again, and stays with those it was with.
        worn = night.query("SELECT 1 FROM lost_texts LIMIT 1").num_rows > 0
        before = None if night.restate or worn else known.standing()
        some = before is not None
        if some:
            night.keep("regrouped", night.find(_REGROUPED))
        touched = night.find(_TOUCHED_GROUPS if some else "SELECT DISTINCT text_group_id FROM text_groups")
        nodes = self._nodes(touched, some)
        self._learn(nodes)
        asked, rows = numbers_of(touched["text_group_id"].to_pylist()), self._rows(nodes)
        if before is None:
            before = np.empty(0, np.int64)
        kept = before[~np.isin(known.book.nodes[before], asked)]
        after = np.sort(np.append(kept, rows))
        groups, regions = self._reached(before, after, asked, some)
        night.keep("reached_groups", _groups(groups))
        if some:
            night.view(
                "lived_in",
                "SELECT article_id, story_id FROM previous_articles SEMI JOIN reached_groups USING (text_group_id)",
            )
        else:
            night.keep("lived_in", night.before("articles", "article_id", "story_id"))
        near = known.near(groups)
        left, right = (known.book.nodes[near[side]] for side in ("left", "right"))
        if some:
            nodes = self._nodes(_groups(np.unique(np.concatenate([groups, left, right]))), some)
        numbers = numbers_of(nodes["node_id"].to_pylist())
        clusters, evidence = [CLUSTERS.empty_table()], [EVIDENCE.empty_table()]
        done: list[str] = []
        for batch in at_once(groups, regions, _RELATED_AT_ONCE):
            inside = near.filter(pa.array(np.isin(left, batch) | np.isin(right, batch)))
            ends = np.unique(np.concatenate([known.book.nodes[inside[side]] for side in ("left", "right")]))
            beyond = np.setdiff1d(ends, batch)
            here = nodes.filter(pa.array(np.isin(numbers, np.concatenate([batch, beyond]))))
            found = self._relate(here, inside, node_ids(beyond))
            clusters.append(found[0])
            # A pair between two batches is told of once.
            told = pa.array(done, pa.string())
            twice = pc.or_(*(pc.is_in(found[1][side], value_set=told) for side in ("node_a", "node_b")))
            evidence.append(found[1].filter(pc.invert(twice)))
            done += node_ids(batch)
        known.stand(after)
        known.tidy()
        return pa.concat_tables(clusters), pa.concat_tables(evidence)

    def _nodes(self, groups: pa.Table, some: bool) -> pa.Table:
        """Return story_nodes of some text groups, without their words; `standing_articles` holds their articles."""
        night = self._night
        night.keep("asked_groups", groups)
        near = " SEMI JOIN asked_groups USING (text_group_id)" if some else ""
        night.view("kept_articles", f"FROM previous_articles{near}")
        tabulate(night.connection, LOOKED_AT, night.resources.sql)
        return night.query("FROM story_nodes ORDER BY node_id")

    def _learn(self, nodes: pa.Table) -> None:
        """Compare what nobody compared before, oldest first."""
        known, weights, settings = self._known, self._weights, self._settings
        compared = nodes.filter(takes_part(nodes, self._constraints))
        new = compared.filter(pa.array(known.book.rows_of(keys_of(compared)) < 0))
        for part in self._night.progress.track(_parts(new), -(-new.num_rows // _LEARNT_AT_ONCE)):
            learnt = learn(part, weights, self._frequencies, settings, len(known.book.keys), known.within, known.bodies)
            ties = alike(learnt.measured.pairs, learnt.measured.vetoes, weights, settings)
            known.add(learnt, part["node_id"].to_pylist(), ties)

    def _reached(self, before: Integers, after: Integers, touched: Packed, some: bool) -> tuple[Packed, Integers]:
        """Return the groups that tonight reaches, and the region of each: with a story that is touched, all of it."""
        share = self._settings.shared_neighbours
        while True:
            groups, regions = reached(self._known.book, before, after, touched, self._constraints, share)
            if not some:
                return groups, regions
            self._night.keep("reached_groups", _groups(groups))
            more = self._night.find(_SAME_STORIES)
            if not more.num_rows:
                return groups, regions
            touched = np.append(touched, numbers_of(more["text_group_id"].to_pylist()))

    def _rows(self, nodes: pa.Table) -> Integers:
        """Return the rows of those of the nodes that are compared, ascending."""
        rows = self._known.book.rows_of(keys_of(nodes.filter(takes_part(nodes, self._constraints))))
        if (rows < 0).any():
            raise DamagedMemoryError("a text that stood is not remembered")
        return np.sort(rows)

    def _relate(self, nodes: pa.Table, near: pa.Table, beyond: list[str]) -> tuple[pa.Table, pa.Table]:
        known, rows = self._known, self._rows(nodes)
        related = relate(
            nodes, self._weights, self._frequencies, self._settings, self._constraints,
            known.memory(rows, near), known.bodies, beyond,
        )  # fmt: skip
        known.tell(related.learnt, rows)
        return related.clusters, related.evidence


def _parts(nodes: pa.Table) -> Iterator[pa.Table]:
    ordered = nodes.sort_by([("date", "ascending"), ("node_id", "ascending")])
    for begin in range(0, nodes.num_rows, _LEARNT_AT_ONCE):
        yield ordered.slice(begin, _LEARNT_AT_ONCE)


def _groups(groups: Packed) -> pa.Table:
    return pa.table({"text_group_id": pa.array(node_ids(groups), pa.string())})


def _heirs(night: Night, lived_in: dict[str, str]) -> dict[str, str]:
    """Return for each article that is gone the one its records speak of now; for one withdrawn, one that its story is left with."""
    heirs = "SELECT article_id, heir_id FROM gone_articles WHERE heir_id IS NOT NULL"
    withdrawn = "SELECT article_id FROM withdrawn_articles"
    left: dict[str, str] = {}
    if lost := {a for (a,) in night.connection.execute(withdrawn).fetchall() if a in lived_in}:
        for (article,) in night.connection.execute("SELECT article_id FROM standing_articles ORDER BY ALL").fetchall():
            if article in lived_in:
                left.setdefault(lived_in[article], article)
    bereft = {article: left[lived_in[article]] for article in sorted(lost) if lived_in[article] in left}
    return bereft | dict(night.connection.execute(heirs).fetchall())


def _lineage(night: Night, members: pa.Table, lived_in: Mapping[str, str], heirs: Mapping[str, str]) -> pa.Table:
    """Return the rows that mint or lead on the ids that tonight can move: those of these stories, and those that these articles founded."""
    ids = {
        "founders": pa.table({"id": pa.array(sorted({*members["article_id"].to_pylist(), *heirs}), pa.string())}),
        "lived": pa.table({"id": pa.array(sorted(set(lived_in.values())), pa.string())}),
    }
    return night.query(_LINEAGE, **ids)


# Texts that another has come to resemble, or resembles no more, are in another group tonight.
_REGROUPED = """
SELECT DISTINCT was.text_group_id AS old_group_id, text_groups.text_group_id
FROM (SELECT text_id, text_group_id FROM previous_articles) AS was JOIN text_groups USING (text_id)
WHERE was.text_group_id <> text_groups.text_group_id
"""
_TOUCHED_GROUPS = """
SELECT text_group_id FROM touched_articles
UNION SELECT text_group_id FROM text_groups SEMI JOIN touched_texts USING (text_id)
UNION SELECT unnest([old_group_id, text_group_id]) FROM regrouped
UNION
SELECT text_group_id FROM (SELECT article_id, text_group_id FROM previous_articles)
SEMI JOIN (SELECT article_id FROM touched_articles UNION ALL SELECT article_id FROM gone_articles) AS touched USING (article_id)
"""
# A story can be left, or its id lost, by articles that no pair ties to the rest of it: what people decided once, and do no more.
_SAME_STORIES = """
WITH was AS (SELECT text_group_id, story_id FROM previous_articles),
stories AS (SELECT DISTINCT story_id FROM was SEMI JOIN reached_groups USING (text_group_id))
SELECT DISTINCT text_group_id FROM was SEMI JOIN stories USING (story_id) ANTI JOIN reached_groups USING (text_group_id)
"""
_HELD_GROUPS = """
SELECT DISTINCT was.story_id, now.text_group_id
FROM was_together AS was JOIN standing_articles AS now USING (article_id)
WHERE was.story_id IN (SELECT story_id FROM was_together SEMI JOIN lost_texts USING (text_id))
"""
_LINEAGE = """
WITH named AS (
    SELECT if(kind = 'redirected', old_story_id, new_story_id) AS story_id, founder_article_id, kind, previous_story_lineage.* EXCLUDE (founder_article_id, kind)
    FROM previous_story_lineage
    WHERE kind IN ('minted', 'split', 'redirected')
)
SELECT * EXCLUDE (story_id) FROM named
WHERE story_id IN (SELECT story_id FROM named WHERE founder_article_id IN (FROM founders) UNION ALL FROM lived)
"""
