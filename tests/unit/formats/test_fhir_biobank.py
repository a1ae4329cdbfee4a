"""What biobank profiles of FHIR say of a Specimen: how cold it is kept, its type, what it was found to be."""

from pathlib import Path

import pytest

from hilum.formats import fhir
from hilum.model.record import Kind, Record
from hilum.terms import valuesets
from tests.unit.formats.fhir_files import bundle, read, reasons, records

MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-biobank/StructureDefinition/Temperaturbedingungen"
MIABIS = "https://fhir.bbmri-eric.eu/fhir/StructureDefinition/miabis-sample-storage-temperature-extension"
BBMRI = "https://fhir.bbmri.de/StructureDefinition/StorageTemperature"
DIAGNOSIS = "https://fhir.bbmri-eric.eu/fhir/StructureDefinition/miabis-sample-diagnosis-extension"
STORAGE = {"coding": [{"system": "http://snomed.info/sct", "code": "1186936003"}]}
SPECIMEN = {"resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/p"}}
MIABIS_TYPES = """
    AmnioticFluid AscitesFluid Bile BodyCavityFluid Bone BoneMarrowAspirate BoneMarrowPlasma BoneMarrowWhole
    BreastMilk BronchLavage BuffyCoat CancerCellLine CerebrospinalFluid CordBlood DentalPulp DNA Embryo EntireOrgan
    Faeces FetalTissue Fibroblast FoodSpecimen Gas GastricFluid Hair ImmortalizedCellLine IsolatedMicrobe
    IsolatedExosome IsolatedTumorCell MenstrualBlood Nail NasalWashing Organoid Other PericardialFluid PBMC Placenta
    Plasma PleuralFluid PostMortemTissue PrimaryCells Protein RedBloodCells RNA Saliva Semen Serum
    SpecimenEnvironment Sputum StemCells Swab Sweat SynovialFluid Tears Teeth TissueFixed TissueFreshFrozen
    UmbilicalCord Urine UrineSediment VitreousFluid WholeBlood WholeBloodDried
"""


def between(low: float, high: float, unit: str = "Cel") -> dict[str, object]:
    ends = {name: {"value": value, "code": unit} for name, value in (("low", low), ("high", high))}
    return {"url": MII, "valueRange": ends}


def band(code: str, url: str = MIABIS) -> dict[str, object]:
    return {"url": url, "valueCodeableConcept": {"coding": [{"code": code}]}}


def stay(*extensions: object, start: str = "2024-03-05", end: str | None = None) -> dict[str, object]:
    period = {"start": start} | ({"end": end} if end else {})
    return {"procedure": STORAGE, "timePeriod": period, "extension": list(extensions)}


def told(folder: Path, specimen: dict[str, object]) -> dict[Kind, Record]:
    return {one.kind: one for one in reversed(records(read(folder, SPECIMEN | specimen)))}


@pytest.mark.parametrize(
    ("extensions", "degrees", "kept"),
    [
        ([between(-80, -80)], -80.0, None),
        ([between(-85, -60)], None, "-60to-85"),
        ([between(-80, -70)], None, "-60to-85"),
        ([between(-196, -150)], None, "LN"),
        ([between(68, 68, "[degF]")], 20.0, None),
        ([between(193.15, 203.15, "K")], None, "-60to-85"),
        ([between(-90, 25)], None, None),
        ([between(-60, -85)], None, None),
        ([{"url": MII, "valueRange": {"low": {"value": -80, "code": "Cel"}}}], None, None),
        ([{"url": MII, "valueRange": {"low": {"value": -85}, "high": {"value": -60}}}], None, None),
        ([band("-60to-85")], None, "-60to-85"),
        ([band("temperatureLN", BBMRI)], None, "LN"),
        ([between(-80, -70), band("-60to-85")], None, "-60to-85"),
        ([between(37, 37), band("Other")], 37.0, "Other"),
        ([band("cold")], None, "cold"),
    ],
)
def test_a_range_or_band_of_temperatures_never_becomes_a_number_of_degrees(
    tmp_path: Path, extensions: list[object], degrees: float | None, kept: str | None
) -> None:
    found = told(tmp_path, {"processing": [stay(*extensions)]})
    for record in (found[Kind.SPECIMEN], found[Kind.STORAGE]):
        assert record.fields.get("storage_c") == degrees
    assert found[Kind.SPECIMEN].fields.get("storage_band") == kept
    assert bool(found[Kind.STORAGE].extra) == (degrees is None)


def test_what_a_stay_says_of_its_temperature_is_kept_beside_it_word_for_word(tmp_path: Path) -> None:
    found = told(tmp_path, {"processing": [stay(between(-90, 25), band("Other"))]})
    assert found[Kind.STORAGE].extra == {"processing temperature": "-90 Cel~25 Cel; Other"}


def test_the_temperature_on_record_is_that_of_the_stay_that_has_not_ended(tmp_path: Path) -> None:
    past = stay(band("RT"), start="2024-03-05", end="2024-03-06")
    old = stay(band("-18to-35"), start="2024-03-06")
    new = stay(band("-60to-85"), start="2024-03-07")
    found = told(tmp_path, {"processing": [past, new, old]})
    assert found[Kind.SPECIMEN].fields["storage_band"] == "-60to-85"


@pytest.mark.parametrize(
    "specimen",
    [
        {"processing": [{"extension": [band("LN")]}]},
        {"extension": [band("LN")]},
        {"extension": [{"url": MIABIS, "valueCode": "LN"}]},
    ],
)
def test_a_temperature_without_a_procedure_or_on_the_specimen_itself_is_one_of_storage(
    tmp_path: Path, specimen: dict[str, object]
) -> None:
    found = told(tmp_path, specimen)
    assert found[Kind.SPECIMEN].fields["storage_band"] == "LN"
    assert Kind.PREPARATION not in found


