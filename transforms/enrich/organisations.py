"""Organisations: names known by their head word, names the tagger saw, and the short forms that go back to them."""

from collections import Counter

from transforms.enrich.companies import a_place, called, legal_form
from transforms.enrich.institutions import is_institution
from transforms.enrich.registry import ActorRegistry, learnt_id
from transforms.enrich.spans import Board, Span
from transforms.enrich.titles import DOES, aged_behind
from transforms.enrich.tokens import Tokens
from transforms.enrich.words import (
    CALENDAR,
    GENERIC,
    HONORIFICS,
    KIND_NOUNS,
    NON_ACTOR_HEADS,
    ORG_HEADS,
    SPEAKING_NOUNS,
    STARTERS,
    TITLE_PARTS,
    TITLES,
    WEAK_HEADS,
)

# Pieces of the longest name taken for an organisation's; what is longer is a line in capitals or a list.
_LONGEST_NAME = 12
# Heads that with a demonym make a name of one company, where others leave open which is meant ("the German Bank").
_PROPER_HEADS = frozenset({"airways", "airlines", "telecom", "petroleum", "aerospace"})
# Times that the tagger must call one what a text also writes as an ordinary word.
_SEVERAL = 2
_NEARLY_ALWAYS = 0.8
_OF = frozenset({"of", "for", "on"})
# Words looked at before a noun for the demonym that introduces it ("the Danish container shipping group").
_WORDS_BEFORE_NOUN = 4


def organisation_spans(board: Board, actors: ActorRegistry) -> list[Span]:
    """Return candidate organisations: runs of capitals with an organisation's head word, and tagged names of two pieces or more."""
    return [*_by_head(board, actors), *_by_tag(board, actors)]


def _by_head(board: Board, actors: ActorRegistry) -> list[Span]:
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
        and head - start <= 2 * _LONGEST_NAME
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
        return k > first and board.label_at.get(k - 1) != "PERSON"
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
        and end - k <= 2 * _LONGEST_NAME
        and tokens.capital[end]
        and tokens.gaps[end - 1] in {" ", "-", " & "}
        and (end == k + 1 or tokens.folded[end] not in TITLES)
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
        if last - first >= 2 and not _introduced_as_person(board, first, last):
            span = _organisation(board, actors, first, last, "other_org", "full_name")
            if span is not None:
                spans.append(span)
    return spans


def is_one_word_name(board: Board, k: int) -> bool:
    """Tell an organisation of one unregistered word of four letters or more: in capitals, or called one again and again."""
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
    return len(word) >= 4 and (word.isupper() or board.tagged.get((word,), Counter()).total() >= _SEVERAL)


def _introduced_as_person(board: Board, first: int, last: int) -> bool:
    """Tell "regional police chief Deusdedit Kisena", and two words whose age the next sentence tells, from an organisation."""
    tokens = board.tokens
    if last - first == 2 and DOES.match(tokens.text, tokens.ends[last - 1]) and aged_behind(board, first):
        return True
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
    form = legal_form(tokens.words[first:last])
    if form is not None:
        last = first + form[1]
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
    title = called(tokens.words[first:last], name)
    known = actors.by_alias(name) or (actors.by_alias(title) if title != name else None)
    if known is not None and (known.type != "person" or form is None):
        return Span(first, last, known.type, "registry", 0.95, known.actor_id, known.name, known.country)
    kind = ORG_HEADS.get(head, kind)
    if is_institution(words):
        return None
    of_a_country = last - first == 2 and _demonym_only(board, first) and head not in _PROPER_HEADS
    if of_a_country or _generic(words):
        return Span(first, last, kind, "ambiguous", 0.4)
    if method == "full_name" and not _surely_one(board, first, last):
        return Span(first, last, kind, "tagger", 0.4)
    return Span(first, last, kind, method, 0.75 if method == "head_word" else 0.6, learnt_id(title), title)


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
    """Tell whether the tagger calls these words an organisation nearly wherever it reads them.

    A name of which a word is common in the text must be one more often than once, and not in its first word alone.
    """
    tokens = board.tokens
    name = tokens.words[first:last]
    labels = [board.label_at.get(k) for k in tokens.places[name[0]] if tokens.words[k : k + len(name)] == name]
    if labels.count("ORG") < _NEARLY_ALWAYS * (len(labels) - labels.count(None)):
        return False
    low = [w in tokens.lower_words for w in tokens.folded[first:last] if w not in {"of", "and", "for"}]
    if any(low) and (all(low) or labels.count("ORG") < _SEVERAL):
        return False
    return all(tokens.capital[k] or tokens.folded[k] in {"of", "and", "for", "the"} for k in range(first, last))


