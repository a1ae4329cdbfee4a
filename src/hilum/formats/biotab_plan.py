"""How to read one file: the mapping of its table joined to the columns the file really has.

Everything that can be settled once per file is settled here, so that a row costs a look-up per cell. Cells repeat
(dates, plates, codes), so each column remembers what it has read, up to a bound.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hilum.formats import values
from hilum.formats.biotab_parts import OF_BARCODE, OF_CELLS, REMARK, UNREADABLE, Mark, Parts, Read, parts_of
from hilum.formats.biotab_tables import DONOR, Made, Source, Table
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import Field, FieldType, vocabulary
from hilum.terms.synonyms import code_of

ABSENT = frozenset({"", "[Not Available]", "[Not Applicable]", "[Not Evaluated]", "[Unknown]", "[Not Reported]"})
"""Cells that say nothing."""

REMARKS = frozenset({"[Discrepancy]", "[Pending]", "[Completed]"})
"""Cells without a value that say why; the reason is kept in ``extra``."""

KEY_SEPARATOR = "|"
_REMEMBERED = 1_000
_LONGEST_MISSING = max(len(word) for word in values.MISSING)

Row = Sequence[str]
Getter = Callable[[Row], Read]


class Memory(dict[str, Value]):
    """What a column's cells mean, remembered up to a bound; ``marks`` are the cells that are no value, and why."""

    __slots__ = ("_field", "marks")

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field
        self.marks: dict[str, Mark] = {}

    def __missing__(self, text: str) -> Value:
        long_word = self._field.type is FieldType.TEXT and len(text) > _LONGEST_MISSING and is_simple(text)
        found = text if long_word else read_cell(self._field, text)
        if isinstance(found, Mark):
            if len(self.marks) >= _REMEMBERED:
                self.marks.clear()  # only the mark just asked for is ever looked up
            self.marks[text] = found
            return None
        if len(self) < _REMEMBERED:
            self[text] = found
        return found

    def read(self, text: str) -> Read:
        """The value of a cell, or the mark that says why there is none."""
        value = self[text]
        return self.marks.get(text) if value is None else value


def is_simple(text: str) -> bool:
    """Whether a text is ASCII without blanks or control characters, so that it is read as it stands."""
    return text.isascii() and " " not in text and text.isprintable()


def read_cell(field: Field, text: str) -> Read:
    """A cell as the type of ``field``; codes become canonical where their spelling is known."""
    if text in REMARKS:
        return REMARK
    value, readable = values.read(field, text)
    if not readable:
        return UNREADABLE
    if field.type is FieldType.CODE and isinstance(value, str):
        return code_of(field.values, value) or value
    return value


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file: names (made unique) and older names, each with its position."""

    names: tuple[str, ...]
    older: tuple[str, ...]
    index: dict[str, int]

    def find(self, name: str) -> int | None:
        return self.index.get(name)


def columns(names: Sequence[str], older: Sequence[str]) -> Columns:
    """Columns found by name, else by older name; of columns with the same name the first."""
    index: dict[str, int] = {}
    for heads in (names, older):
        for position, name in enumerate(heads):
            if name and not name.startswith("CDE_ID"):
                index.setdefault(name, position)
    return Columns(tuple(names), tuple(older), index)


@dataclass(frozen=True, slots=True)
class Derived:
    """A field made from several cells, or from the first of several columns with a value."""

    field: str
    getter: Getter
    cells: tuple[tuple[int, str], ...]
    """Position and column of every cell it may come from."""


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """How to make one record from a row."""

    kind: Kind
    key: tuple[Getter | None, ...]
    """``None`` stands for the donor's barcode, which is known once per row."""
    key_field: str
    constants: dict[str, Value]
    direct: tuple[tuple[str, int, Memory, dict[str, Mark], str], ...]
    """Fields read from one cell: field, position, what the column's cells mean and which are no value, column."""
    parts: tuple[tuple[str, Callable[[Parts], str | None]], ...]
    """Fields made from the parts of the barcode that names the donor."""
    derived: tuple[Derived, ...]
    when: tuple[int, ...]
    extra: bool
    spare: tuple[tuple[int, str], ...]
    """Columns only this record maps: they go to ``extra`` of the main record when this one is not made."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read one file of one table."""

    table: Table
    columns: Columns
    donor: int
    records: tuple[RecordPlan, ...]
    leftover: tuple[tuple[int, str], ...]
    same: tuple[tuple[int, str, int], ...]


def absent_keys(table: Table, at: Columns) -> list[str]:
    """Columns without which no record of this table can be named."""
    needed = {table.donor}
    for part in table.records[0].key[:1]:
        if isinstance(part, Source):
            needed |= set(part.columns)
    return sorted(name for name in needed if at.find(name) is None)


