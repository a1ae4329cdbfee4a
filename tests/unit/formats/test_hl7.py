"""HL7 v2 in: delimiters, escapes, times, result types, whose number counts, character sets, batches, odd messages."""

from datetime import timedelta, timezone
from pathlib import Path

import pytest

from hilum.formats import hl7, hl7_stream
from hilum.formats.hl7_message import Delimiters, Escapes, delimiters
from hilum.formats.hl7_values import between, moment
from hilum.formats.member import Member
from hilum.messages import text
from hilum.model.record import Item, Kind, Record, SourceProblem
from hilum.model.vocabulary import FieldType

CHINA = timezone(timedelta(hours=8))
MSH = r"MSH|^~\&|LIS|H1|HILUM|BB|20240305090000||ORU^R01|M1|P|2.5.1"
PID = "PID|1||P001^^^H1^MR||张^三||19700102|M"
OBR = "OBR|1|O1|F1|CBC^血常规|||20240305083000"


def read(folder: Path, content: str | bytes, encoding: str = "utf-8", skip: int = 0) -> list[Item]:
    path = folder / "m.hl7"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return list(hl7.items(Member("m.hl7", path, 0, "", "hl7.v2", 40), "SRC", skip))


def lines(*segments: str) -> str:
    return "\r".join((MSH, PID, *segments)) + "\r"


def of(items: list[Item], kind: Kind) -> list[Record]:
    return [item for item in items if isinstance(item, Record) and item.kind is kind]


def reasons(items: list[Item]) -> list[str]:
    return [item.reason for item in items if isinstance(item, SourceProblem)]


def result(folder: Path, type_: str, value: str, limits: str = "") -> dict[str, object]:
    items = read(folder, lines(OBR, f"OBX|1|{type_}|WBC^白细胞||{value}|10*9/L|{limits}|||F"))
    (found,) = of(items, Kind.OBSERVATION)
    names = ("value", "comparator", "value_low", "value_high", "value_text", "reference_low", "reference_high")
    known: dict[str, object] = {name: found.fields[name] for name in names if found.fields.get(name) is not None}
    return known | ({"unread": found.unreadable["value"]} if found.unreadable else {})


# taking apart ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\F\b", "a|b"),
        (r"a\S\b\T\c\R\d", "a^b&c~d"),
        (r"C:\E\temp", "C:\\temp"),
        (r"\E\T\E\ ", "\\T\\ "),
        (r"\X4142\C", "ABC"),
        (r"\XE5BCA0\三", "张三"),
        (r"one\.br\two\.sp2\three", "one\ntwo\nthree"),
        (r"\H\high\N\ low", "high low"),
        (r"\.in+4\text", "text"),
    ],
)
def test_escape_sequences_become_what_they_stand_for(written: str, meant: str) -> None:
    escapes = Escapes(Delimiters(), lambda content: content.decode())
    assert (escapes.plain(written), escapes.odd) == (meant, 0)


@pytest.mark.parametrize(
    "written", [r"a\b", r"\Q\ ", r"\X4\ ", r"\XZZ\ ", r"\C2842\ ", r"\M1B\ ", r"\Zlocal\ ", "end\\"]
)
def test_what_is_no_escape_sequence_stays_and_is_counted(written: str) -> None:
    escapes = Escapes(Delimiters(), lambda content: content.decode())
    assert (escapes.plain(written), escapes.odd) == (written, 1)


@pytest.mark.parametrize(
    ("start", "signs", "sound"),
    [
        (r"MSH|^~\&|", Delimiters(), True),
        ("MSH#*!?%#", Delimiters("#", "*", "!", "?", "%"), True),
        (r"MSH|^~\&#|", Delimiters(), True),
        ("MSH|^|", Delimiters(), True),
        (r"MSH|^~\\&|", Delimiters(), False),
        ("MSH|^^^^|", Delimiters(), False),
        ("MSH|abcd|", Delimiters(), False),
    ],
)
def test_delimiters_are_those_of_msh_or_the_standard_ones(start: str, signs: Delimiters, sound: bool) -> None:
    assert delimiters(start) == (signs, sound)


def test_a_message_with_other_delimiters_says_the_same(tmp_path: Path) -> None:
    message = "MSH#*!?%#LIS#H1###20240305090000##ORU*R01#M1#P#2.5\rPID#1##P1***H1*MR##张*三\rOBX#1#NM#WBC*白细胞##4.5"
    items = read(tmp_path, message)
    assert of(items, Kind.DONOR)[0].fields["name"] == "张三"
    assert of(items, Kind.OBSERVATION)[0].fields["value"] == 4.5


