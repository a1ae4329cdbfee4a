"""HTML and SVG as text that is escaped by construction: only :func:`tag` and :func:`join` make markup."""

from collections.abc import Iterable
from html import escape

_VOID = frozenset({"meta", "br", "hr", "col", "img", "link"})


class Markup(str):
    """Text that is markup already; every other string is escaped where it is put in."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | float | None) -> Markup:
    """An element. ``class_`` and ``aria_label`` become ``class`` and ``aria-label``; ``None`` leaves one out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[str]) -> Markup:
    """Parts one after the other, escaped unless they are markup."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part, quote=False) for part in parts))


def _value(value: str | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
