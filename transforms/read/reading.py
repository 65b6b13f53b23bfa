"""What every reader is given besides the bytes: the bounds, the names of fields, and a place for what must be read twice."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from transforms.read.batch import Item as Item
from transforms.read.batch import Table
from transforms.read.fields import FIELDS, FieldNames
from transforms.read.limits import ReadLimits
from transforms.read.source import Source

# What a reader yields: what it finds one by one, or rows of a table as they are.
Part = Item | Table


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file is read. `spool` makes an empty seekable stream for bytes that come only once; by default in memory."""

    limits: ReadLimits = field(default_factory=ReadLimits)
    fields: FieldNames = FIELDS
    spool: Callable[[], BinaryIO] = io.BytesIO


Reader = Callable[[Source, str, Reading], Iterator[Item] | Iterator[Part]]
