"""Random rules and rows that sit on every edge engines are known to disagree about."""

import math
from functools import cache

from hypothesis import strategies as st

from hilum.model.record import Kind, Value
from hilum.model.text import Bilingual
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
    Not,
    Or,
)
from hilum.quality.rule import Dimension, Kahn, Rule, Severity, Source
from hilum.quality.spelling import spell

NUMBERS = ("volume_ul", "weight_mg", "concentration", "collected_at", "received_at", "parent.volume_ul")
TEXTS = ("uuid", "specimen_type", "sample_type", "donor.sex")
BOOLEANS = ("is_ffpe", "pcr_successful", "parent.known")

LIMITS = (0.0, 1.0, -70.0, 0.3, 2.5, 60.0, 3600.0, 86400.0, 1e15, 1e-60, 1e60, 37.5, 1577836800.0)
EDGES: tuple[Value, ...] = (
    *LIMITS,
    *(math.nextafter(limit, math.inf) for limit in LIMITS),
    *(math.nextafter(limit, -math.inf) for limit in LIMITS),
    *(-limit for limit in LIMITS),
    *(math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 1e-61, 1e61, 0.1 + 0.2, 59.0, 61.0, -1.0, -0.5),
    *(0, 1, -70, 7, 2**53 + 1, 10**59, 10**400, -(10**400), 1577836859, 1577836801),
)
WORDS: tuple[str, ...] = (
    *("", "a", "A", "ab", "a\n", "\n", " a", "a ", "ß", "é", "e\u0301", "ＡＢ", "１２", "\u3000", "血清", "血清样本"),
    *(
        "😀x",
        "'",
        "''",
        "\\",
        "\\n",
        "%",
        "_",
        ":x",
        "a:b",
        "{x}",
        "--",
        "F",
        "M",
        "RNA",
        "TCGA-AB-1234",
        "TCGA-AB-1234\n",
    ),
    *(
        "1",
        "1.",
        ".5",
        "+1",
        "-1.5e3",
        "1e43",
        "1e44",
        "1E-43",
        "1e400",
        "0x1",
        "1_000",
        "nan",
        "inf",
        "１",
        "1e",
        " 1",
        "1\n",
    ),
    *("000000000000001", "0000000000000001", "0.000000000000001", "9007199254740993", "0.30000000000000004"),
    *("11010519491231002X", "11010519491231002x", "110105194912310021", "440524188001010014", "11010519491231002X\n"),
    *("mg/dL", "mmol/L", "g/L", "mg", "ug", "uL", "mL", "Cel", "℃", "K", "%", "毫克", "glucose", "creatinine"),
)

_cell_number = st.one_of(st.none(), st.sampled_from(EDGES), st.floats(), st.integers(-(2**60), 2**60))
_cell_text = st.one_of(
    st.none(),
    st.sampled_from(WORDS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
)
_cell_boolean = st.one_of(st.none(), st.booleans())


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Value]]:
    """A table of up to a dozen rows, some of its columns absent."""
    rows = draw(st.integers(0, 12))
    cells = {
        **dict.fromkeys(NUMBERS, _cell_number),
        **dict.fromkeys(TEXTS, _cell_text),
        **dict.fromkeys(BOOLEANS, _cell_boolean),
    }
    absent = draw(st.sets(st.sampled_from(sorted(cells)), max_size=2))
    return {
        name: draw(st.lists(cell, min_size=rows, max_size=rows)) for name, cell in cells.items() if name not in absent
    }


_small = st.integers(1, 4).map(lambda count: Literal(float(count)))
_number_constant = st.sampled_from(sorted({*LIMITS, *(-limit for limit in LIMITS), 2.0, 10.0})).map(Literal)
_text_constant = st.sampled_from(WORDS).map(Literal)
_number_column = st.sampled_from(NUMBERS).map(lambda name: Column(name, "number"))
_text_column = st.sampled_from(TEXTS).map(lambda name: Column(name, "text"))
_boolean_column = st.sampled_from(BOOLEANS).map(lambda name: Column(name, "boolean"))


