"""Archives of files: zip and tar, member by member, none of them ever written to a disk under its own name."""

import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from lzma import LZMAError
from typing import BinaryIO, NamedTuple, cast

from transforms.read.limits import ReadLimits
from transforms.read.reading import Item, Reading
from transforms.read.refuse import Damaged, refuse
from transforms.read.saved import is_asset, is_furniture, page_stem, page_stems
from transforms.read.source import CHUNK, Source
from transforms.records import Rejected, Skipped

_BLOCK = tarfile.BLOCKSIZE
# The record that ends a zip (APPNOTE 4.3.16): 22 bytes and a comment of at most 64 KiB; disk entries, entries, size of the directory.
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL = 22 + 65_535
# What a zip's directory may say of a member at most: 46 bytes, a name, extra fields.
_DIRECTORY_ENTRY = 512
_ENCRYPTED = 0x1
_LONG_NAMES = {
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
}
_HEADER_LIMIT = 1 << 20
_ZIP_ERRORS = (zipfile.BadZipFile, EOFError, zlib.error, LZMAError, OSError, ValueError, struct.error, RuntimeError)


class Member(NamedTuple):
    """One file of an archive: its path in it and its bytes, to be read before the next member is asked for."""

    name: str
    stream: BinaryIO


@dataclass
class Budget:
    """What all members of one archive may take together."""

    limits: ReadLimits
    n_members: int = 0
    n_bytes: int = 0

    def one_more(self) -> None:
        """Count a member. Raises Damaged (too_many_members)."""
        self.n_members += 1
        if self.n_members > self.limits.max_members:
            raise Damaged("too_many_members", f"an archive of more than {self.limits.max_members} files")

    def spend(self, n_bytes: int) -> None:
        """Count decompressed bytes. Raises Damaged (compression_bomb)."""
        self.n_bytes += n_bytes
        if self.n_bytes > self.limits.max_decompressed:
            raise Damaged("compression_bomb", f"the members hold more than {self.limits.max_decompressed} bytes")


def in_member(item: Item, name: str) -> Item:
    """Say of a record or refusal in which member it lies."""
    if isinstance(item, Skipped):
        return item
    return replace(item, member=f"{name}/{item.member}" if item.member else name)


def _refusal(name: str, linked: bool) -> Rejected | None:
    """Return the refusal of a member that is a link, or whose path leads out of the archive's folder."""
    steps = name.replace("\\", "/").split("/")
    if linked:
        return replace(refuse(0, 0, "archive_link", "a link in an archive; what it points to is not read"), member=name)
    if not name or ".." in steps or name.startswith(("/", "\\")) or steps[0].endswith(":") or "\x00" in name:
        return replace(refuse(0, 0, "unsafe_path", f"a member's path leads elsewhere: {name[:120]!r}"), member=name)
    return None


def zip_members(source: Source, how: Reading, budget: Budget) -> Iterator[Member | Item]:
    """Yield the files of a zip, each verified against its checksum before it is read.

    Refusals: truncated_zip, corrupt_zip, encrypted, archive_link, unsafe_path, unsupported_format, compression_bomb, too_many_members.
    """
    stream = source.rewound(how.spool, how.limits.max_unseekable)
    _check_directory(stream, how.limits)
    try:
        archive = zipfile.ZipFile(stream)
    except _ZIP_ERRORS as error:
        raise Damaged("corrupt_zip", str(error)) from error
    with archive:
        infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
        stems = page_stems(info.filename for info in infos)
        for info in infos:
            budget.one_more()
            linked = stat.S_ISLNK(info.external_attr >> 16)
            if is_furniture(info.filename) or is_asset(info.filename, stems):
                yield Skipped("page_asset")
            elif (refused := _refusal(info.filename, linked) or _verify(archive, info, budget)) is not None:
                yield refused
            else:
                with archive.open(info) as member:
                    yield Member(_tidy(info.filename), cast(BinaryIO, _Forward(member.read)))


def _check_directory(stream: BinaryIO, limits: ReadLimits) -> None:
    """Raise Damaged where a zip has no directory (truncated_zip), or one beyond bounds (too_many_members): zipfile reads it whole."""
    start = stream.tell()
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(start, size - _ZIP_TAIL))
    tail = stream.read(_ZIP_TAIL)
    stream.seek(start)
    found = tail.rfind(_ZIP_END)
    if found < 0 or len(tail) < found + 22:
        raise Damaged("truncated_zip", "the file ends before the directory of the archive")
    directory = int.from_bytes(tail[found + 12 : found + 16], "little")
    # Zip64 says its sizes elsewhere, and the directory is never larger than what lies before its end.
    directory = size if directory == 0xFFFFFFFF else directory
    if directory > limits.max_members * _DIRECTORY_ENTRY:
        raise Damaged("too_many_members", f"an archive with a directory of {directory} bytes")


