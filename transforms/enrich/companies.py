"""Companies: the legal form that ends a name, the name without it, and the short forms a text goes on with."""

import re
from collections.abc import Sequence

from transforms.enrich.spans import Board, Span
from transforms.enrich.words import GENERIC, ORG_HEADS, STARTERS, TITLE_PARTS, TITLES, word_set

# Legal forms as they are written behind a name, dots gone.
LEGAL_FORMS = word_set(
    "Inc INC Incorporated Corp CORP Corporation Co CO Company Ltd LTD Limited LLC LLP Plc PLC AG SA NV BV AB Oyj ASA SpA GmbH KG SE Pty Bhd Tbk "
    "PJSC JSC OJSC"
)
# Given names that companies are often called by: "Charles Schwab Corp" without its legal form would be the man.
_GIVEN_NAMES = word_set(
    "Aaron Adam Alan Albert Alexander Alfred Andrew Anna Anne Annie Arthur Barbara Ben Benjamin Bernard Betty Bob Brian Calvin Carl Caroline "
    "Catherine Charles Charlotte Christian Christopher Clara Claude Daniel Dave David Dean Diana Donald Donna Dorothy Douglas Edward Edwin Eli "
    "Elizabeth Emily Emma Eric Ernest Estee Eugene Francis Frank Fred Frederick Gary George Gerald Gordon Grace Harold Harry Harvey Helen Henry "
    "Herbert Herman Howard Hugh Hugo Ian Isaac Jack Jacob James Jane Jean Jenny Jerry Jim Jimmy Joan Joe Joel John Johnny Jonathan Joseph Julia "
    "Julius Karen Karl Kate Kenneth Kevin Larry Laura Lawrence Leo Leonard Levi Lewis Linda Louis Louise Lucy Luther Marc Marcus Margaret Maria "
    "Marie Mark Martha Martin Mary Matthew Max Michael Mike Nancy Nathan Nicholas Nina Norman Oliver Oscar Otto Patrick Paul Peter Philip Pierre "
    "Ralph Raymond Rebecca Richard Robert Roger Ronald Rose Roy Russell Ruth Sally Sam Samuel Sarah Scott Sean Simon Stanley Stephen Steve Steven "
    "Stuart Susan Theodore Thomas Tim Tom Tommy Victor Victoria Vincent Virginia Walt Walter Warren Wendy William"
)
_INITIALS = 2
_MONEY_IN = re.compile(
    r"\b(?:stakes?|interests?|shares?|stock|invest\w*|holdings?|positions?|confidence|bonds?) in (?:the )?$"
)
_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|outside|around) (?:the )?$")
_STATE_BEHIND = re.compile(r", (?:[A-Z]\.|[A-Z][a-z]+\.|[A-Z][a-z]+,)")


def legal_form(words: Sequence[str]) -> tuple[int, int] | None:
    """Return the pieces (first, one behind the last) of the legal form in a name, None without one or without a name before it."""
    first = next((k for k, word in enumerate(words) if k and word in LEGAL_FORMS), None)
    if first is None:
        return None
    last = first
    while last < len(words) and words[last] in LEGAL_FORMS:
        last += 1
    while first > 1 and words[first - 1] in {"and", "&"}:
        first -= 1
    rest = {word.lower() for word in words[:first]} - {"the", "and", "of"}
    return (first, last) if rest - GENERIC - ORG_HEADS.keys() - TITLE_PARTS else None


def called(words: Sequence[str], name: str) -> str:
    """Return the name a company is known by: without its legal form, or with a common one where it would be a person's."""
    form = legal_form(words)
    if form is None:
        return name
    core = [word for word in words[: form[0]] if word not in {"The", "the"}]
    if len(core) == 2 and core[0] in _GIVEN_NAMES:
        core.append("Company")
    return " ".join(core)


