"""Our expressions as SQL, every function spelt so that it means the same on DuckDB, PostgreSQL and Spark.

Only constructs all three agree on are used; where they differ (regular expressions, ``FLOOR`` on Spark, reading a
number) the engine's equal of the language's meaning is picked here. sqlglot prints the tree.
"""

from collections.abc import Callable, Sequence

from sqlglot import exp

from hilum.quality.compiled import compile_value
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
    type_of,
)
from hilum.quality.functions import NUMERAL
from hilum.quality.row import ColumnType

DUCKDB, POSTGRES, SPARK = "duckdb", "postgres", "spark"
JOINED = 16
"""A table with more entries than this is joined rather than spelt out as CASE, which engines plan slowly."""

_TYPES = {ColumnType.NUMBER: "DOUBLE", ColumnType.TEXT: "TEXT", ColumnType.BOOLEAN: "BOOLEAN"}
_COMPARE = {"=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_SUM = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
_WHOLE = 2.0**52


class Speller:
    """Turns expressions into SQL trees for one query; ``joins`` gathers the tables that query has to join."""

    def __init__(self, dialect: str, *, may_join: bool) -> None:
        self.dialect = dialect
        self.joins: list[exp.Join] = []
        self._may_join = may_join
        self._joined: dict[Lookup, str] = {}

    def tree(self, expr: Expr) -> exp.Expr:
        """The SQL of an expanded expression.

        What names no column is evaluated here: PostgreSQL evaluates constants early, even those CASE guards.
        """
        if not isinstance(expr, Column | Literal) and not columns_of(expr):
            value = compile_value(expr)({})
            return self.null(type_of(expr)) if value is None else self._constant(value)
        match expr:
            case Column(name):
                return named(name)
            case Literal(value):
                return self._constant(value)
            case Compare(op, left, right):
                return _paren(_COMPARE[op](this=self.tree(left), expression=self.tree(right)))
            case Arithmetic(op, left, right):
                return _paren(_SUM[op](this=self.tree(left), expression=self.tree(right)))
            case And(parts):
                return _paren(exp.and_(*map(self.tree, parts), copy=False))
            case Or(parts):
                return _paren(exp.or_(*map(self.tree, parts), copy=False))
            case Not(inner):
                return _paren(exp.Not(this=self.tree(inner)))
            case IsNull(inner):
                return _paren(exp.Is(this=self.tree(inner), expression=exp.Null()))
        return self._operation(expr)

    def _operation(self, expr: Expr) -> exp.Expr:
        match expr:
            case In(inner, values):
                listed = [self._constant(value) for value in values]
                return _paren(exp.In(this=self.tree(inner), expressions=listed))
            case Match(inner, pattern):
                return self._match(self.tree(inner), pattern)
            case Lookup():
                return self._lookup(expr)
            case Case(branches, default, type_):
                last = self.null(type_) if default is None else self.tree(default)
                return case([(self.tree(test), self.tree(value)) for test, value in branches], last)
            case Call(name, args):
                return _CALLS[name](self, *map(self.tree, args))
        raise TypeError(type(expr).__name__)

    def _constant(self, value: str | float | bool) -> exp.Expr:
        if isinstance(value, bool):
            return exp.Boolean(this=value)
        return exp.Literal.string(value) if isinstance(value, str) else self.number(value)

    def number(self, value: float) -> exp.Expr:
        """A double, read from its text: a bare ``0.3`` is a decimal to some engines."""
        return cast(exp.Literal.string(repr(float(value))), "DOUBLE")

    def null(self, type_: str) -> exp.Expr:
        return cast(exp.Null(), _TYPES[type_])

    def _lookup(self, expr: Lookup) -> exp.Expr:
        if not expr.table:
            return self.null(expr.type)
        if self._may_join and len(expr.table) > JOINED:
            return exp.column("v", table=self._joined.get(expr) or self._join(expr))
        pairs = [(exp.Literal.string(text), self._constant(value)) for text, value in expr.table]
        return case(pairs, self.null(expr.type), of=self.tree(expr.inner))

    def _join(self, expr: Lookup) -> str:
        """Join the table on its key; every key stands in it once, so that no row is lost or doubled."""
        key = self.tree(expr.inner)
        name = self._joined[expr] = f"l{len(self._joined)}"
        rows = ", ".join(f"({self._text(text)}, {self._cell(value)})" for text, value in expr.table)
        table = exp.Var(this=f"(VALUES {rows}) AS {name}(k, v)")  # printed here: sqlglot takes long over thousands
        matches = exp.EQ(this=exp.column("k", table=name), expression=key)
        self.joins.append(exp.Join(this=table, on=matches, side="LEFT"))
        return name

    def _cell(self, value: str | float) -> str:
        return self._text(value) if isinstance(value, str) else self.number(value).sql(dialect=self.dialect)

    def _text(self, text: str) -> str:
        if "'" in text or "\\" in text:
            return exp.Literal.string(text).sql(dialect=self.dialect)
        return f"'{text}'"

    def _match(self, text: exp.Expr, pattern: str) -> exp.Expr:
        if self.dialect == DUCKDB:
            return exp.Anonymous(this="REGEXP_FULL_MATCH", expressions=[text, exp.Literal.string(pattern)])
        end = "$" if self.dialect == POSTGRES else r"\z"  # Java's $ also matches before a last line break
        return _paren(exp.RegexpLike(this=text, expression=exp.Literal.string(f"^(?:{pattern}){end}")))

    def floor(self, number: exp.Expr) -> exp.Expr:
        floor = exp.Anonymous(this="FLOOR", expressions=[number])
        if self.dialect != SPARK:
            return floor
        small = exp.LT(this=exp.Abs(this=number.copy()), expression=self.number(_WHOLE))
        return case([(small, cast(floor, "DOUBLE"))], number.copy())  # Spark's FLOOR is a BIGINT

    def div(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        return _paren(exp.Div(this=left, expression=exp.Nullif(this=right, expression=self.number(0.0))))

    def part(self, text: exp.Expr, start: exp.Expr, count: exp.Expr) -> exp.Expr:
        begin, length = _count(start), _count(count)
        enough = exp.GTE(this=_called("LENGTH", text), expression=whole(begin + length - 1))
        return case([(enough, _called("SUBSTR", text.copy(), whole(begin), whole(length)))])

    def begins(self, text: exp.Expr, other: exp.Expr) -> exp.Expr:
        return self._end("LEFT", text, other)

    def ends(self, text: exp.Expr, other: exp.Expr) -> exp.Expr:
        return self._end("RIGHT", text, other)

    def _end(self, side: str, text: exp.Expr, other: exp.Expr) -> exp.Expr:
        end = _called(side, text, _called("LENGTH", other))
        return _paren(exp.EQ(this=end, expression=other.copy()))

    def length(self, text: exp.Expr) -> exp.Expr:
        return cast(_called("LENGTH", text), "DOUBLE")

    def try_num(self, text: exp.Expr) -> exp.Expr:
        return case([(self._match(text, NUMERAL), cast(text.copy(), "DOUBLE"))])


def cast(tree: exp.Expr, to: str) -> exp.Expr:
    return exp.Cast(this=tree, to=exp.DataType.build(to))


def case(
    pairs: Sequence[tuple[exp.Expr, exp.Expr]], last: exp.Expr | None = None, *, of: exp.Expr | None = None
) -> exp.Expr:
    """CASE without sqlglot's copies of copies."""
    branches = [exp.If(this=test, true=value) for test, value in pairs]
    return exp.Case(this=of, ifs=branches, default=last)


def _paren(tree: exp.Expr) -> exp.Expr:
    return exp.Paren(this=tree)


def named(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def whole(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _called(name: str, *args: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(args))


def _count(tree: exp.Expr) -> int:
    """The whole number in a constant that was written as a double."""
    return int(float(tree.this.this))


_CALLS: dict[str, Callable[..., exp.Expr]] = {
    "abs": lambda _speller, number: exp.Abs(this=number),
    "floor": Speller.floor,
    "div": Speller.div,
    "length": Speller.length,
    "prefix": lambda _speller, text, count: _called("LEFT", text, whole(_count(count))),
    "suffix": lambda _speller, text, count: _called("RIGHT", text, whole(_count(count))),
    "part": Speller.part,
    "starts_with": Speller.begins,
    "ends_with": Speller.ends,
    "concat": lambda _speller, left, right: _paren(exp.DPipe(this=left, expression=right)),
    "try_num": Speller.try_num,
}
