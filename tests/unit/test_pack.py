"""Rule packs: strict reading, own rules beside the shipped ones, and the digest that names a rule set."""

from dataclasses import replace
from importlib import resources

import pytest

from hilum.errors import RuleError
from hilum.model.record import Kind
from hilum.quality.examples import gaps, trials, try_examples
from hilum.quality.finding import RuleOutcome
from hilum.quality.pack import build_ruleset, changes, load_pack, load_shipped

PACK = """pack: hospital
title: {zh: 本院, en: Hospital}
rules:
  - id: H-1
    version: 2
    grain: specimen
    title: {zh: 血清冷冻, en: Serum is frozen}
    when: specimen_type = 'Serum'
    assert: storage_c <= -70
    dimension: accuracy
    kahn: plausibility
    severity: warn
    weight: 2
    topic: numeric
    field: storage_c
    source: {standard: SOP-07}
    why: {zh: 会降解, en: It degrades}
    hint: {zh: '现为 {storage_c} ℃，应为 -{abs:storage_c}', en: 'Now {storage_c} of {donor.sex}, not {found}'}
    fixes:
      - {field: storage_c, set: 0 - storage_c, when: storage_c > 0, confidence: 0.9}
    examples:
      pass: [{specimen_type: Serum, storage_c: -70}]
      fail: [{specimen_type: Serum, storage_c: -69}, {specimen_type: Serum}]
      na: [{specimen_type: DNA, collected_at: 2024-03-05T08:00:00Z, created_on: 2024-03-05}]
"""


def broken(old: str, new: str) -> RuleError:
    assert old in PACK
    with pytest.raises(RuleError) as caught:
        load_pack(PACK.replace(old, new, 1), "own.yaml")
    assert caught.value.advice("zh")
    assert caught.value.advice("en")
    return caught.value


def test_a_pack_says_everything_a_rule_holds() -> None:
    (rule,) = load_pack(PACK, "own.yaml")
    assert (rule.id, rule.version, rule.grain, rule.weight) == ("H-1", 2, Kind.SPECIMEN, 2)
    assert rule.when == "specimen_type = 'Serum'"
    assert rule.fixes[0].set_to == "0 - storage_c"
    assert rule.place == "own.yaml:4"
    assert rule.pack == "hospital"


def test_dates_in_examples_become_day_and_second_numbers() -> None:
    (rule,) = load_pack(PACK, "own.yaml")
    assert rule.examples.not_applicable[0] == {"specimen_type": "DNA", "collected_at": 1709625600, "created_on": 19787}


