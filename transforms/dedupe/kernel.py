"""The inner loops, compiled: from the bytes of a text to its words, its shingles and its figures, each a 64-bit number.

Every number depends on content alone, so that it means the same on every night. Texts are UTF-8; bytes that are not are read as
some character and never beyond the end.
"""

import numpy as np
import numpy.typing as npt

from transforms.compiled import compiled, mixed, sorted_set
from transforms.dedupe.alphabet import APOSTROPHE, CHARACTER, DIGIT, MARK, SEVERAL, SPACELESS, WORD, Letters
from transforms.dedupe.bits import (
    BLOCK,
    Bytes,
    apostrophes,
    byte_at,
    digits,
    e2,
    eight_bytes,
    first_bit,
    four_bytes,
    letters_or_digits,
    not_ascii,
    put,
    x80,
    x99,
)

Hashes = npt.NDArray[np.uint64]

# FNV-1a's basis and prime (Fowler, Noll, Vo), the constants of splitmix64 (Steele, Lea, Flood 2014), the golden ratio.
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_0, _1, _2, _3, _4, _6, _7, _8 = (np.uint64(number) for number in (0, 1, 2, 3, 4, 6, 7, 8))
_24, _27, _31, _33, _37, _63 = (np.uint64(number) for number in (24, 27, 31, 33, 37, 63))
_127, _128 = np.uint64(127), np.uint64(128)
_QUOTE = np.uint64(ord("'"))
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_BLOCK = np.uint64(BLOCK)
# Where a character of three bytes has room in a block.
_WHOLE = np.uint64((1 << (BLOCK - 2)) - 1)
# Sets the bit that small letters and digits have, and capitals lack, in each of eight bytes.
_SMALL = np.uint64(0x2020202020202020)
_CHARACTER, _WORD, _MARK = np.uint64(CHARACTER), np.uint64(WORD), np.uint64(MARK)
_APOSTROPHE, _SPACELESS, _SEVERAL = np.uint64(APOSTROPHE), np.uint64(SPACELESS), np.uint64(SEVERAL)
_DIGIT = np.uint64(DIGIT)
_NO_WORD = (_BASIS, _0, _0)


