"""What a text offers for comparison: words, names and numbers, found from the text itself, with their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.text import word_spans


def listed(words: str) -> tuple[str, ...]:
    """Return the words of a list written as one string."""
    return tuple(words.split())


# Figures as printed: 21, 1,300.5, 143; thousands separators are dropped so that 1,300 and 1300 agree.
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?")
_ENDS_SENTENCE = re.compile(r"[.!?:\n\"“”‘(|•–—-]")
# Titles whose full stop does not end a sentence; so does an initial.
_ABBREVIATED = frozenset(listed("mr mrs ms dr prof gen lt col maj capt sgt sen rep gov adm rev hon st jr sr no vs"))
# Words that never belong to the start of a name; closed classes, and a few openers of sentences.
_FUNCTION_WORDS = frozenset(
    listed(
        """a an the this that these those it he she they we you i his her their our my your its in on at by for from of to with
    without into over under after before since until during while when where whenever why how what who which whose if as but
    and or nor so yet than then there here now not no also only even just still both each every all any some many most more
    several few other another such is are was were be been being has have had do does did will would can could may might
    should must let meanwhile however although though because once among between against amid despite according last next
    first asked speaking quoting citing ms mr mrs dr"""
    )
)
# A run of capitals longer than this is a headline or a shouted sentence, not a name.
_LONGEST_NAME = 6


@dataclass(frozen=True, slots=True)
class Tokens:
    """The first words of a text: `forms` as they are compared, their (start, end) `spans`, and the names among them.

    `capitals` lists the positions printed with a capital, each with whether a sentence starts there and whether the word
    continues the one before it (nothing but a blank, or the full stop of an abbreviation, between them).
    """

    forms: list[str]
    spans: list[tuple[int, int]]
    capitals: list[tuple[int, bool, bool]]


class Forms(dict[str, tuple[str, bool]]):
    """Printed word -> (form under which it is compared, printed with a capital), worked out once a word."""

    def __missing__(self, printed: str) -> tuple[str, bool]:
        value = self[printed] = comparable(printed), printed[0].isupper()
        return value


def comparable(word: str) -> str:
    """Return the form under which a word is compared: case folded, without possessive, singular.

    The plural rule is the S-stemmer of Harman 1991, "How effective is suffixing?".
    """
    form = word.casefold().replace("’", "'")
    form = form.removesuffix("'s").removesuffix("'")
    if len(form) > 3 and form.endswith("s"):
        if form.endswith("ies") and not form.endswith(("eies", "aies")):
            return form[:-3] + "y"
        if not form.endswith(("us", "ss", "is")):
            return form[:-1]
    return form


def tokens(text: str, limit: int, known: Forms) -> Tokens:
    """Return the first `limit` words of a text; `known` is filled as words are met."""
    found = Tokens([], [], [])
    last_end, last_form = 0, ""
    for position, (start, end) in enumerate(word_spans(text)):
        if position == limit:
            break
        form, capital = known[text[start:end]]
        if capital:
            found.capitals.append((position, *_placed(text[last_end:start], last_form)))
        found.forms.append(form)
        found.spans.append((start, end))
        last_end, last_form = end, form
    return found


def names(found: Tokens) -> list[tuple[int, int]]:
    """Return the runs of capitalised words that look like names, as (first, behind last) positions, in text order.

    A function word at the start of a run does not belong to it; a lone word at a sentence start counts when the text
    prints it with a capital inside a sentence too.
    """
    inside = {found.forms[position] for position, starts, _ in found.capitals if not starts}
    trimmed = (_trimmed(found, run, inside) for run in _runs(found))
    return [run for run in trimmed if run[0] < run[1]]


def numbers(text: str, end: int) -> list[str]:
    """Return the figures printed in text[:end], without thousands separators."""
    return [match.group().replace(",", "") for match in _NUMBER.finditer(text, 0, end)]


def _placed(gap: str, last_form: str) -> tuple[bool, bool]:
    """Return whether the word behind the gap starts a sentence, and whether it continues the word before."""
    if gap == " ":
        return False, True
    if gap.startswith(".") and "\n" not in gap and (len(last_form) == 1 or last_form in _ABBREVIATED):
        return False, len(gap) <= 2
    return not last_form or bool(_ENDS_SENTENCE.search(gap)), False


def _runs(found: Tokens) -> Iterator[tuple[int, int, bool]]:
    first, behind, first_starts = 0, 0, False
    for position, starts, continues in found.capitals:
        if behind and continues and position == behind:
            behind += 1
            continue
        if behind:
            yield first, behind, first_starts
        first, behind, first_starts = position, position + 1, starts
    if behind:
        yield first, behind, first_starts


def _trimmed(found: Tokens, run: tuple[int, int, bool], inside: set[str]) -> tuple[int, int]:
    first, behind, starts = run
    while first < behind and (found.forms[first] in _FUNCTION_WORDS or len(found.forms[first]) == 1):
        first, starts = first + 1, False
    lone_opening = behind - first == 1 and starts and found.forms[first] not in inside
    return (first, first) if lone_opening or behind - first > _LONGEST_NAME else (first, behind)