def test_the_examples_of_a_rule_are_run() -> None:
    (rule,) = load_pack(PACK, "own.yaml")
    assert [trial.found for trial in trials(rule)] == [
        RuleOutcome.PASS,
        RuleOutcome.FAIL,
        RuleOutcome.UNKNOWN,
        RuleOutcome.NOT_APPLICABLE,
    ]
    assert try_examples([rule]) == (4, ())
    wrong = replace(rule, condition="storage_c >= -70")
    assert {(miss.expected, miss.found) for miss in try_examples([wrong])[1]} == {(RuleOutcome.FAIL, RuleOutcome.PASS)}
    assert list(gaps([replace(rule, examples=replace(rule.examples, not_applicable=()))])) == [
        ("H-1", "not_applicable")
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason", "line"),
    [
        ("    weight: 2\n", "    weight: 2\n    weight: 3\n", "pack_key_twice", 14),
        ("    weight: 2\n", "    wieght: 2\n", "pack_key_unknown", 13),
        ("    version: 2\n", "", "pack_key_missing", 4),
        ("version: 2", "version: two", "pack_not_a_whole_number", 5),
        ("version: 2", "version: true", "pack_not_a_whole_number", 5),
        ("weight: 2", "weight: 11", "pack_not_a_whole_number", 13),
        ("grain: specimen", "grain: tissue", "pack_not_an_option", 6),
        ("severity: warn", "severity: fatal", "pack_not_an_option", 12),
        ("dimension: accuracy", "dimension: beauty", "pack_not_an_option", 10),
        ("topic: numeric", "topic: moon", "pack_not_an_option", 14),
        ("field: storage_c", "field: colour", "pack_not_an_option", 15),
        (", en: Serum is frozen}", "}", "pack_key_missing", 7),
        ("zh: 血清冷冻", "zh: ''", "pack_not_a_text", 7),
        ("zh: 血清冷冻", "zh: 7", "pack_not_a_text", 7),
        ("{storage_c} of", "{colour} of", "pack_hint_column", 18),
        ("{storage_c} of", "{storage_c of", "pack_hint_braces", 18),
        ("{storage_c} of", "{storage_c.__class__} of", "pack_hint_column", 18),
        ("confidence: 0.9", "confidence: 2", "pack_not_a_share", 20),
        ("field: storage_c, set", "field: donor.sex, set", "pack_not_an_option", 20),
        ("[{specimen_type: Serum, storage_c: -70}]", "[{colour: red}]", "pack_example_column", 22),
        ("storage_c: -70}]", "storage_c: '-70'}]", "pack_example_type", 22),
        ("specimen_type: Serum, storage_c: -70", "specimen_type: 5, storage_c: -70", "pack_example_type", 22),
        ("storage_c: -70}]", "storage_c: true}]", "pack_example_type", 22),
        ("pass: [{specimen_type: Serum, storage_c: -70}]", "pass: 7", "pack_not_a_list", 22),
        ("title: {zh: 本院, en: Hospital}", "title: here", "pack_not_a_mapping", 2),
        ("weight: 2", "weight: !!python/object/apply:os.getcwd []", "pack_not_a_value", 13),
        ("weight: 2", "weight: &w 2", "pack_not_yaml", 13),
        ("    weight: 2\n", "    weight: 2\n   bad\n", "pack_not_yaml", 14),
        ("pack: hospital", "--- 1\n---\npack: hospital", "pack_not_yaml", 2),
    ],
)
def test_what_a_pack_cannot_mean_is_refused_with_its_line(old: str, new: str, reason: str, line: int) -> None:
    found = broken(old, new)
    assert found.reason == reason
    assert found.values["place"] == f"own.yaml:{line}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("storage_c <= -70", "storage_temp <= -70"),
        ("storage_c <= -70", "shout(storage_c)"),
        ("storage_c <= -70", "storage_c + 1"),
        ("storage_c <= -70", "specimen_type <= -70"),
        ("storage_c <= -70", "storage_c / 2 < 1"),
        ("specimen_type = 'Serum'", "in_codes(specimen_type, 'colours')"),
        ("set: 0 - storage_c", "set: 0 - nothing"),
    ],
)
def test_a_predicate_the_language_cannot_mean_is_refused_with_its_line(old: str, new: str) -> None:
    assert str(broken(old, new).values["place"]).startswith("own.yaml:")


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "- 1\n", "pack: 7\n", "rules: []\n", "[" * 5000, "- " * 100000, "\x00"]
)
def test_a_text_that_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        load_pack(text, "own.yaml")


def test_aliases_cannot_blow_a_pack_up() -> None:
    layers = "".join(f"{chr(97 + i)}: &{chr(97 + i)} [{', '.join(['*' + chr(96 + i)] * 9)}]\n" for i in range(1, 9))
    with pytest.raises(RuleError) as caught:
        load_pack("a: &a [1]\n" + layers, "own.yaml")
    assert caught.value.reason == "pack_not_yaml"


def test_a_pack_longer_than_anyone_reads_is_refused() -> None:
    with pytest.raises(RuleError) as caught:
        load_pack("#" * 2_000_001, "own.yaml")
    assert caught.value.reason == "pack_too_long"


