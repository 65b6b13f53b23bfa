"""Near-copies: reprints with a new headline, a cut tail, an added paragraph; and the groups of texts they make.

Design and thresholds follow a comparison of near-duplicate methods on 52,500 real articles with planted copies, truncations,
market templates and shared footers: sampled word 5-shingles find the pairs, every pair is then verified exactly, and guards
keep a shared footer, a template or a compilation from joining what nobody copied.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.dedupe import overlap
from transforms.dedupe.candidates import candidates
from transforms.dedupe.edges import RULES, Edges, grouped, guarded
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import Signatures, names, sign

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


@dataclass(frozen=True)
class NearCopies:
    """`groups`: text_id, text_group_id (every text once); `pairs`: text_a < text_b, jaccard, containment, decision, rule."""

    groups: pa.Table
    pairs: pa.Table


def near_copies(texts: pa.Table, settings: NearSettings | None = None, threads: int = 2) -> NearCopies:
    """Group texts of one wording and list the pairs that were compared.

    `texts`: text_id (unique, of any form), body. `text_group_id` is `g_` + the smallest member's id without its first two
    characters. `decision` is joined or rejected; `rule` of a joined pair is same_words, jaccard or containment, of a rejected
    one below_threshold, short_text, figures_differ, opening_differs or compilation. Jaccard and containment are over sets of
    word 5-shingles (same_words pairs have both 1). The result does not depend on the order of rows.
    """
    texts = texts.select(["text_id", "body"]).sort_by("text_id").combine_chunks()
    ids = texts["text_id"].combine_chunks()
    batches = texts.set_column(0, "text_id", pa.array(np.arange(len(ids), dtype=np.uint64))).to_batches(5000)
    return near_copies_of(
        batches, lambda wanted: batches, settings, threads, lambda numbers: ids.take(pa.array(numbers))
    )


def near_copies_of(
    texts: Iterable[pa.RecordBatch],
    bodies: Bodies,
    settings: NearSettings | None = None,
    threads: int = 2,
    named: Callable[[Hashes], pa.Array] = names,
) -> NearCopies:
    """Do the same for texts (`t_` + 16 hex) that come by in batches, and once more, by `bodies`, those that have a candidate."""
    settings = settings or NearSettings()
    signatures = sign(texts, settings, threads)
    edges = guarded(compared(signatures, bodies, settings, threads), settings)
    ids = np.sort(signatures.ids)
    roots = pc.binary_replace_slice(named(grouped(ids, edges)), 0, 2, "g_")
    return NearCopies(pa.table([named(ids), roots], schema=GROUPS), pairs_table(edges, named))


def compared(signatures: Signatures, bodies: Bodies, settings: NearSettings, threads: int) -> Edges:
    """Return the edges among texts, before any text is known to compile others."""
    found = candidates(signatures, settings, threads)
    return verified(signatures.ids[found.left], signatures.ids[found.right], bodies, settings, threads)


def verified(left: Hashes, right: Hashes, bodies: Bodies, settings: NearSettings, threads: int) -> Edges:
    """Return what comparing these pairs (of ids, left < right) shingle by shingle says; pairs not worth showing are left out."""
    wanted = np.unique(np.concatenate([left, right]))
    at_left, at_right = np.searchsorted(wanted, left), np.searchsorted(wanted, right)
    texts = bodies(names(wanted)) if len(wanted) else ()
    counts = overlap.overlaps(wanted, at_left, at_right, texts, settings, threads)
    return judged(left, right, counts, settings)


def judged(left: Hashes, right: Hashes, counts: overlap.Counts, settings: NearSettings) -> Edges:
    """Return the edges worth showing, by the counts of each pair (columns as in `overlap`)."""
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
        "figures_differ": (jaccard < settings.figures_waived_jaccard) & figures_differ,
        "opening_differs": (jaccard < settings.opening_waived_jaccard) & kept[0] & kept[1],
        "jaccard": alike,
    }
    rule = np.select(list(rules.values()), [RULES.index(name) for name in rules], RULES.index("containment"))
    edges = Edges(left, right, jaccard, containment, rule.astype(np.int8))
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
