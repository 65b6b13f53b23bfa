"""Versions of an article: what changed by sentences, the newsroom's correction note with its place, and the record that takes it back."""

import pytest
from cleaning import END, LEAD, MORE, cleaned
from hypothesis import given
from hypothesis import strategies as st

from transforms.records import CleanRecord, RawRecord, Tombstone
from transforms.revisions import revision
from transforms.tombstone import withdrawal

OLD = "\n".join((LEAD, MORE, END))


def test_the_same_text_has_no_changes() -> None:
    assert revision(OLD, OLD) == (0, 0, 0, False, None, None)


def test_moved_recased_and_repunctuated_sentences_are_no_changes() -> None:
    assert revision(OLD, "\n".join((END, LEAD.upper(), MORE.replace(",", "")))) == (0, 0, 0, False, None, None)


@pytest.mark.parametrize(
    ("new", "counts"),
    [
        (f"{OLD}\nThe mayor resigned on Tuesday.", (1, 0, 0)),
        (f"{LEAD}\n{END}", (0, 1, 0)),
        (OLD.replace("four weeks", "six weeks"), (0, 0, 1)),
        (f"{LEAD}\nRain is expected tomorrow.\n{END}", (1, 1, 0)),
        (f"{LEAD} {LEAD}\n{MORE}\n{END}", (1, 0, 0)),
    ],
    ids=["added", "deleted", "changed", "replaced", "said twice"],
)
def test_sentences_are_counted(new: str, counts: tuple[int, int, int]) -> None:
    assert revision(OLD, new)[:3] == counts


@pytest.mark.parametrize(
    "note",
    [
        "Correction: An earlier version of this article gave the wrong year.",
        "CORRECTION (Nov. 3): The council has nine members.",
        "Clarification: the hall opens in May.",
        "An earlier version of this story misspelled the name of the council's chair.",
        "This article was amended on 4 May to correct the number of traders.",
        "This story has been corrected to show that the vote was on Monday.",
        "(This version of the story corrects the number of stalls in paragraph two.)",
        "Corrects spelling of name in paragraph 3.",
        "Editor's note: The headline of this report has been amended.",
        "In an earlier version, the market was wrongly said to have closed.",
        "We regret the error.",
    ],
)
def test_a_correction_note_is_found_with_its_span(note: str) -> None:
    new = f"{LEAD}\n{MORE}\n{END}\n{note}"
    found = revision(OLD, new)
    assert found.is_correction
    assert found.correction_start_char is not None
    assert new[found.correction_start_char :].startswith(note.split(".")[0][:20])
    assert not revision(new, new).is_correction


@pytest.mark.parametrize(
    "sentence",
    [
        "The ministry issued a correction of its figures on Monday.",
        "Markets saw a sharp correction: shares fell by a tenth.",
        "He corrected his testimony before the committee.",
        "The prices were fixed by the committee last year.",
        "The earlier report by the commission said nothing of the kind.",
    ],
)
def test_a_report_about_corrections_is_none(sentence: str) -> None:
    assert not revision(OLD, f"{OLD}\n{sentence}").is_correction


@given(st.lists(st.sampled_from([LEAD, MORE, END, "Rain fell.", "Snow fell."]), max_size=8), st.lists(st.sampled_from([LEAD, MORE, END, "Rain fell.", "Snow fell."]), max_size=8))  # fmt: skip
def test_the_counts_add_up_to_the_lengths(before: list[str], after: list[str]) -> None:
    found = revision("\n".join(before), "\n".join(after))
    assert len(before) - found.n_sentences_deleted + found.n_sentences_added == len(after)
    mirrored = revision("\n".join(after), "\n".join(before))
    assert (mirrored.n_sentences_added, mirrored.n_sentences_deleted) == (
        found.n_sentences_deleted,
        found.n_sentences_added,
    )


def test_a_text_of_one_word_is_compared_in_bounded_work() -> None:
    assert revision("ha. " * 20_000, "ha ha. " * 20_000)[:2] == (20_000, 20_000)


@pytest.mark.parametrize(
    "extra",
    [{"status": "deleted"}, {"pubStatus": "stat:canceled"}, {"is_deleted": "true"}, {"deleted_at": "2026-11-20T10:00:00Z"}, {"Type": "Tombstone"}],
    ids=str,
)  # fmt: skip
def test_a_record_that_takes_its_article_back_is_a_tombstone(extra: dict[str, str]) -> None:
    found = cleaned(RawRecord("k7", 3, 9, {"url": "https://m.example.org/a?utm_source=x"}, extra))
    assert isinstance(found, Tombstone)
    assert (found.record_key, found.url_norm, found.reason_code) == ("k7", "https://example.org/a", "tombstone")
    assert found.detail.startswith("the dump withdraws it (")


def test_a_tombstone_without_a_key_says_so() -> None:
    found = cleaned(RawRecord(None, 0, 1, {}, {"status": "deleted"}))
    assert isinstance(found, Tombstone) and found.reason_code == "tombstone_without_key"


@pytest.mark.parametrize("extra", [{"status": "published"}, {"status": "200"}, {"deleted": "false"}, {"deleted_at": ""}, {"state": "Delaware"}, {"type": "article"}], ids=str)  # fmt: skip
def test_other_states_withdraw_nothing(extra: dict[str, str]) -> None:
    assert withdrawal(extra) is None
    assert isinstance(cleaned(RawRecord("k", 0, 1, {"body": OLD}, extra)), CleanRecord)
