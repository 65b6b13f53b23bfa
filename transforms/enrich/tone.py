"""How a text sounds: the words of a lexicon, weighed by the words before them, sentence by sentence.

Lexicon and rules are those of VADER (Hutto and Gilbert, ICWSM 2014; its licence stands in tone.tsv): a word's valence, turned by a
negation and raised or lowered by a word of degree up to three words before it, less before a `but` and more behind it; a sentence is
its sum, brought to -1..1; a text the mean of its sentences, as VADER's own README does with longer texts. Differently from
there, names bear no tone (the Justice Department is not just), nor do capitals and exclamation marks raise any: in news the ones are
headlines and acronyms, and the others somebody else's.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.enrich.spans import Board
from transforms.enrich.tokens import Tokens

# VADER's constants: what a negation multiplies by, what a word of degree adds (at one, two, three words' distance), the weights
# before and behind `but`, and the sum of squares at which a sentence is half way to its limit.
_NEGATED = -0.74
_DEGREE = 0.293
_DISTANCE = (1.0, 0.95, 0.9)
_BEFORE_BUT, _BEHIND_BUT = 0.5, 1.5
_ALPHA = 15.0
_EMPHASIS = 1.25


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_NEGATIONS = _words(
    "n't aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neither neednt never none nope "
    "nor not nothing nowhere oughtnt shant shouldnt wasnt werent without wont wouldnt rarely seldom despite"
)
_MORE = _words(
    "absolutely amazingly awfully completely considerable considerably decidedly deeply enormous enormously entirely especially "
    "exceptional exceptionally extreme extremely fabulously fully greatly highly hugely incredible incredibly intensely major majorly "
    "more most particularly purely quite really remarkably so substantially thoroughly total totally tremendous tremendously "
    "unbelievably unusually utter utterly very"
)
_LESS = _words(
    "almost barely hardly less little marginal marginally occasional occasionally partly scarce scarcely slight slightly somewhat"
)
_DEGREES = _MORE | _LESS
_HYPHENS = frozenset("-‐‑–")
_APOSTROPHES = frozenset("'’")


@dataclass(frozen=True, slots=True)
class Tone:
    """How a text sounds, -1..1; how many of its words say so; and which sentence (of its tokens) says it most, NULL without such words."""

    value: float
    n_words: int
    sentence: int | None


class ToneReader:
    """Reads the tone of English texts by a lexicon.

    `table` has two columns between tabs, a word in lower case and its valence -4..4; lines that begin with # are about it. Raises
    ValueError for another line.
    """

    def __init__(self, table: str) -> None:
        self._valence: dict[str, float] = {}
        for number, line in enumerate(table.splitlines(), 1):
            if line.startswith("#"):
                continue
            word, _, valence = line.partition("\t")
            try:
                self._valence[word] = float(valence)
            except ValueError as error:
                raise ValueError(f"tone.tsv, line {number}: {line!r} is not a word and its valence") from error

    def read(self, board: Board) -> Tone | None:
        """Return the tone of a text whose names are settled; None where it has no words."""
        tokens = board.tokens
        n_sentences = sum(tokens.first_of_sentence)
        if not n_sentences:
            return None
        weighed = list(self._weighed(board))
        sums: dict[int, float] = {}
        for k, valence in weighed:
            sentence = tokens.sentence[k]
            sums[sentence] = sums.get(sentence, 0.0) + valence
        sounds = {sentence: total / math.sqrt(total * total + _ALPHA) for sentence, total in sums.items()}
        mean = sum(sounds.values()) / n_sentences
        most = max(sounds, key=lambda s: (sounds[s] * mean, abs(sounds[s]), -s), default=None)
        # More places would not mean more, and whole ten-thousandths add up to the same in any order.
        return Tone(round(mean, 4) + 0.0, len(weighed), most)

    def _weighed(self, board: Board) -> Iterator[tuple[int, float]]:
        """Yield the pieces that bear tone, and how much."""
        tokens, lexicon = board.tokens, self._valence
        folded = tokens.folded
        buts: dict[int, int] = {}
        if "but" in folded:
            for k in reversed([k for k, word in enumerate(folded) if word == "but"]):
                buts[tokens.sentence[k]] = k
        for k in [k for k, word in enumerate(folded) if word in lexicon]:
            if board.owner[k] is not None or folded[k] in _DEGREES or _hyphened(tokens, k):
                continue
            valence = self._valence_at(tokens, k)
            but = buts.get(tokens.sentence[k], k)
            if valence:
                yield k, valence * (_BEFORE_BUT if k < but else _BEHIND_BUT if k > but else 1.0)

    def _valence_at(self, tokens: Tokens, k: int) -> float:
        valence = self._valence[tokens.folded[k]]
        before = _before(tokens, k)
        if tokens.folded[k] == "no":
            behind = tokens.folded[k + 1] if k + 1 < len(tokens) else ""
            # As a word of its own it is a refusal; before a word with tone it turns that one.
            return 0.0 if behind in self._valence else valence
        if "no" in before[:2] or (before[2:] == ["no"] and before[0] in {"or", "nor"}):
            valence *= _NEGATED
        for distance, word in enumerate(before):
            if word in self._valence:
                continue
            degree = _DEGREE if word in _MORE else -_DEGREE if word in _LESS else 0.0
            valence += math.copysign(degree, degree * valence) * _DISTANCE[distance]
            valence *= _turned(before, distance)
        if before[:1] == ["least"] and before[1:2] not in (["at"], ["very"]):
            valence *= _NEGATED
        return valence


def _turned(before: Sequence[str], distance: int) -> float:
    """Return what the word at that distance multiplies a valence by; `before` are the words before it, the nearest first."""
    nearer = before[:distance]
    if before[distance] == "never" and ("so" in nearer or "this" in nearer):
        return _EMPHASIS
    if before[distance] == "without" and "doubt" in nearer:
        return 1.0
    return _NEGATED if before[distance] in _NEGATIONS else 1.0


def _before(tokens: Tokens, k: int) -> list[str]:
    """Return the up to three words before piece k in its sentence, the nearest first; what is left of an apostrophe is one word with it."""
    found: list[str] = []
    sentence, at = tokens.sentence[k], k - 1
    while at >= 0 and len(found) < 3 and tokens.sentence[at] == sentence:
        word = tokens.folded[at]
        if at and tokens.gaps[at - 1] in _APOSTROPHES:
            # isn't, government's
            found.append("n't" if word == "t" else tokens.folded[at - 1])
            at -= 1
        else:
            found.append(word)
        at -= 1
    return found


def _hyphened(tokens: Tokens, k: int) -> bool:
    """Tell whether a piece is part of a compound: neither an anti-war march nor a well-known man is what its parts are."""
    return (k > 0 and tokens.gaps[k - 1] in _HYPHENS) or (k < len(tokens.gaps) and tokens.gaps[k] in _HYPHENS)
