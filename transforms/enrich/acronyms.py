"""Acronyms a text defines: what they stand for in it, and those that stand for no actor."""

import re

from transforms.enrich.organisations import head_of
from transforms.enrich.registry import learnt_id
from transforms.enrich.spans import Board, Span
from transforms.enrich.words import NON_ACTOR_HEADS, ORG_HEADS

_ACRONYM = re.compile(r"[A-Z][A-Za-z&.+\-–]{1,11}\Z")
_SPELT = frozenset({"company", "other_org", "government_body", "party", "armed_group", "military", "igo"})
# Labels of the tagger for what is no actor.
_THINGS = frozenset(
    {
        "EVENT",
        "LAW",
        "WORK_OF_ART",
        "PRODUCT",
        "DATE",
        "TIME",
        "LANGUAGE",
        "MONEY",
        "PERCENT",
        "QUANTITY",
        "CARDINAL",
        "ORDINAL",
    }
)


def settle_acronyms(board: Board) -> None:
    """Settle the acronyms a text defines ("Nordland Fisheries Board (NFB)") everywhere in it, and drop those of no actor."""
    definitions: dict[tuple[str, ...], Span | None] = {}
    tokens = board.tokens
    for k in range(1, len(tokens)):
        end = _defined_before(board, k)
        last = _acronym_end(board, k, end) if end is not None and tokens.capital[k] else None
        if end is None or last is None or not _ACRONYM.match(tokens.surface(k, last)):
            continue
        meaning = board.owner[end - 1]
        if (
            meaning is not None
            and meaning.last == end
            and (meaning.last - meaning.first > 1 or meaning.type == "media")
        ):
            if meaning.type != "person" and _spells(
                tokens.words[meaning.first : end], tokens.words[k:last], of_first=2
            ):
                _prefer_known(board, k, last, meaning)
                definitions.setdefault(tuple(tokens.words[k:last]), meaning)
        elif meaning is None:
            _define_unknown(board, end, tuple(tokens.words[k:last]), definitions)
    for acronym, meaning in _undefined(board).items():
        definitions.setdefault(acronym, meaning)
    if definitions:
        _spread(board, definitions)


def _undefined(board: Board) -> dict[tuple[str, ...], Span]:
    """Return the acronyms that spell the initials of exactly one organisation of the text, which names it in full without a bracket."""
    tokens = board.tokens
    spelt: dict[str, dict[str, Span]] = {}
    for span in board.spans():
        if span.actor_id is not None and span.type in _SPELT and span.method in {"head_word", "full_name"}:
            initials = "".join(word[0] for word in tokens.words[span.first : span.last] if word[0].isupper())
            spelt.setdefault(initials, {}).setdefault(span.actor_id, span)
    called = {tokens.words[tag.first] for tag in board.tags if tag.label == "ORG" and tag.last - tag.first == 1}
    return {
        (initials,): next(iter(spans.values()))
        for initials, spans in spelt.items()
        if len(spans) == 1 and initials in called and len(initials) > 1
    }


def _prefer_known(board: Board, first: int, last: int, meaning: Span) -> None:
    """Give a learnt organisation the registered actor of its acronym where both are of one kind ("Islamic Revolution Guard Corps (IRGC)")."""
    for entry in board.entries(first, last):
        if (
            entry.kind == "alias"
            and entry.actor is not None
            and entry.actor.type == meaning.type
            and meaning.method in {"head_word", "full_name"}
        ):
            meaning.actor_id, meaning.name, meaning.country = (
                entry.actor.actor_id,
                entry.actor.name,
                entry.actor.country,
            )


def _defined_before(board: Board, k: int) -> int | None:
    """Return one behind the last piece of what an acronym at piece k may stand for: before its bracket, or before "known as the"."""
    tokens = board.tokens
    if tokens.gaps[k - 1] == " (":
        return k
    behind = k - 1 if tokens.folded[k - 1] == "the" else k
    if behind >= 3 and tokens.folded[behind - 1] == "as" and tokens.folded[behind - 2] == "known":
        return behind - 2
    return None


