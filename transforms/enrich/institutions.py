"""States and what belongs to them: governments, cabinets, armies, ministries, embassies, named by their state."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.enrich.registry import Actor, ActorRegistry, learnt_id
from transforms.enrich.spans import Board, Span
from transforms.enrich.words import STARTERS


@dataclass(frozen=True, slots=True)
class Institution:
    """A kind of body every state has: `slug` ends its id, `label` its name, `words` are the ways to write it."""

    slug: str
    prefix: str
    type: str
    label: str
    words: tuple[str, ...]


# The government as a whole is the state itself, as readers understand "the Pakistani government".
_GOVERNMENT = frozenset({"government", "administration", "regime", "authorities", "govt"})
_FALLEN = frozenset(
    {"fallen", "ousted", "deposed", "toppled", "former", "defunct", "collapsed", "overthrown", "previous"}
)
_MODIFIERS = frozenset(
    {"federal", "national", "new", "interim", "caretaker", "transitional", "current", "central", "military"}
)
_GROUP_TAILS = frozenset(
    {"regime", "government", "administration", "movement", "group", "network", "organisation", "organization"}
)
_GROUP_HEADS = frozenset({"militant", "extremist", "terrorist", "jihadist", "terror", "rebel", "insurgent"})


def _ministries() -> Iterator[Institution]:
    for slug, words in {
        "foreign": ("foreign", "foreign affairs"),
        "defence": ("defence", "defense"),
        "interior": ("interior", "home"),
        "finance": ("finance",),
        "health": ("health", "public health"),
        "justice": ("justice",),
        "energy": ("energy",),
        "education": ("education",),
        "trade": ("trade", "commerce"),
        "agriculture": ("agriculture",),
        "information": ("information",),
    }.items():
        names = [f"{word} ministry" for word in words] + [f"ministry of {word}" for word in words]
        yield Institution(
            f"{slug}_ministry",
            "org",
            "government_body",
            f"Ministry of {words[-1 if slug == 'foreign' else 0].title()}",
            tuple(names),
        )


INSTITUTIONS: tuple[Institution, ...] = (
    Institution("cabinet", "org", "government_body", "cabinet", ("cabinet",)),
    Institution("parliament", "org", "government_body", "parliament", ("parliament",)),
    Institution("supreme_court", "org", "government_body", "Supreme Court", ("supreme court",)),
    Institution("constitutional_court", "org", "government_body", "Constitutional Court", ("constitutional court",)),
    Institution("central_bank", "org", "government_body", "central bank", ("central bank",)),
    Institution("national_assembly", "org", "government_body", "National Assembly", ("national assembly",)),
    Institution("nsc", "org", "government_body", "National Security Council", ("national security council",)),
    Institution("red_crescent", "org", "other_org", "Red Crescent", ("red crescent",)),
    Institution("red_cross", "org", "other_org", "Red Cross", ("red cross",)),
    Institution("embassy", "org", "government_body", "Embassy", ("embassy", "high commission")),
    Institution("army", "mil", "military", "Army", ("army",)),
    Institution("navy", "mil", "military", "Navy", ("navy",)),
    Institution("air_force", "mil", "military", "Air Force", ("air force",)),
    Institution("coast_guard", "mil", "military", "Coast Guard", ("coast guard",)),
    Institution(
        "armed_forces",
        "mil",
        "military",
        "armed forces",
        ("armed forces", "military", "security forces", "forces", "troops"),
    ),
    *_ministries(),
)
_BY_WORDS: dict[tuple[str, ...], Institution] = {tuple(w.split()): i for i in INSTITUTIONS for w in i.words}
_LONGEST = max(map(len, _BY_WORDS))
_FIRST_WORDS = frozenset(words[0] for words in _BY_WORDS)
# Bodies a text names without a state too loosely to lend them one: any country's may be meant.
_SHARED_NAMES = frozenset({"embassy", "army", "armed_forces", "red_cross", "red_crescent"})
# Share of a text's mentions of states from which a body without a state is taken to be that state's.
_CLEAR_MAJORITY = 0.6
# Bodies that a text calls by their bare kind once it has named one ("the cabinet").
_CALLED_BARE = frozenset(
    {
        "cabinet",
        "embassy",
        "parliament",
        "army",
        "armed_forces",
        "supreme_court",
        "central_bank",
        "constitutional_court",
        "national_assembly",
    }
    | {i.slug for i in INSTITUTIONS if i.slug.endswith("_ministry")}
)
_STAFF = frozenset({"officials", "staff", "official"})
_IN = re.compile(r"(?:, ?| in | at )\Z")


def state_at(board: Board, k: int) -> tuple[Actor, int] | None:
    """Return the state that piece k begins to name, by name or demonym, and one behind its last piece."""
    hit = board.hit_at.get(k)
    if hit is None or hit[0] != k:
        return None
    for entry in hit[2]:
        if entry.actor is not None and entry.actor.type == "state" and entry.kind in {"alias", "demonym"}:
            return entry.actor, hit[1]
    return None


def settle_institutions(board: Board, actors: ActorRegistry) -> None:
    """Settle governments, bodies of states and extended names of groups ("Taliban regime", "NATO forces")."""
    for k in range(len(board.tokens)):
        found = state_at(board, k)
        if found is not None:
            _settle_of_state(board, actors, *found, k)
        else:
            _settle_extended(board, k)
            _settle_ruler(board, actors, k)


def _settle_of_state(board: Board, actors: ActorRegistry, state: Actor, after: int, k: int) -> None:
    tokens = board.tokens
    body = _skip(board, after)
    if body is None:
        return
    # "Russia's foreign ministry" names two: the state and the body; "the Russian foreign ministry" one.
    own = body if tokens.gaps[after - 1] in {"'", "’"} else k
    if tokens.folded[body] in _GOVERNMENT and (body == 0 or not _begins_institution(board, body)):
        fallen = _fallen_before(board, k)
        if fallen is not None:
            name = f"former {_demonym(state)} government"
            board.put(Span(fallen, body + 1, "government_body", "metonym", 0.8, learnt_id(name), name, state.country))
        else:
            board.put(Span(k, body + 1, "state", "metonym", 0.9, state.actor_id, state.name, state.country))
        return
    found = _institution(board, body)
    if found is None:
        return
    institution, last = found
    if institution.slug == "embassy":
        board.put(_embassy(board, state, own, last))
    else:
        board.put(_body(actors, state, institution, own, last))


def is_institution(words: list[str]) -> bool:
    """Tell whether these words, in lower case, are nothing but a kind of body every state has ("interior ministry")."""
    return tuple(words) in _BY_WORDS


def _skip(board: Board, k: int) -> int | None:
    """Return the first piece after a possessive and modifiers such as "federal"; None at the end or after a stop."""
    tokens = board.tokens
    steps = 0
    while k < len(tokens) and tokens.joined(k - 1) and steps < 3:
        word = tokens.folded[k]
        possessive = word == "s" and tokens.gaps[k - 1] in {"'", "’"}
        if not possessive and not (word in _MODIFIERS and _institution(board, k) is None):
            return k
        k, steps = k + 1, steps + 1
    return None


def _institution(board: Board, k: int) -> tuple[Institution, int] | None:
    tokens = board.tokens
    if k < len(tokens) and tokens.folded[k] not in _FIRST_WORDS:
        return None
    for length in range(min(_LONGEST, len(tokens) - k), 0, -1):
        found = _BY_WORDS.get(tuple(tokens.folded[k : k + length]))
        if found is not None and all(tokens.gaps[n] == " " for n in range(k, k + length - 1)):
            return found, k + length
    return None


def _begins_institution(board: Board, k: int) -> bool:
    return _institution(board, k) is not None


def _body(actors: ActorRegistry, state: Actor, institution: Institution, first: int, last: int) -> Span:
    country = (state.country or "").lower()
    actor_id = f"act_{institution.prefix}_{country}_{institution.slug}"
    known = actors.by_id(actor_id)
    name = known.name if known else f"{state.name} {institution.label}"
    return Span(first, last, institution.type, "composed", 0.9, actor_id, name, state.country)


def _embassy(board: Board, state: Actor, first: int, last: int) -> Span:
    tokens = board.tokens
    name = f"{state.name} Embassy"
    if last < len(tokens) and tokens.capital[last] and _IN.search(gap_words(board, last)):
        behind = last
    elif (
        last + 1 < len(tokens)
        and tokens.folded[last] in {"in", "at"}
        and tokens.capital[last + 1]
        and tokens.gaps[last - 1] == " "
    ):
        behind = last + 1
    else:
        return Span(first, last, "government_body", "composed", 0.8, learnt_id(name), name, state.country)
    hit = board.hit_at.get(behind)
    end = hit[1] if hit is not None and hit[0] == behind else behind + 1
    name = f"{name} in {tokens.surface(behind, end)}"
    return Span(first, end, "government_body", "composed", 0.9, learnt_id(name), name, state.country)


def gap_words(board: Board, k: int) -> str:
    """Return the characters between piece k-1 and piece k."""
    return board.tokens.gaps[k - 1] if k > 0 else ""


def _fallen_before(board: Board, k: int) -> int | None:
    tokens = board.tokens
    if k == 0 or tokens.folded[k - 1] not in _FALLEN or not tokens.joined(k - 1):
        return None
    if k > 1 and tokens.folded[k - 2] == "now" and tokens.gaps[k - 2] == "-":
        return k - 2
    return k - 1


def _demonym(state: Actor) -> str:
    return next((alias for kind, alias in state.context_aliases if kind == "demonym"), state.name)


def _settle_extended(board: Board, k: int) -> None:
    hit = board.hit_at.get(k)
    if hit is None or hit[0] != k or len(hit[2]) != 1 or hit[2][0].kind != "alias":
        return
    actor = hit[2][0].actor
    tokens, first, last = board.tokens, hit[0], hit[1]
    if actor is None or last >= len(tokens) or tokens.gaps[last - 1] != " ":
        return
    tails = {"igo": frozenset({"forces"}), "armed_group": _GROUP_TAILS}.get(actor.type, frozenset())
    if tokens.folded[last] not in tails or tokens.capital[last]:
        return
    if (
        first > 0
        and tokens.folded[first - 1] in _GROUP_HEADS
        and tokens.gaps[first - 1] == " "
        and tokens.folded[last] == "group"
    ):
        first -= 1
    board.put(Span(first, last + 1, actor.type, "registry", 0.95, actor.actor_id, actor.name, actor.country))


def _settle_ruler(board: Board, actors: ActorRegistry, k: int) -> None:
    """Settle "Biden administration", "Assad's regime": who rules is named, the state is meant."""
    hit = board.hit_at.get(k)
    tokens = board.tokens
    if hit is None or hit[0] != k or hit[1] >= len(tokens):
        return
    rulers = {
        e.actor.affiliation_id
        for e in hit[2]
        if e.actor is not None and e.actor.type == "person" and e.kind in {"alias", "surname"}
    }
    after = hit[1]
    if (
        len(rulers) != 1
        or tokens.folded[after] not in {"administration", "government", "regime"}
        or tokens.gaps[after - 1] != " "
    ):
        return
    state = actors.by_id(rulers.pop() or "")
    if state is not None and state.type == "state" and _ruler_stands_alone(board, k):
        board.put(Span(k, after + 1, "state", "metonym", 0.9, state.actor_id, state.name, state.country))


def _ruler_stands_alone(board: Board, k: int) -> bool:
    """Tell "the Biden administration" from "Hunter Biden government ties": no other name stands before."""
    tokens = board.tokens
    return (
        k == 0
        or not tokens.joined(k - 1)
        or not tokens.capital[k - 1]
        or tokens.folded[k - 1] in STARTERS
        or k - 1 in board.hit_at
    )


def settle_bare_institutions(board: Board, actors: ActorRegistry) -> None:
    """Settle "the cabinet", "the embassy officials" where the text names exactly one body of that kind.

    A capitalised "Interior Ministry" of which the text names none belongs to the country it speaks of.
    """
    bodies = _named_bodies(board)
    named = {slug: spans[0] for slug, spans in bodies.items() if len(spans) == 1}
    state = _country_of(board, actors)
    tokens = board.tokens
    k = 0
    while k < len(tokens):
        found = _institution(board, k)
        if found is None:
            k += 1
            continue
        institution, last = found
        first = _with_article(board, k)
        span = named.get(institution.slug)
        if span is None and tokens.capital[k] and institution.slug not in bodies and _alone(board, last):
            _settle_of_the_country(board, actors, state, institution, k, last)
        elif span is not None and first is not None and _alone(board, last):
            if (
                institution.slug == "embassy"
                and last < len(tokens)
                and tokens.folded[last] in _STAFF
                and tokens.gaps[last - 1] == " "
            ):
                last += 1
            board.put(Span(first, last, span.type, "role", 0.75, span.actor_id, span.name, span.country))
        k = last


def _named_bodies(board: Board) -> dict[str, list[Span]]:
    bodies: dict[str, dict[str, Span]] = {}
    for span in board.spans():
        if span.actor_id is None or span.type not in {"government_body", "military"}:
            continue
        for k in range(span.first, span.last):
            found = _institution(board, k)
            if found is not None and found[0].slug in _CALLED_BARE:
                kept = bodies.setdefault(found[0].slug, {})
                kept.setdefault(span.actor_id, span)
                break
    return {slug: list(spans.values()) for slug, spans in bodies.items()}


def _country_of(board: Board, actors: ActorRegistry) -> Actor | None:
    """Return the state that most mentions of states in a text are of, None without a clear majority."""
    counts = Counter(span.actor_id for span in board.spans() if span.type == "state" and span.actor_id is not None)
    top = counts.most_common(1)
    if not top or top[0][1] < _CLEAR_MAJORITY * counts.total():
        return None
    return actors.by_id(top[0][0])


def _settle_of_the_country(
    board: Board, actors: ActorRegistry, state: Actor | None, institution: Institution, first: int, last: int
) -> None:
    tokens = board.tokens
    named = (
        first > 0
        and tokens.capital[first - 1]
        and tokens.joined(first - 1)
        and tokens.folded[first - 1] not in STARTERS
    )
    if institution.slug in _SHARED_NAMES or named:
        return
    if state is None:
        board.put(Span(first, last, institution.type, "ambiguous", 0.4))
        return
    span = _body(actors, state, institution, first, last)
    span.method, span.confidence = "supported", 0.65
    board.put(span)


def _with_article(board: Board, k: int) -> int | None:
    """Return where a bare body begins: at its article, or at itself where it opens a sentence; None elsewhere."""
    tokens = board.tokens
    if k > 0 and tokens.folded[k - 1] == "the" and tokens.gaps[k - 1] == " ":
        return k - 1
    return k if tokens.first_of_sentence[k] and tokens.capital[k] else None


def _alone(board: Board, last: int) -> bool:
    """Tell whether no longer name goes on ("the Cabinet Office", "the Army Corps")."""
    tokens = board.tokens
    return last >= len(tokens) or not tokens.capital[last] or not tokens.joined(last - 1)
