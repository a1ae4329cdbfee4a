"""What bad HL7 v2 messages, FHIR resources and OMOP tables get: told with its place; what stands beside is read."""

import json
from pathlib import Path
from typing import cast

import pytest

from tests.flows.acceptance import MAN, Judged, finding, findings, judged, page_line
from tests.flows.hospital import STOPPED, Record, again, english, known, put
from tests.flows.terminal import Terminal

HEAD = r"MSH|^~\&|LIS|H1|HILUM|BB|20260316100000+0800||ORU^R01^ORU_R01|M|P|2.5.1||||||UNICODE UTF-8"
PERSON = f"PID|1||{MAN}^^^H1^MR||张^伟||19700305|M"
ONE_RESULT = "OBR|1||{0}|^肌酐^L|||20260316083000|||||||||||||||20260316100000||LAB|F\r"
Json = dict[str, object]


def message(*segments: str) -> str:
    """One HL7 message of the man's."""
    return "\r".join((HEAD, PERSON, *segments)) + "\r"


def result(number: int, value: str = "80", sort: str = "NM", name: str = "肌酐", unit: str = "umol/L") -> str:
    """A report and a result."""
    obx = f"OBX|1|{sort}|^{name}^L||{value}|{unit}|||||F|||20260316093000"
    return ONE_RESULT.format(f"H{number}") + obx


HL7: dict[str, str | bytes] = {
    "标记.hl7": "\ufeff" + message(result(1)),
    "前言.hl7": "以下为导出的消息\r\n\r\n" + message(result(2)).replace("\r", "\r\n") + "\n\n",
    "转义.hl7": message(result(3), result(4, r"约\X4\八十", "ST")) + message(result(5)),
    "乱段.hl7": message("ZZZ|乱", "OBX", "不知哪里来的一行", result(6)) + message(result(7)),
    "字符集.hl7": message(result(8)).replace("UNICODE UTF-8", "8859/1"),
    "国标.hl7": message(result(9)).replace("UNICODE UTF-8", "GB 18030-2000").encode("gb18030"),
    "坏字节.hl7": message(result(10, name="\0"), result(11)).encode().replace(b"\0", b"\xff\xfe\xff"),
    "零宽.hl7": message("SPM|1|XB\u200b-0091||SER^血清^HL70487|||||||P||||||20260316083000|20260316090000"),
    "结果.hl7": message(result(12, "60~120"), result(13, "<0.5", "SN", "AFP", "ng/mL"), result(14, "1e308")),
    "未来.hl7": message(result(15)).replace(MAN, "ZY26000900").replace("19700305", "20900305"),
    "分隔符.hl7": message(result(16)).replace(r"^~\&", r"^^\&"),
}


def identifier(value: str) -> list[Json]:
    return [{"type": {"coding": [{"code": "MR"}]}, "value": value}]


def person(name: str, number: str) -> Json:
    return {"resourceType": "Patient", "id": name, "identifier": identifier(number), "gender": "male",
            "birthDate": "1970-03-05"}  # fmt: skip


def specimen(key: str, **more: object) -> Json:
    made: Json = {
        "resourceType": "Specimen",
        "id": key.lower(),
        "identifier": [{"value": key}],
        "type": {"coding": [{"system": "http://snomed.info/sct", "code": "119297000", "display": "全血"}]},
        "subject": {"reference": "Patient/zhang"},
        "collection": {"collectedDateTime": "2026-03-16T07:50:00+08:00"},
        "receivedTime": "2026-03-16T08:32:00+08:00",
    }
    return made | more


def observation(key: str, **more: object) -> Json:
    made: Json = {
        "resourceType": "Observation",
        "id": key.lower(),
        "identifier": [{"value": key}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "14682-9"}], "text": "肌酐"},
        "subject": {"reference": "Patient/zhang"},
        "effectiveDateTime": "2026-03-16T10:00:00+08:00",
        "valueQuantity": {"value": 80, "code": "umol/L"},
    }
    return made | more


