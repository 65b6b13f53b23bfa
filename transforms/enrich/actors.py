"""Who is meant: the order in which the names of one text are settled."""

from transforms.enrich.acronyms import settle_acronyms
from transforms.enrich.companies import settle_companies
from transforms.enrich.institutions import settle_bare_institutions, settle_institutions
from transforms.enrich.organisations import (
    head_of,
    is_one_word_name,
    organisation_spans,
    settle_introduced,
    settle_short_organisations,
)
from transforms.enrich.outlets import settle_outlets
from transforms.enrich.persons import settle_full_names
from transforms.enrich.places import is_town, parts, settle_abbreviations, settle_datelines
from transforms.enrich.registry import ActorRegistry, learnt_id, place_id
from transforms.enrich.short_names import settle_short_names
from transforms.enrich.spans import Board, Span
from transforms.enrich.states import settle_capitals, settle_demonyms, settle_supported
from transforms.enrich.words import (
    CALENDAR,
    COMPASS,
    GIVEN_PLACES,
    HONORIFICS,
    NON_ACTOR_HEADS,
    ORG_HEADS,
    PLACE_HEADS,
    STARTERS,
    TITLE_PARTS,
    TITLES,
)
from transforms.sources import SourceRegistry

# Letters of the longest name in capitals that is written so everywhere.
_ACRONYM = 4
# Ways to settle that go by the whole name, so that the same words elsewhere mean the same.
_BY_NAME = frozenset({"full_name", "head_word", "place", "acronym"})
_UNRESOLVED = {"ORG": "other_org", "GPE": "place", "LOC": "place", "FAC": "place"}


def settle(board: Board, actors: ActorRegistry, sources: SourceRegistry) -> None:
    """Settle every mention of a text: long and sure names first, then what only they make clear.

    Order: bodies of states; outlets; organisations and known names of several pieces; full names of persons; acronyms the
    text defines; known names of one piece; names a noun introduces; surnames and first words of organisations; demonyms and capitals; names that need a country; bare bodies
    ("the cabinet"); last what the tagger alone saw, unresolved.
    """
    settle_institutions(board, actors)
    settle_abbreviations(board, actors)
    settle_outlets(board, sources)
    board.place_all([*_known(board, several=True), *organisation_spans(board, actors)])
    settle_companies(board)
    people = settle_full_names(board, actors)
    settle_acronyms(board)
    board.place_all(_known(board, several=False))
    settle_introduced(board)
    settle_short_names(board, people, actors)
    settle_short_organisations(board)
    settle_demonyms(board)
    settle_capitals(board)
    settle_supported(board, actors)
    settle_bare_institutions(board, actors)
    settle_datelines(board)
    _settle_tagged(board)
    _settle_again(board)


def _settle_again(board: Board) -> None:
    """Give what a rule left open the actor whom the same words name elsewhere in the text."""
    tokens = board.tokens
    named: dict[tuple[str, ...], dict[str, Span]] = {}
    for span in board.spans():
        if span.actor_id is not None and span.method in _BY_NAME:
            named.setdefault(tuple(tokens.words[span.first : span.last]), {})[span.actor_id] = span
    for span in board.spans():
        found = named.get(tuple(tokens.words[span.first : span.last]), {})
        if span.actor_id is None and span.method in {"tagger", "unresolved"} and len(found) == 1:
            like = next(iter(found.values()))
            span.type, span.method, span.confidence = like.type, like.method, min(0.5, like.confidence)
            span.actor_id, span.name, span.country = like.actor_id, like.name, like.country
    _settle_repeats(board, {words: next(iter(found.values())) for words, found in named.items() if len(found) == 1})


def _settle_repeats(board: Board, named: dict[tuple[str, ...], Span]) -> None:
    """Settle the places of a name that the tagger overlooked: the same words between small ones."""
    tokens = board.tokens
    for first, last in tokens.runs():
        while first < last and (tokens.folded[first] in STARTERS or not board.free(first, first + 1)):
            first += 1
        like = named.get(tuple(tokens.words[first:last]))
        ordinary = last - first == 1 and (tokens.folded[first] in tokens.lower_words or first in board.hit_at)
        if like is not None and board.free(first, last) and not ordinary:
            found = Span(
                first, last, like.type, like.method, min(0.5, like.confidence), like.actor_id, like.name, like.country
            )
            board.put(found)


