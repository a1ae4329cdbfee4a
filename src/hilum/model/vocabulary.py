"""The fields of every kind of record, from ``vocabulary.toml``: name, type, unit, words, and whether personal."""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from hilum.model.record import Kind
from hilum.model.text import Bilingual


class FieldType(StrEnum):
    """How a value is read. ``code`` values come from the value set the field names."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one kind. ``personal`` values live in the vault only; ``role`` says what else a value does:
    ``key`` (natural key part), ``donor`` (whose), ``parent`` (of which specimen), ``moment`` (when it happened)."""

    name: str
    type: FieldType
    label: Bilingual
    unit: str = ""
    values: str = ""
    personal: bool = False
    role: str = ""


@cache
def vocabulary() -> dict[Kind, dict[str, Field]]:
    """kind -> field name -> :class:`Field`, in the file's order."""
    file = resources.files("hilum.model") / "vocabulary.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    return {Kind(kind): {name: _field(name, row) for name, row in rows.items()} for kind, rows in tables.items()}


def _field(name: str, row: dict[str, object]) -> Field:
    return Field(
        name=name,
        type=FieldType(str(row["type"])),
        label=Bilingual(zh=str(row["zh"]), en=str(row["en"])),
        unit=str(row.get("unit", "")),
        values=str(row.get("values", "")),
        personal=bool(row.get("personal", False)),
        role=str(row.get("role", "")),
    )


@cache
def personal_fields(kind: Kind) -> frozenset[str]:
    """Names of the fields of ``kind`` that never leave the vault in the clear."""
    return frozenset(name for name, field in vocabulary()[kind].items() if field.personal)


@cache
def temporal_fields(kind: Kind) -> tuple[tuple[str, FieldType], ...]:
    """The date and instant fields of ``kind``, which rules see as numbers."""
    wanted = (FieldType.DATE, FieldType.INSTANT)
    return tuple((name, field.type) for name, field in vocabulary()[kind].items() if field.type in wanted)
