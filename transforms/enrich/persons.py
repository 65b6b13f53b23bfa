"""Persons: full names as introduced, and the short forms that go back to them within one text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from transforms.enrich.registry import Actor, ActorRegistry, learnt_id, spelling_key, without_initials
from transforms.enrich.spans import Board, Span
from transforms.enrich.titles import DOES, aged_behind, title_before
from transforms.enrich.words import (
    CALENDAR,
    GENERIC,
    GIVEN_PLACES,
    HONORIFICS,
    NON_ACTOR_HEADS,
    ORG_HEADS,
    PARTICLES,
    STARTERS,
    SUFFIXES,
    TITLE_PARTS,
    TITLES,
    WEAK_HEADS,
)

# Pieces of the longest name taken for a person's: "Luiz Inácio Lula da Silva" and one more.
_LONGEST_NAME = 6


# Labels of the tagger that a part of a person's name may bear, by itself and behind a title.
_PERSON = frozenset({"PERSON"})
_ANY_NAME = frozenset({"PERSON", "ORG", "GPE", "NORP", "PRODUCT", "WORK_OF_ART"})
# Words that introduce a person without being a title.
_INTRODUCES = frozenset({"late", "named", "identified"})
_CAMEL = re.compile(
    r"(?!(?:Ma?c|De|Di|Da|Du|La|Le|Lu|Van|Von|Fitz|O|Al|El|Ver|Ten|Ter|St|Abu|Ibn)[A-Z])[A-Z][a-z]+[A-Z]"
)
_APPOSED = re.compile(
    r", (?:(?:the|an?|its|their|his|her|[A-Z][\w.]+['’]s|[A-Z][\w.]+) )?(?:[a-z][\w-]* ){0,4}"
    r"(?:president|minister|chancellor|ambassador|envoy|secretary|governor|mayor|senator|lawmaker|spokes(?:man|woman|person)|director|chair(?:man|woman)?"
    r"|leader|chief|head|analyst|professor|economist|lawyer|activist|negotiator|commander|general|captain|judge|researcher|expert|officer|adviser|advisor|editor)\b|, \d\d,"
)


@dataclass(slots=True)
class Person:
    """A person a text introduces by full name; `roles` are the titles met before the name, `seen` all places, `short` those of a short form."""

    actor_id: str
    name: str
    words: tuple[str, ...]
    known: Actor | None
    first: int
    roles: set[str] = field(default_factory=set)
    seen: list[int] = field(default_factory=list)
    short: list[int] = field(default_factory=list)


def settle_full_names(board: Board, actors: ActorRegistry) -> list[Person]:
    """Settle the full names of a text and return whom it introduces, in order."""
    spans = [*_registered(board), *_tagged(board), *_titled(board), *_doing(board)]
    board.place_all(spans)
    _repeat(board, [s for s in spans if board.owner[s.first] is s and s.last - s.first > 1])
    people: dict[str, Person] = {}
    for span in board.spans():
        if span.type != "person" or span.last - span.first < 2:
            continue
        _identify(board, actors, span)
        if span.actor_id is None:
            continue
        words = tuple(board.tokens.words[span.first : span.last])
        person = people.setdefault(
            span.actor_id, Person(span.actor_id, span.name or "", words, actors.by_id(span.actor_id), span.first)
        )
        person.seen.append(span.first)
        _, role = title_before(board, span.first)
        if role:
            person.roles.add(role)
    return list(people.values())


def _registered(board: Board) -> list[Span]:
    spans = []
    for first, last, entries in board.hits:
        person = next(
            (e.actor for e in entries if e.kind == "alias" and e.actor is not None and e.actor.type == "person"), None
        )
        if person is None or not board.free(first, last) or _longer_name(board, first, last):
            continue
        spans.append(Span(first, last, "person", "registry", 0.97, person.actor_id, person.name, person.country))
    return spans


def _longer_name(board: Board, first: int, last: int) -> bool:
    """Tell "George Bush Intercontinental Airport" and "Paul Ryan Smith" (one tag over more) from the person."""
    tokens = board.tokens
    if last < len(tokens) and tokens.capital[last] and tokens.joined(last - 1):
        word = tokens.folded[last]
        if word in ORG_HEADS or word in NON_ACTOR_HEADS:
            return not (tokens.heading(first) or word in SUFFIXES)
        if _ends_as_a_place(board, last):
            return True
        if tokens.tight(last - 1) and word not in {"s"}:
            return True
    return False


def _ends_as_a_place(board: Board, k: int) -> bool:
    """Tell "George Bush Intercontinental Airport": what follows the name up to the end of its capitals is tagged with it, and no person."""
    tokens = board.tokens
    return any(
        tag.first < k < tag.last and tag.label != "PERSON" and tokens.folded[tag.last - 1] in NON_ACTOR_HEADS
        for tag in board.tags
    )


def _tagged(board: Board) -> list[Span]:
    spans = []
    for tag in board.tags:
        if tag.label != "PERSON":
            continue
        found = _trim(board, tag.first, tag.last)
        if found is None:
            continue
        first, last = _grow(board, *found)
        if _plausible(board, first, last) and board.tokens.folded[first] not in board.tokens.lower_words - PARTICLES:
            spans.append(Span(first, last, "person", "full_name", 0.8))
    return spans


def _doing(board: Board) -> Iterator[Span]:
    """Yield what the tagger overlooked: two unknown words that speak or are about something ("Rosa Belmar was buying").

    Where the next sentence goes on with an age ("The 19-year-old"), also what it took for something else.
    """
    tokens = board.tokens
    no_name = (
        TITLES.keys() | HONORIFICS | STARTERS | CALENDAR | ORG_HEADS.keys() | NON_ACTOR_HEADS | TITLE_PARTS | GENERIC
    )
    for first, last in tokens.runs():
        if last - first != 2 or tokens.gaps[first] != " " or tokens.heading(first):
            continue
        unlisted = not any(k in board.hit_at for k in range(first, last))
        unknown = unlisted and (not any(k in board.label_at for k in range(first, last)) or aged_behind(board, first))
        ordinary = any(word in no_name or word in tokens.lower_words for word in tokens.folded[first:last])
        cased = all(word[1:].islower() for word in tokens.words[first:last])
        if unknown and not ordinary and cased and DOES.match(tokens.text, tokens.ends[last - 1]):
            yield Span(first, last, "person", "full_name", 0.6)


def _trim(board: Board, first: int, last: int) -> tuple[int, int] | None:
    tokens = board.tokens
    while (
        first < last
        and (not tokens.capital[first] or _no_name_start(board, first, last))
        and not _particle_start(board, first, last)
    ):
        hit = board.hit_at.get(first)
        first = (
            hit[1] if hit is not None and hit[0] == first and hit[1] < last and _place_like(board, first) else first + 1
        )
    while last > first and not tokens.capital[last - 1] and not _second_syllable(board, first, last - 1):
        last -= 1
    for k in range(first, last - 1):
        if not tokens.joined(k):
            last = k + 1
            break
    return (first, last) if first < last else None


def _second_syllable(board: Board, first: int, k: int) -> bool:
    """Tell the "jun" of "Lee Dae-jun", and a suffix, from a word behind a name."""
    tokens = board.tokens
    if tokens.folded[k] in SUFFIXES:
        return True
    return k - 1 > first and tokens.gaps[k - 1] == "-" and tokens.capital[k - 1] and len(tokens.words[k]) <= 5


def _particle_start(board: Board, first: int, last: int) -> bool:
    return board.tokens.folded[first] in PARTICLES and first + 1 < last and board.tokens.capital[first + 1]


def _no_name_start(board: Board, k: int, last: int) -> bool:
    tokens = board.tokens
    word = tokens.folded[k]
    if word in HONORIFICS or (word in CALENDAR and last - k > 2) or (word in TITLES and last - k > 1):
        return True
    if word in {"the", "a", "an"} or (tokens.first_of_sentence[k] and word in STARTERS and last - k > 2):
        return True
    return _place_like(board, k) and (last - k > 2 or tokens.folded[k] not in GIVEN_PLACES)


def _place_like(board: Board, k: int) -> bool:
    hit = board.hit_at.get(k)
    if hit is None or hit[0] != k:
        return False
    return any(
        e.actor is not None and e.actor.type in {"state", "place", "party"} and e.kind != "surname" for e in hit[2]
    )


def _grow(board: Board, first: int, last: int) -> tuple[int, int]:
    """Extend a tagged name over the capitalised pieces beside it that can only be its own, until it is longer than names are."""
    tokens = board.tokens
    while (
        first > 0
        and last - first <= _LONGEST_NAME
        and is_name_part(board, first - 1)
        and tokens.gaps[first - 1] in {" ", "-"}
        and tokens.joined(first - 1)
    ):
        first -= 1
    while (
        last < len(tokens)
        and last - first <= _LONGEST_NAME
        and tokens.gaps[last - 1] in {" ", "-"}
        and tokens.joined(last - 1)
        and (is_name_part(board, last) or tokens.folded[last] in SUFFIXES)
    ):
        last += 1
    return first, last


def is_name_part(board: Board, k: int, labels: frozenset[str] = _PERSON) -> bool:
    """Tell whether piece k can only be a part of a person's name: capitalised, no title, no known name of something else."""
    tokens = board.tokens
    word = tokens.folded[k]
    if (
        not tokens.capital[k]
        or (tokens.words[k].isupper() and len(word) > 2)
        or (tokens.first_of_sentence[k] and word in STARTERS)
    ):
        return False
    if (
        word in TITLES
        or word in HONORIFICS
        or word in STARTERS
        or word in CALENDAR
        or word in ORG_HEADS
        or word in NON_ACTOR_HEADS
    ):
        return False
    if word in TITLE_PARTS or word == "s" or board.owner[k] is not None or board.dropped[k]:
        return False
    hit = board.hit_at.get(k)
    if hit is not None and any(
        e.kind not in {"surname"} and (e.actor is None or e.actor.type != "person") for e in hit[2]
    ):
        return False
    return board.label_at.get(k, "PERSON") in labels and word not in tokens.lower_words


