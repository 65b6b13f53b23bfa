"""A page's tags, one after another: where those stand that may state something, compiled.

Tags begin and end as the HTML Standard has it (13.2.5, tokenization); comments and the raw text of scripts, styles and the like end at
their own marks alone. Every character is looked at a bounded number of times, so time is linear in the page's length. What builds a tree
in another order than it is written, or cannot be told without a tree, is not read: the page is then UNCERTAIN.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from transforms.clean.characters import Characters, character, characters, first
from transforms.compiled import compiled

# Rows of four places in the page. A meta tag: where its name and its content begin and end. A script of JSON-LD: 0, 0, and its text.
Statements = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint64]
UNCERTAIN = -1
_Statement = tuple[int, int, int, int]
_NOTHING, _NOT_THERE = (0, 0, 0, 0), (0, 0)

# FNV-1a's basis and prime (Fowler, Noll, Vo). No name at all is 0.
_BASIS, _PRIME, _NONE = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3), np.uint64(0)
_LESS, _GREATER, _SLASH, _BANG, _ASKS, _DASH, _EQUALS, _REFERENCE = (ord(mark) for mark in "<>/!?-=&")
_SPACE, _TILDE, _DOUBLE, _SINGLE = ord(" "), ord("~"), ord('"'), ord("'")


def number(name: str) -> np.uint64:
    """Return the number by which a name of ASCII letters is known here, in whatever case it is written."""
    found = int(_BASIS)
    for letter in name.lower():
        found = (found ^ ord(letter)) * int(_PRIME) % 2**64
    return np.uint64(found)


def numbers(names: Iterable[str]) -> Numbers:
    """Return the numbers of the names of meta tags that are wanted."""
    return np.array([number(name) for name in names], np.uint64)


def _all(names: str) -> tuple[np.uint64, ...]:
    return tuple(map(number, names.split()))


_META, _SCRIPT, _TABLE, _HEAD, _NOSCRIPT = _all("meta script table head noscript")
_STATING = _META, _SCRIPT
_IDLE_IN_HEAD = _all("html head link base basefont bgsound")
_ENDING_HEAD = _all("head body html br")
_RAW_IN_HEAD = _all("title style")
_APART = _all("svg select")
_RAW = _all("title style textarea iframe xmp noembed noframes")
_ONLY_IN_TREES = _all("template frameset plaintext math")
_NOT_IN_HEADS = _all("template frameset noframes")
_TELLING = (*_STATING, _TABLE, *_APART, *_RAW, *_ONLY_IN_TREES)
_BACK_TO_HTML = _all("foreignobject desc")
_PROPERTY, _NAME, _ITEMPROP, _CONTENT, _TYPE = _all("property name itemprop content type")
(_LINKED_DATA,) = _all("application/ld+json")
# The longest name whose end is looked for in raw text.
_LONGEST_RAW = len("textarea")


@compiled
def head_of(html: str, end: int, wanted: Numbers, out: Statements) -> tuple[int, int]:
    """Write what a page's head states; return where its body begins, at the latest at `end`, else UNCERTAIN, and how many statements there are.

    A head is a row of few kinds of tags (13.2.6.4.4); the first of any other kind, or a word, begins the body. What `out` has no room for
    is counted alone.
    """
    page, at, n_found = characters(html), 0, 0
    after_head = in_noscript = False
    while True:
        while at < end and _is_space(character(page, at)):
            at += 1
        if at >= end or character(page, at) == 0:
            return UNCERTAIN, n_found
        if character(page, at) != _LESS:
            return at, n_found
        if at + 2 >= end:
            return UNCERTAIN, n_found
        begins = at
        if _is_aside(page, at, end):
            at = _after_aside(page, at, end)
            continue
        closes, tag, at = _tag(page, at, end)
        if tag != _NONE and at >= end:
            return UNCERTAIN, n_found
        if tag in _STATING and not closes:
            statement, at = _statement(page, tag, at, end, wanted)
            n_found = _noted(statement, out, n_found)
            continue
        at = _after_tag(page, at, end)
        if tag in _NOT_IN_HEADS or (in_noscript and closes and tag in _ENDING_HEAD):
            # A parser takes no notice of an end of head or body inside a noscript.
            return UNCERTAIN, n_found
        if tag == _HEAD and closes:
            after_head = True
        elif tag == _NOSCRIPT and (closes or not after_head):
            in_noscript = not closes
        elif tag in _RAW_IN_HEAD and not closes:
            at = _after_raw_text(page, tag, at, end)
        elif (closes and tag in _ENDING_HEAD) or (not closes and tag not in _IDLE_IN_HEAD):
            return begins, n_found


@compiled
def body_of(html: str, at: int, wanted: Numbers, out: Statements) -> tuple[int, int]:
    """Write as `head_of` does what a page states whose body begins at `at`; return where it ends, else UNCERTAIN, and how many statements there are."""
    page, end, n_found, n_tables = characters(html), len(html), 0, 0
    while at <= end:
        at = first(page, at, end, _LESS)
        if at == end:
            return end, n_found
        if _is_aside(page, at, end):
            at = _after_aside(page, at, end)
            continue
        closes, tag, at = _tag(page, at, end)
        if tag == _NONE:
            continue
        if tag in _STATING and not closes:
            statement, at = _statement(page, tag, at, end, wanted)
            n_before, n_found = n_found, _noted(statement, out, n_found)
            if n_tables and n_found > n_before:
                # What stands in a table, yet in none of its cells, is moved before it.
                break
            continue
        at = _after_tag(page, at, end)
        if tag == _TABLE:
            n_tables = max(0, n_tables - 1) if closes else n_tables + 1
        elif not closes and tag in _TELLING:
            if tag in _ONLY_IN_TREES:
                break
            at = _after_apart(page, tag, at, end) if tag in _APART else _after_raw_text(page, tag, at, end)
    return UNCERTAIN, n_found


@compiled
def _noted(statement: _Statement, out: Statements, n_found: int) -> int:
    """Write a statement behind those found, unless it says nothing; return how many there are then."""
    if statement[3] <= statement[2]:
        return n_found
    if n_found < len(out):
        out[n_found, 0], out[n_found, 1], out[n_found, 2], out[n_found, 3] = statement
    return n_found + 1


@compiled
def _is_space(letter: int) -> bool:
    return letter == _SPACE or (9 <= letter <= 13 and letter != 11)


@compiled
def _longer(name: np.uint64, letter: int) -> np.uint64:
    """Return the number of a name and a letter more."""
    return (name ^ np.uint64(letter + 32 if 65 <= letter <= 90 else letter)) * _PRIME


@compiled
def _is_letter(letter: int) -> bool:
    return 97 <= letter <= 122 or 65 <= letter <= 90


@compiled
def _tag(page: Characters, at: int, end: int) -> tuple[bool, np.uint64, int]:
    """Return of the tag that begins with a "<" whether it is an end tag, the number of its name (_NONE where it is text), and where the name ends."""
    closes = at + 1 < end and character(page, at + 1) == _SLASH
    at += 2 if closes else 1
    if at >= end or not _is_letter(character(page, at)):
        return closes, _NONE, at
    name = _BASIS
    while at < end:
        letter = character(page, at)
        if letter in (_GREATER, _SLASH) or _is_space(letter):
            break
        name = _longer(name, letter)
        at += 1
    return closes, name, at


@compiled
def _attribute(page: Characters, at: int, end: int) -> tuple[np.uint64, int, int, int]:
    """Return the number of the attribute's name that is next in a tag (_NONE behind the last), where its value begins and ends, and where it ends.

    An end beyond `end` is that of a tag that stands open.
    """
    while at < end and (character(page, at) == _SLASH or _is_space(character(page, at))):
        at += 1
    if at >= end:
        return _NONE, 0, 0, end + 1
    if character(page, at) == _GREATER:
        return _NONE, 0, 0, at + 1
    # What a name begins with belongs to it, even "=".
    name, begins = _BASIS, at
    while at < end:
        letter = character(page, at)
        if letter in (_GREATER, _SLASH) or _is_space(letter) or (letter == _EQUALS and at > begins):
            break
        name = _longer(name, letter)
        at += 1
    while at < end and _is_space(character(page, at)):
        at += 1
    if at >= end or character(page, at) != _EQUALS:
        return name, at, at, at
    at += 1
    while at < end and _is_space(character(page, at)):
        at += 1
    if at >= end:
        return _NONE, 0, 0, end + 1
    begins, mark = at, character(page, at)
    if mark in (_DOUBLE, _SINGLE):
        at = first(page, at + 1, end, mark)
        return name, begins + 1, at, at + 1
    while at < end and character(page, at) != _GREATER and not _is_space(character(page, at)):
        at += 1
    return name, begins, at, at


@compiled
def _after_tag(page: Characters, at: int, end: int) -> int:
    """Return where a tag is over whose name ends at `at`, a place beyond `end` where it stands open."""
    name = _BASIS
    while name != _NONE:
        name, _, _, at = _attribute(page, at, end)
    return at


@compiled
def _is_aside(page: Characters, at: int, end: int) -> bool:
    """Whether a "<" begins what is neither a tag nor text: a comment, a declaration, an instruction."""
    if at + 2 >= end:
        return False
    mark = character(page, at + 1)
    if mark == _SLASH:
        return not _is_letter(character(page, at + 2))
    return mark in (_BANG, _ASKS)


@compiled
def _after_aside(page: Characters, at: int, end: int) -> int:
    """Return where it is over: comments at the first "-->" or "--!>", all else at the first ">"."""
    at += 2
    if at + 1 < end and character(page, at - 1) == _BANG and character(page, at) == character(page, at + 1) == _DASH:
        begins = at + 2
        at = first(page, begins, end, _GREATER)
        while at < end and not _ends_comment(page, begins, at):
            at = first(page, at + 1, end, _GREATER)
        return at + 1
    return first(page, at, end, _GREATER) + 1


@compiled
def _ends_comment(page: Characters, begins: int, at: int) -> bool:
    """Whether a ">" ends the comment whose text begins at `begins`."""
    if at == begins or (at == begins + 1 and character(page, begins) == _DASH):
        return True
    dashes = at - 3 if character(page, at - 1) == _BANG else at - 2
    return dashes >= begins and character(page, dashes) == character(page, dashes + 1) == _DASH


@compiled
def _after_raw_text(page: Characters, tag: np.uint64, at: int, end: int) -> int:
    """Return where an element is over whose text, which holds no tags, begins at `at`."""
    while at <= end:
        at = first(page, at, end, _LESS)
        if at >= end:
            break
        closes, other, behind = _tag(page, at, min(end, at + 3 + _LONGEST_RAW))
        if closes and other == tag and behind < end:
            return _after_tag(page, behind, end)
        at += 1
    return end + 1


@compiled
def _end_of_script(page: Characters, at: int, end: int) -> int:
    """Return where the text of a script ends (13.2.5.15-31): a script inside a comment inside it has an end tag of its own."""
    begins, inside, twice = 0, False, False
    while at < end:
        if inside:
            while at < end and character(page, at) != _LESS and character(page, at) != _GREATER:
                at += 1
        else:
            at = first(page, at, end, _LESS)
        if at >= end:
            break
        if character(page, at) == _GREATER:
            if character(page, at - 1) == character(page, at - 2) == _DASH and at - 2 >= begins:
                inside = twice = False
        elif not inside and at + 3 < end and character(page, at + 1) == _BANG:
            if character(page, at + 2) == character(page, at + 3) == _DASH:
                inside, begins = True, at + 2
        else:
            closes, tag, behind = _tag(page, at, min(end, at + 3 + _LONGEST_RAW))
            if tag == _SCRIPT and behind < end:
                if closes and not twice:
                    return at
                twice = inside and not closes
        at += 1
    return end


@compiled
def _after_apart(page: Characters, tag: np.uint64, at: int, end: int) -> int:
    """Return where a drawing or a choice is over whose contents begin at `at`: its tags mean nothing to the page unless one ends it."""
    while at <= end:
        at = first(page, at, end, _LESS)
        if at >= end:
            break
        if _is_aside(page, at, end):
            if character(page, at + 1) != _BANG or at + 3 >= end or character(page, at + 2) != _DASH:
                break
            at = _after_aside(page, at, end)
            continue
        closes, other, at = _tag(page, at, end)
        if other == tag and closes:
            return _after_tag(page, at, end)
        if other in (_NONE, tag) or other in _BACK_TO_HTML:
            break
        if other in _RAW_IN_HEAD and not closes:
            # Raw text or none: the same where it holds no tag.
            at = first(page, _after_tag(page, at, end), end, _LESS)
            if at >= end:
                break
            closes, its, at = _tag(page, at, end)
            if not closes or its != other:
                break
        elif other in _TELLING:
            break
        at = _after_tag(page, at, end)
    return end + 1


@compiled
def _statement(page: Characters, tag: np.uint64, at: int, end: int, wanted: Numbers) -> tuple[_Statement, int]:
    """Return what a meta tag or a script states whose name ends at `at`, zeros where it is nothing wanted, and where the element is over."""
    # Of an attribute written twice the first counts; of the three that name, the first that is not empty.
    property = named = itemprop = content = kind = _NOT_THERE
    name = _BASIS
    while name != _NONE:
        name, begins, ends, at = _attribute(page, at, end)
        if name == _PROPERTY and property == _NOT_THERE:
            property = begins, ends
        elif name == _NAME and named == _NOT_THERE:
            named = begins, ends
        elif name == _ITEMPROP and itemprop == _NOT_THERE:
            itemprop = begins, ends
        elif name == _CONTENT and content == _NOT_THERE:
            content = begins, ends
        elif name == _TYPE and kind == _NOT_THERE:
            kind = begins, ends
    if at > end:
        return _NOTHING, at
    if tag == _SCRIPT:
        return _script(page, kind, at, end)
    begins, ends = property if property[1] > property[0] else named if named[1] > named[0] else itemprop
    if not _is_wanted(page, begins, ends, wanted):
        return _NOTHING, at
    return (begins, ends, content[0], content[1]), at


@compiled
def _script(page: Characters, kind: tuple[int, int], at: int, end: int) -> tuple[_Statement, int]:
    """Return the text of a script that begins at `at` where its type is JSON-LD, and where the script is over."""
    name = _BASIS
    for i in range(kind[0], kind[1]):
        name = _longer(name, character(page, i))
        if character(page, i) == _REFERENCE:
            return _NOTHING, end + 1
    ends = _end_of_script(page, at, end)
    over = _after_tag(page, ends + 2 + len("script"), end)
    return (0, 0, at, ends if name == _LINKED_DATA else at), over


@compiled
def _is_wanted(page: Characters, begins: int, ends: int, wanted: Numbers) -> bool:
    """Whether a name may be one that is wanted: one of other than plain characters has to be read first."""
    while begins < ends and character(page, begins) == _SPACE:
        begins += 1
    while begins < ends and character(page, ends - 1) == _SPACE:
        ends -= 1
    name = _BASIS
    for i in range(begins, ends):
        letter = character(page, i)
        if letter == _REFERENCE or not _SPACE <= letter <= _TILDE:
            return True
        name = _longer(name, letter)
    for other in wanted:  # noqa: SIM110
        if name == other:
            return True
    return False
