"""The same fifty checks by others: bare queries, and the validators people use. Each is imported only when asked."""

from collections.abc import Callable
from typing import Any

import polars as pl

from benchmarks.checks import FORMS, IN_SET, NOT_NULL, ORDERED, RANGES

Run = Callable[[], int]


def bare_polars(frame: pl.DataFrame) -> Run:
    """What a person who knows Polars writes."""
    exprs = [pl.col(name).is_null().sum().alias(f"n{i}") for i, name in enumerate(NOT_NULL)]
    exprs += [(~pl.col(name).is_in(list(codes))).sum().alias(f"s{name}") for name, codes in IN_SET.items()]
    exprs += [(~pl.col(name).str.contains(rf"\A(?:{form})\z")).sum().alias(f"f{name}") for name, form in FORMS.items()]
    exprs += [(~pl.col(name).is_between(low, high)).sum().alias(f"r{name}") for name, (low, high) in RANGES.items()]
    exprs += [(pl.col(first) > pl.col(second)).sum().alias(f"o{first}") for first, second in ORDERED]
    return lambda: int(frame.select(exprs).sum_horizontal()[0])


def duckdb_table(frame: pl.DataFrame) -> Any:
    """A DuckDB connection with the frame as table ``specimens``."""
    import duckdb

    connection = duckdb.connect()
    connection.register("given", frame)
    connection.execute("CREATE TABLE specimens AS SELECT * FROM given")
    connection.unregister("given")
    return connection


def bare_duckdb(frame: pl.DataFrame) -> Run:
    """What a person who knows DuckDB writes, in the form that is quick."""
    connection = duckdb_table(frame)
    tests = [f"{name} IS NULL" for name in NOT_NULL]
    for name, codes in IN_SET.items():
        listed = ", ".join(f"'{code}'" for code in codes)
        tests.append(f"{name} NOT IN ({listed})")
    tests += [f"NOT regexp_full_match({name}, '{form}')" for name, form in FORMS.items()]
    tests += [f"NOT ({name} BETWEEN {low} AND {high})" for name, (low, high) in RANGES.items()]
    tests += [f"{first} > {second}" for first, second in ORDERED]
    sums = ", ".join(f"sum(CASE WHEN {test} THEN 1 ELSE 0 END)" for test in tests)
    return lambda: sum(int(each) for each in connection.execute(f"SELECT {sums} FROM specimens").fetchone())


def pointblank(frame: pl.DataFrame) -> Run:
    """pointblank on Polars; it counts NULL as outside a set or form, unlike the others."""
    import pointblank as pb

    plan = pb.Validate(data=frame)
    for name in NOT_NULL:
        plan = plan.col_vals_not_null(columns=name)
    for name, codes in IN_SET.items():
        plan = plan.col_vals_in_set(columns=name, set=list(codes))
    for name, form in FORMS.items():
        plan = plan.col_vals_regex(columns=name, pattern=rf"^(?:{form})$", na_pass=True)
    for name, (low, high) in RANGES.items():
        plan = plan.col_vals_between(columns=name, left=low, right=high, na_pass=True)
    for first, second in ORDERED:
        plan = plan.col_vals_ge(columns=second, value=pb.col(first), na_pass=True)
    return lambda: int(sum(plan.interrogate(collect_extracts=False).n_failed().values()))


def _pandera_columns(pa: Any) -> dict[str, Any]:
    found: dict[str, list[Any]] = {name: [] for name in (*NOT_NULL, *RANGES)}
    for name, codes in IN_SET.items():
        found[name].append(pa.Check.isin(list(codes)))
    for name, form in FORMS.items():
        found[name].append(pa.Check.str_matches(rf"^(?:{form})$"))
    for name, (low, high) in RANGES.items():
        found[name].append(pa.Check.in_range(low, high))
    return {name: pa.Column(checks=each, nullable=name not in NOT_NULL) for name, each in found.items()}


def _pandera_failures(errors: Any) -> int:
    return len(errors.failure_cases)


def pandera_polars(frame: pl.DataFrame) -> Run:
    """pandera on a Polars frame, all failures gathered."""
    import pandera.polars as pa

    def later(first: str, second: str) -> Any:
        return pa.Check(lambda data: data.lazyframe.select(pl.col(second) >= pl.col(first)))

    schema = pa.DataFrameSchema(_pandera_columns(pa), checks=[later(*pair) for pair in ORDERED])

    def run() -> int:
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            return _pandera_failures(errors)
        return 0

    return run


def pandera_pandas(frame: pl.DataFrame) -> Run:
    """pandera on a pandas frame, all failures gathered."""
    import pandera.pandas as pa

    data = frame.to_pandas()

    def later(first: str, second: str) -> Any:
        return pa.Check(lambda rows: (rows[second] >= rows[first]) | rows[first].isna() | rows[second].isna())

    schema = pa.DataFrameSchema(_pandera_columns(pa), checks=[later(*pair) for pair in ORDERED])

    def run() -> int:
        try:
            schema.validate(data, lazy=True)
        except pa.errors.SchemaErrors as errors:
            return _pandera_failures(errors)
        return 0

    return run


def great_expectations(frame: pl.DataFrame) -> Run:
    """Great Expectations on a pandas frame, in its cheapest result format that still counts."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = None
    asset = context.data_sources.add_pandas("bank").add_dataframe_asset("specimens")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame.to_pandas()})
    suite = gx.ExpectationSuite(
        "fifty",
        expectations=[
            *(gxe.ExpectColumnValuesToNotBeNull(column=name) for name in NOT_NULL),
            *(gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(codes)) for name, codes in IN_SET.items()),
            *(gxe.ExpectColumnValuesToMatchRegex(column=name, regex=rf"^(?:{form})$") for name, form in FORMS.items()),
            *(
                gxe.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
                for name, (low, high) in RANGES.items()
            ),
            *(
                gxe.ExpectColumnPairValuesAToBeGreaterThanB(column_A=second, column_B=first, or_equal=True)
                for first, second in ORDERED
            ),
        ],
    )

    def run() -> int:
        found = batch.validate(suite, result_format="BASIC")
        return sum(int(each.result.get("unexpected_count", 0)) for each in found.results)

    return run
