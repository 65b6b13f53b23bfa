"""What a page's head states, read without the rest of the page: what the whole page's tree would say, or nothing.

The parser itself is the judge of where the head ends. What stands before a "<body" is parsed with a tag of our own behind it; where
the tree's body bears its mark, the parser was between tags there, whatever comments, scripts and quotes it had passed, and the
body has begun: nothing that comes later is added to the head.
"""

import re
from itertools import islice

from selectolax.lexbor import LexborHTMLParser

from transforms.clean.metadata import stated_by

_BODY = re.compile(r"<[bB][oO][dD][yY](?=[\t\n\f\r />])")
_MARK = "newsfold-begins-here"
# Old browsers were given a body of their own, in a comment before it.
_TRIES = 3


def stated_in_head(html: str, longest: int | None = None) -> dict[str, str] | None:
    """Return the fields that `stated_metadata` returns of a page's tree, from what stands before its body.

    None where its head does not say enough (title, published, source) for the body to be left unread, or where none of the first
    `longest` characters begins a body.
    """
    for found in islice(_BODY.finditer(html, 0, len(html) if longest is None else longest), _TRIES):
        tree = LexborHTMLParser(f"{html[: found.start()]}<body {_MARK}>")
        if tree.head is not None and tree.body is not None and _MARK in tree.body.attributes:
            return stated_by(tree.head)
    return None
