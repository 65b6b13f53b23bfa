"""What kind of item a text is, by its title, its section, its shape and what it says of itself."""

import re
from collections import Counter
from collections.abc import Sequence

from transforms.clean.lines import length_in_words
from transforms.clean.settings import CleanSettings
from transforms.text import words

_OPINION = re.compile(
    r"^\W*(?:opinion|editorial|op-?ed|commentary|column|letters? to the editor|comment|perspective|guest (?:post|column|essay))\b\s*(?:[|:/–—-]|\Z)|\|\s*(?:opinion|editorial|comment)\b|\((?:opinion|column)\)",
    re.I,
)
_OPINION_PATH = re.compile(
    r"/(?:opinions?|editorials?|op-?eds?|commentary|commentisfree|columns?|columnists?|blogs?/opinion|views|letters)(?:/|$)",
    re.I,
)
_LIVE = re.compile(
    r"^\W*live\b\s*(?:updates?|blog|coverage)?\s*[:|–—-]|\blive (?:updates?|blog|coverage)\b|\bas it happened\b|\blatest updates?\s*\Z|\bminute[- ]by[- ]minute\b",
    re.I,
)
_LIVE_PATH = re.compile(r"/(?:live|live-news|live-updates?|liveblog)(?:/|-|$)", re.I)
_ROUNDUP = re.compile(
    r"\bround-?up\b|\b(?:news|daily|weekly|week(?:end)?|morning|evening) round up\b|\bround up\s*(?:[:|–—-]|\Z)|\b(?:day|week(?:end)?|month|year) in (?:\w+ )?(?:review|news|politics|pictures|photos|tech|science|stories|headlines|numbers|brief)\b|\b(?:morning|evening|daily|weekly|nightly|news) (?:brief(?:ing|s)?|digest|headlines|bulletin|rundown|wrap)\b(?=\W*\Z|\s*[:|,–—-]|\s+(?:for|on|of)\b)"
    r"|\btop (?:\d+ )?(?:stories|headlines|news)\b|\bheadlines (?:of|for) the\b|\bthe week (?:that was|ahead)\b|\bnews in brief\b|\bin brief\b\s*\Z"
    r"|^\W*(?:\d+|five|six|seven|eight|nine|ten) (?:things|stories) (?:to know|you (?:need to|should) know)(?: (?:for )?(?:today|tonight|this (?:morning|week)|(?:mon|tues|wednes|thurs|fri|satur|sun)day).*)?\Z|\bwhat (?:you need )?to know (?:today|this (?:morning|week))\b|\bweek'?s (?:top|biggest) ",
    re.I,
)
_PRESS = re.compile(
    r"^\W*(?:(?:press|media|news) release\b|for immediate release|(?:media|press) contacts?\b|about [A-Z][\w&. ]{1,40}\Z)|/PRNewswire|\(BUSINESS WIRE\)|GLOBE NEWSWIRE|forward-looking statements",
    re.I,
)
_TRANSCRIPT = re.compile(
    r"^\W*(?:read (?:the )?)?(?:full |rush |complete |edited )*transcript\b|\btranscript\W*\Z", re.I
)
_RUSH = re.compile(r"rush transcript|transcript provided by|copy may not be in its final form", re.I)
_SPEAKER = re.compile(r"^([A-Z][A-Z .,'’()-]{2,60}|[A-Z][a-z]+(?: [A-Z][a-z]+){0,2}|[A-Z]):\s+\S")
_STUB = re.compile(
    r"\b(?:subscribe to (?:continue|read)|unlock (?:this|the|your) (?:article|story|content)|before you continue|accept (?:all )?cookies to|log ?in to (?:continue|read)|sign in to|register to (?:continue|read)|this (?:content|article) is (?:for|only available to) (?:subscribers|members)"
    r"|already a subscriber|to continue reading|page (?:not found|you requested)|404|403 forbidden|access denied|enable (?:javascript|cookies)|are you a robot|verify you are human"
    r"|captcha|cloudflare|something went wrong|internal server error|service unavailable|no longer available|not available in your (?:region|country)|we value your privacy|consent"
    r"|article (?:has been )?removed|temporarily unavailable)\b",
    re.I,
)
# Among the furniture, where any page may ask for a subscription, only the words of a locked door.
_PAYWALL = re.compile(
    r"\b(?:to (?:continue|keep) reading|to read (?:on|the (?:full|rest))|(?:article|story|content) is (?:for|only available to) (?:subscribers|members))\b",
    re.I,
)
_CLOCK_LINE = re.compile(
    r"^\W*(?:\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,4})?|\d{1,2}\s*[ap]\.?m\.?(?: [A-Z]{2,4})?)\s*(?:[-–—:|].*)?\Z",
    re.I,
)
# A person and where their words were printed, at the end of a quotation or on a line of its own below one.
_PRINTED = r"[A-Z][\w.’'-]*(?: (?:and|de|van|von|[A-Z][\w.’'-]*)){0,6}"
_SIGNED = re.compile(rf"[”\"»]\s*[-–—]?\s*{_PRINTED}(?:, {_PRINTED})?, ({_PRINTED})\W*\Z")
_SIGNATURE = re.compile(rf"^\W*{_PRINTED}(?:, {_PRINTED})?, ({_PRINTED})\W*\Z")
_SIGNATURE_CHARACTERS = 160
_LIST_ITEM = re.compile(r"^(?:[•*\-–·▪►]|\(?\d{1,3}[.)])\s+\S")
_NUMBERS = re.compile(r"\d[\d,.:%$€£-]*")
# From how many lines on, and with what share of them, a shape is that of a list, a transcript or a live blog.
_SHAPE_LINES = 8
_LISTING_SHARE = 0.6
_TRANSCRIPT_SHARE = 0.3
_SPEAKERS = 6
_FEW_SAY = 0.8
_LIVE_LINES = 5
_ITEMS = 4
# A press review quotes so many voices, of so many papers, and is made of them: of 37,554 real articles 254 do, of which 253 are of
# two series of reviews (allsides_37k); with a lower share come reports that name the states of senators.
_VOICES = 4
_PAPERS = 3
_VOICES_SHARE = 0.1
_PARAGRAPH_WORDS = 12


