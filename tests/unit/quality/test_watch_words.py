"""The words of notices: every rule in both languages, nothing left to fill in."""

import pytest

from hilum.messages import LANGUAGES, Language
from hilum.model.record import Value
from hilum.quality import watch_words
from hilum.quality.rule import Severity
from hilum.quality.watch import DIMENSIONS, CloseReason, Notice, WatchRule, instant_of

FACTS: dict[WatchRule, dict[str, Value]] = {
    WatchRule.STEP: {"sop": "plasma", "step": "centrifuge", "hint_zh": "核对时间。", "hint_en": "Check the times."},
    WatchRule.OVERDUE: {"dispatched_at": instant_of(0)},
    WatchRule.STRANGER: {"logger": "L-2", "named": "L-1"},
    WatchRule.SILENT: {"logger": "L-1", "allowed_min": 15},
    WatchRule.FAULT: {"logger": "L-1"},
    WatchRule.FLAT: {"logger": "L-1", "value_c": 4.5, "minutes": 40.0},
    WatchRule.CLOCK: {"logger": "L-1", "offset_min": 480},
    WatchRule.OPENED: {"logger": "L-1", "low_c": None, "high_c": -60.0, "worst_c": -55.25},
    WatchRule.OUTSIDE: {"logger": "L-1", "low_c": 2.0, "high_c": 8.0, "worst_c": 14.1, "minutes": 9.6},
    WatchRule.TOTAL: {"low_c": 2.0, "high_c": 8.0, "minutes": 42.0, "mkt_c": 9.114},
    WatchRule.KINETIC: {"high_c": 8.0, "mkt_c": None},
    WatchRule.WAITING: {"kind": "specimen", "count": 12},
}


def a_notice(rule: WatchRule) -> Notice:
    since = instant_of(1_773_648_000)
    return Notice("NTC-1", f"{rule.value}:x", "T-1", Severity.WARN, since, since, body=FACTS[rule])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", WatchRule)
def test_every_rule_says_what_why_and_what_to_do(rule: WatchRule, language: Language) -> None:
    notice = a_notice(rule)
    said = [part(notice, language) for part in (watch_words.title, watch_words.why, watch_words.hint)]
    assert all(said)
    assert not [words for words in said if "⟨" in words or "{" in words or "None" in words]
    assert rule in DIMENSIONS


def test_a_step_is_named_by_its_word_and_the_procedures_own_advice_is_given() -> None:
    notice = a_notice(WatchRule.STEP)
    assert "离心" in watch_words.title(notice, "zh")
    assert watch_words.hint(notice, "en").endswith("Check the times.")


def test_instants_and_numbers_are_shown_as_people_read_them() -> None:
    words = watch_words.hint(a_notice(WatchRule.OPENED), "en")
    assert "2026-03-16 08:00 UTC" in words
    assert "— to -60 Cel" in words
    assert "-55.25 Cel" in words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", CloseReason)
def test_every_reason_for_closing_has_its_words(reason: CloseReason, language: Language) -> None:
    since = instant_of(0)
    notice = Notice("NTC-1", "WCH-LOG-001", "T-1", Severity.WARN, since, since, since, reason.value)
    assert watch_words.reason(notice, language)
    assert not watch_words.reason(a_notice(WatchRule.SILENT), language)
