"""Every format in which people keep raw articles: what its reader yields, with provenance."""

import bz2
import io
import json
import lzma
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import brotli
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from pyarrow import ipc

from tests.reading import (
    all_of,
    http_response,
    packed,
    page_of,
    records_of,
    skipped_of,
    tarred,
    warc_record,
    zipped,
)  # fmt: skip
from transforms.read import FieldNames, Format, Reading, read, resume, sniff
from transforms.records import RawRecord, Rejected
from transforms.tombstone import stated_day, withdrawal

ROWS = [
    {"id": "1", "title": "Port shut", "text": 'Cranes, they said, "stood\nstill".', "date": "2026-03-02"},
    {"id": "2", "title": "Ungewöhnlich", "text": "Ein Satz; noch einer.", "date": "2026-03-01"},
]
CSV = 'id,title,text,date\n1,Port shut,"Cranes, they said, ""stood\nstill"".",2026-03-02\n2,Ungewöhnlich,Ein Satz; noch einer.,2026-03-01\n'


def table() -> pa.Table:
    return pa.Table.from_pylist(ROWS)


def parquet(rows: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(rows, out)
    return out.getvalue()


def arrow(rows: pa.Table, new: Callable[..., pa.RecordBatchFileWriter | pa.RecordBatchStreamWriter]) -> bytes:
    out = io.BytesIO()
    with new(out, rows.schema) as writer:
        writer.write_table(rows)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CSV.encode(), Format.CSV),
        (CSV.encode("utf-16"), Format.CSV),
        (b"\xef\xbb\xbf" + CSV.encode(), Format.CSV),
        (CSV.replace("\n", "\r\n").encode(), Format.CSV),
        (b'url;title;text;date\nx;Port shut;"Cranes, they said, ""stood\nstill"".";y\n', Format.CSV),
        (b"id\ttitle\ttext\n1\tPort\tCranes\n", Format.CSV),
        (b"Title, date and place were set on Monday.\nThe rest, he said, is text.\n", Format.TEXT),
        (parquet(table()), Format.PARQUET),
        (arrow(table(), ipc.new_file), Format.ARROW),
        (arrow(table(), ipc.new_stream), Format.ARROW),
        (warc_record("warcinfo", b"x"), Format.WARC),
        (b'<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//N//EN" "http://e.org/r.dtd">\n<rss/>', Format.FEED),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', Format.FEED),
        (b'<rdf:RDF xmlns:rdf="x"><item/></rdf:RDF>', Format.FEED),
        (b'<urlset xmlns="x"/>', Format.SITEMAP),
        (b'<nitf><head/></nitf>', Format.NITF),
        (b'<newsMessage xmlns="x"/>', Format.NEWSML),
        (b"From a@b.org Mon Mar  2 04:00:00 2026\nFrom: a@b.org\n\nx", Format.MBOX),
        (b'<?xml version="1.0"?><opml version="2.0"><head><title>Feeds</title></head><body><outline/></body></opml>', Format.XML),
        (b"<opml version='2.0'><head><title>Feeds</title></head><body><outline/></body></opml>", Format.XML),
        (b'<?xml version="1.0"?><TEI><text><body><p>Cranes stood still.</p></body></text></TEI>', Format.XML),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Cranes.</p></body></html>', Format.HTML),
        (b'\x1e{"id": 1, "text": "Cranes stood still."}\n\x1e{"id": 2, "text": "Cranes moved."}\n', Format.JSONL),
        (b"sep=;\r\nspalte;wert\r\n1;2\r\n", Format.CSV),
        (b"sep=arated they were, for years.\n", Format.TEXT),
        (b"Received: by mx\nFrom: a@b.org\nSubject: x\n\nHello", Format.MAIL),
        (b"From: our correspondent\nDate: Monday\n\nThe text of a plain file.", Format.TEXT),
        (zipped({"a": b"x"}), Format.ZIP),
        (tarred({"a": b"x"}), Format.TAR),
        (zstandard.compress(b"x"), Format.ZSTD),
        (bz2.compress(b"x"), Format.BZIP2),
        (lzma.compress(b"x"), Format.XZ),
        (b"BZh is how the lab spells it.", Format.BINARY),
    ],
)  # fmt: skip
def test_a_format_is_told_from_content(data: bytes, kind: Format) -> None:
    assert sniff(data) is kind


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        CSV.encode("utf-16"),
        CSV.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + CSV.encode(),
        CSV.replace(",2026", "\t2026").replace("id,title,text,date", "id\ttitle\ttext\tdate").replace("1,P", "1\tP")
        .replace('shut,"', 'shut\t"').replace("2,U", "2\tU").replace("ch,E", "ch\tE").encode(),
        parquet(table()),
        arrow(table(), ipc.new_file),
        arrow(table(), ipc.new_stream),
        json.dumps(ROWS).encode(),
        json.dumps({"status": "ok", "articles": ROWS}, indent=1).encode(),
        "\n".join(map(json.dumps, ROWS)).encode(),
        f"sep=,\n{CSV}".encode(),
        f"\ufeffsep=,\r\n{CSV}".encode(),
        f"sep=,\n{CSV}".encode("utf-16"),
        "".join(f"\x1e{json.dumps(row)}\n" for row in ROWS).encode(),
        "".join(f"\x1e{json.dumps(row, indent=1)}\n" for row in ROWS).encode(),
        json.dumps({"took": 3, "hits": {"total": {"value": 2}, "hits": [{"_index": "n", "_id": "x", "_source": row} for row in ROWS]}}).encode(),
        "\n".join(json.dumps({"_index": "n", "_type": "_doc", "_source": row}) for row in ROWS).encode(),
        json.dumps({"responseHeader": {"status": 0}, "response": {"numFound": 2, "docs": ROWS}}, indent=1).encode(),
    ],
    ids=["csv", "utf-16", "crlf", "bom", "tsv", "parquet", "arrow file", "arrow stream", "array", "wrapped", "jsonl", "csv sep",
         "csv sep bom", "csv sep utf-16", "json-seq", "json-seq spread", "elasticsearch", "elasticdump", "solr"],
)  # fmt: skip
def test_tables_say_the_same_in_every_format(data: bytes) -> None:
    found = records_of(data)
    assert [record.key for record in found] == ["1", "2"]
    assert [record.fields["body"].replace("\r", "") for record in found] == [row["text"] for row in ROWS]
    assert [record.fields["published"] for record in found] == ["2026-03-02", "2026-03-01"]


