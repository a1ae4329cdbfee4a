"""What goes wrong in the synthetic hospital day: defects of single cells, each by a name and with its place.

The classes follow what biobank registers are known to suffer from: missing and damaged identifiers, consent that does
not cover the draw, times out of order, lost signs and decimal points, foreign units, codes against words, and text
that a spreadsheet would run. Defects of several rows and of loggers are in :mod:`hilum.formats.hospital_mishaps`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hilum.formats.hospital_loggers import Log
from hilum.formats.hospital_people import check_digit
from hilum.formats.hospital_samples import Shipment
from hilum.formats.hospital_sheets import Row, Sheet, clock


@dataclass(slots=True)
class Day:
    """Everything of the day before it is written: sheets by key, the logs, the shipments."""

    sheets: dict[str, Sheet]
    logs: list[Log]
    shipments: tuple[Shipment, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A defect put in, its row still to be turned into a line number when all rows stand."""

    name: str
    file: str
    sheet: Sheet | None
    row: Row | None
    line: int
    field: str
    original: str
    injected: str


@dataclass(frozen=True, slots=True)
class Spoil:
    """A way to spoil one cell: class, sheet, column, the new text from row and chance, and which rows it suits."""

    name: str
    sheet: str
    field: str
    change: Callable[[Row, random.Random], str]
    suits: Callable[[Row], bool] = lambda _: True


