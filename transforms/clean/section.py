"""The part of the paper it stood in: as the record or its page states it, else by the first word of its address."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from transforms.clean import confidence
from transforms.clean.confidence import Found
from transforms.text import canonical_text

_NAMES = ("section", "category", "article_section", "section_name", "rubric")
# First parts of addresses that are a section's name wherever they stand; others may be anything.
_IN_ADDRESSES = frozenset(
    """world politics business sport sports opinion culture science technology tech health environment national international india pakistan
    africa asia europe middle-east americas us-news uk-news economy markets entertainment lifestyle travel education cities metro local arts
    books film music food fashion money media law crime climate weather nation region regional analysis editorial editorials""".split()  # noqa: SIM905
)
# Nobody calls a section by a sentence.
_LONGEST = 80


def section(extra: Mapping[str, str], url: str | None) -> Found:
    """Return the section that `extra` states, else that of the address; none of more than 80 characters, no list of tags."""
    for name in _NAMES:
        said = canonical_text(extra.get(name, ""))
        if said and len(said) <= _LONGEST and "\n" not in said and not said.startswith(("[", "{", "http")):
            return Found(said, "metadata", confidence.SECTION["metadata"])
    first, _, rest = urlsplit(url or "").path.strip("/").partition("/")
    if rest and first.casefold() in _IN_ADDRESSES:
        return Found(first.casefold(), "url", confidence.SECTION["url"])
    return Found(None)
