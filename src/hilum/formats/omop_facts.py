"""What one accepted fact is as a row of an OMOP table: one pure function per kind of fact.

A row is only made with the date its table asks for; half a date is no date there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hilum.formats.export import Exported
from hilum.formats.omop_columns import COMPARATOR, EHR, UNITS, VISIT, VITAL_SIGNS
from hilum.formats.omop_records import DEATH_KEY
from hilum.formats.rows import CHINA_ZONE
from hilum.model.record import Kind, Value

Cell = str | int | float | None
Day = str
Sites = Mapping[str, tuple[Value, Value]]
_WHOLE = len("2024-03-05")
_QUANTITIES = (("volume_ul", "uL"), ("weight_mg", "mg"), ("amount_ug", "ug"))


@dataclass(frozen=True, slots=True)
class Made:
    """One row: its table, its cells but the keys, and the days on which it says something of the person."""

    table: str
    cells: dict[str, Cell]
    days: tuple[Day, ...]


def whole_day(value: Value) -> Day | None:
    """A date that has year, month and day, else ``None``."""
    return value if isinstance(value, str) and len(value) == _WHOLE else None


def moment(value: Value) -> tuple[Day | None, str | None]:
    """Day and date with time, both in China Standard Time; a day alone has no time."""
    if not isinstance(value, str) or len(value) <= _WHOLE:
        return whole_day(value), None
    at = datetime.fromisoformat(value)
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(CHINA_ZONE)
    return local.date().isoformat(), local.strftime("%Y-%m-%d %H:%M:%S")


def _text(fact: Exported, *names: str) -> str | None:
    return next((str(found) for name in names if (found := fact.fields.get(name)) is not None), None)


def _encounter(fact: Exported, _sites: Sites, made_on: Day) -> Iterator[Made]:
    started, started_at = moment(fact.fields.get("started_at"))
    ended, ended_at = moment(fact.fields.get("ended_at"))
    if started is None:
        return
    kind = _text(fact, "class") or ""
    last = ended or (made_on if kind == "IMP" else started)  # a stay that goes on ends, for OMOP, with the export
    cells: dict[str, Cell] = {
        "visit_concept_id": VISIT.get(kind, 0),
        "visit_start_date": started,
        "visit_start_datetime": started_at,
        "visit_end_date": last,
        "visit_end_datetime": ended_at,
        "visit_type_concept_id": EHR,
        "visit_source_value": kind or None,
    }
    yield Made("visit_occurrence", cells, (started, last))


def _condition(fact: Exported, _sites: Sites, _made_on: Day) -> Iterator[Made]:
    day = whole_day(fact.fields.get("diagnosed_on"))
    if day is not None:
        cells: dict[str, Cell] = {
            "condition_concept_id": 0,
            "condition_start_date": day,
            "condition_type_concept_id": EHR,
            "condition_source_value": _text(fact, "icd10", "diagnosis", "icdo_histology", "histology"),
            "condition_status_source_value": _text(fact, "category"),
        }
        yield Made("condition_occurrence", cells, (day,))


def _medication(fact: Exported, _sites: Sites, _made_on: Day) -> Iterator[Made]:
    day, ended = (whole_day(fact.fields.get(name)) for name in ("started_on", "ended_on"))
    if day is not None:
        cells: dict[str, Cell] = {
            "drug_concept_id": 0,
            "drug_exposure_start_date": day,
            "drug_exposure_end_date": ended or day,
            "verbatim_end_date": ended,
            "drug_type_concept_id": EHR,
            "drug_source_value": _text(fact, "drug", "therapy"),
            "route_source_value": _text(fact, "route"),
            "dose_unit_source_value": _text(fact, "dose_unit"),
        }
        yield Made("drug_exposure", cells, (day, ended or day))


def _procedure(fact: Exported, _sites: Sites, _made_on: Day) -> Iterator[Made]:
    day, ended = (whole_day(fact.fields.get(name)) for name in ("started_on", "ended_on"))
    if day is not None:
        cells: dict[str, Cell] = {
            "procedure_concept_id": 0,
            "procedure_date": day,
            "procedure_end_date": ended,
            "procedure_type_concept_id": EHR,
            "procedure_source_value": _text(fact, "type", "category"),
        }
        yield Made("procedure_occurrence", cells, (day, ended or day))


def _observation(fact: Exported, _sites: Sites, _made_on: Day) -> Iterator[Made]:
    day, at = moment(fact.fields.get("observed_at"))
    if day is None:
        return
    fields, unit, analyte = fact.fields, _text(fact, "unit"), _text(fact, "analyte")
    low, high = fields.get("value_low"), fields.get("value_high")
    between = f"{low:g}~{high:g}" if isinstance(low, int | float) and isinstance(high, int | float) else None
    cells: dict[str, Cell] = {
        "measurement_concept_id": VITAL_SIGNS.get(analyte or "", 0),
        "measurement_date": day,
        "measurement_datetime": at,
        "measurement_type_concept_id": EHR,
        "operator_concept_id": COMPARATOR.get(_text(fact, "comparator") or ""),
        "value_as_number": fields.get("value"),
        "unit_concept_id": UNITS.get(unit, 0) if unit else None,
        "range_low": fields.get("reference_low"),
        "range_high": fields.get("reference_high"),
        "measurement_source_value": analyte,
        "unit_source_value": unit,
        "value_source_value": _text(fact, "value_text") or between,
    }
    yield Made("measurement", cells, (day,))


def _follow_up(fact: Exported, _sites: Sites, _made_on: Day) -> Iterator[Made]:
    """What a dated follow-up found, one row each; the row of DEATH is made beside it."""
    day = whole_day(fact.fields.get("form_completed_on"))
    if day is None or fact.key.startswith(DEATH_KEY):
        return
    for name in ("vital_status", "tumor_status"):
        found = _text(fact, name)
        if found is not None:
            cells: dict[str, Cell] = {
                "observation_concept_id": 0,
                "observation_date": day,
                "observation_type_concept_id": EHR,
                "value_as_string": found,
                "observation_source_value": name,
                "value_source_value": found,
            }
            yield Made("observation", cells, (day,))


def death_of(fact: Exported, indexed: Day | None) -> Made | None:
    """A row of DEATH: of a follow-up that says the day, or counts it from a known day of diagnosis."""
    day, days = whole_day(fact.fields.get("died_on")), fact.fields.get("death_offset_days")
    if day is None and indexed is not None and isinstance(days, int):
        try:
            day = (date.fromisoformat(indexed) + timedelta(days=days)).isoformat()
        except OverflowError:
            return None
    if day is None or fact.fields.get("vital_status") != "dead":
        return None
    return Made("death", {"death_date": day, "death_type_concept_id": EHR}, (day,))


def _specimen(fact: Exported, sites: Sites, _made_on: Day) -> Iterator[Made]:
    day, at = moment(fact.fields.get("collected_at"))
    day = day or whole_day(fact.fields.get("created_on"))
    if day is None:
        return
    quantity = next(
        ((fact.fields[name], unit) for name, unit in _QUANTITIES if fact.fields.get(name) is not None), None
    )
    site, status = sites.get(fact.key, (None, None))
    cells: dict[str, Cell] = {
        "specimen_concept_id": 0,
        "specimen_type_concept_id": EHR,
        "specimen_date": day,
        "specimen_datetime": at,
        "quantity": quantity[0] if quantity else None,
        "unit_concept_id": UNITS[quantity[1]] if quantity else None,
        "anatomic_site_concept_id": 0 if site else None,
        "disease_status_concept_id": 0 if status else None,
        "specimen_source_id": fact.key,
        "specimen_source_value": _text(fact, "specimen_type", "sample_type"),
        "unit_source_value": quantity[1] if quantity else None,
        "anatomic_site_source_value": None if site is None else str(site),
        "disease_status_source_value": None if status is None else str(status),
    }
    yield Made("specimen", cells, (day,))


MAKERS: dict[Kind, Callable[[Exported, Sites, Day], Iterator[Made]]] = {
    Kind.ENCOUNTER: _encounter,
    Kind.CONDITION: _condition,
    Kind.MEDICATION: _medication,
    Kind.PROCEDURE: _procedure,
    Kind.OBSERVATION: _observation,
    Kind.FOLLOW_UP: _follow_up,
    Kind.SPECIMEN: _specimen,
}
"""Kind of fact -> the rows it is."""