@pytest.mark.parametrize("code", MIABIS_TYPES.split())
def test_every_type_of_miabis_on_fhir_is_one_of_ours(tmp_path: Path, code: str) -> None:
    kind = told(tmp_path, {"type": {"coding": [{"code": code}]}})[Kind.SPECIMEN].fields
    assert kind["specimen_type"] in valuesets.members("specimen_type")
    assert kind["sample_type"] == code


def test_a_type_that_only_miabis_has_gives_way_to_a_coding_that_says_more(tmp_path: Path) -> None:
    several = [{"code": "258500001", "system": "http://snomed.info/sct"}, {"code": "NasalWashing"}]
    assert told(tmp_path, {"type": {"coding": several}})[Kind.SPECIMEN].fields["specimen_type"] == "Swab"


@pytest.mark.parametrize(
    ("extension", "fields"),
    [
        ({"url": DIAGNOSIS, "valueCode": "c34.1"}, {"condition_id": "s/c34.1", "icd10": "C34.1"}),
        (
            {
                "url": "https://fhir.bbmri.de/StructureDefinition/SampleDiagnosis",
                "valueCodeableConcept": {
                    "coding": [{"system": "http://fhir.de/CodeSystem/dimdi/icd-10-gm", "code": "C22.0", "display": "x"}]
                },
            },
            {"condition_id": "s/C22.0", "icd10": "C22.0"},
        ),
        (
            {"url": DIAGNOSIS, "valueCodeableConcept": {"text": "肝癌"}},
            {"condition_id": "s/肝癌", "diagnosis": "肝癌"},
        ),
    ],
)
def test_a_diagnosis_of_the_content_is_a_condition_named_after_the_specimen(
    tmp_path: Path, extension: dict[str, object], fields: dict[str, object]
) -> None:
    assert told(tmp_path, {"extension": [extension, extension]})[Kind.CONDITION].fields == fields | {"donor_id": "p"}


def test_every_diagnosis_of_the_content_is_told_once(tmp_path: Path) -> None:
    several = [{"url": DIAGNOSIS, "valueCode": code} for code in ("C34", "C22.0")]
    found = [one for one in records(read(tmp_path, SPECIMEN | {"extension": several})) if one.kind is Kind.CONDITION]
    assert [one.fields["icd10"] for one in found] == ["C34", "C22.0"]


REPORT = {"resourceType": "DiagnosticReport", "id": "r", "identifier": [{"value": "REP-1"}]}
RESULT = {
    "resourceType": "Observation",
    "id": "o",
    "code": {"text": "Hb"},
    "valueQuantity": {"value": 1, "unit": "g/L"},
}


@pytest.mark.parametrize(
    "reference", ["Observation/o", "https://h.example/fhir/Observation/o/_history/2", "urn:uuid:o"]
)
def test_a_result_knows_its_report_wherever_the_report_stands(tmp_path: Path, reference: str) -> None:
    report = REPORT | {"result": [{"reference": reference}, {"reference": "#inside"}, {"display": "x"}, 7]}
    for several in ((RESULT, report), (report, RESULT)):
        found = records(read(tmp_path, bundle(*several)))
        assert [one.fields["report_id"] for one in found] == ["REP-1", "REP-1"]


def test_a_result_without_an_id_is_known_by_its_full_url(tmp_path: Path) -> None:
    nameless = {name: value for name, value in RESULT.items() if name != "id"}
    entries = [
        {"fullUrl": "urn:uuid:17", "resource": nameless},
        {"resource": REPORT | {"result": [{"reference": "urn:uuid:17"}]}},
    ]
    found = records(read(tmp_path, {"resourceType": "Bundle", "entry": entries}))
    assert found[0].fields["report_id"] == "REP-1"


def test_a_result_nobody_reports_has_no_report(tmp_path: Path) -> None:
    found = records(read(tmp_path, bundle(RESULT, REPORT | {"result": [{"reference": "Observation/other"}]})))
    assert "report_id" not in found[0].fields


def test_in_a_bulk_export_the_reports_stand_in_the_file_beside_the_results(tmp_path: Path) -> None:
    read(tmp_path, REPORT | {"result": [{"reference": "Observation/o"}]}, name="DiagnosticReport.ndjson")
    assert records(read(tmp_path, RESULT, name="Observation.ndjson"))[0].fields["report_id"] == "REP-1"


def test_a_file_that_is_held_and_one_that_is_read_twice_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{"value": "MRN-1"}]}
    content = bundle(SPECIMEN, RESULT, {"resourceType": "Specimen", "id": "x", "status": 1}, REPORT, patient, 3)
    held = read(tmp_path, content)
    monkeypatch.setattr(fhir, "_HELD", 0)
    assert read(tmp_path, content) == held
    assert records(held)[0].donor == "MRN-1"


def test_a_broken_element_is_told_and_its_names_are_known_all_the_same(tmp_path: Path) -> None:
    twice = b'{"resourceType":"Patient","id":"p","identifier":[{"value":"MRN-1"}],"gender":"male","gender":"male"}'
    specimen = b'{"resourceType":"Specimen","id":"s","subject":{"reference":"Patient/p"}}'
    found = read(tmp_path, twice + b"\n" + specimen + b"\n", name="x.ndjson")
    assert reasons(found) == ["json_key_twice"]
    assert records(found)[0].donor == "MRN-1"
