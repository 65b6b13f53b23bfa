"""The shapes a record has before it becomes a row: as read, as cleaned, as refused, and as passed over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


# Not frozen, though nobody changes one: they are made by the hundred thousand, and freezing costs a microsecond each.
@dataclass(slots=True)
class RawRecord:
    """One record as a reader found it.

    `key` is the dump's own id, verbatim (None where it has none); `start` and `end` are bytes in the decompressed dump, or in the
    `member` of it where it is an archive of files, and rows where bytes have no meaning (Parquet, Arrow);
    `fields` holds what we have a name for (url, title, body, source, published, updated, fetched, author), as found;
    `extra` everything else, as text; `html` is the whole page where the record is one, and then `body` is absent.
    """

    key: str | None
    start: int
    end: int
    fields: Mapping[str, str]
    extra: Mapping[str, str] = field(default_factory=dict)
    html: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a dump holds besides candidates for articles (a request in a WARC, a picture beside a saved page), counted by `reason`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record, or a whole file, that goes to quarantine: where it lies (as in RawRecord), at which stage, and why.

    `reason_code` is a stable word for counting, `detail` one sentence, `preview` at most 200 characters of the input.
    """

    start: int
    end: int
    stage: str
    reason_code: str
    detail: str
    preview: str = ""
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Tombstone(Rejected):
    """A record that withdraws the article of its address, or of its record key (transforms/withdraw.py); it brings no text.

    `said` is the field and value that say so, `updated_at` when it was taken back as the record states it, the end of that interval
    where it is coarse. One without address and record key withdraws nothing and is refused: its reason is `tombstone_without_key`,
    else `tombstone`.
    """

    record_key: str | None = None
    url_norm: str | None = None
    said: str = ""
    updated_at: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CleanRecord:
    """One cleaned record: the values that `records` stores, each inferred one with its method.

    Enumerations are those of the columns of `articles`. `source_name` and `source_domain` are what the record says of its
    publisher; which source that is, is decided over all records (transforms/sources.py). `seen_at` is the fetch time the
    dump states, else None. `removed` lists (rule, text) in the order of the text.
    """

    record_key: str | None
    url: str | None
    url_norm: str | None
    transport_host: str | None
    source_name: str | None
    source_domain: str | None
    source_method: str
    source_confidence: float
    title: str | None
    title_method: str
    byline: tuple[str, ...]
    dateline_place: str | None
    agency_credits: tuple[str, ...]
    lang: str | None
    lang_confidence: float | None
    published_at: datetime | None
    published_precision: str
    published_method: str
    published_raw: str | None
    tz_method: str | None
    updated_at: datetime | None
    seen_at: datetime | None
    content_type: str
    body: str
    n_words: int
    removed: tuple[tuple[str, str], ...]
    extra: Mapping[str, str]
    raw_start: int
    raw_end: int
    raw_member: str | None = None
    correction_start_char: int | None = None
    correction_end_char: int | None = None
    section: str | None = None
    section_method: str | None = None
    section_confidence: float | None = None
    url_method: str | None = None
    url_confidence: float | None = None
    title_confidence: float | None = None
    byline_method: str | None = None
    byline_confidence: float | None = None
    dateline_method: str | None = None
    dateline_confidence: float | None = None
    credits_method: str | None = None
    credits_confidence: float | None = None
    published_confidence: float | None = None
    updated_method: str | None = None
    updated_confidence: float | None = None
