"""What an export says in FHIR, our own reader reads again: the same fields; and it is valid R4."""

import json
import lzma
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.formats import fhir_export
from hilum.formats.export import About, Exported
from hilum.formats.fhir_resources import BUILDERS, INSIDE
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import Field, FieldType, vocabulary
from hilum.terms import valuesets
from tests.unit.formats.fhir_files import read_path, records

ABOUT = About("bank", "2024-03-05T00:00:00Z")
WORDS = st.text(st.sampled_from("abcXYZ样本号-·/"), min_size=2, max_size=12).map(lambda text: f"w{text}w")
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(lambda day: day.isoformat())
INSTANTS = st.integers(-2_000_000_000, 4_000_000_000).map(
    lambda second: datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
)
PARTIAL = DAYS.flatmap(lambda day: st.sampled_from([day[:4], day[:7]]))


def value_of(field: Field) -> st.SearchStrategy[Value]:
    if field.type is FieldType.NUMBER:
        return st.floats(-1e6, 1e6).map(lambda number: float(f"{number:.6g}"))
    if field.type is FieldType.INTEGER:
        return st.integers(-9_999, 9_999)
    if field.type is FieldType.BOOLEAN:
        return st.booleans()
    if field.type is FieldType.DATE:
        return DAYS | PARTIAL
    if field.type is FieldType.INSTANT:
        return INSTANTS | DAYS | PARTIAL
    if field.type is FieldType.CODE:
        return st.sampled_from(sorted(valuesets.members(field.values) - {"unknown", "U"}))
    return WORDS


@st.composite
def facts(draw: st.DrawFn) -> list[Exported]:
    found = []
    for number, kind in enumerate([*BUILDERS, *INSIDE]):
        fields = {
            name: draw(value_of(field))
            for name, field in vocabulary()[kind].items()
            if not field.personal and draw(st.booleans())
        }
        if kind is Kind.SPECIMEN or kind in INSIDE:
            fields["specimen_id"] = "S-1"
        if kind is Kind.CUSTODY:
            fields["specimen_id"] = "S-1"
        key = "S-1" if kind is Kind.SPECIMEN else "D-1" if kind is Kind.DONOR else f"k{number}"
        found.append(Exported(kind, key, "D-1", fields, f"REC-{number}"))
    return found


@given(facts())
@settings(max_examples=25)
def test_an_export_read_again_has_the_same_fields(exported: list[Exported]) -> None:
    again = reread(exported)
    for fact in exported:
        told = {name: value for name, value in fact.fields.items() if value is not None}
        got = again[fact.kind]
        assert {name: got.get(name) for name in told} == told
        extra = {name for name, value in got.items() if value is not None} - told.keys()
        assert extra <= {"donor_id", "sample_type", "results", "status"}  # R4 requires a status


def reread(exported: list[Exported]) -> dict[Kind, dict[str, Value]]:
    with TemporaryDirectory() as folder:
        done = fhir_export.write(lambda kind: iter([one for one in exported if one.kind is kind]), Path(folder), ABOUT)
        return {one.kind: dict(one.fields) for path in done.files for one in records(read_path(path))}


@pytest.fixture(scope="module")
def schema(shared_data: Path) -> dict[str, Any]:
    path = shared_data / "fhir" / "fhir.r4.schema.json.xz"
    if not path.is_file():
        pytest.skip("the R4 schema is not beside the project")
    loaded: dict[str, Any] = json.loads(lzma.decompress(path.read_bytes()))
    found: dict[str, Any] = loaded["definitions"]
    return found


@given(exported=facts())
@settings(max_examples=15)
def test_an_export_is_valid_r4(schema: dict[str, Any], exported: list[Exported]) -> None:
    with TemporaryDirectory() as folder:
        done = fhir_export.write(lambda kind: iter([one for one in exported if one.kind is kind]), Path(folder), ABOUT)
        for path in done.files:
            for line in path.read_text(encoding="utf-8").splitlines():
                resource = json.loads(line)
                assert list(faults(schema, schema[resource["resourceType"]], resource, resource["resourceType"])) == []


def test_the_check_against_the_schema_can_fail(schema: dict[str, Any]) -> None:
    wrong = {"resourceType": "Patient", "gender": "m", "birthDate": "05.03.1950", "nmae": []}
    assert len(list(faults(schema, schema["Patient"], wrong, "Patient"))) == 3


def faults(schema: dict[str, Any], rule: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    """What is wrong with ``value`` by the part of JSON Schema that FHIR's own schema uses."""
    if "$ref" in rule:
        yield from faults(schema, schema[rule["$ref"].rsplit("/", 1)[-1]], value, place)
    if "enum" in rule and value not in rule["enum"]:
        yield f"{place}: {value!r} is not allowed"
    if "const" in rule and value != rule["const"]:
        yield f"{place}: {value!r} is not {rule['const']!r}"
    if "pattern" in rule and not re.search(
        rule["pattern"], json.dumps(value).strip('"') if not isinstance(value, str) else value
    ):
        yield f"{place}: {value!r} is not spelt as it must be"
    if rule.get("type") == "array":
        if not isinstance(value, list):
            yield f"{place}: no list"
        else:
            for number, one in enumerate(value):
                yield from faults(schema, rule["items"], one, f"{place}[{number}]")
    if "properties" in rule:
        yield from _members(schema, rule, value, place)


def _members(schema: dict[str, Any], rule: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: no object"
        return
    yield from (f"{place}: {name} is missing" for name in rule.get("required", []) if name not in value)
    for name, one in value.items():
        if name in rule["properties"]:
            yield from faults(schema, rule["properties"][name], one, f"{place}.{name}")
        else:
            yield f"{place}: {name} is not known"
