"""The checks of the catalogue that look beyond one row, as SQL over typed tables (days are numbers).

Each answers two queries of one number: violated rows, and rows looked at. What is counted follows the published
semantics of OHDSI/DataQualityDashboard (inst/sql/sql_server, Apache-2.0); the queries are Hilum's own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hilum.engines.omop_tables import literal, quoted
from hilum.errors import BadInputError
from hilum.quality.dqd import Check

MALE, FEMALE = 8507, 8532
_AFTER_DEATH, _AROUND_VISIT = 60, 7
"""Days an event may come after death, and lie outside its visit."""


@dataclass(frozen=True, slots=True)
class SetCheck:
    """Two queries of one number, and the fields they read: table -> fields, in lower case."""

    violated: str
    denominator: str
    reads: dict[str, frozenset[str]] = field(default_factory=dict)


def set_check(check: Check) -> SetCheck | None:
    """The queries of ``check``, or ``None`` for a kind that is not asked of the tables as a whole."""
    maker = _MAKERS.get(check.kind.name)
    return maker(check) if maker else None


def _counted(check: Check, rest: str = "", where: str = "", distinct: str = "") -> str:
    """Rows of the check's own table ``t``."""
    what = f"count(DISTINCT {distinct})" if distinct else "count(*)"
    condition = f" WHERE {where}" if where else ""
    return f"SELECT {what} FROM {_table(check)} t{rest}{condition}"  # noqa: S608 - identifiers are quoted


def _table(check: Check) -> str:
    return quoted(check.table.lower())


def _fld(check: Check) -> str:
    return f"t.{quoted(check.fld.lower())}"


def _reads(check: Check, *others: str, **tables: Iterable[str]) -> dict[str, frozenset[str]]:
    own = {check.table.lower(): frozenset({check.fld.lower(), *others} - {""})}
    for name, fields in tables.items():
        own[name] = own.get(name, frozenset()) | frozenset(fields)
    return own


def _primary_key(check: Check) -> SetCheck:
    key = quoted(check.fld.lower())
    doubles = f"SELECT count(*) AS n FROM {_table(check)} WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1"  # noqa: S608
    return SetCheck(f"SELECT coalesce(sum(n), 0) FROM ({doubles})", _counted(check), _reads(check))  # noqa: S608


def _foreign_key(check: Check) -> SetCheck:
    other, key = (check.row.get(name, "").strip().lower() for name in ("fkTableName", "fkFieldName"))
    absent = f"NOT EXISTS (SELECT 1 FROM {quoted(other)} o WHERE o.{quoted(key)} = {_fld(check)})"  # noqa: S608
    reads = _reads(check, **{other: {key}})
    return SetCheck(_counted(check, where=f"{_fld(check)} IS NOT NULL AND {absent}"), _counted(check), reads)


def _of_concept(check: Check, condition: str, fields: Iterable[str], denominator: str) -> SetCheck:
    joined = f" JOIN concept c ON {_fld(check)} = c.concept_id"
    reads = _reads(check, concept={"concept_id", *fields})
    return SetCheck(_counted(check, joined, f"c.concept_id <> 0 AND ({condition})"), denominator, reads)


def _domain(check: Check) -> SetCheck:
    wanted = literal(check.row.get("fkDomain", ""))
    return _of_concept(check, f"c.domain_id <> {wanted}", {"domain_id"}, _counted(check))


def _class(check: Check) -> SetCheck:
    wanted = literal(check.row.get("fkClass", ""))
    return _of_concept(check, f"c.concept_class_id <> {wanted}", {"concept_class_id"}, _counted(check))


def _standard(check: Check) -> SetCheck:
    condition = "c.standard_concept IS DISTINCT FROM 'S' OR c.invalid_reason IS NOT NULL"
    filled = _counted(check, where=f"{_fld(check)} IS NOT NULL")
    return _of_concept(check, condition, {"standard_concept", "invalid_reason"}, filled)


def _source_values(check: Check) -> SetCheck:
    standard = check.row.get("standardConceptFieldName", "").strip().lower()
    texts = f"SELECT DISTINCT {_fld(check)} AS x FROM {_table(check)} t"  # noqa: S608
    unmapped = f"SELECT count(*) FROM ({texts} WHERE t.{quoted(standard)} = 0)"  # noqa: S608
    return SetCheck(unmapped, f"SELECT count(*) FROM ({texts})", _reads(check, standard))  # noqa: S608


def _birth(month: str, day: str) -> str:
    """The day number of birth of person ``p``: as recorded, else put together with ``month`` and ``day``."""
    made = f"TRY_CAST(printf('%04d-%02d-%02d', p.year_of_birth, {month}, {day}) AS DATE)"
    return f"coalesce(p.birth_datetime, CAST({made} - DATE '1970-01-01' AS BIGINT))"


_WITH_PERSON = " JOIN person p ON t.person_id = p.person_id"
_BORN = frozenset({"person_id", "birth_datetime", "year_of_birth"})


def _after_birth(check: Check) -> SetCheck:
    born = _birth("coalesce(p.month_of_birth, 1)", "coalesce(p.day_of_birth, 1)")
    reads = _reads(check, "person_id", person=_BORN | {"month_of_birth", "day_of_birth"})
    filled = _counted(check, where=f"{_fld(check)} IS NOT NULL")
    return SetCheck(_counted(check, _WITH_PERSON, f"{_fld(check)} < {born}"), filled, reads)


