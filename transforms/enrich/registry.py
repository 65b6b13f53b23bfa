"""The actors we know: states, organisations, groups, parties, companies and persons, with every name that is theirs."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from transforms.enrich.words import SPELLINGS
from transforms.text import content_hash

_COLUMNS = ("actor_id", "name", "type", "country", "affiliation_id", "aliases", "context_aliases")
TYPES = frozenset(
    {
        "person",
        "state",
        "government_body",
        "igo",
        "military",
        "armed_group",
        "party",
        "company",
        "media",
        "other_org",
        "place",
    }
)
# What a context alias asks of the text around it (see docstring of Actor).
CONTEXTS = frozenset({"demonym", "capital", "surname", "supported", "abbreviation"})
_ID = re.compile(r"act_[a-z0-9_]+\Z")
_NOT_IN_KEY = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor: a row of the registry.

    `aliases` name it anywhere. `context_aliases` are (kind, alias) pairs that name it only in context: `demonym` (Pakistani),
    `capital` (Islamabad, where it acts), `surname` (Biden, where nobody else of that name is introduced), `supported`
    (Senate, where the text speaks of that country more than of another that claims the name), `abbreviation` (Ala., behind a town or party).
    """

    actor_id: str
    name: str
    type: str
    country: str | None
    affiliation_id: str | None
    aliases: tuple[str, ...]
    context_aliases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class ActorRegistry:
    """The actors of one or more registry files, found by id or by alias."""

    actors: tuple[Actor, ...]

    @classmethod
    def parse(cls, csv_text: str, *more: str, names: Sequence[str] = ()) -> "ActorRegistry":
        """Read the registry from the text of its CSV files (columns actor_id,name,type,country,affiliation_id,aliases,context_aliases; lists by |).

        `names` are those of the files, for messages; without them they are numbered. Raises ValueError, naming file and row, for wrong columns, an unknown type or context, a repeated id, an unknown
        affiliation, an alias that two actors claim as theirs everywhere, or one that is an actor's everywhere and somebody's in context.
        """
        texts = (csv_text, *more)
        files = names or [f"file {number}" for number in range(1, len(texts) + 1)]
        rows = [
            _actor(row, f"{file}, line {line}")
            for file, text in zip(files, texts, strict=True)
            for line, row in enumerate(_rows(text, file), start=2)
        ]
        registry = cls(tuple(actor for actor, _ in rows))
        _check(rows)
        return registry

    def by_id(self, actor_id: str) -> Actor | None:
        """Return the actor of an id, if there is one."""
        return self._ids.get(actor_id)

    def by_alias(self, alias: str) -> Actor | None:
        """Return the actor a name or global alias stands for, if it is known."""
        return self._aliases.get(alias_key(alias))

    def in_context(self, alias: str) -> tuple[tuple[str, Actor], ...]:
        """Return the (kind, actor) pairs for which an alias stands in context."""
        return tuple(self._contexts.get(alias_key(alias), ()))

    def by_spelling(self, name: str) -> Actor | None:
        """Return the person whose name is written otherwise ("Muhammad Morsi"), if there is exactly one."""
        return self._spellings.get(spelling_key(name))

    def learnt_before(self) -> dict[str, str]:
        """Return for each id under which a registered name was learnt, or would have been, the actor it is the name of."""
        found: dict[str, str | None] = {}
        for actor in self.actors:
            for name in names_of(actor):
                keys = {name, spelling_key(without_initials(name, leading=True))} if actor.type == "person" else {name}
                for old in {learnt_id(key) for key in keys if alias_key(key)}:
                    found[old] = actor.actor_id if found.get(old, actor.actor_id) == actor.actor_id else None
        return {old: now for old, now in found.items() if now is not None}

    @cached_property
    def _spellings(self) -> dict[str, Actor | None]:
        found: dict[str, Actor | None] = {}
        for actor in self.actors:
            for key in {spelling_key(name) for name in names_of(actor)} if actor.type == "person" else ():
                found[key] = actor if found.get(key, actor) is actor else None
        return found

    @cached_property
    def _ids(self) -> dict[str, Actor]:
        return {actor.actor_id: actor for actor in self.actors}

    @cached_property
    def _aliases(self) -> dict[str, Actor]:
        return {alias_key(alias): actor for actor in self.actors for alias in names_of(actor)}

    @cached_property
    def _contexts(self) -> dict[str, list[tuple[str, Actor]]]:
        found: dict[str, list[tuple[str, Actor]]] = {}
        for actor in self.actors:
            for kind, alias in actor.context_aliases:
                found.setdefault(alias_key(alias), []).append((kind, actor))
        return found


