"""Taggers of names behind one interface, and which passages of a text a costly one must read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any, Protocol

from transforms.enrich.spans import Tag
from transforms.enrich.tokens import DATELINE, Tokens
from transforms.enrich.words import CALENDAR, HONORIFICS, STARTERS, TITLES


@dataclass(frozen=True, slots=True)
class TaggingSettings:
    """What a tagger reads, and how much at once.

    `reads_of_a_name`: times a run of capitals is shown to the tagger before the text's own evidence stands in for it;
    `words_around`: context shown beside it; the small model looks four words to each side. On 100 articles of
    allsides_37k, 2 and 6 keep 99.6% of the resolved mentions that reading every sentence gives, at 1.8 times the speed.
    `batch_characters`: bound of one model call, for memory; whole documents at once took 4.4 GB, this bound stays under 0.3 GB.
    `passage_characters`: longest passage; longer sentences are lists or markup, cut at a blank.
    """

    reads_of_a_name: int = 2
    words_around: int = 6
    batch_characters: int = 20_000
    passage_characters: int = 1_500


DEFAULT = TaggingSettings()
# Pipes of spaCy's trained models that naming does not need; a model without one of them does not mind.
_NOT_NEEDED = ("tagger", "parser", "senter", "attribute_ruler", "lemmatizer")


class Tagger(Protocol):
    """Whatever finds names in a text: labels as in OntoNotes, or MISC for a name of something else."""

    name: str

    def tag(self, texts: Sequence[Tokens], known: Sequence[Sequence[bool]]) -> list[list[Tag]]:
        """Return the names of each text in its order; `known` flags the pieces a dictionary has settled. A function of each text alone."""
        ...


class SpacyTagger:
    """A spaCy model by the name of its installed module; loaded at first use, everything but tok2vec and ner left out.

    It costs some twenty times the shipped tagger, so it is shown only the passages that may hold an open name.
    """

    def __init__(self, model_name: str, settings: TaggingSettings = DEFAULT) -> None:
        self.name = model_name
        self._settings = settings

    @cached_property
    def _model(self) -> Any:
        return import_module(self.name).load(exclude=list(_NOT_NEEDED))

    def tag(self, texts: Sequence[Tokens], known: Sequence[Sequence[bool]]) -> list[list[Tag]]:
        """Return the names the model finds in the passages of each text."""
        tags = []
        for tokens, settled in zip(texts, known, strict=True):
            stretches = passages(tokens, settled, self._settings)
            answers = self.names([tokens.text[start:end] for start, end in stretches])
            tags.append(laid_on(tokens, stretches, answers))
        return tags

    def names(self, paragraphs: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        """Return (start, end, label) of the names of each paragraph, in code points."""
        found: list[list[tuple[int, int, str]]] = []
        for batch in _batches(paragraphs, self._settings.batch_characters):
            for doc in self._model.pipe(batch, batch_size=len(batch)):
                found.append([(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents])
        return found


def laid_on(
    tokens: Tokens, stretches: Sequence[tuple[int, int]], answers: Sequence[Sequence[tuple[int, int, str]]]
) -> list[Tag]:
    """Return names given as (start, end, label) in code points of each stretch of a text as tags of its pieces."""
    tags = []
    for (offset, _), found in zip(stretches, answers, strict=True):
        for start, end, label in found:
            first, last = tokens.at(offset + start, offset + end)
            if first < last:
                tags.append(Tag(first, last, label))
    return tags


def passages(tokens: Tokens, known: Sequence[bool], settings: TaggingSettings = DEFAULT) -> list[tuple[int, int]]:
    """Return the (start, end) of the passages a tagger must read, in code points, at most one a sentence unless it is very long.

    A passage holds the runs of capitals of a sentence that are not yet settled, with some words around them: a run is
    settled when it is wholly `known` (one flag a piece), a mere sentence opening, the last name alone of a longer run,
    part of a headline, or read often enough before.
    """
    runs = [_bare(tokens, first, last) for first, last in tokens.runs() if _open(tokens, known, first, last)]
    long_ends = {tokens.words[last - 1] for first, last in runs if last - first > 1}
    reads: dict[tuple[str, ...], int] = {}
    wanted: dict[int, tuple[int, int]] = {}
    for first, last in runs:
        name = tuple(tokens.words[first:last])
        number = tokens.sentence[first]
        if tokens.headings[number] or (len(name) == 1 and name[0] in long_ends):
            continue
        reads[name] = reads.get(name, 0) + 1
        if reads[name] <= settings.reads_of_a_name:
            wanted[number] = (wanted.get(number, (first, last))[0], last)
    around = (_around(tokens, *wanted[number], settings.words_around) for number in sorted(wanted))
    return [passage for start, end in around for passage in _cut(tokens.text, start, end, settings)]


def _around(tokens: Tokens, first: int, last: int, words: int) -> tuple[int, int]:
    """Return the code points of pieces first to last with some words around them, inside their sentence and never cutting a run."""
    start, end = tokens.sentences[tokens.sentence[first]]
    dateline = DATELINE.match(tokens.text, start, end)
    if dateline is not None and dateline.end() <= tokens.starts[last - 1]:
        start = dateline.end()
    left, right = max(0, first - words), min(len(tokens), last + words)
    while left > 0 and tokens.capital[left] and tokens.capital[left - 1] and tokens.starts[left] > start:
        left -= 1
    while right < len(tokens) and tokens.capital[right - 1] and tokens.capital[right] and tokens.ends[right - 1] < end:
        right += 1
    begins = start if tokens.starts[left] <= start else tokens.starts[left]
    return begins, end if right >= len(tokens) or tokens.ends[right - 1] >= end else tokens.ends[right - 1]


def _bare(tokens: Tokens, first: int, last: int) -> tuple[int, int]:
    """Return a run without the titles and opening words before its name."""
    while last - first > 1 and (
        tokens.folded[first] in TITLES or tokens.folded[first] in HONORIFICS or tokens.folded[first] in STARTERS
    ):
        first += 1
    return first, last


def _open(tokens: Tokens, known: Sequence[bool], first: int, last: int) -> bool:
    for k in range(first, last):
        word = tokens.folded[k]
        if known[k] or not tokens.capital[k] or word in HONORIFICS or word in TITLES or word in CALENDAR:
            continue
        if tokens.first_of_sentence[k] and last == first + 1 and (word in STARTERS or word in tokens.lower_words):
            continue
        if word in STARTERS or (len(word) == 1 and last == first + 1):
            continue
        return True
    return False


def _cut(text: str, start: int, end: int, settings: TaggingSettings) -> Iterator[tuple[int, int]]:
    while end - start > settings.passage_characters:
        cut = text.rfind(" ", start + 1, start + settings.passage_characters)
        cut = cut if cut > start else start + settings.passage_characters
        yield start, cut
        start = cut
    yield start, end


def _batches(paragraphs: Sequence[str], characters: int) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for paragraph in paragraphs:
        if batch and size + len(paragraph) > characters:
            yield batch
            batch, size = [], 0
        batch.append(paragraph)
        size += len(paragraph)
    if batch:
        yield batch