def _temporal_after(check: Check) -> SetCheck:
    other, name = (
        check.row.get(f"plausibleTemporalAfter{part}", "").strip().lower() for part in ("TableName", "FieldName")
    )
    if other == "person":
        limit, rest, reads = _birth("6", "1"), _WITH_PERSON, _reads(check, "person_id", person=_BORN)
    elif other == check.table.lower():
        limit, rest, reads = f"t.{quoted(name)}", "", _reads(check, name)
    else:
        limit = f"o.{quoted(name)}"
        rest = f" JOIN {quoted(other)} o ON t.person_id = o.person_id"
        reads = _reads(check, "person_id", **{other: {name, "person_id"}})
    return SetCheck(_counted(check, rest, f"{limit} > {_fld(check)}"), _counted(check), reads)


_WITH_DEATH = " JOIN death d ON t.person_id = d.person_id"


def _before_death(check: Check) -> SetCheck:
    late = f"{_fld(check)} > d.death_date + {_AFTER_DEATH}"
    filled = _counted(check, _WITH_DEATH, f"{_fld(check)} IS NOT NULL")
    return SetCheck(_counted(check, _WITH_DEATH, late), filled, _reads(check, "person_id", death=_DIED))


_DIED = frozenset({"person_id", "death_date"})


def _during_life(check: Check) -> SetCheck:
    late = f"{_fld(check)} > d.death_date + {_AFTER_DEATH}"
    of_dead = _counted(check, where="t.person_id IN (SELECT person_id FROM death)")
    return SetCheck(_counted(check, _WITH_DEATH, late), of_dead, _reads(check, "person_id", death=_DIED))


def _within_visit(check: Check) -> SetCheck:
    visit = " JOIN visit_occurrence v ON t.visit_occurrence_id = v.visit_occurrence_id"
    outside = (
        f"{_fld(check)} < v.visit_start_date - {_AROUND_VISIT} OR {_fld(check)} > v.visit_end_date + {_AROUND_VISIT}"
    )
    fields = {"visit_occurrence_id", "visit_start_date", "visit_end_date"}
    reads = _reads(check, "visit_occurrence_id", visit_occurrence=fields)
    return SetCheck(_counted(check, visit, outside), _counted(check, visit), reads)


def _gender(check: Check) -> SetCheck:
    here = f"{_fld(check)} IN ({_concepts(check)})"
    wrong = f"{here} AND p.gender_concept_id <> {_sex(check)}"
    reads = _reads(check, "person_id", person={"person_id", "gender_concept_id"})
    return SetCheck(_counted(check, _WITH_PERSON, wrong), _counted(check, where=here), reads)


def _gender_of_descendants(check: Check) -> SetCheck:
    below = f" JOIN concept_ancestor a ON a.descendant_concept_id = {_fld(check)}"
    here = f"a.ancestor_concept_id IN ({_concepts(check)})"
    wrong = f"{here} AND p.gender_concept_id <> {_sex(check)}"
    ancestors = {"ancestor_concept_id", "descendant_concept_id"}
    reads = _reads(check, "person_id", person={"person_id", "gender_concept_id"}, concept_ancestor=ancestors)
    return SetCheck(_counted(check, _WITH_PERSON + below, wrong), _counted(check, below, here), reads)


def _sex(check: Check) -> int:
    return MALE if check.row.get(check.kind.name, "").strip() == "Male" else FEMALE


def _concepts(check: Check) -> str:
    """The concept numbers of a check as a list: numbers and nothing else reach the query."""
    try:
        return ", ".join(str(int(part)) for part in check.concept.split(","))
    except ValueError:
        raise BadInputError("dqd_limit", check=check.kind.name, value=check.concept[:60]) from None


def _persons(check: Check) -> SetCheck:
    absent = f"NOT EXISTS (SELECT 1 FROM {_table(check)} t WHERE t.person_id = p.person_id)"  # noqa: S608
    reads = _reads(check, "person_id", person={"person_id"})
    return SetCheck(f"SELECT count(*) FROM person p WHERE {absent}", "SELECT count(*) FROM person", reads)  # noqa: S608


def _eras(check: Check) -> SetCheck:
    ill = "SELECT count(DISTINCT o.person_id) FROM condition_occurrence o WHERE o.condition_concept_id <> 0"
    absent = f"NOT EXISTS (SELECT 1 FROM {_table(check)} t WHERE t.person_id = o.person_id)"  # noqa: S608
    reads = _reads(check, "person_id", condition_occurrence={"person_id", "condition_concept_id"})
    return SetCheck(f"{ill} AND {absent}", ill, reads)


def _overlaps(check: Check) -> SetCheck:
    """Two periods of a person that overlap, or follow each other without a day between."""
    other = f" JOIN {_table(check)} u ON t.person_id = u.person_id"
    begins, ends = "observation_period_start_date", "observation_period_end_date"
    touching = f"t.{begins} <= u.{ends} + 1 AND t.{ends} + 1 >= u.{begins}"
    apart = "t.observation_period_id <> u.observation_period_id"
    reads = _reads(check, "person_id", "observation_period_id", begins, ends)
    persons = _counted(check, distinct="t.person_id")
    return SetCheck(_counted(check, other, f"{apart} AND {touching}", distinct="t.person_id"), persons, reads)


_MAKERS: dict[str, Callable[[Check], SetCheck]] = {
    "measurePersonCompleteness": _persons,
    "measureConditionEraCompleteness": _eras,
    "measureObservationPeriodOverlap": _overlaps,
    "isPrimaryKey": _primary_key,
    "isForeignKey": _foreign_key,
    "fkDomain": _domain,
    "fkClass": _class,
    "isStandardValidConcept": _standard,
    "sourceValueCompleteness": _source_values,
    "plausibleTemporalAfter": _temporal_after,
    "plausibleDuringLife": _during_life,
    "withinVisitDates": _within_visit,
    "plausibleAfterBirth": _after_birth,
    "plausibleBeforeDeath": _before_death,
    "plausibleGender": _gender,
    "plausibleGenderUseDescendants": _gender_of_descendants,
}
