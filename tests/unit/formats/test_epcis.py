"""EPCIS events: what becomes a custody step, a reading, a log; what is told; and every published example."""

from functools import partial
from pathlib import Path

import pytest

from hilum.formats import epcis, json_stream
from hilum.formats.epcis_events import Boxes
from hilum.formats.epcis_names import check_digit, name_of, transaction_of, word_of
from hilum.model.record import Kind, SourceProblem
from tests.unit.formats.other_files import only, problems, read, read_path, records, unused

Event = dict[str, object]


def document(*events: object) -> dict[str, object]:
    return {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": list(events)}}


def event(**members: object) -> Event:
    base: Event = {"type": "ObjectEvent", "eventTime": "2024-05-01T10:00:00+08:00", "eventTimeZoneOffset": "+08:00"}
    return base | {"action": "OBSERVE", "bizStep": "shipping", "epcList": ["S-1"]} | members


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("urn:epc:id:sgtin:4012345.011111.9876", "(01)04012345111118(21)9876"),
        ("https://id.gs1.org/01/04012345111118/21/9876", "(01)04012345111118(21)9876"),
        ("https://dl.example.org/some/path/01/4012345111118/21/9876?x=1", "(01)04012345111118(21)9876"),
        ("urn:epc:id:giai:4000001.111", "(8004)4000001111"),
        ("https://id.gs1.org/8004/4000001111", "(8004)4000001111"),
        ("urn:epc:id:sgln:4012345.00005.0", "(414)4012345000054"),
        ("https://id.gs1.org/414/4012345000054", "(414)4012345000054"),
        ("urn:epc:id:sgln:4012345.00000.5", "(414)4012345000009(254)5"),
        ("urn:epc:id:sscc:4012345.0111111111", "(00)040123451111111110"),
        ("urn:epc:id:gsrn:4012345.0000000001", "(8018)401234500000000012"),
        ("urn:hilum:specimen:S-1:2", "S-1:2"),
        ("urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("https://lab.example.org/specimen/obj/8675%2F1", "8675/1"),
        (" SP-0001 ", "SP-0001"),
        ("geo:42.698334,23.319941", "geo:42.698334,23.319941"),
        ("urn:epc:id:sgtin:40x.1.2", "urn:epc:id:sgtin:40x.1.2"),
        ("https://example.org", "https://example.org"),
    ],
)
def test_an_identifier_has_one_spelling_however_it_is_written(text: str, name: str) -> None:
    assert name_of(text) == name


def test_the_check_digit_is_that_of_gs1() -> None:
    assert check_digit("401234500005") == "4"
    assert check_digit("0950600013435") == "2"
    assert check_digit("629104150021") == "3"


@pytest.mark.parametrize(
    "text",
    ["shipping", "urn:epcglobal:cbv:bizstep:shipping", "https://ref.gs1.org/cbv/BizStep-shipping",
     "cbv:BizStep-shipping"],
)  # fmt: skip
def test_a_business_step_is_one_word_in_all_its_spellings(tmp_path: Path, text: str) -> None:
    assert word_of(text) == "shipping"
    assert only(read(tmp_path, document(event(bizStep=text))), Kind.CUSTODY).fields["action"] == "dispatch"


def test_a_shipment_says_who_gave_what_to_whom_where_and_when(tmp_path: Path) -> None:
    told = event(
        eventID="urn:uuid:e1",
        sourceList=[{"type": "owning_party", "source": "X"}, {"type": "possessing_party", "source": "Ward 3"}],
        destinationList=[{"type": "urn:epcglobal:cbv:sdt:possessing_party", "destination": "Biobank"}],
        readPoint={"id": "urn:epc:id:sgln:4012345.00005.0"},
        bizTransactionList=[{"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:4012345000009:T-7"}],
        disposition="in_transit",
        **{"lab:performedBy": "Li"},
    )
    step = only(read(tmp_path, document(told)), Kind.CUSTODY)
    assert step.key == "e1"
    assert dict(step.fields) == {
        "custody_id": "e1", "specimen_id": "S-1", "action": "dispatch", "happened_at": "2024-05-01T02:00:00Z",
        "from_party": "Ward 3", "to_party": "Biobank", "performed_by": "Li", "location": "(414)4012345000054",
        "transport_id": "T-7", "reason": "in_transit",
    }  # fmt: skip


