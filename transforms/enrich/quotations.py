"""What stands between quotation marks: straight, curly or angled, balanced or not; a broken mark costs its own paragraph at most."""

import re
from dataclasses import dataclass

_MARK = re.compile('["“”„«»‟]')
_SINGLE = re.compile(r"(?<!\w)‘(?=[A-Z])([^‘\n]{1,600}?[,.?!…])’(?!\w)")
_OPENS, _CLOSES = frozenset("“„«‟"), frozenset("”»")
_BEFORE_OPENING = frozenset(" \n([{—–-/:'‘’…")
# Longer stretches between marks are a lost closing mark, not one quotation: no paragraph of 731 newspaper articles quotes as much.
_LONGEST = 3_000


@dataclass(frozen=True, slots=True)
class Quotation:
    """The code points between two marks, blanks trimmed; `goes_on` where the paragraph ends before the quotation does."""

    start: int
    end: int
    goes_on: bool = False


def quotations(text: str) -> list[Quotation]:
    """Return the quotations of a text in its order, none inside another.

    A mark that nothing closes in its paragraph counts where it opens this paragraph or another opens the next (newspapers close the
    last one alone), else it is passed over. Single curly marks count in texts without double ones, around whole sentences.
    """
    marks = [match.start() for match in _MARK.finditer(text)]
    if not marks:
        return [_trimmed(text, m.start(1), m.end(1)) for m in _SINGLE.finditer(text)]
    found: list[Quotation] = []
    opened: int | None = None
    for at in marks:
        if opened is not None and "\n" in text[opened:at]:
            found += _left_open(text, opened)
            opened = None
        if _opens(text, at, opened is not None):
            if opened is None or text[at] not in _OPENS or at - opened > _LONGEST:
                opened = at
        elif opened is not None:
            if 1 < at - opened <= _LONGEST:
                found.append(_trimmed(text, opened + 1, at))
            opened = None
    if opened is not None:
        found += _left_open(text, opened)
    return [each for each in found if each.start < each.end]


def _opens(text: str, at: int, is_open: bool) -> bool:
    mark = text[at]
    if mark in _OPENS:
        return True
    if mark in _CLOSES:
        return False
    before, behind = text[at - 1] if at else "\n", text[at + 1] if at + 1 < len(text) else "\n"
    if before in _BEFORE_OPENING and not behind.isspace():
        return not is_open or before.isspace() or before in "(["
    return not is_open and before.isspace()


def _left_open(text: str, opened: int) -> list[Quotation]:
    end = text.find("\n", opened)
    end = len(text) if end < 0 else end
    if opened and text[opened - 1] != "\n" and not _MARK.match(text, end + 1):
        return []
    return [_trimmed(text, opened + 1, end, goes_on=True)] if end - opened <= _LONGEST else []


def _trimmed(text: str, start: int, end: int, goes_on: bool = False) -> Quotation:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Quotation(start, end, goes_on)
