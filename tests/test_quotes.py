"""Who is quoted with what: marks balanced or not, speakers by name, pronoun and office, and the same words as one group."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quote_sets import Attributed, polnear
from bench.quotes import lenient
from tests.enrichment import ListTagger, shipped_actors, shipped_sources, table
from tests.second_views import wholes
from transforms.enrich import Attributor, enrich
from transforms.enrich.quotations import quotations
from transforms.enrich.quotes import quote_group
from transforms.enrich.tokens import Tokens
from transforms.forget import Forgotten, scrub
from transforms.text import canonical_text, text_id, words

TABLE = Path(__file__).resolve().parents[1] / "transforms" / "enrich" / "attribution.tsv"
PEOPLE = ("Anna Berg", "Bo Lind")


@cache
def attributor() -> Attributor:
    return Attributor(TABLE.read_text("utf-8"))


def quoted(
    *bodies: str, lang: str | None = "en", kind: str = "body", **labels: tuple[str, ...]
) -> list[dict[str, Any]]:
    tagger = ListTagger(**(labels or {"PERSON": PEOPLE}))
    texts = table(*bodies, kind=kind, lang=lang)
    rows: list[dict[str, Any]] = enrich(
        texts, shipped_actors(), shipped_sources(), tagger, attributor()
    ).quotes.to_pylist()
    body = dict(zip(texts["text_id"].to_pylist(), texts["body"].to_pylist(), strict=True))
    return [row | {"words": body[row["text_id"]][row["start_char"] : row["end_char"]]} for row in rows]


def who(body: str, **labels: tuple[str, ...]) -> list[tuple[str, str, str | None]]:
    """Return (kind, first words, speaker as named) of each quote, the name empty where nobody is resolved."""
    return [
        (row["kind"], " ".join(row["words"].split()[:2]), row["speaker_surface"] if row["speaker_actor_id"] else None)
        for row in quoted(body, **labels)
    ]


@pytest.mark.parametrize(
    ("text", "kind", "speaker"),
    [
        ("“The harbour will stay closed,” Anna Berg said on Monday.", "direct", "Anna Berg"),
        ('"The harbour will stay closed," said Anna Berg.', "direct", "Anna Berg"),
        ("Anna Berg said: “The harbour will stay closed.”", "direct", "Anna Berg"),
        ("Anna Berg called the harbour “a closed chapter of history”.", "partial", "Anna Berg"),
        ("Anna Berg said that the harbour would stay closed until May.", "indirect", "Anna Berg"),
        ("According to Anna Berg, prices at the harbour rose by 5 percent.", "indirect", "Anna Berg"),
        ("Prices rose by 5 percent in May, according to Anna Berg.", "indirect", "Anna Berg"),
    ],
)
def test_kinds_of_quotes_and_who_says_them(text: str, kind: str, speaker: str) -> None:
    assert [(row[0], row[2]) for row in who(text)] == [(kind, speaker)]


def test_a_surname_and_a_pronoun_mean_the_person_named_before() -> None:
    text = "Anna Berg came on Monday. “It will stay closed,” she said.\nBerg said that nobody was to blame for it."
    rows = quoted(text)
    assert len(rows) == 2 and len({row["speaker_actor_id"] for row in rows}) == 1
    assert all(row["speaker_actor_id"] for row in rows)
    assert rows[0]["speaker_confidence"] < rows[1]["speaker_confidence"]


def test_a_pronoun_that_can_mean_two_people_means_nobody() -> None:
    text = "Anna Berg met Bo Lind on Monday. “It will stay closed,” he said."
    (row,) = quoted(text)
    assert (row["speaker_surface"], row["speaker_actor_id"], row["speaker_confidence"]) == ("he", None, None)


@pytest.mark.parametrize("who_speaks", ["A lawyer for Anna Berg", "Anna Berg’s lawyer", "People close to Anna Berg"])
def test_whom_a_source_only_belongs_to_does_not_speak(who_speaks: str) -> None:
    assert [row["speaker_actor_id"] for row in quoted(f"{who_speaks} said that the harbour would stay closed.")] == [
        None
    ]


def test_a_second_quotation_of_a_paragraph_is_the_same_speakers() -> None:
    rows = quoted("“It will stay closed,” Anna Berg said. “We have no boats left to send out.”")
    assert [row["speaker_surface"] for row in rows] == ["Anna Berg"] * 2
    assert rows[1]["speaker_confidence"] < rows[0]["speaker_confidence"]


def test_a_quotation_over_two_paragraphs_has_one_closing_mark() -> None:
    rows = quoted("Anna Berg said: “The harbour is closed for good.\n“We have no boats left to send out.”\nRain fell.")
    assert [row["words"] for row in rows] == ["The harbour is closed for good.", "We have no boats left to send out."]
    assert {row["speaker_surface"] for row in rows} == {"Anna Berg"}


def test_words_in_marks_that_nobody_says_are_no_quote() -> None:
    assert quoted("The so-called “harbour tax” was raised in “The Nordland Courier” of Monday.") == []


def test_a_mention_tells_who_speaks() -> None:
    texts = table("“It will stay closed,” Anna Berg said.")
    found = enrich(texts, shipped_actors(), shipped_sources(), ListTagger(PERSON=PEOPLE), attributor())
    mentions = {row["start_char"]: row["actor_id"] for row in found.mentions.to_pylist()}
    assert [mentions[row["speaker_mention_char"]] == row["speaker_actor_id"] for row in found.quotes.to_pylist()] == [
        True
    ]


def test_other_languages_titles_and_no_attributor_have_no_quotes() -> None:
    text = "“It will stay closed,” Anna Berg said."
    assert quoted(text, lang="de") == [] and quoted(text, kind="title") == [] and len(quoted(text, lang=None)) == 1
    assert enrich(table(text), shipped_actors(), shipped_sources(), ListTagger()).quotes.num_rows == 0


def test_the_same_words_are_one_group_however_they_are_written() -> None:
    one, other = "We don’t have any boats left.", "we don't have ANY boats — left"
    assert quote_group(one) == quote_group(other) != quote_group("We have boats left, all of them.")
    assert quote_group("No comment at all") is None
    groups = [row["quote_group_id"] for row in quoted(f"“{one[:-1]},” Anna Berg said.", f"Bo Lind said: “{other}.”")]
    assert len(groups) == 2 and len(set(groups)) == 1


def test_a_sentence_that_its_cue_cuts_in_two_is_of_the_group_of_the_whole() -> None:
    whole, cut, other = (
        quoted(body)
        for body in (
            "“The harbour will open, but not before the pier is paid for,” Anna Berg said.",
            "“The harbour will open,” Anna Berg said, “but not before the pier is paid for.”",
            "“The harbour will open,” Anna Berg said. “But not before the pier is paid for.”",
        )
    )
    groups = [[row["quote_group_id"] for row in rows] for rows in (whole, cut, other)]
    assert len(groups[1]) == 2 and set(groups[1]) == set(groups[0])
    assert groups[0][0] not in groups[2] and len(set(groups[2])) == 2


def test_the_quotes_of_a_forgotten_text_lose_their_words_and_others_stay() -> None:
    said = ("“It will stay closed,” Anna Berg said.", "“It will open in May,” Bo Lind said.")
    rows = enrich(table(*said), shipped_actors(), shipped_sources(), ListTagger(PERSON=PEOPLE), attributor()).quotes
    gone = text_id(said[0])
    left = scrub("quotes", rows, Forgotten({"texts": frozenset({gone})}))
    words = ("verb", "speaker_surface", "quote_group_id")
    numbers = [name for name in rows.column_names if name not in words]
    assert left.select(numbers) == rows.select(numbers)
    for row, was in zip(left.to_pylist(), rows.to_pylist(), strict=True):
        assert [row[name] for name in words] == (
            [None] * 3 if row["text_id"] == gone else [was[name] for name in words]
        )


@contextmanager
def asked(*said: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Let the views and macros of quotes be asked, over one article for each of these quotes, a_0 and so on."""
    room = TABLE.parents[1] / "tables" / "views"
    macros = "".join(
        (room / f"{name}.sql").read_text("utf-8") for name in ("plain_words", "quote_wholes", "quote_uses")
    )
    unasked = ("source_id", "report_date", "story_id", "speaker_actor_id", "verb", "text_id", "end_char")
    rows = [
        {
            "article_id": f"a_{k}",
            "words": words,
            "quote_group_id": quote_group(words),
            "kind": "direct",
            "start_char": 0,
        }
        | dict.fromkeys(unasked, 0)
        for k, words in enumerate(said)
    ]
    with duckdb.connect() as connection:
        connection.register("quoted_rows", pa.Table.from_pylist(rows))
        connection.execute(f"CREATE TABLE article_quotes AS FROM quoted_rows; {macros}")
        yield connection