def test_a_step_that_is_none_of_ours_is_other_with_its_word_and_an_unknown_one_stays_as_written(tmp_path: Path) -> None:
    found = records(read(tmp_path, document(event(bizStep="commissioning"), event(bizStep="lyophilising"))))
    assert [(one.fields["action"], one.fields.get("reason")) for one in found] == [
        ("other", "commissioning"),
        ("lyophilising", None),
    ]


def test_several_specimens_of_one_event_have_a_record_each_with_a_key_of_its_own(tmp_path: Path) -> None:
    found = records(read(tmp_path, document(event(eventID="E", epcList=["A", "B", "A"]))))
    assert [one.key for one in found] == ["E/A", "E/B"]


def test_a_time_without_a_zone_is_in_the_zone_of_the_event(tmp_path: Path) -> None:
    told = event(eventTime="2024-05-01T10:00:00", eventTimeZoneOffset="+01:00")
    assert only(read(tmp_path, document(told)), Kind.CUSTODY).fields["happened_at"] == "2024-05-01T09:00:00Z"


def test_a_box_is_opened_for_what_happens_to_it_later(tmp_path: Path) -> None:
    box = "urn:epc:id:sscc:4012345.0111111111"
    pack = event(type="AggregationEvent", action="ADD", bizStep="packing", parentID=box, childEPCs=["A", "B"])
    found = read(
        tmp_path,
        document(
            pack | {"epcList": None},
            event(epcList=[box]),
            event(type="AggregationEvent", action="DELETE", bizStep="unpacking", parentID=box, epcList=None),
            event(epcList=[box], bizStep="receiving"),
        ),
    )
    steps = [(one.fields["action"], one.fields["specimen_id"]) for one in records(found)]
    assert steps == [("pack", "A"), ("pack", "B"), ("dispatch", "A"), ("dispatch", "B"), ("other", "A"), ("other", "B")]
    told = problems(found)["epcis_box_unknown"]
    assert told.values["box"] == "(00)040123451111111110"
    assert told.locator.line == 4


def test_a_box_within_a_box_is_opened_too_and_one_within_itself_ends() -> None:
    boxes = Boxes()
    assert boxes.put("outer", ["inner", "outer"])
    assert boxes.put("inner", ["A", "outer"])
    assert boxes.open("outer") == ["A"]


def test_a_stored_specimen_stands_in_its_box(tmp_path: Path) -> None:
    told = event(
        type="AggregationEvent", action="ADD", bizStep="storing", parentID="BOX-3", childEPCs=["A"], epcList=None,
        bizLocation={"id": "FREEZER-1"}, readPoint={"id": "DOOR"},
    )  # fmt: skip
    step = only(read(tmp_path, document(told)), Kind.CUSTODY)
    assert (step.fields["action"], step.fields["location"]) == ("store", "FREEZER-1 / BOX-3")


def test_aliquoting_is_a_step_of_the_input_and_a_preparation_of_each_output(tmp_path: Path) -> None:
    told = event(
        type="TransformationEvent", eventID="T", bizStep="aliquoting", epcList=None, inputEPCList=["W"],
        outputEPCList=["P1", "P2"], transformationID="urn:lab:run:7",
    )  # fmt: skip
    found = read(tmp_path, document(told))
    assert only(found, Kind.CUSTODY).fields["specimen_id"] == "W"
    made = records(found, Kind.PREPARATION)
    assert [(one.key, one.fields["step"], one.fields["protocol"]) for one in made] == [
        ("T/P1", "aliquot", "7"),
        ("T/P2", "aliquot", "7"),
    ]
    assert problems(found)["epcis_lineage"].values == {"number": 1, "made": 2, "used": "W"}


