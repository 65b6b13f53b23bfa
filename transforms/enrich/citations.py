"""Who is credited: the cited outlets of a text, each with its cue, its place and how much of the report is theirs."""

import re
from collections import Counter
from dataclasses import dataclass

from transforms.enrich.cues import Cue, cue_at, joins
from transforms.enrich.spans import Board, Span
from transforms.enrich.tokens import Tokens


@dataclass(frozen=True, slots=True)
class CitationSettings:
    """When the whole report is an outlet's.

    `lead_sentences`: first sentences of a body that count as its lead (definition of in_lead in the warehouse schema).
    `credits_for_report`: credits, back references ("the report claimed") included, that make a report theirs without a
    place in the lead; three, because two are usual for a second source (the five seeds and worldwide_open by eye).
    """

    lead_sentences: int = 3
    credits_for_report: int = 3


DEFAULT = CitationSettings()
# Cues that alone mean the whole piece is taken over.
_WHOLE = frozenset({"with_inputs", "published_in", "via"})
# In the lead these credit the report; "told" there credits one statement.
_LEADING = frozenset({"reported", "according_to", "obtained_by"})
_BACK_REFERENCE = re.compile(
    r"\b(?:the|The|its|Its) (?:report|newspaper|news outlet|outlet|news agency|magazine|network|broadcaster|paper|article|daily|publication)(?:,? (?:also|further|however|then))?,? "
    r"(?:claim|add|said|say|stat|quot|note|cit|report|reveal|allege|suggest|mention|wrote|observ|read)\w*|\b[Aa]ccording to the (?:report|newspaper|outlet|agency|magazine|network|article)\b"
)
_REPORTER = re.compile(
    r"\b(?:[Aa]ccording to|[Rr]eporters?|[Jj]ournalists?|[Cc]orrespondents?) ((?:[A-Z][\w’'-]+ ){1,3})(?:of|at|from|for|with) (?:the |The )?$"
)


@dataclass(frozen=True, slots=True)
class Citation:
    """One credit: pieces as in its span, cue and level as in source_citations."""

    span: Span
    cue: str
    level: str


def cite(board: Board, settings: CitationSettings = DEFAULT) -> list[Citation]:
    """Return the credits of a text in its order; marks their spans `as_source`.

    Level report: the cue takes the whole piece over (inputs, published in, via), or the outlet is credited in the lead,
    or at least `credits_for_report` times; media: a picture or video credit; fact: any other.
    """
    found = _credits(board)
    if not found:
        return []
    whole = _whole_reports(board, [(span, cue) for span, cue in found if not cue.media], settings)
    citations = []
    for span, cue in found:
        span.as_source = True
        level = "media" if cue.media else "report" if span.source_id in whole else "fact"
        citations.append(Citation(span, cue.name, level))
    return citations


def _credits(board: Board) -> list[tuple[Span, Cue]]:
    tokens = board.tokens
    found: list[tuple[Span, Cue]] = []
    previous: tuple[Span, Cue] | None = None
    waiting: Span | None = None
    for span in board.spans():
        if span.type != "media" or span.source_id is None:
            continue
        cue = cue_at(tokens, span.first, span.last)
        if cue is None and previous is not None and previous[0].last <= span.first:
            cue = previous[1] if _between(tokens, previous[0], span) else None
        previous = (span, cue) if cue is not None else None
        if cue is not None:
            if cue.after and waiting is not None and _between(tokens, waiting, span):
                found.append((waiting, cue))
            found.append((span, cue))
        waiting = span if cue is None else None
    return found


def _between(tokens: Tokens, one: Span, other: Span) -> bool:
    return joins(tokens.text[tokens.ends[one.last - 1] : tokens.starts[other.first]])


def _whole_reports(board: Board, credits: list[tuple[Span, Cue]], settings: CitationSettings) -> set[str]:
    counts: Counter[str] = Counter()
    whole: set[str] = set()
    for span, cue in credits:
        source_id = span.source_id or ""
        counts[source_id] += 1
        in_lead = board.tokens.sentence[span.first] < settings.lead_sentences
        if cue.name in _WHOLE or (cue.name in _LEADING and in_lead):
            whole.add(source_id)
    counts += _back_references(board, credits)
    return whole | {source_id for source_id, n in counts.items() if n >= settings.credits_for_report}


def _back_references(board: Board, credits: list[tuple[Span, Cue]]) -> Counter[str]:
    """Count "the report claimed" and "according to Toosi" for the outlet credited last before them."""
    counts: Counter[str] = Counter()
    if not credits:
        return counts
    text, tokens = board.tokens.text, board.tokens
    places = [(tokens.starts[span.first], span.source_id or "") for span, _ in credits]
    for match in _BACK_REFERENCE.finditer(text):
        before = [source_id for start, source_id in places if start < match.start()]
        if before:
            counts[before[-1]] += 1
    for start, source_id in places:
        reporter = _REPORTER.search(text[max(0, start - 80) : start])
        if reporter is not None:
            surname = re.escape(reporter.group(1).split()[-1])
            counts[source_id] += len(re.findall(rf"\b[Aa]ccording to {surname}\b", text))
    return counts
