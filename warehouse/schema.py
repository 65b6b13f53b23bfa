"""Every table, declared once: what a row is, its columns and units, its key, order, partition and references.

The publisher enforces these declarations, the checks, the DuckDB comments and docs/data-dictionary.md are generated from them.
A *fact* is found once and only added to; a *derived* table is a function of the facts and can be rebuilt; a *log* table
tells of the nights, not of the news, and lies outside the snapshot.
"""

from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

SCHEMA_VERSION = "0.2"

STR = pa.string()
INT = pa.int32()
BIG = pa.int64()
NUM = pa.float64()
BOOL = pa.bool_()
DATE = pa.date32()
INSTANT = pa.timestamp("us", tz="UTC")
STRS = pa.list_(pa.string())
REMOVED = pa.list_(pa.struct([("rule", STR), ("text", STR)]))
EXTRA = pa.map_(STR, STR)
SKIPPED = pa.map_(STR, BIG)
SPANS = pa.list_(pa.struct([("text_id", STR), ("start_char", INT), ("end_char", INT)]))


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type, what it means (unit included), and whether it may be NULL."""

    name: str
    type: pa.DataType
    description: str
    nullable: bool = True


@dataclass(frozen=True)
class Reference:
    """A column whose every non-NULL value stands in `table.target`.

    With `while_null` only in rows where that column is NULL; with `comes_along` in a row that comes in the same run.
    """

    column: str
    table: str
    target: str
    while_null: str | None = None
    comes_along: bool = False


@dataclass(frozen=True)
class Table:
    """One table: `row` says what one row is; `partition` names the date column whose month is the folder.

    `lookups` are columns of many values by which readers ask for single rows: each row group tells what is not in it.
    `searched` are columns that readers look through for some words in them: these are not compressed.
    """

    name: str
    row: str
    kind: Literal["fact", "derived", "log"]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sort: tuple[str, ...] = ()
    partition: str | None = None
    references: tuple[Reference, ...] = field(default=())
    lookups: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema that every file of this table has."""
        return pa.schema([pa.field(c.name, c.type, c.nullable) for c in self.columns])

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that order the rows: those of `sort`, then of the key."""
        return tuple(dict.fromkeys(self.sort + self.key))


def _must(name: str, type_: pa.DataType, description: str) -> Column:
    return Column(name, type_, description, nullable=False)


_FILED = _must(
    "filed_date",
    DATE,
    "day its text is filed under: report date of the record that first brought it; the month is the folder",
)

_SOURCE_METHOD = "url, metadata, self_credit, copyright_line, folder, override or unknown"
_PRECISION = "second, minute, hour, day, month, year or unknown"
_CONTENT_TYPE = "news, opinion, liveblog, roundup, press_release, listing, transcript, stub or unknown"
_ORIGIN_KIND = (
    "original (own words, no report credited), wire (an agency's words, by the agency or credited to it), republished (the words of another "
    "family's earlier text), rewrite (own words, another outlet's report) or unknown (the source is not known)"
)
_FOUR = (
    _must("n_copies", BIG, "active articles"),
    _must("n_texts", BIG, "text groups: the same wording counted once"),
    _must("n_stories", BIG, "stories"),
)

# How what a record says of itself was found, beside the values themselves.
_FOUND = (
    Column("section", STR, "part of the paper, as stated, else by its address"),
    Column("section_method", STR, "metadata or url (the first word of its path)"),
    Column("section_confidence", NUM, "share 0..1"),
    Column("url_method", STR, "given (by the dump) or page (canonical link, og:url, JSON-LD)"),
    Column("url_confidence", NUM, "share 0..1"),
    Column("title_confidence", NUM, "share 0..1"),
    Column("byline_method", STR, "metadata or byline (a line of the text)"),
    Column("byline_confidence", NUM, "share 0..1"),
    Column("dateline_method", STR, "agency (one stands in brackets), capitals or city (a known one in mixed case)"),
    Column("dateline_confidence", NUM, "share 0..1"),
    Column("credits_method", STR, "where the first was found: dateline, author, furniture or text_end"),
    Column("credits_confidence", NUM, "share 0..1, of the least certain"),
    Column("published_confidence", NUM, "share 0..1: how often that method names the right day"),
    Column("updated_method", STR, "metadata, byline or footer"),
    Column("updated_confidence", NUM, "share 0..1"),
)

RECORDS = Table(
    "records",
    "one row per distinct record ever accepted: what it said of itself, cleaned, and where in which dump it lies",
    "fact",
    (
        _must("record_id", STR, "content id of the row: of its key, text, title and metadata"),
        _must("key_id", STR, "article id that its key stands for, before reused keys are told apart"),
        _must("feed", STR, "dump series it came by; record keys are scoped by it"),
        Column(
            "feed_key_id",
            STR,
            "article id that feed and record key stand for where no address does; NULL without a key",
        ),
        Column("record_key", STR, "the dump's own id, verbatim; for a file of text, its name"),
        Column("url", STR, "address as given"),
        Column("url_norm", STR, "address without tracking parameters, fragment, AMP and mobile variants"),
        Column("transport_host", STR, "feed proxy or shortener it came through; never the source"),
        Column("source_name", STR, "publisher's name as found"),
        Column("source_domain", STR, "publisher's domain as found"),
        _must("source_method", STR, f"where the publisher was found: {_SOURCE_METHOD}"),
        _must("source_confidence", NUM, "share 0..1"),
        Column("title", STR, "headline"),
        _must("title_method", STR, "given, first_line or none"),
        Column("title_text_id", STR, "the headline as a text"),
        _must("text_id", STR, "the body as a text"),
        _must("byline", STRS, "authors"),
        Column("dateline_place", STR, "place the report is filed from"),
        _must("agency_credits", STRS, "wire agencies credited in the text, never for pictures"),
        Column("lang", STR, "ISO 639-1 code"),
        Column("lang_confidence", NUM, "share 0..1"),
        Column("published_at", INSTANT, "publication, UTC; the beginning of its interval where precision is coarse"),
        _must("published_precision", STR, _PRECISION),
        _must(
            "published_method",
            STR,
            "metadata, byline, footer, url, page (found by a search of the whole page), override or none",
        ),
        Column("published_raw", STR, "the words it came from"),
        Column("tz_method", STR, "stated, source_country or assumed_utc"),
        Column("updated_at", INSTANT, "last update as stated, UTC"),
        _must("seen_at", INSTANT, "fetch time as stated, else the logical night, UTC; never a file time"),
        _must("content_type", STR, _CONTENT_TYPE),
        _must("n_words", INT, "words of the body"),
        _must("removed", REMOVED, "boilerplate taken out, each piece with its rule"),
        _must("extra", EXTRA, "fields of the record we have no column for"),
        *_FOUND,
        Column("correction_start_char", INT, "first code point of the body's first note that it was corrected"),
        Column("correction_end_char", INT, "code point behind the note's last"),
        _must("raw_file_id", STR, "dump file, see raw_files"),
        _must("raw_start", BIG, "first byte in the (decompressed) dump file; first row of Parquet and Arrow"),
        _must("raw_end", BIG, "byte behind the last"),
        Column("raw_member", STR, "file in the archive that these are bytes of; NULL where the dump file is none"),
        _must("run_id", STR, "run that accepted it"),
        _must("run_no", INT, "number of the snapshot that run published"),
        _must("filed_date", DATE, "day of published_at (UTC), else of seen_at; the month is the folder"),
        _must("text_filed_date", DATE, "day its body is filed under"),
        Column("title_filed_date", DATE, "day its headline is filed under"),
    ),
    key=("record_id",),
    sort=("filed_date", "record_id"),
    partition="filed_date",
    references=(Reference("text_id", "texts", "text_id"), Reference("title_text_id", "texts", "text_id")),
)

WITHDRAWALS = Table(
    "withdrawals",
    "one row per word of a dump that takes an article back, and per known record that came again unchanged, later or after one",
    "fact",
    (
        _must(
            "withdrawal_id",
            STR,
            "content id of the row: of its place in its dump; of record and time, where one came again",
        ),
        _must("kind", STR, "withdrawn or shown_again"),
        Column("url_key_id", STR, "article id that the address taken back stands for"),
        Column("feed_key_id", STR, "article id that the record key taken back stands for in its feed"),
        Column("record_id", STR, "record that came again; NULL for one that takes back"),
        Column("said", STR, "field and value that say so"),
        Column("updated_at", INSTANT, "when it was taken back, as stated, UTC; the end of the day where no clock is"),
        _must("seen_at", INSTANT, "fetch time as stated, else the logical night, UTC"),
        Column("raw_file_id", STR, "dump file, see raw_files; NULL for one that came again"),
        Column("raw_start", BIG, "first byte in the (decompressed) dump file"),
        Column("raw_end", BIG, "byte behind the last"),
        Column("raw_member", STR, "file in the archive that these are bytes of"),
        _must("run_id", STR, "run that read it"),
        _must("run_no", INT, "number of the snapshot that run published"),
        _must("filed_date", DATE, "day of seen_at (UTC); the month is the folder"),
    ),
    key=("withdrawal_id",),
    sort=("filed_date", "withdrawal_id"),
    partition="filed_date",
)

TEXTS = Table(
    "texts",
    "one row per distinct wording, body or title",
    "fact",
    (
        _must("text_id", STR, "SHA-256 of exactly the stored form (16 hex digits)"),
        _must("kind", STR, "body or title"),
        _must("body", STR, "the words: NFC, one blank, one newline; all offsets count its code points"),
        _must("n_words", INT, "words"),
        Column("lang", STR, "ISO 639-1 code"),
        _FILED,
    ),
    key=("text_id",),
    sort=("filed_date", "text_id"),
    partition="filed_date",
    lookups=("text_id",),
)

TEXT_ACTORS = Table(
    "text_actors",
    "one row per text and actor it names, outlets being cited left out: the mentions, counted",
    "fact",
    (
        _must("text_id", STR, "text"),
        _must("actor_id", STR, "actor"),
        _must("n_mentions", INT, "mentions"),
        _must("in_lead", BOOL, "one of them in a title or in the first three sentences"),
        Column("n_quotes", INT, "quotes of it in the text; NULL for texts that came before quotes were looked for"),
        _FILED,
    ),
    key=("text_id", "actor_id"),
    sort=("filed_date", "text_id", "actor_id"),
    partition="filed_date",
    references=(
        Reference("text_id", "texts", "text_id", comes_along=True),
        Reference("actor_id", "actors", "actor_id"),
    ),
)

ACTOR_MENTIONS = Table(
    "actor_mentions",
    "one row per mention of an actor in a text",
    "fact",
    (
        _must("text_id", STR, "text it stands in"),
        _must("start_char", INT, "first code point"),
        _must("end_char", INT, "code point behind the last"),
        _must("surface", STR, "the words; always equal to the text there"),
        Column("actor_id", STR, "whom it names; NULL = not resolved, kept"),
        _must("type", STR, "kind of actor, also where it is not resolved"),
        _must("method", STR, "how it was found or resolved"),
        _must("confidence", NUM, "share 0..1"),
        _must("sentence_no", INT, "sentence of the text, from 0"),
        _must("in_lead", BOOL, "in a title or in the first three sentences"),
        _must("as_source", BOOL, "an outlet being cited; not counted as an actor"),
        _FILED,
    ),
    key=("text_id", "start_char"),
    sort=("filed_date", "text_id", "start_char"),
    partition="filed_date",
    references=(
        Reference("text_id", "texts", "text_id", comes_along=True),
        Reference("actor_id", "actors", "actor_id"),
    ),
)

TEXT_ALIASES = Table(
    "text_aliases",
    "one row per name under which a text speaks of an actor",
    "fact",
    (
        _must("text_id", STR, "text it stands in"),
        _must("alias", STR, "the name as written"),
        Column("lang", STR, "ISO 639-1 code"),
        _must("actor_id", STR, "whom it names there"),
        _must("name", STR, "the actor's full name as known there"),
        _must("type", STR, "kind of actor"),
        _must("method", STR, "how it was resolved"),
        _must("confidence", NUM, "share 0..1"),
        _FILED,
    ),
    key=("text_id", "alias", "actor_id"),
    sort=("filed_date", "text_id", "alias", "actor_id"),
    partition="filed_date",
    references=(Reference("text_id", "texts", "text_id", comes_along=True),),
)

TEXT_CITATIONS = Table(
    "text_citations",
    "one row per outlet credited at a place of a text, as found in its words",
    "fact",
    (
        _must("text_id", STR, "text it stands in"),
        _must("cited_name", STR, "outlet as named"),
        _must("cited_source_id", STR, "outlet by that name"),
        _must("cue", STR, "reported, according_to, told, obtained_by, with_inputs, published_in or via"),
        _must("level", STR, "report (the whole report is theirs), fact, or media (picture or video)"),
        _must("start_char", INT, "first code point"),
        _must("end_char", INT, "code point behind the last"),
        _must("sentence_no", INT, "sentence of the text, from 0"),
        _FILED,
    ),
    key=("text_id", "start_char", "cited_source_id"),
    sort=("filed_date", "text_id", "start_char"),
    partition="filed_date",
    references=(Reference("text_id", "texts", "text_id", comes_along=True),),
)

QUOTES = Table(
    "quotes",
    "one row per quote in the body of an English text, none overlapping another",
    "fact",
    (
        _must("text_id", STR, "text it stands in"),
        _must("start_char", INT, "first code point of what is said, quotation marks left out"),
        _must("end_char", INT, "code point behind the last"),
        _must(
            "kind",
            STR,
            "direct (a whole sentence in marks), partial (other words in marks) or indirect (in the text's own words; "
            "what somebody is said to think, plan or ask too)",
        ),
        _must("n_words", INT, "words"),
        _must("sentence_no", INT, "sentence of the text that it begins in, from 0"),
        Column("verb", STR, "the words that attribute it, not always verbs; NULL where none do"),
        Column("speaker_surface", STR, "the words for who says it; NULL where the text names nobody there"),
        Column("speaker_start_char", INT, "their first code point"),
        Column("speaker_end_char", INT, "code point behind their last"),
        Column("speaker_actor_id", STR, "who that is; NULL = the text leaves it open"),
        Column("speaker_confidence", NUM, "share 0..1; NULL without an actor"),
        Column("speaker_mention_char", INT, "start_char of the mention that tells who it is, see actor_mentions"),
        Column(
            "quote_group_id",
            STR,
            "hash of the words in marks, in lower case and without punctuation, both parts of a sentence that its cue cuts in two taken "
            "together: equal wherever they are quoted (of 8 words or more also cut from a longer one: quote_wholes, quote_groups); NULL under 5 words",
        ),
        _FILED,
    ),
    key=("text_id", "start_char"),
    sort=("filed_date", "text_id", "start_char"),
    partition="filed_date",
    references=(
        Reference("text_id", "texts", "text_id", comes_along=True),
        Reference("speaker_actor_id", "actors", "actor_id"),
    ),
    lookups=("quote_group_id",),
)

TEXT_TONES = Table(
    "text_tones",
    "one row per body known to be English: how it sounds; texts that came before tone was measured have none",
    "fact",
    (
        _must("text_id", STR, "text"),
        _must(
            "tone", NUM, "-1 (bad news) to 1 (good): mean of its sentences, by the words they use; 0 = neither or both"
        ),
        _must("n_tone_words", INT, "words that say so; of few the tone says little"),
        Column("start_char", INT, "first code point of the sentence that says it most; NULL without such words"),
        Column("end_char", INT, "code point behind its last"),
        _FILED,
    ),
    key=("text_id",),
    sort=("filed_date", "text_id"),
    partition="filed_date",
    references=(Reference("text_id", "texts", "text_id", comes_along=True),),
)

ARTICLES = Table(
    "articles",
    "one row per article, its current version",
    "derived",
    (
        _must("article_id", STR, "hash of url_norm, else of feed and record key, else of content"),
        _must("feed", STR, "dump series it came by; record keys are scoped by it"),
        Column("record_key", STR, "the dump's own id, verbatim; for a file of text, its name"),
        Column("url", STR, "address as given"),
        Column("url_norm", STR, "address without tracking parameters, fragment, AMP and mobile variants"),
        Column("transport_host", STR, "feed proxy or shortener it came through; never the source"),
        _must("source_id", STR, "publisher; src_unknown where not known"),
        _must("source_method", STR, f"where it was found: {_SOURCE_METHOD}"),
        _must("source_confidence", NUM, "share 0..1"),
        Column("title", STR, "headline; NULL where there is none"),
        _must("title_method", STR, "given, first_line or none"),
        Column("title_text_id", STR, "the headline as a text"),
        _must("byline", STRS, "authors"),
        Column("dateline_place", STR, "place the report is filed from"),
        _must("agency_credits", STRS, "wire agencies credited in the text, never for pictures"),
        Column("lang", STR, "ISO 639-1 code"),
        Column("lang_confidence", NUM, "share 0..1"),
        Column(
            "published_at",
            INSTANT,
            "publication, UTC; the beginning of its interval where precision is coarse; NULL = unknown",
        ),
        _must("published_precision", STR, _PRECISION),
        _must(
            "published_method",
            STR,
            "metadata, byline, footer, url, page (found by a search of the whole page), override or none",
        ),
        Column("published_raw", STR, "the words it came from"),
        Column("tz_method", STR, "stated, source_country or assumed_utc"),
        Column("updated_at", INSTANT, "last update as stated, UTC"),
        _must("first_seen_at", INSTANT, "fetch time where the dump states it, else the logical night, UTC"),
        Column(
            "effective_at",
            INSTANT,
            "published_at where precision is hour or better and the zone is known, else NULL; the only instant that firsts and lags use",
        ),
        _must("report_date", DATE, "day of published_at (UTC), else of first_seen_at"),
        _must("date_basis", STR, "published or first_seen"),
        _must("text_id", STR, "its body"),
        _must("text_group_id", STR, "texts of the same wording; changes as copies arrive, not a permanent id"),
        _must("dup_level", STR, "founder (first of its group), exact (same text as an earlier one), near or contained"),
        Column(
            "dup_similarity",
            NUM,
            "word 5-shingle overlap with its closest member of the group, 0..1; NULL for a founder",
        ),
        Column(
            "copy_rank", INT, "1 = first of its group; a group of one family ranks 1; NULL where the order is not known"
        ),
        Column("story_id", STR, "story it belongs to"),
        Column("origin_id", STR, "origin inside the story"),
        _must("content_type", STR, _CONTENT_TYPE),
        _must("origin_kind", STR, _ORIGIN_KIND),
        Column(
            "novel_share",
            NUM,
            "share of its runs of five words that no earlier text of the story has, 0..1; NULL under five words, and where "
            "a text that has some of the others may be earlier or later",
        ),
        _must("n_words", INT, "words of the body"),
        _must("version_no", INT, "current version, from 1"),
        _must("n_versions", INT, "versions known"),
        _must("is_corrected", BOOL, "a note says that it was corrected, see article_versions"),
        _must("status", STR, "active or forgotten; one that was withdrawn is no article here, see article_versions"),
        _must("first_run_id", STR, "run that first saw it"),
        _must("last_run_id", STR, "run that last learnt something of it"),
        Column(
            "originator_source_id",
            STR,
            "outlet or agency that its text credits for the whole report, where that is not its own source",
        ),
        Column(
            "voice_id",
            STR,
            "whom counting families counts it as: its known family, or its text group where no copy has a known source; "
            "NULL for an unknown copy of a text that a known source has",
        ),
        _must("text_filed_date", DATE, "day its body is filed under: the partition of texts, mentions and citations"),
        Column("title_filed_date", DATE, "day its headline is filed under"),
        *_FOUND,
    ),
    key=("article_id",),
    # A story lies together: bounds name the one group of a month that can have it. Of ten million articles in 36 files its timeline
    # takes 18 CPU ms so and 26 by day, a count over one day 10 and 8; a month costs as much either way.
    sort=("story_id", "report_date", "article_id"),
    partition="report_date",
    lookups=("article_id", "url_norm", "story_id", "text_id"),
    searched=("title", "story_id"),
    references=(
        Reference("text_id", "texts", "text_id"),
        Reference("title_text_id", "texts", "text_id"),
        Reference("source_id", "sources", "source_id"),
        Reference("story_id", "stories", "story_id"),
        Reference("originator_source_id", "sources", "source_id"),
    ),
)

ARTICLE_VERSIONS = Table(
    "article_versions",
    "one row per version of an article, withdrawn ones too, ordered by updated, published, seen, hash",
    "derived",
    (
        _must("article_id", STR, "article"),
        _must("version_no", INT, "from 1"),
        _must("text_id", STR, "body of this version"),
        Column("title_text_id", STR, "headline of this version"),
        Column("published_at", INSTANT, "publication as this version states it, UTC"),
        Column("updated_at", INSTANT, "update as this version states it, UTC"),
        _must("seen_at", INSTANT, "first seen, UTC"),
        _must("raw_file_id", STR, "dump file it was first read from"),
        _must("raw_start", BIG, "first byte of the record in the (decompressed) dump"),
        _must("raw_end", BIG, "byte behind the last"),
        Column("raw_member", STR, "file in the archive that these are bytes of; NULL where the dump file is none"),
        _must("removed", REMOVED, "boilerplate taken out, each piece with its rule; nothing goes without one"),
        _must("extra", EXTRA, "fields of the record we have no column for"),
        Column(
            "n_sentences_added",
            INT,
            "sentences that the version before did not have; NULL for the first, and beyond 300 versions",
        ),
        Column("n_sentences_deleted", INT, "sentences of the version before that are gone"),
        Column("n_sentences_changed", INT, "sentences that share at least half of their words with one that is gone"),
        Column("is_correction", BOOL, "a note says that it was corrected, which the version before did not have"),
        Column("correction_start_char", INT, "first code point of the note in the body; NULL without one"),
        Column("correction_end_char", INT, "code point behind the note's last"),
        Column(
            "withdrawn_at",
            INSTANT,
            "when its dump took the article back, or the day from which an override ignores it, UTC; NULL while it stands",
        ),
        _must("report_date", DATE, "report date of the article; the month is the folder"),
    ),
    key=("article_id", "version_no"),
    sort=("report_date", "article_id", "version_no"),
    partition="report_date",
    references=(
        Reference("article_id", "articles", "article_id", while_null="withdrawn_at"),
        Reference("text_id", "texts", "text_id"),
        Reference("title_text_id", "texts", "text_id"),
    ),
)

TEXT_PAIRS = Table(
    "text_pairs",
    "one row per pair of texts compared word for word",
    "derived",
    (
        _must("text_a", STR, "the smaller id"),
        _must("text_b", STR, "the larger id"),
        _must("jaccard", NUM, "shared word 5-shingles / all of both, 0..1"),
        _must("containment", NUM, "shared word 5-shingles / those of the shorter, 0..1"),
        _must("decision", STR, "joined or rejected"),
        _must("rule", STR, "what decided"),
        _must("filed_date", DATE, "day the one that came later is filed under; the month is the folder"),
    ),
    key=("text_a", "text_b"),
    sort=("filed_date", "text_a", "text_b"),
    partition="filed_date",
    references=(Reference("text_a", "texts", "text_id"), Reference("text_b", "texts", "text_id")),
)

STORIES = Table(
    "stories",
    "one row per story: the articles that report the same event",
    "derived",
    (
        _must("story_id", STR, "minted once from its founding article and night; never reused"),
        Column("title", STR, "headline of the medoid article; never generated"),
        _must("medoid_article_id", STR, "article closest to all others; for display, never for counting"),
        _must("founder_article_id", STR, "article the id was minted from"),
        Column("first_at", INSTANT, "earliest instant known to the hour; NULL without one"),
        Column("last_at", INSTANT, "latest instant known to the hour; NULL without one"),
        _must("first_date", DATE, "earliest report date"),
        _must("last_date", DATE, "latest report date"),
        _must("n_copies", BIG, "active articles"),
        _must("n_texts", BIG, "text groups"),
        _must("n_origins", BIG, "origins: an estimate of independence that can err both ways"),
        _must("n_sources", BIG, "known sources"),
        _must("n_families", BIG, "known publisher families + text groups whose sources are all unknown"),
        Column(
            "originator_source_id", STR, "outlet most families credit for the whole report; may be outside the corpus"
        ),
        Column("originator_support", NUM, "share of families that credit it, 0..1"),
        _must(
            "corroboration", STR, "single_origin, corroborated (two or more origins) or unknown (a source is not known)"
        ),
        Column("first_source_id", STR, "who had it first in this corpus; NULL unless certain"),
        Column("first_article_id", STR, "the article that had it first; NULL unless certain"),
        Column("cohesion", NUM, "score of its weakest accepted link, 0..1; NULL for one text"),
        Column("margin", NUM, "least distance of an accepted link's score from what it needed; NULL for one text"),
    ),
    key=("story_id",),
    sort=("first_date", "story_id"),
    partition="first_date",
    lookups=("story_id",),
    references=(
        Reference("medoid_article_id", "articles", "article_id"),
        Reference("founder_article_id", "articles", "article_id"),
        Reference("originator_source_id", "sources", "source_id"),
        Reference("first_source_id", "sources", "source_id"),
        Reference("first_article_id", "articles", "article_id"),
    ),
)

STORY_ARTICLES = Table(
    "story_articles",
    "one row per article that is, or was, in a story",
    "derived",
    (
        _must("story_id", STR, "story"),
        _must("article_id", STR, "article"),
        Column("origin_id", STR, "origin inside the story; NULL once it has left"),
        Column("role", STR, _ORIGIN_KIND),
        Column("link_article_id", STR, "article through which it joined; NULL for the founder or a story of one"),
        Column("score", NUM, "score of that link, 0..1; 1 for the same text group"),
        _must("joined_run_id", STR, "run in which it joined"),
        Column("left_run_id", STR, "run in which it left; NULL while it is in"),
        _must("report_date", DATE, "report date of the article; the month is the folder"),
    ),
    key=("story_id", "article_id", "joined_run_id"),
    sort=("report_date", "story_id", "article_id"),
    partition="report_date",
    lookups=("story_id", "article_id"),
    references=(
        Reference("article_id", "articles", "article_id", while_null="left_run_id"),
        Reference("link_article_id", "articles", "article_id"),
    ),
)

STORY_LINEAGE = Table(
    "story_lineage",
    "one row per story id minted, or per old id that another took over",
    "fact",
    (
        _must("run_id", STR, "run"),
        _must("night", DATE, "its logical night"),
        Column("old_story_id", STR, "id before; NULL when minted"),
        _must("new_story_id", STR, "id after"),
        _must(
            "founder_article_id",
            STR,
            "article that the id after was minted from; an id resolves to the story that holds it now",
        ),
        _must(
            "kind",
            STR,
            "minted, merged (the old id now leads to the new), split (the new id took some of the old's articles) or redirected (the old "
            "id's founder turned out to be a version of another article, or was withdrawn; it leads to that one's story, or to what is left)",
        ),
        _must("reason", STR, "why, as a sentence"),
    ),
    key=("run_id", "new_story_id", "old_story_id"),
    sort=("night", "new_story_id"),
    partition="night",
)

# The features of transforms/stories/similarity.py; a test holds the two together.
_FEATURES = {
    "f_words": "cosine of the words (first 700), those of the lead and the headline weighing more",
    "f_phrases": "runs of three words that both have, ln(1 + number) as a share of ln(401)",
    "f_names": "cosine of the words of names",
    "f_numbers": "cosine of the figures",
    "f_rare": "cosine of words that under 1% of articles have",
    "f_title": "cosine of the headlines (of the opening words, where a text has none)",
    "f_title_found": "share of the words of one headline that the other text has, mean of both directions",
    "f_lead_names": "share of the names of one lead that the other text has, mean of both directions",
    "f_quotes": "runs of three words that both quote, ln(1 + number) as a share of ln(51)",
    "f_cited": "1 where both credit one outlet for the whole report",
    "f_cited_other": "1 where both credit outlets for the whole report and none in common",
    "f_numbers_differ": "1 where both leads or headlines hold figures and neither text has one of the other's",
    "f_weekdays_differ": "1 where both leads name days of the week and none in common",
    "f_days": "1 - exp(-days^2 / 98) between the dates, or the nearest days stated where one is unknown; 1 where nothing says",
    "f_stated_days": "where a date is unknown: the same of the nearest days that the texts state, 0 where one states none",
    "f_years": "1 where both dates are unknown and the latest years stated differ",
    "f_meaning": "cosine of headline and opening as a text model reads them, .8 as 0 and 1 as 1; 0 where none is used",
}

MERGE_EVIDENCE = Table(
    "merge_evidence",
    "one row per pair of text groups considered near the threshold, by the articles that stand for them",
    "derived",
    (
        _must("run_id", STR, "run that first decided it so"),
        _must("article_a", STR, "the smaller id"),
        _must("article_b", STR, "the larger id"),
        _must("score", NUM, "similarity, 0..1"),
        _must(
            "threshold",
            NUM,
            "score needed, 0..1: of two texts alone, or, less, of one that joins a story of several, where all pairs reach it on average",
        ),
        _must("decision", STR, "accept, reject, veto or override"),
        Column("veto", STR, "date_gap, number_conflict, name_conflict, place_conflict, template or override"),
        *(Column(name, NUM, f"{what}, 0..1") for name, what in _FEATURES.items()),
        _must("terms", STRS, "the rare words that tie them"),
        _must("spans", SPANS, "where those words stand"),
        _must("report_date", DATE, "report date of the later of the two; the month is the folder"),
    ),
    key=("article_a", "article_b"),
    sort=("report_date", "article_a", "article_b"),
    partition="report_date",
    references=(Reference("article_a", "articles", "article_id"), Reference("article_b", "articles", "article_id")),
)

SOURCES = Table(
    "sources",
    "one row per outlet or agency that published or was cited",
    "derived",
    (
        _must("source_id", STR, "registry slug, else hash of its name or domain; src_unknown is a row of its own"),
        _must("name", STR, "name"),
        Column("domain", STR, "main domain"),
        _must("family_id", STR, "publisher family; its own id unless the registry says otherwise"),
        _must("kind", STR, "outlet, wire, aggregator, blog, broadcaster, official or unknown"),
        Column("country", STR, "ISO 3166 alpha-2"),
        _must("in_corpus", BOOL, "FALSE for one that is only cited"),
        Column("first_date", DATE, "first report date"),
        Column("last_date", DATE, "last report date"),
        *_FOUR,
        Column("n_origins", BIG, "origins"),
    ),
    key=("source_id",),
)

SOURCE_ALIASES = Table(
    "source_aliases",
    "one row per name or domain under which a source of this warehouse is known",
    "derived",
    (
        _must("alias", STR, "name or domain"),
        _must("source_id", STR, "source"),
        _must("method", STR, "registry, learnt or override"),
    ),
    key=("alias", "source_id"),
    references=(Reference("source_id", "sources", "source_id"),),
)

SOURCE_SPELLINGS = Table(
    "source_spellings",
    "one row per way in which a source is named by records, by the words of texts, or in agency credits",
    "derived",
    (
        _must("said_by", STR, "record, citation or credit"),
        Column("name", STR, "name as given; NULL where a record gives a domain alone"),
        Column("domain", STR, "domain as given"),
        Column(
            "named_id", STR, "for a citation: the id its words alone stand for, before a domain is learnt for the name"
        ),
        Column("source_id", STR, "source it stands for; NULL where a record names neither"),
        _must("n_uses", BIG, "records, or credits in texts, that name it so"),
    ),
    key=("said_by", "name", "domain", "named_id"),
)

OVERRIDES = Table(
    "overrides",
    "one row per decision of people against the machine, as the file of overrides stands",
    "derived",
    (
        _must("override_id", STR, "hash of the decision, its author, date and reason"),
        _must("kind", STR, "must_link, cannot_link, pin, set_source, set_date, alias, not_alias or ignore"),
        _must("key", STR, "article or text it speaks of (the article's id, where an address was given), or a name"),
        Column("value", STR, "the other article or text, story, source, date or actor; NULL where the kind has none"),
        Column("named_id", STR, "of a name: the actor that texts know by it alone; NULL for the other kinds"),
        _must("author", STR, "who decided"),
        _must("decided_date", DATE, "when, as stated"),
        _must("reason", STR, "why, as stated; not kept of what is forgotten"),
        _must("is_stale", BOOL, "it names what is not in the warehouse, and does nothing"),
        _must("first_run_id", STR, "run that first read it; which followed it since is in override_uses"),
    ),
    key=("override_id",),
    sort=("kind", "key", "override_id"),
)

SOURCE_CITATIONS = Table(
    "source_citations",
    "one row per outlet credited at a place of a text",
    "derived",
    (
        _must("text_id", STR, "text whose report it is"),
        _must("cited_source_id", STR, "outlet credited"),
        _must("cue", STR, "reported, according_to, told, obtained_by, with_inputs, published_in or via"),
        _must("level", STR, "report (the whole report is theirs), fact, or media (picture or video)"),
        Column(
            "start_char",
            INT,
            "first code point; NULL where the credit stood in a line removed as furniture (article_versions.removed)",
        ),
        Column("end_char", INT, "code point behind the last"),
        Column("sentence_no", INT, "sentence of the text, from 0"),
        _FILED,
    ),
    key=("text_id", "cited_source_id", "cue", "start_char"),
    sort=("filed_date", "text_id", "start_char"),
    partition="filed_date",
    references=(Reference("text_id", "texts", "text_id"), Reference("cited_source_id", "sources", "source_id")),
)

SOURCE_DAILY = Table(
    "source_daily",
    "one row per source and report date with an active article",
    "derived",
    (
        _must("source_id", STR, "source"),
        _must("report_date", DATE, "day, UTC"),
        *_FOUR,
        Column("n_origins", BIG, "origins"),
        _must("n_original_texts", BIG, "original texts ranked first of their group"),
        Column("originality_rate", NUM, "n_original_texts / texts whose rank is known; NULL under 5 of them"),
        _must("wire_share", NUM, "copies that are wire / copies"),
        _must("syndication_share", NUM, "copies that are wire, republished or rewrite / copies"),
        _must("n_firsts", BIG, "stories of several families that it had first, certainly"),
        Column(
            "lag_minutes_median",
            NUM,
            "median minutes behind the first instant of stories that several families have; NULL without a known instant",
        ),
        _must("n_lag_excluded", BIG, "copies without a known instant, left out of the lag"),
        _must(
            "n_cited_by_families",
            BIG,
            "other voices (known families, or text groups of unknown sources) whose texts of the day cite it for a report or a fact",
        ),
        _must("n_cites_out", BIG, "outlets that its texts of the day cite"),
        Column("exclusive_rate", NUM, "its stories that no other family has / its stories"),
        Column("breadth", NUM, "its stories / stories of the day"),
        Column("breadth_original", NUM, "stories of its original texts / stories of the day"),
        Column("correction_rate", NUM, "articles that a note says were corrected / articles"),
        Column("revision_rate", NUM, "articles with more than one version / articles"),
        _must("known_date_share", NUM, "copies with a stated publication date / copies"),
        Column(
            "baseline_ratio",
            NUM,
            "copies / median of those of the 28 days before on which it published; NULL without them",
        ),
    ),
    key=("source_id", "report_date"),
    sort=("report_date", "source_id"),
    partition="report_date",
    references=(Reference("source_id", "sources", "source_id"),),
)

SOURCE_PAIRS = Table(
    "source_pairs",
    "one row per source, other source that it credits or shares wording with, and month of the source's articles",
    "derived",
    (
        _must("source_id", STR, "source"),
        _must("other_id", STR, "the other; may be outside the corpus, or of the same family"),
        _must("month", DATE, "first day of the month, UTC"),
        _must("n_citations", BIG, "text groups of the source that credit the other for a report or a fact"),
        _must("n_shared_text_groups", BIG, "text groups that both have articles of in the month"),
        _must("n_times_first", BIG, "of those, text groups that the source certainly had before the other"),
        Column(
            "lag_minutes_median",
            NUM,
            "median minutes from the other's first article of such a group to the source's own, below 0 where that is first; "
            "NULL where no group has a known instant of both",
        ),
    ),
    key=("source_id", "other_id", "month"),
    sort=("month", "source_id", "other_id"),
    partition="month",
    references=(Reference("source_id", "sources", "source_id"), Reference("other_id", "sources", "source_id")),
)

ACTORS = Table(
    "actors",
    "one row per actor of the registry or learnt from texts that is mentioned",
    "derived",
    (
        _must("actor_id", STR, "registry slug, else hash of the full name"),
        _must("name", STR, "name"),
        _must(
            "type",
            STR,
            "person, state, government_body, igo, military, armed_group, party, company, media, other_org or place",
        ),
        Column("country", STR, "ISO 3166 alpha-2"),
        Column("affiliation_id", STR, "actor it belongs to"),
        Column("first_date", DATE, "first report date"),
        Column("last_date", DATE, "last report date"),
        *_FOUR,
        _must("n_origins", BIG, "origins"),
    ),
    key=("actor_id",),
)

ACTOR_SPELLINGS = Table(
    "actor_spellings",
    "one row per full name and kind under which texts know an actor: the commonest is its name",
    "derived",
    (
        _must("actor_id", STR, "actor"),
        _must("name", STR, "full name as known there"),
        _must("type", STR, "kind of actor as known there"),
        _must("n_uses", BIG, "texts that know it so"),
    ),
    key=("actor_id", "name", "type"),
)

ACTOR_ALIASES = Table(
    "actor_aliases",
    "one row per name that means an actor everywhere; names that do so in one text alone are in text_aliases",
    "derived",
    (
        _must("alias", STR, "the name as written"),
        Column("lang", STR, "ISO 639-1 code"),
        _must("actor_id", STR, "whom it names"),
        _must("scope", STR, "global"),
        _must("method", STR, "registry, learnt or override"),
        _must("confidence", NUM, "share 0..1"),
    ),
    key=("alias", "actor_id"),
    references=(Reference("actor_id", "actors", "actor_id"),),
)

ACTOR_REDIRECTS = Table(
    "actor_redirects",
    "one row per id that stood, or would have stood, for an actor while its name was not registered, and leads to the one it means now",
    "derived",
    (
        _must("old_actor_id", STR, "id under which the name was, or would have been, learnt"),
        _must("actor_id", STR, "whom the name means; an actor that nothing mentions is not in actors"),
        _must("method", STR, "registry or override"),
    ),
    key=("old_actor_id",),
)

ACTOR_DAILY = Table(
    "actor_daily",
    "one row per actor and report date on which an active article mentions it",
    "derived",
    (
        _must("actor_id", STR, "actor"),
        _must("report_date", DATE, "day, UTC"),
        _must("n_mentions", BIG, "mentions, each text's once however often it was copied that day"),
        *_FOUR,
        _must("n_origins", BIG, "origins"),
        _must("n_families", BIG, "known families + text groups whose sources are all unknown"),
        _must("lead_share", NUM, "its stories with it in the lead / its stories"),
        _must("share_of_stories", NUM, "its stories / stories of the day"),
        Column(
            "n_quotes",
            BIG,
            "quotes of it as the speaker, each text's once however often it was copied that day; NULL where none of its texts was searched",
        ),
        Column(
            "tone_text_mean",
            NUM,
            "mean tone (-1..1) of the texts that name it: one vote a text group, the mean of its wordings of the day; NULL where none is known",
        ),
        Column(
            "tone_story_mean",
            NUM,
            "the same with one vote a story, the mean of its text groups that name the actor that day",
        ),
    ),
    key=("actor_id", "report_date"),
    sort=("report_date", "actor_id"),
    partition="report_date",
    references=(Reference("actor_id", "actors", "actor_id"),),
)

ACTOR_PAIRS = Table(
    "actor_pairs",
    "one row per two actors named in one sentence, and report date",
    "derived",
    (
        _must("actor_a", STR, "the smaller id"),
        _must("actor_b", STR, "the larger id"),
        _must("report_date", DATE, "day, UTC"),
        Column("n_copies", BIG, "active articles; their headlines are not looked at"),
        _must("n_texts", BIG, "text groups"),
        _must("n_stories", BIG, "stories"),
        Column("n_origins", BIG, "origins"),
        _must("n_sentences", BIG, "sentences, each text's once"),
        Column("lift", NUM, "texts with both x texts of the day / (texts with a x texts with b); 1 = as chance has it"),
        _must("example_text_id", STR, "a text with such a sentence"),
        _must("example_start_char", INT, "from the first of the two there, in code points"),
        _must("example_end_char", INT, "to the end of the second"),
    ),
    key=("actor_a", "actor_b", "report_date"),
    sort=("report_date", "actor_a", "actor_b"),
    partition="report_date",
    references=(
        Reference("actor_a", "actors", "actor_id"),
        Reference("actor_b", "actors", "actor_id"),
        Reference("example_text_id", "texts", "text_id"),
    ),
)

SOURCE_ACTOR = Table(
    "source_actor",
    "one row per source, actor and month",
    "derived",
    (
        _must("source_id", STR, "source"),
        _must("actor_id", STR, "actor"),
        _must("month", DATE, "first day of the month, UTC"),
        Column("n_copies", BIG, "active articles"),
        _must("n_texts", BIG, "text groups"),
        _must("n_stories", BIG, "stories"),
        Column("n_origins", BIG, "origins"),
        _must("n_original_texts", BIG, "original texts ranked first of their group"),
        Column("share_of_source", NUM, "its texts with the actor / its texts of the month"),
        Column("index", NUM, "share_of_source / the same share of the whole corpus; 1 = average"),
        _must("n_texts_all", BIG, "text groups of the month, of any source, that name the actor"),
        Column("n_toned_texts", BIG, "n_texts of which the tone is known"),
        Column(
            "tone_text_mean",
            NUM,
            "mean tone (-1..1) of those: one vote a text group, the mean of the source's wordings; NULL without any",
        ),
    ),
    key=("source_id", "actor_id", "month"),
    sort=("month", "source_id", "actor_id"),
    partition="month",
    references=(Reference("source_id", "sources", "source_id"), Reference("actor_id", "actors", "actor_id")),
)

RUNS = Table(
    "runs",
    "one row per night tried: published, no_change, blocked or failed",
    "log",
    (
        _must("run_id", STR, "hash of parent snapshot, night, input, configuration, overrides and code"),
        _must("attempt_no", INT, "the same run tried again, from 1"),
        _must("night", DATE, "logical night"),
        _must("started_at", INSTANT, "UTC"),
        _must("finished_at", INSTANT, "UTC"),
        _must("status", STR, "published, no_change, blocked or failed"),
        Column("reason", STR, "why it was blocked or failed, as a sentence"),
        Column("parent_snapshot", INT, "snapshot it started from; NULL for the first"),
        Column("snapshot", INT, "snapshot readers see after it; NULL where there is none"),
        Column("data_hash", STR, "hash over every data file of that snapshot"),
        _must("code_hash", STR, "hash of the code that ran"),
        _must("config_hash", STR, "hash of settings, registries, weights and document frequencies"),
        Column("overrides_hash", STR, "hash of the overrides in force; NULL without any"),
        _must(
            "inputs",
            pa.list_(pa.struct([("path", STR), ("content_hash", STR)])),
            "each dump file and the hash of its bytes",
        ),
        _must("n_in", BIG, "candidate records = loaded + exact repeats + new versions + withdrawn + quarantined"),
        _must("n_loaded", BIG, "records that became a new article"),
        _must("n_exact_repeat", BIG, "records known already by key, title and body"),
        _must("n_new_version", BIG, "records that became a new version of an article"),
        Column("n_withdrawn", BIG, "records that take an article back"),
        _must("n_quarantined", BIG, "records and files refused with a reason"),
        _must(
            "stages",
            pa.list_(pa.struct([("stage", STR), ("seconds", NUM), ("cpu_seconds", NUM), ("peak_mb", NUM)])),
            "wall and CPU seconds, and peak memory in MiB, of each stage, child processes included",
        ),
    ),
    key=("run_id", "attempt_no"),
    sort=("started_at",),
)

RUN_CHANGES = Table(
    "run_changes",
    "one row per thing a night changed",
    "log",
    (
        _must("run_id", STR, "run"),
        _must(
            "change",
            STR,
            "new_story, grown, shrunk, merged, split, redirected, new_version, correction, withdrawn, forgotten, restated_metric, new_source, "
            "silent_source, new_actor, key_reused, overruled or overruled_no_more (a decision of people came or went; metric is its kind)",
        ),
        _must("entity_id", STR, "story, article, source, actor or override; corpus for the stories and texts of a day"),
        Column("before", STR, "value before; NULL where there was none"),
        Column("after", STR, "value after; NULL where there is none any more"),
        Column(
            "cause",
            STR,
            "late_article, new_article, new_version, update (other metadata), withdrawn, forgotten, silence, override, config or code",
        ),
        Column("article_id", STR, "article that brought it; of several the smallest id; NULL where none did"),
        Column("metric", STR, "column that changed, where it is one"),
        Column(
            "report_date",
            DATE,
            "past day whose number was restated; of source_actor and source_pairs the first of its month",
        ),
        Column("other_id", STR, "of source_actor, source_pairs and actor_pairs: the other actor or source of the row"),
    ),
    key=("run_id", "change", "entity_id", "other_id", "metric", "report_date", "article_id"),
)

OVERRIDE_USES = Table(
    "override_uses",
    "one row per night that ended well and decision of people that it followed, or could not",
    "log",
    (
        _must("override_id", STR, "decision, see overrides; its row there goes when the decision is taken back"),
        _must("used_in_run", STR, "run"),
        _must("is_stale", BOOL, "it named what was not in the warehouse that night, and did nothing"),
    ),
    key=("override_id", "used_in_run"),
)

QUALITY = Table(
    "quality",
    "one row per check of a night",
    "log",
    (
        _must("run_id", STR, "run"),
        _must("suite", STR, "contract, news, volume, overrides, or labelled (how well the labelled texts are decided)"),
        _must("metric", STR, "what was checked"),
        Column("table", STR, "table it concerns"),
        Column("value", NUM, "measured: rows that offend, or the figure itself"),
        Column("threshold", NUM, "bound"),
        _must("passed", BOOL, "within the bound"),
        _must("blocking", BOOL, "a failure blocks the publish"),
        _must("detail", STR, "a sentence that names the first offending rows; empty where it passed"),
    ),
    key=("run_id", "suite", "metric", "table"),
)

RAW_FILES = Table(
    "raw_files",
    "one row per dump file and run that read it, or left it for a reason",
    "log",
    (
        _must("run_id", STR, "run"),
        _must("raw_file_id", STR, "hash of feed, file name and content"),
        _must("path", STR, "where it was"),
        _must("bytes", BIG, "size on disk"),
        _must("modified_at", INSTANT, "its file time; never used as a date of an article"),
        _must("content_hash", STR, "SHA-256 of its bytes"),
        _must("format", STR, "as sniffed"),
        _must(
            "n_records",
            BIG,
            "candidate records read of it: = loaded + exact repeats + new versions + withdrawn + quarantined",
        ),
        Column("n_loaded", BIG, "records under a key not known before"),
        Column("n_exact_repeat", BIG, "records known already by key, title and body"),
        Column(
            "n_new_version",
            BIG,
            "records with other words under a known key, those among them that became an article of their own",
        ),
        Column("n_withdrawn", BIG, "records that take an article back"),
        Column("n_quarantined", BIG, "records refused with a reason"),
        Column("n_skipped", BIG, "what it holds besides candidates: requests, revisits, pictures"),
        Column("skipped", SKIPPED, "those by kind"),
        _must(
            "status",
            STR,
            "read, quarantined (as a whole), partial (some records were), alias or waiting (not read)",
        ),
        Column("reason", STR, "why, as a sentence"),
        Column("feed", STR, "feed that record keys are scoped by"),
        Column("etag", STR, "as an object store states it"),
        Column("change", STR, "to the nights before: new, grown, replaced, again (known, read anew), alias or waiting"),
        Column("read_from", BIG, "(decompressed) byte at which reading began; over 0 in a file that had grown"),
        Column("stopped_at", BIG, "(decompressed) byte at which reading would go on if it grew"),
    ),
    key=("run_id", "raw_file_id", "path"),
)

QUARANTINE = Table(
    "quarantine",
    "one row per record or file refused",
    "log",
    (
        _must("run_id", STR, "run"),
        _must("raw_file_id", STR, "dump file"),
        _must("path", STR, "where it was"),
        _must("raw_start", BIG, "first byte"),
        _must("raw_end", BIG, "byte behind the last"),
        Column("raw_member", STR, "file in the archive that these are bytes of"),
        _must("stage", STR, "read or clean"),
        _must("reason_code", STR, "stable word for counting"),
        _must("detail", STR, "what, as a sentence"),
        _must("preview", STR, "at most 200 characters of the input"),
    ),
    key=("run_id", "raw_file_id", "path", "raw_member", "raw_start", "reason_code"),
)

UPKEEP = Table(
    "upkeep",
    "one row per thing done to the warehouse beside its nights",
    "log",
    (
        _must("action_id", STR, "hash of what was done and when"),
        _must("action", STR, "rolled_back, compacted, vacuumed, swept, forgotten, bodies_dropped or upgraded"),
        _must("started_at", INSTANT, "UTC"),
        _must("finished_at", INSTANT, "UTC"),
        Column("snapshot_before", INT, "snapshot readers saw before"),
        Column("snapshot", INT, "snapshot readers see after"),
        _must("n_snapshots", BIG, "snapshots rewritten or removed"),
        _must("n_files", BIG, "files rewritten, merged or removed"),
        _must("n_rows", BIG, "rows changed or removed"),
        _must("detail", STR, "what, as a sentence; of something forgotten it never says what it was"),
    ),
    key=("action_id",),
    sort=("started_at",),
)

TOMBSTONES = Table(
    "tombstones",
    "one row per article or source that is forgotten, also by every night to come",
    "log",
    (
        _must("key", STR, "SHA-256 of kind and id; neither an address nor a name can be read from it"),
        _must("kind", STR, "article or source"),
        _must("added_at", INSTANT, "UTC"),
    ),
    key=("key",),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        RECORDS, WITHDRAWALS, TEXTS, TEXT_ACTORS, ACTOR_MENTIONS, TEXT_ALIASES, TEXT_CITATIONS, QUOTES, TEXT_TONES, STORY_LINEAGE,
        ARTICLES, ARTICLE_VERSIONS, TEXT_PAIRS, STORIES, STORY_ARTICLES, MERGE_EVIDENCE,
        SOURCES, SOURCE_ALIASES, SOURCE_SPELLINGS, SOURCE_CITATIONS, SOURCE_DAILY, SOURCE_PAIRS,
        ACTORS, ACTOR_ALIASES, ACTOR_REDIRECTS, ACTOR_SPELLINGS, ACTOR_DAILY, ACTOR_PAIRS, SOURCE_ACTOR, OVERRIDES,
        RUNS, RUN_CHANGES, OVERRIDE_USES, QUALITY, RAW_FILES, QUARANTINE, UPKEEP, TOMBSTONES,
    )
}  # fmt: skip
