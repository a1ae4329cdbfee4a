"""What has to be computed for some rules, each thing once, and cheap things instead of dear ones where it is equal.

Every distinct condition becomes a boolean column. What several conditions need is computed first. Polars could find
that out itself, at a quarter more of the whole time. Regular expressions are most of the cost of common checks, and
most coded columns repeat a few values: there only the distinct values are matched.
"""

from collections import Counter
from collections.abc import Sequence

import polars as pl

from hilum.engines.polars_expression import length_of, polars_of, whole
from hilum.engines.width import width
from hilum.quality.compiled import Checked
from hilum.quality.expression import Arithmetic, Call, Case, Column, Expr, In, Lookup, Match, walk
from hilum.quality.functions import expand

SAMPLE, FEW, MANY = 4_096, 1_024, 20_000
"""A column with more than FEW distinct values in its first SAMPLE is matched row by row, and so is one that brings more
than MANY new ones at a time."""

_LONGEST = 2**31

_PLAIN = pl.QueryOptFlags(comm_subexpr_elim=False)


class Plan:
    """The columns to compute for some rules. Holds what it has learnt of a column's values from slice to slice."""

    def __init__(self, rules: Sequence[Checked]) -> None:
        trees = dict.fromkeys(tree for rule in rules for tree in (rule.when, rule.condition) if tree is not None)
        self.conditions = {tree: f"b{index}" for index, tree in enumerate(trees)}
        whole_trees = [expand(tree) for tree in trees]
        nodes = Counter(node for tree in whole_trees for node in walk(tree))
        parts = [node for node in nodes.elements() if isinstance(node, Call) and node.name == "part"]
        nodes.update(length_of(part.args[0]) for part in parts)
        self._forms: dict[Expr, Form] = {node: form for node in nodes if (form := _form(node)) is not None}
        self._known = {node: f"m{index}" for index, node in enumerate(self._forms)}
        self._steps: list[pl.Expr] = []
        for node in sorted((n for n, times in nodes.items() if times > 1 and _is_work(n)), key=_size):
            if node not in self._known:
                name = f"r{len(self._steps)}"
                self._steps.append(polars_of(node, self._known).alias(name))
                self._known[node] = name
        names = self.conditions.values()
        self._last = [polars_of(tree, self._known).alias(n) for tree, n in zip(whole_trees, names, strict=True)]

    def held(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What every condition says of every row of a slice."""
        frame = frame.with_columns(
            form.matches(frame[form.column]).alias(self._known[node]) for node, form in self._forms.items()
        )
        for step in self._steps:
            frame = frame.with_columns(step)
        held = frame.lazy().with_columns(self._last).select(self.conditions.values())
        return held.collect(optimizations=_PLAIN)


class Form:
    """A pattern on a column, and the values known to match it."""

    def __init__(self, column: str, pattern: str) -> None:
        self.column = column
        self._pattern = whole(pattern)
        least, most = width(pattern)
        self._width = (least, int(min(most, _LONGEST)))
        self._seen: pl.Series | None = pl.Series([], dtype=pl.String)
        self._matching = self._seen
        self._started = False

    def matches(self, values: pl.Series) -> pl.Series:
        """Which of the values match; NULL where there is none."""
        if not self._started:
            self._started = True
            if values.head(SAMPLE).n_unique() > FEW:
                self._seen = None
        if self._seen is not None and self._learn(values, self._seen):
            return values.is_in(self._matching.implode())
        return self._one_by_one(values)

    def _one_by_one(self, values: pl.Series) -> pl.Series:
        """Match row by row, but only texts of a length that can match, where those are the lesser part."""
        fits = values.str.len_chars().is_between(*self._width)
        if int(fits.sum()) * 2 > values.len():
            return values.str.contains(self._pattern)
        rows = fits.arg_true()
        return fits.scatter(rows, values.gather(rows).str.contains(self._pattern)) if rows.len() else fits

    def _learn(self, values: pl.Series, seen: pl.Series) -> bool:
        """Whether the values are few enough to know them; afterwards every one that matches is known."""
        new = values.filter(~values.is_in(seen.implode())).unique()
        if new.len() > MANY or seen.len() > MANY:
            self._seen = None
            return False
        self._seen = pl.concat([seen, new])
        self._matching = pl.concat([self._matching, new.filter(new.str.contains(self._pattern))])
        return True


def _form(node: Expr) -> Form | None:
    match node:
        case Match(Column(name), pattern):
            return Form(name, pattern)
    return None


def _is_work(node: Expr) -> bool:
    """Whether computing it twice is worth avoiding."""
    return isinstance(node, Arithmetic | Call | Case | Lookup | Match | In)


def _size(node: Expr) -> int:
    return sum(1 for _ in walk(node))
