"""Furniture learnt per source: what recurs in its texts whatever the article goes, with its rule; what is the article's own stays."""

import random
from pathlib import Path

import pytest
from cleaning import NIGHT, SETTINGS, SOURCES
from hypothesis import given
from hypothesis import strategies as st

from flows.learn import main
from transforms.clean import clean
from transforms.clean.learnt import LearnSettings, LearntRules, learn, mask
from transforms.records import CleanRecord, RawRecord

FOOT = "Have something to add about this? Write to the night editor on 0{n} 555 01{n}, he answers most of it before breakfast."
HEAD = "Dawn readers' edition no. {n}"
LEARN = LearnSettings()


def body(n: int, *, head: str = HEAD, foot: str = FOOT) -> str:
    own = [
        f"The bridge at Aldermoor number {word} was closed on day {word}{n} of the works, the council said."
        for word in ("one", "two", "three")
    ]
    own = [f"{line} It was the case {chr(97 + n % 26)}{chr(97 + n // 26)} of the year." for line in own]
    return "\n".join(line.format(n=n) for line in (head, *own, foot) if line)


def rules(**texts: list[str]) -> LearntRules:
    return LearntRules.parse(learn(texts, LEARN, SETTINGS))


MANY = [body(n) for n in range(30)]


def test_lines_that_recur_whatever_the_article_are_learnt_with_digits_masked() -> None:
    found = rules(src_dawn=MANY).zones["src_dawn"]
    assert set(found) == {mask(HEAD.format(n=0)), mask(FOOT.format(n=0))}


def test_they_are_struck_from_the_next_text_and_kept_with_their_rule() -> None:
    record = RawRecord("k", 0, 1, {"title": "Bridge closed", "body": body(77), "url": "https://www.dawn.com/news/1"})
    found = clean(record, feed="x", sources=SOURCES, settings=SETTINGS, not_after=NIGHT, learnt=rules(src_dawn=MANY))
    assert isinstance(found, CleanRecord)
    assert [text for rule, text in found.removed if rule == "learnt"] == [HEAD.format(n=77), FOOT.format(n=77)]
    assert len(found.body.split("\n")) == 3


def test_another_sources_text_is_left_alone() -> None:
    record = RawRecord("k", 0, 1, {"title": "Bridge closed", "body": body(77), "url": "https://www.bbc.co.uk/news/1"})
    found = clean(record, feed="x", sources=SOURCES, settings=SETTINGS, not_after=NIGHT, learnt=rules(src_dawn=MANY))
    assert isinstance(found, CleanRecord) and len(found.body.split("\n")) == 5


def test_a_credit_is_harvested_though_its_line_is_learnt() -> None:
    foot = "Our desk wishes to thank those who helped it"
    learnt = rules(src_dawn=[body(n, foot=foot) + "\nWith thanks, Reuters" for n in range(30)])
    record = RawRecord(
        "k",
        0,
        1,
        {
            "title": "Bridge closed",
            "body": body(77, foot=foot) + "\nWith thanks, Reuters",
            "url": "https://www.dawn.com/news/1",
        },
    )
    found = clean(record, feed="x", sources=SOURCES, settings=SETTINGS, not_after=NIGHT, learnt=learnt)
    assert isinstance(found, CleanRecord) and found.agency_credits == ("Reuters",)


@pytest.mark.parametrize(
    "texts",
    [
        [body(n, head="", foot="") for n in range(30)],
        MANY[:10],
        [f"HOST: Welcome to the programme.\nGUEST {n}: I was asked to say case {n} again, and so I do it.\nHOST: Thank you.\n{body(n, head='', foot='')}" for n in range(30)],
        [body(0, head=f"Version {chr(97 + n)} of the same article, as it grew over the day it was written on") for n in range(26)],
    ],
    ids=["nothing recurs", "too few texts", "speaker labels", "one article told again"],
)  # fmt: skip
def test_what_is_the_articles_own_is_not_learnt(texts: list[str]) -> None:
    assert rules(src_dawn=texts).zones == {}


def test_a_sentence_in_the_middle_of_long_texts_is_not_learnt() -> None:
    said = "The council has said before that it will answer all questions about the bridge in writing."
    texts = [
        "\n".join([*body(n, head="", foot="").split("\n") * 5, said, *body(n + 300, head="", foot="").split("\n") * 5])
        for n in range(30)
    ]
    assert said.casefold() not in rules(src_dawn=texts).zones.get("src_dawn", {})


@given(st.randoms(use_true_random=False))
def test_the_rules_hang_on_the_set_of_texts_alone(shuffle: random.Random) -> None:
    texts = MANY + MANY[:5]
    shuffle.shuffle(texts)
    assert learn({"src_dawn": texts}, LEARN, SETTINGS) == learn({"src_dawn": MANY}, LEARN, SETTINGS)


def test_a_text_of_nothing_else_stays() -> None:
    learnt = rules(src_dawn=MANY)
    record = RawRecord(
        "k", 0, 1, {"title": "Bridge closed", "body": FOOT.format(n=3), "url": "https://www.dawn.com/news/1"}
    )
    found = clean(record, feed="x", sources=SOURCES, settings=SETTINGS, not_after=NIGHT, learnt=learnt)
    assert isinstance(found, CleanRecord) and found.body == FOOT.format(n=3)


@pytest.mark.parametrize(
    "csv_text", ["a,b\n", "source_id,zone,line,n_texts,n_source_texts\nsrc_a,side,x,1,2\n"], ids=["columns", "zone"]
)
def test_a_broken_artefact_is_refused(csv_text: str) -> None:
    with pytest.raises(ValueError, match="learnt rules:"):
        LearntRules.parse(csv_text)


def test_learning_without_a_warehouse_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.startswith("newsfold: ")
