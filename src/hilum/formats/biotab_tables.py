"""The mapping of ``biotab.toml`` as values: tables, the records they give, and where each field comes from."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from hilum.formats.biotab_parts import OF_BARCODE, OF_CELLS
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import FieldType, vocabulary

DONOR = "donor"
_CALL = re.compile(r"(\w+)\((.*)\)")
_LABORATORY = {"value": "lab_value", "comparator": "lab_comparator", "value_text": "lab_text"}


@dataclass(frozen=True, slots=True)
class Source:
    """One place a value comes from: a function of columns, or a column alone (``function`` empty)."""

    columns: tuple[str, ...]
    function: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """One kind of record a table gives per row. ``key`` holds sources, constants and :data:`DONOR`."""

    kind: Kind
    key: tuple[Source | str, ...]
    fields: Mapping[str, tuple[Source, ...]]
    constants: Mapping[str, Value]
    when: tuple[str, ...] = ()
    extra: bool = False
    unit_in: str = ""
    """The constant ``unit`` holds only if the older name of the first ``when`` column contains this."""


@dataclass(frozen=True, slots=True)
class Table:
    """One biotab table; see the head of ``biotab.toml``."""

    name: str
    file: str
    sign: tuple[tuple[str, ...], ...]
    rank: int
    donor: str
    wanted: tuple[str, ...]
    ignore: frozenset[str]
    same: Mapping[str, str]
    records: tuple[Made, ...] = field(default=())


@cache
def tables() -> dict[str, Table]:
    """Every known table by name, in the order in which a header is compared with them."""
    text = (resources.files("hilum.formats") / "biotab.toml").read_text(encoding="utf-8")
    return {name: _table(name, rows) for name, rows in tomllib.loads(text).items()}


def _table(name: str, rows: dict[str, Any]) -> Table:
    made = [_made(row) for row in rows["records"]]
    made += [_laboratory(row.get("analyte", key), row) for key, row in rows.get("observations", {}).items()]
    return Table(
        name=name,
        file=rows["file"],
        sign=tuple(tuple(either.split("|")) for either in rows["sign"]),
        rank=rows["rank"],
        donor=rows["donor"],
        wanted=tuple(rows["wanted"]),
        ignore=frozenset(rows["ignore"]),
        same=rows.get("same", {}),
        records=tuple(made),
    )


def _made(row: dict[str, Any]) -> Made:
    kind = Kind(row["kind"])
    fields, constants = {}, {}
    for name, given in row["fields"].items():
        sources = [given] if isinstance(given, str) else given
        if sources[0].startswith("="):
            constants[name] = _constant(kind, name, sources[0][1:])
        else:
            fields[name] = tuple(_source(source) for source in sources)
    key = tuple(_key_part(part) for part in row["key"])
    return Made(kind, key, fields, constants, tuple(row.get("when", ())), bool(row.get("extra", False)))


def _constant(kind: Kind, name: str, text: str) -> Value:
    return text == "true" if vocabulary()[kind][name].type is FieldType.BOOLEAN else text


def _key_part(part: str) -> Source | str:
    if part == DONOR:
        return DONOR
    return part if part.startswith("=") else _source(part)


def _source(text: str) -> Source:
    call = _CALL.fullmatch(text)
    if call is None:
        return Source((text,))
    if call[1] not in OF_BARCODE and call[1] not in OF_CELLS:
        raise ValueError(f"biotab.toml: no function {call[1]}")
    return Source(tuple(part.strip() for part in call[2].split(",")), call[1])


def _laboratory(analyte: str, row: dict[str, str]) -> Made:
    """One laboratory value of the patient table as an observation with that site's own limits."""
    fields = {name: (Source((row["value"],), function),) for name, function in _LABORATORY.items()}
    named = (("reference_low", "low"), ("reference_high", "high"), ("observed_offset_days", "days"))
    fields |= {name: (Source((row[given],)),) for name, given in named if given in row}
    constants: dict[str, Value] = {"analyte": analyte}
    if "unit" in row:
        constants["unit"] = row["unit"]
    key = (DONOR, f"={analyte}", f"={row['timing']}")
    return Made(Kind.OBSERVATION, key, fields, constants, (row["value"],), False, row.get("unit_in", ""))
