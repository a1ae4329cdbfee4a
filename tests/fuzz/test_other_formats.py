"""Whatever comes as EPCIS, MIABIS or a phenopacket: records and problems, never an exception, and always the same."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats.epcis_names import name_of, transaction_of, word_of
from hilum.formats.phenopacket_values import born, years
from hilum.messages import LANGUAGES, text
from hilum.model.record import Item, Record, SourceProblem
from hilum.model.vocabulary import vocabulary
from tests.fuzz.depth import look
from tests.unit.formats.other_files import read, sniff

FORMS = {
    "epcis.json": """epcisBody eventList type eventID eventTime eventTimeZoneOffset action bizStep disposition readPoint
        bizLocation id epcList childEPCs parentID inputEPCList outputEPCList quantityList bizTransactionList
        bizTransaction sourceList source destinationList destination sensorElementList sensorMetadata sensorReport
        deviceID time startTime endTime value minValue maxValue uom exception errorDeclaration persistentDisposition
        set transformationID x:performedBy""",
    "miabis.json": """sampleId sampleDonorId parentSampleId sampleType storageTemperature sampleCreationDateAndTime
        anatomicalSite ontologyCode sampleContentDiagnosis sex birthDate eventId eventDateAndTime ageAtEvent
        ageAtEventUnit eventName samples events sampleSource datasetType""",
    "phenopacket.json": """id label subject dateOfBirth timeAtLastEncounter timestamp age iso8601duration vitalStatus
        status timeOfDeath survivalTimeInDays sex taxonomy biosamples individualId derivedFromId sampledTissue
        sampleType timeOfCollection histologicalDiagnosis tumorProgression tumorGrade pathologicalStage
        pathologicalTnmFinding procedure code bodySite performed diseases term excluded onset diseaseStage
        clinicalTnmFinding measurements assay value quantity unit complexValue typedQuantities medicalActions
        treatment agent doseIntervals interval radiationTherapy dosage fractions therapeuticRegimen regimenStatus
        proband relatives members metaData phenopacketSchemaVersion""",
}
WORDS = st.sampled_from([
    "ObjectEvent", "AggregationEvent", "TransformationEvent", "ADD", "DELETE", "Temperature", "CEL", "FAH", "storing",
    "urn:epc:id:sscc:4012345.0111111111", "urn:epc:id:sgtin:4012345.011111.9876", "urn:", "urn:a", "https://", "P45Y",
    "https://id.gs1.org/01/", "2024-05-01T10:00:00", "2024-05-01T10:00:00+08:00", "2024-02-30", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00", "+08:00", "RT", "LN", "-80 °C", "gestational weeks", "months", "pT2b", "T", "Stage II",
    "\u200b", "\ud800", "1e400", "²", "NaN", "<0.5", "x|y", "", " ", "ICD10:C34", "LOINC:718-7",
])  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.text(max_size=8)
)


def values(form: str) -> st.SearchStrategy[object]:
    names = st.sampled_from(FORMS[form].split()) | st.text(max_size=4)
    return st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=7), max_leaves=30
    )


def entities(form: str) -> st.SearchStrategy[object]:
    """Things that are more often than not what the format speaks of."""
    inner = values(form)
    names = st.sampled_from(FORMS[form].split())
    plain = st.dictionaries(names, inner, max_size=12)
    if form != "epcis.json":
        return plain | inner
    kinds = st.sampled_from(["ObjectEvent", "AggregationEvent", "TransformationEvent", "TransactionEvent"])
    return st.builds(lambda kind, members: members | {"type": kind}, kinds, plain) | inner


def framed(form: str, several: list[object]) -> object:
    if form == "epcis.json":
        return {"type": "EPCISDocument", "epcisBody": {"eventList": several}}
    return {"samples": several} if form == "miabis.json" else several


def check(found: list[Item]) -> None:
    for one in found:
        if isinstance(one, Record):
            known = vocabulary()[one.kind]
            assert one.key
            assert one.fields.keys() <= known.keys()
            assert one.unreadable.keys() <= known.keys()
        else:
            assert all(text(f"problem.{one.reason}", language, **one.values) for language in LANGUAGES)


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
@look(60)
def test_any_members_give_records_and_problems_only(form: str, data: st.DataObject) -> None:
    content = json.dumps(framed(form, data.draw(st.lists(entities(form), max_size=4))))
    with TemporaryDirectory() as folder:
        found = read(Path(folder), content, form)
        check(found)
        assert read(Path(folder), content, form) == found
        skip = data.draw(st.integers(0, len(found)))
        assert read(Path(folder), content, form, skip) == found[skip:]


PIECES = st.sampled_from([
    b"<", b">", b"/", b'"', b"=", b"<?xml version='1.0'?>", b"<EPCISDocument>", b"</EPCISDocument>", b"<ObjectEvent>",
    b"</ObjectEvent>", b"<epcList><epc>S1</epc></epcList>", b"<extension>", b"</extension>", b"<sensorElementList>",
    b"<sensorElement>", b"</sensorElement>", b"</sensorElementList>", b"<sensorReport type='Temperature' value='x'/>",
    b"<!DOCTYPE a>", b"&lt;", b"&a;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"\xff", b"\0", b"x",
])  # fmt: skip


@given(st.lists(PIECES, max_size=25).map(b"".join))
@look(80)
def test_any_xml_gives_records_and_problems_only(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        check(read(Path(folder), content, "epcis.xml"))


CELLS = st.sampled_from(["S1", "D1", "DNA", "RT", "-80 °C", "2011", "2011-02-30", '"', '""', "a\nb", "", "x;y", "\0"])


@given(
    st.lists(st.sampled_from(["Sample ID", "Sample donor ID", "Event ID", "Age at event", "Sex", "?"]), max_size=5),
    st.lists(st.lists(CELLS, max_size=6), max_size=6),
    st.sampled_from([",", ";", "\t"]),
)
@look(60)
def test_any_rows_give_records_and_problems_only(header: list[str], rows: list[list[str]], delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in [header, *rows])
    with TemporaryDirectory() as folder:
        found = read(Path(folder), content, "miabis.csv")
        check(found)
        assert not [one for one in found if isinstance(one, SourceProblem) and one.fatal]


@given(st.binary(max_size=300), st.sampled_from([*FORMS, "epcis.xml", "miabis.csv"]))
@look(80)
def test_any_bytes_give_records_and_problems_only(content: bytes, form: str) -> None:
    with TemporaryDirectory() as folder:
        check(read(Path(folder), content, form))
    assert sniff(content, "x") is None or isinstance(sniff(content, "x"), tuple)


@given(st.text(max_size=60) | WORDS)
def test_names_words_and_ages_never_fail(told: str) -> None:
    assert isinstance(name_of(told), str)
    assert isinstance(transaction_of(told), str)
    assert isinstance(word_of(told), str)
    assert isinstance(born(told), str)
    age = years(told)
    assert age is None or age >= 0