# times ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "instant", "day"),
    [
        ("2011", "2011", "2011"),
        ("201108", "2011-08", "2011-08"),
        ("20110805", "2011-08-05", "2011-08-05"),
        ("2011080510", "2011-08-05", "2011-08-05"),
        ("201108051030", "2011-08-05T02:30:00Z", "2011-08-05"),
        ("20110805103059.1234", "2011-08-05T02:30:59Z", "2011-08-05"),
        ("20110805003000+0900", "2011-08-04T15:30:00Z", "2011-08-05"),
        ("20110805103000-0230", "2011-08-05T13:00:00Z", "2011-08-05"),
        ("20110805+0800", "2011-08-05", "2011-08-05"),
        ("2011-08-05 10:30", "2011-08-05T02:30:00Z", "2011-08-05"),
        ("20110230", None, None),
        ("201113", None, None),
        ("20110805246000", None, None),
        ("00000000", None, None),
        ("yesterday", None, None),
    ],
)
def test_times_keep_the_precision_they_have(written: str, instant: str | None, day: str | None) -> None:
    assert moment(written, FieldType.INSTANT, CHINA) == instant
    assert moment(written, FieldType.DATE, CHINA) == day


def test_a_time_without_zone_is_in_the_zone_of_the_message(tmp_path: Path) -> None:
    head = MSH.replace("20240305090000", "20240305090000+0100")
    (found,) = of(read(tmp_path, f"{head}\r{PID}\r{OBR}\rOBX|1|NM|WBC||4.5\r"), Kind.OBSERVATION)
    assert found.fields["observed_at"] == "2024-03-05T07:30:00Z"


def test_a_birth_known_to_the_year_stays_a_year(tmp_path: Path) -> None:
    (found,) = of(read(tmp_path, lines().replace("19700102", "1970")), Kind.DONOR)
    assert found.fields["birth_on"] == "1970"


# results --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "value", "known"),
    [
        ("NM", "4.5", {"value": 4.5}),
        ("NM", "４．５", {"value": 4.5}),
        ("NM", "<0.5", {"value": 0.5, "comparator": "<"}),
        ("NM", "≥10", {"value": 10.0, "comparator": ">="}),
        ("NM", "60~120", {"value_low": 60.0, "value_high": 120.0}),
        ("NM", r"60\R\120", {"value_low": 60.0, "value_high": 120.0}),
        ("NM", "160~120", {"unread": "160~120"}),
        ("NM", "1~2~3", {"unread": "1~2~3"}),
        ("NM", "12 mL", {"unread": "12 mL"}),
        ("NM", "NaN", {}),
        ("NM", "阴性", {"value_text": "阴性"}),
        ("SN", "<^0.5", {"value": 0.5, "comparator": "<"}),
        ("SN", "=^7", {"value": 7.0}),
        ("SN", "^182", {"value": 182.0}),
        ("SN", "^1^:^80", {"value_text": "1:80"}),
        ("SN", "^2^+", {"value_text": "2+"}),
        ("SN", "^10^-^20", {"value_low": 10.0, "value_high": 20.0}),
        ("SN", "^20^-^10", {"unread": "20-10"}),
        ("SN", "<>^5", {"unread": "<>5"}),
        ("ST", "A & B", {"value_text": "A & B"}),
        ("ST", "5.1", {"value": 5.1}),
        ("ST", "60-120", {"value_low": 60.0, "value_high": 120.0}),
        ("TX", "Many spherocytes", {"value_text": "Many spherocytes"}),
        ("CWE", "260385009^Negative^SCT", {"value_text": "Negative"}),
        ("CE", "260385009", {"value": 260385009.0}),
        ("CWE", "1^甲^L~2^乙^L", {"value_text": "甲; 乙"}),
        ("DT", "201108", {"value_text": "2011-08"}),
        ("", "4.5", {"value": 4.5}),
        ("NM", '""', {}),
        ("NM", "", {}),
    ],
)
def test_a_result_is_typed_as_what_it_is(tmp_path: Path, type_: str, value: str, known: dict[str, object]) -> None:
    assert result(tmp_path, type_, value) == known


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("60-120", 60, 120),
        ("3.5--5.5", 3.5, 5.5),
        ("3.5～5.5", 3.5, 5.5),
        ("4.3 to 6.2", 4.3, 6.2),
        ("<5", None, 5),
        ("≤5", None, 5),
        (">=60", 60, None),
        ("(3-7)", 3, 7),
        ("70_105", None, None),
        ("阴性", None, None),
        ("", None, None),
    ],
)
def test_reference_ranges_are_read_in_every_usual_spelling(written: str, low: float | None, high: float | None) -> None:
    assert between(written) == (low, high)


