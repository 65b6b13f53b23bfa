"""XML as it comes from strangers: cut into the elements that are records, each parsed alone, so that a broken one costs itself.

No document type is ever acted upon: entities of one's own are refused before anything is parsed, and nothing outside the document is looked up.
"""

import html
import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from transforms.read.decode import decode
from transforms.read.lines import Line
from transforms.read.refuse import Damaged
from transforms.read.source import HEAD

_ENTITY_DECLARATION = re.compile(rb"<!ENTITY\b", re.IGNORECASE)
_ROOT = re.compile(rb"<(?![?!])([A-Za-z_][\w.:-]*)([^>]*)>", re.DOTALL)
_PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*", re.DOTALL)
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]{2,40})")
_NAMESPACE = re.compile(rb"\bxmlns(?::[\w.-]+)?\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')")
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_REFERENCE = re.compile(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};)?")
_XML_ENTITIES = {"amp;", "lt;", "gt;", "quot;", "apos;"}
# Characters that XML 1.0 does not allow, and references to them.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Prologue:
    """What stands before the first record: the root element's name and namespaces, and the declared encoding."""

    def __init__(self, head: bytes) -> None:
        """Read the head of a document. Raises Damaged (xml_entities) where it declares entities, (bad_xml) where it has no root."""
        before = _PROLOGUE.match(head)
        if _ENTITY_DECLARATION.search(head):
            raise Damaged("xml_entities", "the document declares entities of its own; none are expanded")
        root = _ROOT.match(head, before.end() if before else 0)
        if root is None:
            raise Damaged("bad_xml", "no root element in the first bytes")
        declared = _ENCODING.search(head[:400])
        self.encoding = declared.group(1).decode("ascii") if declared else None
        self.name = root.group(1).rpartition(b":")[2].decode("ascii", "replace")
        self.root = root.group(0)
        self.namespaces = b" ".join(dict.fromkeys(_NAMESPACE.findall(root.group(2))))


def cut(chunks: Iterable[bytes], names: Iterable[str], limit: int) -> Iterator[tuple[Line, bool]]:
    """Yield (element, whole) for each outermost element of these local names; the data of one over the limit is None.

    What looks like a tag inside CDATA and comments is none. An element that the document ends in is not whole.
    """
    mark = re.compile(
        rb"<!\[CDATA\[|<!--|<(/?)(?:[\w.-]+:)?(?:"
        + b"|".join(re.escape(n.encode()) for n in names)
        + rb")(?=[\s/>])([^>]*)>"
    )
    buffer, base, position, depth = b"", 0, 0, 0
    start: int | None = None
    closing: bytes | None = None
    head = b""
    for chunk in chunks:
        buffer += chunk
        while True:
            if closing is not None:
                found_at = buffer.find(closing, position - base)
                if found_at < 0:
                    position = max(position, base + len(buffer) - len(closing) + 1)
                    break
                position, closing = base + found_at + len(closing), None
            match = mark.search(buffer, position - base)
            if match is None:
                # A tag may be cut by the end of the chunk; one of more than a head is none.
                last = buffer.rfind(b"<", max(position - base, len(buffer) - HEAD))
                position = base + (last if last >= 0 else len(buffer))
                break
            position = base + match.end()
            if match.group(0) in (b"<![CDATA[", b"<!--"):
                closing = b"]]>" if match.group(0).startswith(b"<![") else b"-->"
                continue
            opens = not match.group(1)
            if opens and start is None:
                start, head = base + match.start(), b""
            if opens and not match.group(2).endswith(b"/"):
                depth += 1
            elif not opens:
                depth = max(0, depth - 1)
            if depth == 0 and start is not None:
                held = start >= base and position - start <= limit
                data = buffer[start - base : position - base] if held else None
                yield Line(start, position, data, head or (data or buffer)[:800]), True
                start = None
        keep = position if start is None else start
        if start is not None and position - start > limit:
            head = head or buffer[max(0, start - base) :][:800]
            keep = position
        if keep > base:
            buffer, base = buffer[keep - base :], keep
    if start is not None:
        held = start >= base
        yield Line(start, base + len(buffer), buffer[start - base :] if held else None, head or buffer[:800]), False


def parse(data: bytes, prologue: Prologue) -> tuple[ElementTree.Element, str | None]:
    """Return one element and how its bytes were decoded where they were not UTF-8; what browsers forgive is mended where it has to be.

    Raises Damaged (bad_xml).
    """
    text, note = decode(data, prologue.encoding)
    opening = "<r " + prologue.namespaces.decode("utf-8", "replace") + ">"
    try:
        return ElementTree.fromstring(opening + text + "</r>")[0], note
    except (ElementTree.ParseError, ValueError, IndexError):
        text = _repaired(text)
    try:
        return ElementTree.fromstring(opening + text + "</r>")[0], note
    except (ElementTree.ParseError, ValueError, IndexError) as error:
        raise Damaged("bad_xml", f"not well-formed: {error}") from error


def _repaired(text: str) -> str:
    """Resolve the entities of HTML and escape what is none, outside of CDATA; drop what XML does not allow."""
    parts = _CDATA.split(_ILLEGAL.sub("\ufffd", text))
    return "".join(part if part.startswith("<![CDATA[") else _REFERENCE.sub(_resolved, part) for part in parts)


def _resolved(match: re.Match[str]) -> str:
    name = match.group(1)
    if name is None:
        return "&amp;"
    if name in _XML_ENTITIES:
        return match.group(0)
    character = html.unescape(match.group(0))
    if character == match.group(0) or _ILLEGAL.search(character):
        return "&amp;" + match.group(0)[1:]
    return html.escape(character)


def local(element: ElementTree.Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: ElementTree.Element) -> str:
    """Return the text of an element and of all within, without its markup."""
    return "".join(element.itertext())


def markup_of(element: ElementTree.Element) -> str:
    """Return what is inside an element as markup without namespaces: an XHTML or NITF body as a page's parser expects it."""
    out: list[str] = [html.escape(element.text or "", quote=False)]
    # An explicit stack: nesting is as deep as a stranger likes.
    stack: list[ElementTree.Element | str] = list(reversed(element))
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            out.append(each)
            continue
        name = local(each)
        out.append(f"<{name}>{html.escape(each.text or '', quote=False)}")
        stack.append(f"</{name}>{html.escape(each.tail or '', quote=False)}")
        stack.extend(reversed(each))
    return "".join(out)
