"""OHDSI DataQualityDashboard's check catalogue as its four CSV files, read from a folder."""

import csv
from collections.abc import Iterable
from pathlib import Path

from hilum.errors import BadInputError
from hilum.quality.dqd import LEVELS, Catalogue, CatalogueRow, CheckKind

_FILES = {"TABLE": "table_level", "FIELD": "field_level", "CONCEPT": "concept_level"}
_KINDS = "check_descriptions"
_KIND_COLUMNS = (
    "checkLevel",
    "checkName",
    "checkDescription",
    "kahnContext",
    "kahnCategory",
    "kahnSubcategory",
    "sqlFile",
    "evaluationFilter",
    "severity",
)
_NEEDED = {"TABLE": ("cdmTableName",), "FIELD": ("cdmTableName", "cdmFieldName", "cdmDatatype")} | {
    "CONCEPT": ("cdmTableName", "cdmFieldName", "conceptId")
}
_LARGEST = 50_000_000


def read(folder: Path) -> Catalogue:
    """The catalogue in ``folder``: one file each whose name ends in ``Check_Descriptions.csv``, ``Table_Level.csv``,
    ``Field_Level.csv`` and ``Concept_Level.csv``.

    Raises :class:`BadInputError` when one is missing, there are several, or a column is not there.
    """
    kinds = [_kind(row) for row in _rows(_file(folder, _KINDS), _KIND_COLUMNS) if row["sqlFile"] and row["checkName"]]
    rows = {level: tuple(_rows(_file(folder, _FILES[level]), _NEEDED[level])) for level in LEVELS}
    columns = {level: frozenset(found[0]) if found else frozenset[str]() for level, found in rows.items()}
    return Catalogue(tuple(kind for kind in kinds if _is_made(kind, columns)), rows)


def _is_made(kind: CheckKind, columns: dict[str, frozenset[str]]) -> bool:
    """Whether the catalogue has a column for this kind of check anywhere, as DataQualityDashboard asks it (a name
    may be the beginning of the column's)."""
    wanted = kind.evaluation_filter and kind.level in columns
    return bool(wanted) and any(name.startswith(kind.name) for found in columns.values() for name in found)


def _file(folder: Path, ending: str) -> Path:
    if not folder.is_dir():
        raise BadInputError("dqd_folder", folder=folder.name)
    found = [path for path in sorted(folder.iterdir()) if path.name.lower().endswith(f"{ending}.csv")]
    if len(found) != 1:
        raise BadInputError("dqd_file", folder=folder.name, ending=ending, count=len(found))
    return found[0]


def _rows(path: Path, needed: Iterable[str]) -> list[CatalogueRow]:
    if path.stat().st_size > _LARGEST:
        raise BadInputError("dqd_unreadable", file=path.name)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            lacking = set(needed) - set(reader.fieldnames or ())
            if lacking:
                raise BadInputError("dqd_column", file=path.name, columns=", ".join(sorted(lacking)))
            return [{name: (text or "").strip() for name, text in row.items() if name is not None} for row in reader]
    except (UnicodeError, csv.Error) as wrong:
        raise BadInputError("dqd_unreadable", file=path.name) from wrong


def _kind(row: CatalogueRow) -> CheckKind:
    return CheckKind(*(row[name] if name != "checkLevel" else row[name].upper() for name in _KIND_COLUMNS))
