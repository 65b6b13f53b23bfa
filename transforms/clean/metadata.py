"""What a page says of itself in its head: JSON-LD first, then OpenGraph and the older tags."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

_ARTICLE_TYPES = re.compile(
    r"(?:News|Opinion|Reportage|Analysis|Review|Background|AskPublic|Scholarly|Liveblog)?(?:Article|BlogPosting|Posting)\Z",
    re.IGNORECASE,
)
# Meta tags in order of trust; each field takes the first that is there.
_META = {
    "title": ("og:title", "twitter:title", "dc.title", "headline", "sailthru.title"),
    "published": ("article:published_time", "og:article:published_time", "datepublished", "date", "pubdate", "publishdate", "publish-date", "dc.date.issued", "dc.date", "dcterms.created",
                  "sailthru.date", "parsely-pub-date", "article.published", "cxenseparse:recs:publishtime", "rnews:datepublished", "originalpublicationdate"),
    "updated": ("article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified", "dcterms.modified", "article.updated"),
    "author": ("author", "article:author", "dc.creator", "sailthru.author", "parsely-author", "byl", "article:author_name", "dcterms.creator"),
    "source": ("og:site_name", "application-name", "dc.publisher", "publisher", "copyright"),
    "url": ("og:url",),
    "section": ("article:section", "og:article:section", "section", "parsely-section", "sailthru.section", "category"),
}  # fmt: skip
META_NAMES = frozenset(name for names in _META.values() for name in names)
# Where a page's markup states its date, the most telling first: HTML5 of old, microdata, RDFa, microformats, any clock.
_CLOCKS = (
    "time[pubdate][datetime]",
    '[itemprop="datePublished"]',
    '[property="schema:datePublished"]',
    "abbr.published[title], .published[title], time.entry-date[datetime], time.published[datetime], .entry-date",
    "article time[datetime]",
    "main time[datetime]",
    "time[datetime]",
)
# All that a page says of itself for machines, found in one search.
_HEAD = 'meta, script[type="application/ld+json"], link[rel="canonical"]'
_WANTED = frozenset({"title", "published", "source"})
_WRITERS = ('[rel="author"]', '[itemprop="author"]', ".byline, .author-name")
_ADDRESS = re.compile(r"^https?://", re.IGNORECASE)
# Characters of a day in ISO 8601.
_DAY = 10
_MAX_JSON_LD = 500_000


def page_metadata(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the fields url, title, published, updated, author, source, section of a page, as far as it states them.

    `clock` is a date that no metadata states but an element of the page: it may be another article's.
    """
    return _from_markup(tree, *_said(tree))


def stated_metadata(tree: LexborHTMLParser) -> dict[str, str]:
    """Return what `page_metadata` does of what the page says for machines alone: its elements are not searched."""
    return _said(tree)[1]


def _said(tree: LexborHTMLParser) -> tuple[list[LexborNode], dict[str, str]]:
    head = tree.head.css(_HEAD) if tree.head is not None else []
    found = stated(_scripts(head), _metas(head))
    if not says_enough(found) and tree.body is not None:
        # A search of the whole body costs more than all else here; most heads say enough.
        head += tree.body.css(_HEAD)
        found = stated(_scripts(head), _metas(head))
    return head, found


def says_enough(found: Mapping[str, str]) -> bool:
    """Whether what a head says leaves nothing to look for in the body."""
    return found.keys() >= _WANTED


