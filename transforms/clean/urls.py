"""Addresses: one form for the many addresses of one article, and the carriers that are never its publisher."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

# Feed proxies, shorteners, social redirects, caches: they carry articles of others.
TRANSPORT_HOSTS = frozenset(
    {
        "feedproxy.google.com", "feeds.feedburner.com", "feedburner.com", "rss.feedsportal.com", "ift.tt", "t.co",
        "bit.ly", "bitly.com", "tinyurl.com", "goo.gl", "ow.ly", "buff.ly", "dlvr.it", "fb.me", "lnkd.in", "is.gd",
        "trib.al", "shar.es", "j.mp", "flip.it", "flipboard.com", "pocket.co", "getpocket.com", "news.google.com",
        "google.com", "l.facebook.com", "lm.facebook.com", "facebook.com", "m.facebook.com", "twitter.com",
        "mobile.twitter.com", "x.com", "linkedin.com", "reddit.com", "t.me", "telegram.me", "out.reddit.com",
        "web.archive.org", "archive.org", "archive.is", "archive.ph", "archive.today",
        "webcache.googleusercontent.com", "cdn.ampproject.org", "apple.news", "smartnews.com", "newsbreak.com",
        "headtopics.com", "feedly.com", "inoreader.com", "theoldreader.com", "rssfeeds.com", "plus.google.com",
        "youtu.be", "bing.com", "translate.google.com", "12ft.io", "r.jina.ai", "outline.com", "archive.md", "archive.vn",
        "archive.li", "archive.fo", "smartnews.link", "safelinks.protection.outlook.com", "translate.goog", "cdn.ampproject.net",
        "bing-amp.com", "ghostarchive.org", "perma.cc", "wayback.archive-it.org", "link.newsbreak.com", "upday.com",
        "ground.news", "feedburner.google.com", "sendgrid.net", "list-manage.com", "urldefense.com", "urldefense.proofpoint.com"
    }
)  # fmt: skip
# Parameters that say how a reader came, never what is read.
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|wt\.\w+|at_\w+|ncid|ocid|cmpid?|cmp|smid|smprod|smtyp|smvar|tblci|"
    r"ref|ref_?src|ref_?url|referrer|referer|src|source|sref|via|share\w*|sh|xtor|ito|icid|iref|intcid|partner|emc|nl|te|feedtype|feedname|"
    r"rss|ftag|ftcamp|ns_\w+|soc_\w+|tw_\w+|fb_\w+|spm|mkt_tok|_r|hp|hpid|action|pgtype|clicksource|module|region|mod|campaign_?\w*|"
    r"amp|amp_\w+|outputtype|usqp|cn-reloaded|guccounter|guce_\w+|print|pagewanted|_ga|hsCtaTracking|trk|taid|sr_share|__twitter_impression)\Z",
    re.IGNORECASE,
)
_DEVICE = re.compile(r"^(?:www\d?|m|mobile|amp|touch|wap)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(
    r"/amp(?:html)?(?=/|$)|(?<=/)amp_(?=articleshow/)|/lite(?=/?$)|(?<=[\w-])[.-]amp(?=\.html?$|$)|\.amp(?=\.html?$)",
    re.IGNORECASE,
)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
# An address inside a carrier's own path: archives with their date before it, readers and proxies without.
_IN_PATH = re.compile(
    r"^/(?:\w+/){0,2}?(?:[\d.-]{4,24}(?:[a-z]{2}_)?/)?(?:v3/__)?(https?:/{1,2}.+?)(?:__;.*)?$", re.IGNORECASE
)
_ARCHIVED_BARE = re.compile(r"^/web/\d{4,14}(?:[a-z]{2}_)?/((?:[\w-]+\.)+[a-z]{2,}/.*)$", re.IGNORECASE)
_AMP_VIEWER = re.compile(r"^/amp/(s/)?(.+)$")
_CACHED = re.compile(r"^cache:(?:[\w-]{4,20}:)?((?:https?://)?[^\s+]+)", re.IGNORECASE)
# Google Translate's proxy writes the dots of a host as hyphens and its hyphens twice.
_TRANSLATED = ".translate.goog"
# An address as most are written: nothing in it to decode, unfold or drop but a label, an AMP mark, an index page and a final slash.
_SIMPLE = re.compile(
    r"https?://(?P<host>(?:www\.)?+(?P<bare>[a-z0-9-]++(?:\.[a-z0-9-]++)++))(?P<path>(?:/[A-Za-z0-9:@!$&'()*+,;=._~-]++)*+/?+)",
    re.ASCII,
)
_HAS_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_BARE = re.compile(r"^(?:[\w-]+\.)+[a-z]{2,}(?:[/?]|$)", re.IGNORECASE)
# Carriers that give each newsroom, region or reader a host of its own.
_CARRIERS_BELOW = (
    ".cdn.ampproject.org",
    _TRANSLATED,
    ".safelinks.protection.outlook.com",
    ".list-manage.com",
    ".sendgrid.net",
    ".smartnews.link",
)
# RFC 1035, 2.3.4: 255 octets, of which a name written with dots has 253.
_LONGEST_HOST = 253
_REDIRECT_KEYS = ("u", "url", "q", "target")


@dataclass(frozen=True, slots=True)
class Address:
    """An article's address: its normal form (None where there is no usable address), its host, and the carrier's host if any."""

    normal: str | None
    host: str | None
    transport_host: str | None


NOWHERE = Address(None, None, None)


def address(url: str | None) -> Address:
    """Return the normal form of an http address: https, no www or device label, no port, tracking, fragment, AMP mark or final slash.

    A redirect or archive that holds the article's own address gives that one. `host` is None where only a carrier is known. What has a
    longer host than there can be is no address.
    """
    if url is not None and (simple := _SIMPLE.fullmatch(url)) is not None and not is_carrier(simple["bare"]):
        host, path = simple["host"], _INDEX.sub("", _AMP_PATH.sub("", simple["path"]))
        if len(host) > _LONGEST_HOST:
            return NOWHERE
        return Address(f"https://{_DEVICE.sub('', host)}{path.rstrip('/')}", host, None)
    carrier: str | None = None
    while url is not None:
        parts = _split(url)
        if parts is None:
            return Address(None, None, carrier)
        host, path, query = parts
        inner = _inner(host, path, query)
        if inner is None:
            normal = f"https://{_DEVICE.sub('', host)}{_path(path)}{_query(query)}"
            return Address(normal, None, host) if is_carrier(host) else Address(normal, host, carrier)
        carrier, url = carrier or host, inner
    return NOWHERE


def _split(url: str) -> tuple[str, str, str] | None:
    text = re.sub(r"[\x00-\x20\x7f]+", "", url)
    if text.startswith("//"):
        text = f"https:{text}"
    if not _HAS_SCHEME.match(text) and _BARE.match(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or "." not in host or len(host) > _LONGEST_HOST:
        return None
    return host.removeprefix("www.") if host.removeprefix("www.") in TRANSPORT_HOSTS else host, parts.path, parts.query


def _inner(host: str, path: str, query: str) -> str | None:
    """The address inside a redirect, an archive or an AMP cache, if it stands there."""
    if not is_carrier(host):
        return None
    if host.endswith(_TRANSLATED):
        plain = host.removesuffix(_TRANSLATED).replace("--", "\0").replace("-", ".").replace("\0", "-")
        return f"https://{plain}{path}?{urlencode([(k, v) for k, v in parse_qsl(query) if not k.startswith('_x_tr_')])}"
    if (inside := _IN_PATH.match(path)) is not None:
        return re.sub(r"^(https?:)/+", r"\1//", inside.group(1)) + (f"?{query}" if query else "")
    if (bare := _ARCHIVED_BARE.match(path)) is not None:
        return f"https://{bare.group(1)}" + (f"?{query}" if query else "")
    if host.endswith("ampproject.org") and (cached := re.match(r"^/[cv]/(?:s/)?(.+)$", path)) is not None:
        return f"https://{cached.group(1)}"
    if host in {"google.com", "bing.com"} and (amp := _AMP_VIEWER.match(path)) is not None:
        return f"https://{amp.group(2)}"
    values = parse_qsl(query)
    if (
        cache := next((match for key, value in values if key == "q" and (match := _CACHED.match(value))), None)
    ) is not None:
        return cache.group(1)
    return next(
        (value for key, value in values if key in _REDIRECT_KEYS and value.startswith(("http://", "https://"))), None
    )


def is_carrier(host: str) -> bool:
    """Whether a host carries articles of others: it, or the domain it lies under, is one of TRANSPORT_HOSTS."""
    return host in TRANSPORT_HOSTS or any(host.endswith(carrier) for carrier in _CARRIERS_BELOW)


def _path(path: str) -> str:
    path = quote(unquote(path, errors="surrogateescape"), safe="/:@!$&'()*+,;=-._~", errors="surrogateescape")
    path = re.sub(r"/{2,}", "/", path)
    path = _INDEX.sub("", _AMP_PATH.sub("", path))
    return path.rstrip("/")


def _query(query: str) -> str:
    kept = sorted(
        (k, v)
        for k, v in parse_qsl(query, keep_blank_values=True)
        if not _TRACKING.match(k) and not (v == "" and len(k) < 3)
    )
    return f"?{urlencode(kept)}" if kept else ""