def test_a_shortened_quote_is_found_with_the_whole_one() -> None:
    whole = "We don’t have any boats left, and nobody will send us one before the summer."
    said = [
        whole,
        "we don't have any boats left, AND nobody",
        "nobody will send us one",
        f"Now: {whole}",
        "Rain fell on us.",
    ]
    with asked(*said) as connection:
        found = connection.execute("SELECT article_id, use FROM quote_uses(?)", [quote_group(whole)]).fetchall()
        of = dict(connection.execute("FROM quote_wholes").fetchall())
    assert found == [("a_0", "whole"), ("a_1", "part"), ("a_3", "longer")]
    # The longest has them all; five words in a row of it are anybody's.
    assert [of.get(quote_group(words)) for words in said] == [quote_group(said[k]) for k in (3, 3, 2, 3)] + [None]


# Few words, so that much is said again, and never in one case or with one mark alone.
SAID = st.lists(
    st.lists(
        st.sampled_from(["we", "We", "will,", "will", "stay", "don’t", "don't", "—", "go"]), min_size=1, max_size=24
    ),
    min_size=1,
    max_size=8,
).map(lambda quotes: [" ".join(words) for words in quotes])


@given(SAID, st.randoms())
def test_every_quote_is_found_with_what_it_is_cut_from_whatever_came_first(said: list[str], chance: Random) -> None:
    said += [" ".join(quote.split()[k : k + 9]) for k, quote in enumerate(said)]
    grouped = [(group, words) for words in said if (group := quote_group(words))]
    chance.shuffle(said)
    with asked(*said) as connection:
        assert dict(connection.execute("FROM quote_wholes").fetchall()) == wholes(grouped)
        plain = [f" {' '.join(words(one.lower().replace('’', chr(39))))} " for one in said]
        for group, one in grouped[:2]:
            whole = max((len(w), w, p) for w, p in zip(said, plain, strict=True) if quote_group(w) == group)[2]
            found = {row[0] for row in connection.execute("SELECT article_id FROM quote_uses(?)", [group]).fetchall()}
            assert found == {
                f"a_{k}"
                for k, (quoted_, p) in enumerate(zip(said, plain, strict=True))
                if quote_group(quoted_) == group
                or (p.count(" ") > 8 and p in whole)
                or (whole.count(" ") > 8 and whole in p)
            }, one


