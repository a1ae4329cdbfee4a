"""The words of findings: every place filled, in both languages, for every shipped rule's own failing examples."""

import re
from dataclasses import replace
from functools import cache

import pytest

from hilum.messages import LANGUAGES, Language
from hilum.model.record import Kind, Value
from hilum.model.text import Bilingual
from hilum.quality import hint
from hilum.quality.finding import Finding
from hilum.quality.gate import Gate
from hilum.quality.pack import load_shipped
from hilum.quality.rule import Rule, Ruleset
from hilum.quality.shown import plain
from tests.unit.registry.stage import rule

RULES = load_shipped()
PACKS = sorted({one.pack for one in RULES})
_EMPTY = {"zh": "（空）", "en": "(empty)"}


@cache
def _findings(pack: str) -> list[tuple[Rule, Finding]]:
    """What each rule of a pack, alone, says of each of its failing examples."""
    found = []
    for one in RULES:
        if one.pack == pack:
            gate = Gate(Ruleset((one,), "d"))
            for row in one.examples.fails:
                (finding,) = gate.judge(one.grain, dict(row)).findings
                found.append((one, finding))
    return found


def _words(one: Rule, finding: Finding, language: Language) -> list[str]:
    return [part(finding, one, language) for part in (hint.title, hint.why, hint.hint)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pack", PACKS)
def test_every_place_in_a_shipped_rules_words_is_filled(pack: str, language: Language) -> None:
    amiss = [
        (one.id, words)
        for one, finding in _findings(pack)
        for words, template in zip(
            _words(one, finding, language),
            (one.title.say(language), one.why.say(language), one.hint.say(language)),
            strict=True,
        )
        if re.search(r"[⟨⟩{}]|•••{2}", words)
        or len(re.findall(r"\b(None|nan|inf|True|False)\b", words))
        > len(re.findall(r"\b(None|nan|inf|True|False)\b", template))
        or not words.strip()
    ]
    assert not amiss


@pytest.mark.parametrize("pack", PACKS)
def test_the_two_languages_of_a_shipped_rule_differ_and_say_the_same_values(pack: str) -> None:
    for one, finding in _findings(pack):
        for words in (one.title, one.why, one.hint):
            assert words.zh != words.en, one.id
        for language in LANGUAGES:
            said = hint.hint(finding, one, language)
            shown = [
                plain(value)
                for name, value in finding.values.items()
                if f"{{{name}}}" in one.hint.say(language)
                and isinstance(value, int | float)
                and value is not True
                and value
            ]
            assert not [value for value in shown if value not in said], one.id


@pytest.mark.parametrize("pack", PACKS)
def test_a_shipped_rule_never_breaks_on_its_own_examples(pack: str) -> None:
    assert not [one.id for one, finding in _findings(pack) if finding.broken]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_expected_is_said_in_the_rules_own_words(language: Language) -> None:
    for pack in PACKS:
        for one, finding in _findings(pack):
            said = hint.expected(finding, one, language)
            assert " ".join(one.condition.split()) in said
            assert " ".join(one.when.split()) in said
            assert "⟨" not in said


# templates -----------------------------------------------------------------------------------------------------------


def _said(template: str, row: dict[str, Value], language: Language = "zh", field: str = "storage_c") -> str:
    made = replace(
        rule("R", Kind.SPECIMEN, "storage_c <= 0 AND parent.known AND donor.sex = 'x'", field=field),
        hint=Bilingual(template, template),
    )
    (finding,) = Gate(Ruleset((made,), "d")).judge(Kind.SPECIMEN, row).findings
    return hint.hint(finding, made, language)


@pytest.mark.parametrize(
    ("template", "row", "said"),
    [
        ("plain", {}, "plain"),
        ("{storage_c} ℃", {"storage_c": 80.0}, "80 ℃"),
        ("{storage_c}", {"storage_c": 0.1}, "0.1"),
        ("{storage_c}/{storage_c}", {"storage_c": 1}, "1/1"),
        ("{abs:storage_c}", {"storage_c": -5.5}, "5.5"),
        ("{abs:storage_c}", {"storage_c": 5}, "5"),
        ("{abs:donor.sex}", {"donor.sex": "male"}, "男"),
        ("{found}", {"storage_c": 80.0}, "80"),
        ("{found}", {}, "（空）"),
        ("{donor.sex}", {"donor.sex": "male"}, "男"),
        ("{donor.sex}", {"donor.sex": "a code of nobody"}, "a code of nobody"),
        ("{donor.sex}", {}, "（空）"),
        ("{donor.sex}", {"donor.sex": ""}, "（空）"),
        ("{parent.known}", {"parent.known": True}, "是"),
        ("{donor.sex}", {"donor.sex": "{storage_c}"}, "{storage_c}"),
        ("{created_on}", {"created_on": 19782}, "2024-02-29"),
        ("{donor.name}", {"donor.name": "欧阳小娜娜"}, "欧•••娜"),
    ],
)
def test_places_are_filled_with_the_values_of_the_finding(template: str, row: dict[str, Value], said: str) -> None:
    assert _said(template, row) == said


def test_a_value_that_is_missing_is_said_to_be_missing_in_either_language() -> None:
    assert _said("{donor.sex}", {}, "zh") == _EMPTY["zh"]
    assert _said("{donor.sex}", {}, "en") not in ("", "None", _EMPTY["zh"])


def test_the_columns_named_in_words_are_known() -> None:
    made = replace(
        rule("R", Kind.SPECIMEN, "TRUE"),
        title=Bilingual("{tube}", "{found}"),
        why=Bilingual("x", "{donor.sex}"),
        hint=Bilingual("{abs:storage_c}", "x"),
    )
    assert hint.placeholders(made) == {"tube", "donor.sex", "storage_c"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rule_that_broke_says_so_instead_of_its_hint(language: Language) -> None:
    made = rule("R", Kind.SPECIMEN, "storage_c > 0")
    (finding,) = Gate(Ruleset((made,), "d")).judge(Kind.SPECIMEN, {"storage_c": "warm"}).findings
    assert finding.broken
    assert hint.hint(finding, made, language) not in ("", made.hint.say(language))
    assert hint.title(finding, made, language) == made.title.say(language)


def test_a_rule_that_is_no_longer_in_force_still_has_a_name() -> None:
    made = rule("GONE-7", Kind.SPECIMEN, "storage_c > 0")
    (finding,) = Gate(Ruleset((made,), "d")).judge(Kind.SPECIMEN, {}).findings
    assert hint.title(finding, None, "zh") == "GONE-7"
    assert hint.expected(finding, None, "zh") == ""
