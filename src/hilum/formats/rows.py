"""One row of a mapped table as records: typed, in the field's own unit, with its natural key.

What cannot be read stays as it stood in ``unreadable``; the only liberties are lossless ones: a code for a listed
spelling, a unit conversion the mapping names or the cell itself (``0.5 mL``), a midnight that a spreadsheet added to a
date, and a result taken apart (:mod:`hilum.formats.results`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timezone

from hilum.formats import values
from hilum.formats.mapping import CHINA, Mapping, TableMapping, zone_of
from hilum.formats.results import take_apart
from hilum.model.record import Kind, Locator, Record, Value
from hilum.model.vocabulary import Field, FieldType, vocabulary
from hilum.registry.privacy import KEY_SEPARATOR
from hilum.terms.spoken_values import in_unit, quantity
from hilum.terms.synonyms import code_of
from hilum.terms.units import conversion

CHINA_ZONE = zone_of(CHINA)
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?$")
_EATEN = re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,2}", re.ASCII)
"""What a spreadsheet leaves of a long barcode: its last digits are gone."""
_NUMBERS = (FieldType.NUMBER, FieldType.INTEGER)
_REMEMBERED = 4096
_LINKS = frozenset({"donor_id", "specimen_id"})
_NAMES = frozenset({"barcode_2d", "national_id", "phone", "logger"})

_KEYS: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.DONOR: (("donor_id",),),
    Kind.CONSENT: (("donor_id", "form_version"), ("donor_id",)),
    Kind.CONDITION: (("condition_id",), ("donor_id", "icd10", "diagnosed_on"), ("donor_id", "diagnosis")),
    Kind.OBSERVATION: (
        ("observation_id", "analyte"),
        ("specimen_id", "analyte", "observed_at"),
        ("donor_id", "analyte", "observed_at"),
    ),
    Kind.FOLLOW_UP: (("follow_up_id",), ("donor_id", "form_completed_on")),
    Kind.MEDICATION: (("medication_id",), ("donor_id", "drug", "started_on")),
    Kind.PROCEDURE: (("procedure_id",), ("donor_id", "type", "started_on")),
    Kind.COLLECTION: (("collection_id",), ("specimen_id",)),
    Kind.SPECIMEN: (("specimen_id",),),
    Kind.PREPARATION: (("preparation_id",), ("specimen_id", "protocol", "started_at")),
    Kind.SLIDE: (("slide_id",),),
    Kind.TRANSPORT: (("transport_id", "specimen_id"), ("transport_id",)),
    Kind.STORAGE: (("storage_id",), ("specimen_id", "stored_at"), ("specimen_id",)),
    Kind.ASSAY: (("assay_id",),),
    Kind.READING: (("reading_id",), ("logger", "read_at")),
    Kind.LOG: (("log_id",), ("logger", "started_at")),
    Kind.CUSTODY: (("custody_id",), ("specimen_id", "action", "happened_at")),
    Kind.ENCOUNTER: (("encounter_id",), ("donor_id", "started_at")),
    Kind.REPORT: (("report_id",),),
}
"""Which fields name a fact, best first. A laboratory's report number covers several analytes and a waybill several
tubes, so theirs are joined with the analyte and the specimen."""


def natural_key(kind: Kind, fields: dict[str, Value], locator: Locator) -> str:
    """The key of a record of ``kind``: its naming fields joined, or, when a row names nothing, the place it stood in,
    which is nobody else's. A part that is the donor's identifier is a component of its own, as the source writes it,
    so that the bank can put the pseudonym in its place."""
    for names in _KEYS[kind]:
        parts = [str(found) for name in names if (found := fields.get(name)) is not None]
        if len(parts) == len(names) and not any(KEY_SEPARATOR in part for part in parts):
            return KEY_SEPARATOR.join(parts)
    return f"{locator.source}:{locator.place}:{locator.line}"


@dataclass(frozen=True, slots=True)
class _Cell:
    """One field of a part: the columns it is read from, how its numbers are converted, and texts already read.

    Codes, doses and times of day come again and again; remembering a few thousand of them spares most of the work.
    """

    field: Field
    indices: tuple[int, ...]
    convert: Callable[[float], float] | None
    zone: timezone
    known: dict[str, tuple[Value, bool]]

    def text(self, cells: Sequence[str]) -> str:
        if len(self.indices) == 1:
            return cells[self.indices[0]] if self.indices[0] < len(cells) else ""
        return " ".join(found for index in self.indices if index < len(cells) and (found := cells[index]))

    def read(self, text: str) -> tuple[Value, bool]:
        answer = self.known.get(text)
        if answer is None:
            answer = self._read(text)
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[text] = answer
        return answer

    def _read(self, text: str) -> tuple[Value, bool]:
        value, readable = read(self.field, text, self.zone)
        if not readable and self.field.unit and self.field.type in _NUMBERS:
            return with_own_unit(self.field, text)
        if self.convert and isinstance(value, int | float):
            return _typed(self.field, self.convert(float(value)))
        return value, readable


@dataclass(frozen=True, slots=True)
class _Part:
    kind: Kind
    cells: tuple[_Cell, ...]
    constants: dict[str, Value]


class RowReader:
    """A mapping made ready for one table's column order."""

    def __init__(self, mapping: TableMapping, names: Sequence[str], at: Callable[[int], Locator]) -> None:
        places = {values.plain(name): index for index, name in reversed(list(enumerate(names))) if name}
        zone = zone_of(mapping.zone)
        self._parts = [_compile(part, places, zone) for part in mapping.parts]
        self._at = at

    def records(self, line: int, cells: Sequence[str]) -> Iterator[Record]:
        """The records of one row: the first part always, the others where the row says something of theirs.

        A result in a column of its own (its analyte is a constant) is only made where there is one.
        """
        for index, part in enumerate(self._parts):
            record = self._record(part, line, cells)
            if (index == 0 and "analyte" not in part.constants) or _says_something(part, record):
                yield record

    def _record(self, part: _Part, line: int, cells: Sequence[str]) -> Record:
        fields: dict[str, Value] = dict(part.constants)
        unreadable: dict[str, str] = {}
        for cell in part.cells:
            text = cell.text(cells)
            fields[cell.field.name], readable = cell.read(text)
            if not readable:
                unreadable[cell.field.name] = text
        if part.kind is Kind.OBSERVATION:
            take_apart(fields, unreadable)
        locator = self._at(line)
        donor = fields.get("donor_id")
        return Record(
            kind=part.kind,
            key=natural_key(part.kind, fields, locator),
            donor=str(donor) if donor is not None else None,
            fields=fields,
            locator=locator,
            unreadable=unreadable,
        )


