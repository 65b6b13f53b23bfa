r"""What a page states of itself, read tag by tag without a tree: what its tree would say, or nothing.

A head is a row of few kinds of tags (HTML Standard, 13.2.6.4.4 "in head"); the first of any other kind, or a word, begins the body. Between
them stand comments and the raw text of scripts, styles and the like, which end at their own end tags alone. So it is known where each
tag begins and ends (13.2.5), and the meta tags and JSON-LD of a page, in the order written, are those of its tree. Where that is not certain
(templates, framesets, tags inside a table or a drawing, what stands open at the end) nothing is said. No pattern here goes back once it has
matched (all repeats are possessive), so that time is linear in the page's length.
"""

import re
from collections.abc import Mapping
from html.entities import html5

from transforms.clean.metadata import META_NAMES, says_enough, stated

_GAP = r"[ \t\n\f\r/]"
_SPACE = r"[ \t\n\f\r]"
_ENDED = r"(?=[ \t\n\f\r/>])"
_ANY_TAG = r"[a-zA-Z][^ \t\n\f\r/>]*+"
_NAME = r"[^ \t\n\f\r/>=\0]++"
_VALUE = r"(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r>\"'\0][^ \t\n\f\r>\0]*+)"
_ATTRIBUTE = rf"{_NAME}(?:{_SPACE}*+={_SPACE}*+(?:{_VALUE}|(?=>)))?+"
# First as most are written, which is faster, then as any may be.
_REST = rf"(?: {_NAME}=\"[^\"]*+\")*+(?:>|(?:{_GAP}++|{_ATTRIBUTE})*+>)"


def _word(name: str) -> str:
    """The pattern of a name in any case: the engine passes over an alternative by its first letter where that stands alone."""
    return rf"[{name[0]}{name[0].upper()}](?i:{re.escape(name[1:])})"


def _any(names: str, then: str = _ENDED) -> str:
    return "|".join(_word(name) + then for name in names.split())


def _text_of(tag: str, stop: str = "") -> str:
    """The pattern of raw text up to the end of its element, or up to a `stop` behind a "<"."""
    return rf"[^<]*+(?:<(?!/{_any(tag)}{stop})[^<]*+)*+"


def _raw(tags: str) -> str:
    """The pattern of elements of raw text, the first "<" left out."""
    return "|".join(rf"{_any(tag)}{_REST}{_text_of(tag)}</{_word(tag)}{_SPACE}*+>" for tag in tags.split())


