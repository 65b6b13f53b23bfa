"""Near-copies: reprints with a new headline, a cut tail, an added paragraph; and the groups of texts they make.

Design and thresholds follow a comparison of near-duplicate methods on 52,500 real articles with planted copies, truncations,
market templates and shared footers: sampled word 5-shingles find the pairs, every pair is then verified exactly, and guards
keep a shared footer, a template or a compilation from joining what nobody copied.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from transforms.dedupe.candidates import comparable, meeting, sample
from transforms.dedupe.exact import same_words
from transforms.dedupe.shingles import Hashes, WordHashes, plain_words, shingles

GROUPS = pa.schema([("text_id", pa.string()), ("text_group_id", pa.string())])
# 12, 1,300.5, 6-1/16, 2021-09-04
_FIGURE = re.compile(r"\d+(?:[.,/:-]\d+)*")

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


@dataclass(frozen=True, slots=True)
class NearSettings:
    """When two texts are one wording."""

    # Word 5-shingles, samples of one in 16 and a cap of 64 texts a shingle: precision .993, recall .974 in that comparison.
    shingle_words: int = 5
    sample_one_in: int = 16
    sample_at_least: int = 16
    most_texts_a_shingle: int = 64
    jaccard: float = 0.5
    # Cut reprints reach Jaccard .7 in under 1% of cases and containment .8 in all.
    containment: float = 0.8
    # Two paragraphs: a shorter text can be a quote, a caption or a footer that lies whole inside unrelated articles.
    containment_shingles: int = 40
    # Jaccard >= .5 implies containment >= 2/3; under a quarter of the shared sample that is out of reach (binomial, < .001).
    worth_verifying: float = 0.25
    # Templates (market reports, dividends, auctions) repeat their words and change their figures; a reprint keeps them. Of
    # 492 near pairs of the 1987 wire 400 keep over .8 of them and nearly all under .7 are templates; one corrected figure in
    # a hundred words leaves a Jaccard of .9.
    figures_kept: float = 0.7
    figures_waived_jaccard: float = 0.9
    # A copy keeps its opening somewhere in the other text; texts that share a footer only do not.
    opening_shingles: int = 25
    opening_kept: float = 0.2
    opening_waived_jaccard: float = 0.8
    # Refused pairs worth showing: half-way to the thresholds.
    shown_jaccard: float = 0.25
    shown_containment: float = 0.4


@dataclass(frozen=True)
class NearCopies:
    """`groups`: text_id, text_group_id (every text once); `pairs`: text_a < text_b, jaccard, containment, decision, rule."""

    groups: pa.Table
    pairs: pa.Table


@dataclass(frozen=True, slots=True)
class _Wording:
    text_id: str
    digest: bytes
    shingle_set: Hashes
    opening: Hashes
    figures: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Pair:
    left: int
    right: int
    jaccard: float
    containment: float
    rule: str
    joined: bool


def near_copies(texts: pa.Table, settings: NearSettings | None = None) -> NearCopies:
    """Group texts of one wording and list the pairs that were compared.

    `texts`: text_id (`t_` + 16 hex, unique), body. `text_group_id` is `g_` + the smallest member's hash. `decision` is joined
    or rejected; `rule` of a joined pair is same_words, jaccard or containment, of a rejected one below_threshold,
    short_text, figures_differ, opening_differs or compilation. Jaccard and containment are over sets of word 5-shingles
    (same_words pairs have both 1). The result does not depend on the order of rows.
    """
    settings = settings or NearSettings()
    wordings = sorted(_wordings(texts, settings), key=lambda wording: wording.text_id)
    smallest = same_words({w.text_id: w.digest for w in wordings})
    distinct = [w for w in wordings if smallest[w.text_id] == w.text_id]
    pairs = _without_compilations(list(_compared(distinct, settings)))
    near_edges = [(distinct[p.left].text_id, distinct[p.right].text_id) for p in pairs if p.joined]
    copies = [(first, text_id) for text_id, first in smallest.items() if first != text_id]
    rows = [(a, b, 1.0, 1.0, "joined", "same_words") for a, b in copies] + [_row(p, distinct) for p in pairs]
    group_of = _components([w.text_id for w in wordings], near_edges + copies)
    return NearCopies(
        groups=pa.table([list(group_of), ["g_" + root[2:] for root in group_of.values()]], schema=GROUPS),
        pairs=pa.table([list(c) for c in zip(*sorted(rows), strict=True)] or [[]] * len(PAIRS), schema=PAIRS),
    )


def _wordings(texts: pa.Table, settings: NearSettings) -> Iterator[_Wording]:
    hashes = WordHashes()
    for batch in texts.select(["text_id", "body"]).to_batches(max_chunksize=1000):
        for text_id, body in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
            yield _wording(text_id, body, hashes, settings)


def _wording(text_id: str, body: str, hashes: WordHashes, settings: NearSettings) -> _Wording:
    tokens = plain_words(body)
    ordered = shingles(hashes.of(tokens), settings.shingle_words)
    digest = blake2b(" ".join(tokens).encode("utf-8", "surrogatepass"), digest_size=16).digest() if tokens else b""
    opening = ordered[: settings.opening_shingles].copy()
    return _Wording(text_id, digest, np.unique(ordered), opening, frozenset(_FIGURE.findall(body)))


def _compared(wordings: list[_Wording], settings: NearSettings) -> Iterator[_Pair]:
    samples = [sample(w.shingle_set, settings.sample_one_in, settings.sample_at_least) for w in wordings]
    found = meeting(samples, settings.most_texts_a_shingle)
    for left, right, met in zip(found.left.tolist(), found.right.tolist(), found.shared.tolist(), strict=True):
        if met < settings.worth_verifying * comparable(samples[left], samples[right]):
            continue
        a, b = wordings[left], wordings[right]
        shared = len(np.intersect1d(a.shingle_set, b.shingle_set, assume_unique=True))
        jaccard = shared / (len(a.shingle_set) + len(b.shingle_set) - shared)
        containment = shared / min(len(a.shingle_set), len(b.shingle_set))
        joined, rule = _judged(a, b, jaccard, containment, settings)
        if joined or jaccard >= settings.shown_jaccard or containment >= settings.shown_containment:
            yield _Pair(left, right, jaccard, containment, rule, joined)


def _judged(a: _Wording, b: _Wording, jaccard: float, containment: float, settings: NearSettings) -> tuple[bool, str]:
    alike = jaccard >= settings.jaccard
    if not alike and containment < settings.containment:
        return False, "below_threshold"
    if not alike and min(len(a.shingle_set), len(b.shingle_set)) < settings.containment_shingles:
        return False, "short_text"
    if jaccard < settings.figures_waived_jaccard and _figures_differ(a.figures, b.figures, settings):
        return False, "figures_differ"
    if jaccard < settings.opening_waived_jaccard and _openings_differ(a, b, settings):
        return False, "opening_differs"
    return True, "jaccard" if alike else "containment"


def _figures_differ(a: frozenset[str], b: frozenset[str], settings: NearSettings) -> bool:
    fewer = min(len(a), len(b))
    return len(a & b) < settings.figures_kept * fewer


def _openings_differ(a: _Wording, b: _Wording, settings: NearSettings) -> bool:
    return all(
        np.isin(one.opening, other.shingle_set).mean() < settings.opening_kept for one, other in ((a, b), (b, a))
    )


def _without_compilations(pairs: list[_Pair]) -> list[_Pair]:
    """Refuse the containment edges of a text that holds two texts which do not touch each other: it compiles, not copies."""
    touching = {(p.left, p.right) for p in pairs}
    neighbours: dict[int, list[int]] = defaultdict(list)
    for pair in pairs:
        if pair.joined:
            neighbours[pair.left].append(pair.right)
            neighbours[pair.right].append(pair.left)

    def compiles(centre: int) -> bool:
        held = sorted(neighbours[centre])
        return any((x, y) not in touching for i, x in enumerate(held) for y in held[i + 1 :])

    compilations = {node for node in neighbours if compiles(node)}
    return [
        _Pair(p.left, p.right, p.jaccard, p.containment, "compilation", False)
        if p.joined and p.rule == "containment" and compilations & {p.left, p.right}
        else p
        for p in pairs
    ]


def _components(text_ids: list[str], edges: list[tuple[str, str]]) -> dict[str, str]:
    """Return text_id -> the smallest text_id it is connected to."""
    root = {text_id: text_id for text_id in text_ids}

    def find(node: str) -> str:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in edges:
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return {text_id: find(text_id) for text_id in text_ids}


def _row(pair: _Pair, wordings: list[_Wording]) -> tuple[str, str, float, float, str, str]:
    decision = "joined" if pair.joined else "rejected"
    return (
        wordings[pair.left].text_id,
        wordings[pair.right].text_id,
        pair.jaccard,
        pair.containment,
        decision,
        pair.rule,
    )
