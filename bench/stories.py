"""Measure story clustering: B-cubed on the open sets, same-kind false merges, singles, the five seeds, the load set.

    python -m bench.stories --shared ../shared            # cross-validated figures and the seeds
    python -m bench.stories --shared ../shared --load     # 37,554 articles: seconds, memory, largest story

One setting for all sets, which are clustered together. Cross-validated: a pair is scored by weights that saw neither of its
stories (nor, on ECB+, stories of the same kind); a pair across two folds by the mean of both folds' weights.
"""

import argparse
import gzip
import re
import resource
import time
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from bench.stories_train import ROOM, as_json, shipped_frequencies, train
from bench.story_sets import FOLDS, SETS, Labelled, b_cubed, cited_outlets, day_of, labelled, node
from transforms.dedupe import near_copies
from transforms.stories.cluster import ClusterSettings, Related, clusters_of, relate, vetoes_of
from transforms.stories.profiles import NODES, Profiles
from transforms.stories.similarity import Pairs, Weights, compare, joined
from transforms.stories.vectors import Integers

# Share of stories cut to one article in the "singles" measure, as on a real night most stories have one.
CUT = 0.7


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--load", action="store_true")
    options = parser.parse_args()
    weights = Weights.parse((ROOM / "weights.json").read_text())
    if options.load:
        load(options.shared, weights)
    else:
        crossvalidated(options.shared, weights)
        seeds(options.shared, weights)


def crossvalidated(shared: Path, weights: Weights) -> None:
    """Print B-cubed by set for cross-validated and for the shipped weights."""
    gold, settings = labelled(shared), ClusterSettings()
    profiles, blocks = compare(gold.nodes, shipped_frequencies(), settings.similarity)
    pairs = joined(blocks)
    found, possible = _gold_pairs(pairs, gold)
    print(f"{len(gold.sets):,} texts, {len(pairs.left):,} candidate pairs, {found / possible:.4f} of the gold pairs")
    for name, scores in (("cross-validated", _unseen_scores(pairs, gold)), ("shipped", weights.scores(pairs.features))):
        vetoes = vetoes_of(profiles, pairs, scores, weights.threshold, settings)
        labels = clusters_of(len(gold.sets), pairs, scores, vetoes, weights.threshold, settings)
        print(f"{name} weights: B-cubed precision recall F1")
        for label, rows in _by_set(gold).items():
            print(f"  {label:14} " + " ".join(f"{x:.3f}" for x in _b_cubed(labels, gold, rows)))
        merged, apart = _same_kind(labels, gold)
        print(f"  same-kind pairs of ECB+ merged: {merged / apart:.3f} of {apart:,}")
        singles = [_singles(profiles, pairs, scores, gold, weights.threshold, settings, seed) for seed in range(3)]
        print(f"  singles ({CUT:.0%} of stories cut to one article): F1 {np.mean(singles):.3f}")
        print(f"  vetoes: {_veto_errors(vetoes, pairs, gold)}")


def seeds(shared: Path, weights: Weights) -> None:
    """Print the scores of the pairs of the five seeds, and whether the stories are those of their gold."""
    gold = orjson.loads((shared / "seeds" / "gold.json").read_bytes())
    story = {article: entry["id"] for entry in gold["stories"] for article in entry["articles"]}
    for cited in (False, True):
        rows = {f: _seed(shared / "seeds" / f, gold["articles"][f[:3]]) for f in story}
        nodes = _nodes(list(rows.values()))
        related = relate(
            cited_outlets(nodes) if cited else nodes, weights, shipped_frequencies(), ClusterSettings(shown_below=1.0)
        )
        names = {row["node_id"]: f[:3] for f, row in rows.items()}
        found = _sets(zip(names.values(), _labels(related, list(names)), strict=True))
        exact = found == _sets((f[:3], s) for f, s in story.items())
        print(f"seeds {'with' if cited else 'without'} cited outlets: {'exact' if exact else 'WRONG'}")
        for row in sorted(related.evidence.to_pylist(), key=lambda row: -row["score"]):
            print(
                f"  {names[row['node_a']]} {names[row['node_b']]} {row['score']:.3f} {row['decision']} {row['terms']}"
            )


def load(shared: Path, weights: Weights) -> None:
    """Print seconds, memory and the largest stories on the load set."""
    rows: dict[str, dict[str, Any]] = {}
    with gzip.open(shared / "gold" / "load" / "allsides_37k.jsonl.gz") as lines:
        for line in lines:
            article = orjson.loads(line)
            row = node(article["text"], article["title"], day_of(article["published_at"]))
            rows[row["text_id"]] = row
    nodes = _nodes(list(rows.values()))
    del rows
    start = time.process_time()
    copies = near_copies(nodes.select(["text_id", "body"]))
    print(f"dedupe: {nodes.num_rows:,} texts, {time.process_time() - start:.0f} CPU s, {_gigabytes():.1f} GB")
    del copies
    start = time.process_time()
    related = relate(nodes, weights, shipped_frequencies())
    print(
        f"relate: {time.process_time() - start:.0f} CPU s, {_gigabytes():.1f} GB, {related.evidence.num_rows:,} rows of evidence"
    )
    sizes = Counter(related.clusters["cluster_id"].to_pylist())
    print(f"stories: {len(sizes):,}, of one text {sum(n == 1 for n in sizes.values()):,}, sizes {_top(sizes)}")
    print("decisions:", Counter(zip(*(related.evidence[c].to_pylist() for c in ("decision", "veto")), strict=True)))
    _show(nodes, related, sizes)


