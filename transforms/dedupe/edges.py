"""The graph of compared texts: which edges stand once it is seen whole, and the groups that they make."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transforms.compiled import compiled
from transforms.dedupe.kernel import Hashes
from transforms.dedupe.overlap import Rows
from transforms.dedupe.settings import NearSettings

# Why a pair was joined (the first three) or rejected.
RULES = (
    "same_words", "jaccard", "containment",
    "below_threshold", "short_text", "figures_differ", "opening_differs", "compilation", "content_kind",
)  # fmt: skip
_CONTAINMENT, _COMPILATION = RULES.index("containment"), RULES.index("compilation")
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Edges:
    """Pairs of texts by their ids (`left` < `right`), how much they share, and the place of the rule in RULES."""

    left: Hashes
    right: Hashes
    jaccard: npt.NDArray[np.float64]
    containment: npt.NDArray[np.float64]
    rule: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.left)

    @property
    def joined(self) -> Mask:
        """Which pairs were joined."""
        return self.rule <= _CONTAINMENT

    def where(self, rows: Mask | Rows) -> "Edges":
        """Return some of them."""
        return Edges(self.left[rows], self.right[rows], self.jaccard[rows], self.containment[rows], self.rule[rows])


def joined_edges(one: Edges, other: Edges) -> Edges:
    """Return both."""
    columns = zip(*((e.left, e.right, e.jaccard, e.containment, e.rule) for e in (one, other)), strict=True)
    return Edges(*map(np.concatenate, columns))


def guarded(edges: Edges, settings: NearSettings) -> Edges:
    """Refuse the containment edges of compilations, and allow those refused as such that are none.

    A text compiles when the texts it is joined to fall apart without it: a round-up that holds two reports which do not touch,
    or a statement that lies whole in two reports. Two texts touch that are joined, or nearly. Which texts compile is a function
    of the set of edges, whatever was said of compilations before.
    """
    touching = edges.joined | (edges.containment >= settings.touching_containment)
    nodes, ends = np.unique(np.concatenate([edges.left, edges.right]), return_inverse=True)
    left, right = ends[: len(edges)], ends[len(edges) :]
    contained = (edges.rule == _CONTAINMENT) | (edges.rule == _COMPILATION)
    compiles = _compiling(
        len(nodes), left[touching], right[touching], (edges.joined | contained)[touching], contained[touching]
    )
    refused = contained & (compiles[left] | compiles[right])
    rule = np.where(refused, _COMPILATION, np.where(contained, _CONTAINMENT, edges.rule)).astype(np.int8)
    return Edges(edges.left, edges.right, edges.jaccard, edges.containment, rule)


def grouped(ids: Hashes, edges: Edges) -> Hashes:
    """Return for each of the ids (ascending) the smallest that it is connected to by joined edges."""
    left, right = (np.searchsorted(ids, end[edges.joined]) for end in (edges.left, edges.right))
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(len(ids), len(ids)))
    _, component = connected_components(graph, directed=False)
    _, first = np.unique(component, return_index=True)
    smallest: Hashes = ids[first[component]]
    return smallest


@compiled
def _compiling(n_nodes: int, left: Rows, right: Rows, joined: Mask, contained: Mask) -> Mask:
    """Return which nodes have a containment edge and joined neighbours that the other edges don't connect."""
    starts = np.zeros(n_nodes + 1, np.int64)
    for pair in range(len(left)):
        starts[left[pair] + 1] += 1
        starts[right[pair] + 1] += 1
    for node in range(n_nodes):
        starts[node + 1] += starts[node]
    filled, at = starts[:-1].copy(), np.empty(2 * len(left), np.int64)
    in_question = np.zeros(n_nodes, np.bool_)
    for pair in range(len(left)):
        for node in (left[pair], right[pair]):
            at[filled[node]] = pair
            filled[node] += 1
            in_question[node] |= contained[pair]
    compiling, root, held_by = np.zeros(n_nodes, np.bool_), np.arange(n_nodes), np.full(n_nodes, -1)
    for centre in range(n_nodes):
        if not in_question[centre]:
            continue
        parts = 0
        for i in range(starts[centre], starts[centre + 1]):
            if joined[at[i]]:
                other = left[at[i]] + right[at[i]] - centre
                root[other], held_by[other] = other, centre
                parts += 1
        for i in range(starts[centre], starts[centre + 1]):
            one = left[at[i]] + right[at[i]] - centre
            for j in range(starts[one], starts[one + 1]) if held_by[one] == centre else range(0):
                other = left[at[j]] + right[at[j]] - one
                if held_by[other] != centre or other == centre:
                    continue
                a, b = one, other
                while root[a] != a:
                    a = root[a]
                while root[b] != b:
                    b = root[b]
                if a != b:
                    root[b] = a
                    parts -= 1
        compiling[centre] = parts > 1
    return compiling
