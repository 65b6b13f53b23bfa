"""Sets of hashes that are asked for many others: in buckets of eight, which one instruction compares.

A slot a value, with a jump to the next where that is taken, costs a branch that nobody can tell beforehand; here only the few
buckets that are full have one. The method is that of Swiss tables (Benzaquen, Kulukundis 2017), with the bare values for tags.

A table is the address of its first bucket and the number of its buckets less one; whoever made it by `emptied` has to hold the
slots as long. 0 is no value: it is there always.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from transforms.compiled import compiled
from transforms.dedupe.bits import first_bit

Slots = npt.NDArray[Any]
LANES = 8
_NUMBER, _SHORT = ir.IntType(64), ir.IntType(32)
_1, _LANES, _LINE = np.uint64(1), np.uint64(LANES), np.uint64(64)
# What a look says of a full bucket, above what it says of the lanes.
_FULL = np.uint64(1 << LANES)
_EVERY = _FULL - _1


def _lanes(value: Any) -> ir.VectorType:
    return ir.VectorType(ir.IntType(value.bitwidth), LANES)


def _held(builder: Any, table: Any, bucket: Any, value: Any) -> Any:
    start = builder.add(table, builder.mul(bucket, _NUMBER(LANES * value.bitwidth // 8)))
    return builder.load(builder.inttoptr(start, _lanes(value).as_pointer()), align=1)


def _bits(builder: Any, held: Any, sought: Any) -> Any:
    return builder.zext(builder.bitcast(builder.icmp_unsigned("==", held, sought), ir.IntType(LANES)), _NUMBER)


def _look(typing: Any, table: Any, bucket: Any, value: Any) -> Any:
    def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = _held(builder, arguments[0], arguments[1], value)
        one = builder.insert_element(ir.Constant(_lanes(value), ir.Undefined), arguments[2], _SHORT(0))
        every = builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(_SHORT, LANES), [0] * LANES))
        last = builder.extract_element(held, _SHORT(LANES - 1))
        full = builder.icmp_unsigned("!=", last, ir.Constant(last.type, 0))
        return builder.or_(_bits(builder, held, every), builder.shl(builder.zext(full, _NUMBER), _NUMBER(LANES)))

    return types.uint64(types.uint64, types.uint64, value), generated


def _look_for_room(typing: Any, table: Any, bucket: Any, value: Any) -> Any:
    def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _bits(builder, _held(builder, arguments[0], arguments[1], value), ir.Constant(_lanes(value), None))

    return types.uint64(types.uint64, types.uint64, value), generated


def _put(typing: Any, table: Any, slot: Any, value: Any) -> Any:
    def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = builder.add(arguments[0], builder.mul(arguments[1], _NUMBER(value.bitwidth // 8)))
        builder.store(arguments[2], builder.inttoptr(address, ir.IntType(value.bitwidth).as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(types.uint64, types.uint64, value), generated


def _fetch(typing: Any, address: Any) -> Any:
    def generated(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        typed = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, _SHORT, _SHORT, _SHORT])
        fetch = cast(Any, cgutils).get_or_insert_function(builder.module, typed, "llvm.prefetch.p0")
        # To read, to be kept in all caches, data.
        builder.call(fetch, [builder.inttoptr(arguments[0], cgutils.voidptr_t), _SHORT(0), _SHORT(3), _SHORT(1)])
        return context.get_dummy_value()

    return types.void(types.uint64), generated


_looked = cast(Callable[[np.uint64, np.uint64, Any], np.uint64], intrinsic(_look))
_room = cast(Callable[[np.uint64, np.uint64, Any], np.uint64], intrinsic(_look_for_room))
_put_value = cast(Callable[[np.uint64, np.uint64, Any], None], intrinsic(_put))
_fetch_line = cast(Callable[[np.uint64], None], intrinsic(_fetch))


@compiled
def address(values: Slots, at: int) -> np.uint64:
    """Return where in memory a value of an array lies, which the caller has to hold as long."""
    return np.uint64(values.ctypes.data) + np.uint64(at) * np.uint64(values.itemsize)


@compiled
def fetch(start: np.uint64, end: np.uint64) -> None:
    """Ask for the memory from address to address, which is needed soon."""
    while start < end:
        _fetch_line(start)
        start += _LINE


@compiled
def emptied(slots: Slots, count: int) -> tuple[Slots, np.uint64, np.uint64]:
    """Return slots for so many values, all 0, the same ones where they suffice; and the table they are."""
    buckets = 8
    while 2 * buckets < count:
        buckets *= 2
    if LANES * buckets > len(slots):
        slots = np.empty(LANES * buckets, slots.dtype)
    slots[: LANES * buckets] = 0
    return slots, np.uint64(slots.ctypes.data), np.uint64(buckets - 1)


@compiled
def asked(table: np.uint64, mask: np.uint64, value: Any) -> tuple[np.uint64, np.uint64]:
    """Return a bucket and which of its lanes (a bit each) has the value: none where it is not in the table."""
    bucket = np.uint64(value) & mask
    found = _looked(table, bucket, value)
    while found == _FULL:
        bucket = (bucket + _1) & mask
        found = _looked(table, bucket, value)
    return bucket, found & _EVERY


@compiled
def placed(table: np.uint64, mask: np.uint64, value: Any) -> tuple[np.uint64, np.uint64, bool]:
    """Put a value where it is not there yet; return its bucket and lane (a bit), and whether it is new."""
    bucket, found = asked(table, mask, value)
    if found:
        return bucket, found, False
    # The search ended at a bucket that has room.
    lane = first_bit(_room(table, bucket, value))
    _put_value(table, bucket * _LANES + lane, value)
    return bucket, _1 << lane, True
