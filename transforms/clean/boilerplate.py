"""Furniture told from text: whole lines, or the tail of the last ones, each removed under a rule and kept as evidence."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transforms.clean import rules
from transforms.clean.byline import is_bare_name, is_byline, is_name_of
from transforms.clean.headline import headline_index, same_headline
from transforms.clean.lines import Line
from transforms.clean.settings import CleanSettings

# What is often glued to the end of a last paragraph when a page is flattened.
_GLUED = re.compile(
    r"(?<=[.!?”\"’')\]])\s+(?=(?:Published in |from .{2,60} https?://|No comments\b|Also Read ?:|Read more:|Advertisement\b|\((?:With|Inputs)\b|"
    r"\(This story has not been edited|Copyright ©|© \d{4}|Click here\b|Sign up for|Follow us\b|The post .{3,200} appeared first on|\[\+\d+ chars\]))"
)
# Behind the first such piece others follow without a full stop between them.
_GLUED_NEXT = re.compile(
    r"\s+(?=from .{2,60} https?://|No comments\b|Also Read ?:|Read more:|Advertisement\b|© \d{4}|Copyright ©)"
)
_TRUNCATION = re.compile(r"\[\+\d+ chars\]\Z")
_BESIDE_BYLINES = frozenset({"outlet_line", "byline", "date_line", "published_line", "updated_line"})
# One date above, one below; more are the headings of a timeline.
_MOST_DATE_LINES = 2
# With fewer of its lines after a blank one, a text does not mark its paragraphs by them.
_GAPS_TELL = 0.3


@dataclass(frozen=True, slots=True)
class Stripped:
    """A text without its furniture: the lines kept, (rule, text) of those removed in the order of the text, and where each stood.

    `zones` says for each removed piece whether it stood before the first kept line (head), after the last (tail) or between (middle).
    `title` is the first line found to be the headline, None where the title was given or there is none.
    """

    kept: tuple[Line, ...]
    removed: tuple[tuple[str, str], ...]
    zones: tuple[str, ...]
    title: str | None


def strip_furniture(
    lines: Sequence[Line],
    title: str | None,
    authors: Sequence[str],
    is_outlet: Callable[[str], bool],
    settings: CleanSettings,
) -> Stripped:
    """Remove furniture from a text's lines; every line comes back either kept or removed.

    `title` is the given title, `authors` the given names (their bare lines are bylines), `is_outlet` knows names of outlets.
    """
    pieces = _unglued(lines, settings)
    marks = [_anywhere(line.text) for line in pieces]
    _mark_head(pieces, marks, authors, is_outlet, settings)
    _mark_tail(pieces, marks, authors, is_outlet, settings)
    if marks.count("date_line") > _MOST_DATE_LINES:
        marks = [None if mark == "date_line" else mark for mark in marks]
    _mark_captions(pieces, marks, settings)
    if all(marks):
        # A gallery is nothing but captions: where all were furniture, what is as long as a sentence is the article.
        marks = [
            None if len(p.text.split()) >= settings.sentence_words else m for p, m in zip(pieces, marks, strict=True)
        ]
    found = None
    if title is None and (index := headline_index(pieces, marks, settings)) is not None:
        marks[index], found = "title", pieces[index].text
    _mark_title_repeats(pieces, marks, title or found)
    return _stripped(pieces, marks, found)


def _unglued(lines: Sequence[Line], settings: CleanSettings) -> list[Line]:
    """Cut furniture off the end of the last lines where it was glued to a paragraph."""
    pieces = list(lines[: -settings.tail_lines]) if len(lines) > settings.tail_lines else []
    for line in lines[len(pieces) :]:
        text, tails = line.text, list[str]()
        for cut in reversed(_cuts(text)):
            tail = text[cut:].strip()
            if _TRUNCATION.match(tail) or _anywhere(tail) or rules.TAIL.first(tail):
                tails.insert(0, tail)
                text = text[:cut].rstrip()
        pieces += [Line(text, line.gap), *(Line(tail, False) for tail in tails)]
    return pieces


def _cuts(text: str) -> list[int]:
    first = _GLUED.search(text)
    if first is None:
        return []
    return sorted({match.end() for pattern in (_GLUED, _GLUED_NEXT) for match in pattern.finditer(text, first.start())})


def _anywhere(text: str) -> str | None:
    return "truncation" if _TRUNCATION.match(text) else rules.ANYWHERE.first(text)


def _mark_head(
    pieces: Sequence[Line],
    marks: list[str | None],
    authors: Sequence[str],
    is_outlet: Callable[[str], bool],
    settings: CleanSettings,
) -> None:
    for index, line in enumerate(pieces[: settings.head_lines]):
        if marks[index] is None:
            marks[index] = rules.HEAD.first(line.text) or _name_rule(line.text, authors, is_outlet)
    # A bare name says "byline" only beside what stands by bylines: the outlet, a role, a date.
    for index, line in enumerate(pieces[: settings.head_lines]):
        beside = {marks[i] for i in (index - 1, index + 1) if 0 <= i < len(marks)}
        if marks[index] is None and beside & _BESIDE_BYLINES and is_bare_name(line.text):
            marks[index] = "byline"


def _name_rule(text: str, authors: Sequence[str], is_outlet: Callable[[str], bool]) -> str | None:
    if is_byline(text) or is_name_of(text, authors):
        return "byline"
    return "outlet_line" if len(text) <= 40 and is_outlet(text) else None


def _mark_tail(
    pieces: Sequence[Line],
    marks: list[str | None],
    authors: Sequence[str],
    is_outlet: Callable[[str], bool],
    settings: CleanSettings,
) -> None:
    for index in range(max(1, len(pieces) - settings.tail_lines), len(pieces)):
        if marks[index] is None:
            marks[index] = rules.TAIL.first(pieces[index].text) or _name_rule(pieces[index].text, authors, is_outlet)


def _mark_captions(pieces: Sequence[Line], marks: list[str | None], settings: CleanSettings) -> None:
    """A single line right under an image credit, parted by a blank line from what follows, is the caption."""
    if sum(line.gap for line in pieces) < _GAPS_TELL * len(pieces):
        return
    for index in range(1, len(pieces) - 1):
        line = pieces[index]
        under_credit = marks[index - 1] == "image_credit" and not line.gap
        if (
            under_credit
            and marks[index] is None
            and pieces[index + 1].gap
            and len(line.text.split()) <= settings.caption_max_words
        ):
            marks[index] = "caption"


def _mark_title_repeats(pieces: Sequence[Line], marks: list[str | None], title: str | None) -> None:
    if not title:
        return
    for index, line in enumerate(pieces):
        if marks[index] in {None, "caption"} and same_headline(line.text, title):
            marks[index] = "title_repeat"


def _stripped(pieces: Sequence[Line], marks: Sequence[str | None], title: str | None) -> Stripped:
    kept = [index for index, mark in enumerate(marks) if mark is None]
    first, last = (kept[0], kept[-1]) if kept else (len(marks), len(marks))
    removed = [(mark, pieces[index].text) for index, mark in enumerate(marks) if mark is not None]
    zones = [
        "head" if index < first else "tail" if index > last else "middle"
        for index, mark in enumerate(marks)
        if mark is not None
    ]
    return Stripped(tuple(pieces[index] for index in kept), tuple(removed), tuple(zones), title)
