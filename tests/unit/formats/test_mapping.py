"""Mappings: suggested from the headers, confirmed by a person, saved, found again, and loud when the export changes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.errors import BadInputError, NotFoundError
from hilum.formats import mapping as maps
from hilum.formats.headers import meanings, take_apart
from hilum.formats.mapping import Mapping, TableMapping
from hilum.formats.rows import RowReader
from hilum.formats.suggestion import suggest
from hilum.model.record import Kind, Locator, Record
from hilum.model.vocabulary import vocabulary
from hilum.registry import privacy


def fields_of(headers: list[str], samples: list[list[str]] | None = None) -> dict[str, list[str]]:
    suggestion = suggest(headers, samples or [])
    return {column.header: [f"{kind.value}.{name}" for kind, name in column.targets] for column in suggestion.columns}


def records(headers: list[str], row: list[str]) -> list[Record]:
    suggestion = suggest(headers, [row])
    return list(RowReader(suggestion.mapping, headers, lambda line: Locator("SRC", "t.csv", line)).records(2, row))


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("体积(mL)", "体积", "mL"),
        ("体积（μL）", "体积", "uL"),
        ("储存温度【℃】", "储存温度", "Cel"),
        ("volume_ml", "volume", "mL"),
        ("*采集时间（必填）", "采集时间", ""),
        ("出生日期(yyyy-mm-dd)", "出生日期", ""),
        ("Ａ２６０/Ａ２８０", "a260a280", ""),
        ("浓度 ng/μL", "浓度", "ng/uL"),
    ],
)
def test_a_unit_in_the_header_is_taken_apart_from_the_name(header: str, name: str, unit: str) -> None:
    label = take_apart(header)
    assert (label.name, label.unit) == (name, unit)


def test_every_label_of_the_vocabulary_means_its_own_field() -> None:
    for kind, fields in vocabulary().items():
        for name, field in fields.items():
            for header in (field.label.zh, field.label.en, name):
                assert (kind, name) in {(meaning.kind, meaning.field) for meaning in meanings(header)}, header


def test_a_donor_sheet_with_chinese_headers_needs_no_help() -> None:
    found = fields_of(["住院号", "患者姓名", "性别", "身份证号码", "出生年月日", "手机号", "科室"])
    assert found == {
        "住院号": ["donor.donor_id"],
        "患者姓名": ["donor.name"],
        "性别": ["donor.sex"],
        "身份证号码": ["donor.national_id"],
        "出生年月日": ["donor.birth_on"],
        "手机号": ["donor.phone"],
        "科室": [],
    }


def test_a_specimen_sheet_with_english_headers_needs_no_help() -> None:
    found = fields_of(["Sample ID", "Patient ID", "Sample Type", "Tube Type", "Collection Time", "Volume (mL)"])
    assert found["Sample ID"] == ["specimen.specimen_id"]
    assert found["Collection Time"] == ["specimen.collected_at"]
    assert found["Volume (mL)"] == ["specimen.volume_ul"]
    assert found["Tube Type"] == ["specimen.tube"]


def test_one_row_may_tell_of_a_donor_a_consent_and_a_specimen() -> None:
    headers = [
        "病案号",
        "姓名",
        "性别",
        "身份证号",
        "出生日期",
        "同意书版本",
        "签署日期",
        "样本编号",
        "样本类型",
        "采集时间",
    ]
    row = ["P1", "张三", "男", "119999196001010016", "1960-01-01", "V2", "2024-03-01", "S1", "血浆", "2024-03-05 08:30"]
    made = records(headers, row)
    assert {record.kind for record in made} == {Kind.DONOR, Kind.CONSENT, Kind.SPECIMEN}
    assert {record.donor for record in made} == {"P1"}


def test_a_name_in_a_specimen_sheet_does_not_make_a_poorer_donor_record() -> None:
    suggestion = suggest(["样本编号", "病案号", "姓名", "样本类型", "采集时间"])
    assert suggestion.kinds == (Kind.SPECIMEN,)
    assert suggestion.mapping.unmapped() == ("姓名",)


def test_the_second_kind_is_only_made_where_the_row_speaks_of_it() -> None:
    headers = ["冻存管编号", "病案号", "样本类型", "冻存时间", "入库时间", "入库人", "存放位置"]
    stored = records(headers, ["S1", "P1", "血浆", "2024-03-05 10:00", "2024-03-05 11:00", "库管1", "F1"])
    waiting = records(headers, ["S2", "P1", "血浆", "2024-03-05 10:00", "", "", ""])
    assert [record.kind for record in stored] == [Kind.SPECIMEN, Kind.STORAGE]
    assert [record.kind for record in waiting] == [Kind.SPECIMEN]


def test_values_are_converted_to_the_unit_of_the_field_without_rounding_dust() -> None:
    (record,) = records(["样本编号", "样本类型", "体积(mL)", "储存温度(℉)"], ["S1", "血浆", "1.1", "-112"])
    assert record.fields["volume_ul"] == 1100.0
    assert record.fields["storage_c"] == -80.0


def test_a_unit_in_the_header_of_a_result_becomes_the_results_unit() -> None:
    (record,) = records(["病案号", "检验项目", "结果(mmol/L)", "检验时间"], ["P1", "葡萄糖", "5.1", "2024-03-05 09:00"])
    assert (record.fields["value"], record.fields["unit"], record.fields["analyte"]) == (5.1, "mmol/L", "glucose")


def test_a_table_with_a_column_per_analyte_becomes_one_observation_per_column() -> None:
    headers = ["病案号", "姓名", "检验时间", "血红蛋白(g/L)", "肌酐(μmol/L)"]
    made = records(headers, ["P1", "张三", "2024-03-05 09:00", "135", ""])
    found = [(record.kind, record.fields["analyte"], record.fields["value"], record.fields["unit"]) for record in made]
    assert found == [(Kind.OBSERVATION, "hemoglobin", 135.0, "g/L")]
    both = records(headers, ["P1", "张三", "2024-03-05 09:00", "135", "70"])
    assert len({record.key for record in both}) == 2


@pytest.mark.parametrize(
    ("text", "value", "comparator", "words", "unreadable"),
    [
        ("<0.5", 0.5, "<", None, {}),
        ("＞１０００", 1000.0, ">", None, {}),
        ("≤ 3", 3.0, "<=", None, {}),
        ("阴性", None, None, "阴性", {}),
        ("60~120", None, None, None, {}),
        ("12 g/L", 12.0, None, None, {}),
        ("12 mg/L", None, None, None, {"value": "12 mg/L"}),
        ("1e400", None, None, None, {"value": "1e400"}),
        ("", None, None, None, {}),
    ],
)
def test_a_result_is_a_number_a_limit_a_word_or_unread_but_never_zero(
    text: str, value: float | None, comparator: str | None, words: str | None, unreadable: dict[str, str]
) -> None:
    (record,) = records(
        ["病案号", "检验项目", "结果", "单位", "检验时间"], ["P1", "白蛋白", text, "g/L", "2024-03-05 09:00"]
    )
    assert record.fields["value"] == value
    assert record.fields.get("comparator") == comparator
    assert record.fields.get("value_text") == words
    assert record.unreadable == unreadable


def test_a_date_and_a_time_column_together_are_one_instant() -> None:
    headers, row = ["样本编号", "样本类型", "采集日期", "采集时间"], ["S1", "血浆", "2024-03-05", "8:30"]
    (record,) = records(headers, row)
    assert record.fields["collected_at"] == "2024-03-05T00:30:00Z"


def test_the_midnight_a_spreadsheet_adds_to_a_date_is_dropped_but_no_other_time() -> None:
    headers = ["病案号", "姓名", "性别", "出生日期", "电话"]
    (clean,) = records(headers, ["P1", "张三", "男", "1960/1/1 0:00:00", "1"])
    (odd,) = records(headers, ["P1", "张三", "男", "1960/1/1 8:30:00", "1"])
    assert clean.fields["birth_on"] == "1960-01-01"
    assert odd.unreadable == {"birth_on": "1960/1/1 8:30:00"}


def test_a_row_that_names_nothing_gets_a_key_nobody_else_has() -> None:
    made = [records(["样本编号", "样本类型", "采集时间"], ["", "血浆", "2024-03-05 08:30"])[0]]
    assert made[0].key == "SRC:t.csv:2"
    assert made[0].fields["specimen_id"] is None


def test_one_report_number_over_several_analytes_keeps_them_apart() -> None:
    headers = ["检验单号", "病案号", "检验项目", "结果", "单位"]
    keys = {records(headers, ["R1", "P1", test, "5", "g/L"])[0].key for test in ("血红蛋白", "白蛋白")}
    assert keys == {"R1|hemoglobin", "R1|albumin"}


@pytest.mark.parametrize("donor", ["ZY0001", "ZY|01"])
@pytest.mark.parametrize(
    "headers",
    [
        ["病案号", "姓名", "性别", "出生日期", "电话"],
        ["病案号", "同意书版本", "同意状态", "签署日期"],
        ["病案号", "同意状态", "签署日期"],
        ["病案号", "诊断名称", "ICD-10编码", "诊断日期"],
        ["病案号", "检验项目", "结果", "单位", "检验时间"],
        ["病案号", "药品名称", "开始日期"],
    ],
)
def test_no_key_carries_a_hospital_number_into_the_bank(headers: list[str], donor: str) -> None:
    samples = {
        "签署日期": "2024-03-01",
        "诊断日期": "2024-03-01",
        "检验时间": "2024-03-01 08:00",
        "开始日期": "2024-03-01",
    }
    made = records(headers, [donor, *(samples.get(header, "甲") for header in headers[1:])])
    assert made
    for record in made:
        stored = privacy.part(record, b"k" * 32, "2024-03-05T00:00:00.000000Z").stored
        assert donor not in stored.key
        assert donor not in stored.fields.values()


def test_a_slip_of_the_pen_is_guessed_but_marked_as_doubtful() -> None:
    suggestion = suggest(["样本编号", "样本类型", "采集时间", "储存温度直(℃)"])
    guessed = suggestion.columns[3]
    assert guessed.targets == ((Kind.SPECIMEN, "storage_c"),)
    assert "fuzzy" in guessed.doubts
    assert not suggestion.sure


def test_samples_that_cannot_be_read_raise_a_doubt() -> None:
    suggestion = suggest(["样本编号", "样本类型", "采集时间"], [["S1", "血浆", "上午"], ["S2", "血浆", "下午"]])
    assert suggestion.columns[2].doubts == ("samples_disagree",)


def test_a_volume_without_a_unit_raises_a_doubt() -> None:
    assert suggest(["样本编号", "样本类型", "体积"]).columns[2].doubts == ("unit_assumed",)


def test_headers_that_mean_nothing_give_no_mapping() -> None:
    suggestion = suggest(["甲", "乙", "丙"])
    assert suggestion.mapping.parts == ()
    assert not suggestion.sure


def confirmed() -> TableMapping:
    return maps.confirm(suggest(["样本编号", "病案号", "样本类型", "采集时间", "体积(mL)", "备注"]).mapping, "curator1")


def test_a_confirmed_mapping_is_found_again_by_its_headers_in_any_order(tmp_path: Path) -> None:
    maps.save(confirmed(), tmp_path)
    again = ["备注", "体积（ｍＬ）", "采集时间", " 样本编号", "样本类型", "病案号"]
    assert maps.find(again, tmp_path) == confirmed()
    assert maps.find([*again, "科室"], tmp_path) is None


def test_a_changed_export_finds_the_nearest_mapping_and_names_the_columns(tmp_path: Path) -> None:
    maps.save(confirmed(), tmp_path)
    headers = ["样本编号", "病案号", "样本类型", "采集时间", "科室", "备注"]
    near = maps.nearest(headers, tmp_path)
    assert near == confirmed()
    change = maps.compare(near, headers)
    assert change.missing == ("体积(mL)",)
    assert change.new == ("科室",)
    assert maps.nearest(["完全", "不同"], tmp_path) is None
    assert maps.nearest(headers, tmp_path / "absent") is None


def test_a_mapping_file_reads_back_as_it_was_written() -> None:
    assert maps.loads(maps.dumps(confirmed())) == confirmed()


@given(
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6, unique=True),
    st.sampled_from(["+08:00", "-05:30", "+00:00"]),
)
def test_any_mapping_survives_its_file(headers: list[str], zone: str) -> None:
    part = Mapping(Kind.SPECIMEN, {headers[0]: "specimen_id"}, {"level": "aliquot"}, {headers[0]: "mL"})
    mapping = TableMapping(tuple(headers), (part,), zone, "curator1", "标题")
    assert maps.loads(maps.dumps(mapping)) == mapping


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 9}, "mapping_unreadable"),
        ({"zone": "Peking"}, "mapping_zone"),
        ({"zone": "+0８:00"}, "mapping_zone"),
        ({"parts": []}, "mapping_empty"),
        ({"parts": "x"}, "mapping_unreadable"),
        ({"parts": [{"kind": "ghost", "columns": {}}]}, "mapping_unreadable"),
        ({"parts": [{"kind": "donor", "columns": {"样本编号": "ghost"}}]}, "mapping_field_unknown"),
        ({"parts": [{"kind": "donor", "columns": {"无此列": "name"}}]}, "mapping_header_unknown"),
        ({"headers": [1]}, "mapping_unreadable"),
        ({"headers": None}, "mapping_unreadable"),
    ],
)
def test_a_mapping_file_that_means_nothing_says_what_is_wrong(change: dict[str, object], reason: str) -> None:
    content = json.loads(maps.dumps(confirmed())) | change
    with pytest.raises(BadInputError) as caught:
        maps.loads(json.dumps(content), "m.json")
    assert caught.value.reason == reason


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 1}', "[" * 100_000])
def test_a_damaged_mapping_file_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(BadInputError):
        maps.loads(text, "m.json")


def test_an_absent_mapping_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        maps.load(tmp_path / "absent.json")
