"""DataQualityDashboard's catalogue as checks: which there are, when they fail, when they do not apply."""

from datetime import date
from pathlib import Path

import pytest

from hilum.errors import BadInputError
from hilum.formats.dqd_catalogue import read
from hilum.formats.omop_results import Run, document
from hilum.quality.dqd import Catalogue, Check, CheckKind, checks, column_types
from hilum.quality.dqd_results import Counted, Extent, State, judged, tally
from hilum.quality.dqd_rows import predicate_types, row_check
from hilum.quality.predicate import parse

COUNTS = {
    "cdmTable": 31,
    "measurePersonCompleteness": 16,
    "measureConditionEraCompleteness": 1,
    "measureObservationPeriodOverlap": 1,
    "cdmField": 391,
    "isRequired": 145,
    "cdmDatatype": 197,
    "isPrimaryKey": 23,
    "isForeignKey": 163,
    "fkDomain": 43,
    "fkClass": 3,
    "isStandardValidConcept": 64,
    "measureValueCompleteness": 391,
    "standardConceptRecordCompleteness": 48,
    "sourceConceptRecordCompleteness": 13,
    "sourceValueCompleteness": 32,
    "plausibleValueLow": 68,
    "plausibleValueHigh": 60,
    "plausibleTemporalAfter": 51,
    "plausibleDuringLife": 34,
    "withinVisitDates": 9,
    "plausibleAfterBirth": 49,
    "plausibleBeforeDeath": 47,
    "plausibleStartBeforeEnd": 22,
    "plausibleGender": 287,
    "plausibleGenderUseDescendants": 4,
    "plausibleUnitConceptIds": 181,
}
"""Rows of the catalogue 2.8.4 for CDM 5.4 that each kind's filter picks, vocabulary tables left out."""


def kind(name: str = "isRequired", filter_: str = "isRequired=='Yes'", level: str = "FIELD") -> CheckKind:
    return CheckKind(
        level, name, "@cdmFieldName of @cdmTableName", "Validation", "Conformance", "", "x", filter_, "fatal"
    )


def made(*rows: dict[str, str], of: CheckKind | None = None) -> tuple[Check, ...]:
    one = of or kind()
    return checks(Catalogue((one,), {one.level: rows}))


ROW = {"cdmTableName": "PERSON", "cdmFieldName": "person_id", "isRequired": "Yes", "isRequiredThreshold": "5"}


def test_a_row_the_filter_picks_is_a_check() -> None:
    (check,) = made(ROW, ROW | {"isRequired": "No"}, ROW | {"isRequired": ""})
    assert (check.id, check.threshold) == ("field_isrequired_person_person_id", 5.0)
    assert check.description == "PERSON_ID of PERSON"


def test_an_empty_cell_is_not_different_from_a_value() -> None:
    of = kind(filter_="isRequired=='Yes' & fkDomain!= ''")
    assert made(ROW, of=of) == ()
    assert len(made(ROW | {"fkDomain": "Drug"}, of=of)) == 1


def test_vocabulary_tables_and_the_reserved_field_are_left_out() -> None:
    assert made(ROW | {"cdmTableName": "CONCEPT"}, ROW | {"cdmFieldName": "offset"}) == ()


@pytest.mark.parametrize("filter_", ["isRequired in ('Yes')", "system('x')", "", "a=='b' | c=='d'"])
def test_a_filter_that_says_something_else_is_an_error(filter_: str) -> None:
    with pytest.raises(BadInputError, match="filter"):
        made(ROW, of=kind(filter_=filter_))


def test_a_threshold_that_is_no_number_is_an_error() -> None:
    with pytest.raises(BadInputError, match="threshold"):
        made(ROW | {"isRequiredThreshold": "five"})


EXTENTS = {"PERSON": Extent(100, frozenset({"PERSON_ID"}), frozenset())}


