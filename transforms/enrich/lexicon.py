"""One dictionary over both registries: every name that may stand for an actor or an outlet."""

from dataclasses import dataclass
from functools import lru_cache

from transforms.enrich.phrases import Phrases
from transforms.enrich.registry import Actor, ActorRegistry, names_of
from transforms.sources import Source, SourceRegistry


@dataclass(frozen=True, slots=True)
class Entry:
    """What a name may stand for: an actor (`kind` alias, demonym, capital, surname or supported) or an outlet (`kind` outlet)."""

    kind: str
    actor: Actor | None = None
    source: Source | None = None


@lru_cache(maxsize=4)
def lexicon(actors: ActorRegistry, sources: SourceRegistry) -> Phrases[Entry]:
    """Return the phrase dictionary of all names of both registries; an outlet is also found without its "The"."""
    phrases: Phrases[Entry] = Phrases()
    for actor in actors.actors:
        for name in names_of(actor):
            phrases.add(name, Entry("alias", actor=actor))
        for kind, alias in actor.context_aliases:
            # Short forms of states are words of their own ("Miss", "La", "Ore"): places.py asks for them where they may stand.
            if kind != "abbreviation":
                phrases.add(alias, Entry(kind, actor=actor))
    for source in sources.sources:
        for name in (source.name, *source.aliases):
            bare = name.removeprefix("The ").removeprefix("the ")
            if "(" not in bare:
                phrases.add(bare, Entry("outlet", source=source))
    return phrases
