"""Mappings: which column of a hospital's sheet is which field, as data a person confirms and the bank keeps.

A sheet is a row per something, and one row may tell of several things at once (a tube and where it was put). A
:class:`TableMapping` therefore holds one :class:`Mapping` per kind of record that a row yields. It goes through three
steps: suggested (:mod:`hilum.formats.suggestion`), confirmed by a named account, saved under the fingerprint of the
headers, where the next file with the same columns finds it again.
"""

import json
from collections import abc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone
from pathlib import Path

from hilum.canonical import Json, digest
from hilum.errors import BadInputError, NotFoundError
from hilum.formats.values import plain
from hilum.model.record import Kind
from hilum.model.vocabulary import vocabulary

CHINA = "+08:00"
SUFFIX = ".mapping.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Mapping:
    """One record per row: ``columns`` header -> field, ``constants`` field -> value for every row, ``units`` header ->
    unit its numbers are written in (canonical UCUM), where that is not the field's own unit."""

    kind: Kind
    columns: abc.Mapping[str, str]
    constants: abc.Mapping[str, str] = field(default_factory=dict)
    units: abc.Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableMapping:
    """Everything a table's rows become. The first part is what a row mainly is; the others are made only where the
    row says something of their own. ``headers`` are all headers of the table when it was mapped, also those left out;
    ``zone`` is the offset of clock times without one; ``confirmed_by`` is empty until a person has said yes."""

    headers: tuple[str, ...]
    parts: tuple[Mapping, ...]
    zone: str = CHINA
    confirmed_by: str = ""
    title: str = ""

    def used(self) -> frozenset[str]:
        """Headers that some part reads."""
        return frozenset(header for part in self.parts for header in part.columns)

    def unmapped(self) -> tuple[str, ...]:
        """Headers nobody reads, in the table's order."""
        used = self.used()
        return tuple(header for header in self.headers if header and header not in used)


@dataclass(frozen=True, slots=True)
class Change:
    """How a table's headers differ from the ones a mapping was made for."""

    missing: tuple[str, ...]
    new: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.new)


def fingerprint(headers: Iterable[str]) -> str:
    """Name of a header set: order, width and blanks do not matter, every letter does."""
    names: list[Json] = sorted(plain(header) for header in headers if plain(header))  # type: ignore[assignment]
    return digest(names)[:16]


def compare(mapping: TableMapping, headers: Sequence[str]) -> Change:
    """Which mapped columns are missing from ``headers`` and which of them the mapping has never seen."""
    had = {plain(header) for header in mapping.headers}
    have = {plain(header) for header in headers}
    missing = tuple(header for header in mapping.headers if plain(header) not in have and header in mapping.used())
    return Change(missing, tuple(header for header in headers if header and plain(header) not in had))


def confirm(mapping: TableMapping, account: str) -> TableMapping:
    """The same mapping, confirmed. Raises :class:`BadInputError` when it cannot mean anything."""
    check_mapping(mapping)
    return replace(mapping, confirmed_by=account)


def check_mapping(mapping: TableMapping, place: str = "") -> None:
    """Guard: every part names known fields, known headers and a readable zone. Raises :class:`BadInputError`."""
    zone_of(mapping.zone, place)
    if not mapping.parts:
        raise BadInputError("mapping_empty", place=place)
    for part in mapping.parts:
        known = vocabulary()[part.kind]
        for name in (*part.columns.values(), *part.constants):
            if name not in known:
                raise BadInputError("mapping_field_unknown", place=place, kind=part.kind.value, field=name)
        for header in (*part.columns, *part.units):
            if header not in mapping.headers:
                raise BadInputError("mapping_header_unknown", place=place, header=header)


def zone_of(text: str, place: str = "") -> timezone:
    """A fixed offset such as ``+08:00``. Raises :class:`BadInputError`."""
    digits = text[1:].replace(":", "")
    if text[:1] in ("+", "-") and len(digits) == 4 and digits.isascii() and digits.isdecimal():
        hours, minutes = int(digits[:2]), int(digits[2:])
        if hours <= 14 and minutes < 60:
            sign = -1 if text[0] == "-" else 1
            return timezone(sign * timedelta(hours=hours, minutes=minutes))
    raise BadInputError("mapping_zone", place=place, zone=text)


