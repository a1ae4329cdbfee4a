"""Tables and figures of the report: headers tied to their cells, scrolled by keyboard where the page is narrow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hilum.formats.report_markup import Markup, join, tag


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head and the class of its cells (``number``: set right)."""

    head: str
    look: str = ""


Row = Sequence[str]


def table(caption: str, columns: Sequence[Column], rows: Iterable[Row], look: str = "") -> Markup:
    """A table whose first column names its rows."""
    head = tag("tr", *[tag("th", one.head, scope="col", class_=one.look or None) for one in columns])
    body = [tag("tr", *_cells(columns, row)) for row in rows]
    drawn = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_=look or None)
    return tag("div", drawn, class_="scroll", tabindex=0, role="group", aria_label=caption)


def _cells(columns: Sequence[Column], row: Row) -> list[Markup]:
    cells = []
    for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
        if place == 0:
            cells.append(tag("th", cell, scope="row", class_=column.look or None))
        else:
            cells.append(tag("td", cell, class_=column.look or None))
    return cells


def figure(caption: str, *drawings: Markup) -> Markup:
    """A chart with its caption and key; its numbers stand in a table beside it."""
    held = tag("div", *drawings, class_="draw", tabindex=0, role="group", aria_label=caption)
    return tag("figure", tag("figcaption", caption), held)


def badge(look: str, said: str) -> Markup:
    """A word on a tint: the colour only repeats what the word says."""
    return tag("span", said, class_=f"badge {look}")


def small(*said: str) -> Markup:
    """A quieter line under a cell's main words."""
    return tag("small", *said)


def paragraphs(*said: str) -> Markup:
    return join(tag("p", one) for one in said)
