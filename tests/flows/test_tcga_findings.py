"""The two smallest real cohorts through the whole gate: known true problems are found by the rules that name them.

Each problem was read in the published tables by eye; docs/guide/en/tcga.md tells what they mean.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hilum.app.founding import found
from hilum.app.intake import Summary, intake
from hilum.app.reading import Readers
from hilum.app.running import Hilum, actor_of, open_hilum
from hilum.model.record import Kind
from hilum.registry.ports import QueueFilter
from hilum.registry.stored import RecordState, StoredRecord

COHORTS = ("chol", "dlbc")
FILES = "nationwidechildrens.org_"


@pytest.fixture(scope="module")
def archives(tcga: Path) -> list[Path]:
    wanted = [tcga / f"{cohort}.tar.xz" for cohort in COHORTS]
    if absent := [one.name for one in wanted if not one.exists()]:
        pytest.skip(f"not in {tcga}: {', '.join(absent)}")
    return wanted


@pytest.fixture(scope="module")
def bank(archives: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hilum, Summary]]:
    """A bank in which both cohorts were taken in, and what that came to."""
    home = tmp_path_factory.mktemp("tcga") / "bank"
    found(home, "test", "root", "en")
    with open_hilum(home) as app:
        yield app, _take(app, archives)


def _take(app: Hilum, archives: list[Path]) -> Summary:
    readers = Readers(app.settings.home / "mappings", "root")
    return intake(app, actor_of(app.settings, "root"), archives, readers)


def _with(bank: tuple[Hilum, Summary], rule: str) -> list[StoredRecord]:
    with bank[0].bank.read() as unit:
        return unit.find_records(QueueFilter(rule=rule, limit=100_000))


def _lines(records: list[StoredRecord]) -> dict[str, list[int]]:
    """File (without what all file names share) -> lines."""
    lines: dict[str, list[int]] = {}
    for record in records:
        name = record.locator.place.rpartition("/")[2].removeprefix(FILES).removesuffix(".txt")
        lines.setdefault(name, []).append(record.locator.line)
    return {name: sorted(at) for name, at in lines.items()}


def test_prothrombin_times_in_seconds_stand_in_the_column_of_the_inr(bank: tuple[Hilum, Summary]) -> None:
    records = _with(bank, "LAB-INR-001")
    assert _lines(records) == {"clinical_patient_chol": [9, 10, 15, 30]}
    assert {record.state for record in records} == {RecordState.HELD}
    judged = records[0].judgement
    assert judged is not None
    (finding,) = [one for one in judged.findings if one.rule == "LAB-INR-001"]
    assert {(fix.field, fix.value) for fix in finding.fixes} == {("analyte", "prothrombin_time"), ("unit", "s")}


def test_one_recurrence_told_twice_with_different_treatment_is_held_both_times(bank: tuple[Hilum, Summary]) -> None:
    records = _with(bank, "CND-DUP-001")
    assert _lines(records) == {"clinical_nte_chol": [7, 8]}
    assert {record.state for record in records} == {RecordState.HELD}


def test_doses_with_a_decimal_comma_are_not_guessed(bank: tuple[Hilum, Summary]) -> None:
    records = _with(bank, "PRC-READ-001")
    assert _lines(records) == {"clinical_radiation_dlbc": [10, 13]}
    assert [dict(record.unreadable) for record in sorted(records, key=lambda one: one.locator.line)] == [
        {"dose": "25,2"},
        {"dose": "30,6"},
    ]
    told = [one.found for record in records if record.judgement for one in record.judgement.findings]
    assert "dose: 25,2" in told


def test_rows_of_new_tumours_that_tell_of_none_are_not_counted_as_recurrences(bank: tuple[Hilum, Summary]) -> None:
    lines = _lines(_with(bank, "CND-REQ-001"))
    assert {name: len(at) for name, at in lines.items()} == {
        "clinical_nte_dlbc": 22,
        "clinical_follow_up_v4.4_nte_dlbc": 49,
    }


def test_lymphomas_coded_by_their_site_are_pointed_out_but_enter(bank: tuple[Hilum, Summary]) -> None:
    records = _with(bank, "CND-SITE-005")
    assert _lines(records) == {"clinical_patient_dlbc": [9, 10, 13, 16, 23, 30, 39, 48, 50]}
    assert {record.state for record in records} == {RecordState.ACCEPTED}


def test_matrices_called_reads_per_million_hold_raw_counts(bank: tuple[Hilum, Summary]) -> None:
    records = _with(bank, "ASY-NUM-005")
    totals = [total for record in records if isinstance(total := record.fields.get("total"), float)]
    assert len(totals) == len(records) > 80
    assert max(totals) > 2_000_000
    assert all(total.is_integer() for total in totals)


def test_specimens_of_donors_without_a_clinical_record_wait_for_the_donor(bank: tuple[Hilum, Summary]) -> None:
    records = [one for one in _with(bank, "SPM-ID-003") if one.fields.get("level") == "sample"]
    assert Counter(name.rpartition("_")[2] for name, at in _lines(records).items() for _ in at) == {
        "chol": 30,
        "dlbc": 22,
    }
    assert {record.state for record in records} == {RecordState.HELD}


def test_a_column_named_twice_is_reported(bank: tuple[Hilum, Summary]) -> None:
    twice = {
        (one.locator.place.rpartition("/")[2].removeprefix(FILES), one.values["column"])
        for one in bank[1].problems
        if one.reason == "duplicate_header"
    }
    assert ("clinical_patient_dlbc.txt", "genetic_abnormality_results") in twice


def test_good_records_of_every_kind_enter(bank: tuple[Hilum, Summary]) -> None:
    with bank[0].bank.read() as unit:
        counts = unit.counts()
    for kind in (Kind.DONOR, Kind.FOLLOW_UP):
        assert counts[kind, RecordState.ACCEPTED] > 0
        assert counts.get((kind, RecordState.HELD), 0) == 0
    assert counts[Kind.SPECIMEN, RecordState.ACCEPTED] > 5 * counts[Kind.SPECIMEN, RecordState.HELD]


def test_the_same_archives_again_change_nothing(bank: tuple[Hilum, Summary], archives: list[Path]) -> None:
    app, _ = bank
    with app.bank.read() as unit:
        before = (unit.counts(), unit.finding_counts(), sum(1 for _ in unit.all_events()))
    again = _take(app, archives)
    assert (again.records, again.already) == (0, len(COHORTS))
    with app.bank.read() as unit:
        assert (unit.counts(), unit.finding_counts(), sum(1 for _ in unit.all_events())) == before
