"""How a text sounds: what words weigh, what turns them, and that names, compounds and other languages weigh nothing."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.enrichment import ListTagger, shipped_actors, shipped_sources, table
from transforms.enrich import ToneReader, enrich
from transforms.forget import Forgotten, scrub

TABLE = Path(__file__).resolve().parents[1] / "transforms" / "enrich" / "tone.tsv"


@cache
def reader() -> ToneReader:
    return ToneReader(TABLE.read_text("utf-8"))


def toned(body: str, lang: str | None = "en", kind: str = "body", **labels: tuple[str, ...]) -> list[dict[str, Any]]:
    texts = table(body, kind=kind, lang=lang)
    found = enrich(texts, shipped_actors(), shipped_sources(), ListTagger(**labels), tone=reader()).tones
    rows: list[dict[str, Any]] = found.to_pylist()
    (stored,) = texts["body"].to_pylist()
    return [
        row | {"sentence": None if row["start_char"] is None else stored[row["start_char"] : row["end_char"]]}
        for row in rows
    ]


def tone(body: str, **labels: tuple[str, ...]) -> float:
    (row,) = toned(body, **labels)
    return float(row["tone"])


# Sentences and scores of the library whose lexicon and rules these are (vaderSentiment 3.3.2), in lower case and without
# exclamation marks, which weigh nothing here.
@pytest.mark.parametrize(
    ("sentence", "score"),
    [
        ("the book was good.", 0.4404),
        ("the book was not good.", -0.3412),
        ("the book was very good.", 0.4927),
        ("the book was hardly good.", 0.3832),
        ("the book was good, but the end is bad.", -0.5859),
        ("at least it isn't a horrible book.", 0.431),
        ("he is smart, handsome, and funny.", 0.8316),
        ("he is not smart, handsome, nor funny.", -0.7424),
        ("there was no violence.", 0.5096),
        ("they won without doubt.", 0.7013),
        ("the bank was not in the least successful.", -0.4717),
        ("it is the least successful bank.", -0.4717),
        ("the extremely violent war is almost lost.", -0.8854),
        ("nobody was happy or safe, neither rich nor poor.", 0.3666),
    ],
)
def test_a_sentence_scores_as_the_library_has_it(sentence: str, score: float) -> None:
    assert tone(sentence) == pytest.approx(score, abs=0.0001)


def test_a_text_is_the_mean_of_its_sentences_and_shows_the_one_that_says_it_most() -> None:
    (row,) = toned("The talks began on Monday. The fire killed nine people. It was a good day for nobody.")
    killed, good = tone("The fire killed nine people."), tone("It was a good day for nobody.")
    assert row["tone"] == pytest.approx((killed + good) / 3, abs=0.0001)
    assert row["sentence"] == "The fire killed nine people."
    assert row["n_tone_words"] == 3


def test_a_text_without_such_words_is_neutral_and_shows_none() -> None:
    (row,) = toned("The committee meets on Tuesday at noon.")
    assert (row["tone"], row["n_tone_words"], row["start_char"], row["end_char"]) == (0.0, 0, None, None)


def test_a_name_is_neither_good_nor_bad() -> None:
    body = "Joy Love met the committee on Tuesday."
    assert tone(body) > 0 and tone(body, PERSON=("Joy Love",)) == 0


def test_a_compound_is_not_what_its_parts_are() -> None:
    assert tone("They held an anti-war march.") == 0 and tone("They held a war march.") < 0


@pytest.mark.parametrize("lang", ["de", None])
def test_what_is_not_known_to_be_english_has_no_tone(lang: str | None) -> None:
    assert toned("The fire killed nine people.", lang=lang) == []


def test_headlines_have_none() -> None:
    assert toned("Fire kills nine", kind="title") == []


@given(
    st.lists(
        st.sampled_from(
            [
                "good",
                "bad",
                "not",
                "never",
                "no",
                "but",
                "least",
                "so",
                "without",
                "doubt",
                "kill",
                "isn't",
                "-",
                "'",
                ".",
                "\n",
            ]
        ),
        max_size=30,
    )
)
def test_any_words_give_a_tone_between_its_bounds_and_the_sentence_lies_in_the_text(words: list[str]) -> None:
    rows = toned(" ".join(words))
    assert len(rows) == bool(re.search(r"\w", " ".join(words)))
    for row in rows:
        assert -1 <= row["tone"] <= 1
        assert (row["n_tone_words"] == 0) == (row["sentence"] is None)


def test_a_line_that_is_no_word_and_valence_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2"):
        ToneReader("good\t1.9\nbad")


def test_of_a_forgotten_text_the_tone_stays_and_not_where_it_stood() -> None:
    found = enrich(
        table("The fire killed nine."), shipped_actors(), shipped_sources(), ListTagger(), tone=reader()
    ).tones
    (text,) = found["text_id"].to_pylist()
    (row,) = scrub("text_tones", found, Forgotten({"texts": frozenset({text})})).to_pylist()
    assert row["tone"] < 0 and row["start_char"] is row["end_char"] is None
