"""Which texts are copies of one another: the same words (exact.py), or nearly (near.py), each edge with its evidence."""

from transforms.dedupe.near import NearCopies, NearSettings, near_copies

__all__ = ["NearCopies", "NearSettings", "near_copies"]