def settle_companies(board: Board) -> None:
    """Settle what a text calls a company after it named it with its legal form: "Noranda" and "Georgia Power", whatever the tagger saw.

    A single word is left alone where a person of that name is tagged, or where it is a place there.
    """
    named = _named(board)
    if not named:
        return
    tokens = board.tokens
    beginnings = {words for starts in named.values() for words, _ in starts}
    persons = set()
    for tag in board.tags:
        words = tokens.words[tag.first : tag.last]
        if tag.label == "PERSON" and len(words) > 1 and tuple(words) not in beginnings:
            persons |= {words[0], words[-1]}
    k = 0
    while k < len(tokens):
        found = _longest(board, k, named) if tokens.words[k] in named else None
        if found is None:
            k += 1
            continue
        last, whole = found
        single = last - k == 1
        if _stands_alone(board, k, last) and not (single and (tokens.words[k] in persons or a_place(board, k))):
            board.put(Span(k, last, whole.type, "surname", 0.8, whole.actor_id, whole.name, whole.country))
        k = last


def _named(board: Board) -> dict[str, list[tuple[tuple[str, ...], Span]]]:
    """Return by first word the beginnings, the longest first, that only one company of the text has; a whole name before a beginning."""
    meant: dict[tuple[str, ...], dict[str, Span]] = {}
    whole: dict[tuple[str, ...], Span] = {}
    for span in board.spans():
        words = board.tokens.words[span.first : span.last]
        form = legal_form(words)
        if form is None or span.actor_id is None or span.type in {"person", "place", "state"}:
            continue
        core = tuple(words[1 : form[0]] if words[0] == "The" else words[: form[0]])
        whole.setdefault(core, span)
        # A company named for a founder by initials goes by the surname too ("J.P. Morgan").
        founder = core[1:] if len(core) > 1 and core[0].isupper() and len(core[0]) <= _INITIALS else ()
        for start in (core, founder):
            for width in range(1, len(start) + 1):
                if width > 1 or not _ordinary(board, start[0]):
                    meant.setdefault(start[:width], {}).setdefault(span.actor_id, span)
    named: dict[str, list[tuple[tuple[str, ...], Span]]] = {}
    for start, spans in sorted(meant.items(), key=lambda item: (-len(item[0]), item[0])):
        if len(spans) == 1 or start in whole:
            named.setdefault(start[0], []).append((start, whole.get(start) or next(iter(spans.values()))))
    return named


def _ordinary(board: Board, word: str) -> bool:
    """Tell a word that says too little to stand for a whole name."""
    folded = word.lower()
    common = (
        folded in GENERIC
        or folded in STARTERS
        or folded in ORG_HEADS
        or folded in TITLES
        or folded in board.tokens.lower_words
    )
    return common or len(word) < 2


def _longest(board: Board, k: int, named: dict[str, list[tuple[tuple[str, ...], Span]]]) -> tuple[int, Span] | None:
    tokens = board.tokens
    for words, span in named[tokens.words[k]]:
        last = k + len(words)
        same = tuple(tokens.words[k:last]) == words and all(tokens.joined(n) for n in range(k, last - 1))
        if same and board.free(k, last) and not _known(board, k, last):
            return last, span
    return None


def _known(board: Board, first: int, last: int) -> bool:
    """Tell whether a dictionary's name covers these pieces or goes on behind them."""
    hits = (board.hit_at.get(k) for k in range(first, last))
    return any(hit is not None and ((hit[0] <= first and hit[1] >= last) or hit[1] > last) for hit in hits)


def _stands_alone(board: Board, first: int, last: int) -> bool:
    """Tell a short form from a part of a longer name; a title may follow ("Burlington Chairman Frank Greenberg")."""
    tokens = board.tokens
    if first > 0 and tokens.capital[first - 1] and tokens.joined(first - 1) and board.owner[first - 1] is None:
        word = tokens.folded[first - 1]
        if not (tokens.first_of_sentence[first - 1] or word in STARTERS or tokens.heading(first)):
            return False
    if last < len(tokens) and tokens.capital[last] and tokens.joined(last - 1) and board.owner[last] is None:
        return tokens.folded[last] in TITLES or tokens.folded[last] in TITLE_PARTS or tokens.heading(first)
    return True


def a_place(board: Board, k: int) -> bool:
    """Tell a place of a company's name: behind "in" and the like where no money is in it, or before its state."""
    tokens = board.tokens
    if _STATE_BEHIND.match(tokens.text, tokens.ends[k]):
        return True
    before = tokens.text[max(0, tokens.starts[k] - 40) : tokens.starts[k]]
    return _PLACE_BEFORE.search(before) is not None and _MONEY_IN.search(before) is None
