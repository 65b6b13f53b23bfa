"""Texts of the same words in the same order: case and punctuation aside, one text."""

from collections.abc import Mapping


def same_words(wordings: Mapping[str, bytes]) -> dict[str, str]:
    """Return text_id -> the smallest text_id of the same wording.

    `wordings` maps text_id to a digest of the text's plain words; an empty digest (a text without words) equals nothing.
    """
    smallest: dict[bytes, str] = {}
    for text_id in sorted(wordings):
        smallest.setdefault(wordings[text_id], text_id)
    return {text_id: smallest[digest] if digest else text_id for text_id, digest in wordings.items()}
