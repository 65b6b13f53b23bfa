"""A page's characters where they stand in memory, for compiled loops: one by one, or the first of a kind sixty-four at a time.

Python keeps a text's characters in one, two or four bytes each, whatever its widest needs (PEP 393), so nothing is copied or encoded.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from transforms.compiled import compiled

# Where the characters stand, and how many bytes each takes. It lives no longer than the text it is of.
Characters = tuple[int, int]

_AT_ONCE = 64
_NUMBER, _PLACE = ir.IntType(64), ir.IntType(32)


def _of_text(member: str) -> Callable[[str], int]:
    """Return a compiled function of a text: a number that numba knows of it."""

    def typed(typing: Any, text: Any) -> Any:
        def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            known = getattr(context.make_helper(builder, types.unicode_type, arguments[0]), member)
            return builder.ptrtoint(known, _NUMBER) if member == "data" else builder.sext(known, _NUMBER)

        return types.int64(types.unicode_type), generated

    return cast(Callable[[str], int], intrinsic(typed))


def _character(n_bytes: int) -> Callable[[int], int]:
    """Return a compiled function of an address: the character of so many bytes there. Bounds are the caller's to keep."""

    def typed(typing: Any, address: Any) -> Any:
        def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            where = builder.inttoptr(arguments[0], ir.IntType(8 * n_bytes).as_pointer())
            return builder.zext(builder.load(where), _NUMBER)

        return types.int64(types.int64), generated

    return cast(Callable[[int], int], intrinsic(typed))


def _first_of_many(n_bytes: int) -> Callable[[int, int], int]:
    """Return a compiled function of an address and a character: the first of the `_AT_ONCE` there that it is, or that number."""
    width = ir.IntType(8 * n_bytes)
    block = ir.VectorType(width, _AT_ONCE)

    def typed(typing: Any, address: Any, wanted: Any) -> Any:
        def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            there = builder.load(builder.inttoptr(arguments[0], block.as_pointer()), align=n_bytes)
            one = builder.insert_element(block(ir.Undefined), builder.trunc(arguments[1], width), _PLACE(0))
            all_of_it = builder.shuffle_vector(one, one, ir.VectorType(_PLACE, _AT_ONCE)(None))
            same = builder.bitcast(builder.icmp_unsigned("==", there, all_of_it), _NUMBER)
            return builder.cttz(same, ir.Constant(ir.IntType(1), 0))

        return types.int64(types.int64, types.int64), generated

    return cast(Callable[[int, int], int], intrinsic(typed))


_address, _kind = _of_text("data"), _of_text("kind")
_one_byte, _two_bytes, _four_bytes = _character(1), _character(2), _character(4)
_first_of_ones, _first_of_twos, _first_of_fours = _first_of_many(1), _first_of_many(2), _first_of_many(4)


@compiled
def characters(text: str) -> Characters:
    """Return where a text's characters stand."""
    return _address(text), _kind(text)


@compiled
def character(text: Characters, at: int) -> int:
    """Return the code point of one character; `at` must lie inside."""
    address, width = text
    if width == 1:
        return _one_byte(address + at)
    return _two_bytes(address + 2 * at) if width == 2 else _four_bytes(address + 4 * at)


@compiled
def first(text: Characters, at: int, end: int, wanted: int) -> int:
    """Return where the first `wanted` character (one of ASCII) stands from `at` on, `end` where none does."""
    address, width = text
    while at + _AT_ONCE <= end:
        if width == 1:
            ahead = _first_of_ones(address + at, wanted)
        elif width == 2:
            ahead = _first_of_twos(address + 2 * at, wanted)
        else:
            ahead = _first_of_fours(address + 4 * at, wanted)
        at += ahead
        if ahead < _AT_ONCE:
            return at
    while at < end and character(text, at) != wanted:
        at += 1
    return at