def test_a_json_feed_is_its_items() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Coast News",
        "items": [
            {"id": "1", "url": "https://coast.example/1", "title": "Port shut", "content_text": "Cranes stood still."},
            {"id": "2", "content_html": "<p>Cranes moved.</p>", "date_published": "2026-03-02", "authors": [{"name": "A. Bee"}]},
        ],
    }  # fmt: skip
    one, two = records_of(json.dumps(feed).encode())
    assert (one.key, one.fields["body"], one.fields["url"]) == ("1", "Cranes stood still.", "https://coast.example/1")
    assert (two.html, two.fields["author"], two.member) == ("<p>Cranes moved.</p>", "A. Bee", "items[1]")


def test_a_hit_without_a_text_is_refused_alone() -> None:
    hits = [{"_id": "a", "_source": {"text": "Cranes stood still."}}, {"_id": "b", "_source": {"views": 3}}]
    record, refusal = all_of(json.dumps({"hits": {"hits": hits}}).encode())
    assert isinstance(record, RawRecord) and (record.key, record.member) == ("a", "hits.hits[0]")
    assert isinstance(refusal, Rejected) and (refusal.reason_code, refusal.member) == ("no_text", "hits.hits[1]")


def test_a_row_of_csv_knows_its_bytes() -> None:
    data = CSV.encode()
    one, two = records_of(data)
    assert data[one.start : one.end].startswith(b"1,Port") and data[one.start : one.end].endswith(b"2026-03-02")
    assert data[two.start : two.end].startswith(b"2,Un") and data[two.end :] == b"\n"


