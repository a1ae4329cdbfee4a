"""Which checks of the catalogue ask one row at a time, and how they read in Hilum's own rule language.

Seven kinds do: they need nothing but the row. Their ``when`` is what DataQualityDashboard counts as the denominator,
their ``assert`` is what a row must hold. Dates and datetimes are day numbers, as for every rule.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from hilum.errors import BadInputError
from hilum.quality.dqd import Check
from hilum.quality.row import ColumnType, day_number

COMPLETENESS = frozenset({"isRequired", "measureValueCompleteness"})
"""Kinds that ask whether anything stands in the cell, readable or not."""
TEXT, DAY, WHOLE, NUMBER = "text", "day", "whole", "number"

_QUOTED_DAY = re.compile(r"'?(\d{4})-?(\d{2})-?(\d{2})'?")
_TOMORROW = re.compile(r"DATEADD\(\s*(?:dd|day)\s*,\s*(-?\d+)\s*,\s*GETDATE\(\)\s*\)", re.IGNORECASE)
_NEXT_YEAR = re.compile(r"YEAR\(\s*GETDATE\(\)\s*\)\s*(?:\+\s*(\d+))?", re.IGNORECASE)
_PLAIN = re.compile(r"-?\d+(\.\d+)?")

_SOURCES = {
    "unit_concept_id": "unit_source_value",
    "unit_source_concept_id": "unit_source_value",
    "admitted_from_concept_id": "admitted_from_source_value",
    "admitting_source_concept_id": "admitting_source_value",
    "discharged_to_concept_id": "discharged_to_source_value",
    "discharge_to_concept_id": "discharge_to_source_value",
    "condition_status_concept_id": "condition_status_source_value",
    "route_concept_id": "route_source_value",
    "modifier_concept_id": "modifier_source_value",
    "qualifier_concept_id": "qualifier_source_value",
    "cause_concept_id": "cause_source_value",
    "cause_source_concept_id": "cause_source_value",
    "anatomic_site_concept_id": "anatomic_site_source_value",
    "disease_status_concept_id": "disease_status_source_value",
    "country_concept_id": "country_source_value",
    "place_of_service_concept_id": "place_of_service_source_value",
    "specialty_concept_id": "specialty_source_value",
    "specialty_source_concept_id": "specialty_source_value",
    "payer_concept_id": "payer_source_value",
    "payer_source_concept_id": "payer_source_value",
    "plan_concept_id": "plan_source_value",
    "plan_source_concept_id": "plan_source_value",
    "sponsor_concept_id": "sponsor_source_value",
    "sponsor_source_concept_id": "sponsor_source_value",
    "stop_reason_concept_id": "stop_reason_source_value",
    "stop_reason_source_concept_id": "stop_reason_source_value",
}
"""Optional concept field -> the source text beside it: where that stands, a missing concept is an unmapped one."""


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check as two predicates: the rows it counts (empty: all) and what must hold there."""

    when: str
    condition: str


def kind_of(datatype: str) -> str:
    """What a field of this data type of the model holds: text, a day, a whole number or a number."""
    if datatype in ("date", "datetime"):
        return DAY
    if datatype in ("integer", "bigint"):
        return WHOLE
    return NUMBER if datatype == "float" else TEXT


def predicate_types(types: Mapping[str, str]) -> dict[str, str]:
    """Field -> type in the rule language of a table whose fields have these data types."""
    return {name: ColumnType.TEXT if kind_of(one) == TEXT else ColumnType.NUMBER for name, one in types.items()}


def row_check(check: Check, today: date) -> RowCheck | None:
    """The check in the rule language, or ``None`` for one that looks beyond its row.

    Raises :class:`BadInputError` for a limit the catalogue writes in a way nobody has foreseen.
    """
    maker = _MAKERS.get(check.kind.name)
    return maker(check, check.fld.lower(), today) if maker else None


def _filled(_check: Check, fld: str, _today: date) -> RowCheck:
    return RowCheck("", f"{fld} IS NOT NULL")


def _mapped(check: Check, fld: str, _today: date) -> RowCheck:
    """A concept field holds no 0; where a source text stands it holds something."""
    source = _source_beside(check.table, fld)
    when = f"{fld} IS NOT NULL OR {source} IS NOT NULL" if source else f"{fld} IS NOT NULL"
    return RowCheck(when, f"{fld} IS NOT NULL AND {fld} <> 0")


def _source_beside(table: str, fld: str) -> str:
    if table == "PROVIDER" and fld in ("gender_concept_id", "gender_source_concept_id"):
        return "gender_source_value"
    if table == "DOSE_ERA" and fld.startswith("unit_"):
        return ""
    return _SOURCES.get(fld, "")


def _not_below(check: Check, fld: str, today: date) -> RowCheck:
    return RowCheck(f"{fld} IS NOT NULL", f"{fld} >= {_limit(check, 'plausibleValueLow', today)}")


def _not_above(check: Check, fld: str, today: date) -> RowCheck:
    return RowCheck(f"{fld} IS NOT NULL", f"{fld} <= {_limit(check, 'plausibleValueHigh', today)}")


def _limit(check: Check, parameter: str, today: date) -> str:
    """A limit as the catalogue's SQL writes it: a number, a day in quotes, or a day or year counted from today."""
    text = check.row.get(parameter, "").strip()
    if _PLAIN.fullmatch(text):
        return text
    if later := _TOMORROW.fullmatch(text):
        return str(day_number(today.isoformat()) + int(later[1]))
    if year := _NEXT_YEAR.fullmatch(text):
        return str(today.year + int(year[1] or 0))
    quoted = _QUOTED_DAY.fullmatch(text)
    if quoted is None:
        raise BadInputError("dqd_limit", check=check.id, value=text[:60])
    return f"DATE '{quoted[1]}-{quoted[2]}-{quoted[3]}'"


def _in_order(check: Check, fld: str, _today: date) -> RowCheck:
    end = check.row.get("plausibleStartBeforeEndFieldName", "").strip().lower()
    return RowCheck(f"{fld} IS NOT NULL AND {end} IS NOT NULL", f"{fld} <= {end}")


def _fitting_unit(check: Check, fld: str, _today: date) -> RowCheck:
    """The unit of one test is among those it is reported in; -1 stands for "no unit". A unit of 0 is not counted
    here: that is completeness."""
    units = [part.strip() for part in check.row.get("plausibleUnitConceptIds", "").split(",") if part.strip()]
    if not units or not all(re.fullmatch(r"-?\d+", unit) for unit in (*units, check.concept)):
        raise BadInputError("dqd_limit", check=check.id, value=check.row.get("plausibleUnitConceptIds", "")[:60])
    when = f"{fld} = {check.concept} AND (unit_concept_id <> 0 OR unit_concept_id IS NULL)"
    return RowCheck(when, f"unit_concept_id IS NULL OR unit_concept_id IN ({', '.join([*units, '0'])})")


_MAKERS: dict[str, Callable[[Check, str, date], RowCheck]] = {
    "isRequired": _filled,
    "measureValueCompleteness": _filled,
    "standardConceptRecordCompleteness": _mapped,
    "sourceConceptRecordCompleteness": _mapped,
    "plausibleValueLow": _not_below,
    "plausibleValueHigh": _not_above,
    "plausibleStartBeforeEnd": _in_order,
    "plausibleUnitConceptIds": _fitting_unit,
}
