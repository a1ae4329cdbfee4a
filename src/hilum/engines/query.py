"""How the SQL engines ask: some rules per query, and the answers put together."""

from collections.abc import Callable, Iterable, Sequence

from hilum.engines.engine import Counts, Violation
from hilum.engines.sql import Printer, unpack
from hilum.quality.compiled import Checked
from hilum.quality.finding import RuleOutcome

Run = Callable[[str], Iterable[Sequence[object]]]
"""Runs a query and answers its rows."""

_OUTCOMES = {1: RuleOutcome.FAIL, 2: RuleOutcome.UNKNOWN}


def counts(run: Run, printer: Printer, rules: Sequence[Checked], table: str, batch: int) -> list[Counts]:
    """One :class:`Counts` per rule, ``batch`` rules to a query."""
    found: list[Counts] = []
    for start in range(0, len(rules), batch):
        answer = next(iter(run(printer.counts(rules[start : start + batch], table))))
        rows, *sums = (int(str(each or 0)) for each in answer)
        for passed, failed, unknown in map(unpack, sums):
            found.append(Counts(passed, failed, unknown, rows - passed - failed - unknown))
    return found


def violations(
    run: Run, printer: Printer, rules: Sequence[Checked], table: str, batch: int, row: str
) -> list[Violation]:
    """Every row and rule that did not pass, by row and then by rule."""
    found: list[Violation] = []
    for start in range(0, len(rules), batch):
        for number, index, outcome in run(printer.violations(rules[start : start + batch], table, row)):
            found.append((int(str(number)), start + int(str(index)), _OUTCOMES[int(str(outcome))]))
    return sorted(found, key=lambda violation: violation[:2])
