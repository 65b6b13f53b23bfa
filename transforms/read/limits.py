"""How much a reader takes in before it refuses."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds of what is read; sizes in bytes, all of them of decompressed data unless said otherwise."""

    # Of 37,554 real articles the longest is 0.3 MB and of 181 real pages 2.6 MB: one record of 16 MiB is no article.
    max_record: int = 16 * MIB
    # A JSON document (array) is held whole while its elements are found; larger dumps come as JSON lines.
    max_document: int = 512 * MIB
    # A night of a million pages of 60 KB in one archive is 56 GiB.
    max_decompressed: int = 64 * 1024 * MIB
    # News text compresses 3 to 10 times, templated pages up to 40; deflate's own ceiling is 1,032.
    max_ratio: int = 100
    # Below this a high ratio is harmless and may be an honest small file.
    ratio_grace: int = 16 * MIB
    # Compressed bytes kept in memory for an archive that cannot be read twice (a pipe).
    max_unseekable: int = 512 * MIB
    # Nesting of one JSON record; metadata in the wild stays under 12 levels.
    max_depth: int = 64
