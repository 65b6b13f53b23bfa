"""Organisations: names known by their last word, names the tagger saw, and acronyms a text defines."""

import re

from transforms.enrich.institutions import is_institution
from transforms.enrich.registry import ActorRegistry, learnt_id
from transforms.enrich.spans import Board, Span
from transforms.enrich.words import (
    CALENDAR,
    GENERIC,
    HONORIFICS,
    NON_ACTOR_HEADS,
    ORG_HEADS,
    STARTERS,
    TITLE_PARTS,
    TITLES,
    WEAK_HEADS,
)

_ACRONYM = re.compile(r"[A-Z][A-Za-z&.+\-–]{1,11}\Z")
# Pieces of the longest name taken for an organisation's; what is longer is a line in capitals or a list.
_LONGEST_NAME = 12
_OF = frozenset({"of", "for", "on"})
_THINGS = frozenset(
    {
        "EVENT",
        "LAW",
        "WORK_OF_ART",
        "PRODUCT",
        "DATE",
        "TIME",
        "LANGUAGE",
        "MONEY",
        "PERCENT",
        "QUANTITY",
        "CARDINAL",
        "ORDINAL",
    }
)


def organisation_spans(board: Board, actors: ActorRegistry) -> list[Span]:
    """Return candidate organisations: runs of capitals with an organisation's head word, and tagged names of two pieces or more."""
    return [*_byhead_of(board, actors), *_by_tag(board, actors)]


def _byhead_of(board: Board, actors: ActorRegistry) -> list[Span]:
    tokens = board.tokens
    spans = []
    for first, last in tokens.runs():
        for k in range(first, last):
            word = tokens.folded[k]
            if not tokens.capital[k] or word not in ORG_HEADS:
                continue
            found = _name_around(board, first, k, last)
            if found is None or (word in WEAK_HEADS and not _seen_as_one(board, *found)):
                continue
            if _ends_known(board, *found):
                continue
            span = _organisation(board, actors, *found, ORG_HEADS[word], "head_word")
            if span is not None:
                spans.append(span)
    return spans


def _ends_known(board: Board, first: int, last: int) -> bool:
    """Tell "Clinton State Department": the name it ends with is known by itself."""
    hit = board.hit_at.get(last - 1)
    if hit is None or hit[1] != last:
        return False
    several = hit[1] - hit[0] > 1 and hit[0] > first and any(e.kind == "alias" for e in hit[2])
    return several or (hit[0] == first and any(e.kind == "supported" for e in hit[2]))


def _name_around(board: Board, first: int, head: int, last: int) -> tuple[int, int] | None:
    """Return the pieces of the name whose head stands at `head` in a run: what qualifies it before, what follows an "of"."""
    tokens = board.tokens
    start, end = head, head + 1
    while (
        start > first
        and tokens.gaps[start - 1] in {" ", "-", " & ", "'", "’", "' ", "’ "}
        and _qualifies(board, start - 1, first)
    ):
        start -= 1
    while start < head and (not tokens.capital[start] or tokens.folded[start] in {"s"}):
        start += 1
    if end < last and tokens.folded[end] in _OF and end + 1 < len(tokens):
        end = _after_of(board, end, last)
    if end - start < 2:
        return None
    return (start, end) if all(tokens.joined(n) for n in range(start, end - 1)) else None


def _qualifies(board: Board, k: int, first: int) -> bool:
    tokens = board.tokens
    word = tokens.folded[k]
    if word == "and":
        return (
            k > first
            and k + 1 not in board.hit_at
            and k - 1 not in board.hit_at
            and board.label_at.get(k - 1) != "PERSON"
        )
    if word in {"of", "for", "de", "del", "la", "du"}:
        return k > first
    if board.label_at.get(k) == "PERSON" and (k in board.hit_at or word in TITLES):
        return False
    if not tokens.capital[k]:
        possessor = k - 1 in board.hit_at or board.label_at.get(k - 1) == "PERSON"
        return word == "s" and k > first and not possessor
    opening = tokens.first_of_sentence[k] and (word in STARTERS or word in tokens.lower_words)
    return not opening and word not in {"the", "a", "an"} and word not in CALENDAR and word not in HONORIFICS


