"""The evidence for a story: each pair near the threshold with its features, the rare words that tie it, and where they stand."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.compiled import compiled
from transforms.stories.against import tying_words
from transforms.stories.kernel import MILLION
from transforms.stories.memory import TOLD, Bodies, Memory
from transforms.stories.shelf import Integers
from transforms.stories.similarity import FEATURES, Pairs
from transforms.stories.tokens import Hashes, printed_form, tokens

EVIDENCE = pa.schema(
    [
        ("node_a", pa.string()),
        ("node_b", pa.string()),
        ("score", pa.float64()),
        ("threshold", pa.float64()),
        ("decision", pa.string()),
        ("veto", pa.string()),
        *((name, pa.float64()) for name in FEATURES),
        ("terms", pa.list_(pa.string())),
        TOLD.field("spans"),
    ]
)
# As many as one takes in at a glance.
_TERMS_SHOWN = 6
_ROWS_AT_ONCE = 10_000
_TEXTS_AT_ONCE = 50_000

# Key of a word -> (form, start, end) of its first occurrence in one text.
_Places = dict[int, tuple[str, int, int]]


def evidence_table(
    node_ids: pa.ChunkedArray,
    pairs: Pairs,
    scores: Integers,
    decisions: list[tuple[str, str | None]],
    needed: Integers,
    words: pa.Table,
) -> pa.Table:
    """Return one row of EVIDENCE a pair, in the order of the pairs.

    `node_ids` are those of the rows; `decisions` holds (decision, veto) a pair, `words` its terms and spans (see `told_of`).
    Scores, those `needed` and features come in millionths and leave as 0..1.
    """
    columns = {
        "node_a": node_ids.take(pa.array(pairs.left)),
        "node_b": node_ids.take(pa.array(pairs.right)),
        "score": scores / MILLION,
        "threshold": needed / MILLION,
        "decision": pa.array([decision for decision, _ in decisions], pa.string()),
        "veto": pa.array([veto for _, veto in decisions], pa.string()),
        **{name: pairs.features[:, place] / MILLION for place, name in enumerate(FEATURES)},
        "terms": words["terms"],
        "spans": words["spans"],
    }
    return pa.table(columns, schema=EVIDENCE)


def told_of(
    memory: Memory, nodes: pa.Table, rows: Integers, pairs: Pairs, bodies: Bodies, first_words: int
) -> tuple[pa.Table, pa.Table]:
    """Return what was not told before (TOLD), and the terms and spans of each pair in their order.

    `nodes` (text_id) lie on `rows` of the memory; pairs are between nodes. Terms are the heaviest rare words that both texts
    hold, spans the first place of each in each text; texts are read for pairs that nobody told of before.
    """
    width = max(1, len(memory.keys))
    a, b = rows[pairs.left], rows[pairs.right]
    before = np.array(memory.told["a"], dtype=np.int64) * width + np.array(memory.told["b"], dtype=np.int64)
    untold = ~np.isin(a * width + b, before)
    new = _told(memory, nodes["text_id"].to_pylist(), rows, pairs.only(untold), bodies, first_words)
    told = pa.concat_tables([memory.told, new])
    every = np.concatenate([before, (a * width + b)[untold]])
    order = np.argsort(every)
    return new, told.take(pa.array(order[np.searchsorted(every, a * width + b, sorter=order)], pa.int64()))


def _told(
    memory: Memory, text_ids: list[str], rows: Integers, pairs: Pairs, bodies: Bodies, first_words: int
) -> pa.Table:
    found = tying_words(memory.shelf, rows[pairs.left], rows[pairs.right], _TERMS_SHOWN)
    tied = [[key for key in row if key] for row in found.tolist()]
    sides = list(zip(pairs.left.tolist(), pairs.right.tolist(), tied, strict=True))
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for a, b, terms in sides:
        wanted[text_ids[a]].update(terms)
        wanted[text_ids[b]].update(terms)
    places = _first_places({text_id: keys for text_id, keys in wanted.items() if keys}, bodies, first_words)
    parts = []
    # As Python objects a span takes thirty times what it takes in Arrow.
    for begin in range(0, len(sides), _ROWS_AT_ONCE):
        part = sides[begin : begin + _ROWS_AT_ONCE]
        forms = [[places[text_ids[a]][term][0] for term in terms] for a, _, terms in part]
        spans = [
            [_span(text_ids[side], places[text_ids[side]][term]) for term in terms for side in (a, b)]
            for a, b, terms in part
        ]
        parts.append(
            pa.table([rows[[a for a, _, _ in part]], rows[[b for _, b, _ in part]], forms, spans], schema=TOLD)
        )
    return pa.concat_tables([TOLD.empty_table(), *parts])


def _first_places(wanted: Mapping[str, set[int]], bodies: Bodies, first_words: int) -> dict[str, _Places]:
    places: dict[str, _Places] = {}
    text_ids = sorted(wanted)
    for begin in range(0, len(text_ids), _TEXTS_AT_ONCE):
        for text_id, body in bodies(text_ids[begin : begin + _TEXTS_AT_ONCE]).items():
            found, starts, ends = tokens(body, first_words)
            sought = sorted(wanted[text_id])
            at = _firsts(found, np.array(sought, dtype=np.uint64))
            cut = zip(sought, starts[at].tolist(), ends[at].tolist(), strict=True)
            places[text_id] = {key: (printed_form(body[start:end]), start, end) for key, start, end in cut}
    return places


@compiled
def _firsts(found: Hashes, sought: Hashes) -> Integers:
    """Return where each of the sorted keys stands first among the forms of a text, all of which it has."""
    places = np.zeros(len(sought), np.int64)
    for at in range(len(found) - 1, -1, -1):
        key = found[at] >> np.uint64(32)
        place = np.searchsorted(sought, key)
        if place < len(sought) and sought[place] == key:
            places[place] = at
    return places


def _span(text_id: str, place: tuple[str, int, int]) -> dict[str, str | int]:
    return {"text_id": text_id, "start_char": place[1], "end_char": place[2]}


def decisions(
    scores: Integers,
    vetoes: Iterable[str | None],
    together: npt.NDArray[np.bool_],
    needed: Integers,
    joined: npt.NDArray[np.bool_],
    parted: npt.NDArray[np.bool_],
) -> list[tuple[str, str | None]]:
    """Return (decision, veto) of each pair.

    override where people `joined` it, veto with its reason (override where they `parted` the stories of the two), accept where
    both are of one story, else reject.
    """
    near = (scores >= needed).tolist()
    columns = (vetoes, together.tolist(), near, joined.tolist(), parted.tolist())
    return [_decision(*row) for row in zip(*columns, strict=True)]


def _decision(veto: str | None, same: bool, high: bool, joined: bool, parted: bool) -> tuple[str, str | None]:
    if joined:
        return "override", None
    if parted:
        return "veto", "override"
    return ("veto", veto) if veto else ("accept" if same and high else "reject", None)
