"""What a curator reads in a hint: words for codes, yes and no, dates of ancestors, and what could not be read."""

import pytest

from hilum.messages import Language
from hilum.model.record import Kind, Value
from hilum.quality import hint
from hilum.quality.finding import Finding
from hilum.quality.gate import Gate
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.quality.row import Row

GATE = Gate(build_ruleset(load_shipped()))


def _finding(rule: str, kind: Kind, row: Row, unreadable: dict[str, str] | None = None) -> Finding:
    found = [one for one in GATE.judge(kind, row, unreadable=unreadable or {}).findings if one.rule == rule]
    assert len(found) == 1
    return found[0]


def _told(rule: str, kind: Kind, row: Row, language: Language) -> str:
    return hint.hint(_finding(rule, kind, row), GATE.rule(rule), language)


@pytest.mark.parametrize(
    ("rule", "kind", "row", "chinese", "english"),
    [
        (
            "CNS-STA-003",
            Kind.CONSENT,
            {"status": "deceased", "donor.known": True, "donor.vital_status": "alive"},
            "存活",
            "Alive",
        ),
        ("LAB-UNIT-001", Kind.OBSERVATION, {"analyte": "platelets", "value": 210.0}, "血小板", "Platelet"),
        ("SLD-FFP-001", Kind.SLIDE, {"is_ffpe": False, "specimen.is_ffpe": True}, "为 否", "is no for"),
        ("CND-CODE-004", Kind.CONDITION, {"pathologic_stage": "Stage Tis"}, "Stage Tis", "Stage Tis"),
    ],
)
def test_codes_and_yes_and_no_are_told_in_words_and_unknown_codes_as_written(
    rule: str, kind: Kind, row: dict[str, Value], chinese: str, english: str
) -> None:
    assert chinese in _told(rule, kind, row, "zh")
    assert english in _told(rule, kind, row, "en")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_day_an_ancestor_was_made_is_told_as_a_date(language: Language) -> None:
    row: Row = {"shipped_on": 14685, "lineage.created_on": 15674}
    said = _told("SPM-TIM-013", Kind.SPECIMEN, row, language)
    assert "2010-03-17" in said
    assert "2012-11-30" in said


def test_what_could_not_be_read_is_shown_and_personal_text_is_masked() -> None:
    texts = {"total_dose": "360+3600", "dose": "60+600"}
    found = _finding("MED-READ-001", Kind.MEDICATION, {"unreadable": "dose,total_dose"}, texts).found
    assert found == "dose: 60+600; total_dose: 360+3600"
    born = _finding("DNR-READ-001", Kind.DONOR, {"unreadable": "birth_on"}, {"birth_on": "1964-02-30"}).found
    assert born.startswith("birth_on: ")
    assert "1964-02-30" not in born
