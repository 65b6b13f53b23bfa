"""The compiled reading of texts, character by character, is the one that plain Python describes."""

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from transforms.dedupe import kernel
from transforms.dedupe.alphabet import SPACELESS, alphabet
from transforms.dedupe.settings import NearSettings
from transforms.dedupe.signatures import joined, numbers, sign
from transforms.text import text_id

BASIS, PRIME, ALL = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
FIGURE = re.compile(r"\d+(?:[.,/:-]\d+)*")


def is_mark(character: str) -> bool:
    selector = "VARIATION SELECTOR" in unicodedata.name(character, "")
    return unicodedata.category(character) in ("Mn", "Mc") and not selector


def plain_words(text: str) -> list[str]:
    """The definition: runs of letters and digits with marks, an apostrophe inside; or, without blanks, characters with those before."""
    found: list[str] = []
    run, word, waiting = "", "", False
    for character in text.casefold().replace("’", "'") + "\n":
        spaceless = bool(alphabet()[0][ord(character)] & SPACELESS)
        if word and character == "'" and not waiting:
            waiting = True
        elif not spaceless and (character.isalnum() or (is_mark(character) and word and not waiting)):
            word, waiting, run = word + "'" * waiting + character, False, ""
        else:
            found += [word] if word else []
            word, waiting = "", False
            run = run + character if spaceless else ""
            found += [run[-4:]] if run else []
    return found


def fnv(characters: str) -> int:
    h = BASIS
    for character in characters:
        h = ((h ^ ord(character)) * PRIME) & ALL
    return h


