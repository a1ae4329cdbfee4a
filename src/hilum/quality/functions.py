"""The functions of the rule language: total, and one meaning on every engine.

Each takes a fixed number of arguments and answers NULL for a NULL argument. ``expand`` rewrites a call into plainer
expressions until only :data:`CORE` calls, :class:`~hilum.quality.expression.Match` and
:class:`~hilum.quality.expression.Lookup` are left; engines print or run those and need not know terminologies.

================================  =====================================================================================
``minutes_between(a, b)``         ⌊(b - a) / 60⌋ of two instants; ``hours_between`` and ``days_between`` alike.
                                  ``days_between(0, x)`` is the UTC day of an instant. Two dates are simply subtracted.
``div(a, b)``                     a / b, NULL when b is 0
``abs(x)``, ``floor(x)``          magnitude; the largest whole number not above x
``round_to(x, n)``                ⌊x·10ⁿ + 0.5⌋ / 10ⁿ, n from 0 to 9
``least(a, b)``, ``greatest``     of two numbers (NULL when either is NULL)
``length(t)``                     number of code points
``prefix(t, n)``, ``suffix``      the first or last n code points; the whole text when it is shorter
``part(t, start, n)``             n code points from the 1-based ``start``; NULL unless all of them are there
``starts_with``, ``ends_with``    whether a text begins or ends with another
``concat(a, b)``                  two texts as one
``try_num(t)``                    a plain decimal number of up to 15 + 15 digits and exponent ±43, else NULL
``matches(t, 'name')``            whether the whole text has the form of that name in :mod:`hilum.terms.patterns`
``in_codes(t, 'name')``           whether the text is a code of that set in :mod:`hilum.terms.valuesets`
``unit_dim(u)``, ``same_dim``     the dimension of a unit; whether two units have the same one
``to_unit(x, u, 'v', analyte)``   x in unit u as unit v; the analyte ('' for any, a name or a column) opens molar
                                  conversions
``id_check(t, 'cn_national_id')`` whether an 18-character Chinese citizen number has its check character
                                  (GB 11643-1999: ISO 7064 MOD 11-2)
================================  =====================================================================================
"""

import difflib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache

from hilum.errors import RuleError
from hilum.quality.expression import (
    And,
    Arithmetic,
    Call,
    Case,
    Compare,
    Expr,
    In,
    IsNull,
    Literal,
    Lookup,
    Match,
    Not,
    children,
    rebuilt,
)
from hilum.quality.row import ColumnType
from hilum.terms import patterns, units, valuesets

NUMBER, TEXT, BOOLEAN = ColumnType.NUMBER, ColumnType.TEXT, ColumnType.BOOLEAN
COUNT, DIGITS, NAME = "count", "digits", "name"
"""Arguments that must be constants: a whole number from 1 to 1000, one from 0 to 9, a name in quotes."""

NUMERAL = r"[+-]?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})([eE][+-]?(0?[0-9]|[1-3][0-9]|4[0-3]))?"
"""What ``try_num`` reads: bounded, so that no engine can overflow on it."""

ID_FORM = "[0-9]{17}[0-9X]"
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_DIGITS = tuple((letter, float(value)) for value, letter in enumerate("0123456789X"))
_JOINT = "\x1f"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes (types, or the kinds of constant above) and what it answers."""

    takes: tuple[str, ...]
    gives: str


SIGNATURES: dict[str, Signature] = {
    "minutes_between": Signature((NUMBER, NUMBER), NUMBER),
    "hours_between": Signature((NUMBER, NUMBER), NUMBER),
    "days_between": Signature((NUMBER, NUMBER), NUMBER),
    "div": Signature((NUMBER, NUMBER), NUMBER),
    "abs": Signature((NUMBER,), NUMBER),
    "floor": Signature((NUMBER,), NUMBER),
    "round_to": Signature((NUMBER, DIGITS), NUMBER),
    "least": Signature((NUMBER, NUMBER), NUMBER),
    "greatest": Signature((NUMBER, NUMBER), NUMBER),
    "length": Signature((TEXT,), NUMBER),
    "prefix": Signature((TEXT, COUNT), TEXT),
    "suffix": Signature((TEXT, COUNT), TEXT),
    "part": Signature((TEXT, COUNT, COUNT), TEXT),
    "starts_with": Signature((TEXT, TEXT), BOOLEAN),
    "ends_with": Signature((TEXT, TEXT), BOOLEAN),
    "concat": Signature((TEXT, TEXT), TEXT),
    "try_num": Signature((TEXT,), NUMBER),
    "matches": Signature((TEXT, NAME), BOOLEAN),
    "in_codes": Signature((TEXT, NAME), BOOLEAN),
    "unit_dim": Signature((TEXT,), TEXT),
    "same_dim": Signature((TEXT, TEXT), BOOLEAN),
    "to_unit": Signature((NUMBER, TEXT, NAME, TEXT), NUMBER),
    "id_check": Signature((TEXT, NAME), BOOLEAN),
}

CORE = frozenset(
    {"div", "abs", "floor", "length", "prefix", "suffix", "part", "starts_with", "ends_with", "concat", "try_num"}
)
"""Calls that stay when everything else is expanded: the engines' own share of the language."""

