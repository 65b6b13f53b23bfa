"""How many independent tellings a story has: an estimate, which can err both ways.

Articles of a story are of one origin when they are of one text group, of one known publisher family, or of one originator:
the outlet or agency credited for the whole report, else the article's own source; and when a chain of these connects them.
"""

from collections.abc import Iterable

import pyarrow as pa

from transforms.text import content_hash

ORIGINS = pa.schema([("article_id", pa.string()), ("origin_id", pa.string())])
UNKNOWN = "src_unknown"

_COLUMNS = ("article_id", "story_id", "text_group_id", "source_id", "family_id", "originator_source_id")
# A thing that articles have in common: its kind, its story, its id.
_Bond = tuple[str, str, str]


def origins(articles: pa.Table) -> pa.Table:
    """Return article_id, origin_id, one row an article, sorted by article.

    `articles`: article_id, story_id, text_group_id, source_id and family_id (NULL or `src_unknown` where not known),
    originator_source_id (the outlet or agency credited for the whole report; nullable). `origin_id` is `o_` + a hash of the
    smallest text group in the origin, whatever the story is called.
    """
    rows = sorted(zip(*(articles[name].to_pylist() for name in _COLUMNS), strict=True))
    root: dict[_Bond, _Bond] = {}
    for _, story, group, *credit in rows:
        own = ("group", story, group)
        root.setdefault(own, own)
        for kind, bond in _shared(*credit):
            _tie(root, own, (kind, story, bond))
    smallest: dict[_Bond, str] = {}
    groups: dict[str, _Bond] = {article: ("group", story, group) for article, story, group, *_ in rows}
    for own in groups.values():
        top = _top(root, own)
        smallest[top] = min(smallest.get(top, own[2]), own[2])
    ids = [content_hash("o_", smallest[_top(root, own)]) for own in groups.values()]
    return pa.table([list(groups), ids], schema=ORIGINS)


def _shared(source: str | None, family: str | None, originator: str | None) -> Iterable[tuple[str, str]]:
    """Yield what ties an article to others of its story, besides its wording."""
    known = source if source != UNKNOWN else None
    if known and family and family != UNKNOWN:
        yield "family", family
    if credited := (originator if originator and originator != UNKNOWN else known):
        yield "originator", credited


def _tie(root: dict[_Bond, _Bond], a: _Bond, b: _Bond) -> None:
    root.setdefault(b, b)
    low, high = sorted((_top(root, a), _top(root, b)))
    root[high] = low


def _top(root: dict[_Bond, _Bond], bond: _Bond) -> _Bond:
    while root[bond] != bond:
        root[bond] = root[root[bond]]
        bond = root[bond]
    return bond
