"""Charts as inline SVG: no script, nothing from outside, readable in print, in grey and by a screen reader.

Every state and grade has a pattern besides its colour, every mark has its number in writing, and every chart has a
title and a description. Colours hold 3:1 against white (WCAG 1.4.11) by fill or by outline.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from hilum.formats.report_markup import Markup, tag
from hilum.formats.report_svg import (
    FIGURE,
    GRID,
    INK,
    LABEL,
    LINE,
    ROW,
    SOFT,
    TONES,
    WIDTH,
    Head,
    block,
    frame,
    label,
    paint,
    text_width,
    ticks,
    words,
)

Place = Callable[[float], float]
_FLOW_HEIGHT = 190.0
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole: its tone, its size, and the words beside it."""

    tone: str
    value: float
    label: str
    figure: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of stacked bars: its label, its parts, and the figure at its end."""

    label: str
    parts: tuple[Part, ...]
    figure: str


@dataclass(frozen=True, slots=True)
class Range:
    """Where a score lies (0 to 100): the median, and the range in which four fifths of the records lie."""

    label: str
    low: float
    middle: float
    high: float
    figure: str


@dataclass(frozen=True, slots=True)
class Whisker:
    """One share (0 to 1) with its 95 % band; ``figure`` stands at the end; ``hollow`` marks too few records."""

    label: str
    share: float
    low: float
    high: float
    figure: str
    hollow: bool = False


def legend(parts: Sequence[tuple[str, str]]) -> Markup:
    """The key of a chart: (tone, word) each. Hidden from screen readers, which have the words in the marks."""
    x, y = 0.0, 0.0
    pieces: list[str] = []
    for tone, word in parts:
        width = 44 + text_width(word)
        if x and x + width > WIDTH:
            x, y = 0.0, y + 22
        pieces += [block(tone, (x + 1, y + 4, 14, 12)), words(x + 21, y + 15, word, fill=SOFT)]
        x += width
    return tag("svg", *pieces, viewBox=f"0 0 {WIDTH} {y + 22:g}", class_="legend", aria_hidden="true")


def stacked(head: Head, bars: Sequence[Bar]) -> Markup:
    """Bars of 100 % each, split into parts."""
    room = WIDTH - LABEL - FIGURE - 24
    pieces: list[str] = []
    for row, bar in enumerate(bars):
        y = row * ROW
        pieces += [label(y, bar.label), *_split(bar.parts, (LABEL + 12, y + 6, room, 18))]
        pieces.append(words(WIDTH, y + 20, bar.figure, anchor="end"))
    return frame(head, len(bars) * ROW + 4, pieces)


def _split(parts: Sequence[Part], box: tuple[float, float, float, float]) -> list[Markup]:
    """Blocks side by side; what is not nothing is at least two units wide, taken from the widest."""
    x, y, room, height = box
    total = sum(part.value for part in parts)
    if not total:
        return [tag("rect", x=x, y=y, width=room, height=height, fill="none", stroke=LINE, stroke_dasharray="3 3")]
    widths = [max(room * part.value / total, 2.0) if part.value else 0.0 for part in parts]
    widths[widths.index(max(widths))] -= sum(widths) - room
    starts = [x, *accumulate(widths, initial=x)][1:]
    return [
        block(part.tone, (start, y, width, height), f"{part.label}: {part.figure}")
        for part, start, width in zip(parts, starts, widths, strict=False)
        if width
    ]


def whiskers(head: Head, rows: Sequence[Whisker], whole: tuple[float, float] | None = None) -> Markup:
    """Shares as dots with their bands, on the part of 0–100 % where they lie (dots, not bars: the axis may be cut).

    ``whole`` is the band of the whole collection, drawn behind as a strip.
    """
    bounds = [(row.low, row.high) for row in rows] + ([whole] if whole else [])
    marks = axis(min(low for low, _ in bounds), max(high for _, high in bounds)) if bounds else [0.0, 1.0]
    room = WIDTH - LABEL - FIGURE - 48
    height = float(len(rows) * ROW)

    def place(share: float) -> float:
        return LABEL + 20 + room * (share - marks[0]) / (marks[-1] - marks[0])

    pieces: list[str] = []
    if whole:
        strip = max(place(whole[1]) - place(whole[0]), 2.0)
        pieces.append(tag("rect", x=place(whole[0]), y=0, width=strip, height=height, fill="#CFE6EB"))
    pieces += ticks(marks, _spelling(marks), place, height)
    for row, one in enumerate(rows):
        pieces += [label(row * ROW, one.label), *_whisker(one, place, row * ROW + 15)]
        pieces.append(words(WIDTH, row * ROW + 20, one.figure, anchor="end"))
    return frame(head, height + 24, pieces)


def axis(low: float, high: float) -> list[float]:
    """Round marks from at or below ``low`` to at or above ``high``, four to eight of them, within 0 and 1."""
    span = max(high - low, 0.004)
    step = next((step for step in _STEPS if span / step <= 6), _STEPS[-1])
    first = max(math.floor(low / step + 1e-9), 0)
    last = min(max(math.ceil(high / step - 1e-9), first + 3), round(1 / step))
    first = max(min(first, last - 3), 0)
    return [round(mark * step, 6) for mark in range(first, last + 1)]


def _spelling(marks: Sequence[float]) -> str:
    return ".0f" if all(abs(mark * 100 - round(mark * 100)) < 1e-6 for mark in marks) else ".1f"


def _whisker(one: Whisker, place: Place, y: float) -> list[Markup]:
    """A line with end marks for the band and a dot for the share."""
    low, high, at = place(one.low), place(one.high), place(one.share)
    stroke, dash = TONES["accepted"].outline, "4 3" if one.hollow else None
    line = f"M{low:.2f} {y - 5}V{y + 5}M{high:.2f} {y - 5}V{y + 5}"
    return [
        tag("line", x1=low, x2=high, y1=y, y2=y, stroke=stroke, stroke_width=1.75, stroke_dasharray=dash),
        tag("path", d=line, stroke=stroke, stroke_width=1.5),
        tag(
            "circle",
            tag("title", f"{one.label}: {one.figure}"),
            cx=at,
            cy=y,
            r=4.5,
            fill="#FFFFFF" if one.hollow else stroke,
            stroke=stroke,
            stroke_width=1.5,
        ),
    ]


def histogram(head: Head, parts: Sequence[Part]) -> Markup:
    """Upright bars side by side, each with its figure above and its label below."""
    top = max((part.value for part in parts), default=0.0)
    step = WIDTH / max(len(parts), 1)
    height = 150.0
    pieces: list[str] = [tag("line", x1=0, x2=WIDTH, y1=height + 20, y2=height + 20, stroke=LINE)]
    for column, part in enumerate(parts):
        middle = step * (column + 0.5)
        tall = max(height * part.value / top, 1.5) if part.value and top else 0.0
        if tall:
            box = (middle - step * 0.36, height + 20 - tall, step * 0.72, tall)
            pieces.append(block(part.tone, box, f"{part.label}: {part.figure}"))
        pieces.append(words(middle, height + 14 - tall, part.figure, anchor="middle"))
        pieces.append(words(middle, height + 38, part.label, anchor="middle", fill=SOFT))
    return frame(head, height + 46, pieces)


def profile(head: Head, rows: Sequence[Range]) -> Markup:
    """Scores side by side on one scale of 0 to 100: the range as a bar, the median as a dot."""
    room = WIDTH - LABEL - FIGURE - 60
    height = float(len(rows) * ROW)

    def place(score: float) -> float:
        return LABEL + 24 + room * score / 100

    pieces: list[str] = []
    for mark in (0, 60, 90, 100):
        x = place(mark)
        pieces.append(tag("line", x1=x, x2=x, y1=0, y2=height, stroke=GRID))
        pieces.append(words(x, height + 17, str(mark), anchor="middle", fill=SOFT))
    for row, one in enumerate(rows):
        y = row * ROW + 15.0
        wide = max(place(one.high) - place(one.low), 2.0)
        tone = TONES["middle"]
        pieces += [
            label(row * ROW, one.label),
            tag("rect", x=place(one.low), y=y - 5, width=wide, height=10, fill=tone.fill, stroke=tone.outline),
            tag("circle", tag("title", one.figure), cx=place(one.middle), cy=y, r=5.5, fill=TONES["good"].outline),
            words(WIDTH, y + 5, one.figure, anchor="end"),
        ]
    return frame(head, height + 24, pieces)


def flow(head: Head, whole: Part, parts: Sequence[Part]) -> Markup:
    """Where everything that came in went: one block on the left, a band to each part on the right."""
    shown = [part for part in parts if part.value]
    total = sum(part.value for part in shown)
    if not total:
        return frame(head, 40, [words(0, 24, f"{whole.label} {whole.figure}", bold=True)])
    tall = [max(_FLOW_HEIGHT * part.value / total, 4.0) for part in shown]
    tall[tall.index(max(tall))] -= sum(tall) - _FLOW_HEIGHT
    gap, x1, x2 = 42.0, 190.0, 540.0
    starts = list(accumulate(tall, initial=0.0))
    ends = [start + gap * row for row, start in enumerate(starts)]
    total_height = _FLOW_HEIGHT + gap * (len(shown) - 1) + 12
    top = (total_height - _FLOW_HEIGHT) / 2
    pieces: list[str] = [
        words(x1 - 30, top + _FLOW_HEIGHT / 2 - 4, whole.label, anchor="end", bold=True),
        words(x1 - 30, top + _FLOW_HEIGHT / 2 + 16, whole.figure, anchor="end"),
        tag("rect", x=x1 - 20, y=top, width=20, height=_FLOW_HEIGHT, fill=INK),
    ]
    for part, start, end, size in zip(shown, starts, ends, tall, strict=False):
        pieces += _band(part, (x1, top + start), (x2, end + 6), size)
    return frame(head, total_height + 14, pieces)


def _band(part: Part, source: tuple[float, float], target: tuple[float, float], size: float) -> list[Markup]:
    """A curved band from the whole to one part, the part's block, and its words."""
    (x1, y1), (x2, y2) = source, target
    middle = (x1 + x2) / 2
    path = (
        f"M{x1} {y1:.2f}C{middle} {y1:.2f} {middle} {y2:.2f} {x2} {y2:.2f}"
        f"V{y2 + size:.2f}C{middle} {y2 + size:.2f} {middle} {y1 + size:.2f} {x1} {y1 + size:.2f}Z"
    )
    line = y2 + max(size / 2, 2)
    return [
        tag("path", d=path, fill=paint(part.tone), fill_opacity=0.42),
        block(part.tone, (x2, y2, 20, size)),
        words(x2 + 30, line - 1, part.label, bold=True),
        words(x2 + 30, line + 16, part.figure, fill=SOFT),
    ]


__all__ = [
    "Bar",
    "Head",
    "Part",
    "Range",
    "Whisker",
    "flow",
    "histogram",
    "legend",
    "profile",
    "stacked",
    "whiskers",
]
