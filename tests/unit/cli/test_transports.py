"""``hilum transport audit``: a logger file by itself, in words and for programs."""

import json
from pathlib import Path

import pytest

from hilum.cli.main import perform

LOG = "序列号：L1\n温度下限: 2℃\n温度上限: 8℃\n校准有效期: 2027-01-01\n\n序号,记录时间,温度(℃)\n"


def write(folder: Path, values: list[float]) -> Path:
    rows = [f"{n},2026-03-05 08:{2 * n:02}:00,{value}" for n, value in enumerate(values)]
    path = folder / "log.csv"
    path.write_text(LOG + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        perform(arguments, {"HILUM_LANGUAGE": "en"})
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out + said.err


GOOD = [4.0, 4.1, 4.2, 4.1, 4.0, 4.3]


def test_a_good_log_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(["transport", "audit", str(write(tmp_path, GOOD)), "--json"], capsys)
    (probe,) = json.loads(said)["probes"]
    assert (code, probe["logger"], probe["verdict"], probe["findings"]) == (0, "L1", "accept", [])
    assert (probe["audit"]["readings"], probe["audit"]["low_c"], probe["audit"]["high_c"]) == (6, 2.0, 8.0)


def test_a_fault_code_holds_it_and_the_hint_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(["transport", "audit", str(write(tmp_path, [*GOOD, 882.6, *GOOD]))], capsys)
    assert code == 10
    assert "TRN-LOG-013" in said
    assert "4 minutes" in said


def test_a_trip_longer_than_the_log_is_not_covered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    window = ["--from", "2026-03-05 08:00", "--to", "2026-03-05 08:20"]
    code, said = run(["transport", "audit", str(write(tmp_path, GOOD)), *window, "--json"], capsys)
    (probe,) = json.loads(said)["probes"]
    assert (code, probe["audit"]["coverage_percent"]) == (10, 50.0)
    assert {"TRN-LOG-005", "TRN-LOG-008"} <= {finding["rule"] for finding in probe["findings"]}


@pytest.mark.parametrize(
    ("content", "more", "word"),
    [
        ("样本编号,病案号\nS1,P1\n", [], "no temperature log"),
        (LOG + "1,2026-03-05 08:00:00,4\n", ["--from", "yesterday"], "no time: yesterday"),
    ],
)
def test_what_cannot_be_audited_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, more: list[str], word: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(content, encoding="utf-8")
    code, said = run(["transport", "audit", str(path), *more], capsys)
    assert (code, word in said) == (3, True)