def test_files_put_behind_each_other_keep_one_header() -> None:
    assert [record.key for record in records_of((CSV + CSV.replace("\n1,", "\n3,")).encode())] == ["1", "2", "3", "2"]


@pytest.mark.parametrize(
    "row", [b'9,"He said ""no, sir"" twice",x', b"9,a\\,b,x", b'9,"a \\"quoted\\" word, here",x', b'9,5" pipe,x']
)
def test_a_row_is_read_in_the_ways_tables_are_written(row: bytes) -> None:
    found = all_of(b"id,text,source\n1,one,A\n" + row + b"\n2,two,B\n")
    assert [item.key for item in found if isinstance(item, RawRecord)] == ["1", "9", "2"]


def test_values_of_a_columnar_file_are_text_as_they_print() -> None:
    rows = pa.table(
        {
            "id": pa.array([7], pa.int64()),
            "body": pa.array([b"caf\xe9 au lait"], pa.binary()),
            "date": pa.array([datetime(2026, 3, 2, 4, 5, tzinfo=UTC)], pa.timestamp("ns", "UTC")),
            "authors": [["A", "B"]],
            "publisher": [{"name": "Coast", "logo": None}],
            "tags": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
        }
    )
    (record,) = records_of(parquet(rows))
    assert record.key == "7" and record.fields["body"] == "café au lait" and record.fields["author"] == "A; B"
    assert record.fields["published"].startswith("2026-03-02 04:05:00") and record.fields["source"] == "Coast"
    assert json.loads(record.extra["tags"]) == {"a": 1}


@pytest.mark.parametrize("years", [(1, 9999), (-5000, 20000)])
def test_a_columnar_date_of_any_year_is_text(years: tuple[int, int]) -> None:
    days = pa.array([(year - 1970) * 365 for year in years], pa.int32()).cast(pa.date32())
    rows = pa.table({"id": ["a", "b"], "text": ["x", "y"], "date": days})
    assert all(record.fields["published"] for record in records_of(parquet(rows)))


def test_rows_count_where_bytes_have_no_meaning() -> None:
    assert [(r.start, r.end) for r in records_of(parquet(table()))] == [(0, 1), (1, 2)]


def test_a_user_names_the_fields_of_an_odd_dump() -> None:
    how = Reading(fields=FieldNames({"body": ["_source.brödtext", "inhalt"], "title": ["Rubrik"]}))
    line = {"title": "alias", "Rubrik": "own", "_source": {"brödtext": "Text.", "n": 1}}
    (record,) = records_of(json.dumps(line).encode(), how=how)
    assert record.fields == {"title": "own", "body": "Text."}
    assert json.loads(record.extra["_source"]) == {"brödtext": "Text.", "n": 1} and record.extra["title"] == "alias"
    (row,) = records_of(b"Rubrik;inhalt\nA;Ein Text.\n", how=how)
    assert row.fields == {"title": "A", "body": "Ein Text."}
    with pytest.raises(ValueError, match="there is no field 'boddy'"):
        FieldNames({"boddy": ["x"]})


def test_news_please_is_read_as_it_comes() -> None:
    line = {
        "authors": ["Jane Doe"], "date_download": "2026-03-02 05:00:00", "date_modify": None, "date_publish": "2026-03-02 04:00:00",
        "description": "Lead.", "filename": "x.json", "image_url": "https://e.org/i.png", "language": "en", "localpath": None,
        "maintext": "The text.", "source_domain": "e.org", "title": "T", "title_page": None, "title_rss": None, "url": "https://e.org/a",
    }  # fmt: skip
    (record,) = records_of(json.dumps(line, indent=2).encode())
    assert record.fields == {
        "url": "https://e.org/a", "title": "T", "body": "The text.", "source": "e.org", "published": "2026-03-02 04:00:00",
        "fetched": "2026-03-02 05:00:00", "author": "Jane Doe",
    }  # fmt: skip


