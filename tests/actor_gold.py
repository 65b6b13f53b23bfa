"""Scores the actors of a warehouse against a hand-made list: which names were found, whom they resolve to, which are wrong."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Score:
    """`found` and `missed` aliases as (article, actor, alias); `resolved` mentions of a listed name as (article, actor, id).

    `longer` are mentions in which a listed name is but a part: "Taliban government", or another actor ("Tanzanian embassy").
    """

    found: list[tuple[str, str, str]] = field(default_factory=list)
    missed: list[tuple[str, str, str]] = field(default_factory=list)
    resolved: list[tuple[str, str, str]] = field(default_factory=list)
    longer: list[tuple[str, str, str]] = field(default_factory=list)

    def id_of(self) -> dict[str, str]:
        """The id that most mentions of each resolved actor have; of an actor only named within longer names, theirs."""
        ids: defaultdict[str, Counter[str]] = defaultdict(Counter)
        named = {actor for _, actor, _ in self.resolved}
        for _, actor, id_ in self.resolved + [each for each in self.longer if each[1] not in named]:
            ids[actor][id_] += 1
        return {actor: counts.most_common(1)[0][0] for actor, counts in ids.items()}

    def wrong(self) -> list[tuple[str, str, str]]:
        """Mentions (article, actor, id) of a listed name that resolve to somebody else."""
        ids = self.id_of()
        return [(article, actor, id_) for article, actor, id_ in self.resolved if id_ != ids[actor]]


def score(
    texts: Mapping[str, Sequence[str]],
    mentions: Iterable[Mapping[str, Any]],
    gold: Mapping[str, Mapping[str, Sequence[str]]],
) -> Score:
    """Compare mentions (article, part, start_char, end_char, actor_id) with gold: article -> actor -> aliases.

    `texts` holds each article's parts. A name is found where a mention covers it ("Taliban" in "Taliban government" counts:
    the longer name was read) or where it covers the mention ("Mr. Khan", of which "Khan" was read). A mention counts for the
    actor whose longest alias it meets.
    """
    spans: defaultdict[str, list[tuple[int, int, int, str | None]]] = defaultdict(list)
    for mention in mentions:
        spans[mention["article"]].append(
            (mention["part"], mention["start_char"], mention["end_char"], mention["actor_id"])
        )
    result = Score()
    for article, actors in gold.items():
        occurrences = [
            (part, match.start(), match.end(), actor, alias)
            for actor, aliases in actors.items()
            for alias in aliases
            for part, text in enumerate(texts[article])
            for match in re.finditer(rf"(?<!\w){_loose(alias)}(?!\w)", text)
        ]
        met = {
            (actor, alias)
            for part, start, end, actor, alias in occurrences
            if _meeting(spans[article], part, start, end)
        }
        for actor, aliases in actors.items():
            for alias in aliases:
                (result.found if (actor, alias) in met else result.missed).append((article, actor, alias))
        for part, start, end, id_ in spans[article]:
            owners = [(e - s, actor) for p, s, e, actor, _ in occurrences if p == part and s < end and start < e]
            if owners and id_ is not None:
                length, actor = max(owners)
                (result.longer if end - start > length else result.resolved).append((article, actor, id_))
    return result


def _meeting(spans: Iterable[tuple[int, int, int, str | None]], part: int, start: int, end: int) -> bool:
    return any(p == part and ((s <= start and end <= e) or (start <= s and e <= end)) for p, s, e, _ in spans)


def _loose(alias: str) -> str:
    return r"\s+".join(map(re.escape, alias.split()))
