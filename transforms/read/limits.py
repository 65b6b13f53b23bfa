"""How much a reader takes in before it refuses."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds of what is read; sizes in bytes, all of them of decompressed data unless said otherwise."""

    # The longest of 37,554 real articles is a line of 78 kB, the largest of 981 real pages 1.6 MB: one record of 16 MiB is no article.
    max_record: int = 16 * MIB
    # A document that cannot be cut as it streams (a page of messages in another encoding than UTF-8) is held whole.
    max_document: int = 512 * MIB
    # A night of a million pages of 60 KB in one archive is 56 GiB. Counts every layer and member of one file together.
    max_decompressed: int = 64 * 1024 * MIB
    # deflate shrinks 181 real pages 4.5 times in the median and 8.2 at most; its own ceiling is 1,032.
    max_ratio: int = 100
    # Below this a high ratio is harmless and may be an honest small file.
    ratio_grace: int = 16 * MIB
    # Bytes kept aside of a stream that cannot be read twice (a pipe, a member of an archive).
    max_unseekable: int = 512 * MIB
    # Archives inside an archive; a compressed tar is one. 42.zip is six deep, a quine has no end.
    max_nesting: int = 2
    # A night of a million pages as the members of one archive; a zip's directory of so many takes 100 MB.
    max_members: int = 1_000_000
    # Memory a decompressor may claim: 128 MiB is the window of zstd --long=27 and twice what xz -9 asks for.
    max_window: int = 128 * MIB
    # Nesting of one JSON record; parsers and writers down the line give up between 250 and 1,000.
    max_depth: int = 64
    # Parts of one message; a newsletter has three to six, its MIME parser takes time for every part and every level.
    max_parts: int = 200