def _show(nodes: pa.Table, related: Related, sizes: Counter[str]) -> None:
    cluster = dict(zip(*(related.clusters[c].to_pylist() for c in ("node_id", "cluster_id")), strict=True))
    for largest, size in sizes.most_common(6):
        rows = [r for r in nodes.select(["node_id", "date", "title"]).to_pylist() if cluster[r["node_id"]] == largest]
        days = sorted(row["date"] for row in rows if row["date"])
        titles = [row["title"] for row in rows[:: max(1, size // 6)]]
        print(f"  {size} texts, {days[0]} to {days[-1]}: {titles}" if days else f"  {size} texts: {titles}")


def _unseen_scores(pairs: Pairs, gold: Labelled) -> Integers:
    folds = np.array(gold.folds)
    left, right = folds[pairs.left], folds[pairs.right]
    of_fold = [
        Weights.parse(as_json(*train(pairs, gold, (left != fold) & (right != fold)))).scores(pairs.features)
        for fold in range(FOLDS)
    ]
    scores, every = np.stack(of_fold), np.arange(len(left))
    unseen: Integers = (scores[left, every] + scores[right, every]) // 2
    return unseen


def _singles(
    p: Profiles, pairs: Pairs, scores: Integers, gold: Labelled, threshold: int, settings: ClusterSettings, seed: int
) -> float:
    chance = np.random.default_rng(seed)
    cut = set(chance.choice(sorted(set(gold.stories)), int(CUT * len(set(gold.stories))), replace=False).tolist())
    kept, seen = np.zeros(len(gold.stories), dtype=bool), set()
    for row in chance.permutation(len(kept)).tolist():
        kept[row] = gold.stories[row] not in seen
        if gold.stories[row] in cut:
            seen.add(gold.stories[row])
    inside = kept[pairs.left] & kept[pairs.right]
    some, vetoes = pairs.only(inside), vetoes_of(p, pairs.only(inside), scores[inside], threshold, settings)
    labels = clusters_of(len(kept), some, scores[inside], vetoes, threshold, settings)
    return _b_cubed(labels, gold, np.flatnonzero(kept).tolist())[2]


def _b_cubed(labels: list[int], gold: Labelled, rows: list[int]) -> tuple[float, float, float]:
    return b_cubed([labels[row] for row in rows], [gold.stories[row] for row in rows])


def _by_set(gold: Labelled) -> dict[str, list[int]]:
    every = list(range(len(gold.sets)))
    return {name: [row for row in every if gold.sets[row] == name] for name in SETS} | {"pooled": every}


def _gold_pairs(pairs: Pairs, gold: Labelled) -> tuple[int, int]:
    stories: npt.NDArray[Any] = np.array(gold.stories)
    found = int((stories[pairs.left] == stories[pairs.right]).sum())
    return found, sum(n * (n - 1) // 2 for n in Counter(gold.stories).values())


def _same_kind(labels: list[int], gold: Labelled) -> tuple[int, int]:
    apart = [
        labels[a] == labels[b]
        for a, b in combinations(range(len(labels)), 2)
        if gold.subjects[a] == gold.subjects[b] and gold.stories[a] != gold.stories[b]
    ]
    return sum(apart), len(apart)


def _veto_errors(vetoes: list[str | None], pairs: Pairs, gold: Labelled) -> str:
    counts: Counter[tuple[str, bool]] = Counter()
    for veto, a, b in zip(vetoes, pairs.left.tolist(), pairs.right.tolist(), strict=True):
        if veto:
            counts[veto, gold.stories[a] == gold.stories[b]] += 1
    return ", ".join(f"{kind} {n} {'wrong' if same else 'right'}" for (kind, same), n in sorted(counts.items()))


def _seed(path: Path, gold: dict[str, Any]) -> dict[str, Any]:
    # The furniture of a scraped page is not ours to clean here; what counts is the article.
    body = re.sub(r"(?m)^(?:!--.*|Advertisement|Also Read.*|Published in .*|.*https?://\S+.*)$", "", path.read_text())
    return node(body, gold["title"], day_of(gold["published"]))


def _nodes(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], NODES.field(name).type) for name in NODES.names})


def _labels(related: Related, node_ids: list[str]) -> list[str]:
    clusters = dict(zip(*(related.clusters[c].to_pylist() for c in ("node_id", "cluster_id")), strict=True))
    return [clusters[node_id] for node_id in node_ids]


def _sets(pairs: Any) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for item, group in pairs:
        groups.setdefault(group, set()).add(item)
    return {frozenset(group) for group in groups.values()}


def _top(sizes: Counter[str]) -> list[int]:
    return [n for _, n in sizes.most_common(12)]


def _gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
