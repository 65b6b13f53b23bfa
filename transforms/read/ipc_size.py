"""How large an Arrow stream says it becomes, told from its messages before anything of them is decompressed.

A message is metadata, a flatbuffer, and a body of buffers; a compressed buffer begins with the bytes it becomes, as eight bytes, -1 where
it is stored plain (Arrow columnar format, "Serialization and Interprocess Communication"; Message.fbs).
"""

import struct
from typing import Any

from pyarrow import ipc

_BATCHES = frozenset({"record batch", "dictionary"})
# Fields of the tables of Message.fbs, by their place.
_HEADER, _DATA, _BUFFERS, _COMPRESSION = 2, 1, 2, 3


def claimed(stream: Any) -> tuple[int, int]:
    """Return the bytes that all buffers of an IPC stream (behind its magic, where it is a file) say they hold, and its record batches.

    Raises what pyarrow raises for a damaged stream, and struct.error for metadata that points nowhere.
    """
    whole = n_batches = 0
    for message in ipc.MessageReader.open_stream(stream):
        if message.type in _BATCHES:
            whole += _of_message(bytes(message.metadata), message.body, message.type)
            n_batches += message.type == "record batch"
    return whole, n_batches


def _of_message(metadata: bytes, body: Any, kind: str) -> int:
    root = _offset(metadata, 0)
    batch = _field(metadata, root, _HEADER)
    if kind == "dictionary" and batch:
        batch = _field(metadata, batch, _DATA)
    if not batch:
        return 0
    buffers, is_compressed = _field(metadata, batch, _BUFFERS), _field(metadata, batch, _COMPRESSION) > 0
    if not buffers:
        return 0
    (count,) = struct.unpack_from("<I", metadata, buffers)
    whole = 0
    for place in range(buffers + 4, buffers + 4 + 16 * count, 16):
        start, length = struct.unpack_from("<qq", metadata, place)
        (said,) = struct.unpack_from("<q", body, start) if is_compressed and length else (-1,)
        whole += length if said < 0 else said
    return whole


def _offset(data: bytes, place: int) -> int:
    (distance,) = struct.unpack_from("<I", data, place)
    return place + int(distance)


def _field(data: bytes, table: int, number: int) -> int:
    """Return where the table or vector begins that a field of a table points to; 0 where the field is absent."""
    (back,) = struct.unpack_from("<i", data, table)
    vtable = table - back
    (size,) = struct.unpack_from("<H", data, vtable)
    if 4 + 2 * number + 2 > size:
        return 0
    (at,) = struct.unpack_from("<H", data, vtable + 4 + 2 * number)
    return _offset(data, table + at) if at else 0