def _known(board: Board, several: bool) -> list[Span]:
    tokens = board.tokens
    spans = []
    for first, last, entries in board.hits:
        actor = next((e.actor for e in entries if e.kind == "alias" and e.actor is not None), None)
        if actor is None or actor.type == "person" or (last - first > 1) != several or _shouted(board, first, last):
            continue
        if _person_tagged_over(board, first, last) and actor.type in {"state", "place", "company"}:
            continue
        method = "place" if actor.type == "place" else "registry"
        spans.append(Span(first, last, actor.type, method, 0.95, actor.actor_id, actor.name, actor.country))
    return [span for span in spans if tokens.capital[span.first] or any(tokens.capital[span.first : span.last])]


def _shouted(board: Board, first: int, last: int) -> bool:
    """Tell "JOIN US" and "WHO WE ARE" from an acronym: the words around are in capitals too."""
    tokens = board.tokens
    if (
        last - first > 1
        or not tokens.words[first].isupper()
        or len(tokens.words[first]) > 4
        or "." in tokens.surface(first, last)
    ):
        return False
    around = [
        tokens.words[k]
        for k in (first - 2, first - 1, last, last + 1)
        if 0 <= k < len(tokens) and tokens.sentence[k] == tokens.sentence[first]
    ]
    shouting = [w for w in around if w.isupper() and len(w) > 1]
    return len(around) > 1 and len(shouting) == len(around) and any(w.lower() in STARTERS for w in around)


def _person_tagged_over(board: Board, first: int, last: int) -> bool:
    """Tell "Jordan Peterson" from the country: the tagger saw a person who begins there and goes on."""
    if board.tokens.folded[first] not in GIVEN_PLACES:
        return False
    return any(tag.label == "PERSON" and tag.first == first and tag.last > last for tag in board.tags)


def _settle_tagged(board: Board) -> None:
    """Keep what the tagger saw and no rule resolved, without an actor unless its one word is an organisation's beyond doubt."""
    tokens = board.tokens
    named = ((tag, *part) for tag in board.tags for part in parts(tokens, tag.first, tag.last))
    for tag, first, last in named:
        kind = _UNRESOLVED.get(tag.label)
        while first < last and (not tokens.capital[first] or tokens.folded[first] == "the"):
            first += 1
        while last > first and not tokens.capital[last - 1]:
            last -= 1
        if kind is None or first >= last or not board.free(first, last) or _no_name(board, first, last, kind):
            continue
        if kind == "place" and tokens.folded[last - 1] in ORG_HEADS and tag.label == "FAC":
            kind = ORG_HEADS[tokens.folded[last - 1]]
        name = tokens.surface(first, last)
        if tag.label == "ORG" and last - first == 1 and is_one_word_name(board, first):
            board.put(Span(first, last, kind, "full_name", 0.5, learnt_id(name), name))
        elif kind == "place" and _is_place(board, first, last):
            board.put(Span(first, last, kind, "place", 0.5, place_id(name), name.title() if name.isupper() else name))
        else:
            board.put(Span(first, last, kind, "tagger", 0.4))


def _is_place(board: Board, first: int, last: int) -> bool:
    """Tell a place from a known name, a point of the compass, and a line in capitals that only looks like one."""
    tokens = board.tokens
    if any(k in board.hit_at for k in range(first, last)) or tokens.folded[last - 1] in COMPASS:
        return False
    shouted = tokens.surface(first, last).isupper() and tokens.ends[last - 1] - tokens.starts[first] > _ACRONYM
    return not shouted or is_town(board, first, last)


def _no_name(board: Board, first: int, last: int, kind: str) -> bool:
    tokens = board.tokens
    words = tokens.folded[first:last]
    # "Laramie County" and "Lake Burton" are names of places by the very words that make no actor.
    heads = NON_ACTOR_HEADS - PLACE_HEADS if kind == "place" else NON_ACTOR_HEADS
    if (
        words[-1] in heads
        or head_of(words) in heads
        or all(word in TITLES or word in TITLE_PARTS or word in HONORIFICS for word in words)
    ):
        return True
    if last - first > 1:
        return tokens.heading(first) and words[0] in STARTERS
    word = tokens.folded[first]
    return (
        word in STARTERS
        or word in CALENDAR
        or len(word) < 2
        or (word in tokens.lower_words and not tokens.words[first].isupper())
    )
