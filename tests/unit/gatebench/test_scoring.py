"""The score, on cases small enough to count by hand."""

from pathlib import Path

import pytest

from hilum.errors import BadInputError
from hilum.gatebench.scoring import Answer, pooled, read_answers, same, score, write_answers
from hilum.gatebench.truth import Known, Planted
from hilum.model.record import Kind

RECORDS = [
    Known("a.csv:2", "specimen", "specimen:S1"),
    Known("a.csv:3", "specimen", "specimen:S2", ("P2",)),
    Known("a.csv:4", "specimen", "specimen:S3"),
    Known("a.csv:5", "specimen", "specimen:S4"),
    Known("b.csv:2", "transport", "transport:T1"),
]
SIGN = Planted("P1", "storage_sign", "middle", ("a.csv:2",), "storage_c", "-80", "80", (("storage_c", "-80"),))
WARM = Planted("P2", "log_excursion", "middle", ("b.csv:2",), "value_c", "5", "14", log="log.csv")


def _said(verdict: str, *fixes: tuple[str, str]) -> Answer:
    answer = Answer()
    answer.add(verdict)
    for name, fix in fixes:
        answer.add(verdict, name, fix)
    return answer


def test_a_stopped_plant_is_found_and_its_first_fix_counts() -> None:
    found = score([SIGN], RECORDS, {"a.csv:2": _said("stop", ("storage_c", "-80.0"), ("storage_c", "80"))})
    (one,) = found.classes
    assert (one.n, one.stopped, one.top1, one.fixable, one.named) == (1, 1, 1, 1, 1)
    assert found.recall.share == 1


def test_only_the_first_fix_counts() -> None:
    found = score([SIGN], RECORDS, {"a.csv:2": _said("stop", ("storage_c", "8"), ("storage_c", "-80"))})
    assert found.top1.share == 0


def test_a_warning_is_not_enough_where_the_record_must_be_stopped() -> None:
    found = score([SIGN], RECORDS, {"a.csv:2": _said("flag")})
    assert found.recall.share == 0
    assert found.classes[0].missed == [SIGN]


def test_a_warning_is_enough_where_the_class_deserves_one() -> None:
    assert score([WARM], RECORDS, {"b.csv:2": _said("flag")}).recall.share == 1


def test_the_logger_file_speaks_for_its_trip() -> None:
    assert score([WARM], RECORDS, {"log.csv:17": _said("stop")}).recall.share == 1


def test_silence_is_acceptance() -> None:
    found = score([SIGN, WARM], RECORDS, {})
    assert found.recall.successes == 0
    assert found.blocked.successes == 0


def test_a_repair_is_found_and_is_the_right_fix() -> None:
    found = score([SIGN], RECORDS, {"a.csv:2": _said("repair")})
    assert found.recall.share == found.top1.share == 1


def test_a_clean_record_that_is_stopped_is_a_false_block() -> None:
    found = score([SIGN, WARM], RECORDS, {"a.csv:4": _said("stop"), "a.csv:5": _said("flag")})
    assert found.false_blocks == ["a.csv:4"]
    assert (found.blocked.n, found.false_flags) == (2, 1)


def test_what_hangs_on_a_plant_is_counted_by_itself() -> None:
    found = score([SIGN, WARM], RECORDS, {"a.csv:3": _said("stop")})
    assert (found.dependants, found.dependants_stopped, found.false_blocks) == (1, 1, [])


def test_a_plant_the_format_cannot_carry_is_not_scored_and_its_record_is_nobodys_false_block() -> None:
    lost = Planted("P3", "storage_sign", "middle", ("a.csv:4",), "storage_c", "-80", "80", expressible=False)
    found = score([lost], RECORDS, {"a.csv:4": _said("stop")})
    assert (found.classes, found.inexpressible, found.false_blocks) == ([], {"storage_sign": 1}, [])


def test_several_data_sets_are_scored_as_one() -> None:
    one = score([SIGN], RECORDS, {"a.csv:2": _said("stop")})
    other = score([SIGN], RECORDS, {"a.csv:4": _said("stop")})
    whole = pooled([one, other])
    assert (whole.classes[0].n, whole.classes[0].stopped) == (2, 1)
    assert (whole.blocked.successes, whole.blocked.n) == (1, one.clean + other.clean)


def test_undecidable_classes_are_no_target_on_the_hard_level() -> None:
    slip = Planted("P4", "decimal_slip", "hard", ("a.csv:2",), "value", "70", "700", (("value", "70"),))
    assert score([slip], RECORDS, {}).recall.n == 0


@pytest.mark.parametrize(
    ("kind", "name", "one", "other"),
    [
        (Kind.SPECIMEN, "storage_c", "-80", "-80.0"),
        (Kind.OBSERVATION, "unit", "μmol/L", "umol/L"),
        (Kind.SPECIMEN, "specimen_type", "血浆", "Plasma"),
        (Kind.SPECIMEN, "collected_at", "2026-03-02 08:15", "2026-03-02T00:15:00Z"),
        (Kind.OBSERVATION, "value", "70.7", "70.72"),
        (Kind.OBSERVATION, "unit", "ng/mL", "μg/L"),
        (Kind.OBSERVATION, "unit", "IU/L", "U/L"),
    ],
)
def test_values_are_compared_as_what_they_mean(kind: Kind, name: str, one: str, other: str) -> None:
    assert same(kind, name, one, other)


def test_other_values_are_not_the_same() -> None:
    assert not same(Kind.SPECIMEN, "storage_c", "-80", "80")
    assert not same(Kind.OBSERVATION, "unit", "mg/dL", "umol/L")


def test_answers_are_read_by_name_or_by_key_and_written_back(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(
        "record,verdict,field,fix\nspecimen:S1,stop,storage_c,-80\na.csv:4,flag,volume_ul,\n", encoding="utf-8"
    )
    answers = read_answers(path, RECORDS)
    assert answers["a.csv:2"].fixes == [("storage_c", "-80")]
    assert answers["a.csv:4"].fields == ["volume_ul"]
    write_answers(tmp_path / "again.csv", answers)
    assert read_answers(tmp_path / "again.csv", RECORDS) == answers


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "record,verdict\na.csv:2,perhaps\n"])
def test_answers_that_are_none_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInputError):
        read_answers(path, RECORDS)


def test_only_corrections_that_follow_from_the_data_make_the_first_figure() -> None:
    swapped = Planted("P5", "donor_swapped", "middle", ("a.csv:4",), "donor_id", "D1", "D2", (("donor_id", "D1"),))
    staged = Planted("P6", "stage_against_tnm", "middle", ("a.csv:5",), "volume_ul", "1", "2", (("volume_ul", "1"),))
    said = {"a.csv:2": _said("stop", ("storage_c", "-80")), "a.csv:5": _said("stop", ("volume_ul", "1"))}
    found = score([SIGN, swapped, staged], RECORDS, said)
    assert (found.top1.successes, found.top1.n) == (1, 1)
    assert (found.top1_all.successes, found.top1_all.n) == (2, 3)
    assert found.withheld == 1


def test_a_correction_names_its_field_whatever_the_finding_is_on() -> None:
    answer = _said("stop")
    answer.fixes.append(("storage_c", "-8"))
    assert score([SIGN], RECORDS, {"a.csv:2": answer}).named.share == 1