# A script whose type is not said or plain. One that holds a comment may hold a script of its own too.
_TYPED = _any("type", r"[ \t\n\f\r/>=]")
_TYPE = r"(?:\"text/javascript\"|'text/javascript')"
_SCRIPT = (
    rf"{_any('script')}(?:{_GAP}++|(?!{_TYPED}){_ATTRIBUTE}|{_word('type')}={_TYPE})*+>"
    rf"{_text_of('script', '|!--')}</{_word('script')}{_SPACE}*+>"
)
# Comments end at the first "-->" or "--!>", all that begins otherwise with "<!" or "<?" at the first ">".
_COMMENT = r"!--(?!-?+>)[^-]*+(?:-(?!-!?+>)[^-]*+)*+--!?+>"
_ASIDE = rf"{_COMMENT}|!(?!--)[^>]*+>|\?[^>]*+>"
# Meta tags that name nothing of interest, as most do: an ASCII value without references.
_PROPERTY = "(?:property|name|itemprop)="
_WANTED = _any(" ".join(sorted(META_NAMES)), ' *+"')
_UNWANTED = rf"{_PROPERTY}\"(?! *+(?:{_WANTED}))[ -!#-%'-~]++\""
_CONTENT = rf"content={_VALUE}"
_IDLE_META = (
    rf"{_word('meta')}{_SPACE}++(?:{_UNWANTED}{_SPACE}++{_CONTENT}|{_CONTENT}{_SPACE}++{_UNWANTED}|charset={_VALUE}|http-equiv={_VALUE}{_SPACE}++{_CONTENT})"
    rf"{_SPACE}*+/?+>"
)
# What may state something: a meta tag as nearly all are written, any other, a script.
_STATEMENT = (
    rf"{_word('meta')}{_SPACE}++{_PROPERTY}\"(?P<name>[^\"&]++)\"{_SPACE}++content=\"(?P<content>[^\"]*+)\"{_SPACE}*+/?+>"
    rf"|{_any('meta')}(?P<said>{_REST})"
    rf"|{_any('script')}(?P<typed>{_REST})(?P<text>{_text_of('script', '|!--')}(?P<commented><!--{_text_of('script')})?+)</{_word('script')}{_SPACE}*+>"
)
_OF_HEADS = "html head meta link base basefont bgsound script style title noscript template noframes frameset"
_HEAD = re.compile(
    rf"(?:{_SPACE}*+<(?:{_IDLE_META}|{_any('link html head base', _ENDED + _REST)}|{_SCRIPT}|/(?!{_any('head body html br noscript template')}){_ANY_TAG}{_REST}"
    rf"|{_raw('style title')}|{_ASIDE}))*+{_SPACE}*+"
    rf"(?:<(?:{_STATEMENT}|(?P<noscript>/?+{_any('noscript')}){_REST}|(?P<over>/{_any('head')}){_REST}"
    rf"|(?P<closed>/(?:{_any('body html br')}))|(?P<body>(?!{_any(_OF_HEADS)}){_ANY_TAG}){_ENDED})|(?P<words>[^ \t\n\f\r<\0]))",
    re.ASCII,
)
# Tags of a body that change how the page is read on.
_TELLING = (
    "meta script style title textarea iframe xmp noembed noframes plaintext template frameset table svg math select"
)
_PLAIN_TAG = rf"[abdehlou][a-z0-9-]*+{_ENDED}{_REST}|{_any('p span img i strong section input nav source figure form main td tr', _ENDED + _REST)}|(?!{_any(_TELLING)}){_ANY_TAG}{_REST}"
# The tags of a drawing or a choice mean nothing to the page unless one ends it.
_APART = "|".join(
    rf"{_any(tag)}{_REST}(?:[^<]++|<(?:(?:{_any('title style', _ENDED + _REST)})[^<]*+</(?:{_any('title style', '>')})"
    rf"|/?+(?!{_any(tag + ' foreignobject desc ' + _TELLING)}){_ANY_TAG}{_REST}|{_COMMENT}))*+</{_word(tag)}>"
    for tag in ("svg", "select")
)
_BODY = re.compile(
    rf"(?:[^<]*+<(?:/(?!{_any('table')})(?:[a-z0-9]++>|{_ANY_TAG}{_REST})|{_PLAIN_TAG}|{_IDLE_META}|{_SCRIPT}|{_raw('style title textarea iframe noembed noframes xmp')}"
    rf"|{_APART}|{_ASIDE}|(?![a-zA-Z/!?])))*+[^<]*+"
    rf"(?:<(?:{_STATEMENT}|(?P<table>/?+{_any('table')}){_REST})|(?P<end>\Z))",
    re.ASCII,
)
_EACH = re.compile(rf"({_NAME})(?:{_SPACE}*+={_SPACE}*+({_VALUE})?+)?+")
_REFERENCE = re.compile(r"&(?:#([0-9]{2,7}+);|#[xX]([0-9a-fA-F]{2,6}+);|(#)|([a-zA-Z][a-zA-Z0-9]*+)([;=])?+)")


_LINKED_DATA = ' type="application/ld+json"'
_INNER_SCRIPT = re.compile(rf"<{_any('script')}", re.ASCII)
_ESCAPES = re.compile(rf"(?P<comment><!--(?!-*+>))|(?P<script><{_any('script')})|-->", re.ASCII)


class _UncertainError(ValueError):
    """A page is written as only a parser can read it."""


