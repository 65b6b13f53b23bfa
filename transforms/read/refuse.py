"""The one way a reader refuses bytes, and what it raises where a stream turns out to be broken on the way."""

from transforms.records import Rejected

PREVIEW_CHARACTERS = 200


class Damaged(ValueError):
    """Bytes that end too soon, fail their checksum or grow beyond all bounds; `reason_code` says which."""

    def __init__(self, reason_code: str, detail: str) -> None:
        super().__init__(detail)
        self.reason_code = reason_code


def refuse(start: int, end: int, reason_code: str, detail: str, data: bytes = b"") -> Rejected:
    """Return the refusal of bytes [start, end) at stage `read`, with at most 200 characters of them."""
    text = data[: PREVIEW_CHARACTERS * 4].decode("utf-8", "replace")
    preview = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)[:PREVIEW_CHARACTERS]
    return Rejected(start, end, "read", reason_code, detail, preview)
