"""The texts of rules and what they mean: what a gate has to know before it can judge."""

from collections.abc import Iterable, Iterator

from hilum.model.record import Kind
from hilum.quality.expression import Expr
from hilum.quality.predicate import parse, parse_value
from hilum.quality.row import columns
from hilum.quality.rule import Rule


def texts_of(rules: Iterable[Rule]) -> tuple[tuple[str, Expr], ...]:
    """Every text of ``rules`` with its tree: conditions, and the values and conditions of corrections.

    Raises :class:`~hilum.errors.RuleError` for one that cannot be read.
    """
    known = {kind: columns(kind) for kind in Kind}
    return tuple(dict.fromkeys(pair for rule in rules for pair in _texts(rule, known[rule.grain])))


def _texts(rule: Rule, known: dict[str, str]) -> Iterator[tuple[str, Expr]]:
    place = rule.place or rule.id
    for text in (rule.condition, rule.when, *(fix.when for fix in rule.fixes)):
        if text.strip():
            yield text, parse(text, known, place)
    for fix in rule.fixes:
        yield fix.set_to, parse_value(fix.set_to, known, place)
