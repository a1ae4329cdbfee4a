"""A first guess at a sheet's mapping, with the ground for every column, for a person to confirm.

The kind of a row is the one that explains most of the headers; further kinds join only when the row carries what such
a record cannot do without. Nothing is ever guessed from the contents of a column: they only raise doubts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from hilum.formats import rows, values
from hilum.formats.headers import Meaning, fold, meanings, take_apart
from hilum.formats.mapping import Mapping, TableMapping
from hilum.model.record import Kind
from hilum.model.vocabulary import Field, FieldType, vocabulary
from hilum.terms.synonyms import code_of
from hilum.terms.units import conversion

_LINKS = frozenset({"donor_id", "specimen_id"})
_NEEDS: dict[Kind, tuple[frozenset[str], ...]] = {
    Kind.DONOR: (frozenset({"donor_id", "national_id"}), frozenset({"donor_id", "birth_on", "sex"})),
    Kind.CONSENT: (frozenset({"donor_id", "status"}), frozenset({"donor_id", "consented_on"})),
    Kind.CONDITION: (frozenset({"donor_id", "diagnosis"}), frozenset({"donor_id", "icd10"})),
    Kind.OBSERVATION: (frozenset({"analyte", "value"}),),
    Kind.SPECIMEN: (frozenset({"specimen_id", "specimen_type"}), frozenset({"specimen_id", "collected_at"})),
    Kind.STORAGE: (frozenset({"specimen_id", "stored_at"}),),
    Kind.TRANSPORT: (frozenset({"transport_id", "specimen_id"}),),
    Kind.PREPARATION: (frozenset({"specimen_id", "protocol", "started_at"}),),
    Kind.MEDICATION: (frozenset({"donor_id", "drug"}),),
    Kind.SLIDE: (frozenset({"slide_id"}),),
    Kind.ASSAY: (frozenset({"assay_id"}),),
    Kind.FOLLOW_UP: (frozenset({"follow_up_id"}),),
}
"""What a row must carry before a second or third kind of record is read out of it."""
_TITLES: tuple[tuple[str, Kind], ...] = (
    ("知情同意", Kind.CONSENT),
    ("consent", Kind.CONSENT),
    ("检验", Kind.OBSERVATION),
    ("laboratory", Kind.OBSERVATION),
    ("诊断", Kind.CONDITION),
    ("diagnos", Kind.CONDITION),
    ("采集", Kind.SPECIMEN),
    ("采样", Kind.SPECIMEN),
    ("入库", Kind.SPECIMEN),
    ("转运", Kind.TRANSPORT),
    ("运输", Kind.TRANSPORT),
    ("离心", Kind.PREPARATION),
    ("用药", Kind.MEDICATION),
    ("随访", Kind.FOLLOW_UP),
    ("供者", Kind.DONOR),
    ("患者", Kind.DONOR),
    ("donor", Kind.DONOR),
)
_COMPANIONS = {"value": "unit", "dose": "dose_unit", "total_dose": "total_dose_unit"}
"""Fields that carry the unit of another field of the same record."""


@dataclass(frozen=True, slots=True)
class ColumnSuggestion:
    """What one column is taken for. ``basis``: ``label_zh``, ``label_en``, ``field``, ``synonym``, ``affix``,
    ``fuzzy``, ``analyte`` or ``none``. ``doubts`` are what a person should look at before confirming:
    ``fuzzy``, ``unit_assumed``, ``unit_conflict``, ``samples_disagree``, ``repeated``."""

    header: str
    targets: tuple[tuple[Kind, str], ...]
    unit: str
    confidence: float
    basis: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A whole table's guess: the mapping as it would be saved, and each column's ground, in the table's order."""

    mapping: TableMapping
    columns: tuple[ColumnSuggestion, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(dict.fromkeys(part.kind for part in self.mapping.parts))

    @property
    def sure(self) -> bool:
        """Whether nothing in it needs a second look."""
        return bool(self.mapping.parts) and not any(column.doubts for column in self.columns)


@dataclass(frozen=True, slots=True)
class _Column:
    """A header with what it may mean and the samples under it."""

    header: str
    found: tuple[Meaning, ...]
    samples: tuple[str, ...]

    def means(self, kind: Kind) -> Meaning | None:
        return next((meaning for meaning in self.found if meaning.kind is kind), None)


def suggest(headers: Sequence[str], samples: Sequence[Sequence[str]] = (), title: str = "") -> Suggestion:
    """The mapping that ``headers`` (and a file, sheet or title line ``title``) speak for; no parts when none does.

    ``samples`` are some rows of the table: they decide nothing, but a column whose samples cannot be read as the
    field's type is marked with a doubt, and a date column beside a time column is joined to one instant.
    """
    columns = [
        _Column(header, meanings(header), tuple(row[index] for row in samples if index < len(row) and row[index]))
        for index, header in enumerate(headers)
        if header
    ]
    parts = [_part(kind, columns) for kind in _kinds(columns, title)]
    wide = _wide_results(columns, parts)
    parts = [part for part in parts if not wide or _stands_alone(part)] + wide
    mapping = TableMapping(headers=tuple(headers), parts=tuple(part for part in parts if part.columns), title=title)
    return Suggestion(mapping, tuple(_explain(column, mapping) for column in columns))


# which kinds ------------------------------------------------------------------------------------------------------


def _kinds(columns: list[_Column], title: str) -> list[Kind]:
    hinted = {kind for word, kind in _TITLES if word in title.lower()}
    scores = {kind: _score(kind, columns) + (1.5 if kind in hinted else 0.0) for kind in Kind}
    first = max(Kind, key=lambda kind: scores[kind])
    explained = _fields(first, columns)
    if not explained.keys() - _LINKS or _score(first, columns) < 1.0:
        return []
    chosen, left = [first], [column for column in columns if not column.means(first)]
    while gains := {kind: gain for kind in _NEEDS if kind not in chosen and (gain := _gain(kind, columns, left)) > 0}:
        chosen.append(max(gains, key=lambda kind: gains[kind]))
        left = [column for column in left if not column.means(chosen[-1])]
    return chosen


def _stands_alone(part: Mapping) -> bool:
    """Whether the part makes whole records; beside results in columns of their own, a name and a time do not."""
    return any(needs <= set(part.columns.values()) for needs in _NEEDS.get(part.kind, ()))


def _score(kind: Kind, columns: list[_Column]) -> float:
    """How much of the table ``kind`` explains; a name that only this kind has weighs half as much again."""
    total = 0.0
    for field, column in _fields(kind, columns).items():
        meaning = column.means(kind)
        if field not in _LINKS and meaning is not None:
            total += meaning.confidence * (1 + 0.5 / len({other.kind for other in column.found}))
    return total


def _gain(kind: Kind, columns: list[_Column], left: list[_Column]) -> float:
    have = _fields(kind, columns).keys()
    if not any(needs <= have for needs in _NEEDS[kind]):
        return 0.0
    return _score(kind, left)


def _fields(kind: Kind, columns: list[_Column]) -> dict[str, _Column]:
    """field -> the column that names it best."""
    best: dict[str, tuple[float, _Column]] = {}
    for column in columns:
        meaning = column.means(kind)
        if meaning and meaning.confidence > best.get(meaning.field, (0.0, column))[0]:
            best[meaning.field] = (meaning.confidence, column)
    return {field: column for field, (_, column) in best.items()}


# one part ---------------------------------------------------------------------------------------------------------


def _part(kind: Kind, columns: list[_Column]) -> Mapping:
    taken = _fields(kind, columns)
    chosen = {column.header: field for field, column in taken.items()}
    for column in columns:
        meaning = column.means(kind)
        if meaning and column.header not in chosen and _joins(vocabulary()[kind][meaning.field], taken, column):
            chosen[column.header] = meaning.field
    ordered = {column.header: chosen[column.header] for column in columns if column.header in chosen}
    return _with_units(Mapping(kind, ordered))


def _joins(field: Field, taken: dict[str, _Column], column: _Column) -> bool:
    """Whether ``column`` and the one that already has ``field`` are the day and the clock time of one instant."""
    if field.type is not FieldType.INSTANT:
        return False
    both = [_shape(taken[field.name].samples), _shape(column.samples)]
    return sorted(both) == ["day", "time"]


def _shape(samples: tuple[str, ...]) -> str:
    if samples and all(values.day(values.plain(text)) for text in samples):
        return "day"
    if samples and all(values.instant(f"2000-01-01 {values.plain(text)}", UTC) for text in samples):
        return "time"
    return "other"


def _with_units(part: Mapping) -> Mapping:
    units: dict[str, str] = {}
    constants = dict(part.constants)
    for header, name in part.columns.items():
        unit, field = take_apart(header).unit, vocabulary()[part.kind][name]
        companion = _COMPANIONS.get(name, "")
        if unit and field.unit and unit != field.unit:
            units[header] = unit
        elif unit and companion in vocabulary()[part.kind] and companion not in part.columns.values():
            constants.setdefault(companion, unit)
    return replace(part, units=units, constants=constants)


def _wide_results(columns: list[_Column], parts: list[Mapping]) -> list[Mapping]:
    """A table with one column per analyte (血红蛋白(g/L), 白细胞…): one observation per such column and row."""
    used = {header for part in parts for header in part.columns}
    links = {header: field for part in parts for header, field in part.columns.items() if field in _LINKS}
    when = _fields(Kind.OBSERVATION, columns).get("observed_at")
    if when is not None:
        links[when.header] = "observed_at"
    found: list[Mapping] = []
    for column in columns:
        label = take_apart(column.header)
        analyte = None if column.header in used or column.found else code_of("analyte", label.name)
        if analyte:
            constants = {"analyte": analyte} | ({"unit": label.unit} if label.unit else {})
            found.append(Mapping(Kind.OBSERVATION, {**links, column.header: "value"}, constants))
    return found if links else []


# why ----------------------------------------------------------------------------------------------------------------


def _explain(column: _Column, mapping: TableMapping) -> ColumnSuggestion:
    targets = tuple((part.kind, part.columns[column.header]) for part in mapping.parts if column.header in part.columns)
    unit = take_apart(column.header).unit
    if not targets:
        repeated = bool(column.found) and _is_taken(column, mapping)
        return ColumnSuggestion(column.header, (), unit, 0.0, "none", ("repeated",) if repeated else ())
    kind, name = targets[0]
    meaning = column.means(kind)
    confidence, basis = (meaning.confidence, meaning.basis) if meaning else (0.9, "analyte")
    doubts = tuple(_doubts(column, vocabulary()[kind][name], unit, basis))
    return ColumnSuggestion(column.header, targets, unit, confidence * 0.6 ** len(doubts), basis, doubts)


def _is_taken(column: _Column, mapping: TableMapping) -> bool:
    found = ((part, column.means(part.kind)) for part in mapping.parts)
    return any(meaning is not None and meaning.field in part.columns.values() for part, meaning in found)


def _doubts(column: _Column, field: Field, unit: str, basis: str) -> list[str]:
    doubts = ["fuzzy"] if basis == "fuzzy" else []
    if field.unit and not unit and field.unit not in ("a", "d") and fold(field.unit) not in fold(column.header):
        doubts.append("unit_assumed")
    if field.unit and unit and unit != field.unit and conversion(unit, field.unit) is None:
        doubts.append("unit_conflict")
    if column.samples and not _joined_time(column, field):
        unread = sum(not rows.read(field, text)[1] for text in column.samples)
        if unread * 2 > len(column.samples):
            doubts.append("samples_disagree")
    return doubts


def _joined_time(column: _Column, field: Field) -> bool:
    return field.type is FieldType.INSTANT and _shape(column.samples) in ("day", "time")