def names_of(actor: Actor) -> tuple[str, ...]:
    """Return the names that stand for an actor everywhere; a name with a bracket is a label only, not a name in use."""
    return actor.aliases if "(" in actor.name else (actor.name, *actor.aliases)


def alias_key(name: str) -> str:
    """Return the form in which two writings of one alias are equal: NFC, dots gone, hyphens and apostrophes as blanks; case counts."""
    plain = unicodedata.normalize("NFC", name).replace(".", "")
    return " ".join(_NOT_IN_KEY.sub(" ", plain).split())


def learnt_id(name: str) -> str:
    """Return the id of an actor the registry does not know: `act_` and 16 hex digits over its full name without case and accents."""
    return content_hash("act_", _plain_key(name))


def spelling_key(name: str) -> str:
    """Return a person's name without case and accents, each word in one of the ways it is written (SPELLINGS)."""
    return " ".join(SPELLINGS.get(word, word) for word in _plain_key(name).split())


def without_initials(name: str, leading: bool = False) -> str:
    """Return a name without middle initials ("Lloyd J. Austin"), where two full names remain; `leading`: without the first one too."""
    words = name.split()
    ends = {len(words) - 1} if leading else {0, len(words) - 1}
    kept = [w for k, w in enumerate(words) if k in ends or len(w.strip(".")) > 1]
    return " ".join(kept) if len(kept) >= 2 else name


def _plain_key(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return alias_key(plain).casefold()


def place_id(name: str) -> str:
    """Return the id of a place the registry does not know; a person or a body of the same name has another."""
    return learnt_id(f"place {name}")


def _rows(text: str, file: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise ValueError(f"actors: {file} has the columns {reader.fieldnames}, want {list(_COLUMNS)}")
    return iter(reader)


def _actor(row: dict[str, str], where: str) -> tuple[Actor, str]:
    actor = Actor(
        actor_id=row["actor_id"],
        name=row["name"].strip(),
        type=row["type"],
        country=row["country"] or None,
        affiliation_id=row["affiliation_id"] or None,
        aliases=_split(row["aliases"]),
        context_aliases=tuple(_context(cell, where) for cell in _split(row["context_aliases"])),
    )
    if not _ID.match(actor.actor_id) or not actor.name or actor.type not in TYPES:
        raise ValueError(f"actors: {where} has a bad id, name or type: {row}")
    return actor, where


def _context(cell: str, where: str) -> tuple[str, str]:
    kind, colon, alias = cell.partition(":")
    if not colon or kind not in CONTEXTS or not alias:
        raise ValueError(
            f"actors: {where} has a bad context alias {cell!r}, want one of {sorted(CONTEXTS)} before a colon"
        )
    return kind, alias


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for piece in cell.split("|") if (part := piece.strip()))


def _check(rows: list[tuple[Actor, str]]) -> None:
    ids: dict[str, str] = {}
    owners: dict[str, tuple[str, str]] = {}
    for actor, where in rows:
        if actor.actor_id in ids:
            raise ValueError(f"actors: {where} repeats {actor.actor_id} of {ids[actor.actor_id]}")
        ids[actor.actor_id] = where
        for alias in names_of(actor):
            owner, there = owners.setdefault(alias_key(alias), (actor.actor_id, where))
            if owner != actor.actor_id:
                raise ValueError(
                    f"actors: {where} gives {alias!r} to {actor.actor_id}, but {there} gives it to {owner}"
                )
    for actor, where in rows:
        for kind, alias in actor.context_aliases:
            if alias_key(alias) in owners:
                owner, there = owners[alias_key(alias)]
                raise ValueError(
                    f"actors: {where} gives {alias!r} to {actor.actor_id} as {kind}, but {there} gives it to {owner} everywhere"
                )
    for actor, where in rows:
        if actor.affiliation_id is not None and actor.affiliation_id not in ids:
            raise ValueError(f"actors: {where} affiliates {actor.actor_id} to the unknown {actor.affiliation_id}")
