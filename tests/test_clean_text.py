"""Cleaning the text: furniture goes under a rule and is kept, sentences stay, and nothing is lost."""

import pytest
from cleaning import END, LEAD, MORE, SETTINGS, SOURCES, TITLE, article, cleaned
from hypothesis import given
from hypothesis import strategies as st

from transforms.clean.boilerplate import Stripped, strip_furniture
from transforms.clean.encoding import repair
from transforms.clean.lines import split_lines
from transforms.records import CleanRecord, RawRecord, Rejected
from transforms.text import canonical_text


def stripped(body: str, title: str | None = None) -> Stripped:
    return strip_furniture(split_lines(body), title, (), lambda name: SOURCES.by_name(name) is not None, SETTINGS)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Advertisement", "advertisement"),
        ("ADVERTISEMENT - STORY CONTINUES BELOW", "advertisement"),
        ("Story Continued Below", "advertisement"),
        ("Also Read : to sell the old hall to a developer", "also_read"),
        ("READ MORE: Five markets that moved", "also_read"),
        ("SEE ALSO: Traders sue the council", "also_read"),
        ("More: What the new hall costs", "also_read"),
        ("No comments", "comments"),
        ("12 Comments", "comments"),
        ("Picture Credit: AP | Image:self", "image_credit"),
        ("IMAGE SOURCE: DAWN", "image_credit"),
        ("Photo by Jane Doe/Getty Images", "image_credit"),
        ("(Jane Doe/Reuters)", "image_credit"),
        ("Enlarge this image toggle caption Jane Doe/AP", "image_credit"),
        ("Stalls stand empty at the market on Monday. (AP Photo/Jane Doe)", "caption"),
        ("!-- Google tag (gtag.js) -->", "script"),
        ("window.dataLayer = window.dataLayer || [];", "script"),
        ("Share on Facebook Tweet WhatsApp Email", "share"),
        ("Sign up for our daily newsletter", "subscribe"),
        ("Follow us on Twitter @harbourpost", "subscribe"),
        (
            "Get the stories you care about delivered to your inbox. By signing up, you agree to our Privacy Policy",
            "subscribe",
        ),
        ("This site uses cookies. Accept all cookies", "cookie"),
        ("Home > World > Europe", "navigation"),
        ("5 min read", "age"),
        ("___", "ornament"),
        ("[+2345 chars]", "truncation"),
    ],
)
def test_furniture_goes_wherever_it_stands(line: str, rule: str) -> None:
    for body in (f"{line}\n{LEAD}\n{MORE}", f"{LEAD}\n{line}\n{MORE}", f"{LEAD}\n{MORE}\n{line}"):
        result = stripped(body)
        assert result.removed == ((rule, line),)
        assert [kept.text for kept in result.kept] == [LEAD, MORE]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Updated October 9th, 2022 at 07:58 IST", "updated_line"),
        ("Published: 04 Sep 2021, 07:58 AM IST | Updated: 04 Sep 2021, 08:10 AM IST", "published_line"),
        ("August 4, 2023", "date_line"),
        ("Reported by: Srishti Goel", "byline"),
        ("By Jane Doe and John Roe", "byline"),
        ("By JANE DOE, Associated Press", "byline"),
        ("Reuters", "outlet_line"),
        ("OPINION", "section_label"),
    ],
)
def test_the_head_has_furniture_of_its_own(line: str, rule: str) -> None:
    assert stripped(f"{line}\n{LEAD}\n{MORE}").removed == ((rule, line),)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Published in Dawn, October 9th, 2022", "published_in"),
        ("This article originally appeared in the Harbour Post.", "published_in"),
        ("from The Dawn News - World https://ift.tt/4AbCdEf", "feed_link"),
        ("© 2021 Harbour Post", "copyright"),
        (
            "Copyright 2019 The Associated Press. All rights reserved. This material may not be published or redistributed.",
            "copyright",
        ),
        ("(With ANI Inputs)", "agency_credit"),
        ("With inputs from agencies", "agency_credit"),
        ("The Associated Press contributed to this report.", "agency_credit"),
        ("(Reporting by Jane Doe in Kabul; Editing by John Roe)", "reporting_credit"),
        ("Tags: harbour, fish", "tags"),
        (
            "(This story has not been edited by Harbour Post staff and is published from a syndicated feed.)",
            "syndication_note",
        ),
        ("Published October 9th, 2022 at 07:58 IST", "published_line"),
    ],
)
def test_so_has_the_foot(line: str, rule: str) -> None:
    assert stripped(f"{LEAD}\n{MORE}\n{line}").removed == ((rule, line),)