def content_type(
    title: str | None, url_norm: str | None, lines: Sequence[str], labels: Sequence[str], settings: CleanSettings
) -> str:
    """Return one of news, opinion, liveblog, roundup, press_release, listing, transcript, stub, unknown.

    `labels` are the furniture lines removed (a section label is evidence); what speaks against bridging stories is asked first.
    """
    n_words = sum(map(length_in_words, lines))
    if n_words < settings.stub_words:
        return "stub"
    if n_words < settings.stub_max_words and (
        _STUB.search(" ".join((*lines, title or ""))) or any(map(_PAYWALL.search, labels))
    ):
        return "stub"
    title = title or ""
    if (
        _LIVE.search(title)
        or _LIVE_PATH.search(url_norm or "")
        or sum(1 for line in lines if _CLOCK_LINE.match(line)) >= _LIVE_LINES
    ):
        return "liveblog"
    if _ROUNDUP.search(title) or _is_items(title, lines) or _is_press_review(lines):
        return "roundup"
    if _TRANSCRIPT.search(title) or any(_RUSH.search(line) for line in (*lines[:3], *labels)) or _is_dialogue(lines):
        return "transcript"
    if any(_PRESS.search(line) for line in (*labels[:3], *lines[:2], *lines[-4:])):
        return "press_release"
    if _is_listing(lines):
        return "listing"
    if (
        _OPINION.search(title)
        or _OPINION_PATH.search(url_norm or "")
        or any(_OPINION.search(label) for label in labels)
    ):
        return "opinion"
    return "news"


def _is_dialogue(lines: Sequence[str]) -> bool:
    """Many lines open with a speaker's name and a colon, and few speakers say most of them."""
    speakers = Counter(match.group(1) for line in lines if (match := _SPEAKER.match(line)) is not None)
    said = sum(speakers.values())
    few = sum(count for _, count in speakers.most_common(_SPEAKERS))
    return (
        said >= _SHAPE_LINES
        and said >= _TRANSCRIPT_SHARE * len(lines)
        and few >= _FEW_SAY * said
        and speakers.most_common(1)[0][1] > 2
    )


def _is_listing(lines: Sequence[str]) -> bool:
    """Tables, results, schedules: mostly short lines without sentences, full of numbers or items."""
    if len(lines) < _SHAPE_LINES:
        return False
    short = [
        line
        for line in lines
        if len(line.split()) < _PARAGRAPH_WORDS
        and (_LIST_ITEM.match(line) or len(_NUMBERS.findall(line)) * 3 >= len(line.split()))
    ]
    return len(short) >= _LISTING_SHARE * len(lines)


def _is_items(title: str | None, lines: Sequence[str]) -> bool:
    """Several headed items that share no names and no word of the title: each a short capitalised heading and its own paragraphs."""
    heads = [
        i
        for i, line in enumerate(lines)
        if _is_item_heading(line) and i + 1 < len(lines) and len(lines[i + 1].split()) >= _PARAGRAPH_WORDS
    ]
    if len(heads) < _ITEMS or heads[0] > 2:
        return False
    sections = ["\n".join(lines[a:b]) for a, b in zip(heads, [*heads[1:], len(lines)], strict=True)]
    if title and any(
        sum(word in section.casefold() for section in sections) > len(sections) / 2 for word in _topic(title)
    ):
        return False
    names = [frozenset(_NAME.findall(section)) for section in sections]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    unrelated = sum(1 for a, b in pairs if len(a & b) <= 1)
    return unrelated >= _UNRELATED_SHARE * len(pairs)


def _is_press_review(lines: Sequence[str]) -> bool:
    """Quotations from several papers, each signed with who wrote it and where: what ties such texts is the reviewer's choice."""
    papers = [paper for i, line in enumerate(lines) if (paper := _paper(line, lines[i - 1] if i else ""))]
    return len(papers) >= max(_VOICES, _VOICES_SHARE * len(lines)) and len(set(papers)) >= _PAPERS


def _paper(line: str, before: str) -> str | None:
    """Return the paper that a quotation is signed with."""
    match = _SIGNED.search(line[-_SIGNATURE_CHARACTERS:])
    if match is None and len(line) <= _SIGNATURE_CHARACTERS and before.rstrip()[-1:] in ("”", '"', "»"):
        match = _SIGNATURE.match(line)
    return match and match.group(1)


# Sections of one report share their persons and places; items of a round-up do not.
_UNRELATED_SHARE = 0.8
_DAYS = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_NAME = re.compile(rf"(?<=[a-z,;] )(?!{_DAYS}\b)[A-Z][\w’'-]{{2,}}")
_WEEKDAY = re.compile(_DAYS, re.I)
_HEADING_WORDS = 12


def _is_item_heading(line: str) -> bool:
    return (
        len(line.split()) <= _HEADING_WORDS
        and line[:1].isupper()
        and not line.endswith((".", ":", "?", "!", ",", "”", '"'))
    )


def _topic(title: str) -> list[str]:
    return [word.casefold() for word in words(title) if len(word) > 3 and not _WEEKDAY.fullmatch(word)]
