"""What a page says of itself in its head: JSON-LD first, then OpenGraph and the older tags."""

import re
from collections.abc import Iterator, Mapping

import orjson
from selectolax.lexbor import LexborHTMLParser

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
}  # fmt: skip
_ADDRESS = re.compile(r"^https?://", re.IGNORECASE)
_MAX_JSON_LD = 500_000


def page_metadata(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the fields url, title, published, updated, author, source of a page, as far as it states them."""
    found: dict[str, str] = {}
    for item in _json_ld(tree):
        if _is_article(item):
            found |= {name: value for name, value in _from_article(item).items() if value and name not in found}
    metas = _metas(tree)
    for field, names in _META.items():
        value = next((metas[name] for name in names if metas.get(name)), None)
        if value and not (field == "author" and _ADDRESS.match(value)):
            found.setdefault(field, value)
    return _from_markup(tree, found)


def stated_body(tree: LexborHTMLParser) -> str:
    """Return the longest articleBody of the page's JSON-LD, "" without one; publishers may cut it short or flatten it."""
    bodies = (_text(item.get("articleBody")) for item in _json_ld(tree) if _is_article(item))
    return max((body for body in bodies if body), key=len, default="")


def _from_markup(tree: LexborHTMLParser, found: dict[str, str]) -> dict[str, str]:
    link = tree.css_first('link[rel="canonical"]')
    if link is not None and _ADDRESS.match(canonical := link.attributes.get("href") or ""):
        found["url"] = canonical
    heading, title = tree.css_first("h1"), tree.css_first("title")
    for node in (heading, title):
        if "title" not in found and node is not None and (text := " ".join(node.text().split())):
            found["title"] = text
    clock = (
        tree.css_first("time[pubdate][datetime]")
        or tree.css_first('[itemprop="datePublished"]')
        or tree.css_first("time[datetime]")
    )
    if "published" not in found and clock is not None:
        value = clock.attributes.get("datetime") or clock.attributes.get("content") or clock.text()
        found |= {"published": value.strip()} if value.strip() else {}
    writer = (
        tree.css_first('[rel="author"]')
        or tree.css_first('[itemprop="author"]')
        or tree.css_first(".byline, .author-name")
    )
    if "author" not in found and writer is not None and 0 < len(text := " ".join(writer.text().split())) <= 120:
        found["author"] = text
    return found


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    metas: dict[str, str] = {}
    for node in tree.css("meta"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = (attributes.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.strip().lower(), content)
    return metas


def _json_ld(tree: LexborHTMLParser) -> Iterator[Mapping[str, object]]:
    for node in tree.css('script[type="application/ld+json"]'):
        text = node.text(deep=True).strip().removeprefix("<![CDATA[").removesuffix("]]>").rstrip(";")
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
