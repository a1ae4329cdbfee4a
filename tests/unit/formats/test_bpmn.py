"""BPMN diagrams: what every way passes is asked for, timers are limits, and what cannot be said is told."""

from collections.abc import Iterable

import pytest

from hilum.errors import BadInputError
from hilum.formats.bpmn import duration, read_bpmn
from hilum.quality.rule import Severity
from hilum.quality.sop import ConstraintKind, Sop, SopNotice

HEAD = '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
DIAGRAM = f"""
{HEAD}
<process id="p" name="Plasma SOP">
<startEvent id="s"/>
<userTask id="c" name="采集"/>
<task id="z" name="Centrifugation"/>
<exclusiveGateway id="x"/>
<task id="z2" name="二次离心"/>
<exclusiveGateway id="y"/>
<task id="f" name="冻存"/>
<endEvent id="e"/>
<boundaryEvent id="b" attachedToRef="z">
<timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition>
</boundaryEvent>
<task id="d" name="处置"/>
<sequenceFlow sourceRef="s" targetRef="c"/>
<sequenceFlow sourceRef="c" targetRef="z"/>
<sequenceFlow sourceRef="z" targetRef="x"/>
<sequenceFlow sourceRef="x" targetRef="z2"/>
<sequenceFlow sourceRef="x" targetRef="y"/>
<sequenceFlow sourceRef="z2" targetRef="y"/>
<sequenceFlow sourceRef="y" targetRef="f"/>
<sequenceFlow sourceRef="f" targetRef="e"/>
<sequenceFlow sourceRef="b" targetRef="d"/>
</process>
</definitions>
"""


def draw(nodes: str, flows: str) -> tuple[Sop, tuple[SopNotice, ...]]:
    """A diagram of ``nodes``, and flows written ``a>b c>d``."""
    links = "".join(
        f'<sequenceFlow sourceRef="{one.split(">")[0]}" targetRef="{one.split(">")[1]}"/>' for one in flows.split()
    )
    return read_bpmn(f'{HEAD}<process id="p">{nodes}{links}</process></definitions>'.encode(), "d.bpmn")


def asked(sop: Sop, kind: ConstraintKind) -> set[tuple[str, str]]:
    return {(one.step, one.then) for one in sop.constraints if one.kind is kind}


def told(notices: Iterable[SopNotice]) -> set[str]:
    return {one.reason for one in notices}


def test_what_every_way_passes_must_exist_and_what_a_branch_holds_need_not() -> None:
    sop, notices = read_bpmn(DIAGRAM.encode(), "d.bpmn")
    assert asked(sop, ConstraintKind.EXISTS) == {("collect", "")}
    assert asked(sop, ConstraintKind.PRECEDES) == {
        ("collect", "centrifuge"),
        ("centrifuge", "second_centrifuge"),
        ("centrifuge", "freeze"),
        ("collect", "dispose"),
    }
    assert not notices
    assert (sop.id, sop.steps[0]) == ("plasma-sop", "collect")


def test_a_timer_on_a_border_limits_the_time_from_the_step_before() -> None:
    sop, _ = read_bpmn(DIAGRAM.encode(), "d.bpmn")
    (limit,) = [one for one in sop.constraints if one.kind is ConstraintKind.WITHIN]
    assert (limit.step, limit.then, limit.minutes, limit.severity) == ("collect", "centrifuge", 120, Severity.BLOCK)


def test_a_timer_between_two_tasks_is_a_wait() -> None:
    timer = "<timerEventDefinition><timeDuration>PT30M</timeDuration></timerEventDefinition>"
    catch = f'<intermediateCatchEvent id="t">{timer}</intermediateCatchEvent>'
    nodes = f'<task id="a" name="采集"/>{catch}<task id="b" name="离心"/>'
    sop, _ = draw(nodes, "a>t t>b")
    (wait,) = [one for one in sop.constraints if one.kind is ConstraintKind.NOT_BEFORE]
    assert (wait.step, wait.then, wait.minutes) == ("collect", "centrifuge", 30)
    assert asked(sop, ConstraintKind.EXISTS) == {("collect", ""), ("centrifuge", "")}


def test_a_parallel_join_waits_for_all_its_branches() -> None:
    nodes = (
        '<task id="a" name="采集"/><parallelGateway id="g"/><task id="b" name="离心"/><task id="c" name="接收"/>'
        '<parallelGateway id="j"/><task id="d" name="冻存"/>'
    )
    sop, _ = draw(nodes, "a>g g>b g>c b>j c>j j>d")
    assert asked(sop, ConstraintKind.PRECEDES) == {
        ("collect", "centrifuge"),
        ("collect", "receive"),
        ("centrifuge", "freeze"),
        ("receive", "freeze"),
    }
    assert len(asked(sop, ConstraintKind.EXISTS)) == 4


def test_a_loop_is_told_and_the_order_every_way_keeps_remains() -> None:
    nodes = '<task id="a" name="采集"/><task id="b" name="离心"/><exclusiveGateway id="g"/><task id="c" name="冻存"/>'
    sop, notices = draw(nodes, "a>b b>g g>b g>c")
    assert told(notices) == {"bpmn_loop"}
    assert asked(sop, ConstraintKind.PRECEDES) == {("collect", "centrifuge"), ("centrifuge", "freeze")}


def test_what_cannot_be_understood_is_told_by_name() -> None:
    nodes = (
        '<startEvent id="s"/><task id="a" name="采集"/><task id="b" name="贴标签"/><subProcess id="c" name="离心"/>'
        '<task id="d" name="采样"/><task id="e" name="冻存"/>'
    )
    sop, notices = draw(nodes, "s>a a>b b>c c>d a>nowhere")
    assert told(notices) == {
        "bpmn_step_unknown",
        "bpmn_nested",
        "bpmn_step_twice",
        "bpmn_unreachable",
        "bpmn_flow_nowhere",
    }
    assert set(sop.steps) == {"collect", "centrifuge"}


def test_a_chain_of_two_thousand_tasks_is_walked_without_recursion() -> None:
    many = 1_900
    nodes = "".join(f'<task id="t{n}" name="x{n}"/>' for n in range(many)) + '<task id="a" name="采集"/>'
    sop, _ = draw(nodes, f"a>t0 {' '.join(f't{n}>t{n + 1}' for n in range(many - 1))}")
    assert sop.steps == ("collect",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<definitions", "sop_xml_broken"),
        (b"<a/>", "sop_not_bpmn"),
        (f"{HEAD}</definitions>".encode(), "sop_bpmn_no_steps"),
        (f'{HEAD}<process id="p"><task id="a" name="?"/></process></definitions>'.encode(), "sop_bpmn_no_steps"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "sop_xml_refused"),
    ],
)
def test_what_is_no_diagram_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_bpmn(content, "d.bpmn")
    assert refused.value.reason == reason
    assert "d.bpmn" in refused.value.message("zh")


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("PT2H", 120), ("P1DT30M", 1470), ("PT90S", 1.5), ("P1W", 10080), ("P1M", None), ("P", None), ("PT", None)],
)
def test_iso_durations_are_minutes_where_their_length_is_fixed(written: str, minutes: float | None) -> None:
    assert duration(written) == minutes
