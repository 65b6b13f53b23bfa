"""Text that was decoded wrongly before it reached us, and markup escapes left in it."""

import html
import re

# The characters windows-1252 gives to the bytes 80-9F; five of them it leaves undefined, decoders keep those as C1 controls.
_SPECIAL = {bytes([b]).decode("cp1252"): b for b in range(0x80, 0xA0) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_BYTE_OF = _SPECIAL | {chr(b): b for b in range(0x80, 0x100)}
_CONTINUATION = "[\x80-\xbf" + re.escape("".join(_SPECIAL)) + "]"
# UTF-8 read as windows-1252: a lead byte's letter and the right number of continuation bytes' characters.
_LONG = re.compile(f"[\xe2-\xef]{_CONTINUATION}{{2}}|[\xf0-\xf4]{_CONTINUATION}{{3}}")
_SHORT = re.compile(f"[\xc2\xc3]{_CONTINUATION}")
_QUOTES = frozenset("‘’“”‚„–—…•")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")


def repair(text: str) -> tuple[str, int]:
    """Return a text with its mojibake and markup escapes undone, and how many sequences were mojibake.

    Only UTF-8 once read as windows-1252 or Latin-1 is repaired, sequence by sequence. A capital letter before a typographic quote looks the
    same ("CAFÂ”"), so such a pair counts only where the text holds other evidence. Method: Speer, ftfy (2019), reduced to this one case.
    """
    if "&" in text:
        text = _ENTITY.sub(_unescape, text)
    if not _LONG.search(text) and not _SHORT.search(text):
        return text, 0
    text, longs = _LONG.subn(_redecode, text)
    plain = sum(1 for match in _SHORT.finditer(text) if match.group()[1] not in _QUOTES)
    if longs + plain == 0:
        return text, 0
    text, shorts = _SHORT.subn(_redecode, text)
    return text, longs + shorts


def _redecode(match: re.Match[str]) -> str:
    try:
        return bytes(_BYTE_OF[c] for c in match.group()).decode("utf-8")
    except UnicodeDecodeError:
        return match.group()


def _unescape(match: re.Match[str]) -> str:
    # Twice-escaped text ("&amp;quot;") is common in feeds.
    once = html.unescape(match.group())
    return once if once != match.group() else match.group()