def _plausible(board: Board, first: int, last: int) -> bool:
    tokens = board.tokens
    words = tokens.folded[first:last]
    names = [w for w in words if w not in PARTICLES and w not in SUFFIXES]
    # "O'Donnell" is one name of two pieces.
    if (
        len(names) - sum(tokens.gaps[k] in {"'", "’"} for k in range(first, last - 1)) < 2
        or last - first > _LONGEST_NAME
        or not board.free(first, last)
    ):
        return False
    if any(w in STARTERS for w in names[1:-1]) or _glued(tokens.words[first:last]):
        return False
    if any(any(c.isdigit() for c in w) for w in words) or all(len(w) == 1 for w in names) or len(names[-1]) < 2:
        return False
    if (names[-1] in ORG_HEADS and names[-1] not in WEAK_HEADS) or (
        names[0] in STARTERS and tokens.first_of_sentence[first]
    ):
        return False
    if tokens.heading(first) or any(
        w
        in {
            "act",
            "agreement",
            "street",
            "avenue",
            "road",
            "tower",
            "university",
            "party",
            "state",
            "province",
            "district",
            "county",
            "plant",
        }
        for w in names
    ):
        return False
    if any(w.isupper() and len(w) > 2 for w in tokens.words[first:last]) and not all(
        w.isupper() for w in tokens.words[first:last]
    ):
        return False
    return not any(_foreign(board, k) for k in range(first, last))


