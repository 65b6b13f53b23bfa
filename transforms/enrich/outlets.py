"""Outlets named in a text: those of the registry, and unknown ones that their name or an apposition gives away."""

import re
from collections.abc import Callable
from functools import cache, partial

from transforms.enrich.cues import cue_at
from transforms.enrich.spans import Board, Span
from transforms.enrich.words import CALENDAR, HONORIFICS, STARTERS, TITLES, word_set
from transforms.sources import Source, SourceRegistry

# "On both sides of the Atlantic said": a place, not a paper.
_LOCATIVE = re.compile(r"\b(?:of|across|in|on|over|from|under|near|to) the $")
# What may follow a common word that is told or cited as an outlet ("told Time that"), unlike "given to the Hindu cause".
_OBJECT_ENDS = re.compile(
    r"[^\w\s]|$|\n| (?:that|on|in|by|and|as|this|for|last|about|during|when|after|before|it|he|she|they|his|her|their|to|at"
    r"|newspaper|magazine|who|which|of|is|was)\b| [A-Z]"
)
# Names of outlets that are also common words or names: they count only where something is credited to them.
_COMMON = word_set(
    "time dawn sun mirror hill independent guardian fortune nature science people variety nation atlantic economist telegraph express standard star "
    "globe post journal metro week slate salon wired reason commentary today mail herald observer spectator tribune times citizen daily mint quint "
    "print wire pioneer statesman hindu frontline outlook caravan scroll patriot monitor argus age australian scotsman local stand intercept root "
    "cut verge ringer onion conversation diplomat bee punch vanguard vox quartz national monocle lancet cell echo record courier chronicle gazette "
    "register sentinel bulletin weekly leader advocate examiner inquirer dispatch press democrat republic news forward stranger hindustan mint front "
    "insider bustle mic vice fusion mashable world focus stern bild marca sport newsday sky public truth blaze bulwark dispatch federalist "
    "ap abc cbs nbc pti ani upi ina sana kuna ans aap ist sda apa ats cna irna tass dpa efe lusa rfi dw bta tanjug abp star crux target "
    "cctv irrawaddy semana nine seven ten haber ary geo dunya business aaj sama express capital continent tempo rappler kompas detik zee republic"
)
# Acronyms among those, which are outlets wherever written in capitals.
_CAPITALS_SUFFICE = frozenset({"ABC", "CBS", "NBC", "AP", "PTI", "ANI", "UPI", "IRNA", "TASS", "RFI"})
_STRONG_HEADS = word_set(
    "times post daily tribune herald gazette courier chronicle journal observer mail telegraph mirror dispatch examiner inquirer globe register "
    "sentinel bulletin weekly broadcasting magazine newspaper tv television radio news express guardian standard star sun echo argus"
)
_WEAK_HEADS = word_set(
    "press media network online today review monitor wire channel reporter press-agency agency report broadcaster reader leader advocate record"
)
_FIRST_HEADS = frozenset({"radio", "télé", "tele", "televisión", "diario", "agence", "agencia", "channel", "tv"})
_KINDS = (
    r"(?:newspaper|magazine|weekly|daily|tabloid|broadsheet|broadcaster|news ?(?:agency|outlet|site|website|paper|portal|channel|network|service|wire|organi[sz]ation)"
    r"|tv (?:channel|station|network)|television (?:channel|station|network)|radio(?: station)?|media outlet|wire service|outlet)"
)
_NO_PERSON = (
    r"(?! (?:columnist|editor|reporter|publisher|owner|journalist|writer|correspondent|executive|host|anchor|presenter"
    r"|article|report|interview|ad|test)\b)"
)
_APPOSED_BEFORE = re.compile(
    rf"\b(?:the (?:[\w-]+ ){{0,4}}{_KINDS}|an? (?:[\w-]+ ){{0,4}}(?!daily |weekly ){_KINDS}),? $", re.IGNORECASE
)
_APPOSED_AFTER = re.compile(
    rf"^(?:,| –| —| -|\s\() (?:which is )?(?:an?|the) (?:[\w’'-]+ ){{0,5}}{_KINDS}\b{_NO_PERSON}|^ {_KINDS}\b{_NO_PERSON}",
    re.IGNORECASE,
)


