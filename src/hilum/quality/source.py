"""Python source of an expression: the gate's way to run rules, written from our own tree and nothing else.

An expression that can be TRUE, FALSE or NULL is written twice: ``truth`` is truthy exactly when it is TRUE and
``falsity`` exactly when it is FALSE. Three-valued logic then needs no third value at run time, and a rule that passes
costs a test or two. Constants are never spelt into the source, they stand in the namespace.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import cast

from hilum.quality.expression import (
    And,
    Arithmetic,
    Call,
    Case,
    Column,
    Compare,
    Expr,
    In,
    IsNull,
    Literal,
    Lookup,
    Match,
    Not,
    Or,
    columns_of,
    in_domain,
    type_of,
    walk,
)
from hilum.quality.functions import ID_FORM, ID_WEIGHTS, NUMERAL, SECONDS, expand
from hilum.quality.loading import Loader, as_number, to_doubles
from hilum.quality.row import ColumnType

_PYTHON = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITE = {"=": "!=", "<>": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_BUILTINS = {
    "abs": abs,
    "len": len,
    "float": float,
    "map": map,
    "str": str,
    "type": type,
    "Exception": Exception,
    "OverflowError": OverflowError,
}
_FEW = {
    ColumnType.NUMBER: (
        "{0} is not None and ({0}.__class__ is not float or not 1e-60 <= {0} <= 1e60)",
        "as_number({0})",
    ),
    ColumnType.TEXT: ("{0}.__class__ is not str", "None"),
    ColumnType.BOOLEAN: ("{0} is not True and {0} is not False", "None"),
}
_EMPTY: frozenset[str] = frozenset()

_numeral = re.compile(NUMERAL, re.ASCII).fullmatch
_citizen = re.compile(ID_FORM, re.ASCII).fullmatch


def read_number(text: str) -> float | None:
    """``try_num``."""
    return float(text) if _numeral(text) else None


def is_citizen_number(text: str) -> bool:
    """``id_check(…, 'cn_national_id')``."""
    if not _citizen(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[17]


class Writer:
    """Writes source and gathers the names it needs. One writer per generated function."""

    def __init__(self, exprs: Iterable[Expr] = ()) -> None:
        seen = Counter(node for expr in exprs for node in walk(expr) if _is_work(node))
        self._repeated = {node for node, times in seen.items() if times > 1}
        self._once: dict[Expr, str] = {}
        self._steps: list[str] = []
        self.names: dict[str, object] = {
            "__builtins__": _BUILTINS,
            "floor": math.floor,
            "in_domain": in_domain,
            "as_number": as_number,
            "to_doubles": to_doubles,
            "read_number": read_number,
            "is_citizen_number": is_citizen_number,
        }
        self.locals: dict[str, str] = {}
        self._types: dict[str, str] = {}
        self._temporaries = 0
        self._shared: dict[object, str] = {}

    # columns and constants -------------------------------------------------------------------------------------
    def column(self, column: Column) -> str:
        self._types[column.name] = column.type
        return self.locals.setdefault(column.name, f"c{len(self.locals)}")

    def constant(self, value: object, key: object = None) -> str:
        if value.__class__ is float:
            return repr(value)  # finite, and read back exactly
        shared = key if key is not None else (type(value).__name__, value)
        if shared not in self._shared:
            self._shared[shared] = f"k{len(self._shared)}"
            self.names[self._shared[shared]] = value
        return self._shared[shared]

    def loads(self, indent: str) -> list[str]:
        """Statements that bring every column used so far into a local, typed and in the domain."""
        if not self.locals:
            return []
        names, types = list(self.locals), [self._types[name] for name in self.locals]
        loader = Loader(names, types)
        self.names |= {"columns": names, "learn": loader.learn, "seen": loader.patterns.get}
        numbers = [local for name, local in self.locals.items() if self._types[name] == ColumnType.NUMBER]
        lines = [
            "values = [*map(get, columns)]",
            "whole = seen((*map(type, values),))",
            "if whole is None: whole = learn(values, bad)",
            "try:",
            "    for place in whole: values[place] = float(values[place])",
            "except OverflowError: to_doubles(values, whole)",
            f"{', '.join(self.locals.values())}, = values",
            *(f"if {n} is not None and not 1e-60 <= {n} <= 1e60: {n} = in_domain({n})" for n in numbers),
        ]
        return [indent + line for line in lines]

    def few_loads(self, indent: str) -> list[str]:
        """The same for a function of a few columns: a value that is not of its column's type is just NULL."""
        lines = ["get = row.get"]
        for name, local in self.locals.items():
            test, remedy = _FEW[self._types[name]]
            lines += [
                f"{local} = get({self.constant(name)})",
                f"if {test.format(local)}: {local} = {remedy.format(local)}",
            ]
        return [indent + line for line in lines]

    def steps(self, indent: str) -> list[str]:
        """Statements that compute what several conditions need, once. One that fails breaks the rules that read it."""
        return [indent + line for line in self._steps]

    def _shared_value(self, expr: Expr) -> str:
        if expr not in self._once:
            self._repeated.discard(expr)  # its own definition is written out
            source = self.value(expr)
            name = self._once[expr] = f"s{len(self._once)}"
            reads = self.constant(sorted(columns_of(expr)), ("reads", expr))
            self._steps += ["try:", f"    {name} = {source}", "except Exception:", f"    {name} = bad.extend({reads})"]
        return self._once[expr]

    # values ----------------------------------------------------------------------------------------------------
    def value(self, expr: Expr) -> str:
        """Source of a number, text or truth value, ``None`` for NULL."""
        if expr in self._once or expr in self._repeated:
            return self._shared_value(expr)
        match expr:
            case Column():
                return self.column(expr)
            case Literal(value):
                return self.constant(value)
            case Arithmetic(op, left, right):
                (one, two), guards = self._bound([left, right])
                return _when(guards, f"{one} {op} {two}")
            case Case(branches, default):
                tail = "None" if default is None else self.value(default)
                steps = "".join(f"{self.value(then)} if {self.truth(test)} else " for test, then in branches)
                return f"({steps}{tail})"
            case Lookup(inner, table):
                return f"{self.constant(_getter(table), table)}({self.value(inner)})"
            case Call(name, args, type_) if type_ != ColumnType.BOOLEAN:
                return self._call(name, args, expr)
            case Call(name, (Column() as text, Literal()) as args) if name in ("matches", "starts_with", "ends_with"):
                test = self._predicate(name, tuple(args), frozenset({text.name}), wanted=True)
                return _when([f"{self.column(text)} is not None"], test)
        return f"(True if {self.truth(expr)} else False if {self.falsity(expr)} else None)"

    def _call(self, name: str, args: tuple[Expr, ...], expr: Call) -> str:
        if name in SECONDS:
            (start, end), guards = self._bound(list(args))
            return _when(guards, f"float(floor(({end} - {start}) / {SECONDS[name]!r}))")
        plain = expand(expr)
        if not isinstance(plain, Call) or plain.name != name:
            return self.value(plain)
        names, guards = self._bound([arg for arg in args if not isinstance(arg, Literal) or name in ("div", "concat")])
        counts = [int(arg.value) for arg in args[1:] if isinstance(arg, Literal) and isinstance(arg.value, float)]
        if name == "div":
            return _when([*guards, f"{names[1]} != 0.0"], f"{names[0]} / {names[1]}")
        if not names:
            names, guards = self._bound([args[0]])
        return _core(name, names, counts, guards)

    def _bound(self, exprs: list[Expr], known: frozenset[str] = _EMPTY) -> tuple[list[str], list[str]]:
        """Names that stand for the values, and the tests that bind them and hold when none is NULL."""
        names, guards = [], []
        for expr in exprs:
            if isinstance(expr, Literal):
                names.append(self.constant(expr.value))
            elif isinstance(expr, Column):
                names.append(self.column(expr))
                if expr.name not in known:
                    guards.append(f"{names[-1]} is not None")
            elif expr in self._once or expr in self._repeated:
                names.append(self._shared_value(expr))
                guards.append(f"{names[-1]} is not None")
            else:
                self._temporaries += 1
                names.append(f"t{self._temporaries}")
                guards.append(f"({names[-1]} := {self.value(expr)}) is not None")
        return names, guards

    # conditions ------------------------------------------------------------------------------------------------
    def truth(self, expr: Expr, known: frozenset[str] = _EMPTY) -> str:
        """Source that is truthy exactly when ``expr`` is TRUE, given that the ``known`` columns are not NULL."""
        match expr:
            case And(parts):
                return self._all(parts, known, wanted=True)
            case Or(parts):
                return _any(self.truth(part, known) for part in parts)
            case Not(inner):
                return self.falsity(inner, known)
        return self._leaf(expr, known, wanted=True)

    def falsity(self, expr: Expr, known: frozenset[str] = _EMPTY) -> str:
        """Source that is truthy exactly when ``expr`` is FALSE, given that the ``known`` columns are not NULL."""
        match expr:
            case And(parts):
                return _any(self.falsity(part, known) for part in parts)
            case Or(parts):
                return self._all(parts, known, wanted=False)
            case Not(inner):
                return self.truth(inner, known)
        return self._leaf(expr, known, wanted=False)

    def _all(self, parts: tuple[Expr, ...], known: frozenset[str], *, wanted: bool) -> str:
        tests = []
        for part in parts:
            tests.append(self.truth(part, known) if wanted else self.falsity(part, known))
            known |= settled(part, wanted=wanted)
        return f"({' and '.join(tests)})"

    def _leaf(self, expr: Expr, known: frozenset[str], *, wanted: bool) -> str:
        if expr in self._once or expr in self._repeated:
            return self._shared_value(expr) if wanted else f"{self._shared_value(expr)} is False"
        match expr:
            case Column():
                return self.column(expr) if wanted else f"{self.column(expr)} is False"
            case Literal(value):
                return str(bool(value) is wanted)
            case IsNull(inner):
                return self._absent(inner, wanted=wanted)
            case Compare(op, left, right):
                return self._compare(_PYTHON[op] if wanted else _OPPOSITE[op], [left, right], known)
            case In(inner, values):
                names, guards = self._bound([inner], known)
                word = "in" if wanted else "not in"
                return _and(guards, f"{names[0]} {word} {self.constant(frozenset(values), ('in', values))}")
            case Match(inner, pattern):
                names, guards = self._bound([inner], known)
                matcher = self.constant(re.compile(pattern, re.ASCII).fullmatch, ("match", pattern))
                return _and(guards, f"{matcher}({names[0]}) is {'not None' if wanted else 'None'}")
            case Case():
                return self._case(expr, wanted=wanted)
            case Call(name, args):
                return self._predicate(name, args, known, wanted=wanted)
        raise TypeError(type(expr).__name__)

    def _absent(self, inner: Expr, *, wanted: bool) -> str:
        if isinstance(inner, Literal):
            return str(not wanted)
        return f"{self.value(inner)} is {'None' if wanted else 'not None'}"

    def _compare(self, op: str, sides: list[Expr], known: frozenset[str]) -> str:
        names, guards = self._bound(sides, known)
        if op == "==" and any(isinstance(side, Literal) for side in sides):
            guards = [guard for guard in guards if ":=" in guard]  # NULL is equal to no constant
        return _and(guards, f"{names[0]} {op} {names[1]}")

    def _case(self, expr: Case, *, wanted: bool) -> str:
        write = self.truth if wanted else self.falsity
        tail = "False" if expr.default is None else write(expr.default)
        steps = "".join(f"{write(then)} if {self.truth(test)} else " for test, then in expr.branches)
        return f"({steps}{tail})"

    def _predicate(self, name: str, args: tuple[Expr, ...], known: frozenset[str], *, wanted: bool) -> str:
        negation = "" if wanted else "not "
        if name in ("starts_with", "ends_with"):
            (text, other), guards = self._bound(list(args), known)
            return _and(guards, f"{negation}{text}.{name.replace('_', '')}({other})")
        if name == "id_check":
            (text,), guards = self._bound([args[0]], known)
            return _and(guards, f"{negation}is_citizen_number({text})")
        plain = expand(Call(name, args, ColumnType.BOOLEAN))
        return self.truth(plain, known) if wanted else self.falsity(plain, known)


