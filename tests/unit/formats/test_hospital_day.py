"""The synthetic hospital day: coherent, repeatable, plainly synthetic, and its defects where the ledger says."""

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pytest

from hilum.errors import BadInputError
from hilum.formats import decoding, logger, tabular, workbook
from hilum.formats.hospital_day import DayLedger, Defect, write_day
from hilum.formats.hospital_people import check_digit
from hilum.formats.suggestion import suggest
from hilum.model.record import Item, Kind, Record, SourceProblem

ON = date(2026, 3, 5)

EXPECTED = {
    "01-供者登记": {"病案号": "donor.donor_id", "姓名": "donor.name", "身份证号": "donor.national_id",
                "性别": "donor.sex", "出生日期": "donor.birth_on", "联系电话": "donor.phone",
                "血型": "donor.blood_group",
                "民族": "donor.ethnicity", "身高(cm)": "donor.height_cm", "体重(kg)": "donor.weight_kg",
                "来源医院": "donor.site", "存活状态": "donor.vital_status", "登记日期": "donor.form_completed_on"},
    "知情同意": {"病案号": "consent.donor_id", "姓名": "", "见证人": "", "知情同意书版本": "consent.form_version",
             "同意状态": "consent.status", "同意范围": "consent.scope", "签署日期": "consent.consented_on",
             "有效期至": "consent.expires_on", "撤回日期": "consent.withdrawn_on"},
    "03-采集登记": {"样本条码": "specimen.specimen_id", "病案号": "specimen.donor_id", "姓名": "",
                "样本级别": "specimen.level", "样本类型": "specimen.specimen_type", "采血管类型": "specimen.tube",
                "采集时间": "specimen.collected_at", "采集量(mL)": "specimen.volume_ul",
                "接收时间": "specimen.received_at", "溶血程度": "specimen.hemolysis",
                "采集人": "specimen.collected_by"},
    "分装入库": {"冻存管编号": "specimen.specimen_id storage.specimen_id", "原管条码": "specimen.parent_id",
             "病案号": "specimen.donor_id storage.donor_id", "样本级别": "specimen.level",
             "样本类型": "specimen.specimen_type", "采血管类型": "specimen.tube", "采集时间": "specimen.collected_at",
             "接收时间": "specimen.received_at", "离心时间": "specimen.centrifuged_at",
             "冻存时间": "specimen.frozen_at", "分装体积(μL)": "specimen.volume_ul",
             "管底二维码": "specimen.barcode_2d",
             "冻存位置": "specimen.location storage.location",
             "冻存温度(°C)": "specimen.storage_c storage.storage_c", "入库时间": "storage.stored_at",
             "入库人": "storage.stored_by"},
    "核酸提取": {"冻存管编号": "specimen.specimen_id storage.specimen_id", "原管条码": "specimen.parent_id",
             "病案号": "specimen.donor_id storage.donor_id", "样本级别": "specimen.level",
             "样本类型": "specimen.specimen_type", "提取日期": "specimen.created_on",
             "浓度(ng/μL)": "specimen.concentration", "体积(μL)": "specimen.volume_ul",
             "总量(μg)": "specimen.amount_ug", "A260/A280": "specimen.a260_a280", "定量方法": "specimen.quantified_by",
             "管底二维码": "specimen.barcode_2d", "冻存位置": "specimen.location storage.location",
             "冻存温度(°C)": "specimen.storage_c storage.storage_c", "入库时间": "storage.stored_at",
             "入库人": "storage.stored_by"},
    "离心记录": {"处理编号": "preparation.preparation_id", "样本条码": "preparation.specimen_id",
             "病案号": "preparation.donor_id", "处理方案": "preparation.protocol",
             "方案名称": "preparation.protocol_name", "开始时间": "preparation.started_at",
             "结束时间": "preparation.ended_at", "操作人": "preparation.operator", "离心机编号": "preparation.device"},
    "05-检验结果": {"检验流水号": "observation.observation_id", "病案号": "observation.donor_id",
                "样本条码": "observation.specimen_id", "检验项目": "observation.analyte", "结果": "observation.value",
                "单位": "observation.unit", "参考下限": "observation.reference_low",
                "参考上限": "observation.reference_high", "检验时间": "observation.observed_at", "检验者": ""},
    "06-病理诊断": {"病理号": "condition.condition_id", "病案号": "condition.donor_id",
    "诊断名称": "condition.diagnosis",
                "诊断类别": "condition.category", "ICD-10编码": "condition.icd10",
                "ICD-O部位编码": "condition.icdo_site", "ICD-O形态编码": "condition.icdo_histology",
                "侧别": "condition.laterality", "诊断日期": "condition.diagnosed_on",
                "TNM版本": "condition.tnm_edition",
                "病理T分期": "condition.pathologic_t", "病理N分期": "condition.pathologic_n",
                "病理M分期": "condition.pathologic_m", "病理分期": "condition.pathologic_stage",
                "组织学分级": "condition.grade", "检出淋巴结数": "condition.nodes_examined",
                "阳性淋巴结数": "condition.nodes_positive"},
    "07-转运交接单": {"运输编号": "transport.transport_id", "样本条码": "transport.specimen_id",
                 "病案号": "transport.donor_id", "送检科室": "transport.sender", "接收单位": "transport.receiver",
                 "发出时间": "transport.dispatched_at", "接收时间": "transport.received_at",
                 "温度记录仪编号": "transport.logger", "温度下限(°C)": "transport.limit_low_c",
                 "温度上限(°C)": "transport.limit_high_c"},
}  # fmt: skip
"""What every column of every file means, written down by hand: the suggester must say the same without help."""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> DayLedger:
    return write_day(tmp_path_factory.mktemp("day"), seed=7, size=150, on=ON)


