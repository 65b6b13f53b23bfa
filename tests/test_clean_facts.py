"""What a record says of itself: dates, publisher, writers, credits, address, language."""

from datetime import UTC, date, datetime, time

import pytest
from cleaning import END, LEAD, MORE, SOURCES, TITLE, article, cleaned
from hypothesis import given
from hypothesis import strategies as st

from transforms.clean.byline import names_in
from transforms.clean.dateline import dateline
from transforms.clean.dates import _read, parse_date, url_date
from transforms.clean.urls import NOWHERE, address
from transforms.records import CleanRecord, RawRecord


def outlet(name: str) -> bool:
    return SOURCES.by_name(name) is not None


class TestDates:
    @pytest.mark.parametrize(
        ("raw", "value", "precision", "tz_method"),
        [
            ("2021-09-04T07:58:00+05:30", "2021-09-04T02:28:00", "second", "stated"),
            ("2021-09-04T07:58Z", "2021-09-04T07:58:00", "minute", "stated"),
            ("20210904T072800Z", "2021-09-04T07:28:00", "second", "stated"),
            ("2021-09-04 07:58:00", "2021-09-04T07:58:00", "second", "assumed_utc"),
            ("Sat, 04 Sep 2021 02:28:00 GMT", "2021-09-04T02:28:00", "second", "stated"),
            ("Sat, 04 Sep 2021 02:28:00 -0400", "2021-09-04T06:28:00", "second", "stated"),
            ("1630739880", "2021-09-04T07:18:00", "second", "stated"),
            ("1630739880000", "2021-09-04T07:18:00", "second", "stated"),
            ("Updated October 9th, 2022 at 06:15 IST", "2022-10-09T00:45:00", "minute", "stated"),
            ("9:14 PM ET, Fri September 3, 2021", "2021-09-04T01:14:00", "minute", "stated"),
            ("5:30 p.m. EST, Jan. 4, 2021", "2021-01-04T22:30:00", "minute", "stated"),
            ("4 September 2021, 7pm PKT", "2021-09-04T14:00:00", "hour", "stated"),
            ("Mon Sep 06 10:00:00 UTC 2021", "2021-09-06T10:00:00", "second", "stated"),
            ("August 4, 2023", "2023-08-04T00:00:00", "day", None),
            ("4 August 2023", "2023-08-04T00:00:00", "day", None),
            ("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01", "second", "assumed_utc"),
            ("2017-12-30T00:00:00", "2017-12-30T00:00:00", "day", None),
            ("2017-12-30", "2017-12-30T00:00:00", "day", None),
            ("23/7/2017", "2017-07-23T00:00:00", "day", None),
            ("12/22/16", "2016-12-22T00:00:00", "day", None),
            ("4/5/2017", "2017-01-01T00:00:00", "year", None),
            ("September 2021", "2021-09-01T00:00:00", "month", None),
            ("2021", "2021-01-01T00:00:00", "year", None),
        ],
    )
    def test_a_date_is_read_to_its_own_precision(
        self, raw: str, value: str, precision: str, tz_method: str | None
    ) -> None:
        stamp = parse_date(raw)
        assert stamp is not None
        assert (stamp.value, stamp.precision, stamp.tz_method) == (
            datetime.fromisoformat(value).replace(tzinfo=UTC),
            precision,
            tz_method,
        )

    @pytest.mark.parametrize(
        "raw", ["", "yesterday", "Feb 30, 2021", "2021-13-45", "no date 12", "12:30", "x" * 10_000]
    )
    def test_what_is_no_date_is_none(self, raw: str) -> None:
        assert parse_date(raw) is None

    @pytest.mark.parametrize(
        ("raw", "country", "hour"),
        [
            ("2021-09-04 12:00 IST", None, 6.5),
            ("2021-09-04 12:00 IST", "PK", 6.5),
            ("2021-09-04 12:00 IST", "IE", 11),
            ("2021-09-04 12:00 IST", "IL", 10),
            ("2021-09-04 12:00 BST", "GB", 11),
            ("2021-09-04 12:00 BST", "BD", 6),
            ("2021-09-04 12:00 CST", None, 18),
            ("2021-09-04 12:00 CST", "CN", 4),
        ],
    )
    def test_an_abbreviation_of_several_zones_is_read_by_the_sources_country(
        self, raw: str, country: str | None, hour: float
    ) -> None:
        stamp = parse_date(raw, country)
        assert stamp is not None
        assert stamp.value.hour + stamp.value.minute / 60 == hour
        assert stamp.tz_method == "stated"

    def test_a_clock_time_for_readers_is_the_sources_own(self) -> None:
        written = parse_date("4 September 2021, 12:00", "PK", written=True)
        printed = parse_date("2021-09-04 12:00:00", "PK")
        assert written is not None and (written.value.hour, written.tz_method) == (7, "source_country")
        assert printed is not None and (printed.value.hour, printed.tz_method) == (12, "assumed_utc")

    def test_day_and_month_are_told_by_the_country(self) -> None:
        us, gb = parse_date("4/5/2017", "US"), parse_date("4/5/2017", "GB")
        assert us is not None and gb is not None
        assert (us.value.month, gb.value.month) == (4, 5)

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("https://x.org/2021/09/04/a", ("2021-09-04", "day")),
            ("https://x.org/news-2021-09-04.html", ("2021-09-04", "day")),
            ("https://x.org/20210904-a", ("2021-09-04", "day")),
            ("https://x.org/2021/09/a", ("2021-09-01", "month")),
            ("https://x.org/20219999", None),
            ("https://x.org/a?d=2021/09/04/", None),
        ],
    )
    def test_an_address_dates_to_the_day_or_month(self, url: str, expected: tuple[str, str] | None) -> None:
        stamp = url_date(url)
        assert (stamp and (stamp.value.date().isoformat(), stamp.precision)) == expected

    def test_metadata_comes_before_byline_before_footer_before_address(self) -> None:
        body = f"Published August 4, 2023\n{LEAD}\n{MORE}\nPublished in Dawn, August 3rd, 2023"
        url = "https://example.org/2023/08/02/a"
        assert article(body, published="2023-08-05", url=url).published_method == "metadata"
        assert article(body, url=url).published_method == "byline"
        assert article(body.partition("\n")[2], url=url).published_method == "footer"
        assert article(LEAD, url=url).published_method == "url"
        assert article(LEAD).published_method == "none"

    def test_a_sentence_is_never_asked_for_the_date(self) -> None:
        found = article(f"{LEAD}\nOn September 23, 2021, the council met again at 10:00 GMT.\n{MORE}")
        assert (found.published_at, found.published_precision, found.published_method) == (None, "unknown", "none")

    @pytest.mark.parametrize("raw", ["2026-11-24", "1970-01-01", "1989-12-31T23:59:00Z", "2031-01-01"])
    def test_a_date_of_the_future_or_before_1990_is_refused_and_noted(self, raw: str) -> None:
        found = article(LEAD, published=raw)
        assert (found.published_at, found.published_precision) == (None, "unknown")
        assert found.extra["refused_date"] == raw

    def test_an_unreadable_date_is_noted(self) -> None:
        assert article(LEAD, published="last Tuesday").extra["unread_date"] == "last Tuesday"

    def test_an_article_known_only_by_its_change_is_of_that_day(self) -> None:
        found = article(f"Updated September 4th, 2021 at 04:58 IST\n{TITLE}\n{LEAD}\n{MORE}")
        assert found.updated_at == datetime(2021, 9, 3, 23, 28, tzinfo=UTC)
        assert (found.published_at, found.published_precision, found.tz_method) == (
            datetime(2021, 9, 4, tzinfo=UTC),
            "day",
            None,
        )

    def test_the_fetch_time_is_kept(self) -> None:
        assert article(LEAD, fetched="2021-09-05T01:02:03Z").seen_at == datetime(2021, 9, 5, 1, 2, 3, tzinfo=UTC)

    @given(st.text(max_size=80))
    def test_no_text_makes_the_reading_fail(self, raw: str) -> None:
        for country in (None, "US", "IN"):
            stamp = parse_date(raw, country, written=True)
            assert stamp is None or stamp.value.tzinfo is UTC

    @given(
        st.integers(631152007, 4070908807).map(
            lambda seconds: datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, second=7)
        )
    )
    def test_iso_and_rfc_822_say_the_same(self, moment: datetime) -> None:
        iso, rfc = parse_date(moment.isoformat() + "Z"), parse_date(moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        assert iso is not None and rfc is not None
        assert iso.value == rfc.value == moment.replace(tzinfo=UTC)


class TestPublisher:
    def who(self, body: str = LEAD, feed: str = "dump", **fields: str) -> tuple[str | None, str | None, str]:
        result = cleaned(RawRecord("k", 0, 1, {"body": body, **fields}), feed)
        assert isinstance(result, CleanRecord)
        return result.source_name, result.source_domain, result.source_method

    def test_the_address_comes_first(self) -> None:
        assert self.who(url="https://www.dawn.com/news/1", source="Somebody") == ("Dawn", "dawn.com", "url")
        assert self.who(url="https://harbour-post.example/a", source="Harbour Post") == (
            "Harbour Post",
            "harbour-post.example",
            "url",
        )

    def test_a_carrier_is_never_the_source(self) -> None:
        result = article(LEAD, url="http://feedproxy.google.com/~r/x/1")
        assert (result.source_method, result.transport_host) == ("unknown", "feedproxy.google.com")
        assert self.who(url="https://ift.tt/4AbCdEf", source="Dawn") == ("Dawn", None, "metadata")

    def test_an_aggregators_address_yields_to_a_stated_source(self) -> None:
        assert self.who(url="https://news.yahoo.com/a", source="Reuters") == ("Reuters", None, "metadata")

    def test_a_source_field_may_hold_a_domain(self) -> None:
        assert self.who(source="www.dw.com") == ("Deutsche Welle", "dw.com", "metadata")
        assert self.who(source="harbour-post.example") == (None, "harbour-post.example", "metadata")

    def test_the_texts_own_credit_and_copyright_line_name_it(self) -> None:
        assert self.who(f"{LEAD}\n{MORE}\nPublished in Dawn, October 9th, 2022") == ("Dawn", None, "self_credit")
        assert self.who(f"{LEAD}\n{MORE}\nPublished in The Harbour Post, September 4th, 2021")[::2] == (
            "The Harbour Post",
            "self_credit",
        )
        assert (
            self.who(f"{LEAD}\n{MORE}\nPublished in The Washington Post on September 4, 2021")[0]
            == "The Washington Post"
        )
        assert self.who(f"{LEAD}\n{MORE}\nfrom The Dawn News - World https://ift.tt/4AbCdEf") == (
            "Dawn",
            None,
            "self_credit",
        )
        assert self.who(f"{LEAD}\n{MORE}\nCopyright © 2019 The Washington Times, LLC.") == (
            "The Washington Times",
            None,
            "copyright_line",
        )

    def test_an_agencys_copyright_is_a_credit_and_no_publisher(self) -> None:
        found = article(f"{LEAD}\n{MORE}\nCopyright 2019 The Associated Press. All rights reserved.")
        assert (found.source_method, found.agency_credits) == ("unknown", ("Associated Press",))

    def test_a_picture_credit_never_does(self) -> None:
        assert self.who(f"IMAGE SOURCE: DAWN\n{LEAD}\n{MORE}\nPhoto: Reuters") == (None, None, "unknown")

    def test_a_feed_named_after_a_source_is_the_last_hint(self) -> None:
        assert self.who(feed="dawn.com") == ("Dawn", "dawn.com", "folder")
        assert self.who(feed="express_tribune") == ("The Express Tribune", None, "folder")
        assert self.who(feed="dumps") == (None, None, "unknown")


class TestCredits:
    @pytest.mark.parametrize(
        ("body", "agencies"),
        [
            (f"{LEAD}\n{MORE}\n(With ANI Inputs)", ("ANI",)),
            (f"{LEAD}\n{MORE}\n(With inputs from PTI and AFP)", ("Press Trust of India", "Agence France-Presse")),
            (f"{LEAD}\n{MORE} (With inputs from ANI)", ("ANI",)),
            (f"{LEAD}\n{MORE}\n— Reuters", ("Reuters",)),
            (f"{LEAD}\n{MORE}\n(ANI)", ("ANI",)),
            (f"{LEAD}\n{MORE}\nThe Associated Press contributed to this report.", ("Associated Press",)),
            (f"By JANE DOE, Associated Press\n{LEAD}\n{MORE}", ("Associated Press",)),
            (f"KABUL, Afghanistan (AP) — {LEAD}\n{MORE}", ("Associated Press",)),
            (f"GENEVA (Reuters) - {LEAD}\n{MORE}", ("Reuters",)),
            (f"Picture Credit: AP | Image:self\n{LEAD}\n{MORE}", ()),
            (f"{LEAD} (AP Photo/Jane Doe)\n{LEAD}\n{MORE}", ()),
            (f"{LEAD}\n{MORE}\nWith inputs from agencies", ()),
        ],
    )
    def test_wire_agencies_credited_in_the_text_are_told_from_a_pictures(
        self, body: str, agencies: tuple[str, ...]
    ) -> None:
        assert article(body).agency_credits == agencies

    @pytest.mark.parametrize(
        ("line", "place", "agency"),
        [
            ("WASHINGTON: Two concerns remain.", "Washington", None),
            ("GENEVA (Reuters) - Talks began.", "Geneva", "Reuters"),
            ("KABUL, Afghanistan (AP) — A blast hit.", "Kabul", "AP"),
            ("New Delhi, Sep 4 (ANI): The minister said.", "New Delhi", "ANI"),
            ("NEW YORK, Sept. 4, 2021 — Stocks fell.", "New York", None),
            ("Islamabad: The cabinet met.", "Islamabad", None),
            ("(Reuters) - Shares rose.", None, "Reuters"),
            ("UPDATE: The road is open.", None, None),
            ("Analysis: What it means.", None, None),
            ("FACT CHECK: No, he did not.", None, None),
            ("The council met.", None, None),
        ],
    )
    def test_a_dateline_gives_place_and_agency(self, line: str, place: str | None, agency: str | None) -> None:
        found = dateline(line)
        assert (found.place, found.agency) == (place, agency)

    def test_a_dateline_stays_in_the_body(self) -> None:
        assert article(f"WASHINGTON: {LEAD}\n{MORE}").body.startswith("WASHINGTON: ")


class TestByline:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("By Jane Doe and John Roe", ("Jane Doe", "John Roe")),
            ("Reported by: Srishti Goel", ("Srishti Goel",)),
            ("JANE DOE, ASSOCIATED PRESS", ("Jane Doe",)),
            ("Jane Doe; John Roe; jane doe", ("Jane Doe", "John Roe")),
            ("By Jane Doe | September 4, 2021", ("Jane Doe",)),
            ("Jane Doe, Reuters", ("Jane Doe",)),
            ("Dawn", ()),
            ("Web Desk", ()),
            ("https://example.org/author/jane", ()),
            ("Tom Howell Jr.", ("Tom Howell Jr.",)),
            ("", ()),
        ],
    )
    def test_names_come_without_cue_role_outlet_or_date(self, text: str, names: tuple[str, ...]) -> None:
        assert names_in(text, outlet) == names

    def test_the_given_author_wins_over_the_line(self) -> None:
        assert article(f"By Jane Doe\n{LEAD}\n{MORE}").byline == ("Jane Doe",)
        assert article(f"By Jane Doe\n{LEAD}\n{MORE}", author="John Roe").byline == ("John Roe",)
        assert article(f"John Roe\n{LEAD}\n{MORE}", author="John Roe").removed == (("byline", "John Roe"),)


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "normal"),
        [
            ("http://www.Example.org:80/a/?utm_source=x&b=2&a=1#top", "https://example.org/a?a=1&b=2"),
            ("https://m.example.org/a/amp/", "https://example.org/a"),
            ("https://amp.example.org/a.amp.html", "https://example.org/a.html"),
            ("https://example.org/a?amp=1", "https://example.org/a"),
            ("example.org/a", "https://example.org/a"),
            ("https://www.google.com/amp/s/www.example.org/a", "https://example.org/a"),
            ("https://web.archive.org/web/20170102/http://example.org/a?id=1", "https://example.org/a?id=1"),
            ("https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa", "https://example.org/a"),
            ("https://example.org/%7Ea/%c3%a9", "https://example.org/~a/%C3%A9"),
            ("https://example.org/story?id=52085405", "https://example.org/story?id=52085405"),
            ("not an address", None),
            ("ftp://example.org/a", None),
            ("http://[::1", None),
            (None, None),
        ],
    )
    def test_the_many_addresses_of_an_article_have_one_form(self, url: str | None, normal: str | None) -> None:
        assert address(url).normal == normal

    @pytest.mark.parametrize(
        ("url", "normal", "carrier"),
        [
            ("https://www-dawn-com.cdn.ampproject.org/c/s/www.dawn.com/news/amp/1", "https://dawn.com/news/1", "cdn.ampproject.org"),
            ("https://www.bing.com/amp/s/www.dawn.com/news/1", "https://dawn.com/news/1", "bing.com"),
            ("https://archive.today/2021.01.02-030405/https://www.dawn.com/news/1", "https://dawn.com/news/1", "archive.today"),
            ("https://archive.ph/20210102030405/https://www.dawn.com/news/1", "https://dawn.com/news/1", "archive.ph"),
            ("https://web.archive.org/web/20170102id_/https://www.dawn.com/news/1", "https://dawn.com/news/1", "web.archive.org"),
            ("https://web.archive.org/web/20170102/www.dawn.com/news/1", "https://dawn.com/news/1", "web.archive.org"),
            ("https://webcache.googleusercontent.com/search?q=cache:a1B2c3:https://www.dawn.com/news/1+&cd=1", "https://dawn.com/news/1", "webcache.googleusercontent.com"),
            ("https://www-dawn-com.translate.goog/news/1?_x_tr_sl=ur&_x_tr_tl=en", "https://dawn.com/news/1", "translate.goog"),
            ("https://translate.google.com/translate?sl=auto&tl=en&u=https://www.dawn.com/news/1", "https://dawn.com/news/1", "translate.google.com"),
            ("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.dawn.com%2Fnews%2F1&data=x", "https://dawn.com/news/1", "safelinks"),
            ("https://urldefense.com/v3/__https://www.dawn.com/news/1__;!!abc", "https://dawn.com/news/1", "urldefense.com"),
            ("https://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fwww.dawn.com%2fnews%2f1&c=1", "https://dawn.com/news/1", "bing.com"),
            ("https://12ft.io/https://www.dawn.com/news/1", "https://dawn.com/news/1", "12ft.io"),
            ("https://timesofindia.indiatimes.com/a/amp_articleshow/1.cms", "https://timesofindia.indiatimes.com/a/articleshow/1.cms", None),
            ("https://indianexpress.com/article/a-1/lite/", "https://indianexpress.com/article/a-1", None),
            ("https://mobile.dawn.com/news/1", "https://dawn.com/news/1", None),
            ("https://www.dawn.com/news/1?outputType=amp&utm_medium=feed&ref=rss", "https://dawn.com/news/1", None),
        ],
    )  # fmt: skip
    def test_what_carried_an_article_is_unwrapped_and_never_its_source(
        self, url: str, normal: str, carrier: str | None
    ) -> None:
        found = address(url)
        assert found.normal == normal
        assert found.host is not None and (carrier is None or carrier not in found.host)
        assert found.transport_host is None if carrier is None else carrier in (found.transport_host or "")

    @pytest.mark.parametrize(
        "url",
        [
            "https://archive.is/abcde",
            "https://out.smartnews.link/abc",
            "https://ift.tt/4AbCdEf",
            "https://t.co/x",
            "https://news.google.com/articles/x",
        ],
    )
    def test_a_carrier_is_named_and_is_no_host(self, url: str) -> None:
        found = address(url)
        assert found.host is None
        assert found.transport_host is not None and found.transport_host in url

    @given(st.text(max_size=60))
    def test_a_normal_form_is_its_own(self, tail: str) -> None:
        once = address("https://example.org/" + tail).normal
        assert once is None or address(once).normal == once

    @given(
        st.sampled_from(["www.", "m.", "www.m.", "amp.", "", "www2."]),
        st.sampled_from(["dawn.com", "t.co", "www.com", "google.com", "a.smartnews.link", "x-y.example.org"]),
        st.lists(st.sampled_from(["/amp", "/lite", "/a-amp.html", "/index.html", "/amp_articleshow", "/a:1@b!c~", "/", "//", "/https:/x.org/a", "/a.amp.htm"]), max_size=4),
    )  # fmt: skip
    def test_a_plain_address_is_read_like_any(self, label: str, host: str, path: list[str]) -> None:
        url = f"https://{label}{host}{''.join(path)}"
        assert address(url) == address(f" {url}")

    @pytest.mark.parametrize("path", ["/a", "/a?page=2"])
    def test_a_host_longer_than_there_can_be_is_none(self, path: str) -> None:
        longest = "a." * 125 + "com"
        assert len(longest) == 253
        assert address(f"https://{longest}{path}").host == longest
        assert address(f"https://a{longest}{path}") == NOWHERE


