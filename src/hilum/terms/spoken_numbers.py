"""Numbers in Chinese words and with Chinese multipliers: 十二, 三百二十, 二点五, 1.2万.

A word is read when it is the one way to write its number, else not: 三百二 is 320 to some and 302 to others.
"""

import re
from fractions import Fraction

_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_CLOTHES = str.maketrans("〇○两萬億壹贰叁肆伍陆柒捌玖拾佰仟點負", "零零二万亿一二三四五六七八九十百千点负")
_WORDS = re.compile(r"(负?)([零一二三四五六七八九十百千万亿]+)(?:点([零一二三四五六七八九]+))?")
_SCALED = re.compile(r"([+-]?\d+(?:\.\d+)?) ?(百万|千万|万|亿|千)", re.ASCII)
_SCALES = {"千": 1000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}
_SHORT = re.compile(r"(?:.*[百千万])[一二三四五六七八九]")


def chinese_number(text: str) -> float | None:
    """The number ``text`` says in words (``十二``) or with a Chinese multiplier (``1.2万``), or ``None``."""
    scaled = _SCALED.fullmatch(text)
    if scaled:
        return float(Fraction(scaled[1]) * _SCALES[scaled[2]])
    found = _WORDS.fullmatch(text.translate(_CLOTHES))
    if found is None:
        return None
    whole = _said(found[2])
    if whole is None or spelled(whole) != _usual(found[2]):
        return None
    digits = "".join(str(_DIGITS[letter]) for letter in found[3] or "")
    value = float(f"{whole}.{digits or 0}")
    return -value if found[1] else value


def digits_of(text: str) -> str | None:
    """``二〇二四`` as ``2024``: digit by digit, or ``None``."""
    said = [str(_DIGITS[letter]) for letter in text.translate(_CLOTHES) if letter in _DIGITS]
    return "".join(said) if said and len(said) == len(text) else None


def short_readings(text: str) -> tuple[int, ...]:
    """Both numbers a shortened word may stand for: ``三百二`` is 320 or 302."""
    said = text.translate(_CLOTHES)
    if not _SHORT.fullmatch(said):
        return ()
    unit = _TENS.get(said[-2]) or _MYRIADS[said[-2]]
    rest, last = _said(said[:-1]), _DIGITS[said[-1]]
    return (rest + last * unit // 10, rest + last) if rest is not None else ()


def spelled(number: int) -> str:
    """The usual Chinese word of a whole number below 10^12."""
    if number == 0:
        return "零"
    words, gap = "", False
    for unit in ("亿", "万", ""):
        size = _MYRIADS.get(unit, 1)
        part, number = divmod(number, size)
        if part:
            gap = gap or (bool(words) and part < 1000)
            words += ("零" if gap and words else "") + _below_myriad(part) + unit
            gap = False
        else:
            gap = bool(words)
    return _usual(words)


def _below_myriad(number: int) -> str:
    words, gap = "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, size)
        if digit:
            words += ("零" if gap and words else "") + "零一二三四五六七八九"[digit] + unit
            gap = False
        else:
            gap = True
    return words


def _usual(words: str) -> str:
    return words[1:] if words.startswith("一十") else words


def _said(words: str) -> int | None:
    """What the word comes to, loosely; whether it is written the usual way is for :func:`spelled` to say."""
    total, part, digit, fresh = 0, 0, 0, True
    for letter in words:
        if letter in _DIGITS:
            if not fresh and digit:
                return None
            digit, fresh = _DIGITS[letter], False
        elif letter in _TENS:
            part += (digit or 1) * _TENS[letter]
            digit, fresh = 0, True
        else:
            total = (total + part + digit) * _MYRIADS[letter] if letter == "亿" else total + (part + digit) * 10_000
            part, digit, fresh = 0, 0, True
    found = total + part + digit
    return found if found < 10**12 else None