def test_an_event_declared_wrong_is_told_and_not_taken(tmp_path: Path) -> None:
    found = read(tmp_path, document(event(eventID="E", errorDeclaration={"declarationTime": "2024-05-02T00:00:00Z"})))
    assert not records(found)
    assert problems(found)["epcis_event_withdrawn"].values["event"] == "E"


def sensed(*reports: object, **metadata: object) -> Event:
    return event(sensorElementList=[{"sensorMetadata": metadata, "sensorReport": list(reports)}])


@pytest.mark.parametrize(
    ("value", "unit", "degrees"),
    [(4.5, "CEL", 4.5), (40.1, "FAH", 4.5), (277.65, "KEL", 4.5), (4.5, "Cel", 4.5), ("-80", "CEL", -80.0)],
)
def test_a_temperature_is_in_degrees_celsius_whatever_its_unit(
    tmp_path: Path, value: object, unit: str, degrees: float
) -> None:
    found = read(tmp_path, document(sensed({"type": "Temperature", "value": value, "uom": unit, "deviceID": "L"})))
    assert only(found, Kind.READING).fields["value_c"] == degrees


@pytest.mark.parametrize("report", [{"value": 4.5}, {"value": 4.5, "uom": "KMH"}, {"value": "warm", "uom": "CEL"}])
def test_a_temperature_in_no_unit_of_temperature_stays_as_it_stood(tmp_path: Path, report: dict[str, object]) -> None:
    found = only(read(tmp_path, document(sensed(report | {"type": "gs1:Temperature"}))), Kind.READING)
    assert found.fields["value_c"] is None
    assert found.unreadable["value_c"] == " ".join(str(one) for one in report.values())


def test_readings_of_a_device_make_a_log_that_binds_them(tmp_path: Path) -> None:
    reports = [
        {"type": "Temperature", "time": f"2024-05-01T0{hour}:00:00Z", "value": value, "uom": "CEL"}
        for hour, value in ((0, 4.0), (1, 5.0), (2, 882.6))
    ]
    found = read(tmp_path, document(sensed(*reports, deviceID="urn:epc:id:giai:4000001.111")))
    log = only(found, Kind.LOG).fields
    assert (log["readings"], log["interval_s"], log["min_c"], log["max_c"]) == (3, 3600.0, 4.0, 5.0)
    reports[1]["value"] = 5.1
    other = only(read(tmp_path, document(sensed(*reports, deviceID="urn:epc:id:giai:4000001.111"))), Kind.LOG)
    assert other.fields["digest"] != log["digest"]


def test_the_lowest_and_highest_of_a_span_are_a_log_and_no_reading(tmp_path: Path) -> None:
    report = {"type": "Temperature", "minValue": 2.0, "maxValue": 8.5, "meanValue": 4, "uom": "CEL"}
    told = sensed(report, deviceID="L", startTime="2024-05-01T00:00:00Z", endTime="2024-05-01T02:00:00Z")
    found = read(tmp_path, document(told))
    assert not records(found, Kind.READING)
    log = only(found, Kind.LOG).fields
    assert (log["started_at"], log["ended_at"], log["min_c"], log["max_c"]) == (
        "2024-05-01T00:00:00Z", "2024-05-01T02:00:00Z", 2.0, 8.5,
    )  # fmt: skip
    assert unused(found) == {"Temperature meanValue": 1}


