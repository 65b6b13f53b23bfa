"""Wire agencies that a text credits; a picture's agency is none of them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from transforms.clean import confidence
from transforms.clean.confidence import FoundNames
from transforms.clean.dateline import Dateline
from transforms.sources import SourceRegistry

# Furniture whose words credit the text; image_credit and caption lines credit a picture and are not looked at.
CREDIT_RULES = frozenset(
    {
        "agency_credit",
        "reporting_credit",
        "copyright",
        "syndication_note",
        "byline",
        "outlet_line",
        "published_in",
        "learnt",
    }
)
_SPLIT = re.compile(r"\s*(?:,|;|/|&|\band\b|\bwith\b|\bor\b|\||·)\s*", re.IGNORECASE)
_CUES = re.compile(
    r"\b(?:with|inputs?|from|additional|further|reports?|reporting|agencies|agency|contributed|contributing|contributors?|to|this|the (?:story|report|article)|story|report"
    r"|article|source|courtesy|by|information|copyright|\(c\)|all rights reserved.*|\d{4})\b|©",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\(\s*([A-Za-z][^()]{1,40}?)\s*\)\s*\Z")
_INPUTS = re.compile(
    r"\(\s*with\s+(?:(?:additional\s+)?inputs?\s+from\s+)?([^()]{2,60}?)(?:\s+inputs?)?\s*\)\s*\.?\Z", re.IGNORECASE
)


# A name that says itself that it is an agency's; only where a credit's own words leave no doubt what is named.
_AGENCY_NAME = re.compile(
    r"(?:[A-Z][\w&'’.-]*\s+){1,4}(?:News\s+Agency|Press\s+Agency|Agency|News\s+Service|Wire\s+Service|Newswire|Wire|Press)\Z"
)


def _unlisted_agency(text: str) -> tuple[str, ...]:
    """Return the agency that "(With X inputs)" names though no registry knows it."""
    match = _INPUTS.search(text)
    name = " ".join(match.group(1).split()).removeprefix("the ") if match is not None else ""
    return (name,) if _AGENCY_NAME.match(name) else ()


def agency_in(text: str, sources: SourceRegistry) -> tuple[str, ...]:
    """Return the registry names of the wire agencies that a credit names, in its order."""
    found: list[str] = []
    for part in _SPLIT.split(text):
        for candidate in (part, _CUES.sub(" ", part)):
            source = sources.by_name(" ".join(candidate.split()).strip(" .():[]-–—•*_"))
            if source is not None and source.kind == "wire":
                found.append(source.name)
                break
    return tuple(dict.fromkeys(found))


def is_agency_line(text: str, sources: SourceRegistry) -> bool:
    """Whether a line is nothing but the names of agencies: "(ANI)", "-- Reuters", "AFP/AP"."""
    bare = text.strip(" .()[]-–—•*_|")
    parts = _SPLIT.split(bare) if len(text) <= 60 else []
    return bool(parts) and all(
        (source := sources.by_name(part)) is not None and source.kind == "wire" for part in parts
    )


def agency_credits(
    removed: Iterable[tuple[str, str]], lead: Dateline, kept: Sequence[str], authors: str, sources: SourceRegistry
) -> FoundNames:
    """Return the wire agencies credited in the dateline, the author field, the furniture and the very end of the text, each once.

    Names are the registry's; one it does not know stands as written where the credit's words say that it is an agency.
    """
    found: dict[str, str] = {}
    for method, names in _credited(removed, lead, kept, authors, sources):
        for name in names:
            found.setdefault(name, method)
    if not found:
        return FoundNames(())
    return FoundNames(
        tuple(found), next(iter(found.values())), min(confidence.CREDITS[method] for method in found.values())
    )


def _credited(
    removed: Iterable[tuple[str, str]], lead: Dateline, kept: Sequence[str], authors: str, sources: SourceRegistry
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (method, names) of each place that may credit an agency."""
    if lead.agency:
        yield "dateline", agency_in(lead.agency, sources)
    yield "author", agency_in(authors, sources)
    for rule, text in removed:
        if rule in CREDIT_RULES:
            yield "furniture", agency_in(text, sources) or _unlisted_agency(text)
    if kept:
        match = _INPUTS.search(kept[-1]) or _IN_BRACKETS.search(kept[-1])
        named = agency_in(match.group(1), sources) if match is not None else ()
        yield "text_end", named or _unlisted_agency(kept[-1])
