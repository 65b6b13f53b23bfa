"""Dumps made on the spot for the tests of the readers, and the two ways they are looked at."""

import gzip
import io
import tarfile
import zipfile
from collections import Counter
from collections.abc import Mapping

from transforms.read import Reading, ReadLimits, read
from transforms.records import RawRecord, Rejected, Skipped

Found = list[RawRecord | Rejected | Skipped]


def all_of(data: bytes, name: str = "dump", how: Reading | ReadLimits | None = None) -> Found:
    """Everything a reader yields."""
    return list(read(io.BytesIO(data), name, how))


def records_of(data: bytes, name: str = "dump", how: Reading | ReadLimits | None = None) -> list[RawRecord]:
    """The records, where nothing is refused."""
    found = all_of(data, name, how)
    assert not [item for item in found if isinstance(item, Rejected)], found
    return [item for item in found if isinstance(item, RawRecord)]


def reasons_of(data: bytes, how: Reading | ReadLimits | None = None) -> list[str]:
    """The reason of every refusal."""
    return [item.reason_code for item in all_of(data, how=how) if isinstance(item, Rejected)]


def skipped_of(data: bytes) -> Counter[str]:
    """What was passed over."""
    return Counter(item.reason for item in all_of(data) if isinstance(item, Skipped))


def packed(data: bytes) -> bytes:
    """The data as gzip without a time of day in it."""
    return gzip.compress(data, mtime=0)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tarred(files: Mapping[str, bytes], more: list[tarfile.TarInfo] | None = None) -> bytes:
    """A tar of files and of what else the headers say."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in more or []:
            archive.addfile(info)
    return out.getvalue()


def warc_record(
    kind: str, block: bytes, uri: str = "https://example.org/a", length: int | None = None, **more: str
) -> bytes:
    """One record of a WARC; `length` is what it says its block has."""
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{abs(hash_of(block)):032x}>",
        "WARC-Date": "2026-03-02T04:00:00Z",
        "WARC-Target-URI": uri,
        "Content-Type": "application/http; msgtype=response" if kind == "response" else "text/plain",
        "Content-Length": str(len(block) if length is None else length),
    } | more
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return head.encode() + b"\r\n" + block + b"\r\n\r\n"


def hash_of(data: bytes) -> int:
    """A number that is the same in every process."""
    return int.from_bytes(data[:8].ljust(8, b"\x00"), "big") + len(data)


def http_response(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """A stored response; underscores in header names stand for dashes."""
    said = {"Content-Type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return head.encode() + b"\r\n" + body


def page_of(words: str) -> bytes:
    """A page of some words."""
    return f"<!DOCTYPE html><html><head><title>T</title></head><body><p>{words}</p></body></html>".encode()
