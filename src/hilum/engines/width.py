"""How long a text that matches a pattern can be: a look at the length spares most texts the pattern."""

import math

Width = tuple[int, float]

_ANY: Width = (0, math.inf)


def width(pattern: str) -> Width:
    """Fewest and most code points of a match, for the patterns of :mod:`hilum.terms.patterns`.

    What this small reader does not understand may have any length.
    """
    try:
        found, end = _alternatives(pattern, 0)
    except (IndexError, ValueError):
        return _ANY
    return found if end == len(pattern) else _ANY


def _alternatives(text: str, at: int) -> tuple[Width, int]:
    found, at = _sequence(text, at)
    while at < len(text) and text[at] == "|":
        other, at = _sequence(text, at + 1)
        found = (min(found[0], other[0]), max(found[1], other[1]))
    return found, at


def _sequence(text: str, at: int) -> tuple[Width, int]:
    least, most = 0, 0.0
    while at < len(text) and text[at] not in "|)":
        one, at = _item(text, at)
        times, at = _times(text, at)
        least, most = least + one[0] * times[0], most + (one[1] * times[1] if one[1] else 0)
    return (least, most), at


def _item(text: str, at: int) -> tuple[Width, int]:
    if text[at] == "(":
        found, end = _alternatives(text, at + 1)
        if text[end] != ")" or text[at + 1] == "?":
            raise ValueError(text)
        return found, end + 1
    if text[at] == "[":
        end = at + 2 if text[at + 1] != "^" else at + 3
        while text[end] != "]":
            end += 2 if text[end] == "\\" else 1
        return (1, 1), end + 1
    if text[at] in "^$.?*+{":
        raise ValueError(text)
    return (1, 1), at + (2 if text[at] == "\\" else 1)


def _times(text: str, at: int) -> tuple[Width, int]:
    mark = text[at] if at < len(text) else ""
    if mark in "?*+" and mark:
        return {"?": (0, 1), "*": (0, math.inf), "+": (1, math.inf)}[mark], at + 1
    if mark != "{":
        return (1, 1), at
    end = text.index("}", at)
    least, comma, most = text[at + 1 : end].partition(",")
    if not comma:
        return (int(least), int(least)), end + 1
    return (int(least or 0), int(most) if most else math.inf), end + 1
