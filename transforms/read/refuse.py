"""The one way a reader refuses bytes."""

from transforms.records import Rejected

PREVIEW_CHARACTERS = 200


def refuse(start: int, end: int, reason_code: str, detail: str, data: bytes = b"") -> Rejected:
    """Return the refusal of bytes [start, end) at stage `read`, with at most 200 characters of them."""
    text = data[: PREVIEW_CHARACTERS * 4].decode("utf-8", "replace")
    preview = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)[:PREVIEW_CHARACTERS]
    return Rejected(start, end, "read", reason_code, detail, preview)