@compiled
def decoded(at: np.uint64, end: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the character that begins at an address, of a byte from 128 on, and where the next begins."""
    lead = byte_at(at)
    length = _2 if lead < np.uint64(0xE0) else _3 if lead < np.uint64(0xF0) else _4
    if lead < np.uint64(0xC0) or at + length > end:
        return np.uint64(0), at + _1
    point, last = lead & (np.uint64(0xFF) >> (length + _1)), at + length
    at += _1
    while at < last:
        point = (point << _6) | (byte_at(at) & _63)
        at += _1
    return (point if point < np.uint64(0x110000) else np.uint64(0)), last


@compiled
def words_of(data: Bytes, start: int, stop: int, letters: Letters, expansions: Letters, out: Hashes) -> int:
    """Write one hash a word of data[start:stop] to `out`, which has room for half as many as bytes and one; return how many.

    A word's hash is of its folded characters as bytes (`_lengthened`) by eights, the last filled up with zeros; that of a character in
    a script without blanks is of it and the three before it. What is plain ASCII is read a block at a time.
    """
    base = np.uint64(data.ctypes.data)
    at, end, room = base + np.uint64(start), base + np.uint64(stop), base + np.uint64(len(data))
    entries, several = np.uint64(letters.ctypes.data), np.uint64(expansions.ctypes.data)
    first = found = np.uint64(out.ctypes.data)
    while at < end:
        at, found = _plain_words(at, end, room, found)
        if at < end:
            at, found = _any_words(at, end, entries, several, found)
    return int((found - first) >> _3)


@compiled
def _plain_words(at: np.uint64, end: np.uint64, room: np.uint64, found: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Read plain ASCII from address to address, up to what is none or would take looks beyond `room`; return how far it came."""
    while at < end and room - at >= _BLOCK + _8:
        in_words = letters_or_digits(at)
        if end - at < _BLOCK:
            in_words &= (_1 << (end - at)) - _1
        followed = in_words << _1
        odd = not_ascii(at)
        if odd:
            # Quotation marks, dashes and dots of U+2000 to U+203F end words as blanks do; U+2019 is an apostrophe.
            marks = e2(at) & (x80(at) >> _1) & ~(x99(at) >> _2) & _WHOLE
            odd &= ~(marks | (marks << _1) | (marks << _2))
        odd |= apostrophes(at) & followed
        starts, ends = in_words & ~followed, followed & ~in_words
        # Nothing ends where the odd begins.
        ends &= (odd & (~odd + _1)) - _1
        while ends:
            first = first_bit(starts)
            put(found, _plain_word(at + first, first_bit(ends) - first))
            found += _8
            starts &= starts - _1
            ends &= ends - _1
        reached = min(first_bit(starts), first_bit(odd))
        at += reached
        if odd or not reached:
            break
    return min(at, end), found


@compiled
def _plain_word(at: np.uint64, length: np.uint64) -> np.uint64:
    h = _BASIS
    while length >= _8:
        h = mixed(h ^ (eight_bytes(at) | _SMALL))
        at += _8
        length -= _8
    if length:
        h = mixed(h ^ ((eight_bytes(at) | _SMALL) & ((_1 << (length << _3)) - _1)))
    return h


@compiled
def _any_words(
    at: np.uint64, end: np.uint64, entries: np.uint64, expansions: np.uint64, found: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Read character by character, until a word is over and what follows may be plain."""
    word = _NO_WORD
    in_word = waiting = False
    before_1 = before_2 = before_3 = _0
    while at < end:
        point, rows = byte_at(at), 1
        if point < _128:
            at += _1
        else:
            point, at = decoded(at, end)
        entry = four_bytes(entries + (point << _2))
        several = entry & _CHARACTER
        if entry & _SEVERAL:
            rows = 3
        for row in range(rows):
            if rows == 3:
                entry = four_bytes(expansions + ((several * _3 + np.uint64(row)) << _2))
                if entry == 0:
                    break
            character = entry & _CHARACTER
            apart = (entry & _SPACELESS) != 0
            if in_word and entry & _APOSTROPHE and not waiting:
                waiting = True
                continue
            if not apart and (entry & _WORD or (entry & _MARK and in_word and not waiting)):
                if waiting:
                    word = _lengthened(word, _QUOTE)
                    waiting = False
                word = _lengthened(word, character)
                in_word = True
                before_1 = before_2 = before_3 = _0
                continue
            if in_word:
                put(found, _whole(word))
                found += _8
                word = _NO_WORD
                in_word = waiting = False
            if apart:
                gram = (((_BASIS ^ before_3) * _PRIME ^ before_2) * _PRIME ^ before_1) * _PRIME
                put(found, mixed((gram ^ character) * _PRIME))
                found += _8
                before_3, before_2, before_1 = before_2, before_1, character
            else:
                before_1 = before_2 = before_3 = _0
        if not in_word and before_1 == _0 and (at == end or byte_at(at) < _128):
            return at, found
    if in_word:
        put(found, _whole(word))
        found += _8
    return at, found


@compiled
def _lengthened(
    word: tuple[np.uint64, np.uint64, np.uint64], character: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Add a character to a word: its hash up to the last eight bytes, the bytes since, how many bits these are.

    ASCII is a byte; another character three, of which the first has the bit that ASCII lacks.
    """
    h, waiting, bits = word
    plain = character < _128
    many = _8 if plain else _24
    number = character if plain else _128 | (character & _127) | ((character >> _7) << _8)
    waiting |= number << bits
    bits += many
    if bits >= _BLOCK:
        bits -= _BLOCK
        h, waiting = mixed(h ^ waiting), number >> (many - bits)
    return h, waiting, bits


@compiled
def _whole(word: tuple[np.uint64, np.uint64, np.uint64]) -> np.uint64:
    h, waiting, bits = word
    return mixed(h ^ waiting) if bits else h


@compiled
def shingles_of(words: Hashes, count: int, size: int, out: Hashes) -> int:
    """Write one hash per run of `size` words, in text order; return how many (0 where the text is shorter)."""
    made = count - size + 1
    if made < 1:
        return 0
    # Word by word of all runs at once: eight of them take one instruction, where a hash that rolls waits for the one before.
    shingles = out[:made]
    shingles[:] = words[:made]
    for word in range(1, size):
        following = words[word : word + made]
        for i in range(made):
            shingles[i] = shingles[i] * _GOLDEN + following[i]
    for i in range(made):
        shingles[i] = mixed(shingles[i])
    return made


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
def sample_of(shingles: Hashes, count: int, one_in: int, at_least: int, out: Hashes) -> int:
    """Write, ascending, the shingles under 2^64 / one_in, or the `at_least` smallest where those are more; return how many."""
    bound = _ALL // np.uint64(one_in)
    limit = bound
    while True:
        found = 0
        for i in range(count):
            # No branch: nobody could tell which.
            out[found] = shingles[i]
            found += shingles[i] <= limit
        found = sorted_set(out, int(found))
        if found >= at_least or limit == _ALL:
            break
        limit = limit * np.uint64(2) + np.uint64(1) if limit < _ALL // np.uint64(2) else _ALL
    return found if limit == bound else min(at_least, found)


@compiled
def figures_of(data: Bytes, start: int, stop: int, letters: Letters, out: Hashes) -> int:
    """Write one hash a figure (digits with single .,/:- between them), ascending and each once; return how many."""
    base = np.uint64(data.ctypes.data)
    at, end, room = base + np.uint64(start), base + np.uint64(stop), base + np.uint64(len(data))
    entries = np.uint64(letters.ctypes.data)
    count, h, inside, joiner = 0, _BASIS, False, _0
    while at < end:
        # Most blocks have none.
        while not inside and room - at >= _BLOCK and not (digits(at) | not_ascii(at)):
            at += _BLOCK
        if at >= end:
            break
        if not inside and room - at >= _BLOCK:
            at += first_bit(digits(at) | not_ascii(at))
            if at >= end:
                break
        point = byte_at(at)
        if point < _128:
            at += _1
        else:
            point, at = decoded(at, end)
        if four_bytes(entries + (point << _2)) & _DIGIT:
            if joiner:
                h = (h ^ joiner) * _PRIME
                joiner = _0
            h = (h ^ point) * _PRIME
            inside = True
        elif inside:
            # A dash, dot, slash, comma or colon.
            if joiner == 0 and (44 <= point <= 47 or point == 58):
                joiner = point
            else:
                out[count] = mixed(h)
                count += 1
                h, inside, joiner = _BASIS, False, _0
    if inside:
        out[count] = mixed(h)
        count += 1
    return sorted_set(out, int(count))
