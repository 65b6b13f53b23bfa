"""Records that take an article back: a dump's word that what it once carried is withdrawn."""

import re
from collections.abc import Mapping

# Fields that say what became of an article, and what they say of one taken back: CMS exports, NewsML-G2's pubStatus, ActivityStreams.
_STATE_FIELDS = frozenset(
    {"status", "state", "pubstatus", "articlestatus", "publicationstatus", "action", "type", "event"}
)
_TAKEN_BACK = re.compile(
    r"(?:stat:)?(?:withdrawn|withdraw|deleted?|retracted?|killed|kill|cancell?ed|removed|unpublished|tombstone)",
    re.IGNORECASE,
)
# Fields that say it by being true, or by being a date.
_FLAGS = frozenset(
    {
        "deleted",
        "isdeleted",
        "withdrawn",
        "iswithdrawn",
        "retracted",
        "isretracted",
        "tombstone",
        "removed",
        "unpublished",
    }
)
_DATED_FLAGS = frozenset({"deletedat", "withdrawnat", "retractedat", "removedat", "unpublishedat", "deletiondate"})
_TRUE = frozenset({"true", "1", "yes", "t", "y"})
_HAS_DAY = re.compile(r"(?:19|20)\d\d")
_SEPARATOR = re.compile(r"[\s_.-]+")


def stated_day(extra: Mapping[str, str]) -> str | None:
    """Return the words by which a record's `extra` dates the withdrawal ("deleted_at: 2026-03-05"), None where it does not."""
    dated = (value for name, value in extra.items() if _SEPARATOR.sub("", name.casefold()) in _DATED_FLAGS)
    return next((value for value in dated if _HAS_DAY.search(value)), None)


def withdrawal(extra: Mapping[str, str]) -> str | None:
    """Return the field and value of a record's `extra` that withdraw its article ("status: deleted"), None where none does."""
    for name, value in extra.items():
        field, said = _SEPARATOR.sub("", name.casefold()), value.strip()
        if (
            (field in _STATE_FIELDS and _TAKEN_BACK.fullmatch(said))
            or (field in _FLAGS and said.casefold() in _TRUE)
            or (field in _DATED_FLAGS and _HAS_DAY.search(said))
        ):
            return f"{name}: {said[:40]}"
    return None