@pytest.mark.parametrize(
    ("threshold", "violated", "state"),
    [
        ("", 1, State.FAILED),
        ("0", 1, State.FAILED),
        ("0", 0, State.PASSED),
        ("5", 5, State.PASSED),
        ("5", 6, State.FAILED),
        ("100", 100, State.PASSED),
    ],
)
def test_a_check_fails_above_its_threshold(threshold: str, violated: int, state: State) -> None:
    (check,) = made(ROW | {"isRequiredThreshold": threshold})
    assert judged(check, Counted(violated, 100), EXTENTS).state is state


def test_what_is_not_there_makes_a_check_inapplicable_with_a_reason() -> None:
    (check,) = made(ROW)
    absent = judged(check, Counted(None, None, "x"), {})
    assert (absent.state, absent.reason) == (State.NOT_APPLICABLE, "Table PERSON does not exist.")
    no_field = judged(check, Counted(None, None, "x"), {"PERSON": Extent(1, frozenset(), frozenset())})
    assert no_field.reason == "Field PERSON.PERSON_ID does not exist."
    empty = {"PERSON": Extent(0, frozenset({"PERSON_ID"}), frozenset({"PERSON_ID"}))}
    assert judged(check, Counted(0, 0), empty).reason == "Table PERSON is empty."
    blank = {"PERSON": Extent(9, frozenset({"PERSON_ID"}), frozenset({"PERSON_ID"}))}
    assert judged(check, Counted(9, 9), blank).reason == "Field PERSON.PERSON_ID is not populated."


def test_a_missing_table_fails_its_own_check_and_an_unevaluated_check_is_no_pass() -> None:
    (table,) = made({"cdmTableName": "PERSON"}, of=kind("cdmTable", "cdmTableName!=''", "TABLE"))
    assert judged(table, Counted(1, 1), {}).state is State.FAILED
    (check,) = made(ROW)
    broken = judged(check, Counted(None, None, "why"), EXTENTS)
    assert broken.state is State.NOT_EVALUATED
    assert tally([broken]).percent_passed is None
    told = document([broken], Run("a", "b", 1.0, {"cdm_source_name": "NJ"}, "0"))
    assert told["CheckResults"][0]["isError"] == 1  # type: ignore[index]
    assert told["Overview"]["countPassed"] == [0]  # type: ignore[index]
    assert told["Metadata"] == [{"cdmSourceName": "NJ", "hilumVersion": "0"}]


@pytest.mark.parametrize("name", ["check_descriptions", "table_level", "field_level", "concept_level"])
def test_a_catalogue_without_one_of_its_files_is_an_error(name: str, tmp_path: Path) -> None:
    for other in {"check_descriptions", "table_level", "field_level", "concept_level"} - {name}:
        (tmp_path / f"X_{other}.csv").write_text(
            "checkLevel,checkName,checkDescription,kahnContext,kahnCategory,kahnSubcategory,sqlFile,evaluationFilter,"
            "severity,cdmTableName,cdmFieldName,cdmDatatype,conceptId\n"
        )
    with pytest.raises(BadInputError, match=name):
        read(tmp_path)


def test_the_published_catalogue_makes_as_many_checks_as_its_filters_pick(shared_data: Path) -> None:
    found = checks(read(shared_data / "dqd"))
    counts: dict[str, int] = {}
    for check in found:
        counts[check.kind.name] = counts.get(check.kind.name, 0) + 1
    assert counts == COUNTS
    assert len(found) == len({check.id for check in found}) == 2374


def test_checks_of_one_row_read_in_the_rule_language(shared_data: Path) -> None:
    catalogue = read(shared_data / "dqd")
    types, today = column_types(catalogue), date(2026, 3, 5)
    found = [(check, row) for check in checks(catalogue) if (row := row_check(check, today)) is not None]
    for check, row in found:
        columns = predicate_types(types[check.table.lower()])
        parse(row.condition, columns, check.id)
        if row.when:
            parse(row.when, columns, check.id)
    assert len(found) == 928
