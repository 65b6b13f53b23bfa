"""A page as blocks of text in boxes: what stands between two block tags is one block, and every element around it is a box."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Elements that hold no prose of the page.
_SKIPPED = frozenset(
    {"script", "style", "noscript", "iframe", "svg", "button", "select", "template", "video", "audio", "object", "canvas"}
    | {"textarea", "input", "map", "figure", "dialog", "option", "label", "embed", "picture", "img", "math", "head"}
)  # fmt: skip
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd"}
    | {"mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)  # fmt: skip
_ASIDE_TAGS = frozenset({"nav", "footer", "aside", "form", "menu"})
_NEVER_ASIDE = frozenset({"body", "html", "main", "article"})
# Words of class names and ids by which pages call what is not the article: the vocabulary of readability and of the big publishing systems.
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|disqus|respond|related\w*|recommend\w*|recirc\w*|promo\w*|share|sharing|social\w*|newsletter\w*"
    r"|subscri\w+|sign-?up|sidebar|breadcrumbs?|footer|nav|navbar|navigation|menu|masthead|advert\w*|ads?|sponsor\w*|outbrain|taboola|widget"
    r"|popular|trending|most-?read|read-?more|readmore|also|tags|tag-?(?:list|cloud)s?|topics|byline|author|bio|credits?|caption|copyright|cookie\w*|consent"
    r"|gdpr|modal|popup|overlay|banner|toolbar|tooltip|teaser\w*|pagination|pager|rating|login|print|screen-?reader\w*|sr-only"
    r"|visually-?hidden|skip|meta|dateline|timestamp|gallery|slideshow|carousel|thumbnails?|infobox|disclaimer|donat\w*|paywall|legal|feedback"
    r"|poll|quiz|search|cta|kicker)(?=$|[\s_-])|(?:^|\s)(?:is-)?hidden(?=$|\s)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ENDS_SENTENCE = re.compile(r"[.!?。！？…।؟][\"'”’)\]]*\s*\Z")
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# A paragraph of running text: a sentence's length, or two of them where none ends; mostly not links.
_SENTENCE_CHARACTERS = 60
_PARAGRAPH_CHARACTERS = 140
_LINKED = 0.35
# Scripts without blanks between words say in one character what others say in two or three.
_DENSE = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DENSE_WEIGHT = 2.5
# A name of asides that holds half of the page's prose says nothing of the place ("paywall", "gallery"); readers may write more than the
# newsroom, so what is called theirs must hold nearly all; a consent wall is never the text, however long.
_WRAPPER_SHARE, _READERS_SHARE = 0.5, 0.9
_READERS = re.compile(r"comment|disqus|respond|related|recommend|recirc|newsletter|subscri|sign|login|modal|popup")
_CONSENT = re.compile(r"cookie|consent|gdpr")


@dataclass(slots=True, eq=False)
class Box:
    """An element around text; `prose` and `linked` count characters below it (prose: those of running text, weighed by script).

    `make` is its class with digits masked, `aside` the tag or the word of its names that speaks for an aside, "" without one.
    """

    up: "Box | None"
    tag: str
    names: str
    make: str
    aside: str
    is_body: bool
    article: "Box | None"
    characters: float = 0
    prose: float = 0
    linked: float = 0
    score: float = 0
    beside: bool = False
    chosen: bool = False
    held: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Block:
    """A run of text without a block tag inside; `prose` says that it reads as a paragraph, `aside` that its place is beside the article."""

    text: str
    tag: str
    box: Box
    size: float
    linked: float
    prose: bool
    aside: bool = False


@dataclass(slots=True)
class Layout:
    """The blocks and boxes of a page, each in the order of the page (a box before those in it)."""

    blocks: list[Block] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)


def layout(tree: LexborHTMLParser) -> Layout:
    """Return the blocks and boxes of a page's body; linear in the number of its nodes, whatever their depth."""
    found = Layout()
    if tree.body is not None:
        _walk(tree.body, found)
        _weigh(found)
    return found