def _demonym_only(board: Board, first: int) -> bool:
    hit = board.hit_at.get(first)
    return hit is not None and hit[0] == first and hit[1] == first + 1 and any(e.kind == "demonym" for e in hit[2])


def _made_of_known(board: Board, first: int, last: int) -> bool:
    """Tell a tag that joins known names with words of no weight: the known names alone are the mention."""
    tokens = board.tokens
    covered = [k in board.hit_at for k in range(first, last)]
    if not any(covered) or _team(board, first, last):
        return False
    rest = [tokens.folded[k] for k, c in zip(range(first, last), covered, strict=True) if not c and tokens.capital[k]]
    return not rest or not any(word in ORG_HEADS for word in tokens.folded[first:last])


def _team(board: Board, first: int, last: int) -> bool:
    """Tell "Los Angeles Lakers" from two names side by side: one word of no title or people behind a town."""
    tokens = board.tokens
    hit = board.hit_at.get(first)
    if hit is None or hit[0] != first or hit[1] != last - 1 or last - 1 in board.hit_at:
        return False
    word = tokens.folded[last - 1]
    a_town = any(e.actor is not None and e.actor.type == "place" and e.kind == "alias" for e in hit[2])
    return (
        a_town
        and word not in TITLES
        and word not in TITLE_PARTS
        and word not in GENERIC
        and word not in NON_ACTOR_HEADS
    )


def settle_short_organisations(board: Board) -> None:
    """Settle "Helix" where the text names one organisation that begins so ("Helix Semiconductors") and the tagger sees no person.

    A team goes by its last word too: "the Heat" of "Miami Heat".
    """
    tokens = board.tokens
    named: dict[str, dict[str, Span]] = {}
    teams: dict[str, dict[str, Span]] = {}
    for span in board.spans():
        if span.type in {"company", "other_org"} and span.actor_id is not None and span.last - span.first > 1:
            named.setdefault(tokens.words[span.first], {}).setdefault(span.actor_id, span)
            if _of_a_town(board, span) or _plural(tokens.words[span.last - 1]):
                teams.setdefault(tokens.words[span.last - 1], {}).setdefault(span.actor_id, span)
    _settle_teams(board, teams)
    for k, word in enumerate(tokens.words):
        found = named.get(word)
        if (
            found is None
            or len(found) != 1
            or k in board.hit_at
            or not board.free(k, k + 1)
            or _ordinary(board, k)
            or a_place(board, k)
        ):
            continue
        whole = next(iter(found.values()))
        label = board.label_at.get(k)
        if label != "ORG" and (label in {"PERSON", "GPE", "LOC"} or whole.type != "company"):
            continue
        board.put(Span(k, k + 1, whole.type, "surname", 0.7, whole.actor_id, whole.name, whole.country))


def _of_a_town(board: Board, span: Span) -> bool:
    """Tell a name of a town and one word: the town is known, or a place where the text names it alone."""
    tokens = board.tokens
    town = tuple(tokens.words[span.first : span.last - 1])
    known = board.hit_at.get(span.first)
    if known is not None and known[0] == span.first and known[1] == span.last - 1:
        return _team(board, span.first, span.last)
    return not board.tagged.get(town, Counter()).keys().isdisjoint({"GPE", "LOC", "ORG"})


def _plural(word: str) -> bool:
    return len(word) > 3 and word.endswith("s") and not word.endswith("ss")


