"""Every kind of check of DataQualityDashboard's catalogue: the engine agrees with a slow and obvious judge."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hilum.quality.dqd import Catalogue, Check, CheckKind, checks, column_types
from hilum.quality.dqd_results import Counted

pytest.importorskip("duckdb")

from hilum.engines.omop_checks import run
from hilum.engines.omop_tables import CsvTable, Warehouse

Row = dict[str, str]
Tables = dict[str, list[Row]]
TODAY = date(2026, 3, 5)

FIELDS: dict[str, dict[str, str]] = {
    "person": {"person_id": "integer", "gender_concept_id": "integer", "year_of_birth": "integer"}
    | {"month_of_birth": "integer", "day_of_birth": "integer", "birth_datetime": "datetime"},
    "death": {"person_id": "integer", "death_date": "date"},
    "visit_occurrence": {"visit_occurrence_id": "integer", "person_id": "integer", "visit_start_date": "date"}
    | {"visit_end_date": "date"},
    "condition_occurrence": {"condition_occurrence_id": "integer", "person_id": "integer"}
    | {"condition_concept_id": "integer", "condition_start_date": "date", "condition_end_date": "date"}
    | {"condition_source_value": "varchar(50)", "visit_occurrence_id": "integer"},
    "measurement": {"measurement_id": "integer", "person_id": "integer", "measurement_concept_id": "integer"}
    | {"measurement_date": "date", "value_as_number": "float", "unit_concept_id": "integer"}
    | {"unit_source_value": "varchar(50)"},
    "condition_era": {"condition_era_id": "integer", "person_id": "integer"},
    "observation_period": {"observation_period_id": "integer", "person_id": "integer"}
    | {"observation_period_start_date": "date", "observation_period_end_date": "date"},
    "concept": {"concept_id": "integer", "domain_id": "varchar(20)", "concept_class_id": "varchar(20)"}
    | {"standard_concept": "varchar(1)", "invalid_reason": "varchar(1)"},
    "concept_ancestor": {"ancestor_concept_id": "integer", "descendant_concept_id": "integer"},
}

ASKED: dict[str, tuple[str, Row]] = {
    "cdmTable": ("TABLE", {"cdmTableName": "PERSON"}),
    "measurePersonCompleteness": ("TABLE", {"cdmTableName": "MEASUREMENT"}),
    "measureConditionEraCompleteness": ("TABLE", {"cdmTableName": "CONDITION_ERA"}),
    "measureObservationPeriodOverlap": ("TABLE", {"cdmTableName": "OBSERVATION_PERIOD"}),
    "cdmField": ("FIELD", {"cdmTableName": "DEATH", "cdmFieldName": "death_date"}),
    "isRequired": ("FIELD", {"cdmTableName": "MEASUREMENT", "cdmFieldName": "person_id"}),
    "cdmDatatype": ("FIELD", {"cdmTableName": "MEASUREMENT", "cdmFieldName": "unit_concept_id"}),
    "isPrimaryKey": ("FIELD", {"cdmTableName": "MEASUREMENT", "cdmFieldName": "measurement_id"}),
    "isForeignKey": (
        "FIELD",
        {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "visit_occurrence_id"}
        | {"fkTableName": "VISIT_OCCURRENCE", "fkFieldName": "VISIT_OCCURRENCE_ID"},
    ),
    "fkDomain": (
        "FIELD",
        {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "condition_concept_id", "fkDomain": "Condition"},
    ),
    "fkClass": (
        "FIELD",
        {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "condition_concept_id", "fkClass": "Finding"},
    ),
    "isStandardValidConcept": (
        "FIELD",
        {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "condition_concept_id"},
    ),
    "measureValueCompleteness": ("FIELD", {"cdmTableName": "MEASUREMENT", "cdmFieldName": "value_as_number"}),
    "standardConceptRecordCompleteness": ("FIELD", {"cdmTableName": "MEASUREMENT", "cdmFieldName": "unit_concept_id"}),
    "sourceConceptRecordCompleteness": (
        "FIELD",
        {"cdmTableName": "MEASUREMENT", "cdmFieldName": "measurement_concept_id"},
    ),
    "sourceValueCompleteness": (
        "FIELD",
        {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "condition_source_value"}
        | {"standardConceptFieldName": "CONDITION_CONCEPT_ID"},
    ),
    "plausibleValueLow": (
        "FIELD",
        {"cdmTableName": "MEASUREMENT", "cdmFieldName": "measurement_date", "plausibleValueLow": "'20000102'"},
    ),
    "plausibleValueHigh": (
        "FIELD",
        {"cdmTableName": "MEASUREMENT", "cdmFieldName": "measurement_date"}
        | {"plausibleValueHigh": "DATEADD(dd,1,GETDATE())"},
    ),
    "plausibleTemporalAfter": (
        "FIELD",
        {"cdmTableName": "MEASUREMENT", "cdmFieldName": "measurement_date"}
        | {"plausibleTemporalAfterTableName": "PERSON", "plausibleTemporalAfterFieldName": "BIRTH_DATETIME"},
    ),
    "plausibleDuringLife": ("FIELD", {"cdmTableName": "MEASUREMENT", "cdmFieldName": "measurement_date"}),
    "withinVisitDates": ("FIELD", {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "condition_start_date"}),
    "plausibleAfterBirth": ("FIELD", {"cdmTableName": "MEASUREMENT", "cdmFieldName": "measurement_date"}),
    "plausibleBeforeDeath": ("FIELD", {"cdmTableName": "MEASUREMENT", "cdmFieldName": "measurement_date"}),
    "plausibleStartBeforeEnd": (
        "FIELD",
        {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "condition_start_date"}
        | {"plausibleStartBeforeEndFieldName": "CONDITION_END_DATE"},
    ),
    "plausibleGender": (
        "CONCEPT",
        {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "CONDITION_CONCEPT_ID", "conceptId": "11"}
        | {"plausibleGender": "Male"},
    ),
    "plausibleGenderUseDescendants": (
        "CONCEPT",
        {"cdmTableName": "CONDITION_OCCURRENCE", "cdmFieldName": "CONDITION_CONCEPT_ID", "conceptId": "10, 12"}
        | {"plausibleGenderUseDescendants": "Female"},
    ),
    "plausibleUnitConceptIds": (
        "CONCEPT",
        {"cdmTableName": "MEASUREMENT", "cdmFieldName": "MEASUREMENT_CONCEPT_ID", "conceptId": "11"}
        | {"plausibleUnitConceptIds": "10,12"},
    ),
}


def catalogue() -> Catalogue:
    """A catalogue with one check of each kind, and the fields of the tables."""
    rows: dict[str, list[Row]] = {"TABLE": [], "FIELD": [], "CONCEPT": []}
    kinds = []
    for name, (level, row) in ASKED.items():
        kinds.append(CheckKind(level, name, "@cdmTableName", "", "", "", "x.sql", f"asks=='{name}'", "fatal"))
        rows[level].append(row | {"asks": name})
    for table, fields in FIELDS.items():
        rows["FIELD"] += [
            {"cdmTableName": table.upper(), "cdmFieldName": f, "cdmDatatype": t} for f, t in fields.items()
        ]
    return Catalogue(tuple(kinds), {level: tuple(found) for level, found in rows.items()})


# --- the judge: one row at a time, nothing clever ----------------------------------------------------------------


def whole(text: str) -> int | None:
    return int(text) if text.lstrip("+-").isdecimal() else None


def day(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def born(person: Row, month: str, number: str) -> date | None:
    if person["birth_datetime"]:
        return day(person["birth_datetime"])
    try:
        return date(int(person["year_of_birth"]), int(month or 1), int(number or 1))
    except ValueError:
        return None


def judge(name: str, tables: Tables) -> tuple[int, int]:
    """Violated rows and rows looked at."""
    return JUDGES[name](Seen(tables, ASKED[name][1]))


def same(a: Row, b: Row, key: str) -> bool:
    return key in a and bool(a[key]) and a[key] == b[key]


class Seen:
    """What a check looks at: its own rows, those with a value, and those joined with others."""

    def __init__(self, tables: Tables, row: Row) -> None:
        self.t, self.fld = tables, row.get("cdmFieldName", "").lower()
        self.own = tables[row["cdmTableName"].lower()]
        self.filled = [one for one in self.own if self.fld and one[self.fld]]

    def cell(self, one: Row) -> str:
        return one[self.fld]

    def joined(self, table: str, key: str) -> list[tuple[Row, Row]]:
        return [(one, other) for one in self.own for other in self.t[table] if same(one, other, key)]

    def concepts(self) -> list[Row]:
        return [c for o in self.filled for c in self.t["concept"] if c["concept_id"] == o[self.fld] != "0"]

    def late(self) -> int:
        dead = self.joined("death", "person_id")
        return sum(bool(one[self.fld]) and _late(one[self.fld], d["death_date"]) for one, d in dead)

    def days(self) -> list[date]:
        return [date.fromisoformat(one[self.fld]) for one in self.filled]


def persons(s: Seen) -> tuple[int, int]:
    seen = {one["person_id"] for one in s.own} - {""}
    return sum(p["person_id"] not in seen for p in s.t["person"]), len(s.t["person"])


def eras(s: Seen) -> tuple[int, int]:
    ill = {o["person_id"] for o in s.t["condition_occurrence"] if o["condition_concept_id"] not in ("", "0")} - {""}
    return len(ill - {one["person_id"] for one in s.own}), len(ill)


def overlaps(s: Seen) -> tuple[int, int]:
    found = {a["person_id"] for a in s.own for b in s.own if same(a, b, "person_id") and _touch(a, b)}
    return len(found), len({one["person_id"] for one in s.own} - {""})


def keys(s: Seen) -> tuple[int, int]:
    return sum(sum(same(one, two, s.fld) for two in s.own) > 1 for one in s.own), len(s.own)


def references(s: Seen) -> tuple[int, int]:
    known = {visit["visit_occurrence_id"] for visit in s.t["visit_occurrence"]}
    return sum(s.cell(one) not in known for one in s.filled), len(s.own)


def standard(s: Seen) -> tuple[int, int]:
    wrong = [c for c in s.concepts() if c["standard_concept"] != "S" or c["invalid_reason"]]
    return len(wrong), len(s.filled)


def units_mapped(s: Seen) -> tuple[int, int]:
    asked = [one for one in s.own if s.cell(one) or one["unit_source_value"]]
    return sum(s.cell(one) in ("", "0") for one in asked), len(asked)


def source_values(s: Seen) -> tuple[int, int]:
    unmapped = {s.cell(one) for one in s.own if one["condition_concept_id"] == "0"}
    return len(unmapped), len({s.cell(one) for one in s.own})


def after_june(s: Seen) -> tuple[int, int]:
    pairs = s.joined("person", "person_id")
    return sum(_before(s.cell(one), born(p, "6", "1")) for one, p in pairs), len(s.own)


def after_birth(s: Seen) -> tuple[int, int]:
    pairs = s.joined("person", "person_id")
    early = [_before(s.cell(one), born(p, p["month_of_birth"], p["day_of_birth"])) for one, p in pairs]
    return sum(early), len(s.filled)


def during_life(s: Seen) -> tuple[int, int]:
    dead = {d["person_id"] for d in s.t["death"]} - {""}
    return s.late(), sum(one["person_id"] in dead for one in s.own)


def before_death(s: Seen) -> tuple[int, int]:
    return s.late(), sum(bool(s.cell(one)) for one, _ in s.joined("death", "person_id"))


def within_visit(s: Seen) -> tuple[int, int]:
    pairs = s.joined("visit_occurrence", "visit_occurrence_id")
    return sum(_outside(s.cell(one), visit) for one, visit in pairs), len(pairs)


def in_order(s: Seen) -> tuple[int, int]:
    both = [one for one in s.filled if one["condition_end_date"]]
    return sum(s.cell(one) > one["condition_end_date"] for one in both), len(both)


def gender(s: Seen) -> tuple[int, int]:
    pairs = [p for one, p in s.joined("person", "person_id") if s.cell(one) == "11"]
    return sum(p["gender_concept_id"] not in ("", "8507") for p in pairs), sum(s.cell(one) == "11" for one in s.own)


def gender_below(s: Seen) -> tuple[int, int]:
    below = [one for one in s.own for a in s.t["concept_ancestor"] if _descends(s.cell(one), a)]
    return sum(same(o, p, "person_id") and _not_female(p) for o in below for p in s.t["person"]), len(below)


def units(s: Seen) -> tuple[int, int]:
    asked = [one for one in s.own if s.cell(one) == "11" and one["unit_concept_id"] != "0"]
    return sum(one["unit_concept_id"] not in ("", "10", "12") for one in asked), len(asked)


JUDGES: dict[str, Callable[[Seen], tuple[int, int]]] = {
    "cdmTable": lambda s: (0, 1),
    "cdmField": lambda s: (0, 1),
    "measurePersonCompleteness": persons,
    "measureConditionEraCompleteness": eras,
    "measureObservationPeriodOverlap": overlaps,
    "isRequired": lambda s: (len(s.own) - len(s.filled), len(s.own)),
    "measureValueCompleteness": lambda s: (len(s.own) - len(s.filled), len(s.own)),
    "cdmDatatype": lambda s: (sum(whole(s.cell(one)) is None for one in s.filled), len(s.own)),
    "isPrimaryKey": keys,
    "isForeignKey": references,
    "fkDomain": lambda s: (sum(c["domain_id"] not in ("", "Condition") for c in s.concepts()), len(s.own)),
    "fkClass": lambda s: (sum(c["concept_class_id"] not in ("", "Finding") for c in s.concepts()), len(s.own)),
    "isStandardValidConcept": standard,
    "standardConceptRecordCompleteness": units_mapped,
    "sourceConceptRecordCompleteness": lambda s: (sum(s.cell(one) == "0" for one in s.own), len(s.filled)),
    "sourceValueCompleteness": source_values,
    "plausibleValueLow": lambda s: (sum(at < date(2000, 1, 2) for at in s.days()), len(s.filled)),
    "plausibleValueHigh": lambda s: (sum(at > TODAY + timedelta(days=1) for at in s.days()), len(s.filled)),
    "plausibleTemporalAfter": after_june,
    "plausibleDuringLife": during_life,
    "withinVisitDates": within_visit,
    "plausibleAfterBirth": after_birth,
    "plausibleBeforeDeath": before_death,
    "plausibleStartBeforeEnd": in_order,
    "plausibleGender": gender,
    "plausibleGenderUseDescendants": gender_below,
    "plausibleUnitConceptIds": units,
}


def _late(text: str, died: str) -> bool:
    return bool(died) and (day(text) or TODAY) > date.fromisoformat(died) + timedelta(days=60)


def _before(text: str, limit: date | None) -> bool:
    return bool(text) and limit is not None and date.fromisoformat(text[:10]) < limit


def _touch(a: Row, b: Row) -> bool:
    ids = a["observation_period_id"], b["observation_period_id"]
    if not all(ids) or ids[0] == ids[1]:
        return False
    begins, ends = "observation_period_start_date", "observation_period_end_date"
    first, last = (day(a[begins]), day(a[ends])), (day(b[begins]), day(b[ends]))
    if first[0] is None or first[1] is None or last[0] is None or last[1] is None:
        return False
    one = timedelta(days=1)
    return first[0] <= last[1] + one and first[1] + one >= last[0]


def _outside(text: str, visit: Row) -> bool:
    at, start, end = day(text), day(visit["visit_start_date"]), day(visit["visit_end_date"])
    week = timedelta(days=7)
    return at is not None and ((start is not None and at < start - week) or (end is not None and at > end + week))


def _descends(number: str, ancestor: Row) -> bool:
    return (
        bool(number) and ancestor["descendant_concept_id"] == number and ancestor["ancestor_concept_id"] in ("10", "12")
    )


def _not_female(person: Row) -> bool:
    return person["gender_concept_id"] not in ("", "8532")


# --- tables by chance ---------------------------------------------------------------------------------------------

IDS = st.sampled_from(["", "1", "2", "3"])
CONCEPTS = st.sampled_from(["", "0", "10", "11", "12", "13"])
DAYS = st.sampled_from(
    [
        "",
        "1999-12-31",
        "2000-01-01",
        "2000-01-02",
        "2000-01-08",
        "2000-01-09",
        "2000-01-10",
        "2000-02-29",
        "2000-03-01",
        "2000-03-02",
        "2000-05-31",
        "2000-06-01",
        "2026-03-06",
        "2026-03-07",
    ]
)
CELLS = {
    "integer": IDS,
    "date": DAYS,
    "datetime": DAYS.map(lambda text: text and f"{text} 10:30:00"),
    "float": st.sampled_from(["", "0", "1.5"]),
}
NAMED = {
    "gender_concept_id": st.sampled_from(["", "8507", "8532", "0"]),
    "year_of_birth": st.sampled_from(["1999", "2000"]),
    "month_of_birth": st.sampled_from(["", "1", "12", "6"]),
    "day_of_birth": st.sampled_from(["", "2", "31"]),
    "domain_id": st.sampled_from(["", "Condition", "Drug"]),
    "concept_class_id": st.sampled_from(["", "Finding", "Drug"]),
    "standard_concept": st.sampled_from(["", "S", "C"]),
    "invalid_reason": st.sampled_from(["", "D"]),
    "condition_source_value": st.sampled_from(["", "a", "b", 'say "c"', "d,e"]),
    "unit_source_value": st.sampled_from(["", "mg"]),
}


def cell(field: str, type_: str) -> st.SearchStrategy[str]:
    concept = field.endswith("concept_id")
    return NAMED[field] if field in NAMED else CONCEPTS if concept else CELLS[type_]


TABLES = st.fixed_dictionaries({
    table: st.lists(st.fixed_dictionaries({f: cell(f, type_) for f, type_ in fields.items()}), max_size=6)
    for table, fields in FIELDS.items()
})  # fmt: skip


def counted(tables: Tables) -> dict[str, Counted]:
    """The engine's counts by the name of the check."""
    known = catalogue()
    asked: list[Check] = list(checks(known, excluded=()))
    types = column_types(known)
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder))
        try:
            for name, rows in tables.items():
                warehouse.load(written(Path(folder), name, rows), types[name])
            warehouse.seal()
            results = run(warehouse, asked, types, TODAY, lambda *_: None)
        finally:
            warehouse.close()
    assert len(results) == len(ASKED)
    return {one.check.kind.name: one.counted for one in results}


