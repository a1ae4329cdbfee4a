"""Defects of the synthetic hospital day that take more than one cell: rows twice, rows lost, circles, loggers."""

from collections.abc import Callable
from datetime import timedelta

from hilum.formats.hospital_defects import Day, Picker, Planned
from hilum.formats.hospital_loggers import Log
from hilum.formats.hospital_sheets import Row, Sheet

Mishap = Callable[[Day, Picker], list[Planned]]


def _aliquot(row: Row) -> bool:
    return row["样本类型"] in ("血浆", "血清")


def _planned(name: str, sheet: Sheet, row: Row, field: str, original: str) -> list[Planned]:
    return [Planned(name, sheet.file, sheet, row, 0, field, original, row[field])]


def twice_the_same(day: Day, picker: Picker) -> list[Planned]:
    """The same tube exported twice."""
    sheet = day.sheets["tubes"]
    row = picker.row(sheet, lambda _: True)
    if row is None:
        return []
    again = dict(row)
    sheet.rows.append(again)
    return _planned("row_twice_the_same", sheet, again, "样本条码", "")


def twice_different(day: Day, picker: Picker) -> list[Planned]:
    """One barcode on two tubes that are not the same."""
    sheet = day.sheets["aliquots"]
    row = picker.row(sheet, _aliquot)
    if row is None:
        return []
    other = row | {"分装体积（μL）": "650", "冻存位置": row["冻存位置"].replace("F01", "F02")}
    other["管底二维码"] = row["管底二维码"].replace("FB", "FC")
    sheet.rows.append(other)
    return _planned("barcode_twice_different", sheet, other, "冻存管编号", "")


def _copied(name: str, field: str) -> Mishap:
    def copy(day: Day, picker: Picker) -> list[Planned]:
        sheet = day.sheets["aliquots"]
        row, other = picker.row(sheet, _aliquot), picker.row(sheet, _aliquot)
        if row is None or other is None:
            return []
        later, earlier = (row, other) if sheet.line_of(row) > sheet.line_of(other) else (other, row)
        original, later[field] = later[field], earlier[field]
        return _planned(name, sheet, later, field, original)

    return copy


def circle(day: Day, picker: Picker) -> list[Planned]:
    """Two aliquots that are each other's parent."""
    sheet = day.sheets["aliquots"]
    row, other = picker.row(sheet, _aliquot), picker.row(sheet, _aliquot)
    if row is None or other is None:
        return []
    found: list[Planned] = []
    for one, parent in ((row, other), (other, row)):
        original, one["原管条码"] = one["原管条码"], parent["冻存管编号"]
        found += _planned("parents_in_a_circle", sheet, one, "原管条码", original)
    return found


def donor_of_another(day: Day, picker: Picker) -> list[Planned]:
    """An aliquot under another donor's number than its parent."""
    sheet = day.sheets["aliquots"]
    row, other = picker.row(sheet, _aliquot), picker.row(sheet, _aliquot)
    if row is None or other is None:
        return []
    original, row["病案号"] = row["病案号"], other["病案号"]
    return _planned("donor_differs_from_parent", sheet, row, "病案号", original)


def consent_missing(day: Day, picker: Picker) -> list[Planned]:
    """A draw from a donor of whom there is no consent; the ledger names the draw."""
    tubes, consents = day.sheets["tubes"], day.sheets["consents"]
    row = picker.row(tubes, lambda _: True)
    if row is None:
        return []
    consents.rows[:] = [consent for consent in consents.rows if consent["病案号"] != row["病案号"]]
    return [Planned("consent_missing", tubes.file, tubes, row, 0, "病案号", "consented", "no consent row")]


def consent_withdrawn(day: Day, picker: Picker) -> list[Planned]:
    """A consent taken back before the draw; the ledger names the draw."""
    return _consent_is(day, picker, "consent_withdrawn", "已撤回")


def consent_refused(day: Day, picker: Picker) -> list[Planned]:
    """A draw from a donor who said no; the ledger names the draw."""
    return _consent_is(day, picker, "consent_refused", "拒绝")