def bundle(*resources: Json) -> str:
    whole = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
    return json.dumps(whole, ensure_ascii=False)


def parent(key: str) -> list[Json]:
    return [{"reference": f"Specimen/{key}"}]


MYSELF = person("me", MAN) | {"contained": [{"resourceType": "Patient", "id": "me"}]}
DEEP = '{"resourceType":"Bundle","entry":[{"resource":%s},{"resource":{"resourceType":"Patient","x":%s'
FHIR: dict[str, str | bytes] = {
    "patient.json": bundle(person("zhang", MAN)),
    "旧版.json": bundle(observation("F-OLD", comments="第二版"), observation("F-1")),
    "无处.json": bundle(
        specimen("F-NOBODY", subject={"reference": "Patient/nobody"}),
        specimen("F-ORPHAN", parent=parent("nowhere")),
        observation("F-HASH", subject={"reference": "#nobody"}),
        observation("F-2"),
    ),
    "循环.json": bundle(
        specimen("F-ROUND1", parent=parent("f-round2")),
        specimen("F-ROUND2", parent=parent("f-round1")),
        specimen("F-SELF", parent=parent("f-self")),
        observation("F-3"),
    ),
    "内含.json": bundle(observation("F-4", contained=[MYSELF], subject={"reference": "#me"})),
    "深.json": DEEP % (json.dumps(observation("F-5")), "[" * 100_000),
    "截断.json": bundle(observation("F-6"), observation("F-CUT"))[:-200],
    "坏一条.json": bundle(observation("F-7"), observation("F-NAN"), observation("F-8")).replace(
        '"identifier": [{"value": "F-NAN"}]', '"identifier": NaN'
    ),
    "坏字节.json": bundle(
        observation("F-9", method={"text": "酶法，按院内操作规程"}),
        observation("F-BYTES", note="\0"),
        observation("F-10"),
    )
    .encode()
    .replace(b"\\u0000", b"\xff\xfe"),
    "零宽.json": bundle(specimen("F-\u200b11")),
    "单位.json": bundle(observation("F-WORD", valueQuantity={"value": "12 mL"}), observation("F-12")),
    "旧格式.xml": '<Patient xmlns="http://hl7.org/fhir"><id value="x"/></Patient>',
}
PERSONS = "person_id,gender_concept_id,year_of_birth,person_source_value\n"
OMOP: dict[str, str] = {
    "person.csv": PERSONS + "1,8507,1970,ZY26000701\n,8507,1970,\n3,8507,1980,a,b,c\n",
}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A bank in which two donors and their blood are known; nobody spoils this one."""
    folder = tmp_path_factory.mktemp("stocked")
    return known(folder / "home", folder / "incoming")


def taken(stocked: Terminal, folder: Path, files: dict[str, str | bytes]) -> Judged:
    for name, content in files.items():
        put(folder / "in", name, content)
    terminal = again(stocked, folder / "home")
    return judged(terminal, terminal.table("intake", folder / "in", "--yes", code=STOPPED))


@pytest.fixture(scope="module")
def hl7(stocked: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The bank after all bad messages came in one delivery."""
    return taken(stocked, tmp_path_factory.mktemp("hl7"), HL7)


