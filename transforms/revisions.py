"""What changed between two versions of an article: sentences added, deleted, changed, and the newsroom's own word that it was corrected."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa

from transforms.text import sentences, words

# Share of the longer sentence's words that two sentences must have in common to be one sentence, changed.
CHANGED_FROM = 0.5
# Words so common in a pair of versions that they tell no sentence; bounds the work on a text of nothing but one word.
_TELLING = 50
_THING = r"(?:story|article|report|post|piece|version|column|headline|dispatch|item|caption)"
_CORRECTED = r"(?:correct(?:s|ed|ion)?|amend(?:s|ed)?|clarif(?:y|ies|ied)|fix(?:es|ed)?)"
# How newsrooms open a correction: Reuters, AP, the Guardian, the New York Times, Indian and Pakistani dailies.
_CUE = re.compile(
    rf"[\W_]*(?:(?:correction|corrected|clarification|erratum|corrigendum)s?\b\s*(?:\([^)]*\)|[A-Z]?[\w ,.]{{0,24}})?\s*[:–—-]"
    rf"|corrects?\b.{{0,80}}\b(?:paragraph|para|headline|spelling|figure|name|date|to say|to read|in {_THING}|that)\b"
    rf"|(?:\(|\b)(?:this|the|an?)\s+(?:\w+\s+){{0,2}}?{_THING}\b.{{0,60}}?\b(?:has been|have been|was|is|were)\s+(?:\w+\s+){{0,2}}?{_CORRECTED}\b"
    rf"|(?:\(|\b)this\s+{_THING}\s+(?:of the {_THING}\s+)?(?:\w+\s+)?(?:corrects|fixes|amends|clarifies)\b"
    rf"|(?:(?:in )?an\s+(?:earlier|previous|original|initial)\s+(?:\w+\s+)?{_THING}|the\s+(?:earlier|previous|original|initial)\s+version)\b.{{0,80}}?\b(?:said|stated|misstated|misidentified|misspelt|misspelled|incorrectly|"
    rf"erroneously|wrongly|mistakenly|gave|misattributed|reported)\b"
    rf"|(?:editor[’']?s?\s+note|note)\s*[:–—-].{{0,200}}\b{_CORRECTED}\b"
    rf"|(?:we|the \w+)\s+regrets?\s+the\s+error)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_CUE = 600
# Without one of these no text has a cue; most texts are told so without being parted into sentences.
_STEMS = (
    "correct",
    "clarif",
    "errat",
    "corrigend",
    "amend",
    "fixe",
    "regret",
    "earlier",
    "previous",
    "original",
    "initial version",
)
# An article with more versions than any newsroom makes: a key that a dump writes on every record. Its versions are not compared.
COMPARED_AT_MOST = 300
_COUNTED = pa.schema(
    [
        *((name, pa.int32()) for name in ("n_sentences_added", "n_sentences_deleted", "n_sentences_changed")),
        ("is_correction", pa.bool_()),
        *((name, pa.int32()) for name in ("correction_start_char", "correction_end_char")),
    ]
)


class Revision(NamedTuple):
    """Sentences added, deleted and changed, and the span (code points of the new text) of a correction note that the old one lacks."""

    n_sentences_added: int
    n_sentences_deleted: int
    n_sentences_changed: int
    is_correction: bool
    correction_start_char: int | None
    correction_end_char: int | None


def revision(old: str | None, new: str) -> Revision:
    """Compare two versions of a body (stored form); `old` is None for the first version, which can still carry a correction note.

    A sentence that only moved counts as nothing; one that shares at least half of the longer one's words with an old one is changed.
    """
    note = _note(new, old or "")
    counts = _differences(*_unlike(old, new)) if old is not None else (0, 0, 0)
    return Revision(*counts, note is not None, *(note or (None, None)))


def correction_note(text: str) -> tuple[int, int] | None:
    """Return the span (code points) of the first sentence that says that the text was corrected."""
    return _note(text, "")


def revisions(
    versions: pa.Table, bodies: Mapping[str, str], stood: Mapping[tuple[str, str, str | None], Revision]
) -> pa.Table:
    """Compare every version but the first with the one before; returns article_id, version_no and the columns of Revision.

    `versions`: article_id, version_no, text_id, title_text_id of articles with several, in that order; `bodies` the words of their
    texts, where two of an article differ. A body that has lost its words (it is empty) is compared with none: what `stood` of the
    version (by article, body, headline) stays.
    """
    columns: dict[str, list[Any]] = {name: [] for name in ("article_id", "version_no", *_COUNTED.names)}
    known: dict[tuple[str, str], Revision] = {}
    for before, after in pairwise(versions.to_pylist()):
        if before["article_id"] != after["article_id"] or after["version_no"] > COMPARED_AT_MOST:
            continue
        old, new = before["text_id"], after["text_id"]
        if old == new:
            found: Revision | None = Revision(0, 0, 0, False, None, None)
        elif not (bodies[old] and bodies[new]):
            found = stood.get((after["article_id"], new, after["title_text_id"]))
        else:
            found = known.get((old, new)) or known.setdefault((old, new), revision(bodies[old], bodies[new]))
        row = (after["article_id"], after["version_no"], *(found or (None,) * len(_COUNTED)))
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return pa.table(columns, schema=pa.schema([("article_id", pa.string()), ("version_no", pa.int32()), *_COUNTED]))


def _is_cue(sentence: str) -> bool:
    return _CUE.match(sentence, 0, _LONGEST_CUE) is not None


def _note(new: str, old: str) -> tuple[int, int] | None:
    """Return the first correction note of a text that another has not."""
    plain = new.casefold()
    if not any(stem in plain for stem in _STEMS):
        return None
    notes = [span for span in sentences(new) if _is_cue(new[slice(*span)])]
    known = {_key(sentence) for sentence in _spoken(old)} if notes else set()
    return next((span for span in notes if _key(new[slice(*span)]) not in known), None)


def _unlike(old: str, new: str) -> tuple[list[str], list[str]]:
    """Return the sentences, as words, that may differ: a newline ends one, so lines and sentences that recur need no look at their words."""
    before, after = _only(old.split("\n"), new.split("\n"))
    before, after = _only(*([each for line in lines for each in _spoken(line)] for lines in (before, after)))
    return [_key(sentence) for sentence in before], [_key(sentence) for sentence in after]


def _only(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what each holds more often than the other."""
    old, new = Counter(before), Counter(after)
    return list((old - new).elements()), list((new - old).elements())