SECONDS = {"minutes_between": 60.0, "hours_between": 3600.0, "days_between": 86400.0}


def check_names(name: str, args: tuple[Expr, ...], place: str) -> None:
    """Raise :class:`RuleError` when a call names a pattern, value set, unit or check that does not exist."""
    if name == "matches":
        _known(_text_of(args[1]), patterns.names(), "predicate_pattern", place)
    elif name == "in_codes":
        _known(_text_of(args[1]), valuesets.names(), "predicate_value_set", place)
    elif name == "id_check":
        _known(_text_of(args[1]), {"cn_national_id"}, "predicate_check", place)
    elif name == "to_unit":
        _known(_text_of(args[2]), units.spellings(), "predicate_unit", place)
        if isinstance(args[3], Literal) and args[3].value:
            _known(_text_of(args[3]), valuesets.members("analyte"), "predicate_analyte", place)


def _known(name: str, names: Collection[str], reason: str, place: str) -> None:
    if name not in names:
        raise RuleError(reason, place=place, name=name, near=nearest(name, names))


def nearest(name: str, names: Iterable[str]) -> str:
    """The name most like ``name``, or the first few when none is like it; for error messages."""
    choices = sorted(names)
    close = difflib.get_close_matches(name.lower(), choices, n=1, cutoff=0.5)
    return close[0] if close else ", ".join(choices[:8]) + (" …" if len(choices) > 8 else "")


def _text_of(expr: Expr) -> str:
    return str(expr.value) if isinstance(expr, Literal) else ""


class _Table(tuple[tuple[str, str | float], ...]):
    """A long table whose hash is worked out once: expressions are looked up by what they are, again and again."""

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("hash")
        if known is None:
            known = self.__dict__["hash"] = super().__hash__()
        return known


@cache
def codes() -> _Table:
    """Every spelling of a unit with its canonical code."""
    return _Table(sorted(units.spellings().items()))


@cache
def conversions(target: str, analyte: str) -> tuple[tuple[str, tuple[float, float]], ...]:
    """(unit code, (factor, offset)) that turn a value in it into ``target``, for one analyte or ("") for any."""
    found = [
        (code, units.conversion(code, target, analyte))
        for codes in _by_dimension()
        if units.conversion(codes[0], target, analyte) is not None
        for code in codes
    ]
    return tuple((code, (float(pair[0]), float(pair[1]))) for code, pair in sorted(found) if pair is not None)


@cache
def _by_dimension() -> tuple[tuple[str, ...], ...]:
    """Unit codes, those of one dimension together: whether a unit can be converted depends on its dimension alone."""
    found: dict[str | None, list[str]] = {}
    for code in sorted(set(units.spellings().values())):
        found.setdefault(units.dimension(code), []).append(code)
    return tuple(map(tuple, found.values()))


@cache
def analyte_conversions(target: str) -> tuple[tuple[str, tuple[float, float]], ...]:
    """(analyte and unit code joined, (factor, offset)), where the analyte makes a difference."""
    plain = dict(conversions(target, ""))
    return tuple(
        (analyte + _JOINT + code, pair)
        for analyte in sorted(valuesets.members("analyte"))
        for code, pair in conversions(target, analyte)
        if plain.get(code) != pair
    )


@cache
def dimensions() -> _Table:
    """(unit code, dimension)."""
    found = ((code, units.dimension(code)) for code in sorted(set(units.spellings().values())))
    return _Table((code, dimension) for code, dimension in found if dimension is not None)