@pytest.fixture(scope="module")
def fhir(stocked: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The bank after all bad FHIR files came in one delivery."""
    return taken(stocked, tmp_path_factory.mktemp("fhir"), FHIR)


def told(bank: Judged, file: str) -> dict[str, Record]:
    """What was wrong with a file: reason -> the problem."""
    problems = cast("list[Record]", bank.answer["problems"])
    return {str(one["reason"]): one for one in problems if one["place"] == file}


def has(bank: Judged, *keys: str) -> bool:
    facts = cast("list[Record]", bank.terminal.table("donor", "show", MAN)["facts"])
    return set(keys) <= {str(one["key"]) for one in facts}


def held_as(bank: Judged, key: str) -> Record:
    (one,) = [record for record in bank.stopped.values() if record["key"] == key]
    return one


def rules(record: Record) -> set[str]:
    return {str(one["rule"]) for one in findings(record) if one["severity"] == "block"}


# HL7 v2 --------------------------------------------------------------------------------------------------------------


@page_line(2)
def test_marks_and_lines_before_msh_are_told_and_everything_is_read(hl7: Judged) -> None:
    assert set(told(hl7, "标记.hl7")) == {"hl7_byte_order_mark"}
    assert told(hl7, "前言.hl7")["hl7_outside_message"]["values"] == {"line": 1, "count": 1}
    assert has(hl7, "H1|creatinine", "H2|creatinine")


@page_line(3)
def test_broken_escapes_and_segments_are_told_and_the_messages_beside_them_are_read(hl7: Judged) -> None:
    escape = told(hl7, "转义.hl7")["hl7_escape"]
    assert escape["values"] == {"line": 1, "message": 1, "count": 1}
    held = told(hl7, "乱段.hl7")
    assert cast("Record", held["hl7_line_continued"]["values"])["line"] == 5
    assert held["hl7_segments_not_used"]["values"] == {"segments": "ZZZ 1"}
    assert set(told(hl7, "分隔符.hl7")) == {"hl7_delimiters"}
    assert has(hl7, *(f"H{number}|creatinine" for number in (3, 5, 6, 7, 16)))
    for terminal, words in ((hl7.terminal, "转义序列"), (english(hl7.terminal), "escape sequences")):
        assert words in terminal.type("sources").output


@page_line(1)
def test_a_wrong_declaration_of_the_encoding_is_told_and_broken_bytes_cost_their_own_value(hl7: Judged) -> None:
    assert set(told(hl7, "字符集.hl7")) == {"hl7_charset_differs"}
    assert told(hl7, "国标.hl7") == {}
    assert set(told(hl7, "坏字节.hl7")) == {"hl7_bytes_broken"}
    broken = [record for (file, _), record in hl7.stopped.items() if file.startswith("坏字节.hl7")]
    assert broken
    assert all(any("\ufffd" in str(text) for text in cast("Record", one["unreadable"]).values()) for one in broken)
    assert has(hl7, *(f"H{number}|creatinine" for number in (8, 9, 11)))
    shown = hl7.terminal.table("donor", "show", MAN, "--identify")
    assert cast("Record", shown["personal"])["name"] == "张伟"


@page_line(6)
def test_an_invisible_letter_in_a_barcode_is_shown_by_its_code_point(hl7: Judged, fhir: Judged) -> None:
    values = cast("Record", told(hl7, "零宽.hl7")["hl7_invisible"]["values"])
    assert (values["field"], values["code"], values["line"]) == ("specimen_id", "U+200B", 3)
    values = cast("Record", told(fhir, "零宽.json")["fhir_invisible"]["values"])
    assert (values["field"], values["code"], values["number"]) == ("specimen_id", "U+200B", 1)
    assert has(hl7, "XB-0091")
    assert has(fhir, "F-11")


@page_line(23)
def test_an_hl7_result_is_typed_as_what_it_is(hl7: Judged) -> None:
    wanted = ("value", "comparator", "value_low", "value_high")
    afp = cast("Record", hl7.accepted("observation", "H13|afp")["fields"])
    assert {name: afp.get(name) for name in wanted[:2]} == {"value": 0.5, "comparator": "<"}
    huge = held_as(hl7, "H14|creatinine")
    assert huge["unreadable"] == {"value": "1e308"}
    assert not {name for name in wanted if cast("Record", huge["fields"]).get(name) is not None}


@page_line(14)
def test_a_birth_after_the_message_is_told_and_held(hl7: Judged) -> None:
    assert "hl7_birth_after_message" in told(hl7, "未来.hl7")
    (born,) = [
        record for (file, _), record in hl7.stopped.items() if file.startswith("未来") and record["kind"] == "donor"
    ]
    assert rules(born) == {"DNR-TIM-001"}


# FHIR ----------------------------------------------------------------------------------------------------------------


@page_line(28)
def test_an_older_version_of_fhir_is_told(fhir: Judged) -> None:
    assert told(fhir, "旧版.json")["fhir_version"]["values"] == {"version": "DSTU2", "count": 1}
    assert set(told(fhir, "旧格式.xml")) == {"fhir_xml"}
    assert has(fhir, "F-OLD|creatinine", "F-1|creatinine")


@page_line(28)
def test_references_that_lead_nowhere_or_in_circles_are_held_and_do_not_go_round(fhir: Judged) -> None:
    assert "SPM-ID-003" in rules(held_as(fhir, "F-NOBODY"))
    assert rules(held_as(fhir, "F-ORPHAN")) == {"SPM-CUS-001"}
    assert "LAB-ID-003" in rules(held_as(fhir, "F-HASH|creatinine"))
    for key in ("F-ROUND1", "F-ROUND2"):
        assert rules(held_as(fhir, key)) == {"SPM-CUS-001"}
    assert "SPM-ID-017" in rules(held_as(fhir, "F-SELF"))
    assert has(fhir, "F-2|creatinine", "F-3|creatinine")


@page_line(28)
def test_a_contained_resource_is_read_from_within(fhir: Judged) -> None:
    assert has(fhir, "F-4|creatinine")
    assert told(fhir, "内含.json") == {}


@page_line(1)
def test_a_depth_bomb_a_cut_and_a_broken_entry_are_told_by_their_bytes(fhir: Judged) -> None:
    for file, reason in (("深.json", "json_too_deep"), ("截断.json", "json_truncated")):
        (problem,) = told(fhir, file).values()
        assert (problem["reason"], problem["fatal"]) == (reason, True)
        values = cast("dict[str, int]", problem["values"])
        assert values["count"] == 1
        assert 0 < values["offset"] < 5_000
    for file, reason in (("坏一条.json", "json_element_malformed"), ("坏字节.json", "json_not_utf8")):
        (problem,) = told(fhir, file).values()
        assert (problem["reason"], problem["fatal"]) == (reason, False)
        assert cast("dict[str, int]", problem["values"])["number"] == 2
    assert has(fhir, *(f"F-{number}|creatinine" for number in range(5, 11)))


@page_line(4)
def test_a_unit_in_a_fhir_number_is_held_with_a_hint(fhir: Judged) -> None:
    record = held_as(fhir, "F-WORD|creatinine")
    assert record["unreadable"] == {"value": "12 mL"}
    assert "单位" in str(finding(record, "LAB-READ-001")["hint"])
    assert has(fhir, "F-12|creatinine")


@page_line(1)
def test_the_bytes_of_a_refused_file_are_kept(fhir: Judged) -> None:
    sources = cast("list[Record]", fhir.terminal.table("sources")["sources"])
    refused = {str(one["name"]): one for one in sources if str(one["name"]) in ("深.json", "截断.json", "旧格式.xml")}
    assert len(refused) == 3
    for one in refused.values():
        kept = list(fhir.terminal.home.rglob(f"*{one['sha256']}*"))
        assert kept, one["name"]
    fhir.terminal.type("doctor", "--thorough")


# OMOP ----------------------------------------------------------------------------------------------------------------


@page_line(5)
def test_bad_rows_of_an_omop_table_are_told_and_the_others_are_read(stocked: Terminal, tmp_path: Path) -> None:
    bank = taken(stocked, tmp_path, dict(OMOP))
    problems = told(bank, "person.csv")
    assert {reason: one["line"] for reason, one in problems.items() if reason.startswith("omop_")} == {
        "omop_person_missing": 3,
        "omop_row_long": 4,
    }
    assert rules(bank.stopped["person.csv", 3]) == {"DNR-ID-001"}
    assert bank.terminal.table("donor", "show", "1")["facts"]