def _spoken(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _key(sentence: str) -> str:
    """A sentence as its words: neither case nor punctuation changes it."""
    if sentence.isascii():
        # Folding then moves no word's end, and the sentence is folded in one go.
        return " ".join(words(sentence.casefold()))
    return " ".join(word.casefold() for word in words(sentence))


def _differences(before: Sequence[str], after: Sequence[str]) -> tuple[int, int, int]:
    """Return how many sentences were added, deleted, changed."""
    old, new = _only(before, after)
    changed = _pairs(old, new)
    return len(new) - changed, len(old) - changed, changed


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """Pair each new sentence with the unpaired old one it shares most words with; returns the number of pairs."""
    bags = [Counter(sentence.split()) for sentence in old]
    sizes = [bag.total() for bag in bags]
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for index, bag in enumerate(bags):
        for word in bag:
            holding[word].append(index)
    paired: set[int] = set()
    for sentence in sorted(new):
        bag = Counter(sentence.split())
        telling = {word for word in bag if len(holding[word]) <= _TELLING}
        # How many words an old sentence shares with this one; words that many hold count, but do not make it one to compare.
        shared = {i: 0 for word in telling for i in holding[word] if i not in paired}
        for word, times in bag.items():
            for index in holding[word] if word in telling else shared:
                if index in shared:
                    shared[index] += min(times, bags[index].get(word, 0))
        size = bag.total()
        shares = [(n / max(size, sizes[i], 1), -i) for i, n in shared.items()]
        if shares and (best := max(shares))[0] >= CHANGED_FROM:
            paired.add(-best[1])
    return len(paired)
