"""One JSON value from bytes as they come: marks, bad encodings, control characters, lone surrogates, NaN and abysses."""

import json
import re
from typing import NamedTuple

import orjson

from transforms.read.decode import bom_encoding, decode

# A string, whole or cut off, or a bracket: enough to follow the nesting of a JSON text without parsing it.
TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_BOM = b"\xef\xbb\xbf"


class BadJson(ValueError):
    """A value that cannot be read: `reason_code` is bad_json or too_deep."""

    def __init__(self, reason_code: str, detail: str) -> None:
        super().__init__(detail)
        self.reason_code = reason_code


class Value(NamedTuple):
    """A parsed value and, where the bytes were not UTF-8, how they were read."""

    value: object
    note: str | None


def parse(data: bytes, max_depth: int) -> Value:
    """Parse one JSON value.

    Python's own reader stands behind orjson for what the latter refuses: NaN and infinities (read as null), raw control characters, lone
    surrogates (read as U+FFFD), invalid UTF-8 (decoded by detection). Raises BadJson.
    """
    if data.startswith(_BOM):
        data = data[len(_BOM) :]
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return _parse_leniently(data, max_depth)
    if _depth(value, max_depth) > max_depth:
        raise BadJson("too_deep", f"nested deeper than {max_depth} levels")
    return Value(value, None)


def _parse_leniently(data: bytes, max_depth: int) -> Value:
    text, note = decode(data)
    if nesting(data if bom_encoding(data) is None else text.encode("utf-8")) > max_depth:
        raise BadJson("too_deep", f"nested deeper than {max_depth} levels")
    try:
        value = json.loads(text, strict=False, parse_constant=lambda _: None)
    except ValueError as error:
        raise BadJson("bad_json", str(error)) from error
    return Value(_without_surrogates(value), note)


def nesting(data: bytes) -> int:
    """Return how deep the brackets of a JSON text nest, without parsing it."""
    depth = deepest = 0
    for token in TOKEN.finditer(data):
        first = data[token.start()]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest


def _depth(value: object, stop: int) -> int:
    depth, level = 0, [value]
    while depth <= stop and (level := [v for v in level if isinstance(v, dict | list) and v]):
        depth += 1
        level = [
            child
            for v in level
            for child in (v.values() if isinstance(v, dict) else v)
            if isinstance(child, dict | list)
        ]
    return depth


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_without_surrogates(v) for v in value]
    if isinstance(value, dict):
        return {str(_without_surrogates(k)): _without_surrogates(v) for k, v in value.items()}
    return value
