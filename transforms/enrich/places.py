"""Places: the short forms of states behind a town, and what the tagger takes for a place."""

from collections.abc import Iterator

from transforms.enrich.registry import ActorRegistry, place_id
from transforms.enrich.spans import Board, Span
from transforms.enrich.tokens import DATELINE, Tokens

_PARTIES = frozenset({"R", "D", "I"})


def settle_abbreviations(board: Board, actors: ActorRegistry) -> None:
    """Settle "Tuscaloosa, Ala." and "(R-Ala.)": the short form of a state counts behind a town or a party, with its full stop."""
    tokens = board.tokens
    for k in range(1, len(tokens)):
        if not tokens.capital[k] or not _behind_a_town(tokens, k) or not board.free(k, k + 1):
            continue
        for last in (k + 2, k + 1):
            if last > len(tokens) or not _stopped(tokens, last):
                continue
            meant = [actor for kind, actor in actors.in_context(tokens.surface(k, last)) if kind == "abbreviation"]
            if len(meant) == 1:
                actor = meant[0]
                board.put(Span(k, last, actor.type, "place", 0.9, actor.actor_id, actor.name, actor.country))
                break


def _behind_a_town(tokens: Tokens, k: int) -> bool:
    gap = tokens.gaps[k - 1]
    return (gap in {", ", ","} and tokens.capital[k - 1]) or (gap in {"-", "–"} and tokens.words[k - 1] in _PARTIES)


def _stopped(tokens: Tokens, last: int) -> bool:
    """Tell whether a full stop or a comma ends the short form; in dotted ones ("N.J.") it is a part of it."""
    end = tokens.ends[last - 1]
    return "." in tokens.surface(last - 1, last) or tokens.text[end : end + 1] in {".", ","}


def settle_datelines(board: Board) -> None:
    """Settle the town in capitals that opens a paragraph ("GRAND RAPIDS, Mich. - "), which the tagger may take for a headline.

    "EXCLUSIVE: " and "FILE PHOTO - " open paragraphs too: a state or an agency has to follow, or the text to speak of the town elsewhere.
    """
    tokens = board.tokens
    start = 0
    while start >= 0:
        found = DATELINE.match(tokens.text, start)
        if found is not None:
            first, end = tokens.at(start, found.end())
            last = first
            while last < end and tokens.words[last].isupper() and (last == first or tokens.joined(last - 1)):
                last += 1
            unknown = board.free(first, last) and not any(k in board.hit_at for k in range(first, last))
            if last > first and unknown and is_town(board, first, last):
                name = tokens.surface(first, last)
                board.put(Span(first, last, "place", "place", 0.6, place_id(name), name.title()))
        start = tokens.text.find("\n", start) + 1 or -1


def is_town(board: Board, first: int, last: int) -> bool:
    """Tell whether a state or an agency follows a name in capitals, or the text speaks of it elsewhere in small letters."""
    tokens = board.tokens
    behind = board.owner[last] if last < len(tokens) else None
    gap = tokens.gaps[last - 1] if last < len(tokens) else ""
    if behind is not None and (
        (gap == ", " and behind.type in {"place", "state"}) or (gap == " (" and behind.type == "media")
    ):
        return True
    name = tokens.folded[first:last]
    return any(
        tag.first != first and tag.label in {"GPE", "LOC"} and tokens.folded[tag.first : tag.last] == name
        for tag in board.tags
    )


def parts(tokens: Tokens, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the pieces between commas and stops of a tag: "Baton Rouge, La." names two places."""
    start = first
    for k in range(first, last):
        if k + 1 == last or not tokens.joined(k):
            yield start, k + 1
            start = k + 1
