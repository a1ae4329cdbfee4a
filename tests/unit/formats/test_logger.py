"""Transport temperature logs: the block on top, units, zones, channels, and values nobody may smooth over."""

from pathlib import Path

import pytest

from hilum.formats import logger
from hilum.model.record import Item, Kind, Record, SourceProblem

CHINESE = (
    "温度记录仪报告\n序列号：TL-0001\n运输编号: YS-1\n记录间隔: 5分钟\n温度上限: 8℃\n下限(℃),2\n\n"
    "序号,记录时间,温度(℃),湿度(%)\n1,2024-03-05 08:30:00,4.5,50\n2,2024/03/05 08:35,４.６℃,50\n"
)
ENGLISH = (
    "Serial Number: SN9\nShipment ID: T9\nTime Zone: UTC+0\nLow Limit: 35.6 °F\nHigh Limit: 46.4 °F\n\n"
    "Date;Time;Temperature (°F)\n2024-03-05;08:30:00;41.0\n2024-03-05;08:35:00;42.8\n"
)


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "log.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path, skip: int = 0) -> list[Item]:
    return list(logger.items(path, path.name, "SRC", skip))


def records(items: list[Item], kind: Kind) -> list[Record]:
    return [item for item in items if isinstance(item, Record) and item.kind is kind]


def reasons(items: list[Item]) -> list[str]:
    return [item.reason for item in items if isinstance(item, SourceProblem)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_chinese_log_is_readings_and_one_log_record(tmp_path: Path, encoding: str) -> None:
    items = read(write(tmp_path, CHINESE, encoding))
    readings, (log,) = records(items, Kind.READING), records(items, Kind.LOG)
    assert [(one.fields["read_at"], one.fields["value_c"]) for one in readings] == [
        ("2024-03-05T00:30:00Z", 4.5),
        ("2024-03-05T00:35:00Z", 4.6),
    ]
    assert {one.fields["logger"] for one in readings} == {"TL-0001"}
    assert [one.locator.line for one in readings] == [9, 10]
    assert len(str(log.fields["digest"])) == 64
    assert {name: value for name, value in log.fields.items() if name != "digest"} == {
        "log_id": "log:TL-0001@2024-03-05T00:30:00Z",
        "logger": "TL-0001",
        "transport_id": "YS-1",
        "started_at": "2024-03-05T00:30:00Z",
        "ended_at": "2024-03-05T00:35:00Z",
        "readings": 2,
        "interval_s": 300.0,
        "unit_as_written": "Cel",
        "calibration_due_on": None,
        "min_c": 4.5,
        "max_c": 4.6,
        "limit_low_c": 2.0,
        "limit_high_c": 8.0,
    }


def test_an_english_log_in_fahrenheit_with_its_own_zone_is_the_same_facts(tmp_path: Path) -> None:
    items = read(write(tmp_path, ENGLISH))
    readings = records(items, Kind.READING)
    assert [(one.fields["read_at"], one.fields["value_c"]) for one in readings] == [
        ("2024-03-05T08:30:00Z", 5.0),
        ("2024-03-05T08:35:00Z", 6.0),
    ]
    assert (readings[0].fields["limit_low_c"], readings[0].fields["limit_high_c"]) == (2.0, 8.0)
    assert not reasons(items)


def test_the_codes_of_a_broken_probe_stay_what_they_are(tmp_path: Path) -> None:
    text = CHINESE + "3,2024-03-05 08:40:00,882.6,50\n4,2024-03-05 08:45:00,-127,50\n"
    items = read(write(tmp_path, text))
    assert [one.fields["value_c"] for one in records(items, Kind.READING)][2:] == [882.6, -127.0]
    (log,) = records(items, Kind.LOG)
    assert (log.fields["min_c"], log.fields["max_c"]) == (4.5, 4.6)


def test_a_word_for_a_temperature_and_a_day_that_never_was_are_kept_as_received(tmp_path: Path) -> None:
    text = CHINESE + "3,2024-03-05 08:40:00,OPEN,50\n4,2024-02-30 08:45:00,4.4,50\n5,2024-03-05 08:50:00,,50\n"
    readings = records(read(write(tmp_path, text)), Kind.READING)
    assert [one.unreadable for one in readings[2:]] == [{"value_c": "OPEN"}, {"read_at": "2024-02-30 08:45:00"}, {}]
    assert len({one.key for one in readings}) == 5


def test_two_probes_in_one_box_are_two_loggers(tmp_path: Path) -> None:
    text = "序列号:A1\n时间,温度1(℃),温度2(℃)\n2024-03-05 08:30:00,4.5,-20\n"
    readings = records(read(write(tmp_path, text)), Kind.READING)
    assert [(one.fields["logger"], one.fields["value_c"]) for one in readings] == [("A1", 4.5), ("A1/2", -20.0)]


def test_a_log_without_serial_or_unit_says_so(tmp_path: Path) -> None:
    items = read(write(tmp_path, "timestamp,value\n2013-07-04 00:00:00,69.88\n"))
    assert reasons(items) == ["logger_serial_missing", "logger_unit_missing"]
    assert records(items, Kind.READING)[0].fields["logger"] is None


def test_a_line_without_end_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    items = read(write(tmp_path, CHINESE + "9" * 1_100_000 + "\n3,2024-03-05 08:40:00,4.5,50\n"))
    assert "line_too_long" in reasons(items)
    assert len(records(items, Kind.READING)) == 3


def test_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = write(tmp_path, CHINESE)
    assert read(path, 1) == read(path)[1:]


def test_a_file_that_is_no_log_is_one_fatal_problem(tmp_path: Path) -> None:
    items = read(write(tmp_path, "样本编号,病案号\nS1,P1\n"))
    assert [(item.reason, item.fatal) for item in items if isinstance(item, SourceProblem)] == [
        ("logger_unrecognised", True)
    ]


@pytest.mark.parametrize(
    ("text", "is_log"),
    [
        (CHINESE, True),
        (ENGLISH, True),
        ("timestamp,value\n2013-07-04 00:00:00,69.88\n", True),
        ("样本编号,病案号,采集时间,体积\nS1,P1,2024-03-05 08:30,5\n", False),
        ("病案号,检验项目,结果,检验时间\nP1,肌酐,70,2024-03-05 08:30\n", False),
        ("样本编号,冻存时间,储存温度(℃)\nS1,2024-03-05 08:30,-80\n", False),
        ("时间,温度\n上午,热\n", False),
        ("", False),
        ("\n\n\n", False),
    ],
)
def test_a_log_is_told_from_a_table_of_people_and_specimens(text: str, is_log: bool) -> None:
    assert logger.looks_like_logger(text.splitlines()) is is_log


def test_a_real_series_of_a_failing_room_is_read_whole(shared_data: Path) -> None:
    path = shared_data / "temperature" / "ambient_temperature_system_failure.csv"
    if not path.is_file():
        pytest.skip(f"the NAB series is not in {path.parent}")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert logger.looks_like_logger(lines[:30])
    readings = records(read(path), Kind.READING)
    assert len(readings) == len(lines) - 1
    assert not [one for one in readings if one.unreadable]
