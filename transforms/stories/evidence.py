"""The evidence for a story: each pair near the threshold with its features, the rare words that tie it, and where they stand."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.stories.kernel import MILLION, tying_words
from transforms.stories.profiles import Profiles
from transforms.stories.shelf import Integers, Shelf
from transforms.stories.similarity import FEATURES, Pairs
from transforms.stories.tokens import printed_form, tokens

_SPAN = pa.struct([("text_id", pa.string()), ("start_char", pa.int32()), ("end_char", pa.int32())])
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
        ("spans", pa.list_(_SPAN)),
    ]
)
# As many as one takes in at a glance.
_TERMS_SHOWN = 6
_ROWS_AT_ONCE = 10_000

# Key of a word -> (form, start, end) of its first occurrence in one text.
_Places = dict[int, tuple[str, int, int]]


def evidence_table(
    nodes: pa.Table,
    profiles: Profiles,
    pairs: Pairs,
    scores: Integers,
    decisions: list[tuple[str, str | None]],
    threshold: int,
    first_words: int,
) -> pa.Table:
    """Return one row of EVIDENCE a pair, in the order of the pairs.

    `nodes` are the compared ones (text_id, body) in the order of the profiles; `decisions` holds (decision, veto) a pair.
    Scores, threshold and features come in millionths and leave as 0..1; spans give the first place of each term in each text.
    """
    terms = _tying_terms(profiles.shelf, pairs)
    places = _places(nodes, pairs, terms, first_words)
    text_ids = nodes["text_id"].to_pylist()
    columns = {
        "node_a": pa.array([profiles.node_ids[a] for a in pairs.left.tolist()], pa.string()),
        "node_b": pa.array([profiles.node_ids[b] for b in pairs.right.tolist()], pa.string()),
        "score": scores / MILLION,
        "threshold": np.full(len(scores), threshold / MILLION),
        "decision": pa.array([decision for decision, _ in decisions], pa.string()),
        "veto": pa.array([veto for _, veto in decisions], pa.string()),
        **{name: pairs.features[:, place] / MILLION for place, name in enumerate(FEATURES)},
        **_words_and_spans(text_ids, pairs, terms, places),
    }
    return pa.table(columns, schema=EVIDENCE)


def _words_and_spans(
    text_ids: list[str], pairs: Pairs, terms: list[list[int]], places: dict[int, _Places]
) -> dict[str, pa.ChunkedArray]:
    rows = list(zip(pairs.left.tolist(), pairs.right.tolist(), terms, strict=True))
    words, spans = [], []
    # As Python objects a span takes thirty times what it takes in Arrow.
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[begin : begin + _ROWS_AT_ONCE]
        words.append(
            pa.array([[places[a][term][0] for term in tied] for a, _, tied in part], EVIDENCE.field("terms").type)
        )
        of_pairs = [
            [_span(text_ids[node], places[node][term]) for term in tied for node in (a, b)] for a, b, tied in part
        ]
        spans.append(pa.array(of_pairs, EVIDENCE.field("spans").type))
    return {
        "terms": pa.chunked_array(words, EVIDENCE.field("terms").type),
        "spans": pa.chunked_array(spans, EVIDENCE.field("spans").type),
    }


def _tying_terms(shelf: Shelf, pairs: Pairs) -> list[list[int]]:
    """Return the keys of the heaviest rare words that each pair shares, heaviest first."""
    found = tying_words(shelf, pairs.left, pairs.right, _TERMS_SHOWN)
    return [[key for key in row if key] for row in found.tolist()]


def _places(nodes: pa.Table, pairs: Pairs, terms: list[list[int]], first_words: int) -> dict[int, _Places]:
    wanted: dict[int, set[int]] = defaultdict(set)
    for a, b, tied in zip(pairs.left.tolist(), pairs.right.tolist(), terms, strict=True):
        wanted[a].update(tied)
        wanted[b].update(tied)
    bodies = nodes["body"]
    return {node: _first_places(bodies[node].as_py(), sought, first_words) for node, sought in wanted.items() if sought}


def _first_places(body: str, sought: set[int], first_words: int) -> _Places:
    found, starts, ends = tokens(body, first_words)
    keys, first = np.unique(found >> np.uint64(32), return_index=True)
    places: _Places = {}
    for key in sought:
        at = int(first[np.searchsorted(keys, np.uint64(key))])
        start, end = int(starts[at]), int(ends[at])
        places[key] = printed_form(body[start:end]), start, end
    return places


def _span(text_id: str, place: tuple[str, int, int]) -> dict[str, str | int]:
    return {"text_id": text_id, "start_char": place[1], "end_char": place[2]}


def decisions(
    scores: Integers,
    vetoes: Iterable[str | None],
    together: npt.NDArray[np.bool_],
    threshold: int,
    joined: npt.NDArray[np.bool_],
    parted: npt.NDArray[np.bool_],
) -> list[tuple[str, str | None]]:
    """Return (decision, veto) of each pair.

    override where people `joined` it, veto with its reason (override where they `parted` the stories of the two), accept where
    both are of one story, else reject.
    """
    near = (scores >= threshold).tolist()
    columns = (vetoes, together.tolist(), near, joined.tolist(), parted.tolist())
    return [_decision(*row) for row in zip(*columns, strict=True)]


def _decision(veto: str | None, same: bool, high: bool, joined: bool, parted: bool) -> tuple[str, str | None]:
    if joined:
        return "override", None
    if parted:
        return "veto", "override"
    return ("veto", veto) if veto else ("accept" if same and high else "reject", None)