def settle_outlets(board: Board, sources: SourceRegistry) -> None:
    """Settle the outlets a text names; `as_source` marks those something is credited to."""
    # Asked once an outlet, not once for each time it is named.
    is_credited = cache(partial(_credited_somewhere, board))
    for first, last, entries in board.hits:
        source = next((e.source for e in entries if e.source is not None), None)
        if source is not None and source.kind != "official" and board.free(first, last):
            _settle_known(board, source, first, last, len(entries) > 1, is_credited)
    for first, last in _with_repeats(board, _unknown(board)):
        name = board.tokens.surface(first, last)
        source_id = sources.source_id_for_name(name)
        begin = with_article(board, first)
        name = (
            board.tokens.surface(begin, last)
            if begin < first and board.tokens.words[begin] == "The" and not board.tokens.first_of_sentence[begin]
            else name
        )
        board.put(Span(begin, last, "media", "head_word", 0.8, outlet_actor(source_id), name, None, source_id))
    _settle_short(board)


def outlet_actor(source_id: str) -> str:
    """Return the actor id of an outlet: its source id with another prefix."""
    return "act_media_" + source_id.removeprefix("src_")


def with_article(board: Board, first: int) -> int:
    """Return where an outlet's name begins when a capitalised "The" stands before it."""
    tokens = board.tokens
    return (
        first - 1
        if first and tokens.words[first - 1] == "The" and tokens.gaps[first - 1] == " " and board.free(first - 1, first)
        else first
    )


def _settle_known(
    board: Board, source: Source, first: int, last: int, contested: bool, is_credited: Callable[[str], bool]
) -> None:
    if _inside_name(board, first, last):
        return
    tokens = board.tokens
    common = last - first == 1 and _common(tokens.words[first])
    if _bears_a_title(board, first, last) or ((common or contested) and not _credited(board, first, last)):
        return
    plain = last - first == 1 and not common and not tokens.words[first].isupper()
    # An outlet of one plain word or a namesake: the tagger sees an organisation, or the outlet is credited somewhere in the text.
    likely = source.kind == "wire" or board.label_at.get(first) == "ORG"
    if plain and not likely and not is_credited(source.source_id):
        return
    begin = with_article(board, first)
    board.put(
        Span(
            begin,
            last,
            "media",
            "registry",
            0.95,
            outlet_actor(source.source_id),
            source.name,
            source.country,
            source.source_id,
        )
    )


def _bears_a_title(board: Board, first: int, last: int) -> bool:
    """Tell "Mr. Bloomberg", and Bloomberg in a text about Michael Bloomberg, from the outlet."""
    tokens = board.tokens
    if last - first > 1:
        return False
    if (
        first
        and tokens.joined(first - 1)
        and (tokens.folded[first - 1] in HONORIFICS or tokens.folded[first - 1] in TITLES)
    ):
        return tokens.capital[first - 1]
    return tokens.words[first] in board.known_last_names


def _credited_somewhere(board: Board, source_id: str) -> bool:
    """Tell whether something is credited to an outlet anywhere in the text."""
    return any(
        cue_at(board.tokens, first, last) is not None
        for first, last, entries in board.hits
        if any(e.source is not None and e.source.source_id == source_id for e in entries)
    )


def _common(word: str) -> bool:
    return word.lower() in _COMMON and word not in _CAPITALS_SUFFICE


def _inside_name(board: Board, first: int, last: int) -> bool:
    """Tell "Times Square" and "Mary Post" from an outlet: another capitalised word of no known name stands close."""
    tokens = board.tokens
    if tokens.heading(first) or last - first > 1:
        return False
    if last < len(tokens) and tokens.capital[last] and tokens.gaps[last - 1] == " " and last not in board.hit_at:
        return tokens.folded[last] in {"square", "up", "building", "center", "centre"} or (
            _common(tokens.words[first]) and tokens.folded[last] not in TITLES and board.owner[last] is None
        )
    return first > 0 and _common(tokens.words[first]) and _unknown_capital(board, first - 1)


def _unknown_capital(board: Board, k: int) -> bool:
    tokens = board.tokens
    return (
        tokens.capital[k]
        and tokens.gaps[k] == " "
        and not tokens.first_of_sentence[k]
        and tokens.folded[k] not in STARTERS
        and k not in board.hit_at
    )


def _credited(board: Board, first: int, last: int) -> bool:
    """Tell whether something is credited there, or an apposition calls it an outlet."""
    tokens = board.tokens
    if _apposed(board, first, last):
        return True
    cue = cue_at(tokens, first, last)
    if cue is None or not cue.strict or not _not_an_opening(board, first):
        return False
    begin, end = tokens.starts[first], tokens.ends[last - 1]
    behind = tokens.text[end : end + 24]
    if cue.after and _common(tokens.words[first]) and _LOCATIVE.search(tokens.text[max(0, begin - 16) : begin]):
        return False
    return cue.after or not _common(tokens.words[first]) or _OBJECT_ENDS.match(behind) is not None


