"""Who is quoted with what: direct, partial and indirect quotes of an English text, their speakers, and the hash of their words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from transforms.enrich.attribution import Found
from transforms.enrich.evidence import SAYING
from transforms.enrich.quotations import Quotation
from transforms.enrich.spans import Board
from transforms.enrich.speakers import Speaker, speaker
from transforms.text import content_hash, words


@dataclass(frozen=True, slots=True)
class QuoteSettings:
    """What counts as a quote, by eye on the training fold of polnear_train_dev.

    `unattributed_words`: words from which a whole sentence in marks is a quote though nobody is said to say it; `indirect_pieces`:
    the shortest indirect quote; `group_words`: the shortest wording that is nobody else's, as GDELT's and Quotebank's quotations;
    `carried`: how much surer a speaker is who is named beside the quote than one carried on from the quote before.
    """

    unattributed_words: int = 8
    indirect_pieces: int = 4
    group_words: int = 5
    carried: float = 0.8


DEFAULT = QuoteSettings()
_ENDS = frozenset(".,?!…—–-;")
# Pieces behind a quotation that its verb is looked for in, where no person stands first.
_FAR = 6
_VERBS = SAYING - {"who"}
_ARTICLES = frozenset({"the", "a", "an", "his", "her", "their", "its", "one", "another"})
_APOSTROPHES = str.maketrans("’ʼ", "''")


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote: code points, kind (direct, partial, indirect), the pieces of its cue, and who speaks."""

    start: int
    end: int
    kind: str
    n_words: int
    cue: Found | None = None
    speaker: Speaker | None = None
    group_id: str | None = None


@dataclass(slots=True)
class _Sentence:
    sources: list[Found]
    cues: list[Found]
    contents: list[Found]


def quote_group(wording: str, settings: QuoteSettings = DEFAULT) -> str | None:
    """Return the id of all quotes of these words, case and punctuation aside; None where they are too few to be one person's."""
    said = [word.lower() for word in words(wording.translate(_APOSTROPHES))]
    return content_hash("q_", " ".join(said)) if len(said) >= settings.group_words else None


def quote(
    board: Board, runs: Sequence[Found], marked: Sequence[Quotation], settings: QuoteSettings = DEFAULT
) -> list[Quote]:
    """Return the quotes of a text in its order, none overlapping; `runs` are its sources, cues and contents, `marked` its quotations."""
    tokens = board.tokens
    if not len(tokens):
        return []
    stretches = [tokens.at(each.start, each.end) for each in marked]
    quoted = bytearray(len(tokens))
    for first, last in stretches:
        quoted[first:last] = b"\x01" * (last - first)
    work = _Quoting(board, _by_sentence(board, runs, quoted), quoted, settings)
    found = work.cut_in_two(list(work.direct(marked, stretches)))
    found += work.indirect({quote.cue for quote in found})
    return sorted(found, key=lambda quote: quote.start)


def _by_sentence(board: Board, runs: Iterable[Found], quoted: bytearray) -> dict[int, _Sentence]:
    """Return the runs by the number of their sentence; what is said inside a quotation is its speaker's, and left out."""
    found: dict[int, _Sentence] = {}
    for run in runs:
        if quoted[run.first] and run.role != "content":
            continue
        sentence = found.setdefault(board.tokens.sentence[run.first], _Sentence([], [], []))
        getattr(sentence, f"{run.role}s").append(run)
    return found