def _after_of(board: Board, k: int, last: int) -> int:
    tokens = board.tokens
    end = k + 1
    if end < len(tokens) and tokens.folded[end] == "the":
        end += 1
    if end >= last or not tokens.capital[end] or tokens.folded[end] in CALENDAR:
        return k
    while (
        end < last
        and tokens.capital[end]
        and tokens.gaps[end - 1] in {" ", "-", " & "}
        and tokens.folded[end] not in TITLES
        and tokens.folded[end] not in CALENDAR
    ):
        end += 1
        if end + 1 < last and tokens.folded[end] == "and" and tokens.capital[end + 1] and end + 1 not in board.hit_at:
            end += 1
    return end


def _seen_as_one(board: Board, first: int, last: int) -> bool:
    return any(tag.first <= first + 1 and tag.last >= last and tag.label in {"ORG", "FAC"} for tag in board.tags)


def _by_tag(board: Board, actors: ActorRegistry) -> list[Span]:
    spans = []
    for tag in board.tags:
        if tag.label != "ORG":
            continue
        first, last = _trim(board, tag.first, tag.last)
        if last - first >= 2 and not _introduced_as_person(board, first):
            span = _organisation(board, actors, first, last, "other_org", "full_name")
            if span is not None:
                spans.append(span)
    return spans


def is_one_word_name(board: Board, k: int) -> bool:
    """Tell an organisation of one unregistered word: an acronym of four letters or more, or a name the tagger calls one again and again."""
    tokens = board.tokens
    word, folded = tokens.words[k], tokens.folded[k]
    if k in board.hit_at or tokens.heading(k) or folded in STARTERS or folded in CALENDAR or folded in NON_ACTOR_HEADS:
        return False
    if (
        folded in GENERIC
        or folded in ORG_HEADS
        or folded in TITLES
        or folded in TITLE_PARTS
        or not _surely_one(board, k, k + 1)
    ):
        return False
    beside = (k > 0 and tokens.tight(k - 1)) or (
        k + 1 < len(tokens) and tokens.tight(k) and tokens.folded[k + 1] != "s"
    )
    if beside or any(c.isdigit() for c in word):
        return False
    tagged = sum(tag.last - tag.first == 1 and tokens.words[tag.first] == word for tag in board.tags)
    return len(word) >= 4 and (word.isupper() or tagged >= 2)


def _introduced_as_person(board: Board, first: int) -> bool:
    """Tell "regional police chief Deusdedit Kisena" from an organisation."""
    tokens = board.tokens
    if first == 0 or not tokens.joined(first - 1):
        return False
    return tokens.folded[first - 1] in TITLES or tokens.folded[first - 1] in HONORIFICS


def _trim(board: Board, first: int, last: int) -> tuple[int, int]:
    tokens = board.tokens
    while first < last and (
        not tokens.capital[first]
        or tokens.folded[first] in {"the", "a", "an"}
        or (tokens.first_of_sentence[first] and tokens.folded[first] in STARTERS)
        or tokens.folded[first] in HONORIFICS
    ):
        first += 1
    while last > first and not tokens.capital[last - 1]:
        last -= 1
    for k in range(first, last - 1):
        if not tokens.joined(k):
            return first, k + 1
    return first, last


def _organisation(board: Board, actors: ActorRegistry, first: int, last: int, kind: str, method: str) -> Span | None:
    tokens = board.tokens
    words = tokens.folded[first:last]
    head = head_of(words)
    if (words[0] in TITLES or words[0] in {"member", "members"}) and words[1] == "of":
        return None
    if last - first > _LONGEST_NAME or (last - first > 3 and tokens.surface(first, last).isupper()):
        return None
    if head in NON_ACTOR_HEADS or words[0] in {"former"} or tokens.heading(first):
        return None
    if method == "full_name" and (
        _made_of_known(board, first, last) or words[-1] in TITLES or words[-1] in TITLE_PARTS
    ):
        return None
    if last - first == 2 and (words[0] in TITLES or words[0] in {"new", "old"}):
        return None
    name = tokens.surface(first, last)
    if method == "full_name" and all(tokens.tight(k) for k in range(first, last - 1)) and name.isupper():
        return None
    known = actors.by_alias(name)
    if known is not None:
        return Span(first, last, known.type, "registry", 0.95, known.actor_id, known.name, known.country)
    kind = ORG_HEADS.get(head, kind)
    if is_institution(words):
        return None
    if (last - first == 2 and _demonym_only(board, first)) or _generic(words):
        return Span(first, last, kind, "ambiguous", 0.4)
    if method == "full_name" and not _surely_one(board, first, last):
        return Span(first, last, kind, "tagger", 0.4)
    return Span(first, last, kind, method, 0.75 if method == "head_word" else 0.6, learnt_id(name), name)