PAGE = page_of("The ferry left late.")
CODINGS = {
    "gzip": packed(PAGE),
    "deflate": zlib.compress(PAGE),
    "br": brotli.compress(PAGE),
    "zstd": zstandard.compress(PAGE),
}


@pytest.mark.parametrize(("coding", "body"), CODINGS.items())
def test_a_compressed_response_is_unpacked(coding: str, body: bytes) -> None:
    (record,) = records_of(warc_record("response", http_response(body, Content_Encoding=coding)))
    assert record.html == PAGE.decode()


def test_a_chunked_response_is_put_together_and_one_stored_whole_is_let_be() -> None:
    chunked = b"5\r\n" + PAGE[:5] + b"\r\n" + f"{len(PAGE) - 5:x};x=1\r\n".encode() + PAGE[5:] + b"\r\n0\r\n\r\n"
    for body in (chunked, PAGE):
        (record,) = records_of(warc_record("response", http_response(body, Transfer_Encoding="chunked")))
        assert record.html == PAGE.decode()


def test_a_web_archive_yields_pages_and_counts_the_rest() -> None:
    parts = [
        warc_record("warcinfo", b"software: x"),
        warc_record("request", b"GET / HTTP/1.1\r\n\r\n"),
        warc_record("response", http_response(PAGE)),
        warc_record("response", http_response(b"gone", "404 Not Found"), "https://example.org/b"),
        warc_record("response", http_response(b"\xff\xd8\xff", Content_Type="image/jpeg"), "https://example.org/c.jpg"),
        warc_record("revisit", http_response(b"")),
        warc_record("conversion", "Плановый текст.".encode(), "https://example.org/d"),
    ]
    for data in (b"".join(parts), b"".join(map(packed, parts)), packed(b"".join(parts))):
        page, text = records_of(data)
        assert (
            page.fields == {"url": "https://example.org/a", "fetched": "2026-03-02T04:00:00Z"}
            and page.html == PAGE.decode()
        )
        assert text.fields["body"] == "Плановый текст."
        assert skipped_of(data) == {"warcinfo": 1, "request": 1, "status 404": 1, "image/jpeg": 1, "revisit": 1}
        assert b"".join(parts)[page.start : page.end].endswith(PAGE)