def test_two_rules_with_one_id_are_refused_naming_both_places() -> None:
    twice = PACK + PACK[PACK.index("  - id: H-1") :]
    with pytest.raises(RuleError) as caught:
        load_pack(twice, "own.yaml")
    assert (caught.value.values["place"], caught.value.values["other"]) == ("own.yaml:25", "own.yaml:4")
    with pytest.raises(RuleError) as across:
        build_ruleset(load_pack(PACK, "one.yaml"), load_pack(PACK, "two.yaml"))
    assert (across.value.values["place"], across.value.values["other"]) == ("two.yaml:4", "one.yaml:4")


def test_a_hospital_replaces_a_shipped_rule_and_the_digest_says_so() -> None:
    shipped = load_pack(PACK, "shipped.yaml")
    own = load_pack(PACK.replace("id: H-1", "id: OWN-1").replace("    weight: 2", "    overrides: H-1"), "own.yaml")
    before, after = build_ruleset(shipped), build_ruleset(shipped, own)
    assert [rule.id for rule in after.rules] == ["OWN-1"]
    assert before.digest != after.digest
    (change,) = changes(shipped, own)
    assert (change.rule, change.what, change.by) == ("H-1", "replaced", "OWN-1")


def test_a_hospital_switches_a_shipped_rule_off_with_a_reason() -> None:
    shipped = load_pack(PACK, "shipped.yaml")
    off = load_pack("pack: own\ndisable:\n  - {id: H-1, reason: {zh: 不用, en: not used here}}\n", "own.yaml")
    other = load_pack("pack: own\ndisable:\n  - {id: H-1, reason: {zh: 不用, en: other reason}}\n", "own.yaml")
    found = build_ruleset(shipped, off)
    assert found.rules == ()
    assert found.digest != build_ruleset(shipped, other).digest
    assert [(c.rule, c.what, c.reason.en) for c in changes(shipped, off)] == [("H-1", "disabled", "not used here")]


@pytest.mark.parametrize(
    "own",
    [
        "pack: own\ndisable:\n  - {id: NONE, reason: {zh: 不用, en: none}}\n",
        PACK.replace("id: H-1", "id: OWN-1").replace("    weight: 2", "    overrides: NONE"),
    ],
)
def test_changing_a_rule_that_is_not_there_is_refused(own: str) -> None:
    with pytest.raises(RuleError) as caught:
        build_ruleset(load_pack(PACK, "shipped.yaml"), load_pack(own, "own.yaml"))
    assert caught.value.reason == "pack_target_unknown"


def test_the_digest_names_the_content_and_not_the_order_or_the_lines() -> None:
    one = load_pack(PACK, "a.yaml")
    moved = load_pack("# a remark\n\n" + PACK, "a.yaml")
    assert build_ruleset(one).digest == build_ruleset(moved).digest
    heavier = load_pack(PACK.replace("weight: 2", "weight: 3"), "a.yaml")
    assert build_ruleset(one).digest != build_ruleset(heavier).digest
    second = load_pack(PACK.replace("id: H-1", "id: H-0"), "b.yaml")
    assert build_ruleset(one, second) == build_ruleset(second, one)


def test_shipped_rules_stand_in_a_stable_order() -> None:
    rules = build_ruleset(load_shipped()).rules
    kinds = list(Kind)
    assert [(kinds.index(rule.grain), rule.id) for rule in rules] == sorted((kinds.index(r.grain), r.id) for r in rules)


def test_the_example_in_the_manual_is_a_pack_that_loads_and_agrees_with_itself() -> None:
    from hilum.messages import text

    for language in ("zh", "en"):
        page = text("manual.rules.intro", language, count=1)
        pack = page.split("```yaml\n")[1].split("```")[0]
        assert try_examples(load_pack(pack, "manual.md")) == (4, ())


def test_every_shipped_pack_also_passes_the_strict_reading_of_a_hospitals_own() -> None:
    files = [file for file in (resources.files("hilum") / "rules").iterdir() if file.name.endswith(".yaml")]
    strict = [rule for file in files for rule in load_pack(file.read_text(encoding="utf-8"), file.name)]
    assert sorted(rule.id for rule in strict) == sorted(rule.id for rule in load_shipped())
