"""Who and what a text speaks of, and how: mentions of actors, their names there, the outlets it credits, who says what, its tone.

A pure function of each text alone: what stands in other texts of the table never matters, nor how many there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from transforms.enrich.actors import settle
from transforms.enrich.attribution import Attributor
from transforms.enrich.citations import Citation, cite
from transforms.enrich.lexicon import Entry, lexicon
from transforms.enrich.mentions import SpacyTagger, Tagger
from transforms.enrich.names import NameTagger
from transforms.enrich.phrases import Phrases
from transforms.enrich.quotations import quotations
from transforms.enrich.quotes import Quote, quote
from transforms.enrich.registry import ActorRegistry
from transforms.enrich.spans import Board, Span
from transforms.enrich.titles import title_before
from transforms.enrich.tokens import Tokens
from transforms.enrich.tone import ToneReader
from transforms.sources import SourceRegistry

__all__ = [
    "ALIASES",
    "CITATIONS",
    "MENTIONS",
    "QUOTES",
    "TONES",
    "ActorRegistry",
    "Attributor",
    "Enriched",
    "NameTagger",
    "SpacyTagger",
    "Tagger",
    "ToneReader",
    "enrich",
]

MENTIONS = pa.schema(
    [
        pa.field("text_id", pa.string(), nullable=False),
        pa.field("start_char", pa.int32(), nullable=False),
        pa.field("end_char", pa.int32(), nullable=False),
        pa.field("surface", pa.string(), nullable=False),
        pa.field("actor_id", pa.string()),
        pa.field("type", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("confidence", pa.float64(), nullable=False),
        pa.field("sentence_no", pa.int32(), nullable=False),
        pa.field("in_lead", pa.bool_(), nullable=False),
        pa.field("as_source", pa.bool_(), nullable=False),
    ]
)
ALIASES = pa.schema(
    [
        pa.field("text_id", pa.string(), nullable=False),
        pa.field("alias", pa.string(), nullable=False),
        pa.field("lang", pa.string()),
        pa.field("actor_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("confidence", pa.float64(), nullable=False),
    ]
)
CITATIONS = pa.schema(
    [
        pa.field("text_id", pa.string(), nullable=False),
        pa.field("cited_name", pa.string(), nullable=False),
        pa.field("cited_source_id", pa.string(), nullable=False),
        pa.field("cue", pa.string(), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("start_char", pa.int32(), nullable=False),
        pa.field("end_char", pa.int32(), nullable=False),
        pa.field("sentence_no", pa.int32(), nullable=False),
    ]
)
QUOTES = pa.schema(
    [
        pa.field("text_id", pa.string(), nullable=False),
        pa.field("start_char", pa.int32(), nullable=False),
        pa.field("end_char", pa.int32(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("n_words", pa.int32(), nullable=False),
        pa.field("sentence_no", pa.int32(), nullable=False),
        pa.field("verb", pa.string()),
        pa.field("speaker_surface", pa.string()),
        pa.field("speaker_start_char", pa.int32()),
        pa.field("speaker_end_char", pa.int32()),
        pa.field("speaker_actor_id", pa.string()),
        pa.field("speaker_confidence", pa.float64()),
        pa.field("speaker_mention_char", pa.int32()),
        pa.field("quote_group_id", pa.string()),
    ]
)
TONES = pa.schema(
    [
        pa.field("text_id", pa.string(), nullable=False),
        pa.field("tone", pa.float64(), nullable=False),
        pa.field("n_tone_words", pa.int32(), nullable=False),
        pa.field("start_char", pa.int32()),
        pa.field("end_char", pa.int32()),
    ]
)
# First sentences of a body that count as its lead: the definition of in_lead in the warehouse schema.
_LEAD_SENTENCES = 3
# Characters of texts worked on together; a longer text stands alone.
_BATCH_CHARACTERS = 60_000


@dataclass(frozen=True, slots=True)
class Enriched:
    """The tables of a batch, by text_id and place: mentions (MENTIONS), aliases (ALIASES), citations (CITATIONS), quotes (QUOTES), tones (TONES)."""

    mentions: pa.Table
    aliases: pa.Table
    citations: pa.Table
    quotes: pa.Table
    tones: pa.Table


def enrich(
    texts: pa.Table,
    actors: ActorRegistry,
    sources: SourceRegistry,
    tagger: Tagger,
    attributor: Attributor | None = None,
    tone: ToneReader | None = None,
) -> Enriched:
    """Find actors, cited outlets, quotes and tone in texts (columns text_id, kind body or title, body, lang).

    Every text is worked alone. Texts known to be in another language than English are read by the registries only,
    because tagger and attributor know English; quotes are looked for in bodies, and not at all without an attributor.
    A tone is given to bodies known to be English, and to none without a reader.
    Offsets are code points of `body`.
    """
    phrases = lexicon(actors, sources)
    schemas = {"mentions": MENTIONS, "aliases": ALIASES, "citations": CITATIONS, "quotes": QUOTES, "tones": TONES}
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in schemas}
    wanted = texts.select(["text_id", "kind", "body", "lang"]).to_pylist()
    for batch in _batches(sorted(wanted, key=lambda row: str(row["text_id"]))):
        settled = boards(batch, phrases, tagger)
        for text, board in zip(batch, settled, strict=True):
            settle(board, actors, sources)
            citations = cite(board)
            rows["mentions"].extend(_mention_rows(text, board))
            rows["aliases"].extend(_alias_rows(text, board))
            rows["citations"].extend(_citation_rows(text, board, citations))
            if tone is not None and text["kind"] == "body" and text["lang"] == "en":
                rows["tones"].extend(_tone_rows(text, board, tone))
        if attributor is not None:
            for text, board, quotes in _quotes(batch, settled, attributor):
                rows["quotes"].extend(_quote_rows(text, board, quotes))
    return Enriched(**{name: _table(rows[name], schema) for name, schema in schemas.items()})


def _quotes(
    batch: Sequence[dict[str, str]], settled: Sequence[Board], attributor: Attributor
) -> Iterator[tuple[dict[str, str], Board, list[Quote]]]:
    """Yield the English bodies of a batch with their quotes."""
    read = [k for k, text in enumerate(batch) if text["kind"] == "body" and text["lang"] in {None, "en"}]
    marked = [quotations(settled[k].tokens.text) for k in read]
    runs = attributor.attribute([settled[k].tokens for k in read], marked)
    for k, each, found in zip(read, marked, runs, strict=True):
        yield batch[k], settled[k], quote(settled[k], found, each)


def boards(texts: Sequence[dict[str, str]], phrases: Phrases[Entry], tagger: Tagger) -> list[Board]:
    """Return the board of each text (kind, body, lang): its pieces, the dictionary's hits and the tagger's tags."""
    tokens = [Tokens(text["body"], text["kind"] == "title") for text in texts]
    hits = [list(phrases.scan(each)) for each in tokens]
    shown = [k for k, text in enumerate(texts) if text["lang"] in {None, "en"}]
    found = tagger.tag([tokens[k] for k in shown], [_known(tokens[k], hits[k]) for k in shown])
    tags = dict(zip(shown, found, strict=True))
    return [Board(each, hits[k], tags.get(k, [])) for k, each in enumerate(tokens)]


def _known(tokens: Tokens, hits: Sequence[tuple[int, int, list[Entry]]]) -> list[bool]:
    """Flag the pieces that the dictionary settles."""
    known = [False] * len(tokens)
    for first, last, entries in hits:
        if any(e.kind != "supported" for e in entries):
            known[first:last] = [True] * (last - first)
    return known


def _batches(texts: Sequence[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """Yield neighbouring texts of so many characters together: a tagger is quicker on many, and their boards are dear to keep."""
    batch: list[dict[str, str]] = []
    characters = 0
    for text in texts:
        if batch and characters + len(text["body"]) > _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text["body"])
    if batch:
        yield batch


def _mention_rows(text: dict[str, str], board: Board) -> Iterable[tuple[object, ...]]:
    tokens = board.tokens
    for span in board.spans():
        start, end = tokens.starts[span.first], tokens.ends[span.last - 1]
        sentence = tokens.sentence[span.first]
        in_lead = text["kind"] == "title" or sentence < _LEAD_SENTENCES
        surface = tokens.text[start:end]
        yield (
            text["text_id"],
            start,
            end,
            surface,
            span.actor_id,
            span.type,
            span.method,
            span.confidence,
            sentence,
            in_lead,
            span.as_source,
        )


def _alias_rows(text: dict[str, str], board: Board) -> Iterable[tuple[object, ...]]:
    """Yield each name of each actor once: the surest of its mentions, and full names with the titles before them."""
    best: dict[tuple[str, str], tuple[Span, str, float]] = {}
    for span in board.spans():
        if span.actor_id is None or span.name is None:
            continue
        for alias, method in _names(board, span):
            kept = best.get((alias, span.actor_id))
            if kept is None or span.confidence > kept[2]:
                best[alias, span.actor_id] = (span, method, span.confidence)
    for (alias, actor_id), (span, method, confidence) in sorted(best.items(), key=lambda item: item[0]):
        yield (text["text_id"], alias, text["lang"], actor_id, span.name, span.type, method, confidence)


def _names(board: Board, span: Span) -> Iterable[tuple[str, str]]:
    tokens = board.tokens
    yield tokens.surface(span.first, span.last), span.method
    if span.type == "media" and tokens.words[span.first] == "The" and span.last - span.first > 1:
        yield tokens.surface(span.first + 1, span.last), span.method
    for first, last, entries in board.hits_within(span.first, span.last):
        if last - first < span.last - span.first:
            kinds = [e.kind for e in entries if e.actor is not None and e.actor.actor_id == span.actor_id]
            if kinds and kinds[0] in {"alias", "demonym"}:
                yield tokens.surface(first, last), "registry" if kinds[0] == "alias" else "demonym"
    if span.type == "person" and span.method in {"registry", "full_name"}:
        first, _ = title_before(board, span.first)
        first = max([first, *(k + 1 for k in range(first, span.first) if not tokens.capital[k])])
        if first < span.first and all(gap in {" ", ". "} for gap in tokens.gaps[first : span.first]):
            yield tokens.surface(first, span.last), "title"


def _citation_rows(text: dict[str, str], board: Board, citations: list[Citation]) -> Iterable[tuple[object, ...]]:
    tokens = board.tokens
    for citation in citations:
        span = citation.span
        start, end = tokens.starts[span.first], tokens.ends[span.last - 1]
        yield (
            text["text_id"],
            span.name,
            span.source_id,
            citation.cue,
            citation.level,
            start,
            end,
            tokens.sentence[span.first],
        )


def _quote_rows(text: dict[str, str], board: Board, quotes: Iterable[Quote]) -> Iterable[tuple[object, ...]]:
    tokens = board.tokens
    for found in quotes:
        verb = tokens.surface(found.cue.first, found.cue.last) if found.cue is not None else None
        by = found.speaker
        mention = by.mention if by is not None else None
        yield (
            text["text_id"],
            found.start,
            found.end,
            found.kind,
            found.n_words,
            tokens.sentence_at(found.start),
            verb,
            tokens.surface(by.first, by.last) if by is not None else None,
            tokens.starts[by.first] if by is not None else None,
            tokens.ends[by.last - 1] if by is not None else None,
            mention.actor_id if mention is not None else None,
            by.confidence if by is not None and mention is not None else None,
            tokens.starts[mention.first] if mention is not None else None,
            found.group_id,
        )


def _tone_rows(text: dict[str, str], board: Board, reader: ToneReader) -> Iterable[tuple[object, ...]]:
    found = reader.read(board)
    if found is not None:
        start, end = (None, None) if found.sentence is None else board.tokens.sentences[found.sentence]
        yield (text["text_id"], found.value, found.n_words, start, end)


def _table(rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
