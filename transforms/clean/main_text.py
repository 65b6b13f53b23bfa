"""The article's text among a page's blocks: the box with the most running text, what is built like it, and what leads into it.

Method: Arc90's readability score (text counts fully for the box around it, half for the next, a quarter for the third), with the
page's title as evidence of where the article begins and boxes of the same make as its continuation.
"""

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser

from transforms.clean.blocks import HEADINGS, Block, Box, Layout, ends_sentence, layout, may_be_text

_NAMED_BODY = re.compile(
    r"(?:article|story|post|entry|content|page|news|main)[-_]*(?:body|text|content|copy|detail)|articlebody|storytext|body-?(?:copy|text|content)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
# The share of a paragraph that counts for the boxes around it, from the nearest outwards (readability).
_DECAY = (1.0, 0.5, 0.25, 0.125)
_WRAPS_TEXT = frozenset({"p", "li", "blockquote", "pre", "h2", "h3", "td", "dd"})
_WRAPS_ITEMS = frozenset({"ul", "ol", "table", "tbody", "tr"})
_CELLS = frozenset({"li", "td", "th", "dd", "dt"})
# How much more a box is believed that says it is the body, has a telling name, or begins right under the page's title.
_SAYS_BODY, _NAMED, _UNDER_TITLE = 1.4, 1.2, 1.5
# More of its text in links than this, and a box is a list of pointers.
_POINTERS = 0.3
_LINKED_LINE = 0.5
_LINKED_ITEM = 0.6
_ITEM_CHARACTERS = 80
# The box around the article may hold a standfirst, but not another article.
_AROUND = 1.25


def main_text(tree: LexborHTMLParser) -> str:
    """Return the main text of a page, a block a line, "" where it has none."""
    found = layout(tree)
    prose = _prose(found)
    if not prose:
        return ""
    region = _region(found, prose, tree)
    for box in (region, *_continuations(found, region)):
        box.chosen = True
    for box in found.boxes:
        box.chosen = box.chosen or (box.up is not None and box.up.chosen)
    lines = _kept(found, _around(found, region))
    while lines and lines[-1].tag in HEADINGS:
        lines.pop()
    return "\n".join(block.text for block in lines)


def _prose(found: Layout) -> list[Block]:
    """The paragraphs outside asides; without any, those inside or all that is no link, whichever is more."""
    outside = [block for block in found.blocks if block.prose and not block.aside]
    if outside:
        return outside
    unlinked = [block for block in found.blocks if not block.aside and block.linked < _LINKED_LINE * block.size]
    inside = [block for block in found.blocks if block.prose and may_be_text(block.box)]
    if sum(block.size for block in unlinked) >= sum(block.size for block in inside):
        return unlinked
    for block in found.blocks:
        block.aside = block.aside and not may_be_text(block.box)
    return inside


def _region(found: Layout, prose: Sequence[Block], tree: LexborHTMLParser) -> Box:
    scored: list[Box] = []
    for block in prose:
        weight = block.size - block.linked
        for box, share in zip(_around_text(block), _DECAY, strict=False):
            if not box.score:
                scored.append(box)
            box.score += share * weight
    lead = _under_title(found, tree)
    leading = set(map(id, _outwards(lead.box))) if lead is not None else set()

    def belief(box: Box) -> float:
        named = _SAYS_BODY if box.is_body else _NAMED if box.tag == "article" or _NAMED_BODY.search(box.names) else 1.0
        return box.score * named * (_UNDER_TITLE if id(box) in leading else 1.0)

    return max(scored, key=belief)


def _outwards(box: Box | None) -> Iterator[Box]:
    while box is not None:
        yield box
        box = box.up


def _around_text(block: Block) -> Iterator[Box]:
    """The boxes around a paragraph, its own element and the list it may stand in left out."""
    box: Box = block.box
    if box.tag in _WRAPS_TEXT and box.up is not None:
        box = box.up
    if box.tag in _WRAPS_ITEMS and box.up is not None:
        box = box.up
    return _outwards(box)


def _under_title(found: Layout, tree: LexborHTMLParser) -> Block | None:
    """The first paragraph under a heading that says the page's title."""
    meta, title = tree.css_first('meta[property="og:title"]'), tree.css_first("title")
    said = (meta.attributes.get("content") if meta is not None else None) or (title.text() if title is not None else "")
    wanted = set(_WORD.findall((said or "").lower()))
    under = False
    for block in found.blocks:
        if block.aside:
            continue
        if block.tag in HEADINGS and _says(block.text, wanted):
            under = True
        elif under and block.prose:
            return block
    return None


def _says(heading: str, wanted: set[str]) -> bool:
    """Whether a heading has most words of the title (which may carry the site's name) and few others."""
    has = set(_WORD.findall(heading.lower()))
    shared = len(has & wanted)
    return len(has) >= 2 and shared >= 0.7 * min(len(has), len(wanted)) and shared >= 0.5 * len(has)


def _continuations(found: Layout, region: Box) -> list[Box]:
    """The boxes of the same make as the region, in the same article and between the same two first-level headings."""
    made = next((box for box in _outwards(region) if box.make and box.prose == region.prose), None)
    if made is None:
        return []
    alike: list[Box] = []
    passed = False
    for block in found.blocks:
        if block.aside:
            continue
        if block.tag == "h1":
            if passed:
                break
            alike.clear()
            continue
        for box in _outwards(block.box):
            if box is made:
                passed = True
                break
            if (box.tag, box.make, box.article) == (made.tag, made.make, made.article):
                if box.linked < _POINTERS * box.characters:
                    alike.append(box)
                break
    return alike


def _around(found: Layout, region: Box) -> Box:
    """The largest box that holds hardly more running text than was chosen."""
    for box in found.boxes:
        box.score = 0
    for block in found.blocks:
        if block.prose and not block.aside:
            block.box.score += block.size
    for box in reversed(found.boxes):
        if box.up is not None:
            box.up.score += box.score
    chosen = sum(block.size for block in found.blocks if block.prose and not block.aside and block.box.chosen)
    around = region
    for box in _outwards(region.up):
        if box.up is not None and box.score <= _AROUND * chosen:
            around = box
    return around


def _kept(found: Layout, around: Box) -> list[Block]:
    blocks = [block for block in found.blocks if not block.aside]
    last = max((i for i, block in enumerate(blocks) if block.prose and block.box.chosen), default=-1)
    within: dict[int, bool] = {}
    for box in found.boxes:
        within[id(box)] = box is around or (box.up is not None and within[id(box.up)])
    return [
        block
        for i, block in enumerate(blocks)
        if (block.box.chosen and _belongs(block)) or (block.prose and i < last and within[id(block.box)])
    ]


def _belongs(block: Block) -> bool:
    if block.prose:
        return True
    if block.tag == "h1":
        return False
    share = block.linked / block.size
    if block.tag in _CELLS:
        said = block.size >= _ITEM_CHARACTERS and ends_sentence(block.text)
        return share < (_LINKED_ITEM if said else _POINTERS)
    return share < _LINKED_LINE
