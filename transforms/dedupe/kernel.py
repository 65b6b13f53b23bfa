"""The inner loops, compiled: from the bytes of a text to its words, its shingles and its figures, each a 64-bit number.

Every number depends on content alone, so that it means the same on every night. Texts are UTF-8; bytes that are not are read as
some character and never beyond the end.
"""

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled, mixed
from transforms.dedupe.alphabet import APOSTROPHE, CHARACTER, DIGIT, MARK, SEVERAL, SPACELESS, WORD, Letters

Hashes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

# FNV-1a's basis and prime (Fowler, Noll, Vo), the constants of splitmix64 (Steele, Lea, Flood 2014), the golden ratio.
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_1, _27, _31, _33, _37 = np.uint64(1), np.uint64(27), np.uint64(31), np.uint64(33), np.uint64(37)
_QUOTE = np.uint64(ord("'"))
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@compiled
def decoded(data: Bytes, at: np.uint64, end: np.uint64) -> tuple[np.int64, np.uint64]:
    """Return the character that begins at a byte from 128 on, and where the next begins."""
    lead = np.int64(data[at])
    length = np.uint64(2) if lead < 0xE0 else np.uint64(3) if lead < 0xF0 else np.uint64(4)
    if lead < 0xC0 or at + length > end:
        return np.int64(0), at + _1
    point, last = lead & (0xFF >> (np.int64(length) + 1)), at + length
    at += _1
    while at < last:
        point = (point << 6) | (np.int64(data[at]) & 0x3F)
        at += _1
    return (point if point < 0x110000 else np.int64(0)), last


@compiled
def words_of(data: Bytes, start: int, stop: int, letters: Letters, expansions: Letters, out: Hashes) -> int:
    """Write one hash a word of data[start:stop] to `out`, which has room for half as many as bytes and one; return how many."""
    at, end, count, h = np.uint64(start), np.uint64(stop), 0, _BASIS
    in_word = waiting = False
    before_1 = before_2 = before_3 = np.uint64(0)
    while at < end:
        rows = 1
        entry = np.int64(letters[data[at]]) if data[at] < 128 else np.int64(0)
        if entry & WORD:
            if waiting:
                h = (h ^ _QUOTE) * _PRIME
                waiting = False
            before_1 = before_2 = before_3 = np.uint64(0)
            # Most characters of most texts pass here.
            while entry & WORD:
                h = (h ^ np.uint64(entry & CHARACTER)) * _PRIME
                at += _1
                if at == end or data[at] > 127:
                    break
                entry = np.int64(letters[data[at]])
            in_word = entry != 0
            if not in_word:
                out[count] = mixed(h)
                count += 1
                h = _BASIS
                at += _1
            continue
        if data[at] < 128:
            at += _1
        else:
            point, at = decoded(data, at, end)
            entry = np.int64(letters[point])
            if entry & SEVERAL:
                rows = 3
        several = entry & CHARACTER
        for row in range(rows):
            if rows == 3:
                entry = np.int64(expansions[several, row])
                if entry == 0:
                    break
            character = np.uint64(entry & CHARACTER)
            apart = (entry & SPACELESS) != 0
            if in_word and entry & APOSTROPHE and not waiting:
                waiting = True
                continue
            if not apart and (entry & WORD or (entry & MARK and in_word and not waiting)):
                if waiting:
                    h = (h ^ _QUOTE) * _PRIME
                    waiting = False
                h = (h ^ character) * _PRIME
                in_word = True
                before_1 = before_2 = before_3 = np.uint64(0)
                continue
            if in_word:
                out[count] = mixed(h)
                count += 1
                h = _BASIS
                in_word = waiting = False
            if apart:
                gram = (((_BASIS ^ before_3) * _PRIME ^ before_2) * _PRIME ^ before_1) * _PRIME
                out[count] = mixed((gram ^ character) * _PRIME)
                count += 1
                before_3, before_2, before_1 = before_2, before_1, character
            else:
                before_1 = before_2 = before_3 = np.uint64(0)
    if in_word:
        out[count] = mixed(h)
        count += 1
    return count


@compiled
def shingles_of(words: Hashes, count: int, size: int, out: Hashes) -> int:
    """Write one hash per run of `size` words, in text order; return how many (0 where the text is shorter)."""
    if count < size:
        return 0
    leaving = np.uint64(1)
    for _ in range(size):
        leaving *= _GOLDEN
    rolling = np.uint64(0)
    for i in range(count):
        rolling = rolling * _GOLDEN + words[i]
        if i >= size:
            rolling -= words[i - size] * leaving
        if i >= size - 1:
            out[i - size + 1] = mixed(rolling)
    return count - size + 1


@compiled
def digest_of(words: Hashes, count: int) -> tuple[np.uint64, np.uint64]:
    """Return 128 bits of the words in their order; zeros where there are none."""
    if count == 0:
        return np.uint64(0), np.uint64(0)
    one, other = _BASIS, _GOLDEN
    for i in range(count):
        one = (((one << _27) | (one >> _37)) ^ words[i]) * _MIX_1
        other = (((other << _31) | (other >> _33)) + words[i]) * _MIX_2
    return mixed(one), mixed(other ^ np.uint64(count))


@compiled
def sorted_set(values: Hashes, count: int) -> int:
    """Sort the first `count` values in place, each once; return how many that are."""
    if count > 48:
        values[:count].sort()
    else:
        for i in range(1, count):
            value, j = values[i], i
            while j > 0 and values[j - 1] > value:
                values[j] = values[j - 1]
                j -= 1
            values[j] = value
    kept = 0
    for i in range(count):
        if i == 0 or values[i] != values[kept - 1]:
            values[kept] = values[i]
            kept += 1
    return kept


@compiled
def sample_of(shingles: Hashes, count: int, one_in: int, at_least: int, out: Hashes) -> int:
    """Write, ascending, the shingles under 2^64 / one_in, or the `at_least` smallest where those are more; return how many."""
    bound = _ALL // np.uint64(one_in)
    limit = bound
    while True:
        found = 0
        for i in range(count):
            if shingles[i] <= limit:
                out[found] = shingles[i]
                found += 1
        found = sorted_set(out, found)
        if found >= at_least or limit == _ALL:
            break
        limit = limit * np.uint64(2) + np.uint64(1) if limit < _ALL // np.uint64(2) else _ALL
    return found if limit == bound else min(at_least, found)


@compiled
def figures_of(data: Bytes, start: int, stop: int, letters: Letters, out: Hashes) -> int:
    """Write one hash a figure (digits with single .,/:- between them), ascending and each once; return how many."""
    at, end, count, h = np.uint64(start), np.uint64(stop), 0, _BASIS
    inside, joiner = False, np.int64(0)
    while at < end:
        byte = np.int64(data[at])
        if byte < 128:
            point = byte
            at += _1
            if not inside and (byte < 48 or byte > 57):
                continue
        else:
            point, at = decoded(data, at, end)
        if letters[point] & DIGIT:
            if joiner:
                h = (h ^ np.uint64(joiner)) * _PRIME
                joiner = np.int64(0)
            h = (h ^ np.uint64(point)) * _PRIME
            inside = True
        elif inside:
            # A dash, dot, slash, comma or colon.
            if joiner == 0 and (44 <= point <= 47 or point == 58):
                joiner = point
            else:
                out[count] = mixed(h)
                count += 1
                h, inside, joiner = _BASIS, False, np.int64(0)
    if inside:
        out[count] = mixed(h)
        count += 1
    return sorted_set(out, count)
