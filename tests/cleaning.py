"""What the tests of cleaning share: the shipped registry, one night, a few sentences of our own."""

from datetime import UTC, datetime
from pathlib import Path

from transforms.clean import CleanSettings, clean
from transforms.records import CleanRecord, RawRecord, Rejected
from transforms.sources import SourceRegistry

SOURCES = SourceRegistry.parse(
    (Path(__file__).parents[1] / "transforms/registry/sources.csv").read_text(encoding="utf-8")
)
SETTINGS = CleanSettings()
NIGHT = datetime(2026, 11, 22, tzinfo=UTC)
LEAD = "The harbour council voted on Monday to close the old fish market, ending a dispute that had run for nearly three years."
MORE = "Traders said they had been given four weeks to move their stalls to the new hall, which has no cold store yet."
END = "A spokeswoman for the council declined to say what would become of the building once the last trader had left."
TITLE = "Harbour council votes to close old fish market"


def cleaned(record: RawRecord, feed: str = "dump") -> CleanRecord | Rejected:
    return clean(record, feed=feed, sources=SOURCES, settings=SETTINGS, not_after=NIGHT)


def article(body: str, **fields: str) -> CleanRecord:
    result = cleaned(RawRecord("k", 0, len(body), {"body": body, **fields}))
    assert isinstance(result, CleanRecord), result
    return result
