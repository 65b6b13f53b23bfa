"""What people decided against the machine, as one CSV file says it: read with one sentence for each fault, checked against itself.

A row is a decision with its author, its day and its reason, about things that content names: articles by id or address, texts by
id, stories by id, actors by name. Nothing here asks the warehouse; what it knows (which articles are copies, which article a
story began with) comes in as pairs that are the same.
"""

import csv
import io
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from transforms.clean.dates import Stamp, parse_date
from transforms.clean.urls import address
from transforms.text import content_hash

COLUMNS = ("kind", "key", "value", "author", "date", "reason")
# kind -> what its key names, what its value names.
KINDS: Mapping[str, tuple[str, str]] = {
    "must_link": ("article_or_text", "article_or_text"),
    "cannot_link": ("article_or_text", "article_or_text"),
    "pin": ("article", "story"),
    "set_source": ("article", "source"),
    "set_date": ("article", "date"),
    "alias": ("name", "actor"),
    "not_alias": ("name", "actor"),
    "ignore": ("article", "nothing"),
}
NAMING = frozenset({"alias", "not_alias"})
LINKS = frozenset({"must_link", "cannot_link"})
# Kinds that say one thing of an article or a name: two rows that say different things contradict each other.
_ONE_VALUE = ("pin", "set_source", "set_date", "alias")
_ID = re.compile(r"[ats]_[0-9a-f]{16}\Z")
_ACTOR = re.compile(r"act_[a-z0-9_]+\Z")
# Dates before it are refused of records too (transforms/clean/settings.py).
_FIRST_YEAR = 1990
_ISO = re.compile(r"(?:19|20)\d\d-\d\d(?:-\d\d(?:[T ]\d\d:\d\d.*)?)?\Z")
# A person decides some thousands in a lifetime; more is another file by mistake.
_MOST_CHARACTERS = 20_000_000
_LONGEST_CELL = 2_000

Same = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Override:
    """One decision; `key` and `value` are ids (an address is the id of its article), names or dates, `line` where it stands."""

    kind: str
    key: str
    value: str
    author: str
    decided_on: date
    reason: str
    line: int

    @property
    def override_id(self) -> str:
        """Its content id: the same decision, by the same person for the same reason, wherever it stands in the file."""
        said = (self.kind, self.key, self.value, self.author, self.decided_on.isoformat(), self.reason)
        return content_hash("ov_", *said)

    @property
    def date(self) -> Stamp:
        """The date that a set_date gives. Raises ValueError for any other kind."""
        stamp = parse_date(self.value) if self.kind == "set_date" else None
        if stamp is None:
            raise ValueError(f"{self} gives no date")
        return stamp

    def __str__(self) -> str:
        return f"line {self.line} ({' '.join(part for part in (self.kind, self.key, self.value) if part)})"