def stated(scripts: Iterable[str], metas: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that the texts of JSON-LD scripts and the contents of meta tags, by name in small letters, state."""
    found: dict[str, str] = {}
    for item in _json_ld(scripts):
        if _is_article(item):
            found |= {name: value for name, value in _from_article(item).items() if value and name not in found}
    for field, names in _META.items():
        if field in found:
            continue
        value = next((metas[name] for name in names if metas.get(name)), None)
        if value and not (field == "author" and _ADDRESS.match(value)):
            found[field] = value
    return found


def stated_body(tree: LexborHTMLParser) -> str:
    """Return the longest articleBody of the page's JSON-LD, "" without one; publishers may cut it short or flatten it."""
    bodies = (_text(item.get("articleBody")) for item in _json_ld(_scripts(tree.css(_HEAD))) if _is_article(item))
    return max((body for body in bodies if body), key=len, default="")


def _from_markup(tree: LexborHTMLParser, head: Sequence[LexborNode], found: dict[str, str]) -> dict[str, str]:
    """Fill from the markup what the head left open; each search runs over the whole page, so none runs in vain."""
    link = next((node for node in head if node.tag == "link"), None)
    if link is not None and _ADDRESS.match(canonical := link.attributes.get("href") or ""):
        found["url"] = canonical
    if "title" not in found:
        texts = (
            " ".join(node.text().split()) for name in ("h1", "title") if (node := tree.css_first(name)) is not None
        )
        found |= {"title": title} if (title := next(filter(None, texts), "")) else {}
    if "published" not in found and (clock := _clock(tree)) is not None:
        found |= {"clock": value} if (value := (_stated_time(clock) or clock.text()).strip()) else {}
    if "author" not in found:
        marked = (tree.css_first(selector) for selector in _WRITERS)
        writer = next((node for node in marked if node is not None), None)
        if writer is not None and 0 < len(text := " ".join(writer.text().split())) <= 120:
            found["author"] = text
    return found


def _clock(tree: LexborHTMLParser) -> LexborNode | None:
    """The page's first clock of the most telling kind whose clocks all show one day: a list of teasers has many."""
    for selector in _CLOCKS:
        clocks = [clock for clock in tree.css(selector) if not _quoted(clock)]
        days = {(_stated_time(clock) or clock.text().strip())[:_DAY] for clock in clocks}
        if len(days) == 1:
            return clocks[0]
    return None


def _quoted(node: LexborNode) -> bool:
    parent = node.parent
    return parent is not None and (parent.tag == "blockquote" or (parent.tag == "p" and _quoted(parent)))


def _stated_time(clock: LexborNode) -> str | None:
    stated = (clock.attributes.get(name) for name in ("datetime", "content", "title"))
    return next((value.strip() for value in stated if value and value.strip()), None)


def _metas(head: Sequence[LexborNode]) -> dict[str, str]:
    metas: dict[str, str] = {}
    for node in head:
        if node.tag != "meta":
            continue
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = (attributes.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _scripts(head: Sequence[LexborNode]) -> Iterator[str]:
    return (node.text(deep=True) for node in head if node.tag == "script")


def _json_ld(scripts: Iterable[str]) -> Iterator[Mapping[str, object]]:
    for script in scripts:
        text = script.strip().removeprefix("<![CDATA[").removesuffix("]]>").rstrip(";")
        if not text or len(text) > _MAX_JSON_LD:
            continue
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            # Hand-written JSON-LD is often broken by raw newlines in strings; what stays broken after that says nothing.
            value = _loads_flattened(text)
        yield from _objects(value)


def _loads_flattened(text: str) -> object:
    try:
        return orjson.loads(re.sub(r"[\x00-\x1f]+", " ", text))
    except orjson.JSONDecodeError:
        return None


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, dict):
        yield value
        yield from _objects(value.get("@graph"))
        yield from _objects(value.get("mainEntity"))
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _is_article(item: Mapping[str, object]) -> bool:
    kinds = item.get("@type")
    return any(
        isinstance(kind, str) and _ARTICLE_TYPES.search(kind)
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _from_article(item: Mapping[str, object]) -> dict[str, str | None]:
    return {
        "title": _text(item.get("headline")) or _text(item.get("name")),
        "published": _text(item.get("datePublished")) or _text(item.get("dateCreated")),
        "updated": _text(item.get("dateModified")),
        "author": _names(item.get("author")) or _names(item.get("creator")),
        "source": _names(item.get("publisher")),
        "url": _text(item.get("url")),
        "section": _text(item.get("articleSection")),
    }


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    return _text(value[0]) if isinstance(value, list) and value else None


def _names(value: object) -> str | None:
    if isinstance(value, dict):
        return _text(value.get("name"))
    if isinstance(value, list):
        return "; ".join(name for item in value if (name := _names(item))) or None
    return _text(value)
