"""Whatever JSON or bytes come: records and problems, never an exception, and always the same ones."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats import fhir
from hilum.formats.fhir_clinical import MAKERS
from hilum.formats.fhir_draft import Draft
from hilum.formats.json_stream import JsonStream, Limits
from hilum.model.record import Item, Kind, Record, SourceProblem
from hilum.model.vocabulary import vocabulary
from tests.fuzz.depth import look
from tests.unit.formats.fhir_files import bundle, read

NAMES = st.sampled_from([
    "id", "identifier", "value", "use", "type", "coding", "code", "system", "display", "text", "subject", "patient",
    "reference", "contained", "extension", "url", "valueString", "valueQuantity", "unit", "comparator", "component",
    "collection",
    "collectedDateTime", "container", "specimenQuantity", "processing", "procedure", "timePeriod", "start",
    "referenceRange", "low", "high", "period", "class", "parent", "provision", "status", "name", "birthDate", "focus",
    "valueString", "valueRange", "stage", "summary", "dosage", "dose", "target", "agent", "who", "recorded", "meta",
    "valueCode", "valueCodeableConcept", "result", "method", "receivedTime", "description", "additive", "device",
])  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["2024-02-30", "2024", "2024-13", "0000", "9999-12-31T23:59:59-14:00", "#x", "#", "Patient/1", "/"]
    )
    | st.sampled_from(
        ["\u200b", "<0.5", "60~120", "1e400", "http://loinc.org", "718-7", "", " ", "urn:hilum:field:status"]
    )
    | st.sampled_from(
        [
            "2024-03-05T10:20:30+08:00",
            "2024-03-05T10:20:30",
            "2024-03-05T24:00:00Z",
            "2024-03-05 10:20:30\u200b",
            "#N/A",
            "0001-01-01T00:00:00+14:00",
            "2024-03-05T10:20:60Z",
            "1186936003",
            "119361006",
            "unknown",
            " EDTA ",
            "cm",
            "mL",
            "/Temperaturbedingungen",
            "/miabis-sample-storage-temperature-extension",
            "/SampleDiagnosis",
            "LN",
            "Observation/1",
        ]
    )
    | st.text(max_size=8)
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)
RESOURCES = st.builds(
    lambda kind, members: members | {"resourceType": kind},
    st.sampled_from([*MAKERS, "Claim", ""]),
    st.dictionaries(NAMES, VALUES, max_size=12),
)


def are_sound(items: list[Item]) -> bool:
    return all(
        isinstance(one, SourceProblem) or (one.key and one.fields.keys() <= vocabulary()[one.kind].keys())
        for one in items
        if isinstance(one, Record | SourceProblem)
    )


@given(st.lists(RESOURCES | VALUES, max_size=4), st.booleans())
@look(300)
def test_any_resources_give_records_and_problems_only(resources: list[object], framed: bool) -> None:
    content: object = (
        {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]} if framed else resources
    )
    with TemporaryDirectory() as folder:
        found = read(Path(folder), content)
        assert are_sound(found)
        assert read(Path(folder), content) == found


@given(st.lists(RESOURCES | VALUES, max_size=4), st.booleans())
@look(100)
def test_a_file_that_is_held_says_what_one_says_that_is_read_twice(resources: list[object], lines: bool) -> None:
    several = b"\n".join(json.dumps(one).encode() for one in resources)
    content = several if lines else json.dumps(bundle(*resources)).encode()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        held = read(Path(folder), content)
        patch.setattr(fhir, "_HELD", -1)
        assert read(Path(folder), content) == held


FIELDS = [(kind, name) for kind in Kind for name in vocabulary()[kind]]
TEXTS = LEAVES.filter(lambda leaf: isinstance(leaf, str)) | st.text("0123456789-:T+Z. \u200b", max_size=26)


@given(st.sampled_from(FIELDS), TEXTS)
@look(500)
def test_a_text_read_quickly_is_what_it_is_when_looked_at_closely(field: tuple[Kind, str], told: str) -> None:
    kind, name = field
    quick, again, close = Draft(kind), Draft(kind), Draft(kind)
    quick.put(name, told)
    again.put_all({name: told})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(close, "_quick", dict.fromkeys(vocabulary()[kind], lambda text: None))
        close.put(name, told)
    for one in (quick, again):
        assert (one.fields, one.unreadable, one.unseen) == (close.fields, close.unreadable, close.unseen)


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b'"entry"', b"1", b"\n", b"NaN", b"\xff", b" "]
        ),
        max_size=40,
    ).map(b"".join)
)
@look(400)
def test_any_bytes_give_elements_and_problems_only(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_bytes(content)
        found = list(JsonStream(path, ["entry"], "SRC", "x.json", Limits(element=64, depth=8)).elements())
        assert sum(isinstance(one, SourceProblem) and one.fatal for one in found) <= 1


@given(st.lists(VALUES, max_size=5), st.sampled_from([None, 1, 4]), st.integers(1, 50))
@look(200)
def test_elements_are_what_the_standard_library_reads(values: list[object], indent: int | None, padding: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_text(
            json.dumps({"pad": "中" * padding, "entry": values}, indent=indent, ensure_ascii=False), encoding="utf-8"
        )
        found = list(JsonStream(path, ["entry"], "SRC", "x.json").elements())
        read_back = [one.value for one in found if not isinstance(one, SourceProblem)]
        assert read_back == json.loads(path.read_bytes())["entry"]