def mixed(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & ALL
    return value ^ (value >> 31)


def by_eights(word: str) -> int:
    """The definition: ASCII as bytes, other characters as three, of which the first has the bit that ASCII lacks."""
    data = b"".join(
        bytes([point]) if point < 128 else bytes([128 | point & 127, point >> 7 & 255, point >> 15])
        for point in map(ord, word)
    )
    h = BASIS
    for start in range(0, len(data), 8):
        h = mixed(h ^ int.from_bytes(data[start : start + 8], "little"))
    return h


def plain_hashes(text: str) -> list[int]:
    spaceless = alphabet()[0]
    return [
        mixed(fnv(word.rjust(4, "\0"))) if spaceless[ord(word[-1])] & SPACELESS else by_eights(word)
        for word in plain_words(text)
    ]


def read(text: str, before: str = "", behind: str = "") -> list[int]:
    inside = len(text.encode())
    data = np.frombuffer((before + text + behind).encode(), np.uint8)
    out = np.zeros(inside // 2 + 2, np.uint64)
    # A canary behind the room that is promised.
    out[-1] = 7
    start = len(before.encode())
    count = kernel.words_of(data, start, start + inside, *alphabet(), out)
    assert out[-1] == 7
    return [int(value) for value in out[:count]]


LETTERS = "aB'’ .,ßİŉǆ\u0301\u3099９1-_ก็ำ东京ひらカー\ufe0f한글हिन्दी\U00020000"


@given(st.text(alphabet=st.one_of(st.sampled_from(LETTERS), st.characters(exclude_categories=["Cs"]))))
@example("don't ''rock 'n' roll'' l’été'")
@example("中国abc中国 1,300.5中 ’中’a")
def test_words_are_those_of_the_plain_definition(text: str) -> None:
    assert read(text) == plain_hashes(text)


# Long enough that blocks are read at a time, with every kind of thing where one ends.
STRETCHES = [
    "minister’s plan – “he said” ",
    "a" * 70,
    " rock 'n' roll ",
    "…",
    "1,300.5 ",
    "été",
    "x" * 8,
    "\u2009",
    "中国 ",
    "\n",
    "O'",
]


@given(
    st.lists(st.sampled_from(STRETCHES), max_size=30),
    st.integers(0, 70),
    st.sampled_from(["", "a", "’s ", "中b " * 40, "b" * 200]),
)
def test_words_are_the_same_wherever_a_text_lies(stretches: list[str], ahead: int, behind: str) -> None:
    text = "".join(stretches)
    assert read(text, "b" * ahead, behind) == plain_hashes(text)


def test_every_character_is_read_as_the_definition_has_it() -> None:
    points = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    text = "".join(f"x{character}y " for character in points if character.casefold() != character or is_mark(character))
    assert read(text) == plain_hashes(text)
    others = " ".join(points[point] for point in range(0x80, 0x3400, 3))
    assert read(others) == plain_hashes(others)


@given(st.binary(max_size=60), st.sampled_from([b"", b"ab " * 40]))
def test_bytes_that_are_no_text_are_read_within_their_bounds(junk: bytes, behind: bytes) -> None:
    data = np.frombuffer(b"ab " + junk + behind, np.uint8)
    out = np.zeros(len(junk) // 2 + 3, np.uint64)
    assert kernel.words_of(data, 0, len(junk) + 3, *alphabet(), out) <= len(out)


@given(st.text(alphabet="0123456789.,/:-a ٣९é", max_size=40), st.integers(0, 80), st.sampled_from(["", "9" * 90]))
@example("1,300.5 on 2021-09-04, up 6-1/16 at 12:30.", 70, "9" * 90)
def test_figures_are_those_of_the_pattern(text: str, blanks: int, behind: str) -> None:
    text = " " * blanks + text + " " * blanks
    data = np.frombuffer((text + behind).encode(), np.uint8)
    out = np.zeros(len(data) + 1, np.uint64)
    count = kernel.figures_of(data, 0, len(text.encode()), alphabet()[0], out)
    assert out[:count].tolist() == sorted({mixed(fnv(figure)) for figure in FIGURE.findall(text)})


@given(st.lists(st.integers(0, ALL), max_size=40), st.integers(1, 6))
def test_a_shingle_is_a_run_of_words(words: list[int], size: int) -> None:
    out = np.zeros(len(words) + 1, np.uint64)
    count = kernel.shingles_of(np.array(words, np.uint64), len(words), size, out)
    expected = []
    for i in range(len(words) - size + 1):
        rolling = 0
        for word in words[i : i + size]:
            rolling = (rolling * GOLDEN + word) & ALL
        expected.append(mixed(rolling))
    assert out[:count].tolist() == expected


@given(st.lists(st.integers(0, ALL), max_size=200), st.sampled_from([2, 16]), st.integers(0, 20))
def test_a_sample_is_what_lies_under_the_bound_or_the_smallest(values: list[int], one_in: int, at_least: int) -> None:
    shingles, out = np.array(values, np.uint64), np.zeros(len(values) + 1, np.uint64)
    count = kernel.sample_of(shingles, len(values), one_in, at_least, out)
    every = sorted(set(values))
    under = [value for value in every if value <= ALL // one_in]
    assert out[:count].tolist() == (under if len(under) >= at_least else every[:at_least])


@given(st.lists(st.text(max_size=30), max_size=8), st.integers(0, 8), st.integers(1, 3))
def test_signatures_do_not_depend_on_batches_or_threads(bodies: list[str], cut: int, threads: int) -> None:
    table = pa.table({"text_id": [text_id(body) for body in bodies], "body": bodies}, schema=pa.schema([("text_id", pa.string()), ("body", pa.string())]))  # fmt: skip
    settings = NearSettings(least_shingles=1, shingle_words=2)
    whole = sign(table.to_batches(), settings, 1)
    parts = joined([sign(some.to_batches(), settings, threads) for some in (table.slice(0, cut), table.slice(cut))])
    for one, other in ((whole.ids, parts.ids), (whole.digests, parts.digests), (whole.starts, parts.starts), (whole.keys, parts.keys)):  # fmt: skip
        assert np.array_equal(one, other)


def test_an_id_that_is_no_text_id_is_named() -> None:
    assert numbers(pa.array(["t_00000000000000ff"])).tolist() == [255]
    with pytest.raises(ValueError, match="'a_00000000000000ff'"):
        numbers(pa.array(["a_00000000000000ff"]))