def intake(path: Path) -> list[Item]:
    """The file as intake reads it, through the mapping suggested without help."""
    if "温度记录" in path.name:
        return list(logger.items(path, path.name, path.name, 0))
    if path.suffix == ".xlsx":
        seen = workbook.previews(path, path.name)
        mappings = {one.place: suggest(one.headers, one.samples).mapping for one in seen}
        return list(workbook.items(path, path.name, path.name, 0, mappings))
    one_table = tabular.preview(path, path.name)
    assert one_table is not None
    return list(tabular.items(path, path.name, path.name, 0, suggest(one_table.headers, one_table.samples).mapping))


@pytest.fixture(scope="module")
def items(ledger: DayLedger) -> list[Item]:
    return [item for path in ledger.files for item in intake(path)]


@pytest.fixture(scope="module")
def records(items: list[Item]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first, again, other = (write_day(tmp_path / name, seed, 20, ON) for name, seed in (("a", 1), ("b", 1), ("c", 2)))

    def content(of: DayLedger) -> dict[str, bytes]:
        return {str(file.relative_to(of.folder)): file.read_bytes() for file in of.folder.rglob("*") if file.is_file()}

    assert content(first) == content(again)
    assert any(name.endswith(".xlsx") for name in content(first))
    assert content(first) != content(other)


def test_every_file_says_it_is_synthetic_and_a_readme_explains_it(ledger: DayLedger) -> None:
    assert all("合成数据" in file.name for file in ledger.files)
    readme = (ledger.folder / "README.md").read_text(encoding="utf-8")
    assert "合成数据" in readme
    assert "synthetic" in readme
    assert "⟨" not in readme


def test_a_day_has_the_size_asked_for_and_about_four_specimens_a_donor(
    ledger: DayLedger, records: list[Record]
) -> None:
    kinds = Counter(record.kind for record in records)
    assert kinds[Kind.DONOR] == 150
    assert 550 <= ledger.specimens <= 650
    extra = {"row_twice_the_same", "barcode_twice_different"}
    assert kinds[Kind.SPECIMEN] == ledger.specimens + sum(defect.name in extra for defect in ledger.defects)


def test_the_suggester_gets_every_column_right_without_help(ledger: DayLedger) -> None:
    seen: dict[str, Mapping[str, str]] = {}
    for path in (path for path in ledger.files if "温度记录" not in path.name):
        tables = workbook.previews(path, path.name) if path.suffix == ".xlsx" else [tabular.preview(path, path.name)]
        for table in tables:
            assert table is not None
            suggestion = suggest(table.headers, table.samples)
            assert suggestion.sure, suggestion
            name = table.place.removeprefix("合成数据-").removesuffix(".csv")
            seen[name] = {
                column.header: " ".join(f"{kind.value}.{field}" for kind, field in column.targets)
                for column in suggestion.columns
            }
    assert seen == EXPECTED


def test_files_come_in_the_encodings_a_hospital_sends(ledger: DayLedger) -> None:
    found = {decoding.detect(path) for path in ledger.files if path.suffix == ".csv"}
    assert {"gb18030", "utf-8", "utf-8-sig"} <= found


def test_nobody_in_it_can_be_a_real_person(records: list[Record]) -> None:
    spoilt = 0
    for record in (record for record in records if record.kind is Kind.DONOR):
        number, phone = str(record.fields["national_id"]), str(record.fields["phone"])
        assert number[2:6] == "9999"
        assert phone.startswith("1540000") or phone == "12345"
        spoilt += check_digit(number[:17]) != number[17]
    assert spoilt == 1


@pytest.mark.parametrize(("first", "check"), [("11010519491231002", "X"), ("44052418800101001", "4")])
def test_the_check_digit_is_the_one_of_the_standards_own_examples(first: str, check: str) -> None:
    assert check_digit(first) == check


def spoilt_lines(ledger: DayLedger) -> set[tuple[str, int]]:
    return {(defect.file, defect.line) for defect in ledger.defects}


def test_good_rows_are_coherent_from_draw_to_freezer(ledger: DayLedger, records: list[Record]) -> None:
    spoilt = spoilt_lines(ledger)
    specimens = [record for record in records if record.kind is Kind.SPECIMEN]
    good = [record for record in specimens if (record.locator.place, record.locator.line) not in spoilt]
    by_key = {record.key: record for record in specimens}
    assert len(good) > 550
    for record in good:
        times = [record.fields.get(name) for name in ("collected_at", "received_at", "centrifuged_at", "frozen_at")]
        known = [datetime.fromisoformat(str(at)) for at in times if at]
        assert known == sorted(known)
        assert not record.unreadable
        parent = by_key.get(str(record.fields.get("parent_id")))
        if parent is not None and record.fields.get("volume_ul") and parent.fields.get("volume_ul"):
            assert float(str(record.fields["volume_ul"])) < float(str(parent.fields["volume_ul"]))


def test_nothing_is_unreadable_but_what_the_ledger_lists(ledger: DayLedger, records: list[Record]) -> None:
    unread = {(record.locator.place, record.locator.line) for record in records if record.unreadable}
    assert unread <= spoilt_lines(ledger)
    names = {defect.name for defect in ledger.defects if (defect.file, defect.line) in unread}
    assert names == {
        "date_impossible",
        "number_infinite",
    }


def test_at_least_twenty_five_classes_of_defects_are_put_in_and_none_twice_before_all(ledger: DayLedger) -> None:
    classes = Counter(defect.name for defect in ledger.defects)
    assert len(classes) >= 25
    assert 0.05 <= len(ledger.defects) / ledger.specimens <= 0.12


def test_the_ledger_file_says_what_the_ledger_says(ledger: DayLedger) -> None:
    with (ledger.folder / "defects.csv").open(encoding="utf-8", newline="") as file:
        rows = [Defect(row[0], row[1], int(row[2]), row[3], row[4], row[5]) for row in list(csv.reader(file))[1:]]
    assert tuple(rows) == ledger.defects


def test_every_single_cell_defect_stands_in_the_line_and_column_the_ledger_names(ledger: DayLedger) -> None:
    checked = 0
    for defect in ledger.defects:
        name, _, sheet = defect.file.partition("!")
        path = ledger.incoming / name
        if (
            sheet
            or "温度记录" in name
            or not path.is_file()
            or defect.name.startswith(("consent_missing", "consent_withdrawn", "consent_refused"))
        ):
            continue
        text = path.read_bytes().decode(decoding.detect(path))
        rows = list(csv.reader(text.splitlines()))
        assert rows[defect.line - 1][rows[0].index(defect.field)] == defect.injected, defect
        checked += 1
    assert checked >= 15


def test_a_defect_in_a_workbook_is_in_the_row_and_column_the_ledger_names(
    ledger: DayLedger, records: list[Record]
) -> None:
    lines = {(record.locator.place, record.locator.line): record for record in records if record.kind is Kind.SPECIMEN}
    found = {d.name: lines[d.file, d.line] for d in ledger.defects if d.file.endswith("!分装入库")}
    assert found["storage_sign_lost"].fields["storage_c"] == 80.0
    assert found["parent_is_itself"].fields["parent_id"] == found["parent_is_itself"].key
    assert found["specimen_id_missing"].fields["specimen_id"] is None
    assert found["donor_id_missing"].donor is None
    spoilt = next(d for d in ledger.defects if d.name == "unit_inside_the_number")
    assert found["unit_inside_the_number"].fields["volume_ul"] == float(spoilt.original), "the unit is the field's own"
    assert found["markup_in_text"].fields.get("location")


def test_the_loggers_suffer_each_in_its_own_way(ledger: DayLedger, records: list[Record]) -> None:
    logs = {defect.name: defect.file for defect in ledger.defects if "温度记录" in defect.file}
    assert len(set(logs.values())) == len(logs) == 8
    assert not (ledger.incoming / logs["log_missing"]).exists()
    values = [
        r.fields["value_c"] for r in records if r.kind is Kind.READING and r.locator.place == logs["log_sentinel_value"]
    ]
    assert values.count(882.6) == 3


def test_hostile_text_is_kept_and_told(items: list[Item], records: list[Record]) -> None:
    reasons = Counter(item.reason for item in items if isinstance(item, SourceProblem))
    assert reasons["formula_cell"] == 1
    assert reasons["invisible_character"] == 1
    assert set(reasons) == {"formula_cell", "invisible_character", "unmapped_column"}
    assert any(str(record.fields.get("collected_by", "")).startswith("=HYPERLINK") for record in records)
    assert any(record.fields.get("stored_by") == "<script>alert(1)</script>" for record in records)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_tiny_day_is_still_a_whole_day(tmp_path: Path, size: int) -> None:
    made = write_day(tmp_path, 3, size, ON)
    assert made.donors == size
    assert all(intake(path) for path in made.files)


@pytest.mark.parametrize("size", [0, -1, 10**9])
def test_a_day_of_nobody_or_of_everybody_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(BadInputError):
        write_day(tmp_path, 1, size, ON)
