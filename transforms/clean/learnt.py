"""Furniture learnt per source: lines that stand in many of its texts, whatever the article; an artefact that only a command renews."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from transforms.clean.blocks import ends_sentence
from transforms.clean.boilerplate import Stripped
from transforms.clean.settings import CleanSettings

RULE = "learnt"
_COLUMNS = ("source_id", "zone", "line", "n_texts", "n_source_texts")
_ZONES = frozenset({"head", "tail", "any"})
_DIGITS = re.compile(r"\d+")
# "HOST:" and "Ms. VALE: Thank you." name who speaks; they recur in every transcript and are its text.
_SPEAKER = re.compile(r"(?:[A-Z][\w.’'-]*(?: [A-Z\d][\w.’'-]*){0,4}|[A-Z]{1,3})\s*(?:\([^)]{1,40}\))?\s*:(?:\s|\Z)")


@dataclass(frozen=True)
class LearnSettings:
    """When a line is a source's furniture; chosen on our own sources of invented lines, none on a gold set."""

    # Fewer texts of a source say nothing of its habits.
    least_texts: int = 20
    # A line must stand in so many texts, and in so large a share of the source's.
    least_lines: int = 5
    share: float = 0.05
    # So many of its places must be at one end of the text for it to be struck there even where it is a sentence.
    at_one_end: float = 0.9
    # Texts that share two of their so many longest lines are one article told again, and count once.
    longest_lines: int = 3
    longest: int = 600


@dataclass(frozen=True)
class LearntRules:
    """The lines of each source (digits masked) and the end of a text where they are struck: head, tail or any."""

    zones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, csv_text: str) -> "LearntRules":
        """Read the CSV that `learn` gives. Raises ValueError, naming the line, for a wrong column or zone."""
        reader = csv.DictReader(io.StringIO(csv_text))
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise ValueError(f"learnt rules: columns are {reader.fieldnames}, want {list(_COLUMNS)}")
        zones: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for number, row in enumerate(reader, start=2):
            if row["zone"] not in _ZONES:
                raise ValueError(f"learnt rules: line {number} has the zone {row['zone']!r}, want head, tail or any")
            zones[row["source_id"]][row["line"]] = row["zone"]
        return cls(dict(zones))

    def strike(self, stripped: Stripped, source_id: str, settings: CleanSettings) -> Stripped:
        """Move a source's learnt lines from the text to what was removed from it; a text of nothing else stays as it is."""
        known = self.zones.get(source_id, {})
        lines = stripped.kept
        struck = {
            index: at
            for index, line in enumerate(lines)
            if known
            and (zone := known.get(mask(line.text))) is not None
            and (at := _place(index, len(lines), zone, settings)) is not None
        }
        if not struck or len(struck) == len(lines):
            return stripped
        return replace(
            stripped,
            kept=tuple(line for index, line in enumerate(lines) if index not in struck),
            removed=(*stripped.removed, *((RULE, lines[index].text) for index in struck)),
            zones=(*stripped.zones, *struck.values()),
        )


def learn(texts: Mapping[str, Iterable[str]], settings: LearnSettings, clean: CleanSettings) -> str:
    """Return the learnt rules of sources as CSV, given the cleaned bodies of each; a function of the set of texts, not of their order."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for source_id in sorted(texts):
        writer.writerows((source_id, *row) for row in _rules(sorted(set(texts[source_id])), settings, clean))
    return out.getvalue()


def mask(line: str) -> str:
    """Return the form in which a line of furniture is the same in every text: digits masked, case folded."""
    return _DIGITS.sub("0", line).casefold()


def _rules(bodies: Sequence[str], settings: LearnSettings, clean: CleanSettings) -> Iterator[tuple[str, str, int, int]]:
    bodies = _told_once(bodies, settings)
    if len(bodies) < settings.least_texts:
        return
    seen: defaultdict[str, int] = defaultdict(int)
    ends: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    sentence: dict[str, bool] = {}
    for body in bodies:
        lines = body.split("\n")
        once: set[str] = set()
        for index, line in enumerate(lines):
            if len(line) > settings.longest or _SPEAKER.match(line):
                continue
            masked = mask(line)
            sentence[masked] = ends_sentence(line) and len(line.split()) >= clean.sentence_words
            ends[masked][0] += index < clean.head_lines
            ends[masked][1] += index >= len(lines) - clean.tail_lines
            ends[masked][2] += 1
            once.add(masked)
        for masked in once:
            seen[masked] += 1
    least = max(settings.least_lines, settings.share * len(bodies))
    for masked in sorted(seen):
        if seen[masked] < least:
            continue
        head, tail, places = ends[masked]
        zone = (
            "tail"
            if tail >= settings.at_one_end * places
            else "head"
            if head >= settings.at_one_end * places
            else "any"
        )
        if zone != "any" or not sentence[masked]:
            yield zone, masked, seen[masked], len(bodies)


def _told_once(bodies: Sequence[str], settings: LearnSettings) -> list[str]:
    known: set[tuple[str, ...]] = set()
    kept: list[str] = []
    for body in bodies:
        longest = sorted(set(body.split("\n")), key=lambda line: (-len(line), line))[: settings.longest_lines]
        pairs = set(combinations(sorted(longest), 2))
        if not pairs & known:
            kept.append(body)
        known |= pairs
    return kept


def _place(index: int, n_lines: int, zone: str, settings: CleanSettings) -> str | None:
    """Return where a line stands (head, tail, middle), None where its rule does not reach."""
    at_head, at_tail = index < settings.head_lines, index >= n_lines - settings.tail_lines
    if (zone == "head" and not at_head) or (zone == "tail" and not at_tail):
        return None
    return "tail" if at_tail and (zone == "tail" or not at_head) else "head" if at_head else "middle"