def _not_an_opening(board: Board, first: int) -> bool:
    """Tell a name from a common word that only opens a sentence ("Time said", "Express told")."""
    tokens = board.tokens
    return not tokens.first_of_sentence[first] or tokens.folded[first] not in tokens.lower_words


def _apposed(board: Board, first: int, last: int) -> bool:
    text, start, end = board.tokens.text, board.tokens.starts[first], board.tokens.ends[last - 1]
    return (
        _APPOSED_BEFORE.search(text[max(0, start - 80) : start]) is not None
        or _APPOSED_AFTER.match(text[end : end + 80]) is not None
    )


def _with_repeats(board: Board, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return unknown outlets with the other places of their names, credited there or not."""
    tokens = board.tokens
    names = {tuple(tokens.words[first:last]) for first, last in found if last - first > 1}
    again = [
        (k, k + len(name))
        for name in sorted(names)
        for k in range(len(tokens) - len(name) + 1)
        if tokens.words[k] == name[0] and tuple(tokens.words[k : k + len(name)]) == name
    ]
    return sorted({*found, *again})


def _unknown(board: Board) -> list[tuple[int, int]]:
    tokens = board.tokens
    found = []
    for first, last in tokens.runs():
        for start, end in _named_like_outlets(board, first, last):
            if board.free(start, end) and not _all_known(board, start, end):
                cue = cue_at(tokens, start, end)
                named = tokens.folded[end - 1] in _STRONG_HEADS or board.label_at.get(start) != "PERSON"
                if (cue is not None and cue.strict) or (named and _apposed(board, start, end)):
                    found.append((start, end))
    return found


def _named_like_outlets(board: Board, first: int, last: int) -> list[tuple[int, int]]:
    tokens = board.tokens
    start = first
    while start < last and (
        tokens.folded[start] in {"the", "a"}
        or (tokens.first_of_sentence[start] and tokens.folded[start] in STARTERS)
        or tokens.folded[start] in HONORIFICS
        or tokens.folded[start] in CALENDAR
    ):
        start += 1
    found = []
    for end in range(last, start + 1, -1):
        word = tokens.folded[end - 1]
        agency = word == "agency" and tokens.folded[end - 2] == "news"
        if tokens.capital[end - 1] and (
            word in _STRONG_HEADS
            or agency
            or (word in _WEAK_HEADS and word != "agency" and _apposed(board, start, end))
        ):
            found.append((start, end))
            break
    if not found and 1 <= last - start <= 5 and board.label_at.get(start) != "PERSON" and _apposed(board, start, last):
        found.append((start, last))
    if not found and last - start >= 2 and tokens.folded[start] in _FIRST_HEADS:
        found.append((start, last))
    return found


def _all_known(board: Board, first: int, last: int) -> bool:
    """Tell a run that dictionaries explain as actors of another kind."""
    hits = {board.hit_at[k][:2] for k in range(first, last) if k in board.hit_at}
    return bool(hits) and any(hit == (first, last) for hit in hits)


def _settle_short(board: Board) -> None:
    """Settle "the Times", "The Post" where the text names exactly one outlet that ends so."""
    tokens = board.tokens
    ends: dict[str, dict[str, Span]] = {}
    for span in board.spans():
        if span.type == "media" and span.source_id is not None and span.last - span.first > 1:
            ends.setdefault(tokens.folded[span.last - 1], {}).setdefault(span.source_id, span)
    for k in range(1, len(tokens)):
        kept = ends.get(tokens.folded[k])
        if kept is None or len(kept) != 1 or not tokens.capital[k] or not board.free(k, k + 1):
            continue
        if (
            tokens.folded[k - 1] == "the"
            and tokens.gaps[k - 1] == " "
            and (k + 1 == len(tokens) or not tokens.capital[k + 1] or tokens.gaps[k] != " ")
        ):
            whole = next(iter(kept.values()))
            board.put(
                Span(
                    with_article(board, k),
                    k + 1,
                    "media",
                    "title",
                    0.8,
                    whole.actor_id,
                    whole.name,
                    whole.country,
                    whole.source_id,
                )
            )
