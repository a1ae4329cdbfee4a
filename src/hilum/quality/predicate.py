"""From rule text to our own expression tree: a closed language in SQL syntax.

Allowed: columns, constants, ``DATE '…'``, ``TIMESTAMP '…Z'``, ``= <> < <= > >=``, ``BETWEEN``, ``IN`` a list,
``IS [NOT] NULL | TRUE | FALSE``, ``AND OR NOT``, ``+ - *``, ``CASE WHEN`` and the functions of
:mod:`hilum.quality.functions`. Everything else (casts, ``/``, ``LIKE``, regular expressions, subqueries, a clock) is
refused, because engines disagree on what it means.

What a text means depends on nothing but the text and the types of the columns it names. A rule set that was read
before therefore comes with its trees (:func:`remember`), and none of its texts is read again.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module

from hilum.quality.expression import MAX_DEPTH, MAX_LENGTH, MAX_LIST, Column, Expr, columns_of, type_of, walk
from hilum.quality.row import ColumnType

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_LIST", "columns_of", "parse", "parse_value", "remember"]

_MOST = 100_000
_Typed = tuple[Expr, str, tuple[tuple[str, str], ...]]
_known: dict[str, list[_Typed]] = {}


def parse(text: str, columns: Mapping[str, str], place: str = "") -> Expr:
    """The predicate ``text`` over ``columns`` (name -> type). Raises :class:`RuleError` naming ``place``."""
    return _remembered(text, columns, ColumnType.BOOLEAN) or _reader()(text, columns, place, ColumnType.BOOLEAN)


def parse_value(text: str, columns: Mapping[str, str], place: str = "") -> Expr:
    """A value expression (a fix's ``set_to``) of any type. Raises :class:`RuleError` naming ``place``."""
    return _remembered(text, columns, "") or _reader()(text, columns, place, "")


def remember(read: Iterable[tuple[str, Expr]]) -> None:
    """Keep what texts mean, so that reading them again costs a look-up. Each pair must be one :func:`parse` gave."""
    if len(_known) > _MOST:
        _known.clear()
    for text, tree in read:
        entry = (tree, type_of(tree), tuple({n.name: n.type for n in walk(tree) if isinstance(n, Column)}.items()))
        others = _known.setdefault(text, [])
        if entry not in others:
            others.append(entry)


def _remembered(text: str, columns: Mapping[str, str], wanted: str) -> Expr | None:
    """The tree of ``text`` where it was read over columns of the same names and types."""
    for tree, type_, needs in _known.get(text, ()):
        if (not wanted or type_ == wanted) and all(columns.get(name) == kind for name, kind in needs):
            return tree
    return None


def _reader() -> Callable[[str, Mapping[str, str], str, str], Expr]:
    reader: Callable[[str, Mapping[str, str], str, str], Expr] = import_module("hilum.quality.predicate_sql").read
    return reader
