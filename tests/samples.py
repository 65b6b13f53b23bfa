"""One small sound dump of every format, for tests and fuzzing that start from what is right."""

import bz2
import io
import lzma

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from pyarrow import ipc

from tests.reading import http_response, packed, page_of, tarred, warc_record, zipped

JSONL = (
    b'{"id": "a", "text": "First \\"said\\": so."}\n{"id": "b", "text": "Second.", "authors": ["X", {"name": "Y"}]}\n'
)
CSV = b'id,title,text\n1,Port,"Cranes, ""stood\nstill"""\n2,Quay,Plain words\n'
RSS = (
    b'<?xml version="1.0" encoding="utf-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>C</title>'
    b"<item><title>A &amp; B</title><guid>g</guid><description><![CDATA[<p>x</p>]]></description><dc:creator>J</dc:creator></item>"
    b"<item><title>AT&T</title><description>R&eacute;</description></item></channel></rss>"
)
ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>t</id><title>T</title><content type="xhtml"><div>W <b>h</b></div></content></entry></feed>'
SITEMAP = b'<urlset xmlns:n="x"><url><loc>https://e.org/1</loc><n:news><n:title>Head</n:title></n:news></url></urlset>'
NITF = b'<nitf><head><docdata><doc-id id-string="n"/><date.issue norm="20260302T081500Z"/></docdata></head><body><body.content><p>One.</p></body.content></body></nitf>'
NEWSML = b'<newsMessage xmlns="n"><packageItem/><newsItem guid="g"><headline>H</headline><inlineXML><html><body><p>x</p></body></html></inlineXML></newsItem></newsMessage>'
MAIL = (
    b'Received: by mx\r\nMessage-ID: <m@e.org>\r\nFrom: =?utf-8?q?K=C3=BC?= <n@e.org>\r\nSubject: S\r\nMIME-Version: 1.0\r\n'
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nText here\r\n--b\r\n'
    b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+eDwvcD4=\r\n--b--\r\n"
)  # fmt: skip
MBOX = b"From a@b.org Mon Mar  2 04:00:00 2026\r\n" + MAIL + b"\r\nFrom a@b.org Mon Mar  2 05:00:00 2026\r\n" + MAIL
WARC = b"".join(
    [
        warc_record("warcinfo", b"x"),
        warc_record("response", http_response(page_of("one"))),
        warc_record("response", http_response(packed(page_of("two")), Content_Encoding="gzip"), "https://e.org/2"),
        warc_record("response", http_response(b"5\r\n<p>ab\r\n0\r\n\r\n", Transfer_Encoding="chunked"), "https://e.org/3"),
        warc_record("conversion", b"Plain text.", "https://e.org/4"),
    ]
)  # fmt: skip
_ROWS = pa.table({"id": ["1", "2"], "text": ["One.", "Two."], "tags": [["a"], []], "n": [1, None]})


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(_ROWS, out, write_page_checksum=True)
    return out.getvalue()


def _arrow(is_file: bool) -> bytes:
    out = io.BytesIO()
    with (ipc.new_file if is_file else ipc.new_stream)(out, _ROWS.schema) as writer:
        writer.write_table(_ROWS)
    return out.getvalue()


SAMPLES: dict[str, bytes] = {
    "text": "WASHINGTON: Zwei Sätze. So.\n".encode(), "utf16": "Ein Satz mit Wörtern.".encode("utf-16"), "html": page_of("words"),
    "jsonl": JSONL, "json": b'[{"id": 1, "text": "a]"},\n {"id": 2, "text": "b"}]', "wrapped": b'{\n"articles": [{"text": "a"}]\n}',
    "csv": CSV, "tsv": b"id\ttext\n1\tOne\n", "rss": RSS, "atom": ATOM, "sitemap": SITEMAP, "nitf": NITF, "newsml": NEWSML,
    "mail": MAIL, "mbox": MBOX, "warc": WARC, "warc.gz": packed(WARC[:400]) + packed(WARC[400:]),
    "warc members": b"".join(map(packed, (warc_record("response", http_response(page_of(w))) for w in ("a", "b", "c")))),
    "parquet": _parquet(), "arrow file": _arrow(True), "arrow stream": _arrow(False),
    "gz": packed(JSONL), "zst": zstandard.compress(JSONL), "bz2": bz2.compress(JSONL), "xz": lzma.compress(JSONL),
    "zip": zipped({"a.jsonl": JSONL, "b/c.txt": b"Text."}), "tar": tarred({"a.jsonl": JSONL, "long/" * 30 + "c.txt": b"Text."}),
    "tar.gz": packed(tarred({"a.csv": CSV})), "gz in zip": zipped({"a.gz": packed(JSONL)}),
}  # fmt: skip
