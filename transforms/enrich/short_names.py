"""Short forms of persons: surnames with or without a title, settled by whom the text introduces, else by the registry."""

import unicodedata
from dataclasses import dataclass

from transforms.enrich.persons import Person, is_name_part
from transforms.enrich.registry import Actor, ActorRegistry
from transforms.enrich.spans import Board, Span
from transforms.enrich.titles import title_before
from transforms.enrich.words import (
    CALENDAR,
    HONORIFICS,
    NON_ACTOR_HEADS,
    ORG_HEADS,
    PARTICLES,
    STARTERS,
    SUFFIXES,
    TITLE_PARTS,
    TITLES,
)


@dataclass(frozen=True, slots=True)
class ShortNameSettings:
    """Sureness of each way to resolve a short form, by hand inspection of seeds and worldwide_open (not calibrated)."""

    only_bearer: float = 0.95
    by_title: float = 0.9
    by_order: float = 0.75
    by_nearness: float = 0.65
    from_registry: float = 0.8
    by_given_name: float = 0.65


DEFAULT = ShortNameSettings()
# Offices that two persons of one surname do not share; any other title decides nothing against a name.
_OFFICES = frozenset(
    {
        "president",
        "prime minister",
        "foreign minister",
        "king",
        "queen",
        "chancellor",
        "ambassador",
        "pope",
        "vice president",
        "governor",
        "mayor",
    }
)


_FOR_WOMEN = frozenset({"mrs", "ms", "miss"})


def settle_short_names(
    board: Board, people: list[Person], actors: ActorRegistry, settings: ShortNameSettings = DEFAULT
) -> None:
    """Settle surnames, with or without a title, by the persons the text introduces, else by the registry."""
    bearers = _by_surname(people)
    given = _by_given_name(people)
    tokens = board.tokens
    for k in range(len(tokens)):
        if board.owner[k] is not None or board.dropped[k] or not (tokens.capital[k] or tokens.folded[k] in PARTICLES):
            continue
        span = _short_name(board, k, bearers, given, settings)
        if span is not None and board.put(span):
            _remember(board, span, k, bearers, actors)


def _remember(
    board: Board, span: Span, k: int, bearers: dict[tuple[str, ...], list[Person]], actors: ActorRegistry
) -> None:
    """Note where a person was spoken of; an office holder whom the registry settled is introduced from here on."""
    known = [person for persons in bearers.values() for person in persons if person.actor_id == span.actor_id]
    for person in known[:1]:
        person.seen.append(k)
        person.short.append(k)
    actor = actors.by_id(span.actor_id or "")
    if not known and actor is not None and span.method == "title":
        _, office = title_before(board, k)
        words = tuple(actor.name.split())
        person = Person(actor.actor_id, actor.name, words, actor, k, {office} if office else set(), [k])
        for surname in _surnames(person):
            if surname in bearers:
                bearers[surname].append(person)


def _by_surname(people: list[Person]) -> dict[tuple[str, ...], list[Person]]:
    bearers: dict[tuple[str, ...], list[Person]] = {}
    for person in people:
        for surname in _surnames(person):
            bearers.setdefault(surname, []).append(person)
    return bearers


def _surnames(person: Person) -> set[tuple[str, ...]]:
    words = list(person.words)
    while len(words) > 2 and words[-1].lower() in SUFFIXES:
        words.pop()
    # A given name of two syllables ("Dae-jun") ends the name: the family's stands first.
    found: set[tuple[str, ...]] = {(_fold(words[-1] if words[-1][0].isupper() else words[0]),)}
    for width in (2, 3):
        whole = any(f"{mark}{words[-1]}" in person.name for mark in "-'’")
        if len(words) > width and (words[-width].lower() in PARTICLES or whole):
            found.add(tuple(_fold(w) for w in words[-width:]))
    if person.known is not None:
        found |= {
            tuple(_fold(w) for w in alias.replace("-", " ").split())
            for kind, alias in person.known.context_aliases
            if kind == "surname"
        }
    return found


def _fold(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)).casefold()


def _by_given_name(people: list[Person]) -> dict[str, list[Person]]:
    given: dict[str, list[Person]] = {}
    for person in people:
        given.setdefault(_fold(person.words[0]), []).append(person)
    return given