def decode_overrides(data: bytes, name: str) -> str:
    """Return the text of the file's bytes. Raises ValueError where they are no UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}: byte {error.start} is no UTF-8; save the file as UTF-8.") from error


def parse_overrides(text: str, name: str) -> tuple[Override, ...]:
    """Read overrides from the text of a CSV file (columns COLUMNS; lines that begin with # are remarks), without repetitions.

    Raises ValueError, naming the file and the line, for wrong columns, a kind that does not exist, a key or value that is not
    what its kind asks for, or a missing author, date or reason.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ValueError(
            f"{name}: overrides of {len(text):,} characters are not read, at most {_MOST_CHARACTERS:,} are."
        )
    found: dict[str, Override] = {}
    for line, cells in _rows(text, name):
        where = f"{name}: line {line}"
        if len(cells) != len(COLUMNS):
            raise ValueError(f"{where} has {len(cells)} cells, want {len(COLUMNS)}: {','.join(COLUMNS)}.")
        override = _override(dict(zip(COLUMNS, cells, strict=True)), line, where)
        found.setdefault(override.override_id, override)
    return tuple(found.values())


def override_line(cells: Sequence[str] | None) -> str:
    """Return a line of the file, its end included: of these cells in the order of COLUMNS, or the head for None."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(COLUMNS if cells is None else cells)
    return buffer.getvalue()


def contradictions(overrides: Iterable[Override], same: Iterable[Same] = ()) -> list[str]:
    """Return a sentence for every contradiction between overrides, naming their lines.

    `same` are pairs of ids that the warehouse knows to be one: an article and its text, two texts of the same words, a story
    and its founding article. Contradictory are: two values where one is asked for, a name that is and is not an actor's, an
    ignored article that is linked or pinned, two stories for articles that are one, and parts that a chain of overrides and
    copies joins.
    """
    rows = sorted(overrides, key=lambda row: row.line)
    return [*_two_values(rows), *_alias_or_not(rows), *_ignored_links(rows), *_impossible_parts(rows, list(same))]


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    header = False
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if header:
                yield reader.line_num, cells
            elif tuple(cells) != COLUMNS:
                raise ValueError(f"{name}: line {reader.line_num} should name the columns {','.join(COLUMNS)}.")
            header = True
    except csv.Error as error:
        raise ValueError(f"{name}: line {reader.line_num} is no CSV: {error}.") from error


def _override(row: Mapping[str, str], line: int, where: str) -> Override:
    if row["kind"] not in KINDS:
        raise ValueError(f"{where}: there is no kind {row['kind']!r}; known are {', '.join(KINDS)}.")
    if long := next((cell for cell in row.values() if len(cell) > _LONGEST_CELL), None):
        raise ValueError(
            f"{where}: a cell of {len(long):,} characters is too long, at most {_LONGEST_CELL:,} are read."
        )
    if missing := next((name for name in ("author", "date", "reason") if not row[name]), None):
        raise ValueError(f"{where}: the {missing} is missing; who decided, when and why belongs to every row.")
    try:
        decided_on = date.fromisoformat(row["date"])
    except ValueError as error:
        raise ValueError(f"{where}: {row['date']!r} is no date, write it as YYYY-MM-DD.") from error
    key, value = (
        _named(row["kind"], place, cell, where)
        for place, cell in zip(KINDS[row["kind"]], (row["key"], row["value"]), strict=True)
    )
    if row["kind"] in LINKS:
        if key == value:
            raise ValueError(f"{where}: {row['kind']} needs two things, and both of its cells name {key}.")
        key, value = sorted((key, value))
    return Override(row["kind"], key, value, row["author"], decided_on, row["reason"], line)


def _named(kind: str, wanted: str, cell: str, where: str) -> str:
    """Return what a cell names, as an id where it has one. Raises ValueError where it is not what is wanted."""
    if wanted == "nothing":
        if cell:
            raise ValueError(f"{where}: {kind} takes no value, and {cell!r} stands there.")
        return ""
    if not cell:
        raise ValueError(f"{where}: {kind} needs {_WANTED[wanted]}, and the cell is empty.")
    prefixes = {"article": "a", "article_or_text": "at", "story": "s"}.get(wanted)
    if prefixes is None:
        if not _FITS[wanted](cell):
            raise ValueError(f"{where}: {kind} needs {_WANTED[wanted]}, not {cell!r}.")
        return cell
    if _ID.match(cell) and cell[0] in prefixes:
        return cell
    normal = address(cell).normal if "://" in cell and "a" in prefixes else None
    if normal is None:
        raise ValueError(f"{where}: {kind} needs {_WANTED[wanted]}, not {cell!r}.")
    return content_hash("a_", "url", normal)


_WANTED = {
    "article": "an article, by its id (a_…) or its address",
    "article_or_text": "an article by its id (a_…) or its address, or a text by its id (t_…)",
    "story": "a story by its id (s_…)",
    "source": "a source, by its id (src_…), name or domain",
    "date": "a date from 1990 on as YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH:MM with Z or an offset",
    "name": "a name as it is written",
    "actor": "an actor by its id (act_…)",
}
_FITS = {
    "source": lambda cell: bool(cell),
    "date": lambda cell: (
        bool(_ISO.match(cell)) and (day := parse_date(cell)) is not None and day.day.year >= _FIRST_YEAR
    ),
    "name": lambda cell: bool(cell),
    "actor": lambda cell: bool(_ACTOR.match(cell)),
}


def _two_values(rows: list[Override]) -> Iterator[str]:
    first: dict[tuple[str, str], Override] = {}
    for row in rows:
        if row.kind in _ONE_VALUE:
            known = first.setdefault((row.kind, row.key), row)
            if known.value != row.value:
                yield f"{known} and {row} contradict each other: {row.key} can have one only."


def _alias_or_not(rows: list[Override]) -> Iterator[str]:
    given = {(row.key, row.value): row for row in rows if row.kind == "alias"}
    for row in rows:
        if row.kind == "not_alias" and (known := given.get((row.key, row.value))):
            yield f"{known} and {row} contradict each other: the name is that actor's or it is not."


def _ignored_links(rows: list[Override]) -> Iterator[str]:
    ignored = {row.key: row for row in rows if row.kind == "ignore"}
    for row in rows:
        named = next((key for key in (row.key, row.value) if key in ignored), None)
        if named and row.kind in ("must_link", "pin"):
            yield f"{ignored[named]} and {row} contradict each other: what is ignored is in no story."


def _impossible_parts(rows: list[Override], same: list[Same]) -> Iterator[str]:
    ways = _Ways(rows, same)
    for row in rows:
        if row.kind == "cannot_link" and (chain := ways.between(row.key, row.value)) is not None:
            because = f"with {' and '.join(map(str, chain))}" if chain else "as the two are copies of one text"
            yield f"{row} contradicts what joins the two: {because}."
    known = _Ways([], same)
    pinned: defaultdict[str, dict[str, Override]] = defaultdict(dict)
    for pin in (row for row in rows if row.kind == "pin"):
        pinned[ways.part(pin.value)].setdefault(known.part(pin.value), pin)
    for one, *others in (list(stories.values()) for stories in pinned.values()):
        for other in others:
            chain = ways.between(one.value, other.value)
            if one.key != other.key and chain:
                yield f"{' and '.join(map(str, chain))} contradict each other: they make one story of two that are pinned."


class _Ways:
    """Which ids are one, by overrides that join and by what is known to be the same."""

    def __init__(self, rows: list[Override], same: list[Same]) -> None:
        self._next: defaultdict[str, list[tuple[str, Override | None]]] = defaultdict(list)
        self._root: dict[str, str] = {}
        for a, b in same:
            self._tie(a, b, None)
        for row in rows:
            if row.kind in ("must_link", "pin"):
                self._tie(row.key, row.value, row)

    def _tie(self, a: str, b: str, row: Override | None) -> None:
        self._next[a].append((b, row))
        self._next[b].append((a, row))
        self._root[self.part(a)] = self.part(b)

    def part(self, id_: str) -> str:
        """Return an id that stands for all that are one with this."""
        while (above := self._root.get(id_, id_)) != id_:
            self._root[id_] = id_ = self._root.get(above, above)
        return id_

    def between(self, start: str, end: str) -> list[Override] | None:
        """Return the overrides on a shortest way from one id to another; None where there is none."""
        if self.part(start) != self.part(end):
            return None
        came: dict[str, tuple[str, Override | None]] = {start: (start, None)}
        waiting = deque([start])
        while waiting and end not in came:
            here = waiting.popleft()
            for there, row in self._next[here]:
                if there not in came:
                    came[there] = here, row
                    waiting.append(there)
        chain = []
        while end != start:
            end, row = came[end]
            if row is not None:
                chain.append(row)
        return sorted(chain, key=lambda each: each.line)
