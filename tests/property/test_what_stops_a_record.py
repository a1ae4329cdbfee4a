"""No score lets in what a rule stops: generated rule sets of any severity and weight, judged by the gate."""

from hypothesis import given
from hypothesis import strategies as st

from hilum.model.record import Kind
from hilum.quality.finding import Verdict
from hilum.quality.gate import Gate
from hilum.quality.rule import Dimension, Rule, Ruleset, Severity
from hilum.quality.score import CAP, THRESHOLD
from tests.unit.registry.stage import rule

_CONDITIONS = {"pass": "TRUE", "fail": "FALSE", "unknown": "volume_ul > 0"}
_drawn = st.lists(
    st.tuples(
        st.sampled_from(sorted(_CONDITIONS)),
        st.sampled_from(Severity),
        st.sampled_from(Dimension),
        st.integers(1, 5),
    ),
    min_size=1,
    max_size=8,
)
Drawn = list[tuple[str, Severity, Dimension, int]]


def _rules(drawn: Drawn) -> tuple[Rule, ...]:
    return tuple(
        rule(f"R{n}", Kind.SPECIMEN, _CONDITIONS[how], severity=severity, dimension=dimension, weight=weight)
        for n, (how, severity, dimension, weight) in enumerate(drawn)
    )


@given(_drawn)
def test_the_verdict_follows_the_gravest_failure_first_and_the_total_only_then(drawn: Drawn) -> None:
    judged = Gate(Ruleset(_rules(drawn), "test")).judge(Kind.SPECIMEN, {"specimen_id": "S1"})
    failed = {severity for how, severity, _, _ in drawn if how != "pass"}
    if Severity.REJECT in failed:
        assert judged.verdict is Verdict.REJECT
    elif Severity.BLOCK in failed:
        assert judged.verdict is Verdict.HOLD
    else:
        assert judged.verdict is (Verdict.HOLD if judged.score.total < THRESHOLD else Verdict.ACCEPT)
    assert judged.score.total <= CAP or not failed & {Severity.REJECT, Severity.BLOCK}


@given(_drawn)
def test_warnings_of_two_points_or_less_never_hold_by_themselves(drawn: Drawn) -> None:
    warned = [(how, Severity.WARN, dimension, 1) for how, _, dimension, _ in drawn[:2]]
    judged = Gate(Ruleset(_rules(warned), "test")).judge(Kind.SPECIMEN, {"specimen_id": "S1"})
    assert judged.verdict is Verdict.ACCEPT