def test_what_has_no_field_is_counted_by_name(tmp_path: Path) -> None:
    told = sensed({"type": "gs1:RelativeHumidity", "value": 1}, {"type": "Speed", "value": 2})
    found = read(tmp_path, document(told | {"ilmd": {"x": 1}, "lab:note": "y"}, {"type": "QuantityEvent"}, 7))
    assert unused(found) == {"RelativeHumidity": 1, "Speed": 1, "ilmd": 1, "lab:note": 1, "QuantityEvent": 1, "?": 1}


def test_query_results_bare_events_and_lines_of_events_are_read(tmp_path: Path) -> None:
    result = {"type": "EPCISQueryDocument", "epcisBody": {"queryResults": {"resultsBody": {"eventList": [event()]}}}}
    assert len(records(read(tmp_path, result))) == 1
    assert len(records(read(tmp_path, event()))) == 1
    assert len(records(read(tmp_path, [event(), event(epcList=["S-2"])]))) == 2


XML = """<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" xmlns:lab="http://lab.example.org" schemaVersion="1.2">
<EPCISBody><EventList>
<ObjectEvent><eventTime>2024-05-01T10:00:00+08:00</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>
<baseExtension><eventID>urn:uuid:e1</eventID></baseExtension>
<epcList><epc>urn:epc:id:sgtin:4012345.011111.9876</epc><epc>S-2</epc></epcList><action>OBSERVE</action>
<bizStep>urn:epcglobal:cbv:bizstep:receiving</bizStep><readPoint><id>urn:epc:id:sgln:4012345.00005.0</id></readPoint>
<bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:desadv">T-7</bizTransaction></bizTransactionList>
<extension><sourceList><source type="urn:epcglobal:cbv:sdt:possessing_party">Ward</source></sourceList>
<sensorElementList><sensorElement><sensorMetadata deviceID="L" time="2024-05-01T01:00:00Z"/>
<sensorReport type="Temperature" value="4.5" uom="CEL"/></sensorElement></sensorElementList></extension>
<lab:performedBy>Li</lab:performedBy></ObjectEvent>
<extension><TransformationEvent><eventTime>2024-05-01T11:00:00Z</eventTime>
<inputEPCList><epc>S-2</epc></inputEPCList><outputEPCList><epc>A</epc></outputEPCList></TransformationEvent></extension>
</EventList></EPCISBody></epcis:EPCISDocument>"""


def test_xml_says_the_same_as_json(tmp_path: Path) -> None:
    found = read(tmp_path, XML)
    first, second, third = records(found, Kind.CUSTODY)
    assert first.fields["specimen_id"] == "(01)04012345111118(21)9876"
    assert (second.key, second.fields["action"], second.fields["from_party"]) == ("e1/S-2", "receive", "Ward")
    assert (second.fields["transport_id"], second.fields["performed_by"]) == ("T-7", "Li")
    assert third.fields["specimen_id"] == "S-2"
    assert only(found, Kind.READING).fields["value_c"] == 4.5
    assert only(found, Kind.PREPARATION).fields["specimen_id"] == "A"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (XML.replace("<epcis:EPCISDocument", '<!DOCTYPE x [<!ENTITY a "aaaa">]><epcis:EPCISDocument'), "entities"),
        (XML.replace("<epcis:EPCISDocument", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><epcis:EPCISDocument'),
         "entities"),
        (XML[:900], "malformed"),
        (XML.replace("<action>OBSERVE</action>", "<a>" * 200 + "</a>" * 200), "too_large"),
        (XML.replace("<action>OBSERVE</action>", "<action>&undefined;</action>"), "entities"),
        (XML.replace('encoding="UTF-8"', 'encoding="no-such"'), "malformed"),
    ],
)  # fmt: skip
def test_hostile_or_broken_xml_is_told_and_what_was_read_is_kept(tmp_path: Path, content: str, reason: str) -> None:
    found = read(tmp_path, content)
    told = [one for one in found if isinstance(one, SourceProblem) and one.fatal]
    assert len(told) == 1
    assert told[0].reason in (f"epcis_xml_{reason}", "epcis_xml_malformed")
    if "DOCTYPE" in content:
        assert told[0].reason == "epcis_xml_entities"