def written(folder: Path, name: str, rows: list[Row]) -> CsvTable:
    path, columns = folder / f"{name}.csv", tuple(FIELDS[name])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return CsvTable(name, path, columns, ",", f"{name}.csv")


@settings(max_examples=12, phases=[Phase.explicit, Phase.generate])
@given(TABLES)
def test_the_engine_counts_what_the_judge_counts(tables: Tables) -> None:
    found = counted(tables)
    expected = {name: judge(name, tables) for name in ASKED}
    told = {name: (one.violated, one.denominator) for name, one in found.items()}
    assert {name: pair for name, pair in told.items() if pair != expected[name]} == {}


def test_an_integer_that_is_none_is_counted_and_what_needs_it_is_not_evaluated() -> None:
    tables: Tables = {name: [] for name in FIELDS}
    blank = dict.fromkeys(FIELDS["measurement"], "")
    tables["measurement"] = [
        blank | {"measurement_id": "1", "measurement_concept_id": "11", "unit_concept_id": text}
        for text in ("10", "10.0", "mg", "99999999999999999999", "")
    ]
    found = counted(tables)
    assert (found["cdmDatatype"].violated, found["cdmDatatype"].denominator) == (3, 5)
    assert (found["isPrimaryKey"].violated, found["isPrimaryKey"].denominator) == (5, 5)
    unit = found["plausibleUnitConceptIds"]
    assert unit.violated is None
    assert "MEASUREMENT.UNIT_CONCEPT_ID" in unit.error