def _short_name(
    board: Board,
    k: int,
    bearers: dict[tuple[str, ...], list[Person]],
    given: dict[str, list[Person]],
    settings: ShortNameSettings,
) -> Span | None:
    tokens = board.tokens
    for width in (3, 2, 1):
        last = k + width
        if last > len(tokens) or not tokens.capital[last - 1] or not all(tokens.joined(n) for n in range(k, last - 1)):
            continue
        key = tuple(_fold(w) for w in tokens.words[k:last])
        candidates = bearers.get(key, [])
        owners = _owners(board, k, last)
        if not candidates and not owners:
            continue
        if not board.free(k, last) or not _stands_alone(board, k, last):
            return None
        return _resolved(board, k, last, candidates, owners, settings)
    return _unlisted(board, k, given, settings)


def _owners(board: Board, first: int, last: int) -> list[Actor]:
    return [e.actor for e in board.entries(first, last) if e.kind == "surname" and e.actor is not None]


def _stands_alone(board: Board, first: int, last: int) -> bool:
    """Tell a surname from a part of a longer name ("Trump Tower", "Jean-Pierre", "Mary Khan" nobody introduced)."""
    tokens = board.tokens
    short = last - first == 1 and tokens.words[first].isupper() and len(tokens.words[first]) < 4
    if short and not tokens.heading(first):
        return False
    if first > 0 and tokens.joined(first - 1) and tokens.capital[first - 1] and board.owner[first - 1] is None:
        word = tokens.folded[first - 1]
        opening = tokens.first_of_sentence[first - 1] and (word in STARTERS or word in tokens.lower_words)
        titled = word in TITLES or word in HONORIFICS or word in TITLE_PARTS
        if not (opening or titled or tokens.heading(first) or word in STARTERS or first - 1 in board.hit_at):
            return tokens.gaps[first - 1] in {"-", "–"} and tokens.folded[first - 1] in {
                "pro",
                "anti",
                "post",
                "pre",
                "ex",
                "non",
                "then",
            }
    if last < len(tokens) and tokens.joined(last - 1) and tokens.capital[last] and board.owner[last] is None:
        if tokens.heading(first) or last in board.hit_at:
            return tokens.folded[last] not in ORG_HEADS
        return tokens.gaps[last - 1] in {"-", "–"} and not is_name_part(board, last)
    return True


def _resolved(
    board: Board, first: int, last: int, candidates: list[Person], owners: list[Actor], settings: ShortNameSettings
) -> Span | None:
    start, office = title_before(board, first)
    tokens = board.tokens
    if not office and start == first and _tagged_otherwise(board, first, last, candidates):
        return None
    shown = _title_shown(board, start, first)
    method = "title" if start < first else "surname"
    if not candidates:
        if len(owners) != 1:
            return Span(shown, last, "person", "unresolved", 0.4)
        return Span(
            shown, last, "person", method, settings.from_registry, owners[0].actor_id, owners[0].name, owners[0].country
        )
    chosen, confidence = _choose(board, first, candidates, owners, office, start < first, settings)
    if chosen is None:
        owner = _office_holder(owners, candidates, office)
        if owner is not None:
            return Span(
                shown, last, "person", method, settings.from_registry, owner.actor_id, owner.name, owner.country
            )
        return Span(shown, last, "person", "unresolved", 0.4)
    if office and tokens.capital[first]:
        chosen.roles.add(office)
    country = chosen.known.country if chosen.known else None
    return Span(shown, last, "person", method, confidence, chosen.actor_id, chosen.name, country)


def _office_holder(owners: list[Actor], candidates: list[Person], office: str) -> Actor | None:
    introduced = {p.actor_id for p in candidates}
    return owners[0] if len(owners) == 1 and office in _OFFICES and owners[0].actor_id not in introduced else None


def _tagged_otherwise(board: Board, first: int, last: int, candidates: list[Person]) -> bool:
    """Tell a place or a body of a surname's spelling, where the text introduces nobody of that name."""
    return not candidates and board.label_at.get(first, "") in {"FAC", "LOC", "WORK_OF_ART", "EVENT", "LAW", "PRODUCT"}


