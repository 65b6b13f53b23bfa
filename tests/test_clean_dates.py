"""When a page says it was published: in any language, by its own clock and not a neighbour's, and refused where it can't be."""

import pytest
from cleaning import END, LEAD, MORE, TITLE, cleaned

from transforms.clean.dates import parse_date
from transforms.records import CleanRecord, RawRecord

TEXT = f"<h1>{TITLE}</h1><div class=story><p>{LEAD}</p><p>{MORE}</p><p>{END}</p></div>"


def page(head: str = "", body: str = TEXT, **fields: str) -> CleanRecord:
    html = f"<html><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    result = cleaned(RawRecord("k", 0, len(html), fields, html=html))
    assert isinstance(result, CleanRecord), result
    return result


@pytest.mark.parametrize(
    "written",
    ["19. Oktober 2019", "19 octobre 2019", "19 de octubre de 2019", "19 ottobre 2019", "19 de outubro de 2019", "19 oktober 2019", "19 października 2019", "19 октября 2019 г.", "19 Ekim 2019", "19 أكتوبر 2019", "2019年10月19日", "2019년 10월 19일", "19.10.2019"],
)  # fmt: skip
def test_a_day_is_read_in_the_language_it_is_written_in(written: str) -> None:
    stamp = parse_date(written)
    assert stamp is not None and (str(stamp.day), stamp.precision) == ("2019-10-19", "day")


def test_the_head_comes_before_the_clock_and_the_clock_before_the_address() -> None:
    clock = f"<time datetime='2021-09-05T10:00:00Z'>5 Sept</time>{TEXT}"
    meta = '<meta property="article:published_time" content="2021-09-04T10:00:00+05:30">'
    url = "https://example.org/2021/09/06/a"
    assert str(page(meta, clock, url=url).published_at) == "2021-09-04 04:30:00+00:00"
    assert str(page("", clock, url=url).published_at) == "2021-09-05 10:00:00+00:00"
    assert (found := page("", TEXT, url=url)).published_method == "url"
    assert found.published_precision == "day"


def test_a_clock_that_the_address_contradicts_is_another_articles() -> None:
    found = page(
        "", f"<time datetime='2019-06-17T18:28:00Z'>17 June</time>{TEXT}", url="https://example.org/2017/07/12/a"
    )
    assert (str(found.published_at)[:10], found.published_method) == ("2017-07-12", "url")
    assert found.extra["contradicted_date"] == "2019-06-17T18:28:00Z"


def test_clocks_of_several_days_are_a_list_of_teasers() -> None:
    clocks = "".join(f"<time datetime='2021-09-0{n}T10:00:00Z'>{n} Sept</time>" for n in range(1, 5))
    assert page("", clocks + TEXT).extra.get("clock") is None
    assert page("", clocks + TEXT).published_method in {"none", "page"}


def test_a_quoted_posts_clock_is_not_the_articles() -> None:
    quoted = f"<blockquote><p>Gone!</p><time datetime='2018-03-12T19:30:12Z'>12 March</time></blockquote>{TEXT}"
    assert page("", quoted).published_precision in {"unknown", "day"}
    assert page("", quoted).published_raw != "2018-03-12T19:30:12Z"


def test_a_line_for_readers_dates_the_page_and_stays_out_of_its_text() -> None:
    found = page("", f"<span class=post-date>Publié le 19 octobre 2019</span>{TEXT}")
    assert (str(found.published_at)[:10], found.published_method) == ("2019-10-19", "byline")
    assert found.body.split("\n") == [LEAD, MORE, END]


def test_the_last_resort_is_a_search_of_the_page_and_says_so() -> None:
    found = page("", f"{TEXT}<div class=imprint>Text: A. Writer, 12 May 2018</div>")
    assert (str(found.published_at)[:10], found.published_method, found.published_precision) == (
        "2018-05-12",
        "page",
        "day",
    )


@pytest.mark.parametrize(
    "absurd", ["9999-12-31T00:00:00Z", "0001-01-01", "1970-01-01T00:00:00Z", "2026-12-25T10:00:00Z"]
)
def test_a_date_that_cannot_be_is_refused_and_noted(absurd: str) -> None:
    found = page(f'<meta property="article:published_time" content="{absurd}">')
    assert str(found.published_at)[:4] not in {"9999", "0001", "1970"} and found.published_raw != absurd
    assert absurd in {found.extra.get("refused_date"), found.extra.get("unread_date")}


def test_a_pages_section_is_kept() -> None:
    assert page('<meta property="article:section" content="World">').section == "World"