@lru_cache(maxsize=1_024)
def _getter(table: tuple[tuple[str, str | float], ...]) -> Callable[[str | None], str | float | None]:
    """The look-up in a table: made once, as hundreds of rules share the tables of units."""
    return cast("Callable[[str | None], str | float | None]", dict(table).get)


def _is_work(expr: Expr) -> bool:
    """Whether computing a value twice is worth avoiding."""
    return isinstance(expr, Call) or (
        isinstance(expr, Arithmetic | Case | Lookup) and type_of(expr) != ColumnType.BOOLEAN
    )


def settled(expr: Expr, *, wanted: bool) -> frozenset[str]:
    """Columns that cannot be NULL when ``expr`` is TRUE (``wanted``) or FALSE."""
    match expr:
        case Compare(_, left, right):
            return frozenset(side.name for side in (left, right) if isinstance(side, Column))
        case In(Column(name)) | Match(Column(name)) | Call(_, (Column(name), *_)):
            return frozenset({name})
        case Column(name):
            return frozenset({name})
        case Not(IsNull(Column(name))) if wanted:
            return frozenset({name})
        case Not(inner):
            return settled(inner, wanted=not wanted)
        case And(parts) | Or(parts) if isinstance(expr, And) is wanted:
            return frozenset().union(*(settled(part, wanted=wanted) for part in parts))
        case IsNull(Column(name)) if not wanted:
            return frozenset({name})
    return _EMPTY


def _core(name: str, names: list[str], counts: list[int], guards: list[str]) -> str:
    text = names[0]
    if name == "part":
        start, length = counts
        return _when([*guards, f"len({text}) >= {start + length - 1}"], f"{text}[{start - 1}:{start + length - 1}]")
    written = {
        "abs": f"abs({text})",
        "floor": f"float(floor({text}))",
        "length": f"float(len({text}))",
        "concat": f"{text} + {names[-1]}",
        "try_num": f"read_number({text})",
    }
    if name in ("prefix", "suffix"):
        written = {"prefix": f"{text}[:{counts[0]}]", "suffix": f"{text}[-{counts[0]}:]"}
    return _when(guards, written[name])


def _when(guards: list[str], source: str) -> str:
    return f"({source} if {' and '.join(guards)} else None)" if guards else f"({source})"


def _and(guards: list[str], source: str) -> str:
    return f"({' and '.join([*guards, source])})"


def _any(tests: Iterable[str]) -> str:
    return f"({' or '.join(tests)})"
