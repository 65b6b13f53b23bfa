"""One JSON value from bytes as they come: marks, bad encodings, control characters, lone surrogates, NaN and abysses."""

import json
import math
import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from transforms.read.decode import bom_encoding, decode

# A string, whole or cut off, or a bracket: enough to follow the nesting of a JSON text without parsing it.
TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_NESTED = frozenset({dict, list})
_KEY_END = re.compile(rb'"\s*:')
_BOM = b"\xef\xbb\xbf"
# What leads each text of a JSON text sequence (RFC 7464).
_RECORD_SEPARATOR = b"\x1e"
_QUOTE, _COLON = b'":'
Places = npt.NDArray[np.int64]


def key_ends(data: bytes) -> Places:
    """Return the places of the colons behind a quote or a blank: never fewer than the keys of JSON texts, more where strings hold such."""
    codes = np.frombuffer(data, np.uint8)
    return np.flatnonzero((codes[1:] == _COLON) & (codes[:-1] <= _QUOTE)) + 1


def plain_object(data: bytes | memoryview, n_key_ends: int, max_depth: int) -> dict[str, object] | None:
    """Return the object that a JSON text is where nothing about it is odd: UTF-8, of no great depth, each key once; else None, and `parse` looks.

    `n_key_ends` is how many `key_ends` it has: more of them than keys, and a text quotes something or a key came twice.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if type(value) is not dict:
        return None
    depth, n_keys = (1, len(value)) if _NESTED.isdisjoint(map(type, value.values())) else _measure(value, max_depth)
    is_plain = depth <= max_depth and (n_keys == n_key_ends or n_keys == len(_KEY_END.findall(data)))
    return value if is_plain else None


class BadJson(ValueError):
    """A value that cannot be read: `reason_code` is bad_json, too_deep or duplicate_key."""

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
    surrogates (read as U+FFFD), invalid UTF-8 (decoded by detection). One key with two values in an object is refused: whichever were
    taken, it would be a guess. Raises BadJson.
    """
    data = data.removeprefix(_BOM).lstrip(_RECORD_SEPARATOR)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return _parse_leniently(data, max_depth)
    depth, n_keys = _measure(value, max_depth)
    if depth > max_depth:
        raise BadJson("too_deep", f"nested deeper than {max_depth} levels")
    # More quotes before colons than keys: a quotation in a text, or a key that came twice.
    if len(_KEY_END.findall(data)) != n_keys:
        _load(data)
    return Value(value, None)


def _parse_leniently(data: bytes, max_depth: int) -> Value:
    text, note = decode(data)
    if nesting(data if bom_encoding(data) is None else text.encode("utf-8")) > max_depth:
        raise BadJson("too_deep", f"nested deeper than {max_depth} levels")
    return Value(_without_surrogates(_load(text)), note)


def _load(text: str | bytes) -> object:
    try:
        return json.loads(
            text, strict=False, parse_constant=lambda _: None, parse_int=_whole_number, object_pairs_hook=_unambiguous
        )
    except BadJson:
        raise
    except ValueError as error:
        raise BadJson("bad_json", str(error)) from error


def _whole_number(digits: str) -> int | str:
    # Python refuses to read integers beyond 4,300 digits, as reading them takes time; such a one stays text.
    return int(digits) if len(digits) <= 100 else digits


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        for key, said in pairs:
            if value[key] != said:
                raise BadJson("duplicate_key", f"the key {key[:80]!r} stands in one object with two values")
    return value


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


def _measure(value: object, stop: int) -> tuple[int, int]:
    """Return how deep a value nests, as far as `stop`, and how many keys its objects have."""
    depth, n_keys, level = 0, 0, [value] if isinstance(value, dict | list) and value else []
    while depth <= stop and level:
        depth += 1
        below: list[dict[str, object] | list[object]] = []
        for each in level:
            if isinstance(each, dict):
                n_keys += len(each)
                each = list(each.values())
            below += [child for child in each if type(child) in _NESTED and child]
        level = below
    return depth, n_keys


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_without_surrogates(v) for v in value]
    if isinstance(value, dict):
        return {str(_without_surrogates(k)): _without_surrogates(v) for k, v in value.items()}
    return value