class Picker:
    """Chooses the victims: a seeded random row of a donor who has not suffered yet."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._spoilt: set[str] = set()

    def row(self, sheet: Sheet, suits: Callable[[Row], bool]) -> Row | None:
        """A row, its donor marked; ``None`` when everyone whom it suits has suffered already."""
        free = [row for row in sheet.rows if row["病案号"] and row["病案号"] not in self._spoilt and suits(row)]
        if not free:
            return None
        chosen = self.rng.choice(free)
        self._spoilt.add(chosen["病案号"])
        return chosen


def _later(field: str, **delay: int) -> Callable[[Row, random.Random], str]:
    return lambda row, _: clock(datetime.fromisoformat(row[field]) + timedelta(**delay))


def _fixed(text: str) -> Callable[[Row, random.Random], str]:
    return lambda _row, _rng: text


def _is(field: str, *texts: str) -> Callable[[Row], bool]:
    return lambda row: row[field] in texts


def _wide(text: str) -> str:
    """Full-width digits and letters, as a Chinese input method leaves them."""
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isalnum() and letter.isascii() else letter for letter in text)


def _wrong_check(row: Row, _: random.Random) -> str:
    number = row["身份证号"]
    right = check_digit(number[:17])
    return number[:17] + ("0" if right != "0" else "1")


def _wrong_year(row: Row, _: random.Random) -> str:
    """A birth date that is a real day but not the one in the identity number."""
    born = row["出生日期"]
    return f"{int(born[:4]) + 1}-{born[5:7]}-15"


def _with_unseen(row: Row, _: random.Random) -> str:
    return row["冻存管编号"][:5] + "\u200b" + row["冻存管编号"][5:]


def _signed_plus(days: int) -> Callable[[Row, random.Random], str]:
    return lambda row, _: (date.fromisoformat(row["签署日期"]) + timedelta(days=days)).isoformat()


def _times(field: str, factor: float, decimals: int, of: str = "") -> Callable[[Row, random.Random], str]:
    return lambda row, _: f"{float(row[of or field]) * factor:.{decimals}f}"


def _is_number(row: Row) -> bool:
    return row["结果"].replace(".", "").isdigit()


def _starts(field: str, text: str) -> Callable[[Row], bool]:
    return lambda row: row[field].startswith(text)


_END = _is("样本类型", "血浆", "血清")
_HAEMOGLOBIN, _CREATININE = _is("检验项目", "血红蛋白"), _is("检验项目", "肌酐")

IDENTITY = (
    Spoil("specimen_id_missing", "aliquots", "冻存管编号", _fixed(""), _END),
    Spoil("donor_id_missing", "aliquots", "病案号", _fixed(""), _END),
    Spoil("id_invisible_character", "aliquots", "冻存管编号", _with_unseen, _END),
    Spoil("id_full_width", "aliquots", "原管条码", lambda row, _: _wide(row["原管条码"]), _END),
    Spoil("identity_number_check", "donors", "身份证号", _wrong_check),
    Spoil("identity_number_against_birth", "donors", "出生日期", _wrong_year),
    Spoil("telephone_malformed", "donors", "联系电话", _fixed("12345")),
)
TRACE_AND_CONSENT = (
    Spoil("parent_absent", "aliquots", "原管条码", lambda row, _: row["原管条码"].replace("XB", "XC"), _END),
    Spoil("parent_is_itself", "aliquots", "原管条码", lambda row, _: row["冻存管编号"], _END),
    Spoil("child_volume_over_parent", "aliquots", "分装体积（μL）", _fixed("50000"), _END),
    Spoil("consent_after_collection", "consents", "签署日期", _signed_plus(40)),
    Spoil("consent_expired", "consents", "有效期至", _signed_plus(-1)),
)
TIME = (
    Spoil("received_before_collected", "tubes", "接收时间", _later("采集时间", minutes=-20)),
    Spoil("time_in_the_future", "tubes", "采集时间", _later("采集时间", days=3653)),
    Spoil("date_impossible", "donors", "出生日期", lambda row, _: f"{row['出生日期'][:4]}-02-30"),
    Spoil("time_of_day_missing", "tubes", "采集时间", lambda row, _: row["采集时间"][:10]),
    Spoil("centrifugation_missing", "aliquots", "离心时间", _fixed(""), _END),
    Spoil("centrifugation_after_freezing", "aliquots", "离心时间", _later("冻存时间", minutes=30), _END),
    Spoil("freezing_too_late", "aliquots", "冻存时间", _later("采集时间", hours=30), _END),
    Spoil("transport_received_before_sent", "manifest", "接收时间", _later("发出时间", minutes=-45)),
)
MEASURE = (
    Spoil("tube_against_type", "aliquots", "采血管类型", _fixed("EDTA抗凝管"), _is("样本类型", "血清")),
    Spoil("storage_sign_lost", "aliquots", "冻存温度（℃）", _fixed("80"), _END),
    Spoil("storage_in_fahrenheit", "aliquots", "冻存温度（℃）", _fixed("-112"), _END),
    Spoil("unit_of_another_scale", "results", "结果", _times("结果", 0.1, 1), _HAEMOGLOBIN),
    Spoil("unit_missing", "results", "单位", _fixed(""), _is("检验项目", "丙氨酸氨基转移酶")),
    Spoil("unit_wrong", "results", "单位", _fixed("mg/dL"), _CREATININE),
    Spoil("unit_inside_the_number", "aliquots", "分装体积（μL）", lambda row, _: row["分装体积（μL）"] + " μL", _END),
    Spoil("number_infinite", "results", "结果", _fixed("1e400"), _is_number),
    Spoil("range_for_a_number", "results", "结果", _fixed("60~120"), _is_number),
    Spoil("reference_limits_swapped", "results", "参考下限", _times("参考下限", 2, 0, "参考上限"), _CREATININE),
    Spoil("height_in_metres", "donors", "身高(cm)", _times("身高(cm)", 0.01, 2)),
    Spoil("amount_against_concentration", "nucleic", "总量(μg)", _times("总量(μg)", 10, 2)),
    Spoil("purity_impossible", "nucleic", "A260/A280", _fixed("18.5")),
)
WORDS = (
    Spoil("icd_code_malformed", "diagnoses", "ICD-10编码", _fixed("C341")),
    Spoil("code_against_words", "diagnoses", "ICD-10编码", _fixed("C16.2"), _starts("诊断名称", "肺")),
    Spoil("site_against_sex", "diagnoses", "ICD-10编码", _fixed("C53.9"), _starts("诊断名称", "前列腺")),
    Spoil("stage_against_tnm", "diagnoses", "病理M分期", _fixed("M1")),
    Spoil("nodes_positive_over_examined", "diagnoses", "阳性淋巴结数", _times("", 2, 0, "检出淋巴结数")),
    Spoil("test_name_unknown", "results", "检验项目", _fixed("血红旦白"), _HAEMOGLOBIN),
    Spoil("specimen_type_unknown", "aliquots", "样本类型", _fixed("血将"), _is("样本类型", "血浆")),
    Spoil("formula_in_text", "tubes", "采集人", _fixed('=HYPERLINK("http://example.invalid","护士1")')),
    Spoil("markup_in_text", "aliquots", "入库人", _fixed("<script>alert(1)</script>"), _END),
)
SPOILS: tuple[Spoil, ...] = IDENTITY + TRACE_AND_CONSENT + TIME + MEASURE + WORDS


def spoil(day: Day, one: Spoil, picker: Picker) -> list[Planned]:
    """Put the defect ``one`` into a row it suits; nothing when there is none left."""
    sheet = day.sheets[one.sheet]
    row = picker.row(sheet, one.suits)
    if row is None:
        return []
    original = row[one.field]
    row[one.field] = one.change(row, picker.rng)
    return [Planned(one.name, sheet.file, sheet, row, 0, one.field, original, row[one.field])]
