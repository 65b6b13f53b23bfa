"""Learns who says what from labelled attributions, and writes transforms/enrich/attribution.tsv.

    python -m bench.quotes_train --shared ../shared

An averaged structured perceptron (Collins 2002) over sentences, on the training fold alone (bench/quote_sets.py). Words and pairs must
occur in several texts to be listed, so that the table holds no sentence of theirs; weights that hardly weigh are left out.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from bench.quote_sets import Attributed, polnear
from transforms.enrich.attribution import AFTER, COLUMNS, LABELS, Vocabulary, sizes
from transforms.enrich.quotations import quotations
from transforms.enrich.tokens import Tokens

MODEL = Path(__file__).resolve().parents[1] / "transforms" / "enrich" / "attribution.tsv"
_RANK = {"source": 2, "cue": 3, "content": 1}
_FIRST = {"source": 1, "cue": 3, "content": 5}


@dataclass(frozen=True, slots=True)
class Learning:
    """How much is learnt: texts a value must stand in, the share of its places at which a cue word attributes, rounds, and the
    smallest weight kept, in 1/SCALE. Chosen on an inner fold of the training texts."""

    word_texts: int = 20
    pair_texts: int = 30
    cue_share: float = 0.4
    cue_texts: int = 4
    rounds: int = 8
    smallest: int = 100
    scale: int = 10


def main() -> None:
    """Learn and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=MODEL)
    options = parser.parse_args()
    articles = [article for article in polnear(options.shared) if not article.held_out]
    table = learn(articles, Learning())
    options.output.write_text(table, "utf-8")
    print(f"{len(articles)} articles, {table.count(chr(10)):,} rows, {len(table.encode()):,} bytes")


def learn(articles: Sequence[Attributed], learning: Learning) -> str:
    """Return the table that labelled articles teach."""
    texts = [Tokens(article.text) for article in articles]
    gold = [gold_labels(text, article) for text, article in zip(texts, articles, strict=True)]
    vocabulary = _vocabulary(texts, gold, learning)
    row = vocabulary.row(texts, [quotations(text.text) for text in texts])
    shifts = np.cumsum([0, *sizes(vocabulary)])
    labels = np.concatenate(gold)
    weights, transitions = _perceptron(
        (row.values + shifts[:-1]).astype(np.int32), labels, row.starts, row.lengths, int(shifts[-1]), learning.rounds
    )
    return _table(vocabulary, weights, transitions, learning)


def gold_labels(text: Tokens, article: Attributed) -> NDArray[np.int32]:
    """Return the label (a position in LABELS) of each piece: cues before sources before contents, where they overlap."""
    labels = np.zeros(len(text), np.int32)
    for role, start, end in sorted(article.spans, key=lambda span: _RANK[span[0]]):
        first, last = text.at(start, end)
        labels[first:last] = _FIRST[role] + 1
        if first < last:
            labels[first] = _FIRST[role]
    return labels


def _vocabulary(texts: Sequence[Tokens], gold: Sequence[NDArray[np.int32]], learning: Learning) -> Vocabulary:
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    endings: Counter[str] = Counter()
    gaps: Counter[str] = Counter()
    attributing: Counter[str] = Counter()
    all_places: Counter[str] = Counter()
    cue_texts: Counter[str] = Counter()
    for text, labels in zip(texts, gold, strict=True):
        words.update(set(text.folded))
        pairs.update(set(pairwise(text.folded)))
        endings.update({word[-3:] for word in text.folded})
        gaps.update(set(text.gaps))
        all_places.update(text.folded)
        cues = [word for word, label in zip(text.folded, labels, strict=True) if label in (3, 4)]
        attributing.update(cues)
        cue_texts.update(set(cues))
    kept = {word for word, n in words.items() if n >= learning.word_texts}
    return Vocabulary(
        {
            "word": sorted(kept),
            "ending": sorted(e for e, n in endings.items() if n >= learning.word_texts),
            "gap": sorted(gap for gap, n in gaps.items() if n >= 4 and len(gap) <= 6),
            "pair": sorted(f"{a} {b}" for (a, b), n in pairs.items() if n >= learning.pair_texts and {a, b} <= kept),
            "cue": sorted(
                w for w, n in attributing.items()
                if n >= learning.cue_share * all_places[w] and cue_texts[w] >= learning.cue_texts
            ),
        }
    )  # fmt: skip


@nb.njit(cache=True)
def _perceptron(values: Any, labels: Any, starts: Any, lengths: Any, size: int, rounds: int) -> Any:
    n_labels = 7
    weights = np.zeros((size, n_labels), np.float64)
    summed = np.zeros((size, n_labels), np.float64)
    inner = np.zeros((n_labels + 1, n_labels), np.float64)
    inner_summed = np.zeros((n_labels + 1, n_labels), np.float64)
    longest = lengths.max()
    total = np.zeros((longest, n_labels))
    back = np.zeros((longest, n_labels), np.int32)
    best = np.zeros(longest, np.int32)
    n_columns = values.shape[1]
    np.random.seed(7)
    order = np.arange(len(starts))
    step = 1.0
    for _ in range(rounds):
        np.random.shuffle(order)
        for sentence in order:
            first, n = starts[sentence], lengths[sentence]
            for t in range(n):
                for label in range(n_labels):
                    score = 0.0
                    for column in range(n_columns):
                        score += weights[values[first + t, column], label]
                    if t == 0:
                        total[t, label] = score + inner[n_labels, label]
                    else:
                        top, came = total[t - 1, 0] + inner[0, label], 0
                        for before in range(1, n_labels):
                            this = total[t - 1, before] + inner[before, label]
                            if this > top:
                                top, came = this, before
                        total[t, label] = score + top
                        back[t, label] = came
            best[n - 1] = np.argmax(total[n - 1])
            for t in range(n - 1, 0, -1):
                best[t - 1] = back[t, best[t]]
            for t in range(n):
                true, guess = labels[first + t], best[t]
                if true != guess:
                    for column in range(n_columns):
                        value = values[first + t, column]
                        weights[value, true] += 1
                        weights[value, guess] -= 1
                        summed[value, true] += step
                        summed[value, guess] -= step
                was_true = labels[first + t - 1] if t else n_labels
                was_guess = best[t - 1] if t else n_labels
                if true != guess or was_true != was_guess:
                    inner[was_true, true] += 1
                    inner[was_guess, guess] -= 1
                    inner_summed[was_true, true] += step
                    inner_summed[was_guess, guess] -= step
            step += 1
    return weights - summed / step, inner - inner_summed / step


def _table(
    vocabulary: Vocabulary, weights: NDArray[np.float64], transitions: NDArray[np.float64], how: Learning
) -> str:
    lines = ["\t".join(("feature", "value", *LABELS))]
    lines += [_line("cue", word, [0] * len(LABELS)) for word in vocabulary.values["cue"]]
    lines += [_line(AFTER, k, np.rint(row * how.scale)) for k, row in enumerate(transitions)]
    start = 0
    for (name, family, _), size in zip(COLUMNS, sizes(vocabulary), strict=True):
        for k, row in enumerate(np.rint(weights[start : start + size] * how.scale)):
            known = family in vocabulary.values
            if np.abs(row).max() >= how.smallest and not (known and k == 0):
                lines.append(_line(name, vocabulary.values[family][k - 1] if known else k, row))
        start += size
    return "\n".join(lines) + "\n"


def _line(feature: str, value: str | int, weights: Sequence[float] | NDArray[np.float64]) -> str:
    return "\t".join((feature, json.dumps(value, ensure_ascii=False), *(str(int(w)) for w in weights)))


if __name__ == "__main__":
    main()