def _call(name: str, type_: str, *args: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.tuples(*args).map(lambda given: Call(name, given, type_))


@cache
def texts(depth: int) -> st.SearchStrategy[Expr]:
    """Text expressions."""
    plain = st.one_of(_text_column, _text_column, _text_constant)
    if depth <= 0:
        return plain
    inner = texts(depth - 1)
    return st.one_of(
        plain,
        _call("prefix", "text", inner, _small),
        _call("suffix", "text", inner, _small),
        _call("part", "text", inner, _small, _small),
        _call("concat", "text", inner, inner),
        _call("unit_dim", "text", inner),
        st.builds(lambda test, one, other: Case(((test, one),), other, "text"), conditions(depth - 1), inner, inner),
    )


@cache
def numbers(depth: int) -> st.SearchStrategy[Expr]:
    """Number expressions."""
    plain = st.one_of(_number_column, _number_column, _number_constant)
    if depth <= 0:
        return plain
    inner = numbers(depth - 1)
    pairs = ("minutes_between", "hours_between", "days_between", "div", "least", "greatest")
    targets = st.sampled_from(("mmol/L", "mg/dL", "uL", "Cel", "K")).map(Literal)
    analytes = st.one_of(_text_column, st.sampled_from(("", "glucose")).map(Literal))
    return st.one_of(
        plain,
        st.builds(Arithmetic, st.sampled_from("+-*"), _number_column, inner),
        st.sampled_from(pairs).flatmap(lambda name: _call(name, "number", inner, inner)),
        _call("abs", "number", inner),
        _call("floor", "number", inner),
        _call("round_to", "number", inner, st.integers(0, 3).map(lambda digits: Literal(float(digits)))),
        _call("length", "number", texts(depth - 1)),
        _call("try_num", "number", texts(depth - 1)),
        _call("to_unit", "number", inner, texts(0), targets, analytes),
        st.builds(lambda test, one: Case(((test, one),), None, "number"), conditions(depth - 1), inner),
    )


@cache
def conditions(depth: int) -> st.SearchStrategy[Expr]:
    """Conditions."""
    plain = st.one_of(
        _boolean_column,
        st.booleans().map(Literal),
        st.builds(Compare, st.sampled_from(("=", "<>", "<", "<=", ">", ">=")), numbers(0), numbers(0)),
        st.builds(Compare, st.sampled_from(("=", "<>")), texts(0), texts(0)),
    )
    if depth <= 0:
        return plain
    inner = conditions(depth - 1)
    compared = st.builds(
        Compare, st.sampled_from(("=", "<>", "<", "<=", ">", ">=")), numbers(depth - 1), numbers(depth - 1)
    )
    few = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        plain,
        compared,
        compared,
        st.builds(Compare, st.sampled_from(("=", "<>")), texts(depth - 1), texts(depth - 1)),
        st.builds(Compare, st.sampled_from(("=", "<>")), _boolean_column, _boolean_column),
        st.builds(And, few),
        st.builds(Or, few),
        st.builds(Not, inner),
        st.builds(IsNull, st.one_of(numbers(depth - 1), texts(depth - 1), _boolean_column)),
        st.builds(In, numbers(depth - 1), st.lists(st.sampled_from(LIMITS), min_size=1, max_size=3).map(tuple)),
        st.builds(In, texts(depth - 1), st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(tuple)),
        st.builds(lambda test, one, two: Case(((test, one),), two, "boolean"), inner, inner, inner),
        *_functions(depth),
    )


def _functions(depth: int) -> list[st.SearchStrategy[Expr]]:
    inner = texts(depth - 1)

    def named(*names: str) -> st.SearchStrategy[Expr]:
        return st.sampled_from(names).map(Literal)

    return [
        _call("starts_with", "boolean", inner, texts(0)),
        _call("ends_with", "boolean", inner, texts(0)),
        _call(
            "matches", "boolean", inner, named("tcga_patient", "uuid", "identifier", "well", "formula", "national_id")
        ),
        _call("in_codes", "boolean", inner, named("sex", "specimen_type", "analyte")),
        _call("same_dim", "boolean", texts(0), texts(0)),
        _call("id_check", "boolean", inner, named("cn_national_id")),
    ]


def rule(identity: str, condition: str, when: str = "") -> Rule:
    """A rule with only what an engine looks at."""
    return Rule(
        id=identity,
        version=1,
        grain=Kind.SPECIMEN,
        title=Bilingual("", ""),
        why=Bilingual("", ""),
        hint=Bilingual("", ""),
        condition=condition,
        dimension=Dimension.ACCURACY,
        kahn=Kahn.PLAUSIBILITY,
        severity=Severity.WARN,
        field="volume_ul",
        source=Source("test"),
        when=when,
    )


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    """A few rules that share parts, as the rules of a pack do: executors compute what is shared once."""
    parts = draw(st.lists(conditions(2), min_size=2, max_size=3))
    some = st.lists(st.sampled_from(parts), max_size=3)
    found = []
    for index in range(draw(st.integers(1, 5))):
        own = draw(st.one_of(conditions(3), st.sampled_from(parts)))
        found.append(rule(f"R-{index}", _joined([own, *draw(some)]), _joined(draw(some))))
    return found


def _joined(parts: list[Expr]) -> str:
    """All of some conditions as rule text; nothing for none."""
    if not parts:
        return ""
    return spell(And(tuple(parts)) if len(parts) > 1 else parts[0])