def test_a_reference_range_that_is_none_is_kept_beside(tmp_path: Path) -> None:
    (found,) = of(read(tmp_path, lines(OBR, "OBX|1|ST|HBSAG^乙肝表面抗原||阴性||阴性|||F")), Kind.OBSERVATION)
    assert (found.fields.get("reference_high"), found.extra["OBX-7"]) == (None, "阴性")


def test_an_analyte_is_known_by_loinc_or_by_name_and_else_stays_as_written(tmp_path: Path) -> None:
    named = ["718-7^Hb^LN", "X1^白细胞^L", "Q9^未知项目^L"]
    items = read(tmp_path, lines(OBR, *(f"OBX|{n}|NM|{name}||4" for n, name in enumerate(named, 1))))
    found = [record.fields["analyte"] for record in of(items, Kind.OBSERVATION)]
    assert found == ["hemoglobin", "leukocytes", "未知项目"]


def test_the_same_order_and_analyte_have_the_same_key_whatever_the_message(tmp_path: Path) -> None:
    first = read(tmp_path, lines(OBR, "OBX|1|NM|WBC^白细胞||4.5||||||P"))
    later = read(tmp_path, lines(OBR, "OBX|7|NM|WBC^白细胞||4.6||||||C").replace("M1", "M2"))
    keys = {record.key for record in (*of(first, Kind.OBSERVATION), *of(later, Kind.OBSERVATION))}
    assert len(keys) == 1


def test_two_results_of_one_analyte_in_one_order_do_not_hide_each_other(tmp_path: Path) -> None:
    items = read(tmp_path, lines(OBR, "OBX|1|NM|WBC^白细胞||4.5", "OBX|2|NM|WBC^白细胞||4.6"))
    assert len({record.key for record in of(items, Kind.OBSERVATION)}) == 2


def test_lines_of_a_text_are_one_conclusion_of_the_report_and_no_observation(tmp_path: Path) -> None:
    items = read(tmp_path, lines(OBR, "OBX|1|TX|RPT||第一行", "OBX|2|TX|RPT||第二行"))
    (report,) = of(items, Kind.REPORT)
    assert (report.fields["conclusion"], of(items, Kind.OBSERVATION)) == ("第一行\n第二行", [])


def test_attachments_are_counted_and_not_kept(tmp_path: Path) -> None:
    items = read(tmp_path, lines(OBR, "OBX|1|ED|PDF||^AP^^Base64^QUJD", "OBX|2|RP|IMG||http://x"))
    (told,) = [one for one in items if isinstance(one, SourceProblem)]
    assert (told.reason, told.values["count"], of(items, Kind.OBSERVATION)) == ("hl7_attachment_not_kept", 2, [])


# whose --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        ("P1^5^M11^H1^MR~330101197001021234^^^^NI", "P1"),
        ("330101197001021234^^^^NNCHN~P1^^^H1^PI", "P1"),
        ("X9^^^H1^PT~M7^^^H1^MR", "M7"),
        ("P1^5^M11^H1^GOOD HOSPITAL~123^^^^^USSSA", "P1"),
        ("123^^^USSSA^SS", "P2"),
        ("0d70^^^MRN", "0d70"),
        ("", "P2"),
    ],
)
def test_the_donor_is_known_by_the_hospitals_own_number(tmp_path: Path, listed: str, chosen: str) -> None:
    (found,) = of(read(tmp_path, f"{MSH}\rPID|1|P2|{listed}||Li^Wei||1970|F\r"), Kind.DONOR)
    assert (found.key, found.donor) == (chosen, chosen)


def test_personal_values_stand_in_personal_fields_only(tmp_path: Path) -> None:
    pid = (
        "PID|1||P001^^^H1^MR~330101197001021234^^^^NI||ZHANG^SAN~张&&^三^^^^^L^I||19700102|2|||||^PRN^PH^^^571^88887777"
    )
    (found,) = of(read(tmp_path, f"{MSH}\r{pid}\r"), Kind.DONOR)
    known = {name: found.fields[name] for name in ("name", "national_id", "phone", "birth_on", "sex")}
    assert known == {
        "name": "张三",
        "national_id": "330101197001021234",
        "phone": "571-88887777",
        "birth_on": "1970-01-02",
        "sex": "2",
    }
    assert found.extra == {}


