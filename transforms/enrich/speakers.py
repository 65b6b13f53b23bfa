"""Who a source is: the actor that the words of an attribution name, or a pronoun in them stands for, where that is clear."""

from bisect import bisect_left
from dataclasses import dataclass

from transforms.enrich.attribution import Found
from transforms.enrich.spans import Board, Span
from transforms.enrich.words import KIND_NOUNS, TITLES, word_set

# Beside a name: what makes it the owner of, or an attribute to, who speaks ("lawyers for Mr. Khan", "Mr. Khan's lawyer").
_TIES = word_set("of for by with to from at in on against about near under behind")
_BEHIND_A_HEAD = _TIES | word_set("who and or whose which that a an the then now also has had is was")
_SPEAK_FOR = word_set("spokesman spokeswoman spokesperson spokespeople spokesmen officials statement")
_PRONOUNS = word_set("he she")
# Sentences back that a pronoun is looked up in, the nearest that names a person first.
_SENTENCES_BACK = 4
_NO_SPEAKER = frozenset({"place"})
# Before a title: who bears it is another, or no longer does.
_NOT_THE_HOLDER = word_set("vice deputy former ex assistant acting then")
# Said of any company; other nouns must stand in its name ("the airline" of Nordland Airlines).
_ANY_COMPANY = word_set("company firm")
_OTHERS = word_set("he she they it i we you than")
_ADVERBS = word_set("then later so but meanwhile afterwards")
# Pieces of the longest description: "the deputy prime minister".
_LONGEST_DESCRIPTION = 4


@dataclass(frozen=True, slots=True)
class Speaker:
    """The pieces that name a source; `mention` is the span of the actor it is, None where the text leaves it open."""

    first: int
    last: int
    mention: Span | None
    confidence: float


def speaker(board: Board, source: Found, quoted: bytearray) -> Speaker:
    """Return who a source is: the name at its head, the body its spokesman speaks for, or the one actor its words can mean."""
    mention, sure = _named(board, source)
    if mention is None:
        mention, sure = _unnamed(board, source, quoted)
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


def _unnamed(board: Board, source: Found, quoted: bytearray) -> tuple[Span | None, float]:
    """Return whom a source without a name at its head means: he, who, the minister, the company."""
    word = board.tokens.folded[source.first]
    if word in _PRONOUNS and source.last - source.first == 1:
        return _meant(board, source.first, quoted), 0.7
    if word == "who":
        # "Anna Berg, who he said", "who won more than aides said": another speaks.
        others = not _OTHERS.isdisjoint(board.tokens.folded[source.first + 1 : source.last])
        return (None, 0.0) if others else (_just_before(board, source.first), 0.8)
    if word == "the" and 1 < source.last - source.first <= _LONGEST_DESCRIPTION:
        noun = board.tokens.folded[source.last - 1]
        if noun in TITLES:
            return _holder(board, source), 0.7
        if noun in KIND_NOUNS:
            return _body(board, source, noun, quoted), 0.7
    if board.tokens.folded[source.last - 1] == "and":
        return _subject(board, source), 0.8
    return None, 0.0


def _holder(board: Board, source: Found) -> Span | None:
    """Return the one person whom the text calls so: "Prime Minister Tomas Velin" or "Tomas Velin, the prime minister"."""
    tokens = board.tokens
    title = tokens.folded[source.first + 1 : source.last]
    size = len(title)
    people: dict[str, Span] = {}
    for span in board.spans():
        if span.type != "person" or span.actor_id is None:
            continue
        start, behind = span.first - size, span.last
        before = start >= 0 and tokens.folded[start : span.first] == title and tokens.gaps[span.first - 1] == " "
        if before and start and tokens.folded[start - 1] in _NOT_THE_HOLDER:
            continue
        if behind < len(tokens) and tokens.gaps[behind - 1] == ", ":
            behind += tokens.folded[behind] in {"the", "a", "an"}
        if before or (behind > span.last and tokens.folded[behind : behind + size] == title):
            people[span.actor_id] = span
    return next(iter(people.values())) if len(people) == 1 else None


def _body(board: Board, source: Found, noun: str, quoted: bytearray) -> Span | None:
    """Return the one body of a kind that the text has named: the company, the airline, the union."""
    kind = KIND_NOUNS[noun]
    # One that nobody is settled for, or whose kind is not known, may be meant as well.
    bodies = {
        span.actor_id or board.tokens.surface(span.first, span.last): span
        for span in board.spans()
        if span.type in {kind, "other_org"} and span.last <= source.first and not quoted[span.first]
    }
    if noun not in _ANY_COMPANY and kind != "party":
        words = board.tokens.folded
        bodies = {
            actor: span
            for actor, span in bodies.items()
            if any(word in {noun, f"{noun}s"} for word in words[span.first : span.last])
        }
    found = next(iter(bodies.values())) if len(bodies) == 1 else None
    return found if found is not None and found.type == kind else None


def _subject(board: Board, source: Found) -> Span | None:
    """Return who does the first of two things: "Anna Berg took the microphone and said"."""
    first = source.first
    if board.tokens.folded[first] in _ADVERBS and first + 1 < source.last:
        first += 1
    span = board.owner[first]
    if span is None or span.first != first or span.last + 1 >= source.last or span.type in _NO_SPEAKER:
        return None
    return span if board.tokens.gaps[span.last - 1] == " " else None


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