def expand(expr: Expr) -> Expr:
    """``expr`` in terms of the core calls, matches and lookups only; the same meaning."""
    inside = rebuilt(expr, tuple(expand(child) for child in children(expr)))
    if not isinstance(inside, Call) or inside.name in CORE:
        return inside
    if inside.name in SECONDS:
        start, end = inside.args
        return _call("floor", _call("div", Arithmetic("-", end, start), Literal(SECONDS[inside.name])))
    return _EXPANSIONS[inside.name](*inside.args)


def _call(name: str, *args: Expr) -> Call:
    return Call(name, args, SIGNATURES[name].gives)


def _least(left: Expr, right: Expr) -> Expr:
    return Case(((Compare("<=", left, right), left), (Compare(">", left, right), right)), None, NUMBER)


def _greatest(left: Expr, right: Expr) -> Expr:
    return Case(((Compare(">=", left, right), left), (Compare("<", left, right), right)), None, NUMBER)


def _round_to(number: Expr, digits: Expr) -> Expr:
    power = Literal(10.0 ** _number_of(digits))
    return _call("div", _call("floor", Arithmetic("+", Arithmetic("*", number, power), Literal(0.5))), power)


def _number_of(expr: Expr) -> int:
    return int(expr.value) if isinstance(expr, Literal) else 0


def _matches(text: Expr, name: Expr) -> Expr:
    return Match(text, patterns.pattern(_text_of(name)))


def _in_codes(text: Expr, name: Expr) -> Expr:
    return In(text, tuple(sorted(valuesets.members(_text_of(name)))))


def _unit_dim(unit: Expr) -> Expr:
    return Lookup(_code_of(unit), dimensions(), TEXT)


def _code_of(unit: Expr) -> Expr:
    return Lookup(unit, codes(), TEXT)


def _same_dim(left: Expr, right: Expr) -> Expr:
    return Compare("=", _unit_dim(left), _unit_dim(right))


def _to_unit(value: Expr, unit: Expr, target: Expr, analyte: Expr) -> Expr:
    return Arithmetic(
        "+",
        Arithmetic("*", value, _conversion_part(unit, _text_of(target), analyte, 0)),
        _conversion_part(unit, _text_of(target), analyte, 1),
    )


def _conversion_part(unit: Expr, target: str, analyte: Expr, part: int) -> Expr:
    """The factor (part 0) or the offset (part 1) as a function of unit and analyte."""
    code = _code_of(unit)
    if isinstance(analyte, Literal):
        return Lookup(code, _factors(target, str(analyte.value), part), NUMBER)
    plain = Lookup(code, _factors(target, "", part), NUMBER)
    special = _special_factors(target, part)
    if not special:
        return plain
    found = Lookup(_call("concat", _call("concat", analyte, Literal(_JOINT)), code), special, NUMBER)
    return Case(((Not(IsNull(found)), found),), plain, NUMBER)


@cache
def _factors(target: str, analyte: str, part: int) -> _Table:
    return _Table((text, pair[part]) for text, pair in conversions(target, analyte))


@cache
def _special_factors(target: str, part: int) -> _Table:
    return _Table((text, pair[part]) for text, pair in analyte_conversions(target))


def _id_check(text: Expr, _name: Expr) -> Expr:
    """Σ digit·weight + check ≡ 1 (mod 11): then the sum less one is a whole multiple of eleven."""
    total: Expr = Lookup(_part(text, 18), _ID_DIGITS, NUMBER)
    for place, weight in enumerate(ID_WEIGHTS, start=1):
        digit = Lookup(_part(text, place), _ID_DIGITS[:10], NUMBER)
        total = Arithmetic("+", total, Arithmetic("*", digit, Literal(float(weight))))
    less = Arithmetic("-", total, Literal(1.0))
    whole = Arithmetic("*", _call("floor", _call("div", less, Literal(11.0))), Literal(11.0))
    return And((Match(text, ID_FORM), Compare("=", whole, less)))


def _part(text: Expr, place: int) -> Expr:
    return _call("part", text, Literal(float(place)), Literal(1.0))


_EXPANSIONS: dict[str, Callable[..., Expr]] = {
    "least": _least,
    "greatest": _greatest,
    "round_to": _round_to,
    "matches": _matches,
    "in_codes": _in_codes,
    "unit_dim": _unit_dim,
    "same_dim": _same_dim,
    "to_unit": _to_unit,
    "id_check": _id_check,
}