@pytest.mark.parametrize(
    "sentence",
    [
        "Related-party transactions rose by a third, the auditors found.",
        "Follow-up talks will use diplomatic channels, two officials said.",
        "For more than a decade, Twitter was where the traders met.",
        "To get the message across, the ministry opened a WhatsApp channel.",
        "Video by the group shows fighters entering the harbour at night.",
        "Images by a satellite firm showed smoke over the port on Sunday.",
        "A new poll by Reuters/Ipsos found that a majority wanted the market kept.",
        "“Join our fight,” she told a crowd that watched live on Facebook.",
        "The report was published by the council.",
        "The views expressed by the minister were condemned at home.",
        "Research by the university shows that the hall is too small.",
        "Many of those who lost their stalls contributed.",
        "Subscribers to the service fell for a third quarter.",
        "By Monday, most of the stalls had gone.",
        "In 2020 the hall stood empty.",
        "It costs $3.",
        "Procurement of Fish",
        "What happens next?",
    ],
)
def test_a_sentence_that_only_sounds_like_furniture_stays(sentence: str) -> None:
    for body in (f"{LEAD}\n{sentence}\n{MORE}", f"{LEAD}\n{MORE}\n{sentence}"):
        assert sentence in [line.text for line in stripped(body).kept]
        assert stripped(body).removed == ()


def test_a_line_right_under_an_image_credit_is_its_caption_but_a_paragraph_is_not() -> None:
    caption = "Council leader Jane Doe with trader John Roe in July."
    result = stripped(f"IMAGE SOURCE: DAWN\n{caption}\n\n{LEAD}\n\n{MORE}")
    assert result.removed == (("image_credit", "IMAGE SOURCE: DAWN"), ("caption", caption))
    assert stripped(f"IMAGE SOURCE: DAWN\n\n{caption}\n\n{LEAD}").removed == (("image_credit", "IMAGE SOURCE: DAWN"),)
    assert stripped(f"IMAGE SOURCE: DAWN\n{LEAD}\n{MORE}").removed == (("image_credit", "IMAGE SOURCE: DAWN"),)


def test_what_was_glued_to_the_last_paragraph_comes_off() -> None:
    result = stripped(
        f"{LEAD}\n{END} Published in Dawn, October 9th, 2022 from The Dawn News - World https://ift.tt/4AbCdEf No comments"
    )
    assert [line.text for line in result.kept] == [LEAD, END]
    assert [rule for rule, _ in result.removed] == ["published_in", "feed_link", "comments"]


def test_the_dates_of_a_timeline_are_its_headings() -> None:
    body = f"{LEAD}\nMarch 3, 2021\n{MORE}\nApril 4, 2021\n{END}\nMay 5, 2021\n{MORE}"
    assert stripped(body).removed == ()
    assert article(body).published_at is None


