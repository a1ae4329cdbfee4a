"""Rules as whole SQL queries for DuckDB, PostgreSQL and Spark.

Every condition stands in a query once: text and planning time grow with the rules and no faster.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from hilum.engines.engine import wanted
from hilum.engines.sql_expression import DUCKDB, POSTGRES, SPARK, Speller, case, cast, named, whole
from hilum.quality.compiled import Checked
from hilum.quality.expression import LARGEST, SMALLEST, Expr
from hilum.quality.functions import expand
from hilum.quality.row import ColumnType

__all__ = ["DUCKDB", "POSTGRES", "ROW", "SPARK", "Printer", "unpack"]

ROW = "#row"
"""The column that numbers the rows of a table."""

_DIGIT = 2**30
"""Three counts in one sum, as digits of this base: rows in one query must be fewer."""


def unpack(packed: int) -> tuple[int, int, int]:
    """Passed, failed and unknown of one rule's sum."""
    return packed % _DIGIT, packed // _DIGIT % _DIGIT, packed // _DIGIT**2


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints queries in one dialect. ``absent`` columns are NULL: the table they are asked of lacks them."""

    dialect: str
    absent: frozenset[str] = frozenset()

    def counts(self, rules: Sequence[Checked], table: str) -> str:
        """One row: the number of rows, then one sum per rule for :func:`unpack`."""
        speller = Speller(self.dialect, may_join=True)
        codes = (1, _DIGIT, _DIGIT**2, 0)
        sums: list[exp.Expr] = [exp.Count(this=exp.Star())]
        sums += [exp.Sum(this=self._outcome(speller, rule, codes)) for rule in rules]
        query = exp.select(*(exp.alias_(each, f"n{index}", copy=False) for index, each in enumerate(sums)))
        return self._query(speller, rules, table, query, [])

    def violations(self, rules: Sequence[Checked], table: str, row: str = ROW) -> str:
        """Rows of row number (the table's column ``row``), index of the rule, and 1 for failed or 2 for unknown."""
        speller = Speller(self.dialect, may_join=True)
        outcomes = [self._outcome(speller, rule, (0, 1, 2, 0)) for rule in rules]
        judged = exp.select(
            named(ROW).as_("r"),
            *(exp.alias_(outcome, f"o{index}", copy=False) for index, outcome in enumerate(outcomes)),
        )
        judged = judged.from_("clean")
        for join in speller.joins:
            judged = judged.join(join, copy=False)
        parts: list[exp.Select] = [
            exp.select("r", whole(index).as_("i"), exp.column(f"o{index}").as_("o"))
            .from_("judged")
            .where(exp.column(f"o{index}") > 0)
            for index in range(len(rules))
        ]
        query: exp.Query = parts[0]
        for part in parts[1:]:
            query = exp.union(query, part, distinct=False, copy=False)
        clean = self._clean(rules, table, [named(row).as_(ROW, quoted=True)])
        return self._print(query.with_("clean", as_=clean).with_("judged", as_=judged))

    def condition(self, expr: Expr) -> str:
        """One condition on its own, for people who keep rules in their own queries."""
        return self._print(Speller(self.dialect, may_join=False).tree(expand(expr)))

    def _query(
        self, speller: Speller, rules: Sequence[Checked], table: str, query: exp.Select, cells: list[exp.Expr]
    ) -> str:
        query = query.from_("clean")
        for join in speller.joins:
            query = query.join(join, copy=False)
        return self._print(query.with_("clean", as_=self._clean(rules, table, cells)))

    def _clean(self, rules: Sequence[Checked], table: str, cells: list[exp.Expr]) -> exp.Select:
        """The columns the rules read, numbers in the domain of the language."""
        speller = Speller(self.dialect, may_join=False)
        cells = cells + [self._cell(speller, name, type_) for name, type_ in wanted(rules).items()]
        return exp.select(*(cells or [whole(0)])).from_(exp.to_identifier(table, quoted=True))

    def _cell(self, speller: Speller, name: str, type_: str) -> exp.Expr:
        if name in self.absent:
            return exp.alias_(speller.null(type_), name, quoted=True, copy=False)
        if type_ != ColumnType.NUMBER:
            return named(name)
        magnitude = exp.Abs(this=named(name))
        tiny = exp.LT(this=magnitude, expression=speller.number(SMALLEST))
        fits = exp.LTE(this=magnitude.copy(), expression=speller.number(LARGEST))
        number = case([(tiny, speller.number(0.0)), (fits, named(name))])
        return exp.alias_(number, name, quoted=True, copy=False)

    def _print(self, tree: exp.Expr) -> str:
        return tree.sql(dialect=self.dialect, comments=False)

    def _outcome(self, speller: Speller, rule: Checked, codes: tuple[int, int, int, int]) -> exp.Expr:
        """The code of passed, failed, unknown or not applicable."""
        passed, failed, unknown, absent = (_code(self.dialect, code) for code in codes)
        held = case([(exp.true(), passed), (exp.false(), failed)], unknown, of=speller.tree(expand(rule.condition)))
        if rule.when is None:
            return held
        return case([(speller.tree(expand(rule.when)), held)], absent)


def _code(dialect: str, code: int) -> exp.Expr:
    """A number whose sum cannot overflow: Spark adds BIGINT to BIGINT and wraps."""
    return cast(whole(code), "DECIMAL(38, 0)" if dialect == SPARK else "BIGINT")