def _acronym_end(board: Board, k: int, end: int) -> int | None:
    tokens = board.tokens
    if end != k:
        last = k + 1
        while last < len(tokens) and tokens.tight(last - 1) and tokens.words[last].isupper():
            last += 1
        return last
    for last in range(k + 1, min(k + 4, len(tokens)) + 1):
        behind = tokens.gaps[last - 1] if last - 1 < len(tokens.gaps) else tokens.text[tokens.ends[-1] :]
        if behind.startswith(")"):
            return last
    return None


def _define_unknown(
    board: Board, k: int, acronym: tuple[str, ...], definitions: dict[tuple[str, ...], Span | None]
) -> None:
    tokens = board.tokens
    first = _spelt_from(board, k, acronym)
    if first is None:
        return
    words = tokens.folded[first:k]
    if (
        head_of(words) in NON_ACTOR_HEADS
        or words[-1] in NON_ACTOR_HEADS
        or any(board.label_at.get(n) in _THINGS for n in range(first, k))
    ):
        definitions.setdefault(acronym, None)
        board.drop(first, k)
        return
    name = tokens.surface(first, k)
    span = Span(first, k, ORG_HEADS.get(head_of(words), "other_org"), "acronym", 0.65, learnt_id(name), name)
    if board.put(span):
        definitions.setdefault(acronym, span)


def _spelt_from(board: Board, k: int, acronym: tuple[str, ...]) -> int | None:
    """Return where the capitalised words before piece k begin whose first letters spell the acronym."""
    tokens = board.tokens
    letters = sum(sum(c.isupper() for c in word) for word in acronym)
    for first in range(k - 2, max(-1, k - 2 * letters - 3), -1):
        if not tokens.joined(first) or tokens.sentence[first] != tokens.sentence[k]:
            return None
        if tokens.capital[first] and _spells(tokens.words[first:k], list(acronym)):
            return first
    return None


def _spells(words: list[str], acronym: list[str], of_first: int = 1) -> bool:
    """Tell whether the first letters of the words, small words free to count or not, spell the capitals of an acronym.

    The first word may give up to `of_first` letters ("TAnzania Shipping Agencies Corporation").
    """
    wanted = "".join(c for word in acronym for c in word if c.isupper()).lower()
    inner = "".join(c for w in words for c in w if c.isupper()).lower()
    opened = of_first > 1 and len(wanted) > 3 and words[0].lower().startswith(wanted[:2])
    return len(wanted) > 1 and (
        wanted == inner
        or _initials_spell(words, wanted)
        or (opened and words[0][0].isupper() and _initials_spell(words[1:], wanted[2:]))
    )


def _initials_spell(words: list[str], wanted: str) -> bool:
    """Tell whether initials spell `wanted`: each capitalised word gives its own, a small word may, and up to two last words may be left."""
    reached = {0}
    for k, word in enumerate(words):
        if len(wanted) in reached and len(wanted) > 2 and len(words) - k <= 2:
            return True
        initial = word[0].lower()
        taken = {n + 1 for n in reached if n < len(wanted) and wanted[n] == initial}
        reached = taken if word[0].isupper() else taken | reached
    return len(wanted) in reached


def _spread(board: Board, definitions: dict[tuple[str, ...], Span | None]) -> None:
    tokens = board.tokens
    for acronym, meaning in sorted(definitions.items(), key=lambda d: (-len(d[0]), d[0])):
        for k in range(len(tokens) - len(acronym) + 1):
            last = k + len(acronym)
            if tuple(tokens.words[k:last]) != acronym or not board.free(k, last):
                continue
            if meaning is None:
                board.drop(k, last)
            else:
                board.put(
                    Span(
                        k,
                        last,
                        meaning.type,
                        "acronym",
                        0.9,
                        meaning.actor_id,
                        meaning.name,
                        meaning.country,
                        meaning.source_id,
                    )
                )
