"""The reading of rule text behind :mod:`hilum.quality.predicate`: sqlglot's tree, translated node by node.

Only the node types named here are translated, so nothing unforeseen can pass. The module is loaded when a text is
first read: a gate whose texts were read before starts without sqlglot.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import Dialect, ErrorLevel, exp, parser, tokens
from sqlglot.errors import SqlglotError

from hilum.errors import RuleError
from hilum.quality import magnitude
from hilum.quality.expression import (
    LARGEST,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_LIST,
    SMALLEST,
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
    Not,
    Or,
    type_of,
)
from hilum.quality.functions import COUNT, DIGITS, NAME, SECONDS, SIGNATURES, check_names, nearest
from hilum.quality.row import ColumnType, day_number, second_number

NUMBER, TEXT, BOOLEAN = ColumnType.NUMBER, ColumnType.TEXT, ColumnType.BOOLEAN
_COMPARES: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_SUMS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_LIMITS = {COUNT: (1, 1_000), DIGITS: (0, 9)}


class RuleText(Dialect):
    """Plain SQL expressions without any engine's own functions or operators."""

    class Tokenizer(tokens.Tokenizer):
        KEYWORDS = {key: token for key, token in tokens.Tokenizer.KEYWORDS.items() if key != "DIV"}  # noqa: RUF012

    class Parser(parser.Parser):
        FUNCTIONS = {}  # noqa: RUF012
        FUNCTION_PARSERS = {}  # noqa: RUF012
        NO_PAREN_FUNCTIONS = {}  # noqa: RUF012