class TestTitle:
    def test_the_first_line_is_the_title_if_it_reads_as_a_headline(self) -> None:
        found = article(f"{TITLE}\n\n{LEAD}\n\n{MORE}")
        assert (found.title, found.title_method) == (TITLE, "first_line")
        assert found.body == f"{LEAD}\n{MORE}"

    def test_it_may_come_after_furniture(self) -> None:
        found = article(f"Updated October 9th, 2022 at 07:58 IST\n\n{TITLE}\n\n{LEAD}\n\n{MORE}")
        assert found.title == TITLE

    def test_a_sentence_is_no_title(self) -> None:
        found = article(f"The council has voted.\n{LEAD}\n{MORE}")
        assert (found.title, found.title_method) == (None, "none")

    def test_a_dateline_is_no_title(self) -> None:
        assert article(f"WASHINGTON: Two concerns keep the council from closing it\n{LEAD}\n{MORE}").title is None

    def test_a_given_title_wins_and_its_line_goes_with_every_repeat(self) -> None:
        found = article(f"{TITLE.upper()}\n{LEAD}\n{TITLE}\n{MORE}", title=TITLE)
        assert (found.title, found.title_method) == (TITLE, "given")
        assert found.body == f"{LEAD}\n{MORE}"
        assert [rule for rule, _ in found.removed] == ["title_repeat", "title_repeat"]

    def test_a_standfirst_and_section_headings_are_text(self) -> None:
        standfirst = "Traders are given four weeks to leave."
        found = article(f"{TITLE}\n\n{standfirst}\n\nAugust 4, 2023\n{TITLE}\n\n{LEAD}\n\nWhat it costs\n\n{MORE}")
        assert found.body == f"{standfirst}\n{LEAD}\nWhat it costs\n{MORE}"

    @pytest.mark.parametrize("suffix", [" | CNN", " - The New York Times", " — BBC News", " | Harbour Post"])
    def test_the_sites_name_behind_a_title_goes(self, suffix: str) -> None:
        assert (
            article(LEAD, title=f"Fish - market closes{suffix}", source="Harbour Post").title == "Fish - market closes"
        )

    def test_a_dash_inside_a_title_stays(self) -> None:
        assert (
            article(LEAD, title="Fish market closes - and nobody knows why").title
            == "Fish market closes - and nobody knows why"
        )


def test_hard_wrapped_paragraphs_become_lines() -> None:
    wrapped = (
        "    The harbour council voted on Monday to close the\nold fish market, ending a dispute that had run for\nnearly three years, traders and officials said.\n    "
        + (
            "Traders said they had been given four weeks to move\ntheir stalls to the new hall, which has no cold store\nyet and stands far from the quay."
        )
    )
    assert len(article(wrapped, title=TITLE).body.split("\n")) == 2


def test_markup_in_a_text_field_goes_and_blocks_become_lines() -> None:
    found = article(
        f"<p>{LEAD}</p><p>{MORE} <a href='#'>Read</a></p><script>var x = 1;</script>", title="Fish &amp; chips"
    )
    assert found.body == f"{LEAD}\n{MORE} Read"
    assert found.title == "Fish & chips"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("The councilâ€™s vote", "The council’s vote"),
        ("a cafÃ© in MÃ¼nchen", "a café in München"),
        ("costs Â£5", "costs £5"),
        ("CAFÂ” and “CAFÉ”", "CAFÂ” and “CAFÉ”"),
        ("São Paulo, Besançon, Ångström", "São Paulo, Besançon, Ångström"),
        ("AT&amp;T &#8220;ok&#8221;", "AT&T “ok”"),
    ],
)
def test_mojibake_and_escapes_are_undone_and_real_letters_kept(broken: str, whole: str) -> None:
    assert repair(broken)[0] == whole


def test_a_repair_is_noted() -> None:
    assert article("The councilâ€™s vote was close. " + LEAD).extra["mojibake_repaired"] == "1"


@pytest.mark.parametrize("body", ["Advertisement\nNo comments\nShare", "\x00\x00", "___"])
def test_a_record_without_text_is_refused(body: str) -> None:
    result = cleaned(RawRecord("k", 3, 9, {"body": body}))
    assert isinstance(result, Rejected)
    assert (result.stage, result.reason_code, result.start, result.end) == ("clean", "no_text", 3, 9)


def test_a_headline_without_a_text_is_refused_as_that() -> None:
    fields = {"title": "Ferry capsizes on Lake Victoria", "body": "Ferry capsizes on Lake Victoria"}
    result = cleaned(RawRecord(None, 0, 9, fields, {"body_is": "headline"}))
    assert isinstance(result, Rejected)
    assert (result.reason_code, result.detail) == ("no_text", "a headline without a text")


@pytest.mark.parametrize(
    "page",
    ["<div>" * 2_000 + "x", "<a" + " b=1" * 5_000 + ">", "<b>x</b>" * 40_000, "<p>" + "x" * 5_000_001],
    ids=["depth", "attributes", "tags", "bytes"],
)
def test_a_page_that_would_hang_a_parser_is_refused_before_parsing(page: str) -> None:
    result = cleaned(RawRecord("k", 0, len(page), {}, html=page))
    assert isinstance(result, Rejected) and result.reason_code == "page_too_complex"


