"""The gate: one record in, one judgement out, closed when in doubt, and nothing personal in what it says."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from hilum.errors import RuleError
from hilum.messages import LANGUAGES
from hilum.model.record import Kind, Value
from hilum.model.text import Bilingual
from hilum.quality import hint
from hilum.quality.finding import Finding, Judgement, RuleOutcome, Verdict
from hilum.quality.gate import NO_RULES, Gate
from hilum.quality.rule import Dimension, FixSpec, Rule, Ruleset, Severity
from hilum.quality.score import CAP
from tests.unit.registry.stage import rule

ROW: dict[str, Value] = {"specimen_id": "S1", "volume_ul": 0.0, "tube": "EDTA"}
FILLING = tuple(rule(f"OK-{one.value}", Kind.SPECIMEN, "TRUE", dimension=one, weight=20) for one in Dimension)
"""Rules that pass whatever the row, so that one finding does not decide the total."""

HOW: dict[str, tuple[str, Mapping[str, Value]]] = {
    "passes": ("volume_ul >= 0", {}),
    "fails": ("volume_ul > 0", {}),
    "is unknown": ("weight_mg > 0", {}),
    "breaks": ("concentration > 0", {"concentration": "a text where a number must be"}),
    "does not apply": ("volume_ul > 0", {}),
}


def _rule(how: str, severity: Severity, id_: str = "R") -> Rule:
    when = "tube = 'SST'" if how == "does not apply" else ""
    return rule(id_, Kind.SPECIMEN, HOW[how][0], when, severity=severity, field="volume_ul")


def _judge(*rules: Rule, row: Mapping[str, Value] = ROW, waived: tuple[str, ...] = (), **unreadable: str) -> Judgement:
    gate = Gate(Ruleset((*rules, *FILLING), "the digest"))
    return gate.judge(rules[0].grain if rules else Kind.SPECIMEN, dict(row), waived=waived, unreadable=unreadable)


def _only(judgement: Judgement) -> Finding:
    (finding,) = judgement.findings
    return finding


STOPS = {
    Severity.REJECT: Verdict.REJECT,
    Severity.BLOCK: Verdict.HOLD,
    Severity.WARN: Verdict.ACCEPT,
    Severity.INFO: Verdict.ACCEPT,
}


@pytest.mark.parametrize("waived", [False, True], ids=["", "waived"])
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("severity", list(Severity))
def test_the_verdict_follows_from_severity_outcome_and_waiver(severity: Severity, how: str, waived: bool) -> None:
    judgement = _judge(_rule(how, severity), row={**ROW, **HOW[how][1]}, waived=("R",) if waived else ())
    stopped = how in ("fails", "is unknown", "breaks")
    assert judgement.verdict is (STOPS[severity] if stopped and not waived else Verdict.ACCEPT)
    assert [finding.rule for finding in judgement.findings] == (["R"] if stopped else [])
    assert judgement.applied == len(FILLING) + (how != "does not apply")
    capped = stopped and not waived and severity in (Severity.REJECT, Severity.BLOCK)
    assert (judgement.score.total <= CAP) is capped
    if stopped:
        finding = judgement.findings[0]
        expected = RuleOutcome.FAIL if how == "fails" else RuleOutcome.UNKNOWN
        assert (finding.outcome, finding.broken, finding.waived) == (expected, how == "breaks", waived)
        assert (finding.cost > 0) is (not waived and severity is not Severity.INFO)
    if waived or not stopped or severity is Severity.INFO:
        assert judgement.score.total == 100.0


@pytest.mark.parametrize(
    ("severities", "waived", "verdict"),
    [
        ("reject block", "", Verdict.REJECT),
        ("block reject", "", Verdict.REJECT),
        ("block reject", "1", Verdict.HOLD),
        ("reject block", "0", Verdict.HOLD),
        ("reject block", "01", Verdict.ACCEPT),
        ("warn info block", "", Verdict.HOLD),
        ("warn info block", "2", Verdict.ACCEPT),
        ("reject reject", "0", Verdict.REJECT),
    ],
)
def test_the_gravest_finding_that_is_not_waived_decides(severities: str, waived: str, verdict: Verdict) -> None:
    rules = [_rule("fails", Severity(word), str(n)) for n, word in enumerate(severities.split())]
    assert _judge(*rules, waived=tuple(waived)).verdict is verdict


def test_a_record_of_which_too_much_is_doubtful_is_held_though_nothing_blocks() -> None:
    rules = [replace(_rule("fails", Severity.WARN, f"R{n}"), weight=100, dimension=d) for n, d in enumerate(Dimension)]
    judgement = _judge(*rules)
    assert judgement.score.total < 60
    assert judgement.verdict is Verdict.HOLD


@pytest.mark.parametrize("how", ["fails", "is unknown", "breaks"])
def test_a_waived_finding_stands_but_the_record_scores_as_if_its_rule_were_not_there(how: str) -> None:
    """Above and below the line: beside another finding, weight left below would lessen what that one costs."""
    row = {**ROW, **HOW[how][1]}
    other = _rule("fails", Severity.WARN, "OTHER")
    waived = _judge(_rule(how, Severity.BLOCK), other, row=row, waived=("R",))
    alone = _judge(other, row=row)
    assert waived.score == alone.score
    assert (waived.verdict, waived.findings[1]) == (alone.verdict, alone.findings[0])
    assert (waived.findings[0].waived, waived.findings[0].cost) == (True, 0.0)


def test_a_waiver_of_a_rule_that_did_not_fail_changes_nothing() -> None:
    assert _judge(_rule("passes", Severity.BLOCK), waived=("R", "X")) == _judge(_rule("passes", Severity.BLOCK))


def test_findings_come_in_the_order_of_the_rules_and_their_costs_add_up() -> None:
    judgement = _judge(*(_rule(how, Severity.WARN, how) for how in ("is unknown", "fails")))
    assert [finding.rule for finding in judgement.findings] == ["is unknown", "fails"]
    assert sum(finding.cost for finding in judgement.findings) == pytest.approx(100 - judgement.score.total)


def test_a_judgement_names_the_rule_set_that_spoke_and_is_the_same_every_time() -> None:
    one, other = (_judge(_rule("fails", Severity.WARN)) for _ in range(2))
    assert one == other
    assert one.ruleset == "the digest"


# doubt ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules", [(), (rule("R", Kind.ASSAY, "TRUE"),), (rule("R", Kind.SPECIMEN, "TRUE", "tube = 'SST'"),)]
)
def test_a_record_that_no_rule_looked_at_is_never_accepted(rules: tuple[Rule, ...]) -> None:
    judgement = Gate(Ruleset(rules, "d")).judge(Kind.SPECIMEN, dict(ROW))
    assert (judgement.verdict, judgement.score.total, judgement.applied) == (Verdict.HOLD, 0.0, 0)
    finding = _only(judgement)
    assert (finding.rule, finding.severity, finding.cost) == (NO_RULES, Severity.BLOCK, 100.0)
    for words in (hint.title, hint.why, hint.hint):
        assert words(finding, None, "zh") != words(finding, None, "en") != NO_RULES


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_without_rules_is_held_whatever_its_kind_and_waivers(kind: Kind) -> None:
    gate = Gate(Ruleset((), "d"))
    assert gate.judge(kind, {}, waived=(NO_RULES,)).verdict is Verdict.HOLD
    assert gate.needs(kind) == frozenset()


@pytest.mark.parametrize(
    "value",
    ["12", True, [1.0], {"a": 1}, object(), b"1"],
    ids=["text", "truth value", "list", "mapping", "object", "bytes"],
)
def test_a_value_of_another_type_breaks_the_rules_that_read_it_and_no_other(value: Value) -> None:
    judgement = _judge(
        rule("READS", Kind.SPECIMEN, "concentration > 0 OR TRUE", severity=Severity.WARN),
        rule("READS-WHEN", Kind.SPECIMEN, "TRUE", "concentration > 0", severity=Severity.WARN),
        rule("OTHER", Kind.SPECIMEN, "volume_ul >= 0"),
        row={**ROW, "concentration": value},
    )
    assert [(finding.rule, finding.outcome, finding.broken) for finding in judgement.findings] == [
        ("READS", RuleOutcome.UNKNOWN, True),
        ("READS-WHEN", RuleOutcome.UNKNOWN, True),
    ]
    for finding in judgement.findings:
        assert hint.hint(finding, None, "zh") != hint.hint(finding, None, "en")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e61, 10**400])
def test_a_number_outside_the_language_is_unknown(value: float) -> None:
    finding = _only(_judge(rule("R", Kind.SPECIMEN, "concentration > 0"), row={**ROW, "concentration": value}))
    assert (finding.outcome, finding.broken) == (RuleOutcome.UNKNOWN, False)


def test_a_rule_that_cannot_be_read_stops_its_kind_and_no_other() -> None:
    gate = Gate(Ruleset((rule("BAD", Kind.ASSAY, "no_such_column > 0"), *FILLING), "d"))
    assert gate.judge(Kind.SPECIMEN, dict(ROW)).verdict is Verdict.ACCEPT
    for _ in range(2):
        with pytest.raises(RuleError):
            gate.judge(Kind.ASSAY, {})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hint": Bilingual("{volum_ul}", "x")}, "hint_column"),
        ({"title": Bilingual("x", "{donor.sx}")}, "hint_column"),
        ({"field": "volum_ul"}, "rule_field"),
        ({"fixes": (FixSpec("volum_ul", "1"),)}, "fix_field"),
        ({"fixes": (FixSpec("parent.volume_ul", "1"),)}, "fix_field"),
        ({"fixes": (FixSpec("volume_ul", "'1'"),)}, "fix_type"),
    ],
)
def test_words_fields_and_fixes_of_a_rule_must_exist(changes: Mapping[str, object], reason: str) -> None:
    with pytest.raises(RuleError) as refused:
        _judge(replace(_rule("fails", Severity.WARN), place="own.yaml:7", **changes))  # type: ignore[arg-type]
    assert refused.value.reason == reason
    assert "own.yaml:7" in refused.value.message("zh")


# what is shown -------------------------------------------------------------------------------------------------------

_DONOR: dict[str, Value] = {
    "donor_id": "TCGA-AB-1234",
    "name": "欧阳娜娜",
    "national_id": "11010519491231002X",
    "phone": "13800001234",
    "birth_on": -7300,
    "sex": "female",
}
_SECRETS = ("TCGA-AB-1234", "欧阳娜娜", "11010519491231002X", "13800001234", "1950-01-06", "-7300")


_OPEN = {Kind.DONOR: "race", Kind.SPECIMEN: "tube", Kind.ASSAY: "platform"}
"""A text of each kind that is not personal, into which a fix could copy something that is."""


def _personal(grain: Kind, prefix: str, field: str) -> Rule:
    names = [f"{prefix}{name}" for name in _DONOR]
    words = Bilingual(" ".join(f"{{{name}}}" for name in names) + "{found}", " ".join(f"{{{name}}}" for name in names))
    return replace(
        rule("R", grain, f"{prefix}name = 'X' AND {prefix}birth_on > 0", field=field),
        title=words,
        why=words,
        hint=words,
        fixes=(
            FixSpec(field, "5" if field == "birth_on" else "'13800001234'"),
            FixSpec(_OPEN[grain], f"{prefix}name"),
            FixSpec(_OPEN[grain], "'x'", f"{prefix}name <> 'X'"),
        ),
    )


@pytest.mark.parametrize(
    ("grain", "prefix", "field"),
    [
        *((Kind.DONOR, "", field) for field in ("donor_id", "name", "national_id", "phone", "birth_on")),
        (Kind.DONOR, "earlier.", "phone"),
        (Kind.SPECIMEN, "donor.", "donor_id"),
        (Kind.ASSAY, "donor.", "donor_id"),
    ],
)
def test_no_personal_value_is_in_a_finding_or_its_words(grain: Kind, prefix: str, field: str) -> None:
    made = _personal(grain, prefix, field)
    row: dict[str, Value] = {f"{prefix}{name}": value for name, value in _DONOR.items()}
    row["donor_id"] = _DONOR["donor_id"]
    judgement = Gate(Ruleset((made,), "d")).judge(grain, row, unreadable={})
    finding = _only(judgement)
    said = [words(finding, made, language) for words in (hint.title, hint.why, hint.hint) for language in LANGUAGES]
    told = repr(finding) + "".join(said)
    assert not [secret for secret in _SECRETS if secret in told]
    assert "•••" in finding.found or field not in row
    assert finding.fixes == ()


def test_a_personal_text_that_could_not_be_read_is_masked_too() -> None:
    made = rule("R", Kind.DONOR, "birth_on IS NOT NULL", field="birth_on")
    judgement = Gate(Ruleset((made,), "d")).judge(Kind.DONOR, {}, unreadable={"birth_on": "1950年1月6日"})
    assert _only(judgement).found == "1•••日"


@pytest.mark.parametrize(("name", "shown"), [("王芳", "•••"), ("欧阳娜娜", "•••"), ("Zhang San", "Z•••n")])
def test_of_a_short_personal_text_nothing_is_shown(name: str, shown: str) -> None:
    made = rule("R", Kind.DONOR, "name = 'X'", field="name")
    assert _only(Gate(Ruleset((made,), "d")).judge(Kind.DONOR, {"name": name})).found == shown


def test_a_text_that_could_not_be_read_is_shown_as_it_was_received() -> None:
    made = rule("R", Kind.SPECIMEN, "volume_ul > 0", field="volume_ul")
    assert _only(_judge(made, row={}, volume_ul="约 2 毫升")).found == "约 2 毫升"
    assert _only(_judge(made, row=ROW, tube="?")).found == "0"


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("created_on", 19782, "2024-02-29"),
        ("created_on", -1, "1969-12-31"),
        ("created_on", 10**9, "1000000000"),
        ("collected_at", 60, "1970-01-01T00:01:00Z"),
        ("volume_ul", 2.0, "2"),
        ("volume_ul", 2.5, "2.5"),
        ("volume_ul", 1e60, "1e+60"),
        ("is_ffpe", True, "true"),
        ("tube", "血清管", "血清管"),
        ("tube", None, ""),
        ("parent.created_on", 0, "1970-01-01"),
        ("lineage.created_on", 0, "1970-01-01"),
        ("received.on", 0, "1970-01-01"),
        ("received.at", 0, "1970-01-01T00:00:00Z"),
    ],
)
def test_values_are_shown_as_people_write_them(field: str, value: Value, shown: str) -> None:
    made = rule("R", Kind.SPECIMEN, f"{field} IS NULL AND FALSE", field=field)
    finding = _only(_judge(made, row={**ROW, field: value}))
    assert finding.found == shown
    assert set(finding.values) == {field}


def test_a_finding_has_the_columns_its_rule_reads_and_names_and_no_others() -> None:
    made = replace(
        rule("R", Kind.SPECIMEN, "volume_ul > weight_mg", "tube = 'EDTA'", field="volume_ul"),
        hint=Bilingual("{donor.sex}", "{parent.tube}"),
    )
    finding = _only(_judge(made, row={**ROW, "weight_mg": 5.0, "uuid": "x"}))
    assert finding.values == {
        "volume_ul": 0.0, "weight_mg": 5.0, "tube": "EDTA", "donor.sex": None, "parent.tube": None
    }  # fmt: skip


def test_the_gate_says_which_columns_it_needs() -> None:
    made = replace(
        rule("R", Kind.SPECIMEN, "volume_ul > 0", "parent.known", field="location"),
        hint=Bilingual("{donor.sex}", "x"),
        fixes=(FixSpec("volume_ul", "parent.volume_ul", "siblings.count = 0"),),
    )
    assert Gate(Ruleset((made,), "d")).needs(Kind.SPECIMEN) == {
        "volume_ul", "parent.known", "location", "donor.sex", "parent.volume_ul", "siblings.count"
    }  # fmt: skip


# fixes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fix", "row", "offered"),
    [
        (FixSpec("storage_c", "-storage_c", "storage_c > 0"), {"storage_c": 80.0}, -80.0),
        (FixSpec("storage_c", "-storage_c", "storage_c > 0"), {"storage_c": -80.0}, None),
        (FixSpec("storage_c", "-storage_c", "storage_c > 0"), {}, None),
        (FixSpec("storage_c", "storage_c * 1"), {"storage_c": 80.0}, None),
        (FixSpec("plate_column", "try_num(well)"), {"well": "7"}, 7),
        (FixSpec("plate_column", "try_num(well)"), {"well": "7.5"}, None),
        (FixSpec("plate_column", "try_num(well)"), {"well": "B"}, None),
        (FixSpec("created_on", "created_on + 1"), {"created_on": 19782}, "2024-03-01"),
        (FixSpec("collected_at", "collected_at - 3600"), {"collected_at": 3600}, "1970-01-01T00:00:00Z"),
        (FixSpec("is_ffpe", "TRUE"), {}, True),
        (FixSpec("tube", "part(well, 1, 2)"), {"well": "AB9"}, "AB"),
    ],
)
def test_a_fix_is_offered_where_it_applies_and_changes_something(
    fix: FixSpec, row: Mapping[str, Value], offered: Value
) -> None:
    made = rule("R", Kind.SPECIMEN, "FALSE", severity=Severity.WARN, field="tube", fixes=(fix,))
    values = [(one.field, one.value) for one in _only(_judge(made, row=row)).fixes]
    assert values == ([] if offered is None else [(fix.field, offered)])


def test_a_rule_that_broke_offers_no_fix() -> None:
    made = replace(_rule("breaks", Severity.WARN), fixes=(FixSpec("storage_c", "-80"),))
    assert _only(_judge(made, row={**ROW, **HOW["breaks"][1]})).fixes == ()