RSS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Coast Gazette</title><link>https://coast.example/</link>
<item><title>Port &amp; quay</title><link>https://coast.example/1</link><guid>g1</guid><description>Short.</description>
<content:encoded><![CDATA[<p>Long text with </item> in it &amp; more.</p>]]></content:encoded><dc:creator>Jane Doe</dc:creator>
<pubDate>Mon, 02 Mar 2026 04:00:00 GMT</pubDate><category>World</category></item>
<item><title>AT&T and R&eacute;sum&eacute;</title><guid>g2</guid><description>Text & more&nbsp;text</description></item>
</channel></rss>"""


def test_a_feed_yields_its_entries_with_their_bytes() -> None:
    one, two = records_of(RSS)
    assert one.key == "g1" and one.fields == {
        "url": "https://coast.example/1", "title": "Port & quay", "body": "<p>Long text with </item> in it &amp; more.</p>",
        "published": "Mon, 02 Mar 2026 04:00:00 GMT", "author": "Jane Doe",
    }  # fmt: skip
    assert one.extra == {"category": "World", "summary": "Short.", "feed_title": "Coast Gazette"}
    assert RSS[one.start : one.end].startswith(b"<item>") and RSS[one.start : one.end].endswith(b"</item>")
    assert two.fields["title"] == "AT&T and Résumé" and two.fields["body"] == "Text & more\xa0text"


def test_a_deleted_entry_of_atom_withdraws_what_it_refers_to() -> None:
    """The example of RFC 6721, section 4, with an entry beside it."""
    feed = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><id>tag:f</id>
    <at:deleted-entry ref="tag:example.org,2005:/entries/1" when="2005-11-29T12:11:12Z"><at:by><name>John Doe</name></at:by>
    <at:comment xml:lang="en">Removed comment spam</at:comment></at:deleted-entry>
    <entry><id>tag:2</id><title>T</title><content>Words.</content></entry>
    <at:deleted-entry ref="tag:3" when="some day"><link href="https://a.example/3"/></at:deleted-entry></feed>"""
    gone, entry, vague = records_of(feed)
    assert (gone.key, dict(gone.fields)) == ("tag:example.org,2005:/entries/1", {})
    assert withdrawal(gone.extra) and stated_day(gone.extra) == "2005-11-29T12:11:12Z"
    assert gone.extra["comment"] == "Removed comment spam"
    assert (entry.key, entry.fields["body"], withdrawal(entry.extra)) == ("tag:2", "Words.", None)
    assert (vague.key, dict(vague.fields)) == ("tag:3", {"url": "https://a.example/3"})
    assert withdrawal(vague.extra) and stated_day(vague.extra) is None