def test_a_visit_a_diagnosis_a_procedure_and_a_medicine_are_read(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        lines(
            "PV1|1|I|肝外科^3^12||||||||||||||||V9|" + "|" * 24 + "20240301080000",
            "PV2|||^肝占位",
            "DG1|1||C22.0^肝细胞癌^I10||20240302|F|||||||||1",
            "PR1|1||Z1^肝切除^L||20240303",
            "RXA|0|1|20240304||D1^顺铂^L|50|mg|||||||||||||CP",
            "RXR|IV^静脉注射",
            "RXA|0|1|20240304||D2^阿霉素^L|50|mg|||||||||||||RE",
        ),
    )
    (visit,), (condition,), (procedure,) = (of(items, k) for k in (Kind.ENCOUNTER, Kind.CONDITION, Kind.PROCEDURE))
    (given,) = of(items, Kind.MEDICATION)
    assert (visit.key, visit.fields["class"], visit.fields["department"], visit.fields["reason"]) == (
        "V9",
        "IMP",
        "肝外科",
        "肝占位",
    )
    assert visit.fields["started_at"] == "2024-03-01T00:00:00Z"
    assert (condition.fields["icd10"], condition.fields["category"]) == ("C22.0", "primary")
    assert (procedure.fields["type"], procedure.fields["started_on"]) == ("肝切除", "2024-03-03")
    assert (given.fields["drug"], given.fields["dose"], given.fields["route"]) == ("顺铂", 50.0, "静脉注射")
    assert reasons(items) == ["hl7_not_given"]


# specimens ------------------------------------------------------------------------------------------------------------

SPM = "SPM|1|S1&LIS^A1&BB|S0&LIS|SER^血清^HL70487||SST|||||P|2.5^mL|||||"
SPM += "20240305083000^20240305083500|20240305090000||Y||||HEM"


def test_a_specimen_has_its_identifier_parent_type_tube_amount_times_and_condition(tmp_path: Path) -> None:
    (found,) = of(read(tmp_path, lines(OBR, "OBX|1|NM|WBC^白细胞||4.5", SPM)), Kind.SPECIMEN)
    expected = {
        "specimen_id": "S1",
        "parent_id": "S0",
        "specimen_type": "Serum",
        "tube": "SerumGel",
        "volume_ul": 2500.0,
        "collected_at": "2024-03-05T00:30:00Z",
        "received_at": "2024-03-05T01:00:00Z",
        "status": "available",
        "hemolysis": "HEM",
        "donor_id": "P001",
    }
    assert {name: found.fields[name] for name in expected} == expected
    assert (found.extra["SPM-2"], found.unreadable) == ("A1", {})


def test_results_hang_on_the_one_specimen_of_their_order(tmp_path: Path) -> None:
    items = read(tmp_path, lines(OBR, "OBX|1|NM|WBC^白细胞||4.5", SPM))
    assert [record.fields.get("specimen_id") for record in of(items, Kind.OBSERVATION)] == ["S1"]
    assert of(items, Kind.REPORT)[0].fields["specimen_id"] == "S1"


def test_in_a_specimen_led_message_results_hang_on_the_specimen_before_them(tmp_path: Path) -> None:
    two = lines("SPM|1|S1||SER", OBR, "OBX|1|NM|WBC||1", "SPM|2|S2||PLAS", OBR.replace("F1", "F2"), "OBX|1|NM|WBC||2")
    items = read(tmp_path, two.replace("ORU^R01", "OUL^R22"))
    found = [(record.fields["specimen_id"], record.fields["value"]) for record in of(items, Kind.OBSERVATION)]
    assert found == [("S1", 1.0), ("S2", 2.0)]


def test_control_specimens_are_no_donors_and_told(tmp_path: Path) -> None:
    items = read(tmp_path, lines(SPM.replace("|P|", "|Q|")))
    assert (of(items, Kind.SPECIMEN), reasons(items)) == ([], ["hl7_specimen_not_patient"])