def _walk(body: LexborNode, found: Layout) -> None:
    box = Box(None, "body", "", "", "", is_body=False, article=None)
    found.boxes.append(box)
    pieces: list[str] = []
    linked = 0
    in_link = False
    node = body.child
    # (node to go on with, its box, whether it is in a link) for each element that is open.
    waiting: list[tuple[LexborNode | None, Box, bool]] = []
    while node is not None or waiting:
        if node is None:
            node, outer, in_link = waiting.pop()
            if outer is not box:
                linked = _close(pieces, linked, box, found)
                box = outer
            continue
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            if not text.isspace():
                pieces.append(text)
                linked += len(text.strip()) if in_link else 0
            elif pieces:
                pieces.append(" ")
        elif tag == "br":
            pieces.append("\0")
        elif tag in _INLINE:
            waiting.append((node.next, box, in_link))
            node, in_link = node.child, in_link or tag == "a"
            continue
        elif tag and tag[0] != "-" and tag not in _SKIPPED:
            inner = _box(node, tag, box)
            if inner is not None:
                linked = _close(pieces, linked, box, found)
                found.boxes.append(inner)
                waiting.append((node.next, box, in_link))
                node, box = node.child, inner
                continue
        node = node.next
    _close(pieces, linked, box, found)


def _box(node: LexborNode, tag: str, outer: Box) -> Box | None:
    """Return the box of an element, None for one that is not shown."""
    attributes = node.attributes
    aside = tag if tag in _ASIDE_TAGS else ""
    if not attributes:
        return Box(outer, tag, "", "", aside, is_body=False, article=outer.article)
    if "hidden" in attributes or "display:none" in (attributes.get("style") or "").replace(" ", "").lower():
        return None
    made = attributes.get("class") or ""
    names = f"{made} {attributes.get('id') or ''}".strip()
    if not aside and names and tag not in _NEVER_ASIDE:
        aside = _aside_word(names)
    is_body = attributes.get("itemprop") == "articleBody"
    box = Box(outer, tag, names, _DIGITS.sub("0", made), "" if is_body else aside, is_body, outer.article)
    if tag == "article":
        box.article = box
    return box


@lru_cache(maxsize=50_000)
def _aside_word(names: str) -> str:
    """Return the first word of an element's names that speaks for an aside, "" without one."""
    found = _ASIDE.search(names if names.islower() else _CAMEL.sub("-", names))
    return found.group().strip(" _-\t\n\r\f").lower() if found is not None else ""


def _close(pieces: list[str], linked: int, box: Box, found: Layout) -> int:
    """End a block; returns the number of linked characters of the next, 0."""
    if pieces:
        joined = "".join(pieces)
        pieces.clear()
        if "\0" in joined:
            text = "\n".join(line for part in joined.split("\0") if (line := " ".join(part.split())))
        else:
            text = " ".join(joined.split())
        if text:
            share = min(1.0, linked / len(text))
            size = len(text) if text.isascii() else len(text) + _DENSE_WEIGHT * len(_DENSE.findall(text))
            prose = _is_prose(text, size, share, box.tag)
            found.blocks.append(Block(text, box.tag, box, size, share * size, prose))
    return 0


def _is_prose(text: str, size: float, linked_share: float, tag: str) -> bool:
    if tag in HEADINGS or size < _SENTENCE_CHARACTERS or linked_share >= _LINKED:
        return False
    return size >= _PARAGRAPH_CHARACTERS or ends_sentence(text)


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return _ENDS_SENTENCE.search(text, max(0, len(text) - 8)) is not None


def _weigh(found: Layout) -> None:
    """Sum sizes from the inner boxes outwards, then mark from the outside inwards what lies in an aside."""
    for block in found.blocks:
        block.box.characters += block.size
        block.box.linked += block.linked
        block.box.prose += block.size if block.prose else 0
    for box in reversed(found.boxes):
        if box.up is not None:
            box.up.characters += box.characters
            box.up.linked += box.linked
            box.up.prose += box.prose
    asides = _asides(found)
    for box in found.boxes:
        box.beside = box.aside in asides or (box.up is not None and box.up.beside)
    for block in found.blocks:
        block.aside = block.box.beside


def _asides(found: Layout) -> set[str]:
    """The tags and words that mark asides on this page: those under which less than half of its running text lies."""
    held: dict[str, float] = {}
    for box in found.boxes:
        box.held = frozenset() if box.up is None else box.up.held
        if box.aside and box.aside not in box.held:
            box.held |= {box.aside}
            held[box.aside] = held.get(box.aside, 0) + box.prose
    whole = found.boxes[0].prose
    return {
        word
        for word, prose in held.items()
        if not 0 < (_READERS_SHARE if _READERS.match(word) else _WRAPPER_SHARE) * whole <= prose or _CONSENT.match(word)
    }


def may_be_text(box: Box) -> bool:
    """Whether what lies in an aside could still be the page's text: nothing around it is a consent wall, an entry form or the readers' place."""
    return not any(_READERS.match(word) or _CONSENT.match(word) for word in box.held)
