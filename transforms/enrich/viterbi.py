"""The best labels of many stretches at once: Viterbi in whole numbers, so that every machine and batch finds the same."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]

# Bits that hold a label, all of them set: up to 15 labels.
_MARK_BITS = 4
_MARKS = (1 << _MARK_BITS) - 1


def best_labels(scores: Ints, transitions: Ints, starts: Ints, lengths: Ints) -> Ints:
    """Return the best labels of all stretches at once (Viterbi, step by step over those long enough).

    `scores` (pieces x labels), `transitions` (from x to; the last row opens a stretch); `starts` and `lengths` cut stretches.
    """
    n_labels = scores.shape[1]
    order = np.argsort(-lengths, kind="stable")
    starts, lengths = starts[order], lengths[order]
    alive = np.searchsorted(-lengths, -np.arange(1, lengths[0] + 1), side="right").tolist()
    # The lowest bits carry the label one comes from, the first of equals as the highest, so that one maximum finds both.
    columns = scores.T.astype(np.int64) << _MARK_BITS
    inner = (transitions[:n_labels, :, None].astype(np.int64) << _MARK_BITS) + (_MARKS - np.arange(n_labels))[
        :, None, None
    ]
    total = columns[:, starts] + (transitions[n_labels].astype(np.int64) << _MARK_BITS)[:, None]
    back = []
    for t in range(1, len(alive)):
        on = alive[t]
        best = (total[:, None, :on] + inner).max(axis=0)
        back.append(_MARKS - (best & _MARKS))
        total[:, :on] = (best & ~_MARKS) + columns[:, starts[:on] + t]
    labels = np.empty(len(scores), np.int32)
    now = total.argmax(axis=0)
    for t in range(len(alive) - 1, -1, -1):
        on = alive[t]
        labels[starts[:on] + t] = now[:on]
        if t:
            now[:on] = back[t - 1][now[:on], np.arange(on)]
    return labels
