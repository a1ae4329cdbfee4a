"""Messages of one file about the same person, tube or visit: what is not sent again still holds, ``""`` deletes."""

from pathlib import Path

import pytest

from hilum.formats import hl7, hl7_carried
from hilum.formats.member import Member
from hilum.model.record import Item, Kind, Record, SourceProblem

OUL = (
    "MSH|^~\\&|LIS|H|BB|H|20240305100000+0800||OUL^R22^OUL_R22|1|P|2.5.1\r"
    "PID|1||G1^^^H^MR||张^三||19700102|F\r"
    "SPM|1|T1^T1|T0|SER^血清^HL70487||SST|||||P|2.5^mL|||||20240305083000|20240305090000||Y\r"
)
ORU = "MSH|^~\\&|LIS|H|BB|H|20240305110000+0800||ORU^R01^ORU_R01|2|P|2.5.1\rPID|1||G1^^^H^MR\r"


def read(folder: Path, content: str) -> list[Item]:
    path = folder / "m.hl7"
    path.write_text(content, encoding="utf-8", newline="")
    return list(hl7.items(Member("m.hl7", path, path.stat().st_size, "", hl7.FORMAT, hl7.RANK), "SRC", 0))


def last(items: list[Item], kind: Kind) -> Record:
    return [one for one in items if isinstance(one, Record) and one.kind is kind][-1]


def test_a_specimen_named_by_a_result_keeps_what_an_earlier_message_said(tmp_path: Path) -> None:
    first = last(read(tmp_path, OUL), Kind.SPECIMEN)
    found = last(read(tmp_path, OUL + ORU + "SPM|1|T1^T1||SER^血清^HL70487\r"), Kind.SPECIMEN)
    assert found.fields == first.fields
    assert found.locator.place.endswith("#message-2")
    assert found.extra["carried on"] == "collected_at, parent_id, received_at, status, tube, volume_ul"


def test_what_a_later_message_states_takes_the_place_of_what_was_said(tmp_path: Path) -> None:
    spm = "SPM|1|T1^T1||PLAS||EDTA||||||1^g|||||20240305084500\r"
    fields = last(read(tmp_path, OUL + ORU + spm), Kind.SPECIMEN).fields
    assert (fields["specimen_type"], fields["tube"], fields["weight_mg"]) == ("Plasma", "EDTA", 1000.0)
    assert fields["collected_at"] == "2024-03-05T00:45:00Z"
    assert "volume_ul" not in fields


@pytest.mark.parametrize(("number", "field"), [(3, "parent_id"), (6, "tube"), (12, "volume_ul"), (18, "received_at")])
def test_two_quotation_marks_delete_what_was_said(tmp_path: Path, number: int, field: str) -> None:
    sent = ["SPM", "1", "T1^T1"] + [""] * 20
    sent[number] = '""'
    fields = last(read(tmp_path, OUL + ORU + "|".join(sent) + "\r"), Kind.SPECIMEN).fields
    assert field not in fields
    assert fields["collected_at"] == "2024-03-05T00:30:00Z"


def test_a_person_keeps_name_birth_and_sex_where_a_later_message_has_the_number_only(tmp_path: Path) -> None:
    found = last(read(tmp_path, OUL + ORU), Kind.DONOR)
    assert (found.fields["name"], found.fields["birth_on"], found.fields["sex"]) == ("张三", "1970-01-02", "female")
    assert "张三" not in str(found.extra)


def test_a_value_that_could_not_be_read_stays_told_until_another_is_sent(tmp_path: Path) -> None:
    odd = OUL.replace("2.5^mL", "2.5^bottles")
    assert last(read(tmp_path, odd + ORU + "SPM|1|T1^T1\r"), Kind.SPECIMEN).unreadable == {"volume_ul": "2.5 bottles"}
    again = last(read(tmp_path, odd + ORU + "SPM|1|T1^T1||||||||||2^mL\r"), Kind.SPECIMEN)
    assert (again.unreadable, again.fields["volume_ul"]) == ({}, 2000.0)


def test_a_result_sent_again_carries_nothing_of_the_one_before(tmp_path: Path) -> None:
    obx = "OBR|1|O1|F1|CBC\rOBX|1|NM|718-7^Hb^LN||{}|g/L|120-160|L|||F\r"
    found = last(
        read(tmp_path, ORU + obx.format(90) + ORU + "OBR|1|O1|F1|CBC\rOBX|1|NM|718-7^Hb^LN\r"), Kind.OBSERVATION
    )
    assert "value" not in found.fields


def test_a_specimen_told_of_without_its_person_is_still_theirs(tmp_path: Path) -> None:
    alone = ORU.partition("PID")[0] + "SPM|1|T1^T1\r"
    found = last(read(tmp_path, OUL + alone), Kind.SPECIMEN)
    assert (found.donor, found.fields["donor_id"]) == ("G1", "G1")


def test_another_specimen_or_another_file_lends_nothing(tmp_path: Path) -> None:
    assert "tube" not in last(read(tmp_path, OUL + ORU + "SPM|1|T2^T2||SER\r"), Kind.SPECIMEN).fields
    assert "tube" not in last(read(tmp_path, ORU + "SPM|1|T1^T1||SER\r"), Kind.SPECIMEN).fields


def test_of_very_many_the_longest_unmentioned_are_let_go_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hl7, "Carried", lambda: hl7_carried.Carried(most=2))
    items = read(tmp_path, OUL + ORU + "SPM|1|T2^T2||SER\r" + ORU + "SPM|1|T1^T1\r")
    assert "tube" not in last(items, Kind.SPECIMEN).fields
    assert last(items, Kind.DONOR).fields["sex"] == "female"
    (problem,) = [one for one in items if isinstance(one, SourceProblem) and one.reason == "hl7_not_carried_on"]
    assert problem.values["count"] == 2