def _compile(part: Mapping, places: dict[str, int], zone: timezone) -> _Part:
    known = vocabulary()[part.kind]
    grouped: dict[str, list[str]] = {}
    for header, name in part.columns.items():
        grouped.setdefault(name, []).append(header)
    cells = []
    for name, headers in grouped.items():
        indices = tuple(places[values.plain(header)] for header in headers if values.plain(header) in places)
        unit = next((part.units[header] for header in headers if header in part.units), "")
        cells.append(_Cell(known[name], indices, _converter(unit, known[name].unit), zone, {}))
    constants = {name: read(known[name], text)[0] for name, text in part.constants.items()}
    return _Part(part.kind, tuple(cells), constants)


def _converter(unit: str, target: str) -> Callable[[float], float] | None:
    """Numbers in ``unit`` as numbers in ``target``, to twelve significant digits (1.1 mL is 1100 uL, not 1100.0…2)."""
    if not unit or not target or unit == target:
        return None
    found = conversion(unit, target)
    if found is None:
        return None
    factor, offset = found
    return lambda number: float(f"{number * factor + offset:.12g}")


def names_something(field: Field) -> bool:
    """Whether the field holds an identifier."""
    return field.name.endswith("_id") or field.name in _NAMES


def _says_something(part: _Part, record: Record) -> bool:
    if record.unreadable.keys() - _LINKS:
        return True
    own = {cell.field.name for cell in part.cells} - _LINKS
    if part.kind is Kind.OBSERVATION:
        own &= {"value", "value_text", "value_low", "value_high"}
    return any(record.fields[name] is not None for name in own)


def _typed(field: Field, number: float) -> tuple[Value, bool]:
    """A converted number as the field's type: a whole one where the field wants that, else unreadable."""
    if field.type is FieldType.NUMBER:
        return number, True
    return (int(number), True) if number.is_integer() else (None, False)


def with_own_unit(field: Field, text: str) -> tuple[Value, bool]:
    """``(value, readable)`` of a number that carries its unit, in the field's unit; unreadable where that loses."""
    found = quantity(values.plain(text))
    number = in_unit(found, field.unit) if found else None
    return _typed(field, number) if number is not None else (None, False)


def read(field: Field, text: str, zone: timezone = CHINA_ZONE) -> tuple[Value, bool]:
    """``(value, readable)`` of a cell for ``field``: as :func:`hilum.formats.values.read`, with listed spellings of a
    code set turned into the code, and the midnight Excel adds to a date dropped."""
    if field.type is FieldType.CODE and text:
        code = code_of(field.values, values.plain(text))
        if code is not None:
            return code, True
    value, readable = values.read(field, text, zone)
    if field.type is FieldType.TEXT and value is not None and names_something(field) and _EATEN.fullmatch(str(value)):
        return None, False
    if not readable and field.type is FieldType.DATE:
        folded = values.plain(text)
        day = values.day(_MIDNIGHT.sub("", folded)) if _MIDNIGHT.search(folded) else None
        return day, day is not None
    return value, readable
