"""The marks a chart is drawn from: patterned blocks, words, axes, and the frame a screen reader reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hilum.formats.report_markup import Markup, tag

WIDTH = 900
"""Width of every chart in user units; the page scales it."""
ROW = 30
LABEL = 236
"""Width kept for row labels, left."""
FIGURE = 176
"""Width kept for figures, right."""
INK, SOFT, LINE, GRID = "#17242F", "#4F5D6A", "#7F8C98", "#DFE5EA"


@dataclass(frozen=True, slots=True)
class Tone:
    """How a part is painted: fill, outline and pattern (``solid``, ``hatch``, ``cross``, ``dots``)."""

    fill: str
    outline: str
    pattern: str = "solid"


TONES = {
    "accepted": Tone("#0E7490", "#0B5A70"),
    "held": Tone("#F3C76B", "#854800", "hatch"),
    "rejected": Tone("#D9534A", "#8F1B14", "cross"),
    "refused": Tone("#A9B4BD", "#4F5D6A", "dots"),
    "history": Tone("#E6EBEF", "#5F6D79", "dots"),
    "good": Tone("#0E7490", "#0B5A70"),
    "middle": Tone("#A8D3DD", "#0B5A70", "hatch"),
    "poor": Tone("#D9534A", "#8F1B14", "cross"),
}


NOTHING = "nothing"
"""A tone that is not painted: room left free."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a chart is called and says, for eyes and for screen readers; ``id`` is unique in the page."""

    id: str
    title: str
    description: str


def frame(head: Head, height: float, pieces: Sequence[str]) -> Markup:
    """The whole chart: an image with a title and a description."""
    return tag(
        "svg",
        tag("title", head.title, id=f"{head.id}-title"),
        tag("desc", head.description, id=f"{head.id}-desc"),
        *pieces,
        id=head.id,
        viewBox=f"0 0 {WIDTH} {height:g}",
        role="img",
        aria_labelledby=f"{head.id}-title {head.id}-desc",
        class_="chart",
    )


def patterns() -> Markup:
    """The patterns behind the tones; stands once in a page."""
    drawn = [_pattern(name, tone) for name, tone in TONES.items() if tone.pattern != "solid"]
    return tag("svg", tag("defs", *drawn), width=0, height=0, aria_hidden="true", class_="defs")


def _pattern(name: str, tone: Tone) -> Markup:
    ground = tag("rect", width=6, height=6, fill=tone.fill)
    if tone.pattern == "dots":
        marks = [tag("circle", cx=3, cy=3, r=1, fill=tone.outline)]
    else:
        strokes = ["M0 6L6 0"] if tone.pattern == "hatch" else ["M0 6L6 0", "M0 0L6 6"]
        marks = [tag("path", d=stroke, stroke=tone.outline, stroke_width=1) for stroke in strokes]
    return tag("pattern", ground, *marks, id=f"tone-{name}", width=6, height=6, patternUnits="userSpaceOnUse")


def paint(name: str) -> str:
    """The ``fill`` of a tone."""
    tone = TONES[name]
    return tone.fill if tone.pattern == "solid" else f"url(#tone-{name})"


def block(tone: str, box: tuple[float, float, float, float], told: str = "") -> Markup:
    """A rectangle (x, y, width, height) in a tone; ``told`` shows when pointed at."""
    x, y, width, height = box
    if tone == NOTHING:
        return Markup()
    words = [tag("title", told)] if told else []
    outline = TONES[tone].outline
    return tag(
        "rect", *words, x=x, y=y, width=width, height=height, fill=paint(tone), stroke=outline, stroke_width=0.75
    )


def words(x: float, y: float, said: str, *, anchor: str = "start", fill: str = INK, bold: bool = False) -> Markup:
    """A line of text at its base line."""
    weight = "600" if bold else None
    return tag("text", said, x=x, y=y, text_anchor=anchor, fill=fill, font_weight=weight)


def label(y: float, said: str) -> Markup:
    """A row's label, shortened to the room there is; the whole of it shows when pointed at."""
    shown = shorten(said, LABEL - 4)
    told = [tag("title", said)] if shown != said else []
    return tag("text", *told, shown, x=0, y=y + 20, fill=INK)


def text_width(said: str, size: float = 14.0) -> float:
    """About how wide a text is: East Asian letters a full square, others a little over half of one."""
    return sum(size if ord(letter) >= 0x2E80 else size * 0.56 for letter in said)


def shorten(said: str, room: float) -> str:
    """``said``, cut with an ellipsis where it does not fit."""
    if text_width(said) <= room:
        return said
    kept = said
    while kept and text_width(kept + "…") > room:
        kept = kept[:-1]
    return kept + "…"


def ticks(marks: Sequence[float], spell: str, place: Callable[[float], float], height: float) -> list[Markup]:
    """Grid lines at ``marks`` (0 to 1), written as per cent below; ``spell`` is a format like ``.1f``."""
    drawn = []
    for mark in marks:
        x = place(mark)
        drawn.append(tag("line", x1=x, x2=x, y1=0, y2=height, stroke=GRID))
        drawn.append(words(x, height + 17, f"{mark * 100:{spell}}%", anchor="middle", fill=SOFT))
    return drawn
