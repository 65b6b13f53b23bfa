"""What a page states of itself, read tag by tag without a tree: what its tree would say, or nothing.

It is known where each tag of a page begins and ends (transforms.clean.tags), and its meta tags and JSON-LD, in the order written, are those of
its tree. Where that is not certain (templates, framesets, tags inside a table or a drawing, what stands open at the end) nothing is said.
"""

import re
from collections.abc import Callable, Iterable
from html.entities import html5

import numpy as np

from transforms.clean.metadata import META_NAMES, says_enough, stated
from transforms.clean.tags import UNCERTAIN, Numbers, Statements, body_of, head_of, numbers

_WANTED = numbers(META_NAMES)
# More statements than most pages make.
_ROOM = 64
_REFERENCE = re.compile(r"&(?:#([0-9]{2,7}+);|#[xX]([0-9a-fA-F]{2,6}+);|(#)|([a-zA-Z][a-zA-Z0-9]*+)([;=])?+)")


class _UncertainError(ValueError):
    """A page is written as only a parser can read it."""


class _Said:
    """The texts of JSON-LD scripts and the contents of meta tags by name, as they come."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.scripts = list[str]()
        self.metas = dict[str, str]()

    def fields(self) -> dict[str, str]:
        return stated(self.scripts, self.metas)

    def read(self, part: Callable[[str, int, Numbers, Statements], tuple[int, int]], place: int) -> int:
        """Add what a part of the page states, and return where it ends."""
        statements = np.empty((_ROOM, 4), np.int64)
        ends, n_found = part(self.html, place, _WANTED, statements)
        if ends == UNCERTAIN:
            raise _UncertainError
        if n_found > _ROOM:
            statements = np.empty((n_found, 4), np.int64)
            part(self.html, place, _WANTED, statements)
        self._add(statements[:n_found].tolist())
        return ends

    def _add(self, statements: Iterable[list[int]]) -> None:
        html = self.html
        for name_at, name_end, at, end in statements:
            if name_end == 0:
                self.scripts.append(_as_parsed(html[at:end]))
            elif (name := _read(html[name_at:name_end]).strip().lower()) in META_NAMES and (
                content := _read(html[at:end]).strip()
            ):
                self.metas.setdefault(name, content)


def stated_in_page(html: str, longest: int | None = None) -> dict[str, str] | None:
    """Return the fields that `stated_metadata` returns of a page's tree, without one; the body is read only where the head says too little.

    None where only a parser can tell, or where more than the first `longest` characters would have to be read. The page is text as
    decoded, so without lone surrogates.
    """
    said, end = _Said(html), len(html) if longest is None else min(longest, len(html))
    try:
        body = said.read(head_of, end)
        if says_enough(found := said.fields()):
            return found
        if end < len(html):
            return None
        said.read(body_of, body)
        return said.fields()
    except _UncertainError:
        return None


def _read(value: str) -> str:
    return _as_parsed(_REFERENCE.sub(_referred, value) if "&" in value else value)


def _referred(reference: re.Match[str]) -> str:
    decimal, hexadecimal, odd, name, after = reference.groups()
    if name:
        # In attributes a name without its semicolon counts only where neither letter, digit nor "=" follows.
        return html5.get(f"{name};" if after else name, reference[0]) if after != "=" else reference[0]
    number = int(decimal) if decimal else int(hexadecimal or "0", 16)
    if odd or not (0x20 <= number <= 0x7E or 0xA0 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD):
        raise _UncertainError
    return chr(number)


def _as_parsed(text: str) -> str:
    """Return text as a parser reads it: one kind of line break; raise where it would put other characters."""
    if "\0" in text:
        raise _UncertainError
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