def plan_for(table: Table, at: Columns) -> Plan:
    """The plan for a file with these columns. Raises ``KeyError`` when :func:`absent_keys` names any."""
    made = [one for one in table.records if not one.when or any(at.find(name) is not None for name in one.when)]
    used = [_used(one, at) for one in made]
    donor = at.index[table.donor]
    plans = tuple(
        _record_plan(one, at, donor, used[place], [cols for other, cols in enumerate(used) if other != place])
        for place, one in enumerate(made)
    )
    known = {at.index[name] for name in (*table.ignore, *table.same) if name in at.index}
    mapped = set[int]().union(*used, {donor}, known)
    return Plan(
        table=table,
        columns=at,
        donor=donor,
        records=plans,
        leftover=tuple((i, name) for i, name in enumerate(at.names) if i not in mapped),
        same=tuple((at.index[a], a, at.index[b]) for a, b in table.same.items() if a in at.index and b in at.index),
    )


def _used(made: Made, at: Columns) -> set[int]:
    sources = [source for given in made.fields.values() for source in given]
    sources += [part for part in made.key if isinstance(part, Source)]
    return {at.index[name] for source in sources for name in source.columns if name in at.index}


def _record_plan(made: Made, at: Columns, donor: int, mine: set[int], others: list[set[int]]) -> RecordPlan:
    words = vocabulary()[made.kind]
    direct: list[tuple[str, int, Memory, dict[str, Mark], str]] = []
    derived: list[Derived] = []
    parts: list[tuple[str, Callable[[Parts], str | None]]] = []
    for name, sources in made.fields.items():
        present = _present(sources, at)
        if len(present) == 1 and not present[0].function:
            position = at.index[present[0].columns[0]]
            memory = Memory(words[name])
            direct.append((name, position, memory, memory.marks, at.names[position]))
        elif len(present) == 1 and present[0].function in OF_BARCODE and at.index[present[0].columns[0]] == donor:
            parts.append((name, OF_BARCODE[present[0].function]))
        elif present:
            derived.append(_derived(words[name], present, at))
    key_field = next((name for name, field in words.items() if "key" in field.role.split()), "")
    elsewhere = set[int]().union(*others, {donor})
    return RecordPlan(
        kind=made.kind,
        key=tuple(_key_getter(part, at) for part in made.key),
        key_field="" if DONOR in made.key or made.kind is Kind.DONOR else key_field,
        constants=_constants(made, at),
        direct=tuple(direct),
        parts=tuple(parts),
        derived=tuple(derived),
        when=tuple(at.index[name] for name in made.when if name in at.index),
        extra=made.extra,
        spare=tuple((i, at.names[i]) for i in sorted(mine - elsewhere)) if made.when and not made.extra else (),
    )


def _present(sources: tuple[Source, ...], at: Columns) -> list[Source]:
    """The sources this file has; a column called by both its names counts once."""
    found: dict[tuple[str, tuple[int | None, ...]], Source] = {}
    for source in sources:
        positions = tuple(at.index.get(column) for column in source.columns)
        if any(position is not None for position in positions):
            found.setdefault((source.function, positions), source)
    return list(found.values())


def _constants(made: Made, at: Columns) -> dict[str, Value]:
    """The constant fields; a unit only where the file itself names it in the column's older name."""
    position = at.index.get(made.when[0]) if made.when else None
    older = at.older[position] if position is not None and position < len(at.older) else ""
    keep_unit = not made.unit_in or made.unit_in in older
    return {name: value for name, value in made.constants.items() if keep_unit or name != "unit"}


def _derived(field: Field, sources: list[Source], at: Columns) -> Derived:
    getters = [_getter(source, at, Memory(field)) for source in sources]
    positions = [at.index[name] for source in sources for name in source.columns if name in at.index]
    cells = tuple((i, at.names[i]) for i in positions)
    return Derived(field.name, getters[0] if len(getters) == 1 else _first_of(getters), cells)


def _first_of(getters: list[Getter]) -> Getter:
    def first(row: Row) -> Read:
        for getter in getters:
            value = getter(row)
            if value is not None and value is not REMARK:
                return value
        return None

    return first


def _getter(source: Source, at: Columns, memory: Memory) -> Getter:
    positions = [at.index.get(name) for name in source.columns]
    if not source.function:
        position = at.index[source.columns[0]]
        return lambda row: memory.read(row[position])
    if source.function in OF_BARCODE:
        return _of_barcode(OF_BARCODE[source.function], at.index[source.columns[0]])
    function = OF_CELLS[source.function]
    if len(positions) == 1:
        return _of_one(function, at.index[source.columns[0]])
    return lambda row: function(*["" if i is None else cell_text(row[i]) for i in positions])


def _of_barcode(function: Callable[[Parts], str | None], position: int) -> Getter:
    return lambda row: function(parts_of(cell_text(row[position])))


def _of_one(function: Callable[[str], Read], position: int) -> Getter:
    def get(row: Row) -> Read:
        text = cell_text(row[position])
        return function(text) if text else None

    return get


def cell_text(text: str) -> str:
    """A cell as text, empty when it says nothing."""
    if text in ABSENT or text in REMARKS:
        return ""
    return text if is_simple(text) else values.plain(text)


def _key_getter(part: Source | str, at: Columns) -> Getter | None:
    if isinstance(part, str):
        return None if part == DONOR else lambda row: part[1:]
    if not any(name in at.index for name in part.columns):
        return lambda row: ""
    if not part.function:
        position = at.index[part.columns[0]]
        return lambda row: cell_text(row[position])
    return _getter(part, at, Memory(vocabulary()[Kind.DONOR]["donor_id"]))