class _Quoting:
    """A text whose quotes are being put together."""

    def __init__(
        self, board: Board, sentences: dict[int, _Sentence], quoted: bytearray, settings: QuoteSettings
    ) -> None:
        self.board, self.tokens, self.text = board, board.tokens, board.tokens.text
        self.sentences, self.quoted, self.settings = sentences, quoted, settings

    def direct(self, marked: Sequence[Quotation], stretches: Sequence[tuple[int, int]]) -> Iterator[Quote]:
        """Yield what stands between marks and is said by somebody, or is a whole sentence long enough to be."""
        before: Quote | None = None
        goes_on = False
        left_open: list[Quote] = []
        for each, (first, last) in zip(marked, stretches, strict=True):
            if first == last:
                continue
            cue, source = self._cue(first, last), None
            if cue is None:
                cue, source = self._beside(each, last)
            found = self._between_marks(each, first, last, cue, source)
            continues = before is not None and self._continues(before, each, first, goes_on)
            if cue is None and before is not None and continues:
                found = self._carried(found, before.speaker)
            elif cue is None and (found.kind != "direct" or found.n_words < self.settings.unattributed_words):
                continue
            # Paragraphs left open are of whoever the last of them names.
            yield from (self._carried(one, found.speaker if continues else None) for one in left_open)
            left_open = []
            before, goes_on = found, each.goes_on
            if goes_on and found.speaker is None and cue is None:
                left_open.append(found)
            else:
                yield found
        yield from left_open

    def _carried(self, found: Quote, said: Speaker | None) -> Quote:
        """Return a quote as of the speaker of the one beside it."""
        sure = said and replace(said, confidence=round(said.confidence * self.settings.carried, 3))
        return replace(found, speaker=sure)

    def cut_in_two(self, found: Sequence[Quote]) -> list[Quote]:
        """Return quotes with one group for the parts of a sentence that its cue cuts: "“We came,” she said, “to stay.”"."""
        result = list(found)
        start = 0
        for k, one in enumerate(result):
            if k and not self._cut(result[k - 1], one):
                start = k
            if k > start:
                wording = " ".join(self.text[part.start : part.end] for part in result[start : k + 1])
                group = quote_group(wording, self.settings)
                result[start : k + 1] = [replace(part, group_id=group) for part in result[start : k + 1]]
        return result

    def _cut(self, one: Quote, other: Quote) -> bool:
        between = self.text[one.end : other.start]
        cue = one.cue or other.cue
        return (
            cue is not None
            and "\n" not in between
            and self.text[other.start].islower()
            and "," in (self.text[one.end - 1], between.lstrip('"”’ ')[:1])
            and between.rstrip('"“‘ ').endswith(",")
            and one.end <= self.tokens.starts[cue.first] < other.start
        )

    def indirect(self, used: set[Found | None]) -> Iterator[Quote]:
        """Yield what is attributed without marks, to the nearest cue of its sentence that introduces no quotation."""
        for sentence in self.sentences.values():
            for content in sentence.contents:
                if content.last - content.first < self.settings.indirect_pieces or any(
                    self.quoted[content.first : content.last]
                ):
                    continue
                cue = _nearest(sentence.cues, content.first, content.last)
                if cue is not None and cue not in used:
                    start, end = self.tokens.starts[content.first], self.tokens.ends[content.last - 1]
                    yield Quote(start, end, "indirect", len(words(self.text[start:end])), cue, self._speaker(cue))

    def _between_marks(self, each: Quotation, first: int, last: int, cue: Found | None, source: Found | None) -> Quote:
        wording = self.text[each.start : each.end]
        behind = self.text[each.end + 1 : each.end + 2]
        whole = not wording[0].islower() and (wording[-1] in _ENDS or behind in _ENDS or each.goes_on)
        return Quote(
            each.start,
            each.end,
            "direct" if whole else "partial",
            len(words(wording)),
            cue,
            self._speaker(cue, source) if cue is not None else None,
            quote_group(wording, self.settings),
        )

    def _cue(self, first: int, last: int) -> Found | None:
        """Return the nearest cue in the sentences of a quotation, in one that goes on behind it, or before a colon."""
        opening, closing = self.tokens.sentence[first], self.tokens.sentence[last - 1]
        numbers = list(range(opening, closing + 1))
        if opening and self._line_before(opening).endswith(":"):
            numbers.append(opening - 1)
        cues = [cue for number in numbers if number in self.sentences for cue in self.sentences[number].cues]
        behind = self.sentences.get(closing + 1)
        if behind is not None and self._goes_on_behind(last, behind):
            cues += [cue for cue in behind.cues if cue.first - last < 8]
        return _nearest(cues, first, last)

    def _beside(self, each: Quotation, last: int) -> tuple[Found | None, Found | None]:
        """Return cue and source of "“No,” Anna Berg answered" and "“Why?” asked Anna Berg", where they were labelled as neither."""
        tokens = self.tokens
        if self.text[each.end - 1] not in ",?!" or last + 2 > len(tokens) or "\n" in tokens.gaps[last - 1]:
            return None, None
        verb = self._verb_behind(each, last)
        if verb is None:
            return None, None
        if verb > last:
            return Found("cue", verb, verb + 1), Found("source", last, verb)
        person = self.board.owner[last + 1]
        if person is None or person.type != "person" or person.first != last + 1:
            return None, None
        return Found("cue", verb, verb + 1), Found("source", person.first, person.last)

    def _verb_behind(self, each: Quotation, last: int) -> int | None:
        """Return the piece that says "said" behind a quotation: at once, or behind a person or a few words without a mark between."""
        tokens = self.tokens
        person = self.board.owner[last]
        if person is not None and (person.type != "person" or person.first != last):
            return None
        for verb in range(last if person is None else person.last, min(last + _FAR, len(tokens))):
            if verb > last and tokens.gaps[verb - 1] != " ":
                return None
            word = tokens.folded[verb]
            # Of a person a comma makes any past tense a way to speak: "“No,” Anna Berg conceded".
            if word in _VERBS or (
                word.endswith("ed") and self.text[each.end - 1] == "," and (person is not None or verb == last)
            ):
                return verb
            if person is not None or (verb == last and word not in _ARTICLES):
                return None
        return None

    def _line_before(self, number: int) -> str:
        start, end = self.tokens.sentences[number - 1]
        return self.text[max(start, end - 3) : end].rstrip('"“ ')

    def _goes_on_behind(self, last: int, behind: _Sentence) -> bool:
        """Tell "“Is it so?” she asked" and "“Is it so?” Anna Berg asked", cut in two by the mark, from a sentence that says more."""
        if last >= len(self.tokens) or "\n" in self.tokens.gaps[last - 1]:
            return False
        return not self.tokens.capital[last] or not behind.contents

    def _speaker(self, cue: Found, source: Found | None = None) -> Speaker | None:
        if source is None:
            sentence = self.sentences[self.tokens.sentence[cue.first]]
            source = _nearest(sentence.sources, cue.first, cue.last)
        return speaker(self.board, source, self.quoted) if source is not None else None

    def _continues(self, before: Quote, each: Quotation, first: int, goes_on: bool) -> bool:
        """Tell "“A,” she said. “B.”", and a paragraph in marks behind one that was left open or ended in marks."""
        if before.kind == "indirect" or not self.tokens.first_of_sentence[first]:
            return False
        between = self.text[before.end : each.start]
        lines = between.count("\n")
        if lines == 0:
            return True
        return lines == 1 and (goes_on or between.strip('"“”„«»‟ ') == "\n")


def _nearest(runs: Sequence[Found], first: int, last: int) -> Found | None:
    """Return the run outside some pieces that is nearest to them; of equals the one before them."""
    if not runs:
        return None
    outside = [run for run in runs if run.last <= first or run.first >= last]
    return min(outside, key=lambda run: (max(first - run.last, run.first - last), run.first), default=None)
