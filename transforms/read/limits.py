"""How much a reader takes in before it refuses."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds of what is read; sizes in bytes, all of them of decompressed data unless said otherwise."""

    # The longest of 37,554 real articles is a line of 78 kB, the largest of 981 real pages 1.6 MB: one record of 16 MiB is no article.
    max_record: int = 16 * MIB
    # A JSON document (array) is held whole while its elements are found; larger dumps come as JSON lines.
    max_document: int = 512 * MIB
    # A night of a million pages of 60 KB in one archive is 56 GiB.
    max_decompressed: int = 64 * 1024 * MIB
    # deflate shrinks 181 real pages 4.5 times in the median and 8.2 at most; its own ceiling is 1,032.
    max_ratio: int = 100
    # Below this a high ratio is harmless and may be an honest small file.
    ratio_grace: int = 16 * MIB
    # Compressed bytes kept in memory for an archive that cannot be read twice (a pipe).
    max_unseekable: int = 512 * MIB
    # Nesting of one JSON record; parsers and writers down the line give up between 250 and 1,000.
    max_depth: int = 64