def test_the_language_comes_with_its_confidence_and_not_for_scraps() -> None:
    found = article(LEAD)
    assert found.lang == "en"
    assert found.lang_confidence is not None and found.lang_confidence > 0.9
    assert article("Der Rat der Stadt hat am Montag beschlossen, den alten Fischmarkt zu schließen.").lang == "de"
    assert article("A few words.").lang is None


def test_a_page_gives_its_own_metadata() -> None:
    page = f"""<html><head><title>{TITLE} | CNN</title>
    <link rel="canonical" href="https://www.cnn.com/2021/09/04/harbour/index.html">
    <script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "{TITLE}",
    "datePublished": "2021-09-04T07:58:00Z", "dateModified": "2021-09-04T09:00:00Z", "author": [{{"@type": "Person", "name": "Jane Doe"}}],
    "publisher": {{"@type": "Organization", "name": "CNN"}}}}</script></head>
    <body><nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>{TITLE}</h1><p>{LEAD}</p><p>Advertisement</p><p>{MORE}</p></article>
    <footer>© 2021 CNN</footer></body></html>"""
    result = cleaned(RawRecord("page.html", 0, len(page), {}, html=page))
    assert isinstance(result, CleanRecord)
    assert (result.title, result.byline, result.source_name, result.source_domain) == (
        TITLE,
        ("Jane Doe",),
        "CNN",
        "cnn.com",
    )
    assert (result.published_at, result.published_precision) == (datetime(2021, 9, 4, 7, 58, tzinfo=UTC), "second")
    assert result.updated_at == datetime(2021, 9, 4, 9, tzinfo=UTC)
    assert result.url_norm == "https://cnn.com/2021/09/04/harbour"
    assert result.body == f"{LEAD}\n{MORE}"


