"""A page's main text: what belongs to the article, what stands beside it, and what no parser should see."""

import pytest
from cleaning import END, LEAD, MORE, SETTINGS, TITLE
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from bench.extract import f1
from transforms.clean.blocks import layout
from transforms.clean.extract import PageTooComplex, measure, read_page
from transforms.clean.main_text import main_text

BODY = f"<p>{LEAD}</p><p>{MORE}</p><p>{END}</p>"
TEASERS = "".join(
    f'<div class="card"><h3><a href="/{n}">Story number {n} about a bridge</a></h3>'
    f"<p>Engineers closed the bridge over the river for the night number {n}, and nobody could say when it would open again.</p></div>"
    for n in range(6)
)
COMMENTS = "".join(
    f'<li class="comment"><div class="comment-content"><p>I have bought my fish there for {n} years and I shall miss the place, whatever they say.</p></div></li>'
    for n in range(20)
)


def text_of(body: str, head: str = f"<title>{TITLE}</title>") -> list[str]:
    return main_text(LexborHTMLParser(f"<html><head>{head}</head><body>{body}</body></html>")).split("\n")


PAGES = {
    "plain": f"<h1>{TITLE}</h1><div>{BODY}</div>",
    "beside teasers": f"<div class=wrap><h1>{TITLE}</h1><div>{BODY}</div></div><div class=list>{TEASERS}</div>",
    "above more comments than text": f"<article><h1>{TITLE}</h1><div class=entry-content>{BODY}</div><ol class=comment-list>{COMMENTS}</ol></article>",
    "inside one form": f"<form id=aspnetForm><h1>{TITLE}</h1><div>{BODY}</div></form>",
    "split by advertisements": f"<article><h1>{TITLE}</h1><section class=s1><p>{LEAD}</p></section><div class=ad>Buy it now, it will not last.</div>"
    f"<section class=s2><p>{MORE}</p></section><section class=s3><p>{END}</p></section></article>",
    "each paragraph wrapped": f"<h1>{TITLE}</h1><main>"
    + "".join(f'<div class="row x1"><div><p>{p}</p></div></div>' for p in (LEAD, MORE, END))
    + "</main>",
    "under a paywall's name": f"<h1>{TITLE}</h1><article><div class=paywall>{BODY}</div></article>",
    "with a standfirst outside": f"<main><h1>{TITLE}</h1><div class=summary><p>{LEAD}</p></div><div class=text><p>{MORE}</p>"
    f"<p>{END}</p><p>{MORE}</p><p>{END}</p><p>{END}</p></div></main>",
    "broken by br": f"<h1>{TITLE}</h1><div>{LEAD}<br><br>{MORE}<br><br>{END}</div>",
    "beside a cookie wall": f"<div class=cookie-consent><p>{'We and our partners use cookies to remember what you like. ' * 30}</p></div><h1>{TITLE}</h1><div>{BODY}</div>",
    "after hidden text": f"<h1>{TITLE}</h1><div><p style='display: none'>{'This sentence is for machines and nobody else reads it. ' * 9}</p>{BODY}</div>",
    "with a captioned image": f"<h1>{TITLE}</h1><div>{BODY}<figure><img><figcaption>Traders at the market on the last morning of the sale.</figcaption></figure></div>",
    "with a caption in a div": f"<h1>{TITLE}</h1><div><div class=InlineImage-imageCaption>Traders at the market on the last morning of the old sale, as seen from the quay.</div>{BODY}</div>",
    "followed by the next article": f"<article class=post><h1>{TITLE}</h1><div class=post-body>{BODY}</div></article>"
    f"<article class=post><h1>Bridge closed for the night</h1><div class=post-body><p>Engineers closed the bridge over the river.</p></div></article>",
}


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_the_article_is_found(body: str) -> None:
    lines = text_of(body)
    wanted = [LEAD, MORE, END]
    assert [line for line in lines if line in wanted][:3] == wanted
    assert set(lines) <= {*wanted, TITLE}


def test_lists_and_headings_of_the_article_stay_and_pointers_go() -> None:
    links = "".join(f"<li><a href=/{n}>Another story of that day</a></li>" for n in range(5))
    lines = text_of(
        f"<div><h1>{TITLE}</h1>{BODY}<h2>What comes next</h2><ul><li>A new hall</li><li>A cold store</li></ul><ul>{links}</ul></div>"
    )
    assert lines == [LEAD, MORE, END, "What comes next", "A new hall", "A cold store"]


def test_scripts_without_blanks_are_weighed_as_words() -> None:
    chinese = "港务委员会周一投票决定关闭旧鱼市场，结束了持续近三年的争端。商贩们表示，他们有四周时间搬迁摊位。"
    assert text_of(f"<nav><a>首页</a></nav><div><h1>港务委员会</h1><p>{chinese}</p><p>{chinese}</p></div>") == [
        chinese,
        chinese,
    ]


def test_a_page_that_says_almost_nothing_is_asked_twice() -> None:
    said = " ".join((LEAD, MORE, END))
    script = '{"@type": "NewsArticle", "articleBody": "' + said + '"}'
    page = f'<html><body><script type="application/ld+json">{script}</script><div id=app><p>Loading</p></div></body></html>'
    assert read_page(page, SETTINGS).text == said


def test_a_page_without_text_has_none() -> None:
    assert text_of("<nav><a href=/>Home</a></nav>") == [""]


@given(st.recursive(st.text("ab <&", max_size=20), lambda inner: st.builds("<{0}>{1}</{0}>{2}".format, st.sampled_from(["div", "p", "b", "a", "br", "ul", "li"]), inner, inner), max_leaves=30))  # fmt: skip
def test_no_character_of_a_page_is_in_two_blocks(markup: str) -> None:
    tree = LexborHTMLParser(f"<body>{markup}</body>")
    shown = tree.body.text() if tree.body is not None else ""
    assert sum(len("".join(block.text.split())) for block in layout(tree).blocks) <= len("".join(shown.split()))


@pytest.mark.parametrize(
    "page",
    ["<div>" * 10_000, "<div " + "a=1 " * 200_000 + ">", "<div " + "a " * 200_000 + ">", "<p>a</p>" * 1_000_000, "a" * 20_000_000],
    ids=["nested tags", "attributes", "bare attributes", "tags", "a 20 MB page"],
)  # fmt: skip
def test_a_page_beyond_the_bounds_is_refused_before_parsing(page: str) -> None:
    with pytest.raises(PageTooComplex):
        measure(page, SETTINGS)


def test_a_long_quoted_value_is_one_attribute() -> None:
    measure('<img alt="' + "word = other " * 5_000 + '">', SETTINGS)


class TestTheMeasure:
    def test_the_same_text_scores_one(self) -> None:
        assert f1([LEAD, MORE], [LEAD, MORE]) == (1.0, 1.0, 1.0)

    def test_precision_and_recall_are_means_over_pages_of_shares_of_shingles(self) -> None:
        # Four words are one shingle: the first page finds one of two and adds one, the second finds all.
        precision, recall, both = f1(["a b c d e", "q r s t"], ["b c d e f", "q r s t"])
        assert (precision, recall) == (0.75, 0.75) and both == 0.75

    def test_a_page_without_an_answer_costs_recall_alone(self) -> None:
        assert f1(["a b c d", "q r s t"], ["a b c d", ""])[:2] == (1.0, 0.5)
