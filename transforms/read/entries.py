"""An XML document as the entries it holds, each refused or handed on by itself."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from xml.etree import ElementTree

from transforms.read.reading import Item, Reading
from transforms.read.refuse import Damaged, refuse
from transforms.read.source import HEAD, Source
from transforms.read.transcode import as_utf8
from transforms.read.xml import Prologue, cut, parse


@dataclass(frozen=True)
class Entry:
    """One entry, parsed: its bytes `data` lie at `start` to `end`; `note` says how its encoding was mended; `head` opens the document."""

    element: ElementTree.Element
    note: str | None
    data: bytes
    start: int
    end: int
    head: bytes


def read_entries(
    source: Source, names: Iterable[str], called: str, how: Reading, made: Callable[[Entry], Item]
) -> Iterator[Item]:
    """Yield what `made` makes of each element of these local names, in order; `called` is the word for one ("an entry").

    Refusals: xml_entities (the document as a whole), bad_xml and record_too_large (an entry), no_records.
    """
    chunks = as_utf8(source)
    first = next(chunks, b"")
    try:
        prologue = Prologue(first[:HEAD])
    except Damaged as error:
        yield refuse(0, len(first) + sum(map(len, chunks)), error.reason_code, str(error), source.head)
        return
    found = False
    for line, whole in cut(chain([first], chunks), names, how.limits.max_record):
        found = True
        if line.data is None:
            yield refuse(
                line.start, line.end, "record_too_large", f"{called} of {line.end - line.start} bytes", line.head
            )
        elif not whole:
            yield refuse(line.start, line.end, "bad_xml", f"the document ends inside {called}", line.data)
        else:
            yield _parsed(line.data, line.start, line.end, prologue, first[:HEAD], made)
    if not found:
        yield refuse(0, len(first), "no_records", f"a document without {called}", source.head)


def _parsed(data: bytes, start: int, end: int, prologue: Prologue, head: bytes, made: Callable[[Entry], Item]) -> Item:
    try:
        element, note = parse(data, prologue)
    except Damaged as error:
        return refuse(start, end, error.reason_code, str(error), data)
    return made(Entry(element, note, data, start, end, head))