def test_an_amount_without_a_known_unit_stays_unread(tmp_path: Path) -> None:
    (found,) = of(read(tmp_path, lines(SPM.replace("2.5^mL", "40^&lbs"))), Kind.SPECIMEN)
    assert found.unreadable == {"volume_ul": "40 lbs"}


def test_a_collection_of_days_is_told_and_its_start_taken(tmp_path: Path) -> None:
    items = read(tmp_path, lines(SPM.replace("^20240305083500", "^20241205083500")))
    (told,) = [one for one in items if isinstance(one, SourceProblem)]
    assert (told.reason, told.values["last"]) == ("hl7_collection_period", "2024-12-05")


# files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("framing", [("", ""), ("\x0b", "\x1c\r"), ("\ufeff", ""), ("\ufeff\x0b", "\x1c")])
def test_line_ends_framing_and_marks_change_nothing(tmp_path: Path, end: str, framing: tuple[str, str]) -> None:
    items = read(tmp_path, framing[0] + lines(OBR).replace("\r", end) + framing[1])
    assert [record.kind for record in items if isinstance(record, Record)] == [Kind.DONOR, Kind.REPORT]
    assert reasons(items) == (["hl7_byte_order_mark"] if "\ufeff" in framing[0] else [])


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_lines_are_the_same_however_the_file_is_cut_into_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    whole = read(tmp_path, lines(OBR, SPM).replace("\r", "\r\n"))
    monkeypatch.setattr(hl7_stream, "CHUNK", cut)
    assert read(tmp_path, lines(OBR, SPM).replace("\r", "\r\n")) == whole


@pytest.mark.parametrize(
    ("declared", "encoding", "reason"),
    [
        ("UNICODE UTF-8", "utf-8", ""),
        ("GB 18030-2000", "gb18030", ""),
        ("GB2312", "gb18030", ""),
        ("", "gb18030", ""),
        ("", "utf-8", ""),
        ("", "utf-16", ""),
        ("8859/1", "utf-8", "hl7_charset_differs"),
        ("ASCII", "gb18030", "hl7_charset_differs"),
        ("UNICODE UTF-8", "gb18030", "hl7_charset_differs"),
        ("GB 18030-2000", "utf-8", "hl7_charset_differs"),
        ("KLINGON", "utf-8", "hl7_charset_differs"),
    ],
)
def test_the_character_set_is_the_declared_one_unless_the_bytes_say_otherwise(
    tmp_path: Path, declared: str, encoding: str, reason: str
) -> None:
    message = lines("DG1|1||C22.0^肝细胞癌伴门静脉癌栓^I10").replace("|2.5.1", f"|2.5.1||||||{declared}")
    items = read(tmp_path, message, encoding)
    assert of(items, Kind.DONOR)[0].fields["name"] == "张三"
    assert [one for one in reasons(items) if one != "hl7_byte_order_mark"] == ([reason] if reason else [])


def test_delimiters_inside_gb18030_characters_cut_nothing(tmp_path: Path) -> None:
    name = "\u55fa\u8acc\u9b6f"  # second bytes among them are delimiters of HL7 in GB 18030
    message = lines(f"DG1|1||C22.0^{name}肝细胞癌^I10").replace("|2.5.1", "|2.5.1||||||GB 18030-2000")
    (found,) = of(read(tmp_path, message, "gb18030"), Kind.CONDITION)
    assert found.fields["diagnosis"] == f"{name}肝细胞癌"


def test_a_byte_that_decodes_to_nothing_makes_its_value_unreadable(tmp_path: Path) -> None:
    message = (
        lines("NTE|1||送检正常")
        .replace("|2.5.1", "|2.5.1||||||UNICODE UTF-8")
        .encode()
        .replace("三".encode(), b"\xe4\xb8")
    )
    items = read(tmp_path, message)
    (found,) = of(items, Kind.DONOR)
    assert (found.fields.get("name"), "name" in found.unreadable) == (None, True)
    assert reasons(items) == ["hl7_bytes_broken", "hl7_segments_not_used"]


def test_batch_trailers_are_compared_with_what_was_there(tmp_path: Path) -> None:
    good = f"FHS|^~\\&\rBHS|^~\\&\r{lines()}{lines()}BTS|2\rFTS|1\r"
    assert reasons(read(tmp_path, good)) == []
    assert reasons(read(tmp_path, good.replace("BTS|2", "BTS|3"))) == ["hl7_batch_count"]
    assert reasons(read(tmp_path, good.replace("FTS|1", "FTS|2"))) == ["hl7_file_count"]