def test_an_event_larger_than_the_limit_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = json_stream.Limits(element=2_000)
    monkeypatch.setattr(epcis, "JsonStream", partial(json_stream.JsonStream, limits=small))
    found = read(tmp_path, document(event(), event(note="x" * 3_000_000), event(epcList=["S-3"])))
    assert [one.fields["specimen_id"] for one in records(found)] == ["S-1", "S-3"]
    assert "json_element_too_large" in problems(found)


def test_a_document_nested_without_end_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, '{"type":"EPCISDocument","epcisBody":{"eventList":[' + "[" * 5_000, "epcis.json")
    assert any(isinstance(one, SourceProblem) and one.fatal for one in found)


def test_the_rest_of_a_file_is_the_same_from_anywhere(tmp_path: Path) -> None:
    content = document(
        event(epcList=["A", "B"]), sensed({"type": "Speed"}, {"type": "Temperature", "value": 1, "uom": "CEL"})
    )
    whole = read(tmp_path, content)
    for skip in range(len(whole) + 1):
        assert read(tmp_path, content, skip=skip) == whole[skip:]


@pytest.mark.parametrize(
    "head",
    [b'{"resourceType":"Bundle"}', b"a,b,c\n1,2,3", b"<html>", b'{"eventTime": 1, "type": "x"}', b"", b"\xff\xfe"],
)
def test_other_files_are_left_to_others(head: bytes) -> None:
    assert epcis.sniff(head, "x.json") is None


# the published examples --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examples(shared_data: Path) -> Path:
    folder = shared_data / "epcis"
    if not any(folder.glob("*.jsonld")):
        pytest.skip(f"no EPCIS examples in {folder}")
    return folder


def test_every_published_example_is_read_without_a_value_that_cannot_be(examples: Path) -> None:
    counted: dict[Kind, int] = {}
    for path in sorted(examples.glob("*.jsonld")):
        found = read_path(path)
        assert not [one for one in found if isinstance(one, SourceProblem) and one.fatal], path.name
        assert not [one for one in records(found) if one.unreadable], path.name
        for one in records(found):
            counted[one.kind] = counted.get(one.kind, 0) + 1
    assert counted == {Kind.CUSTODY: 14, Kind.READING: 16, Kind.LOG: 9}


def test_the_oddities_of_the_published_examples_are_told(examples: Path) -> None:
    told: dict[str, list[tuple[str, int | str]]] = {}
    for path in sorted(examples.glob("*.jsonld")):
        name = path.stem.removeprefix("SensorDataExample")
        for one in read_path(path):
            if isinstance(one, SourceProblem) and one.reason != "epcis_not_used":
                told.setdefault(one.reason, []).append((name, one.values.get("days", "")))
    assert told == {
        "epcis_event_withdrawn": [("12", "")],
        "epcis_sensor_time": [("6", -188), ("7", -80), ("8", -188)],
        "epcis_sensor_empty": [("8", "")],
        "epcis_sensor_exception": [("9", "")],
    }


def test_two_published_examples_share_an_event_id_that_should_be_a_hash_of_the_event(examples: Path) -> None:
    first, second = (
        only(read_path(examples / f"SensorDataExample{number}.jsonld"), Kind.CUSTODY) for number in (13, 17)
    )
    assert first.key == second.key


def test_the_published_examples_write_celsius_as_un_ece_does(examples: Path) -> None:
    units = {
        one.fields["unit_as_written"]
        for path in examples.glob("*.jsonld")
        for one in records(read_path(path), Kind.LOG)
    }
    assert units == {"CEL"}


def test_transactions_keep_their_number_without_the_company() -> None:
    assert transaction_of("urn:epcglobal:cbv:bt:4012345123456:RE100099") == "RE100099"
    assert transaction_of("WB-1") == "WB-1"
