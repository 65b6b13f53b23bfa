"""The first words of a text as numbers: under which form each is compared, where it stands, whether it is a name or quoted.

Compiled. A form is the hash of a word with case folded, without possessive, singular (the S-stemmer of Harman 1991, "How
effective is suffixing?"); in alphabets of languages that inflect by endings it is that of the word's first letters; where no
blanks are set, that of two neighbouring characters.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled, mixed
from transforms.stories.letters import (
    CAPITAL,
    CLOSES,
    DIGIT,
    END,
    ENDS,
    INFLECTED,
    LETTER,
    LOWER,
    OPENS,
    SHORTENED,
    SPACELESS,
    Kinds,
    Points,
    letters,
    points_of,
)

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int32]
Flags = npt.NDArray[np.uint8]

# What is known of a token: printed with a capital, starts a sentence, continues the word before it, part of a name,
# part of a name that follows a word of place, quoted, of an alphabet with capitals but printed small.
UPPER, STARTS, CONTINUES, NAME, PLACE_NAME, QUOTED, SMALL = (1 << bit for bit in range(7))
# FNV-1a's basis and prime (Fowler, Noll, Vo).
BASIS, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_E, _I, _S, _Y, _A, _U = (ord(letter) for letter in "eisyau")
_BLANK, _NEWLINE, _STOP, _APOSTROPHE, _CURLED, _QUOTE = (ord(character) for character in " \n.'’\"")
# Russian pairs are told apart best by the first 6 letters of a word (bench/stories.py, pairs_telegram).
_FIRST_LETTERS = 6
# A run of capitals longer than this is a headline or a shouted sentence, not a name.
_LONGEST_NAME = 6


def listed(words: str) -> tuple[str, ...]:
    """Return the words of a list written as one string."""
    return tuple(words.split())


# Titles whose full stop does not end a sentence; so does an initial.
_ABBREVIATED = listed("mr mrs ms dr prof gen lt col maj capt sgt sen rep gov adm rev hon st jr sr no vs")
# Words that never belong to the start of a name; closed classes, and a few openers of sentences.
_FUNCTION_WORDS = listed(
    """a an the this that these those it he she they we you i his her their our my your its in on at by for from of to with
    without into over under after before since until during while when where whenever why how what who which whose if as but
    and or nor so yet than then there here now not no also only even just still both each every all any some many most more
    several few other another such is are was were be been being has have had do does did will would can could may might
    should must let meanwhile however although though because once between among against amid despite according last next
    first asked speaking quoting citing ms mr mrs dr"""
)
_LOCATES = listed("in at near off outside")
_WEEKDAYS = listed("monday tuesday wednesday thursday friday saturday sunday")
_MONTHS = listed("january february march april may june july august september october november december")
_SHORT_MONTHS = listed("jan feb mar apr sept sep oct nov dec aug")
CALENDAR = (*_WEEKDAYS, *_MONTHS, *_SHORT_MONTHS)


@lru_cache(maxsize=1)
def word_lists() -> tuple[Hashes, Hashes, Hashes, Hashes]:
    """Return the sorted forms of abbreviated titles, function words, words of place and names of days and months."""
    return (forms(_ABBREVIATED), forms(_FUNCTION_WORDS), forms(_LOCATES), forms(CALENDAR))


def forms(words: tuple[str, ...]) -> Hashes:
    """Return the sorted, distinct forms of some words."""
    return np.unique(np.array([form(word) for word in words], dtype=np.uint64))


def form(word: str) -> int:
    """Return the form of one word."""
    kinds, folded = letters()
    points = points_of(word)
    return int(_form(points, 0, len(points), kinds, folded))


def printed_form(word: str) -> str:
    """Return what a word is compared as, in letters: its form is the hash of that."""
    text = word.replace("’", "'").casefold()
    if ord(word[0]) >= INFLECTED:
        return text[:_FIRST_LETTERS]
    text = text.removesuffix("'s")
    if len(text) > 3 and text.endswith("s"):
        if text.endswith("ies") and not text.endswith(("eies", "aies")):
            return text[:-3] + "y"
        if not text.endswith(("us", "ss", "is")):
            return text[:-1]
    return text


def tokens(text: str, limit: int) -> tuple[Hashes, Places, Places]:
    """Return the forms of the first `limit` words of a text, and the (start, end) of each, in code points."""
    kinds, folded = letters()
    room = min(limit, len(text) + 1)
    found, flags = np.empty(room, np.uint64), np.empty(room, np.uint8)
    starts, ends = np.empty(room, np.int32), np.empty(room, np.int32)
    points, abbreviated = points_of(text), word_lists()[0]
    count = tokens_of(points, 0, len(points), limit, kinds, folded, abbreviated, found, starts, ends, flags)
    return found[:count], starts[:count], ends[:count]


def hash_of(text: str) -> int:
    """Return the hash of a string as it stands."""
    return int(hashes_of([text])[0])


def hashes_of(texts: Sequence[str]) -> Hashes:
    """Return the hashes of strings as they stand."""
    bounds = np.cumsum([0, *map(len, texts)])
    return _all_hashes(points_of("".join(texts)), bounds, letters()[1])


@compiled
def _all_hashes(points: Points, bounds: npt.NDArray[np.int64], folded: Points) -> Hashes:
    out = np.empty(len(bounds) - 1, np.uint64)
    for row in range(len(out)):
        out[row] = _hash(points, bounds[row], bounds[row + 1], folded, 0)
    return out


@compiled
def kind_of(points: Points, at: int, kinds: Kinds) -> int:
    """Return what the character at a place is."""
    point = points[at]
    return np.int64(kinds[point]) if point < END else np.int64(0)


@compiled
def _hash(points: Points, begin: int, end: int, folded: Points, last: int) -> np.uint64:
    """Return the hash of points[begin:end], folded, and of one more character unless it is 0."""
    value = BASIS
    for at in range(begin, end):
        point = points[at]
        if point == _CURLED:
            point = np.uint32(_APOSTROPHE)
        value = (value ^ np.uint64(folded[point] if point < END else point)) * PRIME
    if last:
        value = (value ^ np.uint64(last)) * PRIME
    return mixed(value)


@compiled
def _form(points: Points, begin: int, end: int, kinds: Kinds, folded: Points) -> np.uint64:
    """Return the form of the word points[begin:end]."""
    if kind_of(points, begin, kinds) & SHORTENED:
        return _hash(points, begin, min(end, begin + _FIRST_LETTERS), folded, 0)
    if end - begin > 2 and _is_apostrophe(points[end - 2]) and _fold(points, end - 1, folded) == _S:
        end -= 2
    if end - begin <= 3 or _fold(points, end - 1, folded) != _S:
        return _hash(points, begin, end, folded, 0)
    before = _fold(points, end - 2, folded)
    if before == _E and _fold(points, end - 3, folded) == _I:
        earlier = _fold(points, end - 4, folded)
        if earlier != _E and earlier != _A:
            return _hash(points, begin, end - 3, folded, _Y)
    if before != _U and before != _S and before != _I:
        end -= 1
    return _hash(points, begin, end, folded, 0)


@compiled
def _fold(points: Points, at: int, folded: Points) -> int:
    point = points[at]
    return np.int64(folded[point]) if point < END else np.int64(point)


@compiled
def _is_apostrophe(point: int) -> bool:
    return point in (_APOSTROPHE, _CURLED)


@compiled
def holds(listed: Hashes, value: np.uint64) -> bool:
    """Return whether a sorted list holds a value."""
    place = np.searchsorted(listed, value)
    return place < len(listed) and listed[place] == value


@compiled
def tokens_of(
    points: Points,
    begin: int,
    end: int,
    limit: int,
    kinds: Kinds,
    folded: Points,
    abbreviated: Hashes,
    found: Hashes,
    starts: Places,
    ends: Places,
    flags: Flags,
) -> int:
    """Write the first words of points[begin:end], at most `limit`, and return how many: form, start, end, what is known."""
    count, at, last_end, quoted = 0, begin, begin, False
    while at < end and count < limit:
        kind = kind_of(points, at, kinds)
        if not kind & LETTER:
            at += 1
            continue
        behind = _word_end(points, at, end, kinds)
        quoted = _in_quotes(points, last_end, at, kinds, quoted)
        placed = _placed(points, begin, last_end, at, kinds, count, starts, ends, found, abbreviated)
        step = 2 if kind & SPACELESS and behind - at > 1 else behind - at
        for first in range(at, behind - step + 1):
            if count == limit:
                break
            found[count] = (
                _hash(points, first, first + step, folded, 0)
                if kind & SPACELESS
                else _form(points, first, first + step, kinds, folded)
            )
            starts[count], ends[count] = first - begin, first + step - begin
            flags[count] = (
                placed | (UPPER if kind & CAPITAL else 0) | (SMALL if kind & LOWER else 0) | (QUOTED if quoted else 0)
            )
            count += 1
        last_end = at = behind
    return count


@compiled
def _word_end(points: Points, at: int, end: int, kinds: Kinds) -> int:
    spaceless = kind_of(points, at, kinds) & SPACELESS
    at += 1
    while at < end:
        kind = kind_of(points, at, kinds)
        if kind & LETTER and kind & SPACELESS == spaceless:
            at += 1
        elif _is_apostrophe(points[at]) and at + 1 < end and kind_of(points, at + 1, kinds) & LETTER and not spaceless:
            at += 2
        else:
            break
    return at


@compiled
def _in_quotes(points: Points, begin: int, end: int, kinds: Kinds, quoted: bool) -> bool:
    for at in range(begin, end):
        kind = kind_of(points, at, kinds)
        if kind & OPENS:
            quoted = True
        elif kind & CLOSES or points[at] == _NEWLINE:
            quoted = False
        elif points[at] == _QUOTE:
            quoted = not quoted
    return quoted


@compiled
def _placed(
    points: Points,
    begin: int,
    last_end: int,
    at: int,
    kinds: Kinds,
    count: int,
    starts: Places,
    ends: Places,
    found: Hashes,
    abbreviated: Hashes,
) -> int:
    """Return STARTS or CONTINUES: whether a sentence starts at the word, or nothing but a blank parts it from the word before."""
    if count == 0:
        return STARTS
    if at - last_end == 1 and points[last_end] == _BLANK:
        return CONTINUES
    short = ends[count - 1] - starts[count - 1] == 1
    if points[last_end] == _STOP and (short or holds(abbreviated, found[count - 1])):
        newline = False
        for place in range(last_end, at):
            newline |= points[place] == _NEWLINE
        if not newline:
            return CONTINUES if at - last_end <= 2 else 0
    for place in range(last_end, at):
        if kind_of(points, place, kinds) & ENDS:
            return STARTS
    return 0


@compiled
def mark_names(
    count: int, found: Hashes, starts: Places, ends: Places, flags: Flags, function: Hashes, locates: Hashes
) -> None:
    """Mark the tokens that are part of a name, and of a name behind a word of place.

    A name is a run of capitalised words. A function word at its start does not belong to it; a lone word at a sentence start
    counts when the text prints it with a capital inside a sentence too.
    """
    inside = np.empty(count, np.uint64)
    n_inside = 0
    for at in range(count):
        if flags[at] & UPPER and not flags[at] & STARTS:
            inside[n_inside] = found[at]
            n_inside += 1
    known = np.sort(inside[:n_inside])
    first = 0
    while first < count:
        if not flags[first] & UPPER:
            first += 1
            continue
        behind = first + 1
        while behind < count and flags[behind] & UPPER and flags[behind] & CONTINUES:
            behind += 1
        begin, opens = first, bool(flags[first] & STARTS)
        while begin < behind and (ends[begin] - starts[begin] == 1 or holds(function, found[begin])):
            begin, opens = begin + 1, False
        lone = behind - begin == 1 and opens and not holds(known, found[begin])
        if not lone and behind - begin <= _LONGEST_NAME:
            place = begin > 0 and holds(locates, found[begin - 1])
            for at in range(begin, behind):
                flags[at] |= NAME | (PLACE_NAME if place else 0)
        first = behind


@compiled
def figure(points: Points, begin: int, end: int, kinds: Kinds) -> tuple[int, bool]:
    """Return the whole number that points[begin:end] print (-1: none), and whether an ordinal's ending follows it."""
    value, at = 0, begin
    while at < end and at - begin < 4 and kind_of(points, at, kinds) & DIGIT:
        value = value * 10 + np.int64(points[at]) - 48
        at += 1
    if at == begin:
        return -1, False
    if at == end:
        return value, False
    if end - at == 2:
        a, b = np.int64(points[at]) | 32, np.int64(points[at + 1]) | 32
        if (
            (a == ord("s") and b == ord("t"))
            or (a == ord("n") and b == ord("d"))
            or ((a == ord("r") and b == ord("d")) or (a == ord("t") and b == ord("h")))
        ):
            return value, True
    return -1, False
