"""Whether a text's tone agrees with what people heard in it, on two open sets, and how much enrich slows down for it.

    python -m bench.tone --shared ../shared

SemEval-2022 task 8, English pairs of articles: readers said how alike their tone is, 1 (the same) to 4 (different); shown is Spearman's
rank correlation with the distance of our tones. BASIL: phrases that annotators found biased, for or against somebody; shown is how
often, of a phrase of either kind, ours gives the favourable one the higher tone (.5 = by chance, ties count half), and how many have any.
Neither was used to make the lexicon. Where the package vaderSentiment can be imported, it is measured beside, mean over sentences.
"""

import argparse
import gzip
import importlib
import importlib.util
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.enrich import ActorRegistry, Attributor, NameTagger, ToneReader, enrich
from transforms.sources import SourceRegistry
from transforms.text import canonical_text, sentences

HOUSE = Path(__file__).resolve().parents[1] / "transforms"
Reader = Callable[[Sequence[str]], list[float]]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--every", type=int, default=1, help="one pair in so many (default %(default)s)")
    options = parser.parse_args()
    pairs = [
        row
        for row in _rows(options.shared, "pairs_semeval_en_train")
        if row["lang_a"] == row["lang_b"] == "en" and row["tone"] is not None and row["text_a"] and row["text_b"]
    ][:: options.every]
    phrases = [
        (said["txt"], said["polarity"])
        for row in _rows(options.shared, "basil")
        for said in row["annotations"]["phrase-level-annotations"]
        if said["polarity"] in ("pos", "neg") and said["txt"].strip()
    ]
    readers: dict[str, Reader] = {"ours": _ours()}
    if importlib.util.find_spec("vaderSentiment"):
        readers["vaderSentiment"] = _vader()
    alike = np.array([row["tone"] for row in pairs])
    print(
        f"{len(pairs)} pairs of articles, {len(phrases)} phrases of which {sum(p == 'pos' for _, p in phrases)} in favour"
    )
    for name, reader in readers.items():
        started = time.process_time()
        tones = np.array(reader([row[side] for row in pairs for side in ("text_a", "text_b")])).reshape(-1, 2)
        seconds = time.process_time() - started
        apart = _spearman(np.abs(tones[:, 0] - tones[:, 1]), alike)
        said = np.array(reader([text for text, _ in phrases]))
        favourable = np.array([polarity == "pos" for _, polarity in phrases])
        print(
            f"{name:<15} pairs rho {apart:.3f}  mean tone {tones.mean():+.3f}  phrases {_ranked(said, favourable):.3f}, "
            f"{np.count_nonzero(said) / len(said):.3f} with any; {seconds:.1f} CPU s"
        )
    _speed([row["text_a"] for row in pairs])


def _rows(shared: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(shared / "gold" / "stories" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _registries() -> tuple[ActorRegistry, SourceRegistry, NameTagger]:
    registry = HOUSE / "registry"
    return (
        ActorRegistry.parse((registry / "actors.csv").read_text("utf-8")),
        SourceRegistry.parse((registry / "sources.csv").read_text("utf-8")),
        NameTagger((HOUSE / "enrich" / "names.npz.xz").read_bytes()),
    )


def _table(texts: Sequence[str]) -> pa.Table:
    n = len(texts)
    ids = [f"t_{k:016x}" for k in range(n)]
    bodies = [canonical_text(text) for text in texts]
    return pa.table({"text_id": ids, "kind": ["body"] * n, "body": bodies, "lang": ["en"] * n})


def _reader() -> ToneReader:
    return ToneReader((HOUSE / "enrich" / "tone.tsv").read_text("utf-8"))


def _ours() -> Reader:
    actors, sources, tagger = _registries()
    reader = _reader()

    def read(texts: Sequence[str]) -> list[float]:
        found = enrich(_table(texts), actors, sources, tagger, tone=reader).tones
        tones = dict(zip(found["text_id"].to_pylist(), found["tone"].to_pylist(), strict=True))
        return [tones.get(f"t_{k:016x}", 0.0) for k in range(len(texts))]

    return read


def _vader() -> Reader:
    analyzer = importlib.import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()

    def read(texts: Sequence[str]) -> list[float]:
        spans = [(text, sentences(text)) for text in map(canonical_text, texts)]
        return [
            sum(analyzer.polarity_scores(text[a:b])["compound"] for a, b in of) / max(1, len(of)) for text, of in spans
        ]

    return read


def _spearman(one: Any, other: Any) -> float:
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Any) -> Any:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _ranked(values: Any, favourable: Any) -> float:
    """Return the share of pairs, one of each kind, whose favourable one has the higher value (the area under the ROC curve)."""
    ranks, n = _ranks(values), int(favourable.sum())
    return float((ranks[favourable].sum() - n * (n + 1) / 2) / (n * (len(values) - n)))


def _speed(texts: Sequence[str]) -> None:
    """Print the words a CPU second of the whole of enrich with tone and without, in turns; the first turn compiles and is left out."""
    actors, sources, tagger = _registries()
    attributor = Attributor((HOUSE / "enrich" / "attribution.tsv").read_text("utf-8"))
    bodies, reader = _table(texts), _reader()
    n_words = sum(len(text.split()) for text in texts)
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(7):
        with_tone = turn % 2 == 0
        started = time.process_time()
        enrich(bodies, actors, sources, tagger, attributor, reader if with_tone else None)
        seconds[with_tone].append(time.process_time() - started)
    fast, slow = n_words / min(seconds[False]), n_words / min(seconds[True][1:])
    print(f"enrich: {fast:,.0f} words a CPU second without tone, {slow:,.0f} with ({slow / fast:.3f} of it)")


if __name__ == "__main__":
    main()
