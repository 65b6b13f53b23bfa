"""Which texts are copies of one another: by their words, counted one by one, each edge with its evidence.

alphabet, bits and kernel read words; signatures are what a text leaves behind; candidates meet by these; overlap compares them in full;
edges are judged together and make the groups.
"""

from transforms.dedupe.near import NearCopies, near_copies, near_copies_of
from transforms.dedupe.settings import NearSettings

__all__ = ["NearCopies", "NearSettings", "near_copies", "near_copies_of"]
