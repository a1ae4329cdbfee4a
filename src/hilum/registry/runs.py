"""Runs of neighbouring records that look copied: what a filled-down or dragged column leaves behind.

The copies counted are records of one kind in one place of one source, next to each other among their kind, that carry
identical measurements although their donors differ; dragged series, whose results rise by one and the same step; and
collections by one person at one second. What is equal by protocol (a nominal volume, a storage temperature, a setting
of the centrifuge) is no measurement and is left out. After the accounts of fabricated data in Buyse et al. 1999 (Stat
Med 18:3435-3451).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from hilum.model.record import Item, Kind, Record, Value
from hilum.quality.row import Row

WINDOW = 20
"""How many neighbours of its kind are looked at on either side of a record."""

TAIL = 100
"""How many items before and after a batch are enough to see :data:`WINDOW` of a kind, where kinds alternate."""

_MEASURED: dict[Kind, tuple[str, ...]] = {
    Kind.SPECIMEN: ("weight_mg", "concentration", "amount_ug", "a260_a280", "rin", "ratio_28s_18s"),
    Kind.OBSERVATION: ("value",),
    Kind.COLLECTION: ("weight_mg", "dna_concentration", "dna_amount_ug", "tumor_nuclei_percent"),
    Kind.SLIDE: ("tumor_cells_percent", "tumor_nuclei_percent", "stromal_cells_percent", "necrosis_percent"),
    Kind.ASSAY: ("content_digest",),
}
_GIVEN: dict[Kind, tuple[str, ...]] = {Kind.OBSERVATION: ("analyte", "unit"), Kind.SPECIMEN: ("specimen_type",)}
_DIGITS = {Kind.SLIDE: 6}
_ENOUGH = 4
"""Significant digits a record's measurements must have in all before their being equal says anything."""

Signature = tuple[Value, ...]


def columns(items: Sequence[Item]) -> list[Row]:
    """The ``run.*`` columns of every item of a stretch of one source, in its order; empty rows where none applies."""
    rows: list[Row] = [{} for _ in items]
    groups: dict[tuple[Kind, str], list[int]] = {}
    for index, item in enumerate(items):
        if isinstance(item, Record) and item.kind in _MEASURED:
            groups.setdefault((item.kind, item.locator.place), []).append(index)
    for (kind, _), indexes in groups.items():
        records = [item for index in indexes if isinstance(item := items[index], Record)]
        found = {"run.length": _alike(records, _signature)}
        if kind is Kind.OBSERVATION:
            found["run.steps"] = _steps(records)
        if kind is Kind.SPECIMEN:
            found["run.moment"] = _alike(records, _moment)
        for name, counts in found.items():
            for index, count in zip(indexes, counts, strict=True):
                if count is not None:
                    rows[index][name] = count
    return rows


def _signature(record: Record) -> Signature | None:
    """What was measured, or ``None`` when that is too little to tell two records apart."""
    fields = record.fields
    measured = tuple(fields.get(name) for name in _MEASURED[record.kind])
    if sum(map(_digits, measured)) < _DIGITS.get(record.kind, _ENOUGH):
        return None
    return measured + tuple(fields.get(name) for name in _GIVEN.get(record.kind, ()))


def _digits(value: Value) -> int:
    """Significant digits of a number without its trailing zeros; the length of a text."""
    if isinstance(value, str):
        return len(value)
    if value is None or isinstance(value, bool):
        return 0
    return len(f"{abs(value):.10g}".partition("e")[0].replace(".", "").strip("0"))


def _moment(record: Record) -> Signature | None:
    at, by = record.fields.get("collected_at"), record.fields.get("collected_by")
    return (at, by) if isinstance(at, str) and "T" in at and by else None


def _alike(records: Sequence[Record], signature: Callable[[Record], Signature | None]) -> list[int | None]:
    """For each record the number of different donors in its unbroken run of equal signatures."""
    signs = [signature(record) for record in records]
    ends = [index for index in range(1, len(signs)) if signs[index] != signs[index - 1]]
    counts: list[int | None] = []
    for start, end in pairwise([0, *ends, len(signs)]):
        if signs[start] is None:
            counts += [None] * (end - start)
        else:
            counts += [_donors(records, start, end, index) for index in range(start, end)]
    return counts


def _donors(records: Sequence[Record], start: int, end: int, index: int) -> int:
    """Different donors in ``records[start:end]`` within the window around ``index``; a nameless one is one person."""
    near = range(max(start, index - WINDOW), min(end, index + WINDOW + 1))
    return len({records[one].donor for one in near})


def _steps(records: Sequence[Record]) -> list[int | None]:
    """For each result the length of the arithmetic series of different donors it stands in, at least one."""
    lengths: list[int | None] = [None if _number(record) is None else 1 for record in records]
    start = 0
    for index in range(1, len(records) + 1):
        if index < len(records) and _continues(records, start, index):
            continue
        for one in range(start, index):
            near = min(index, one + WINDOW + 1) - max(start, one - WINDOW)
            lengths[one] = max(lengths[one] or 0, near) if lengths[one] is not None else None
        start = index - 1 if index < len(records) and index - start > 1 and _pair(records, index) else index
    return lengths


def _continues(records: Sequence[Record], start: int, index: int) -> bool:
    if not _pair(records, index):
        return False
    if index - start < 2:
        return True
    step = _gap(records, index)
    return abs(step - _gap(records, start + 1)) <= abs(step) * 1e-9


def _pair(records: Sequence[Record], index: int) -> bool:
    """Whether a result and the one before it are of one analyte and unit, of two donors, and differ."""
    left, right = records[index - 1], records[index]
    if left.donor == right.donor or _number(left) is None or _number(right) is None:
        return False
    return all(left.fields.get(name) == right.fields.get(name) for name in _GIVEN[Kind.OBSERVATION]) and bool(
        _gap(records, index)
    )


def _gap(records: Sequence[Record], index: int) -> float:
    """The difference to the result before, without the noise of binary fractions."""
    left, right = _number(records[index - 1]), _number(records[index])
    return 0.0 if left is None or right is None else round(right - left, 9)


def _number(record: Record) -> float | None:
    value = record.fields.get("value")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
