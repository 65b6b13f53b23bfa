"""The attributions of PolNeAR as labelled texts, and the fold that no training sees."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from transforms.text import content_hash

# One article in so many is held out, by the hash of its name.
HELD_OUT = 6
ROLES = ("source", "cue", "content")


@dataclass(frozen=True, slots=True)
class Attributed:
    """A text, and (role, start, end) of each labelled stretch, in code points."""

    key: str
    text: str
    spans: tuple[tuple[str, int, int], ...]

    @property
    def held_out(self) -> bool:
        """Whether training must not see it."""
        return int(content_hash("", self.key), 16) % HELD_OUT == 0


def polnear(shared: Path) -> Iterator[Attributed]:
    """Yield the articles of polnear_train_dev with the attributions of their first annotator."""
    with gzip.open(shared / "gold" / "citations" / "polnear_train_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = {
                (role, int(piece.split()[0]), int(piece.split()[1]))
                for attribution in row["annotations"][0]["attributions"]
                for role in ROLES
                for each in attribution.get(role, ())
                for piece in each["span"].split(";")
            }
            yield Attributed(row["id"], row["text"], tuple(sorted(spans)))