def _consent_is(day: Day, picker: Picker, name: str, status: str) -> list[Planned]:
    tubes, consents = day.sheets["tubes"], day.sheets["consents"]
    row = picker.row(tubes, lambda _: True)
    if row is None:
        return []
    for consent in consents.rows:
        if consent["病案号"] == row["病案号"]:
            consent["同意状态"] = status
            consent["撤回日期"] = consent["签署日期"] if status == "已撤回" else ""
    return [Planned(name, tubes.file, tubes, row, 0, "病案号", "已同意", status)]


# loggers ----------------------------------------------------------------------------------------------------------


def _logger(index: int, change: Callable[[Log], tuple[str, int, str, str, str]]) -> Mishap:
    """A mishap of the ``index``-th box: each box suffers one, so that every finding has one cause."""

    def happen(day: Day, _picker: Picker) -> list[Planned]:
        if index >= len(day.logs):
            return []
        log = day.logs[index]
        name, line, field, original, injected = change(log)
        return [Planned(name, log.file, None, None, line, field, original, injected)]

    return happen


def _missing(log: Log) -> tuple[str, int, str, str, str]:
    log.written = False
    return "log_missing", 0, "温度记录", "log", "no file"


def _serial(log: Log) -> tuple[str, int, str, str, str]:
    original, log.serial = log.serial, log.serial[:-3] + "999"
    return "log_of_another_logger", 2, "序列号", original, log.serial


def _gap(log: Log) -> tuple[str, int, str, str, str]:
    middle = len(log.readings) // 2
    count = len(log.readings)
    del log.readings[middle - 3 : middle + 4]
    return "log_with_a_gap", log.line_of(middle - 3), "记录时间", str(count), str(len(log.readings))


def _sentinel(log: Log) -> tuple[str, int, str, str, str]:
    middle = len(log.readings) // 2
    original = log.readings[middle][1]
    log.readings[middle : middle + 3] = [(at, "882.6") for at, _ in log.readings[middle : middle + 3]]
    return "log_sentinel_value", log.line_of(middle), "温度(℃)", original, "882.6"


def _flat(log: Log) -> tuple[str, int, str, str, str]:
    original = log.readings[1][1]
    log.readings[:] = [(at, log.readings[0][1]) for at, _ in log.readings]
    return "log_flat_line", log.line_of(1), "温度(℃)", original, log.readings[0][1]


def _partial(log: Log) -> tuple[str, int, str, str, str]:
    count = len(log.readings)
    del log.readings[count // 3 :]
    return "log_ends_early", log.line_of(len(log.readings) - 1), "记录时间", str(count), str(len(log.readings))


def _warm(log: Log) -> tuple[str, int, str, str, str]:
    middle = len(log.readings) // 2
    original = log.readings[middle][1]
    warm = ("9.6", "12.4", "14.1", "13.0", "10.2")
    spell = log.readings[middle : middle + 5]
    log.readings[middle : middle + 5] = [(at, text) for (at, _), text in zip(spell, warm, strict=False)]
    return "temperature_excursion", log.line_of(middle), "温度(℃)", original, "9.6"


def _skewed(log: Log) -> tuple[str, int, str, str, str]:
    original = f"{log.readings[0][0]:%Y-%m-%d %H:%M:%S}"
    log.readings[:] = [(at + timedelta(hours=8), text) for at, text in log.readings]
    return "log_clock_off", log.line_of(0), "记录时间", original, f"{log.readings[0][0]:%Y-%m-%d %H:%M:%S}"


MISHAPS: tuple[Mishap, ...] = (
    twice_the_same,
    twice_different,
    _copied("position_occupied", "冻存位置"),
    _copied("tube_code_twice", "管底二维码"),
    circle,
    donor_of_another,
    consent_missing,
    consent_withdrawn,
    consent_refused,
    _logger(0, _sentinel),
    _logger(1, _gap),
    _logger(2, _flat),
    _logger(3, _partial),
    _logger(4, _warm),
    _logger(5, _serial),
    _logger(6, _missing),
    _logger(7, _skewed),
)