class _Statements:
    """The texts of JSON-LD scripts and the contents of meta tags by name, as they come."""

    def __init__(self) -> None:
        self.scripts = list[str]()
        self.metas = dict[str, str]()

    def fields(self) -> dict[str, str]:
        return stated(self.scripts, self.metas)

    def add(self, token: re.Match[str]) -> bool:
        """Add what a token states; whether it is one that may state something."""
        kind = token.lastgroup
        if kind == "content":
            if (name := token["name"].strip().lower()) in META_NAMES and (content := _read(token["content"]).strip()):
                self.metas.setdefault(name, content)
        elif kind == "said":
            self._add_meta(_attributes(token["said"]))
        elif kind == "text":
            self._add_script(token)
        else:
            return False
        return True

    def _add_meta(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
        if (name := _read(name).strip().lower()) not in META_NAMES:
            return
        if content := _read(attributes.get("content", "")).strip():
            self.metas.setdefault(name, content)

    def _add_script(self, token: re.Match[str]) -> None:
        if token["commented"] is not None and _goes_on(token["commented"]):
            raise _UncertainError
        typed = token["typed"]
        if typed.startswith(_LINKED_DATA) or _read(_attributes(typed).get("type", "")).lower() == "application/ld+json":
            self.scripts.append(_as_parsed(token["text"]))


def stated_in_page(html: str, longest: int | None = None) -> dict[str, str] | None:
    """Return the fields that `stated_metadata` returns of a page's tree, without one; the body is read only where the head says too little.

    None where only a parser can tell, or where more than the first `longest` characters would have to be read. The page is text as
    decoded, so without lone surrogates.
    """
    statements, end = _Statements(), len(html) if longest is None else min(longest, len(html))
    try:
        body = _read_head(html, end, statements)
        found = statements.fields()
        if not says_enough(found):
            _read_body(html, body, end, statements)
            found = statements.fields()
    except _UncertainError:
        return None
    return found


def _read_head(html: str, end: int, statements: _Statements) -> int:
    """Add what a page's head states and return where its body begins, at the latest at `end`."""
    at, after_head, in_noscript = 0, False, False
    while (token := _HEAD.match(html, at, end)) is not None:
        at, kind = token.end(), token.lastgroup
        if statements.add(token):
            continue
        opens = kind == "noscript" and token["noscript"][0] != "/"
        if kind == "noscript" and not (opens and after_head):
            in_noscript = opens
        elif kind in {"over", "closed"} and in_noscript:
            # A parser takes no notice of an end of head or body inside a noscript.
            break
        elif kind == "over":
            after_head = True
        else:
            return token.start(kind) - (kind != "words") if kind is not None else at
    raise _UncertainError


def _read_body(html: str, at: int, end: int, statements: _Statements) -> None:
    n_tables = 0
    while (token := _BODY.match(html, at, end)) is not None:
        at, kind = token.end(), token.lastgroup
        if kind == "end":
            if end == len(html):
                return
            break
        if kind == "table":
            n_tables = max(0, n_tables + (-1 if token["table"][0] == "/" else 1))
        elif statements.add(token) and n_tables:
            # What stands in a table, yet in none of its cells, is moved before it.
            break
    raise _UncertainError


def _goes_on(script: str) -> bool:
    """Whether the end tag behind this text closes a script inside a script's comment, not the script (13.2.5.27, "double escaped")."""
    inside, twice = False, False
    if _INNER_SCRIPT.search(script) is None:
        return False
    for mark in _ESCAPES.finditer(script):
        if mark.lastgroup == "comment":
            inside = True
        elif mark.lastgroup == "script":
            twice = inside
        else:
            inside = twice = False
    return twice


def _attributes(written: str) -> dict[str, str]:
    """Return a tag's attributes, the first of each name, with their references unread."""
    return {
        name.lower(): value[1:-1] if value[:1] in "\"'" else value for name, value in reversed(_EACH.findall(written))
    }


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
