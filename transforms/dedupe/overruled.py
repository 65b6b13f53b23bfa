"""What people decided of wording: texts that are one whatever they share, and texts that are two however much they share.

Where a decision names a text, the group it is in is put together anew from its edges, best first: same words, then what people
joined, then the rest by what they share. An edge that would bring together what people parted is refused. The result depends on
the edges and the decisions alone, not on their order.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.dedupe.near import PAIRS, NearCopies
from transforms.dedupe.overlap import of_two
from transforms.dedupe.settings import NearSettings

TextPair = tuple[str, str]
RULE = "override"


@dataclass(frozen=True)
class TextConstraints:
    """Pairs of text ids of one wording (`together`) and of two (`apart`), and texts that count as nobody's copy (`alone`)."""

    together: tuple[TextPair, ...] = ()
    apart: tuple[TextPair, ...] = ()
    alone: frozenset[str] = field(default=frozenset())

    @property
    def texts(self) -> frozenset[str]:
        """The text ids that are named."""
        return frozenset(text for pair in self.together + self.apart for text in pair) | self.alone


def overruled(
    copies: NearCopies, constraints: TextConstraints, bodies: Mapping[str, str], settings: NearSettings | None = None
) -> NearCopies:
    """Return the groups and pairs as the constraints have them; what they do not name stays as it is.

    `bodies`: the words of the named texts that are known; others constrain nothing. A pair that is named, and one that is
    refused because of them, has the rule `override`. A text that no edge reaches stays with the group's smallest.
    """
    known = constraints.texts & bodies.keys()
    if not known:
        return copies
    groups = copies.groups
    hit = pc.is_in(groups["text_id"], value_set=pa.array(sorted(known), pa.string()))
    touched = pc.is_in(groups["text_group_id"], value_set=pc.unique(groups.filter(hit)["text_group_id"]))
    members = groups.filter(touched)
    texts = members["text_id"]
    inside = pc.and_(
        pc.is_in(copies.pairs["text_a"], value_set=texts), pc.is_in(copies.pairs["text_b"], value_set=texts)
    )
    rows = copies.pairs.filter(inside).to_pylist()
    pairs = {(row["text_a"], row["text_b"]): row for row in rows}
    parts = _Parts(members, constraints)
    for row in _named(constraints, pairs, bodies, settings or NearSettings()):
        pairs[row["text_a"], row["text_b"]] = row
    for edge in sorted(pairs, key=lambda edge: _best_first(pairs[edge])):
        if pairs[edge]["decision"] == "joined" and not parts.join(*edge):
            pairs[edge] |= {"decision": "rejected", "rule": RULE}
    parts.keep_company(members, rows)
    regrouped = pa.table(
        [texts, pa.array(["g_" + parts.top(text)[2:] for text in texts.to_pylist()])], schema=groups.schema
    )
    decided = pa.Table.from_pylist([pairs[edge] for edge in sorted(pairs)], schema=PAIRS)
    return NearCopies(
        groups=pa.concat_tables([groups.filter(pc.invert(touched)), regrouped]),
        pairs=pa.concat_tables([copies.pairs.filter(pc.invert(inside)), decided]),
    )


class _Parts:
    """Texts in parts, each known by its smallest text, that no join may bring together again."""

    def __init__(self, members: pa.Table, constraints: TextConstraints) -> None:
        self._root = {text: text for text in members["text_id"].to_pylist()}
        self._alone = constraints.alone
        self._apart: defaultdict[str, set[str]] = defaultdict(set)
        for a, b in constraints.apart:
            self._apart[a].add(b)
            self._apart[b].add(a)

    def top(self, text: str) -> str:
        while self._root[text] != text:
            self._root[text] = text = self._root[self._root[text]]
        return text

    def join(self, a: str, b: str) -> bool:
        """Make one part of two, unless that is forbidden; return whether they are one."""
        low, high = sorted((self.top(a), self.top(b)))
        if low == high:
            return True
        if a in self._alone or b in self._alone or high in self._apart[low]:
            return False
        self._root[high] = low
        for other in self._apart.pop(high, set()):
            self._apart[other].discard(high)
            self._apart[other].add(low)
            self._apart[low].add(other)
        return True

    def keep_company(self, members: pa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Leave what no edge had reached (it has lost its words) in the part of its group's smallest text."""
        reached = {
            row[side]
            for row in rows
            if row["decision"] == "joined" or row["rule"] == RULE
            for side in ("text_a", "text_b")
        }
        company: dict[str, list[str]] = {}
        for text, group in sorted(
            zip(members["text_id"].to_pylist(), members["text_group_id"].to_pylist(), strict=True)
        ):
            company.setdefault(group, []).append(text)
        for smallest, *others in company.values():
            for text in others:
                if text not in reached:
                    self.join(smallest, text)


def _named(
    constraints: TextConstraints,
    pairs: Mapping[TextPair, Mapping[str, Any]],
    bodies: Mapping[str, str],
    settings: NearSettings,
) -> Iterable[dict[str, Any]]:
    """Yield a row for each pair that is named, with its numbers."""
    for decision, named in (("joined", constraints.together), ("rejected", constraints.apart)):
        for a, b in named:
            if a in bodies and b in bodies and a != b:
                edge = (min(a, b), max(a, b))
                numbers = pairs.get(edge) or of_two(bodies[a], bodies[b], settings)
                yield dict(numbers) | {"text_a": edge[0], "text_b": edge[1], "decision": decision, "rule": RULE}


def _best_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    strength = {"same_words": 0, RULE: 1}.get(row["rule"], 2)
    return strength, -row["containment"], -row["jaccard"], row["text_a"], row["text_b"]