def read(text: str, columns: Mapping[str, str], place: str, wanted: str) -> Expr:
    """The expression ``text`` over ``columns`` (name -> type), of type ``wanted`` where that is not empty.

    Raises :class:`RuleError` naming ``place``.
    """
    return _Reader(columns, place, text).whole(wanted)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Translates one text; knows what may be named in it and where it stands."""

    columns: Mapping[str, str]
    place: str
    text: str

    def whole(self, wanted: str) -> Expr:
        if not self.text.strip():
            raise self.error("predicate_empty")
        if len(self.text) > MAX_LENGTH:
            raise self.error("predicate_long", limit=MAX_LENGTH)
        try:
            tree = RuleText().parser(error_level=ErrorLevel.RAISE).parse(RuleText().tokenize(self.text), self.text)
        except SqlglotError as wrong:
            raise self.error("predicate_syntax", why=_first_line(wrong)) from wrong
        except RecursionError as deep:
            raise self.error("predicate_deep", limit=MAX_DEPTH) from deep
        if len(tree) != 1 or tree[0] is None:
            raise self.error("predicate_syntax", why="; or , between expressions")
        found = self.read(tree[0], 0)
        if wanted and type_of(found) != wanted:
            raise self.error("predicate_not_a_condition", type=type_of(found))
        magnitude.check(found, self.place, self.text)
        return found

    def error(self, reason: str, **values: object) -> RuleError:
        return RuleError(reason, place=self.place, text=_short(self.text), **values)

    def read(self, node: exp.Expr, depth: int) -> Expr:
        if depth > MAX_DEPTH:
            raise self.error("predicate_deep", limit=MAX_DEPTH)
        reader = _READERS.get(type(node))
        if reader is None:
            raise self.error("predicate_not_allowed", what=_short(_spelt(node)))
        return reader(self, node, depth + 1)

    def typed(self, node: exp.Expr, wanted: str, depth: int) -> Expr:
        found = self.read(node, depth)
        if type_of(found) != wanted:
            raise self.error("predicate_type", what=_short(_spelt(node)), type=type_of(found), wanted=wanted)
        return found


def _first_line(wrong: SqlglotError) -> str:
    return str(wrong).splitlines()[0].replace("\x1b[4m", "").replace("\x1b[0m", "")[:160]


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "…"


def _spelt(node: exp.Expr) -> str:
    try:
        return node.sql()
    except (SqlglotError, RecursionError, ValueError, AttributeError):
        return type(node).__name__


def _paren(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    return reader.read(node.this, depth)


def _column(reader: _Reader, node: exp.Expr, _depth: int) -> Expr:
    name = ".".join(part.name for part in node.parts) if isinstance(node, exp.Column) else ""
    if name not in reader.columns:
        raise reader.error("predicate_column", name=name, near=nearest(name, reader.columns))
    return Column(name, reader.columns[name])


def _literal(reader: _Reader, node: exp.Expr, _depth: int) -> Expr:
    return Literal(str(node.this)) if node.is_string else Literal(_number(reader, str(node.this)))


def _number(reader: _Reader, text: str) -> float:
    value = float(text)
    if value != 0 and not SMALLEST <= abs(value) <= LARGEST:
        raise reader.error("predicate_number", number=text)
    return value


def _boolean(_reader: _Reader, node: exp.Expr, _depth: int) -> Expr:
    return Literal(bool(node.this))


def _moment(reader: _Reader, node: exp.Expr, _depth: int) -> Expr:
    """``DATE '…'`` and ``TIMESTAMP '…'``: what sqlglot reads as a cast of a text constant."""
    kind = node.to.this if isinstance(node, exp.Cast) else None
    text = node.this.this if isinstance(node.this, exp.Literal) and node.this.is_string else None
    if text is None or kind not in (exp.DType.DATE, exp.DType.TIMESTAMP):
        raise reader.error("predicate_not_allowed", what=_short(_spelt(node)))
    try:
        return Literal(float(day_number(text) if kind is exp.DType.DATE else second_number(text)))
    except (ValueError, OverflowError) as wrong:
        raise reader.error("predicate_moment", what=str(text)[:40]) from wrong


def _compare(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    op = _COMPARES[type(node)]
    left, right = reader.read(node.this, depth), reader.read(node.expression, depth)
    kinds = {type_of(left), type_of(right)}
    if len(kinds) != 1 or (op not in ("=", "<>") and kinds != {NUMBER}):
        what = {"what": _short(_spelt(node)), "left": type_of(left), "right": type_of(right)}
        raise reader.error("predicate_compare", **what)
    _same_scale(reader, node.this, node.expression)
    if kinds == {BOOLEAN} and not all(isinstance(side, Column | Literal) for side in (left, right)):
        raise reader.error("predicate_boolean_equal", what=_short(_spelt(node)))
    return Compare(op, left, right)


def _same_scale(reader: _Reader, left: exp.Expr, right: exp.Expr) -> None:
    """A day and an instant are both numbers, on scales 86 400 apart: comparing them is always a mistake."""
    scales = (_scale(left), _scale(right))
    if set(scales) == {"day", "instant"}:
        raise reader.error("predicate_scale", left=_short(_spelt(left)), right=_short(_spelt(right)))


def _scale(node: exp.Expr) -> str:
    if isinstance(node, exp.Column):
        return {"on": "day", "at": "instant"}.get(node.name.rpartition("_")[2], "")
    if isinstance(node, exp.Cast):
        return "day" if node.to.this is exp.DType.DATE else "instant"
    return ""


def _connect(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    parts = tuple(reader.typed(part, BOOLEAN, depth) for part in _chain(node, type(node)))
    return And(parts) if isinstance(node, exp.And) else Or(parts)


def _chain(node: exp.Expr, kind: type[exp.Expr]) -> Iterable[exp.Expr]:
    """The parts of ``a AND b AND c``, which sqlglot nests to the left, without recursion."""
    parts: list[exp.Expr] = []
    while isinstance(node, kind):
        parts.append(node.expression)
        node = node.this
    return [node, *reversed(parts)]


def _not(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    return Not(reader.typed(node.this, BOOLEAN, depth))


def _is(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    if isinstance(node.expression, exp.Null):
        inner = reader.read(node.this, depth)
        if type_of(inner) == BOOLEAN and not isinstance(inner, Column):
            raise reader.error("predicate_boolean_null", what=_short(_spelt(node)))
        return IsNull(inner)
    if not isinstance(node.expression, exp.Boolean):
        raise reader.error("predicate_not_allowed", what=_short(_spelt(node)))
    condition = reader.typed(node.this, BOOLEAN, depth)
    if not node.expression.this:
        condition = Not(condition)
    return Case(((condition, Literal(True)),), Literal(False), BOOLEAN)


def _between(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    if node.args.get("symmetric"):
        raise reader.error("predicate_not_allowed", what=_short(_spelt(node)))
    value, low, high = (node.this, node.args["low"], node.args["high"])
    for bound in (low, high):
        _same_scale(reader, value, bound)
    inner, least, most = (reader.typed(side, NUMBER, depth) for side in (value, low, high))
    return And((Compare(">=", inner, least), Compare("<=", inner, most)))


def _in(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    listed = node.args.get("expressions") or []
    if not listed or len(listed) > MAX_LIST:
        raise reader.error("predicate_list", what=_short(_spelt(node)), limit=MAX_LIST)
    inner = reader.read(node.this, depth)
    values: list[str | float] = []
    for member in listed:
        literal = reader.typed(member, type_of(inner), depth)
        if not isinstance(literal, Literal) or isinstance(literal.value, bool):
            raise reader.error("predicate_list", what=_short(_spelt(node)), limit=MAX_LIST)
        values.append(literal.value)
    return In(inner, tuple(values))


def _sum(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    left, right = (reader.typed(side, NUMBER, depth) for side in (node.this, node.expression))
    op = _SUMS[type(node)]
    if isinstance(left, Literal) and isinstance(right, Literal):
        return Literal(_folded(reader, op, float(left.value), float(right.value)))
    return Arithmetic(op, left, right)


def _folded(reader: _Reader, op: str, left: float, right: float) -> float:
    value = {"+": left + right, "-": left - right, "*": left * right}[op]
    return _number(reader, repr(value))


def _negative(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    inner = reader.typed(node.this, NUMBER, depth)
    if isinstance(inner, Literal):
        return Literal(0.0 - float(inner.value))
    return Arithmetic("-", Literal(0.0), inner)


def _case(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    if node.this is not None:
        raise reader.error("predicate_not_allowed", what=_short(_spelt(node)))
    branches = tuple(
        (reader.typed(branch.this, BOOLEAN, depth), reader.read(branch.args["true"], depth))
        for branch in node.args["ifs"]
    )
    last = node.args.get("default")
    default = None if last is None or isinstance(last, exp.Null) else reader.read(last, depth)
    kinds = {type_of(value) for _, value in branches} | ({type_of(default)} if default is not None else set())
    if len(kinds) != 1:
        raise reader.error("predicate_case", what=_short(_spelt(node)), types=", ".join(sorted(kinds)))
    return Case(branches, default, kinds.pop())


def _function(reader: _Reader, node: exp.Expr, depth: int) -> Expr:
    name = str(node.this).lower()
    signature = SIGNATURES.get(name)
    if signature is None:
        raise reader.error("predicate_function", name=name[:60], near=nearest(name[:60], SIGNATURES))
    given = node.args.get("expressions") or []
    if len(given) != len(signature.takes):
        raise reader.error("predicate_arguments", name=name, wanted=len(signature.takes), given=len(given))
    args = tuple(_argument(reader, name, *pair, depth) for pair in zip(given, signature.takes, strict=True))
    if name in SECONDS and any(_scale(arg) == "day" for arg in given):
        raise reader.error("predicate_days", name=name)
    check_names(name, args, reader.place)
    return Call(name, args, signature.gives)


def _argument(reader: _Reader, name: str, node: exp.Expr, wanted: str, depth: int) -> Expr:
    if wanted == NAME:
        found = reader.typed(node, TEXT, depth)
        if isinstance(found, Literal):
            return found
    elif wanted in _LIMITS:
        found = reader.typed(node, NUMBER, depth)
        low, high = _LIMITS[wanted]
        if isinstance(found, Literal) and low <= float(found.value) <= high and float(found.value).is_integer():
            return found
    else:
        return reader.typed(node, wanted, depth)
    raise reader.error("predicate_constant", name=name, what=_short(_spelt(node)))


_Translate = Callable[[_Reader, exp.Expr, int], Expr]
_READERS: dict[type[exp.Expr], _Translate] = {
    exp.Paren: _paren,
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Cast: _moment,
    exp.And: _connect,
    exp.Or: _connect,
    exp.Not: _not,
    exp.Is: _is,
    exp.Between: _between,
    exp.In: _in,
    exp.Neg: _negative,
    exp.Case: _case,
    exp.Anonymous: _function,
    **dict.fromkeys(_COMPARES, _compare),
    **dict.fromkeys(_SUMS, _sum),
}
