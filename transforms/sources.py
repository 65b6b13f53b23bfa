"""Who publishes: the registry of outlets, and the ids of those it does not know."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from transforms.text import content_hash

_COLUMNS = ("source_id", "name", "aliases", "domains", "family_id", "kind", "country")
_KINDS = frozenset({"outlet", "wire", "aggregator", "blog", "broadcaster", "official", "unknown"})
_ID = re.compile(r"src_[a-z0-9_]+\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")

_ARTICLE = re.compile(r"^the\s+(?=\w)")
_LEGAL_SUFFIX = re.compile(r"[\s,]+(?:inc|llc|ltd|limited|plc|corp|gmbh|pty|pvt|private limited)$")
_APOSTROPHE = re.compile(r"['’‘`´]")
_PUNCTUATION = re.compile(r"[^\w]+")
# Sections and channels that feeds and aggregators hang on an outlet's name: "Dawn News - Home", "Fox News (Online)".
_SECTION = re.compile(
    r"\s*(?:[-–—|:»]\s*|\()(?:(?:online|web|top|latest|world|breaking|all|front|home)\s+)?"
    r"(?:home|homepage|news|opinion|opinions|editorial|editorials|online|web|blog|rss|feed|politics|world|page|pages|stories|headlines|"
    r"business|sports?|international|latest|updates)\)?\s*$",
    re.IGNORECASE,
)

# The longest name in the registry has 53 characters.
_LONGEST_NAME = 120

# Labels in front of a host that name a device, a section or a format, never an outlet.
_HOST_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp|edition|en|english|rss|feeds?|touch|wap)\.")
# Second-level labels under which country registries sell names (co.uk, com.pk, org.au): the outlet is the label before.
_SECOND_LEVEL = frozenset(
    {"ac", "co", "com", "edu", "gov", "go", "gob", "gouv", "net", "ne", "nic", "or", "org", "web"}
)
# Hosts whose sub-domains belong to different publishers.
_SHARED_HOSTS = frozenset(
    {
        "blogspot.com",
        "wordpress.com",
        "substack.com",
        "medium.com",
        "tumblr.com",
        "typepad.com",
        "livejournal.com",
        "github.io",
        "wixsite.com",
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """An outlet: a row of the registry; `family_id` is its publisher's head outlet, its own id where it has none."""

    source_id: str
    name: str
    aliases: tuple[str, ...]
    domains: tuple[str, ...]
    family_id: str
    kind: str
    country: str | None


@dataclass(frozen=True)
class SourceRegistry:
    """The outlets we know, found by name or by host."""

    sources: tuple[Source, ...]

    @classmethod
    def parse(cls, csv_text: str) -> "SourceRegistry":
        """Read the registry from the text of its CSV (columns source_id,name,aliases,domains,family_id,kind,country; lists by |).

        Raises ValueError, naming the row, for a wrong column, an unknown kind, a repeated id, or a name, alias or domain two sources claim.
        """
        reader = csv.DictReader(io.StringIO(csv_text))
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise ValueError(f"sources: columns are {reader.fieldnames}, want {list(_COLUMNS)}")
        registry = cls(tuple(_source(row, line) for line, row in enumerate(reader, start=2)))
        registry._check()
        return registry

    def by_name(self, name: str) -> Source | None:
        """Return the source a name or alias stands for, if it is known; a section behind the name ("- Home", "(Online)") is ignored."""
        while len(name) <= _LONGEST_NAME:
            if (found := self._names.get(name_key(name))) is not None:
                return found
            if (bare := _SECTION.sub("", name)) == name:
                return None
            name = bare
        return None

    def by_domain(self, host: str) -> Source | None:
        """Return the source that owns a host or the nearest domain above it, if it is known."""
        host = host_key(host)
        while host:
            if (found := self._domains.get(host)) is not None:
                return found
            host = host.partition(".")[2]
        return None

    def source_id_for_name(self, name: str) -> str:
        """Return the registry's id for an outlet name, else `src_` and 16 hex digits of its normalised form."""
        found = self.by_name(name)
        return found.source_id if found else content_hash("src_", name_key(name))

    def source_id_for_domain(self, host: str) -> str:
        """Return the registry's id for a host, else `src_` and 16 hex digits of its registrable domain."""
        found = self.by_domain(host)
        return found.source_id if found else content_hash("src_", registrable_domain(host))

    def family_of(self, source_id: str) -> str:
        """Return the publisher family of a source id; an unknown source is its own family."""
        found = self._ids.get(source_id)
        return found.family_id if found else source_id

    def by_id(self, source_id: str) -> Source | None:
        """Return the source of a registry id, if there is one."""
        return self._ids.get(source_id)

    @cached_property
    def _ids(self) -> dict[str, Source]:
        return {source.source_id: source for source in self.sources}

    @cached_property
    def _names(self) -> dict[str, Source]:
        return {name_key(name): source for source in self.sources for name in (source.name, *source.aliases)}

    @cached_property
    def _domains(self) -> dict[str, Source]:
        return {host_key(domain): source for source in self.sources for domain in source.domains}

    def _check(self) -> None:
        if len(self._ids) != len(self.sources):
            raise ValueError("sources: a source_id stands in two rows")
        owners: dict[str, str] = {}
        for source in self.sources:
            if source.family_id not in self._ids:
                raise ValueError(f"sources: {source.source_id} names the unknown family {source.family_id}")
            for claim in _claims(source):
                owner = owners.setdefault(claim, source.source_id)
                if owner != source.source_id:
                    raise ValueError(f"sources: {claim!r} names both {owner} and {source.source_id}")


def name_key(name: str) -> str:
    """Return the form in which two spellings of an outlet's name are equal: case, accents, "The", punctuation and legal suffix gone."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    text = _APOSTROPHE.sub("", "".join(c for c in text if not unicodedata.combining(c)))
    text = _LEGAL_SUFFIX.sub("", text.strip().rstrip("."))
    return " ".join(_PUNCTUATION.sub(" ", _ARTICLE.sub("", text.strip())).split())


def host_key(host: str) -> str:
    """Return a host in lower case without port, trailing dot and device or section labels in front (www., m., amp., edition.)."""
    host = host.strip().lower().partition(":")[0].rstrip(".")
    while (shorter := _HOST_PREFIX.sub("", host)) != host and "." in shorter:
        host = shorter
    return host


def registrable_domain(host: str) -> str:
    """Return the domain an outlet would register: two labels, three under a country's second level or on a shared blog host."""
    labels = host_key(host).split(".")
    keep = 2
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL:
        keep = 3
    if ".".join(labels[-2:]) in _SHARED_HOSTS:
        keep = 3
    return ".".join(labels[-keep:])


def _source(row: dict[str, str], line: int) -> Source:
    source = Source(
        source_id=row["source_id"],
        name=row["name"].strip(),
        aliases=_split(row["aliases"]),
        domains=_split(row["domains"]),
        family_id=row["family_id"] or row["source_id"],
        kind=row["kind"],
        country=row["country"] or None,
    )
    if not _ID.match(source.source_id) or not source.name or source.kind not in _KINDS:
        raise ValueError(f"sources: line {line} has a bad id, name or kind: {row}")
    if source.country is not None and not _COUNTRY.match(source.country):
        raise ValueError(f"sources: line {line} has a bad country: {row}")
    return source


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for piece in cell.split("|") if (part := piece.strip()))


def _claims(source: Source) -> Iterator[str]:
    for name in (source.name, *source.aliases):
        yield f"name {name_key(name)}"
    for domain in source.domains:
        yield f"domain {host_key(domain)}"