# files -----------------------------------------------------------------------------------------------------------


def dumps(mapping: TableMapping) -> str:
    """The mapping as the JSON text of its file: readable, editable, stable."""
    content = {
        "version": _VERSION,
        "title": mapping.title,
        "confirmed_by": mapping.confirmed_by,
        "zone": mapping.zone,
        "headers": list(mapping.headers),
        "parts": [
            {
                "kind": part.kind.value,
                "columns": dict(part.columns),
                "constants": dict(part.constants),
                "units": dict(part.units),
            }
            for part in mapping.parts
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def loads(text: str, place: str = "") -> TableMapping:
    """The mapping in ``text``. Raises :class:`BadInputError` naming ``place`` and what is wrong."""
    try:
        content = json.loads(text)
        if content["version"] != _VERSION:
            raise ValueError(f"version {content['version']}")
        mapping = TableMapping(
            headers=tuple(_texts(content["headers"])),
            parts=tuple(_part(part) for part in content["parts"]),
            zone=_text(content.get("zone", CHINA)),
            confirmed_by=_text(content.get("confirmed_by", "")),
            title=_text(content.get("title", "")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
        why = f"{type(broken).__name__}: {broken}"
        raise BadInputError("mapping_unreadable", place=place, why=why) from broken
    check_mapping(mapping, place)
    return mapping


def _part(content: dict[str, object]) -> Mapping:
    return Mapping(
        kind=Kind(_text(content["kind"])),
        columns=_pairs(content["columns"]),
        constants=_pairs(content.get("constants", {})),
        units=_pairs(content.get("units", {})),
    )


def _pairs(content: object) -> dict[str, str]:
    if not isinstance(content, dict):
        raise TypeError("a table of texts is expected")
    return {_text(name): _text(value) for name, value in content.items()}


def _texts(content: object) -> list[str]:
    if not isinstance(content, list):
        raise TypeError("a list of texts is expected")
    return [_text(item) for item in content]


def _text(content: object) -> str:
    if not isinstance(content, str):
        raise TypeError(f"a text is expected, not {content!r}")
    return content


def save(mapping: TableMapping, folder: Path) -> Path:
    """Write the mapping under its fingerprint in ``folder`` (made when absent), whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{fingerprint(mapping.headers)}{SUFFIX}"
    draft = file.with_suffix(".part")
    draft.write_text(dumps(mapping), encoding="utf-8")
    draft.replace(file)
    return file


def load(file: Path) -> TableMapping:
    """A mapping file. Raises :class:`BadInputError`, or :class:`NotFoundError` when there is none."""
    try:
        return loads(file.read_text(encoding="utf-8"), str(file))
    except FileNotFoundError as absent:
        raise NotFoundError("mapping_missing", place=str(file)) from absent
    except (UnicodeDecodeError, OSError) as broken:
        raise BadInputError("mapping_unreadable", place=str(file), why=str(broken)) from broken


def find(headers: Sequence[str], folder: Path) -> TableMapping | None:
    """The saved mapping for exactly these headers, or ``None``. Raises :class:`BadInputError` for a damaged file."""
    file = folder / f"{fingerprint(headers)}{SUFFIX}"
    return load(file) if file.is_file() else None


def nearest(headers: Sequence[str], folder: Path, at_least: float = 0.6) -> TableMapping | None:
    """The saved mapping whose headers share most with ``headers`` (Jaccard index, at least ``at_least``).

    It answers "the export has changed": :func:`compare` then names the columns. Damaged files are passed over here;
    they speak up where they are asked for by name.
    """
    have = {plain(header) for header in headers if header}
    best: tuple[float, TableMapping] | None = None
    for file in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        try:
            mapping = load(file)
        except BadInputError:
            continue
        had = {plain(header) for header in mapping.headers if header}
        score = len(have & had) / max(len(have | had), 1)
        if score >= at_least and (best is None or score > best[0]):
            best = (score, mapping)
    return best[1] if best else None