def test_atom_and_news_sitemaps_are_read() -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><id>tag:1</id><title type="html">T</title>
    <link rel="self" href="https://e.org/self"/><link href="https://e.org/1"/><published>2026-03-02T04:00:00Z</published>
    <updated>2026-03-02T05:00:00Z</updated><author><name>Jane</name><uri>https://e.org/jane</uri></author>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Words <b>here</b> go.</p></div></content></entry></feed>"""
    (entry,) = records_of(atom)
    assert entry.key == "tag:1" and entry.fields["url"] == "https://e.org/1" and entry.fields["author"] == "Jane"
    assert (
        entry.fields["body"] == "<div><p>Words <b>here</b> go.</p></div>"
        and entry.fields["updated"] == "2026-03-02T05:00:00Z"
    )
    sitemap = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://e.org/1</loc><news:news><news:publication><news:name>E</news:name><news:language>en</news:language></news:publication>
    <news:publication_date>2026-03-02</news:publication_date><news:title>Headline here</news:title></news:news></url></urlset>"""
    (url,) = records_of(sitemap)
    assert url.fields == {
        "url": "https://e.org/1", "source": "E", "published": "2026-03-02", "title": "Headline here", "body": "Headline here",
    }  # fmt: skip
    assert skipped_of(b"<sitemapindex><sitemap><loc>https://e.org/s.xml</loc></sitemap></sitemapindex>") == {
        "sitemap_link": 1
    }


NITF = b"""<nitf><head><title>T</title><docdata><doc-id id-string="n1"/><date.issue norm="20260302T081500Z"/>
<doc.copyright holder="Meridian"/></docdata></head><body><body.head><hedline><hl1>Port shut</hl1></hedline><byline>By Jane Doe</byline>
<dateline>VARDAL</dateline></body.head><body.content><p>One.</p><p>Two.</p></body.content></body></nitf>"""


def test_the_wires_formats_are_read() -> None:
    (nitf,) = records_of(NITF)
    assert nitf.key == "n1" and nitf.fields == {
        "title": "Port shut", "body": "<p>One.</p><p>Two.</p>", "author": "By Jane Doe", "source": "Meridian", "published": "2026-03-02T08:15:00Z",
    }  # fmt: skip
    g2 = b"""<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet><packageItem guid="p"/>
    <newsItem guid="tag:g2" version="2"><itemMeta><itemClass qcode="ninat:text"/><provider literal="Meridian"/><versionCreated>2026-03-02T09:00:00Z</versionCreated>
    <pubStatus qcode="stat:usable"/></itemMeta><contentMeta><contentCreated>2026-03-02T08:00:00Z</contentCreated><by>Jane Doe</by><headline>Port shut</headline></contentMeta>
    <contentSet><inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Cranes stand &amp; wait.</p></body></html></inlineXML></contentSet></newsItem>
    <newsItem guid="pic"><itemMeta><itemClass qcode="ninat:picture"/></itemMeta></newsItem></itemSet></newsMessage>"""
    (item,) = records_of(g2)
    assert (
        item.key == "tag:g2"
        and item.fields["body"] == "<p>Cranes stand &amp; wait.</p>"
        and item.fields["source"] == "Meridian"
    )
    assert item.extra["pub_status"] == "stat:usable" and skipped_of(g2) == {"packageItem": 1, "picture": 1}


def test_a_table_is_in_one_encoding_however_short_its_cells_are() -> None:
    table = "id,title,text\n1,Ärger,Die Straße ist gesperrt\n2,Öl,Auf der Straße läuft Öl aus\n"
    for encoding in ("latin-1", "cp1252", "utf-8", "utf-16"):
        first, second = records_of(table.encode(encoding), "x.csv")
        assert (first.fields["title"], second.fields["title"]) == ("Ärger", "Öl")
        assert second.fields["body"] == "Auf der Straße läuft Öl aus"
    russian = "id,title,text\n1,Мир,Переговоры о мире начались в столице\n2,Газ,Цены на газ снова выросли за неделю\n"
    assert [each.fields["title"] for each in records_of(russian.encode("cp1251"), "x.csv")] == ["Мир", "Газ"]
    # A row that no table should have is read by itself, in the same encoding.
    ragged = table + "3,Fähre\n4,Flöße,Die Flöße liegen fest\n"
    last = all_of(ragged.encode("latin-1"), "x.csv")[-1]
    assert isinstance(last, RawRecord) and last.fields["title"] == "Flöße"


def test_a_table_whose_lines_end_as_on_an_old_macintosh_is_a_table() -> None:
    table = b"id,title,text\r1,One,The first of two texts\r2,Two,The second of two texts\r"
    assert [each.key for each in records_of(table, "x.csv")] == ["1", "2"]


PLAIN = " ".join(["word"] * 50)
EML = (
    "Received: by mx\r\nMessage-ID: <m1@coast.example>\r\nFrom: =?utf-8?q?K=C3=BCste?= <news@coast.example>\r\nSubject: =?utf-8?b?UG9ydMOp?=\r\n"
    'Date: Mon, 2 Mar 2026 04:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
    f"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nCaf\xe9 {PLAIN}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><p>x</p></html>\r\n--b--\r\n"
).encode("latin-1")


def test_a_newsletter_is_one_record() -> None:
    (mail,) = records_of(EML, "x.eml")
    assert mail.key == "m1@coast.example" and mail.fields["body"].strip() == f"Café {PLAIN}"
    assert (mail.fields["title"], mail.fields["source"]) == ("Porté", "Küste")
    (page,) = records_of(EML.replace(PLAIN.encode(), b"see the page"))
    assert page.html is not None and "<p>x</p>" in page.html


def test_a_box_of_messages_is_cut_at_its_from_lines() -> None:
    box = (
        b"From a@b.org Mon Mar  2 04:00:00 2026\r\n"
        + EML
        + b"\r\nFrom a@b.org Mon Mar  2 05:00:00 2026\r\n"
        + EML.replace(b"m1@", b"m2@")
    )
    found = records_of(box)
    assert [mail.key for mail in found] == ["m1@coast.example", "m2@coast.example"]
    assert box[found[1].start :].startswith(b"From a@b.org Mon Mar  2 05")


def test_a_line_of_a_letter_that_begins_with_from_is_no_new_message() -> None:
    quoted = b"\n\nFrom all of us at the Coast, a happy 2026\n\nThe editors\n"
    box = b"From a@b.org Mon Mar  2 04:00:00 2026\n" + EML + quoted
    (mail,) = records_of(box)
    assert box[mail.start : mail.end].rstrip().endswith(b"The editors")


JSONL = b'{"id": "a", "text": "First."}\n{"id": "b", "text": "Second."}\n'
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": packed, "zst": zstandard.compress, "bz2": bz2.compress, "xz": lzma.compress, "two frames": lambda d: zstandard.compress(d[:30]) + zstandard.compress(d[30:]),
    "two gz": lambda d: packed(d[:30]) + packed(d[30:]) + b"\x00" * 600,
    "zip": lambda d: zipped({"in/it.jsonl": d}), "tar": lambda d: tarred({"./in/it.jsonl": d}),
    "tar.gz": lambda d: packed(tarred({"in/it.jsonl": d})), "zip in tar": lambda d: tarred({"x.zip": zipped({"in/it.jsonl": d})}),
    "gz in zip": lambda d: zipped({"in/it.jsonl": packed(d)}), "gz in tar.zst": lambda d: zstandard.compress(tarred({"it.gz": packed(d)})),
    "gz in gz": lambda d: packed(packed(d)),
}  # fmt: skip


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize(
    "data",
    [JSONL, parquet(table()), CSV.encode(), warc_record("response", http_response(PAGE))],
    ids=["jsonl", "parquet", "csv", "warc"],
)
def test_whatever_it_is_packed_in_two_deep(packer: Callable[[bytes], bytes], data: bytes) -> None:
    plain, found = records_of(data), records_of(packer(data))
    assert [(r.key, r.start, r.end, r.fields, r.html) for r in found] == [
        (r.key, r.start, r.end, r.fields, r.html) for r in plain
    ]


def test_a_member_of_an_archive_is_named_by_its_path() -> None:
    files = {
        "night/001.txt": b"One text.",
        "night/page.html": PAGE,
        "night/page_files/site.js": b"var x = 1;",
        "__MACOSX/._001.txt": b"x",
    }
    for data in (zipped(files), tarred({"night/page.html": PAGE} | files)):
        found = records_of(data)
        assert {(r.key, r.member) for r in found} == {
            ("night/001.txt", "night/001.txt"),
            ("night/page.html", "night/page.html"),
        }
        assert skipped_of(data) == {"page_asset": 2}
    (record,) = records_of(tarred({"x/" * 80 + "long.txt": b"A text."}))
    assert record.member == "x/" * 80 + "long.txt"


def test_reading_goes_on_where_it_had_stopped() -> None:
    first, _second = JSONL.splitlines(keepends=True)
    (record,) = list(resume(io.BytesIO(JSONL), "x", Reading(), len(first)))
    assert isinstance(record, RawRecord) and (record.key, record.start, record.end) == ("b", len(first), len(JSONL) - 1)
    one, two = (
        warc_record("response", http_response(page_of(word)), f"https://e.org/{word}") for word in ("one", "two")
    )
    (page,) = list(resume(io.BytesIO(one + two), "x", Reading(), len(one) - 4))
    assert isinstance(page, RawRecord) and page.fields["url"] == "https://e.org/two" and page.start == len(one)


@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize(
    "data",
    [
        RSS,
        NITF,
        CSV.encode(),
        json.dumps(ROWS).encode(),
        JSONL,
        warc_record("response", http_response(PAGE)),
        tarred({"a.jsonl": JSONL}),
    ],
)
def test_records_are_those_of_the_stream_however_it_comes(data: bytes, size: int) -> None:
    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self._inner = io.BytesIO(data)

        def read(self, n: int = -1) -> bytes:
            return self._inner.read(size)

    assert list(read(Slow(), "dump")) == all_of(data)  # type: ignore[arg-type]
    assert not any(isinstance(item, Rejected) for item in all_of(data))