def _title_shown(board: Board, start: int, first: int) -> int:
    """Return where the mention begins: at its capitalised titles, where only blanks and dots stand between them and the name."""
    tokens = board.tokens
    shown = first
    while (
        shown > start
        and tokens.capital[shown - 1]
        and tokens.gaps[shown - 1] in {" ", ". "}
        and board.owner[shown - 1] is None
    ):
        if tokens.folded[shown - 1] in STARTERS and tokens.folded[shown - 1] not in TITLES | dict.fromkeys(HONORIFICS):
            break
        shown -= 1
    while shown < first and tokens.folded[shown] in {"former", "then", "ex", "late", "retired"}:
        shown += 1
    return shown


def _choose(
    board: Board,
    k: int,
    candidates: list[Person],
    owners: list[Actor],
    office: str,
    titled: bool,
    settings: ShortNameSettings,
) -> tuple[Person | None, float]:
    if len(candidates) == 1:
        person = candidates[0]
        if _held_by_another(person, owners, office):
            return None, 0.0
        clash = office in _OFFICES and bool(person.roles & _OFFICES) and not _has_role(person, office)
        return (None, 0.0) if clash and person.known is None else (person, settings.only_bearer)
    if office:
        fitting = [p for p in candidates if _has_role(p, office)]
        if len(fitting) == 1:
            return fitting[0], settings.by_title
        if office in _OFFICES:
            return None, 0.0
    before = [p for p in candidates if p.first < k]
    if len(before) == 1:
        return before[0], settings.by_order
    first = min(before, key=lambda p: p.first, default=None)
    if first is not None and _settled_on(first, before) and board.tokens.folded[k - 1 if k else 0] not in _FOR_WOMEN:
        return first, settings.by_order
    owned = [p for p in candidates if any(p.actor_id == owner.actor_id for owner in owners)]
    if len(owned) == 1 and len(owners) == 1 and board.tokens.folded[k - 1 if k else 0] not in _FOR_WOMEN:
        return owned[0], settings.by_nearness
    near = [
        p for p in before if any(0 <= board.tokens.sentence[k] - board.tokens.sentence[s] <= 1 for s in p.seen if s < k)
    ]
    return (near[0], settings.by_nearness) if len(near) == 1 else (None, 0.0)


def _settled_on(first: Person, before: list[Person]) -> bool:
    """Tell whether a text had called a person by the surname alone before it introduced another bearer: it keeps to that."""
    return bool(first.short) and all(first.short[0] < other.first for other in before if other is not first)


def _held_by_another(person: Person, owners: list[Actor], office: str) -> bool:
    """Tell "President Obama" in a text that introduces only Michelle Obama: one registered bearer, and not she."""
    return (
        len(owners) == 1
        and office in _OFFICES
        and owners[0].actor_id != person.actor_id
        and not _has_role(person, office)
    )


def _has_role(person: Person, office: str) -> bool:
    return any(
        role == office or (role.split()[-1] == office.split()[-1] and 1 in {len(role.split()), len(office.split())})
        for role in person.roles
    )


def _unlisted(board: Board, k: int, given: dict[str, list[Person]], settings: ShortNameSettings) -> Span | None:
    """Settle what is a person without a known surname: a given name of somebody introduced, or nobody known."""
    tokens = board.tokens
    if not tokens.capital[k] or len(tokens.words[k]) < 2 or k in board.hit_at or not _stands_alone(board, k, k + 1):
        return None
    word = tokens.folded[k]
    start, _ = title_before(board, k)
    honoured = (
        any(tokens.folded[n] in HONORIFICS or tokens.folded[n] in TITLES for n in range(start, k))
        and tokens.capital[k - 1]
    )
    if not honoured and board.label_at.get(k) != "PERSON":
        return None
    if (
        word in TITLES
        or word in HONORIFICS
        or word in STARTERS
        or word in CALENDAR
        or word in ORG_HEADS
        or word in TITLE_PARTS
    ):
        return None
    if word in tokens.lower_words or word in NON_ACTOR_HEADS or word == "s":
        return None
    shown = _title_shown(board, start, k)
    called = given.get(_fold(tokens.words[k]), [])
    if len(called) == 1:
        person = called[0]
        country = person.known.country if person.known else None
        return Span(shown, k + 1, "person", "surname", settings.by_given_name, person.actor_id, person.name, country)
    return Span(shown, k + 1, "person", "unresolved", 0.4)
