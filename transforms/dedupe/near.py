"""Near-copies: reprints with a new headline, a cut tail, an added paragraph; and the groups of texts they make.

Design and thresholds follow a comparison of near-duplicate methods on 52,500 real articles with planted copies, truncations,
market templates and shared footers: sampled word 5-shingles find the pairs, every pair is then verified exactly, and guards
keep a shared footer, a template or a compilation from joining what nobody copied.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.dedupe import overlap
from transforms.dedupe.candidates import candidates, distinct
from transforms.dedupe.edges import RULES, Edges, Mask, grouped, guarded, joined_edges
from transforms.dedupe.growing import IdPairs, Known, among, pairs_of, still_meeting
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import names, numbers, sign

GROUPS = pa.schema([("text_id", pa.string()), ("text_group_id", pa.string())])
PAIRS = pa.schema(
    [
        ("text_a", pa.string()),
        ("text_b", pa.string()),
        ("jaccard", pa.float64()),
        ("containment", pa.float64()),
        ("decision", pa.string()),
        ("rule", pa.string()),
    ]
)
# Gives the bodies of at least these texts: text_id, body.
Bodies = Callable[[pa.Array], Iterable[pa.RecordBatch]]
# Tells of texts what each is used as: no body at all (a headline), a report, or what gathers the words of others: a round-up, a
# live blog, a listing, a stub.
NO_BODY, REPORT, GATHERING = range(3)
Uses = Callable[[Hashes], npt.NDArray[np.int8]]


@dataclass(frozen=True)
class NearCopies:
    """`groups`: text_id, text_group_id (every text once); `pairs`: text_a < text_b, jaccard, containment, decision, rule."""

    groups: pa.Table
    pairs: pa.Table


def near_copies(texts: pa.Table, settings: NearSettings | None = None, threads: int = 2) -> NearCopies:
    """Group texts of one wording and list the pairs that were compared.

    `texts`: text_id (unique, of any form), body, and `gathers` (by default false). `text_group_id` is `g_` + the smallest member's id without its first two
    characters. `decision` is joined or rejected; `rule` of a joined pair is same_words, jaccard or containment, of a rejected
    one below_threshold, short_text, content_kind, figures_differ, opening_differs or
    compilation. Jaccard and containment are over sets of
    word 5-shingles (same_words pairs have both 1). The result does not depend on the order of rows.
    """
    texts = texts.sort_by("text_id").combine_chunks()
    ids = texts["text_id"].combine_chunks()
    gathers = texts["gathers"].to_numpy() if "gathers" in texts.column_names else np.zeros(len(ids), np.bool_)
    batches = (
        texts.select(["text_id", "body"])
        .set_column(0, "text_id", pa.array(np.arange(len(ids), dtype=np.uint64)))
        .to_batches(5000)
    )
    return near_copies_of(
        batches,
        lambda wanted: batches,
        settings,
        threads,
        lambda numbers: ids.take(pa.array(numbers)),
        lambda numbers: np.where(gathers[numbers.astype(np.int64)], GATHERING, REPORT).astype(np.int8),
    )


def near_copies_of(
    texts: Iterable[pa.RecordBatch],
    bodies: Bodies,
    settings: NearSettings | None = None,
    threads: int = 2,
    named: Callable[[Hashes], pa.Array] = names,
    uses: Uses = lambda ids: np.full(len(ids), REPORT, np.int8),
) -> NearCopies:
    """Do the same for texts (`t_` + 16 hex) that come by in batches, and once more, by `bodies`, those that have a candidate."""
    settings = settings or NearSettings()
    known = Known([sign(texts, settings, threads)], threads)
    edges = everything(known, uses, bodies, settings, threads)
    ids = np.sort(known.all().ids)
    roots = pc.binary_replace_slice(named(grouped(ids, edges)), 0, 2, "g_")
    return NearCopies(pa.table([named(ids), roots], schema=GROUPS), pairs_table(edges, named))


def everything(known: Known, uses: Uses, bodies: Bodies, settings: NearSettings, threads: int = 2) -> Edges:
    """Return the edges among all known texts that are bodies; all of them take part in who introduces whom."""
    signatures = known.all()
    found = candidates(signatures, settings, threads)
    pairs = IdPairs(signatures.ids[found.left], signatures.ids[found.right])
    return guarded(verified(pairs, uses, bodies, settings, threads), settings)


def grown(
    known: Known,
    fresh: Hashes,
    previous: Edges,
    uses: Uses,
    bodies: Bodies,
    settings: NearSettings,
    threads: int = 2,
) -> Edges:
    """Return the same as `everything` does, from the edges that stood before the last part of `known` came.

    `fresh` (ascending): the texts of the last part that are bodies, older ones that became bodies, and those whose edges in
    `previous` are not to be relied on.
    """
    pairs, parted = pairs_of(known, fresh, settings)
    new = verified(pairs, uses, bodies, settings, threads)
    kept = previous.where(~np.isin(previous.left, fresh) & ~np.isin(previous.right, fresh))
    in_question = np.flatnonzero(among(IdPairs(kept.left, kept.right), parted))
    some = IdPairs(kept.left[in_question], kept.right[in_question])
    gone = in_question[~still_meeting(known, some, settings)]
    return guarded(joined_edges(kept.where(np.delete(np.arange(len(kept)), gone)), new), settings)


def copies_of(edges: Edges) -> NearCopies:
    """Return the pairs, and the groups of the texts that are joined to another."""
    ids = distinct([edges.left[edges.joined], edges.right[edges.joined]])
    groups = pc.binary_replace_slice(names(grouped(ids, edges)), 0, 2, "g_")
    return NearCopies(pa.table([names(ids), groups], schema=GROUPS), pairs_table(edges))


def edges_of(pairs: pa.Table) -> Edges:
    """Return rows of text_pairs as edges; every rule must be one of RULES."""
    rules = pc.index_in(pairs["rule"].combine_chunks(), value_set=pa.array(RULES))
    left, right = (
        np.concatenate([np.empty(0, np.uint64), *map(numbers, pairs[name].chunks)]) for name in ("text_a", "text_b")
    )
    jaccard, containment = (pairs[name].to_numpy() for name in ("jaccard", "containment"))
    return Edges(left, right, jaccard, containment, rules.to_numpy(zero_copy_only=False).astype(np.int8))


def verified(pairs: IdPairs, uses: Uses, bodies: Bodies, settings: NearSettings, threads: int) -> Edges:
    """Return what comparing the pairs of bodies shingle by shingle says; pairs not worth showing are left out."""
    wanted = distinct([pairs.left, pairs.right])
    used_as = uses(wanted)
    left, right = np.searchsorted(wanted, pairs.left), np.searchsorted(wanted, pairs.right)
    both = (used_as[left] != NO_BODY) & (used_as[right] != NO_BODY)
    pairs, left, right = pairs.where(both), left[both], right[both]
    gathering = (used_as[left] == GATHERING) | (used_as[right] == GATHERING)
    # Without the headlines, which nobody is to look for.
    needed = np.zeros(len(wanted), np.bool_)
    needed[left] = needed[right] = True
    at, wanted = np.cumsum(needed) - 1, wanted[needed]
    texts = bodies(names(wanted)) if len(wanted) else ()
    counts = overlap.overlaps(wanted, at[left], at[right], texts, settings, threads)
    return judged(pairs, counts, gathering, settings)


def judged(pairs: IdPairs, counts: overlap.Counts, gathering: Mask, settings: NearSettings) -> Edges:
    """Return the edges worth showing, by the counts of each pair (columns as in `overlap`), and where one gathers words of others."""
    one, other = (counts[:, column].astype(np.int64) for column in (overlap.LEFT, overlap.RIGHT))
    same, fewer = counts[:, overlap.SAME_WORDS] > 0, np.minimum(one, other)
    jaccard, containment = overlap.shares(counts)
    figures_differ = counts[:, overlap.FIGURES] < settings.figures_kept * counts[:, overlap.FEWER_FIGURES]
    kept = [
        counts[:, column] < settings.opening_kept * np.minimum(size, settings.opening_shingles)
        for column, size in ((overlap.OPENING_LEFT, one), (overlap.OPENING_RIGHT, other))
    ]
    alike = jaccard >= settings.jaccard
    rules = {
        "same_words": same,
        "below_threshold": ~alike & (containment < settings.containment),
        "short_text": ~alike & (fewer < settings.containment_shingles),
        "content_kind": gathering & (jaccard < settings.gathering_jaccard),
        "figures_differ": (jaccard < settings.figures_waived_jaccard) & figures_differ,
        "opening_differs": (jaccard < settings.opening_waived_jaccard) & kept[0] & kept[1],
        "jaccard": alike,
    }
    rule = np.select(list(rules.values()), [RULES.index(name) for name in rules], RULES.index("containment"))
    edges = Edges(pairs.left, pairs.right, jaccard, containment, rule.astype(np.int8))
    return edges.where(edges.joined | (jaccard >= settings.shown_jaccard) | (containment >= settings.shown_containment))


def pairs_table(edges: Edges, named: Callable[[Hashes], pa.Array] = names) -> pa.Table:
    """Return edges as rows of text_pairs, by their ids."""
    edges = edges.where(np.lexsort([edges.right, edges.left]))
    return pa.table(
        [
            named(edges.left),
            named(edges.right),
            edges.jaccard,
            edges.containment,
            pc.if_else(pa.array(edges.joined), "joined", "rejected"),
            pa.array(RULES).take(pa.array(edges.rule)),
        ],
        schema=PAIRS,
    )
