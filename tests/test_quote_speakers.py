"""Who says what in articles of our own making, written so that every construction of news stands in one of them."""

import pytest

from bench.quote_speakers import Answer, answers, articles, scores


def test_the_labelled_articles_are_as_many_as_promised() -> None:
    assert len(articles()) >= 25 and sum(len(article.quotes) for article in articles()) >= 60
    assert all("[[" not in article.text and "|" not in article.text for article in articles())


@pytest.mark.parametrize(
    ("score", "bound"),
    [("quotes precision", 0.93), ("quotes recall", 0.96), ("speakers precision", 0.96), ("speakers recall", 0.93)],
)
def test_quotes_and_speakers_are_found_as_well_as_measured(score: str, bound: float) -> None:
    right, of = scores(answers())[score]
    assert right / of >= bound


# Where several could be meant, nobody is.
@pytest.mark.parametrize(
    "words",
    [
        "It is a question of years",
        "We talked for three hours",
        "There was no quarrel",
        "We have kept every promise in the contract",
    ],
)
def test_what_two_could_have_said_is_nobodys(words: str) -> None:
    assert answer(words).settled is None


def test_a_description_means_the_one_who_bears_it() -> None:
    for words in (
        "This budget leaves no room for gifts",
        "The operation goes on",
        "It held because people carried sand all night",
        "We are talking with every lender",
    ):
        assert answer(words).right


def test_paragraphs_left_open_are_of_whom_the_last_names() -> None:
    assert answer("The first thing I want to say").right


def answer(words: str) -> Answer:
    """Return what was found of the one quote that begins so."""
    (one,) = [one for one in answers() if one.words.startswith(words)]
    return one