MARKS = st.text(st.sampled_from('"“”„«»‘’\n .,?!aB:'), max_size=60)
SENTENCES = st.lists(
    st.one_of(
        MARKS, st.sampled_from(["Anna Berg said", "“It will stay closed,”", "she said.", "\n", " ", '"', "“", "”"])
    ),
    max_size=14,
)


@given(SENTENCES)
def test_broken_marks_break_nothing(parts: list[str]) -> None:
    text = canonical_text(" ".join(parts))
    found = quotations(text)
    assert all(0 <= q.start < q.end <= len(text) and "\n" not in text[q.start : q.end] for q in found)
    assert all(a.end < b.start for a, b in pairwise(found))
    rows = quoted(text)
    assert all(row["words"] and row["words"] == row["words"].strip() for row in rows)
    assert all(a["end_char"] <= b["start_char"] for a, b in pairwise(rows))


@given(st.lists(MARKS, max_size=4), st.lists(MARKS, max_size=4))
def test_a_quotation_behind_broken_paragraphs_is_found_all_the_same(before: list[str], after: list[str]) -> None:
    whole = "“The harbour will stay closed until May,” Anna Berg said."
    text = canonical_text("\n".join([*before, whole, *after]))
    assert "The harbour will stay closed until May," in [text[q.start : q.end] for q in quotations(text)]


def test_a_text_gets_the_same_labels_in_any_batch() -> None:
    texts = ["“It will stay closed,” Anna Berg said.", "Rain fell.", "Bo Lind told reporters that he would go home."]
    tokens = [Tokens(text) for text in texts]
    marked = [quotations(text) for text in texts]
    together = attributor().attribute(tokens, marked)
    assert together == [attributor().attribute([t], [m])[0] for t, m in zip(tokens, marked, strict=True)]
    assert together[::-1] == attributor().attribute(tokens[::-1], marked[::-1])


def test_lenient_scores_count_overlaps() -> None:
    assert lenient([(0, 0, 5), (0, 9, 12)], [(0, 4, 6), (1, 9, 12)]) == (0.5, 0.5, 0.5)


def test_attributions_of_polnear_are_found_as_well_as_promised(shared: Path) -> None:
    held: list[Attributed] = [article for article in polnear(shared) if article.held_out][:60]
    texts = [Tokens(article.text) for article in held]
    answers = attributor().attribute(texts, [quotations(text.text) for text in texts])
    for role, bound in (("source", 0.68), ("cue", 0.66)):
        found = [
            (k, texts[k].starts[run.first], texts[k].ends[run.last - 1])
            for k, runs in enumerate(answers)
            for run in runs
            if run.role == role
        ]
        gold = [(k, start, end) for k, a in enumerate(held) for of, start, end in a.spans if of == role]
        assert lenient(found, gold)[2] >= bound