def _verify(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> Rejected | None:
    """Decompress a member to its end; return its refusal where that fails."""
    limits, size = budget.limits, 0
    if info.flag_bits & _ENCRYPTED:
        return replace(refuse(0, 0, "encrypted", "a member of the archive needs a password"), member=info.filename)
    try:
        with archive.open(info) as member:
            while piece := member.read(CHUNK):
                size += len(piece)
                budget.spend(len(piece))
                if size > limits.ratio_grace and size > limits.max_ratio * max(info.compress_size, 1):
                    raise Damaged("compression_bomb", f"{info.compress_size} bytes became more than {size}")
    except Damaged as error:
        return replace(refuse(0, size, error.reason_code, str(error)), member=info.filename)
    except NotImplementedError as error:
        return replace(
            refuse(0, size, "unsupported_format", f"a compression that is not read: {error}"), member=info.filename
        )
    except _ZIP_ERRORS as error:
        return replace(refuse(0, size, "corrupt_zip", str(error) or type(error).__name__), member=info.filename)
    return None


def tar_members(source: Source, how: Reading, budget: Budget) -> Iterator[Member | Item]:
    """Yield the files of a tar as it streams; what a reader leaves of one is passed over.

    tarfile itself ends silently at a damaged header; here it is refused (corrupt_tar), as is an archive without its end mark
    (truncated_tar). Other refusals: archive_link, unsafe_path, unsupported_format, compression_bomb, too_many_members.
    """
    blocks = _Blocks(source)
    overrides: dict[str, str] = {}
    stems: set[str] = set()
    while (info := _next_header(blocks)) is not None:
        budget.one_more()
        if info.type in _LONG_NAMES:
            overrides |= _long_names(info, blocks)
            continue
        name = overrides.get("path", info.name)
        size = int(overrides["size"]) if overrides.get("size", "").isdecimal() else info.size
        overrides = {}
        if info.isdir():
            continue
        budget.spend(size)
        if (stem := page_stem(name)) is not None:
            stems.add(stem)
        if is_furniture(name) or is_asset(name, stems):
            yield Skipped("page_asset")
        elif (refused := _refusal(name, info.issym() or info.islnk())) is not None:
            yield refused
        elif not info.isreg() or info.type == tarfile.GNUTYPE_SPARSE:
            yield replace(refuse(0, 0, "unsupported_format", "neither file, folder nor link"), member=name)
        else:
            yield Member(_tidy(name), blocks.file(size))
            blocks.skip_rest()
            if blocks.is_over:
                return
            continue
        blocks.skip(size)


def _tidy(name: str) -> str:
    return name.removeprefix("./")


class _Blocks:
    """A stream of 512-byte blocks, and the file within it that is being read."""

    def __init__(self, source: Source) -> None:
        self._chunks = source.chunks()
        self._buffer = b""
        self._left = self._padding = 0
        # The stream ended inside a file, which its reader was told.
        self.is_over = False

    def take(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end of the stream."""
        while len(self._buffer) < size and (piece := next(self._chunks, b"")):
            self._buffer += piece
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def file(self, size: int) -> BinaryIO:
        """Return the next `size` bytes as a stream; the padding behind them belongs to it."""
        self._left, self._padding = size, -size % _BLOCK
        return cast(BinaryIO, _Forward(self._read))

    def skip_rest(self) -> None:
        """Pass over what was not read of the file under way."""
        while self._left:
            self._read(CHUNK)
        self.take(self._padding)

    def skip(self, size: int) -> None:
        """Pass over a file."""
        self.file(size)
        self.skip_rest()

    def _read(self, size: int) -> bytes:
        piece = self.take(min(size, self._left, CHUNK))
        if self._left and not piece:
            self._left, self.is_over = 0, True
            raise Damaged("truncated_tar", "the archive ends inside this file")
        self._left -= len(piece)
        return piece


class _Forward(io.RawIOBase):
    """A stream that can only be read on."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            return b"".join(iter(lambda: self._read(CHUNK), b""))
        return self._read(size)


def _next_header(blocks: _Blocks) -> tarfile.TarInfo | None:
    block = blocks.take(_BLOCK)
    if len(block) < _BLOCK:
        raise Damaged("truncated_tar", "the archive ends without its end mark")
    if not block.strip(b"\x00"):
        return None
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except (tarfile.HeaderError, ValueError) as error:
        raise Damaged("corrupt_tar", f"a damaged header: {error}; what follows it can't be found") from error
    if info.size < 0:
        raise Damaged("corrupt_tar", f"a file of {info.size} bytes")
    return info


def _long_names(info: tarfile.TarInfo, blocks: _Blocks) -> dict[str, str]:
    """Return path and size of the next member as an extended header (POSIX pax, GNU) says them."""
    if info.size > _HEADER_LIMIT:
        raise Damaged("corrupt_tar", f"an extended header of {info.size} bytes")
    data = blocks.take(info.size)
    blocks.take(-info.size % _BLOCK)
    if info.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": data.rstrip(b"\x00").decode("utf-8", "replace")}
    if info.type not in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
        return {}
    found: dict[str, str] = {}
    while data:
        length, _, rest = data.partition(b" ")
        if not length.isdigit() or not 0 < int(length[:10]) <= len(data):
            raise Damaged("corrupt_tar", "a damaged extended header")
        key, _, value = rest[: int(length) - len(length) - 1].rstrip(b"\n").partition(b"=")
        if key in (b"path", b"size"):
            found[key.decode("ascii")] = value.decode("utf-8", "replace")
        data = data[int(length) :]
    return found