@pytest.mark.parametrize(
    ("fields", "body", "expected"),
    [
        ({"title": TITLE}, f"{LEAD}\n{MORE}", "news"),
        ({"title": f"Opinion | {TITLE}"}, f"{LEAD}\n{MORE}", "opinion"),
        ({"title": TITLE, "url": "https://example.org/opinion/2021/a"}, f"{LEAD}\n{MORE}", "opinion"),
        ({"title": "Live: harbour council votes"}, f"{LEAD}\n{MORE}", "liveblog"),
        ({"title": "The week in review"}, f"{LEAD}\n{MORE}", "roundup"),
        ({"title": "Morning briefing: harbour, trains, weather"}, f"{LEAD}\n{MORE}", "roundup"),
        ({"title": "Seven things to know about the harbour"}, f"{LEAD}\n{MORE}", "news"),
        ({"title": TITLE}, f"FOR IMMEDIATE RELEASE\n{LEAD}\n{MORE}", "press_release"),
        ({"title": "Transcript: the mayor's speech"}, f"{LEAD}\n{MORE}", "transcript"),
        (
            {"title": TITLE},
            "You have read all your free articles this month. Log in to continue reading about the harbour and its halls.",
            "stub",
        ),
        ({"title": "404"}, "Page not found.", "stub"),
    ],
)
def test_the_content_type_follows_general_cues(fields: dict[str, str], body: str, expected: str) -> None:
    assert article(body, **fields).content_type == expected


def test_several_unrelated_headed_items_are_a_roundup() -> None:
    items = [
        ("Bridge opens in Velden", "Engineers in Velden opened the bridge, which the engineer Karl Brandt had promised in spring, to a small crowd and rain."),
        ("Minister resigns in Korsal", "In Korsal the minister Ana Petrov stepped down after a week of protests by students that had reached the gates of parliament."),
        ("Storm hits Tarn coast", "Along the coast of Tarn the storm named Odile tore roofs from houses, and the mayor Luc Favre asked people to stay at home."),
        ("Team wins cup in Oslen", "The club from Oslen beat its neighbours in front of a full stadium when the striker Mika Lund scored twice in the last minutes."),
    ]  # fmt: skip
    body = "\n".join(f"{head}\n{text}" for head, text in items)
    assert article(body, title="From our newsroom").content_type == "roundup"


_LINE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "Advertisement",
            TITLE,
            LEAD,
            MORE,
            END,
            "By Jane Doe",
            "August 4, 2023",
            "IMAGE SOURCE: DAWN",
            "© 2021 X",
            "(With ANI Inputs)",
            "Reuters",
            "",
            "Also Read : x",
            "___",
        ]
    ),
)


@given(st.lists(_LINE, max_size=14), st.sampled_from([None, TITLE]))
def test_nothing_is_lost(rows: list[str], title: str | None) -> None:
    body = "\n".join(rows)
    result = stripped(body, title)
    pieces = [line.text for line in result.kept] + [text for _, text in result.removed]
    whole = "".join(canonical_text(line.text) for line in split_lines(body))
    assert sorted("".join(pieces).replace(" ", "")) == sorted(whole.replace(" ", ""))
    assert all(rule for rule, _ in result.removed)


@given(st.lists(_LINE, max_size=10))
def test_a_cleaned_body_is_in_its_stored_form(rows: list[str]) -> None:
    result = cleaned(RawRecord("k", 0, 0, {"body": "\n".join(rows)}))
    if isinstance(result, CleanRecord):
        assert result.body == canonical_text(result.body) != ""
        assert result.body.split("\n")


def test_a_gallery_of_nothing_but_captions_is_kept() -> None:
    captions = [
        f"Photos: A year in the mountains – Climbers rest below the {n}th ridge before they go on to the hut. Hide Caption {n} of 9"
        for n in range(1, 10)
    ]
    stripped = strip_furniture(
        split_lines("\n".join(captions)), "A year in the mountains", (), lambda name: False, SETTINGS
    )
    assert [line.text for line in stripped.kept] == captions