def head_of(words: list[str]) -> str:
    """Return the head of a name: the word before the first "of" or "for", else the last."""
    for k, word in enumerate(words):
        if k and word in _OF:
            return words[k - 1]
    return words[-1]


def _generic(words: list[str]) -> bool:
    """Tell a name that many countries and towns give ("Communist Party", "Ministry of Culture"): no id can be learnt from it."""
    return all(w in GENERIC or w in ORG_HEADS or w in TITLE_PARTS for w in words)


def _surely_one(board: Board, first: int, last: int) -> bool:
    """Tell whether the tagger calls these words an organisation wherever it reads them, and no word of them is common in the text."""
    tokens = board.tokens
    if any(w in tokens.lower_words and w not in {"of", "and", "for"} for w in tokens.folded[first:last]):
        return False
    name = tokens.words[first:last]
    labels = {
        board.label_at.get(k)
        for k in range(len(tokens) - len(name) + 1)
        if tokens.words[k] == name[0] and tokens.words[k : k + len(name)] == name
    }
    return labels <= {"ORG", None} and all(
        tokens.capital[k] or tokens.folded[k] in {"of", "and", "for", "the"} for k in range(first, last)
    )


def _demonym_only(board: Board, first: int) -> bool:
    hit = board.hit_at.get(first)
    return hit is not None and hit[0] == first and hit[1] == first + 1 and any(e.kind == "demonym" for e in hit[2])


def _made_of_known(board: Board, first: int, last: int) -> bool:
    """Tell a tag that joins known names with words of no weight: the known names alone are the mention."""
    tokens = board.tokens
    covered = [k in board.hit_at for k in range(first, last)]
    if not any(covered):
        return False
    rest = [tokens.folded[k] for k, c in zip(range(first, last), covered, strict=True) if not c and tokens.capital[k]]
    return not rest or not any(word in ORG_HEADS for word in tokens.folded[first:last])


def settle_short_organisations(board: Board) -> None:
    """Settle "Helix" where the text names one organisation that begins so ("Helix Semiconductors") and the tagger sees no person."""
    tokens = board.tokens
    named: dict[str, dict[str, Span]] = {}
    for span in board.spans():
        if span.type in {"company", "other_org"} and span.actor_id is not None and span.last - span.first > 1:
            named.setdefault(tokens.words[span.first], {}).setdefault(span.actor_id, span)
    for k, word in enumerate(tokens.words):
        found = named.get(word)
        if found is None or len(found) != 1 or k in board.hit_at or not board.free(k, k + 1) or _ordinary(board, k):
            continue
        whole = next(iter(found.values()))
        board.put(Span(k, k + 1, whole.type, "surname", 0.7, whole.actor_id, whole.name, whole.country))


def _ordinary(board: Board, k: int) -> bool:
    """Tell a word that says too little to stand for a whole name, or stands in another one."""
    tokens = board.tokens
    word = tokens.folded[k]
    beside = (k > 0 and tokens.capital[k - 1] and tokens.joined(k - 1) and not tokens.first_of_sentence[k - 1]) or (
        k + 1 < len(tokens) and tokens.capital[k + 1] and tokens.joined(k)
    )
    common = word in GENERIC or word in STARTERS or word in tokens.lower_words or word in ORG_HEADS or word in TITLES
    return beside or common or len(word) < 4 or board.label_at.get(k) in {"PERSON", "GPE", "LOC"}


def settle_acronyms(board: Board) -> None:
    """Settle the acronyms a text defines ("Nordland Fisheries Board (NFB)") everywhere in it, and drop those of no actor."""
    definitions: dict[tuple[str, ...], Span | None] = {}
    tokens = board.tokens
    for k in range(1, len(tokens)):
        end = _defined_before(board, k)
        last = _acronym_end(board, k, end) if end is not None and tokens.capital[k] else None
        if end is None or last is None or not _ACRONYM.match(tokens.surface(k, last)):
            continue
        meaning = board.owner[end - 1]
        if (
            meaning is not None
            and meaning.last == end
            and (meaning.last - meaning.first > 1 or meaning.type == "media")
        ):
            if meaning.type != "person" and _spells(tokens.words[meaning.first : end], tokens.words[k:last]):
                _prefer_known(board, k, last, meaning)
                definitions.setdefault(tuple(tokens.words[k:last]), meaning)
        elif meaning is None:
            _define_unknown(board, end, tuple(tokens.words[k:last]), definitions)
    if definitions:
        _spread(board, definitions)