def _glued(words: list[str]) -> bool:
    """Tell "PelosiImpeachment", two words run together by markup, from "McCarthy" and "DeSantis"."""
    return any(_CAMEL.match(word) is not None for word in words)


def _foreign(board: Board, k: int) -> bool:
    """Tell a piece that belongs to a longer known name of something else."""
    hit = board.hit_at.get(k)
    return hit is not None and hit[1] - hit[0] > 1 and all(e.actor is None or e.actor.type != "person" for e in hit[2])


def _titled(board: Board) -> list[Span]:
    """Find "Ambassador Asad Majeed Khan" by its title, "Rasa Jankute, the foreign minister" by what follows, where the tagger did not."""
    tokens = board.tokens
    spans = []
    for k in range(1, len(tokens)):
        word = tokens.folded[k - 1]
        titled = word in TITLES or word in HONORIFICS or word in _INTRODUCES
        if not (titled and tokens.joined(k - 1) and tokens.gaps[k - 1] in {" ", ". "}) and not _opens(board, k):
            continue
        last = k
        while (
            last < len(tokens)
            and last - k < 4
            and is_name_part(board, last, _ANY_NAME if titled else _PERSON)
            and (last == k or tokens.joined(last - 1))
        ):
            last += 1
        if last - k >= 2 and _plausible(board, k, last) and (titled or _office_behind(board, last)):
            spans.append(Span(k, last, "person", "full_name", 0.75))
    return spans


def _opens(board: Board, k: int) -> bool:
    """Tell a capitalised piece before which no name stands."""
    tokens = board.tokens
    return tokens.capital[k] and not (tokens.capital[k - 1] and tokens.joined(k - 1))


def _office_behind(board: Board, last: int) -> bool:
    """Tell "Rasa Jankute, the foreign minister": an apposition of a few words with a title, or an age, follows."""
    return _APPOSED.match(board.tokens.text[(end := board.tokens.ends[last - 1]) : end + 90]) is not None


def _repeat(board: Board, spans: list[Span]) -> None:
    """Settle the other places of each full name that the tagger missed or never read."""
    tokens = board.tokens
    names = {tuple(tokens.words[s.first : s.last]): s for s in spans if s.method == "full_name"}
    firsts = {name[0] for name in names}
    for k, word in enumerate(tokens.words):
        if word not in firsts or board.owner[k] is not None:
            continue
        for name, span in names.items():
            last = k + len(name)
            if (
                name[0] == word
                and tuple(tokens.words[k:last]) == name
                and all(tokens.joined(n) for n in range(k, last - 1))
            ):
                board.put(Span(k, last, "person", "full_name", span.confidence, span.actor_id, span.name))


def _identify(board: Board, actors: ActorRegistry, span: Span) -> None:
    if span.actor_id is not None:
        return
    name = board.tokens.surface(span.first, span.last)
    known = actors.by_alias(name) or actors.by_alias(without_initials(name)) or actors.by_spelling(name)
    if known is not None and known.type == "person":
        span.actor_id, span.name, span.country, span.confidence = known.actor_id, known.name, known.country, 0.9
        return
    span.name = without_initials(name)
    span.actor_id = learnt_id(spelling_key(without_initials(name, leading=True)))