def test_what_stands_before_the_first_message_is_told_and_the_message_read(tmp_path: Path) -> None:
    items = read(tmp_path, "exported today\r" + lines())
    assert (len(of(items, Kind.DONOR)), reasons(items)) == (1, ["hl7_outside_message"])


def test_a_line_without_a_segment_name_carries_on_the_text_before_it(tmp_path: Path) -> None:
    items = read(tmp_path, lines(OBR, "OBX|1|ST|X^项目||第一行", "第二行|||||F"))
    (found,) = of(items, Kind.OBSERVATION)
    assert (found.fields["value_text"], reasons(items)) == ("第一行 第二行", ["hl7_line_continued"])


def test_a_message_that_is_too_large_is_one_problem_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hl7_stream, "LARGEST_MESSAGE", 2_000)
    monkeypatch.setattr(hl7_stream, "LARGEST_LINE", 3_000)
    monkeypatch.setattr(hl7_stream, "CHUNK", 512)
    for size in (2_500, 9_000):
        items = read(tmp_path, lines("OBX|1|ED|PDF||" + "A" * size) + lines().replace("P001", "P002"))
        assert ([one.key for one in of(items, Kind.DONOR)], reasons(items)) == (["P002"], ["hl7_message_too_large"])


def test_merges_and_deletions_are_told_and_change_nothing(tmp_path: Path) -> None:
    merge = read(tmp_path, lines("MRG|P000^^^H1^MR").replace("ORU^R01", "ADT^A40"))
    assert ([one.key for one in of(merge, Kind.DONOR)], reasons(merge)) == (["P001"], ["hl7_merge"])
    deletion = read(tmp_path, lines().replace("ORU^R01", "ADT^A29"))
    assert (of(deletion, Kind.DONOR), reasons(deletion)) == ([], ["hl7_delete"])


def test_types_and_segments_that_are_not_used_are_counted_once(tmp_path: Path) -> None:
    acknowledgement = f"{MSH}\rMSA|AA|M1\r".replace("ORU^R01", "ACK^R01")
    items = read(tmp_path, acknowledgement * 3)
    told = {one.reason: one.values for one in items if isinstance(one, SourceProblem)}
    assert told == {
        "hl7_type_not_used": {"type": "ACK^R01", "count": 3},
        "hl7_segments_not_used": {"segments": "MSA 3"},
    }


def test_a_birth_after_the_message_is_told(tmp_path: Path) -> None:
    items = read(tmp_path, lines().replace("19700102", "20240306"))
    assert (of(items, Kind.DONOR)[0].fields["birth_on"], reasons(items)) == ("2024-03-06", ["hl7_birth_after_message"])
    assert reasons(read(tmp_path, lines().replace("19700102", "2024"))) == []


def test_problems_name_nobody_and_have_all_their_words(tmp_path: Path) -> None:
    odd = lines("MRG|P000", SPM.replace("^20240305083500", "^20241205"), r"OBX|1|ST|X||C:\dir").replace("R01", "A40")
    for problem in (one for one in read(tmp_path, odd) if isinstance(one, SourceProblem)):
        for language in ("zh", "en"):
            words = text(f"problem.{problem.reason}", language, **problem.values)
            assert "⟨" not in words
            assert not any(secret in words for secret in ("P000", "P001", "张", "1970"))


def test_skipping_leaves_out_the_first_items_only(tmp_path: Path) -> None:
    content = lines(OBR, "OBX|1|NM|WBC||4.5", SPM)
    assert read(tmp_path, content, skip=2) == read(tmp_path, content)[2:]


@pytest.mark.parametrize(
    ("head", "name", "known"),
    [
        (MSH.encode(), "x.dat", True),
        (b"\xef\xbb\xbf" + MSH.encode(), "x.txt", True),
        (b"\x0b" + MSH.encode(), "x", True),
        (MSH.encode("utf-16"), "x", True),
        (b"FHS|^~\\&|", "x", True),
        (b"junk\nMSH|^~\\&|", "x.hl7", True),
        (b"junk\nMSH|^~\\&|", "x.csv", False),
        (b"MSH,name\n1,2", "x.csv", False),
        (b"MSHA,name\n1,2", "x.csv", False),
        (b"{}", "x.json", False),
        (b"", "x.hl7", False),
    ],
)
def test_a_file_is_known_by_its_first_segment(head: bytes, name: str, known: bool) -> None:
    assert (hl7.sniff(head, name) is not None) is known
