"""The catalogue of OHDSI's DataQualityDashboard as checks: which there are, what each asks, and when it has failed.

A catalogue is four tables: the kinds of check, and the tables, fields and concepts of the data model they are made
for. A kind's ``evaluationFilter`` says which rows of its level become a check; every such row is one, so that the
number of checks is DataQualityDashboard's own. Semantics after OHDSI/DataQualityDashboard 2.8.4 (R/executeDqChecks.R,
R/evaluateThresholds.R, inst/sql/sql_server), Apache-2.0; Kahn et al. 2016, doi:10.13063/2327-9214.1244.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hilum.errors import BadInputError

CatalogueRow = Mapping[str, str]
SOURCE = "OHDSI DQD 5.4"
LEVELS = ("TABLE", "FIELD", "CONCEPT")
VOCABULARY = frozenset(
    {"CONCEPT", "VOCABULARY", "CONCEPT_ANCESTOR", "CONCEPT_RELATIONSHIP", "CONCEPT_CLASS", "CONCEPT_SYNONYM"}
    | {"RELATIONSHIP", "DOMAIN"}
)
"""Tables DataQualityDashboard leaves out unless told otherwise (``tablesToExclude``)."""

_CLAUSE = re.compile(r"(\w+)\s*(==|!=)\s*['\"]([^'\"]*)['\"]")
_PLACE = re.compile(r"@(\w+)")
_RESERVED = "offset"
"""A field name several databases cannot ask for; DataQualityDashboard checks it nowhere."""


@dataclass(frozen=True, slots=True)
class CheckKind:
    """One kind of check: level, name, description with ``@places``, Kahn context and category, filter, severity."""

    level: str
    name: str
    description: str
    context: str
    category: str
    subcategory: str
    sql_file: str
    evaluation_filter: str
    severity: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The four tables of a catalogue as they stand in its files."""

    kinds: tuple[CheckKind, ...]
    rows: Mapping[str, tuple[CatalogueRow, ...]]
    """Level -> its rows."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``table`` and ``fld`` are in capitals; ``row`` is the catalogue's row with every parameter;
    ``threshold`` is the percentage of violated rows above which it has failed (``None``: any violation)."""

    id: str
    kind: CheckKind
    table: str
    fld: str
    concept: str
    unit: str
    threshold: float | None
    notes: str
    row: CatalogueRow = field(repr=False, compare=False)

    @property
    def description(self) -> str:
        """What the check counts, in the catalogue's words."""
        return _PLACE.sub(lambda found: self.row.get(found[1], found[0]).upper(), self.kind.description).strip()


def checks(catalogue: Catalogue, excluded: Iterable[str] = VOCABULARY) -> tuple[Check, ...]:
    """Every check of the catalogue, kind by kind, but those on the ``excluded`` tables.

    Raises :class:`BadInputError` for an evaluation filter that says something else than ``a == 'x' & b != ''``.
    """
    left_out = {name.upper() for name in excluded}
    found: list[Check] = []
    for kind in catalogue.kinds:
        clauses = _clauses(kind)
        for row in catalogue.rows.get(kind.level, ()):
            table, fld = row.get("cdmTableName", "").upper(), row.get("cdmFieldName", "")
            if table not in left_out and fld != _RESERVED and _applies(clauses, row):
                found.append(_check(kind, table, fld.upper(), row))
    return tuple(found)


def _clauses(kind: CheckKind) -> tuple[tuple[str, bool, str], ...]:
    """``(column, whether it must equal, value)`` of each part of the filter."""
    read = [_CLAUSE.fullmatch(part.strip()) for part in kind.evaluation_filter.split("&")]
    if not all(read):
        raise BadInputError("dqd_filter", check=kind.name, filter=kind.evaluation_filter)
    return tuple((one[1], one[2] == "==", one[3]) for one in read if one)


def _applies(clauses: Sequence[tuple[str, bool, str]], row: CatalogueRow) -> bool:
    """An empty cell is unknown: it is neither equal to a value nor different from it, as in R."""
    cells = [(row.get(column, "").strip(), equal, wanted) for column, equal, wanted in clauses]
    return all(cell and (cell == wanted) is equal for cell, equal, wanted in cells)


def _check(kind: CheckKind, table: str, fld: str, row: CatalogueRow) -> Check:
    threshold = row.get(f"{kind.name}Threshold", "").strip()
    concept, unit = row.get("conceptId", "").strip(), row.get("unitConceptId", "").strip()
    parts = (kind.level, kind.name, table, fld, concept, unit)
    return Check(
        id="_".join(part.replace(" ", "") for part in parts if part).lower(),
        kind=kind,
        table=table,
        fld=fld,
        concept=concept,
        unit=unit,
        threshold=_percent(threshold, kind, table),
        notes=row.get(f"{kind.name}Notes", "").strip(),
        row=row,
    )


def _percent(text: str, kind: CheckKind, table: str) -> float | None:
    if not text or text.upper() == "NA":
        return None
    try:
        return float(text)
    except ValueError:
        raise BadInputError("dqd_threshold", check=kind.name, table=table, value=text[:40]) from None


def column_types(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Table -> field -> data type of the model, names in lower case, types as the catalogue writes them in lower
    case."""
    found: dict[str, dict[str, str]] = {}
    for row in catalogue.rows.get("FIELD", ()):
        fields = found.setdefault(row.get("cdmTableName", "").lower(), {})
        fields[row.get("cdmFieldName", "").lower()] = row.get("cdmDatatype", "").strip().lower()
    return found
