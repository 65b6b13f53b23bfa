"""The board of one text: its pieces, what the dictionaries and the tagger saw, and the spans settled so far."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from transforms.enrich.lexicon import Entry
from transforms.enrich.tokens import Tokens

# Names inside addresses, hashtags and handles are not mentions. An address is looked for where its first letter can stand, and nowhere
# else: a run of a million letters would be gone through from each of them.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]++@[\w-]+\.\w+|[@#]\w+|\bpic\.twitter\.com/\w+")


@dataclass(slots=True)
class Span:
    """A mention in the making: pieces `first` up to, not including, `last`; `actor_id` None where nobody is settled."""

    first: int
    last: int
    type: str
    method: str
    confidence: float
    actor_id: str | None = None
    name: str | None = None
    country: str | None = None
    source_id: str | None = None
    as_source: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """What the tagger said of pieces `first` up to, not including, `last`."""

    first: int
    last: int
    label: str


@dataclass
class Board:
    """A text under work; spans never overlap, the first to settle a piece keeps it."""

    tokens: Tokens
    hits: list[tuple[int, int, list[Entry]]]
    tags: list[Tag]
    owner: list[Span | None] = field(init=False)
    dropped: list[bool] = field(init=False)
    hit_at: dict[int, tuple[int, int, list[Entry]]] = field(init=False)
    label_at: dict[int, str] = field(init=False)
    _settled: dict[int, Span] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.owner = [None] * len(self.tokens)
        self.dropped = [False] * len(self.tokens)
        for match in _ADDRESS.finditer(self.tokens.text):
            self.drop(*self.tokens.at(match.start(), match.end()))
        self.hit_at = {k: hit for hit in self.hits for k in range(hit[0], hit[1])}
        self.label_at = {k: tag.label for tag in self.tags for k in range(tag.first, tag.last)}

    def free(self, first: int, last: int) -> bool:
        """Tell whether no settled or dropped span touches these pieces."""
        return not any(self.owner[first:last]) and not any(self.dropped[first:last])

    def put(self, span: Span) -> bool:
        """Settle a span if its pieces are free."""
        if span.first >= span.last or not self.free(span.first, span.last):
            return False
        for k in range(span.first, span.last):
            self.owner[k] = span
        self._settled[span.first] = span
        return True

    def drop(self, first: int, last: int) -> None:
        """Mark pieces as no mention of an actor, so that nothing settles there later."""
        for k in range(first, last):
            if self.owner[k] is None:
                self.dropped[k] = True

    def spans(self) -> Iterator[Span]:
        """Yield the spans settled so far in the order of the text."""
        for first in sorted(self._settled):
            yield self._settled[first]

    def entries(self, first: int, last: int) -> Sequence[Entry]:
        """Return the dictionary entries that match exactly these pieces."""
        hit = self.hit_at.get(first)
        return hit[2] if hit is not None and hit[0] == first and hit[1] == last else ()

    def hits_within(self, first: int, last: int) -> Iterator[tuple[int, int, list[Entry]]]:
        """Yield what the dictionary found inside these pieces, in order."""
        for k in range(first, last):
            hit = self.hit_at.get(k)
            if hit is not None and hit[0] == k and hit[1] <= last:
                yield hit

    @cached_property
    def known_last_names(self) -> frozenset[str]:
        """The last words of the registered persons named here by more than one word."""
        return frozenset(
            self.tokens.words[last - 1]
            for first, last, entries in self.hits
            if last - first > 1 and any(e.actor is not None and e.actor.type == "person" for e in entries)
        )

    @cached_property
    def tagged(self) -> dict[tuple[str, ...], Counter[str]]:
        """How often the tagger gave which label to these very words."""
        found: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for tag in self.tags:
            found[tuple(self.tokens.words[tag.first : tag.last])][tag.label] += 1
        return dict(found)

    def place_all(self, spans: Iterable[Span]) -> None:
        """Settle spans, the longest first, of equals the first in the text."""
        for span in sorted(spans, key=lambda s: (s.first - s.last, s.first, -s.confidence)):
            self.put(span)
