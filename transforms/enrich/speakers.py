"""Who a source is: the actor that the words of an attribution name, or a pronoun in them stands for, where that is clear."""

from bisect import bisect_left
from dataclasses import dataclass

from transforms.enrich.attribution import Found
from transforms.enrich.spans import Board, Span
from transforms.enrich.words import word_set

# Beside a name: what makes it the owner of, or an attribute to, who speaks ("lawyers for Mr. Khan", "Mr. Khan's lawyer").
_TIES = word_set("of for by with to from at in on against about near under behind")
_BEHIND_A_HEAD = _TIES | word_set("who and or whose which that a an the then now also has had is was")
_SPEAK_FOR = word_set("spokesman spokeswoman spokesperson spokespeople spokesmen officials statement")
_PRONOUNS = word_set("he she")
# Sentences back that a pronoun is looked up in, the nearest that names a person first.
_SENTENCES_BACK = 4
_NO_SPEAKER = frozenset({"place"})


@dataclass(frozen=True, slots=True)
class Speaker:
    """The pieces that name a source; `mention` is the span of the actor it is, None where the text leaves it open."""

    first: int
    last: int
    mention: Span | None
    confidence: float


def speaker(board: Board, source: Found, quoted: bytearray) -> Speaker:
    """Return who a source is: the name at its head, the body its spokesman speaks for, or the one person a pronoun can mean."""
    mention, sure = _named(board, source)
    if mention is None and source.last - source.first == 1:
        word = board.tokens.folded[source.first]
        if word in _PRONOUNS:
            mention, sure = _meant(board, source.first, quoted), 0.7
        elif word == "who":
            mention, sure = _just_before(board, source.first), 0.8
    if mention is None or mention.actor_id is None:
        return Speaker(source.first, source.last, None, 0.0)
    return Speaker(source.first, source.last, mention, round(sure * mention.confidence, 3))


def _named(board: Board, source: Found) -> tuple[Span | None, float]:
    spans = []
    k = source.first
    while k < source.last:
        span = board.owner[k]
        k = span.last if span is not None else k + 1
        if span is not None and span.actor_id is not None and span.type not in _NO_SPEAKER:
            spans.append(span)
    heads = [span for span in spans if _is_head(board, source, span)]
    if heads:
        people = [span for span in heads if span.type == "person"] or heads
        return (people[0], 1.0) if len({span.actor_id for span in people}) == 1 else (None, 0.0)
    speaks = not _SPEAK_FOR.isdisjoint(board.tokens.folded[source.first : source.last])
    bodies = [span for span in spans if span.type != "person"]
    return (bodies[0], 0.7) if speaks and len(bodies) == 1 else (None, 0.0)


def _is_head(board: Board, source: Found, span: Span) -> bool:
    tokens = board.tokens
    if span.first > source.first:
        before = tokens.folded[span.first - 1]
        if before in _TIES or (before in {"the", "a", "an"} and _tied(board, source, span.first - 1)):
            return False
    if span.last >= source.last:
        return True
    gap, behind = tokens.gaps[span.last - 1], tokens.folded[span.last]
    if gap in {"'", "’"}:
        return span.last + 1 == source.last
    return "," in gap or "(" in gap or (gap == " " and behind in _BEHIND_A_HEAD)


def _tied(board: Board, source: Found, k: int) -> bool:
    return k > source.first and board.tokens.folded[k - 1] in _TIES


def _meant(board: Board, k: int, quoted: bytearray) -> Span | None:
    """Return the one person named before a pronoun in its sentence and the one before, else in the nearest earlier one that names any.

    None where several are, or the text names nobody near; names inside quotations count for nothing.
    """
    tokens = board.tokens
    number = tokens.sentence[k]
    people: dict[str, Span] = {}
    end = k
    for back in range(min(number, _SENTENCES_BACK) + 1):
        start = bisect_left(tokens.sentence, number - back)
        for at in range(start, end):
            span = board.owner[at]
            if span is not None and span.type == "person" and span.actor_id is not None and not quoted[at]:
                people[span.actor_id] = span
        if people and back:
            break
        end = start
    return next(iter(people.values())) if len(people) == 1 else None


def _just_before(board: Board, k: int) -> Span | None:
    span = board.owner[k - 1] if k else None
    return span if span is not None and span.type == "person" and board.tokens.gaps[k - 1] in {" ", ", "} else None
