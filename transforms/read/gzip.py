"""Compressed dumps: read through to the trailer before the first record is believed."""

import gzip
import io
import zlib
from typing import BinaryIO, cast

from transforms.read.limits import ReadLimits
from transforms.read.refuse import refuse
from transforms.read.source import CHUNK, Source
from transforms.records import Rejected


class _Counted(io.RawIOBase):
    """A stream that counts the compressed bytes taken from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.taken += len(data)
        return data


def open_verified(stream: BinaryIO, limits: ReadLimits) -> BinaryIO | Rejected:
    """Return the decompressed stream of a whole, sound archive at the start of a seekable stream, else its refusal.

    The archive is decompressed twice: once to verify lengths and checksums of every member (truncated_gzip, corrupt_gzip) and the bounds
    (compression_bomb), once to read; so no record of a broken archive gets out.
    """
    start = stream.tell()
    counted = _Counted(stream)
    size = 0
    try:
        with gzip.GzipFile(fileobj=cast(BinaryIO, counted), mode="rb") as archive:
            while piece := archive.read(CHUNK):
                size += len(piece)
                if size > limits.max_decompressed or (
                    size > limits.ratio_grace and size > limits.max_ratio * counted.taken
                ):
                    return refuse(0, size, "compression_bomb", f"{counted.taken} bytes became more than {size}")
    except EOFError as error:
        return refuse(0, size, "truncated_gzip", str(error))
    except (gzip.BadGzipFile, zlib.error) as error:
        return refuse(0, size, "corrupt_gzip", str(error))
    stream.seek(start)
    return cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))


def rewound(source: Source, stream: BinaryIO, start: int | None, limits: ReadLimits) -> BinaryIO | Rejected:
    """Return the archive from its first byte as a stream that can be read twice: itself, or a copy in memory where `start` is None.

    A stream that cannot be read twice and is longer than the limit is refused (unseekable_too_large).
    """
    if start is not None:
        stream.seek(start)
        return stream
    copy = io.BytesIO()
    for piece in source.chunks():
        copy.write(piece)
        if copy.tell() > limits.max_unseekable:
            detail = f"an archive of more than {limits.max_unseekable} bytes in a stream that can be read only once"
            return refuse(0, copy.tell(), "unseekable_too_large", detail)
    copy.seek(0)
    return copy