def _prefer_known(board: Board, first: int, last: int, meaning: Span) -> None:
    """Give a learnt organisation the registered actor of its acronym where both are of one kind ("Islamic Revolution Guard Corps (IRGC)")."""
    for entry in board.entries(first, last):
        if (
            entry.kind == "alias"
            and entry.actor is not None
            and entry.actor.type == meaning.type
            and meaning.method in {"head_word", "full_name"}
        ):
            meaning.actor_id, meaning.name, meaning.country = (
                entry.actor.actor_id,
                entry.actor.name,
                entry.actor.country,
            )


def _defined_before(board: Board, k: int) -> int | None:
    """Return one behind the last piece of what an acronym at piece k may stand for: before its bracket, or before "known as the"."""
    tokens = board.tokens
    if tokens.gaps[k - 1] == " (":
        return k
    behind = k - 1 if tokens.folded[k - 1] == "the" else k
    if behind >= 3 and tokens.folded[behind - 1] == "as" and tokens.folded[behind - 2] == "known":
        return behind - 2
    return None


def _acronym_end(board: Board, k: int, end: int) -> int | None:
    tokens = board.tokens
    if end != k:
        last = k + 1
        while last < len(tokens) and tokens.tight(last - 1) and tokens.words[last].isupper():
            last += 1
        return last
    for last in range(k + 1, min(k + 4, len(tokens)) + 1):
        behind = tokens.gaps[last - 1] if last - 1 < len(tokens.gaps) else tokens.text[tokens.ends[-1] :]
        if behind.startswith(")"):
            return last
    return None


def _define_unknown(
    board: Board, k: int, acronym: tuple[str, ...], definitions: dict[tuple[str, ...], Span | None]
) -> None:
    tokens = board.tokens
    first = _spelt_from(board, k, acronym)
    if first is None:
        return
    words = tokens.folded[first:k]
    if (
        head_of(words) in NON_ACTOR_HEADS
        or words[-1] in NON_ACTOR_HEADS
        or any(board.label_at.get(n) in _THINGS for n in range(first, k))
    ):
        definitions.setdefault(acronym, None)
        board.drop(first, k)
        return
    name = tokens.surface(first, k)
    span = Span(first, k, ORG_HEADS.get(head_of(words), "other_org"), "acronym", 0.65, learnt_id(name), name)
    if board.put(span):
        definitions.setdefault(acronym, span)


def _spelt_from(board: Board, k: int, acronym: tuple[str, ...]) -> int | None:
    """Return where the capitalised words before piece k begin whose first letters spell the acronym."""
    tokens = board.tokens
    letters = sum(sum(c.isupper() for c in word) for word in acronym)
    for first in range(k - 2, max(-1, k - 2 * letters - 3), -1):
        if not tokens.joined(first) or tokens.sentence[first] != tokens.sentence[k]:
            return None
        if tokens.capital[first] and _spells(tokens.words[first:k], list(acronym)):
            return first
    return None


def _spells(words: list[str], acronym: list[str]) -> bool:
    """Tell whether the first letters of the words, small words free to count or not, spell the capitals of an acronym."""
    wanted = "".join(c for word in acronym for c in word if c.isupper()).lower()
    inner = "".join(c for w in words for c in w if c.isupper()).lower()
    return len(wanted) > 1 and (wanted == inner or _initials_spell(words, wanted))


def _initials_spell(words: list[str], wanted: str) -> bool:
    """Tell whether initials spell `wanted`: each capitalised word gives its own, a small word may, and up to two last words may be left."""
    reached = {0}
    for k, word in enumerate(words):
        if len(wanted) in reached and len(wanted) > 2 and len(words) - k <= 2:
            return True
        initial = word[0].lower()
        taken = {n + 1 for n in reached if n < len(wanted) and wanted[n] == initial}
        reached = taken if word[0].isupper() else taken | reached
    return len(wanted) in reached


def _spread(board: Board, definitions: dict[tuple[str, ...], Span | None]) -> None:
    tokens = board.tokens
    for acronym, meaning in sorted(definitions.items(), key=lambda d: (-len(d[0]), d[0])):
        for k in range(len(tokens) - len(acronym) + 1):
            last = k + len(acronym)
            if tuple(tokens.words[k:last]) != acronym or not board.free(k, last):
                continue
            if meaning is None:
                board.drop(k, last)
            else:
                board.put(
                    Span(
                        k,
                        last,
                        meaning.type,
                        "acronym",
                        0.9,
                        meaning.actor_id,
                        meaning.name,
                        meaning.country,
                        meaning.source_id,
                    )
                )
