"""Sixty-four bytes of text at a time: which are letters or digits, as the bits of one number.

What Python has no word for and every processor an instruction: loads from any byte, comparisons of many bytes at once. The
method is that of simdjson (Langdale, Lemire 2019): first bits, then jumps from bit to bit. Processors are little-endian.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

Bytes = npt.NDArray[np.uint8]
BLOCK = 64
_BYTE, _NUMBER = ir.IntType(8), ir.IntType(64)
_BYTES = ir.VectorType(_BYTE, BLOCK)


def _looking(made: Callable[[Any, Any], Any], read: ir.Type) -> Callable[[np.uint64], np.uint64]:
    """Return a compiled function of an address: a number made of what is `read` there. Bounds are the caller's to keep.

    Of an address and no array: counting who holds an array would take longer than the look.
    """

    def typed(typing: Any, address: Any) -> Any:
        def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            found = made(builder, builder.load(builder.inttoptr(arguments[0], read.as_pointer()), align=1))
            return builder.zext(found, _NUMBER)

        return types.uint64(types.uint64), generated

    return cast(Callable[[np.uint64], np.uint64], intrinsic(typed))


def _every(byte: int) -> ir.Constant:
    return ir.Constant(_BYTES, [_BYTE(byte)] * BLOCK)


def _between(builder: Any, block: Any, first: int, last: int) -> Any:
    return builder.icmp_unsigned("<=", builder.sub(block, _every(first)), _every(last - first))


def _letters_or_digits(builder: Any, block: Any) -> Any:
    # Capitals differ from small letters in the bit of 0x20.
    letters = _between(builder, builder.or_(block, _every(0x20)), ord("a"), ord("z"))
    return builder.bitcast(builder.or_(letters, _between(builder, block, ord("0"), ord("9"))), _NUMBER)


def _digits(builder: Any, block: Any) -> Any:
    return builder.bitcast(_between(builder, block, ord("0"), ord("9")), _NUMBER)


def _not_ascii(builder: Any, block: Any) -> Any:
    return builder.bitcast(_between(builder, block, 0x80, 0xFF), _NUMBER)


def _byte(value: int) -> Callable[[Any, Any], Any]:
    return lambda builder, block: builder.bitcast(_between(builder, block, value, value), _NUMBER)


letters_or_digits = _looking(_letters_or_digits, _BYTES)
digits = _looking(_digits, _BYTES)
apostrophes, e2, x80, x99 = (_looking(_byte(value), _BYTES) for value in (ord("'"), 0xE2, 0x80, 0x99))
not_ascii = _looking(_not_ascii, _BYTES)
byte_at, four_bytes, eight_bytes = (
    _looking(lambda builder, number: number, ir.IntType(8 * many)) for many in (1, 4, 8)
)


def _of_number(made: Callable[[Any, Any], Any]) -> Callable[[np.uint64], np.uint64]:
    def typed(typing: Any, bits: Any) -> Any:
        return types.uint64(types.uint64), lambda context, builder, signature, arguments: made(builder, arguments[0])

    return cast(Callable[[np.uint64], np.uint64], intrinsic(typed))


# How many bits are 0 before the first that is 1 (64 where none is), and how many are 1.
first_bit = _of_number(lambda builder, bits: builder.cttz(bits, ir.Constant(ir.IntType(1), 0)))
bits_set = _of_number(lambda builder, bits: builder.ctpop(bits))


def _put(typing: Any, address: Any, number: Any) -> Any:
    def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], builder.inttoptr(arguments[0], _NUMBER.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64), generated


# Write a number to an address.
put = cast(Callable[[np.uint64, np.uint64], None], intrinsic(_put))