def test_cleaning_is_a_function_of_the_record() -> None:
    record = RawRecord("k", 0, 1, {"body": f"By Jane Doe\n{LEAD}\n{MORE}", "published": "2021-09-04"})
    assert cleaned(record) == cleaned(record)


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.times(),
    st.sampled_from(["", ":00", ":07", ":07.25"]),
    st.sampled_from(["Z", "+00:00", "-0500", "+05:30", "+13:45", "-09:59"]),
    st.booleans(),
)
def test_what_machines_write_is_read_at_once_and_alike(
    day: date, clock: time, seconds: str, zone: str, midnight: bool
) -> None:
    said = f"{day}T{'00:00' if midnight else format(clock, '%H:%M')}{seconds}{zone}"
    found = parse_date(said)
    assert found is not None and found == _read(said, said, None, False)


class TestDoubt:
    """Every inferred value stands beside its method and its confidence; what was not found has neither."""

    def test_all_of_them(self) -> None:
        found = article(
            f"By Jane Doe\nKABUL, Afghanistan (AP) — {LEAD}\n{MORE}\n{END}",
            title=TITLE,
            url="https://www.dawn.com/world/2026/03/02/market",
            published="2026-03-02T08:00:00Z",
            updated="2026-03-03T08:00:00Z",
        )
        assert (found.title_method, found.title_confidence) == ("given", 0.98)
        assert (found.url_method, found.url_confidence) == ("given", 0.99)
        assert (found.byline, found.byline_method, found.byline_confidence) == (("Jane Doe",), "byline", 0.9)
        assert (found.dateline_place, found.dateline_method, found.dateline_confidence) == ("Kabul", "agency", 0.98)
        assert (found.credits_method, found.credits_confidence) == ("dateline", 0.98)
        assert (found.section, found.section_method, found.section_confidence) == ("world", "url", 0.7)
        assert (found.published_method, found.published_confidence) == ("metadata", 0.92)
        assert (found.updated_method, found.updated_confidence) == ("metadata", 0.92)

    def test_nothing_found_is_no_doubt(self) -> None:
        found = article(f"{LEAD}\n{MORE}\n{END}")
        values = (found.section, found.url_norm, found.dateline_place, found.updated_at)
        ways = (
            found.section_method,
            found.url_method,
            found.byline_method,
            found.dateline_method,
            found.credits_method,
        )
        doubts = (found.section_confidence, found.url_confidence, found.byline_confidence, found.published_confidence)
        assert set(values + ways + doubts) == {None}

    @pytest.mark.parametrize("name", ["section", "category", "article_section"])
    def test_a_stated_section_goes_before_the_addresss(self, name: str) -> None:
        record = RawRecord("k", 0, 1, {"body": f"{LEAD}\n{MORE}", "url": "https://a.example/sport/x"}, {name: "World"})
        found = cleaned(record)
        assert isinstance(found, CleanRecord)
        assert (found.section, found.section_method) == ("World", "metadata")

    def test_a_list_of_tags_is_no_section(self) -> None:
        found = cleaned(RawRecord("k", 0, 1, {"body": f"{LEAD}\n{MORE}"}, {"category": '["a", "b"]'}))
        assert isinstance(found, CleanRecord) and found.section is None

    def test_a_page_fetched_elsewhere_keeps_its_address_and_tells_its_own(self) -> None:
        html = f'<head><link rel="canonical" href="https://a.example/one"></head><article><p>{LEAD}</p><p>{MORE}</p></article>'
        fetched = cleaned(RawRecord(None, 0, 1, {"url": "https://a.example/two"}, html=html))
        saved = cleaned(RawRecord(None, 0, 1, {}, html=html))
        assert isinstance(fetched, CleanRecord) and isinstance(saved, CleanRecord)
        assert (fetched.url_norm, fetched.url_method) == ("https://a.example/two", "given")
        assert fetched.extra["canonical_url"] == "https://a.example/one"
        assert (saved.url_norm, saved.url_method, saved.url_confidence) == ("https://a.example/one", "page", 0.95)