def _settle_teams(board: Board, teams: dict[str, dict[str, Span]]) -> None:
    tokens = board.tokens
    for k, word in enumerate(tokens.words):
        found = teams.get(word, {})
        if (
            len(found) != 1
            or k in board.hit_at
            or not board.free(k, k + 1)
            or not _behind_the(tokens, k)
            or not _alone(board, k)
        ):
            continue
        whole = next(iter(found.values()))
        if not _of_a_town(board, whole) and (k == 0 or tokens.folded[k - 1] != "the" or not _plural(word)):
            continue
        if tokens.folded[k] not in ORG_HEADS and tokens.folded[k] not in GENERIC and board.label_at.get(k) != "PERSON":
            board.put(Span(k, k + 1, whole.type, "surname", 0.7, whole.actor_id, whole.name, whole.country))


def _behind_the(tokens: Tokens, k: int) -> bool:
    """Tell whether "the" or a possessive stands before, as before a team, or the name is plural ("Pistons")."""
    return tokens.words[k].endswith("s") or (k > 0 and tokens.folded[k - 1] in {"the", "s"})


def _ordinary(board: Board, k: int) -> bool:
    """Tell a word that says too little to stand for a whole name, or stands in another one."""
    tokens = board.tokens
    word = tokens.folded[k]
    beside = (k > 0 and tokens.capital[k - 1] and tokens.joined(k - 1) and not tokens.first_of_sentence[k - 1]) or (
        k + 1 < len(tokens) and tokens.capital[k + 1] and tokens.joined(k)
    )
    common = word in GENERIC or word in STARTERS or word in tokens.lower_words or word in ORG_HEADS or word in TITLES
    return beside or common or len(word) < 4


def settle_introduced(board: Board) -> None:
    """Settle one-word names the text calls an organisation: "the Dutch union FNV", "the airline Corvair", "FNV negotiator"."""
    tokens = board.tokens
    kinds: dict[str, str] = {}
    for k, word in enumerate(tokens.words):
        if _may_be_introduced(board, k):
            kind = _kind_before(board, k) or _kind_behind(board, k)
            if kind is not None:
                kinds.setdefault(word, kind)
    for k, word in enumerate(tokens.words):
        if word in kinds and board.free(k, k + 1) and k not in board.hit_at and _alone(board, k):
            board.put(Span(k, k + 1, kinds[word], "full_name", 0.6, learnt_id(word), word))


def _may_be_introduced(board: Board, k: int) -> bool:
    tokens = board.tokens
    word = tokens.folded[k]
    common = word in STARTERS or word in CALENDAR or word in TITLES or word in TITLE_PARTS or word in HONORIFICS
    return (
        tokens.capital[k]
        and len(word) > 1
        and k not in board.hit_at
        and not (common or word in GENERIC or word in ORG_HEADS or word in NON_ACTOR_HEADS)
        and word not in tokens.lower_words
        and not tokens.heading(k)
        and board.free(k, k + 1)
        and _alone(board, k)
    )


def _alone(board: Board, k: int) -> bool:
    tokens = board.tokens
    before = k > 0 and tokens.joined(k - 1) and tokens.capital[k - 1] and tokens.folded[k - 1] not in STARTERS
    return not before and not (k + 1 < len(tokens) and tokens.joined(k) and tokens.capital[k + 1])


def _kind_before(board: Board, k: int) -> str | None:
    """Return the kind of "the Dutch union" before a name: a noun of a body, after an article or a demonym and few words."""
    tokens = board.tokens
    if k < 2 or tokens.gaps[k - 1] != " " or board.label_at.get(k) == "PERSON":
        return None
    kind = KIND_NOUNS.get(tokens.folded[k - 1]) if not tokens.capital[k - 1] else None
    for n in range(k - 2, max(-1, k - 2 - _WORDS_BEFORE_NOUN), -1):
        if kind is None or tokens.gaps[n] not in {" ", "-"}:
            return None
        if _demonym_only(board, n):
            return kind
        if tokens.capital[n] and not tokens.first_of_sentence[n]:
            return None
    return None


def _kind_behind(board: Board, k: int) -> str | None:
    """Return the kind of an acronym with a union or somebody who speaks for it behind ("the FNV union", "FNV negotiator")."""
    tokens = board.tokens
    if not tokens.words[k].isupper() or k + 1 >= len(tokens) or tokens.gaps[k] != " " or len(tokens.words[k]) < 3:
        return None
    return SPEAKING_NOUNS.get(tokens.words[k + 1])
