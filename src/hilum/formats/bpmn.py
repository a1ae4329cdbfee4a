"""BPMN 2.0 diagrams as SOPs: tasks become steps, what every path must pass becomes order, timers become limits.

A step must exist when every way from a start to an end passes it; it precedes another when every way there passes it
first (dominance, with a parallel join counting all its branches). A timer on a task's border limits how long the task
may take to be done after the step before it; a timer between two tasks is a wait. Durations are ISO 8601. What the
diagram says that a constraint cannot say is told, never guessed: unknown step names, loops, unreachable nodes, timers
without a step on either side, sub-processes and message flows. Standard: ISO/IEC 19510:2013.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from hilum.errors import BadInputError
from hilum.formats.bpmn_graph import Graph, Node
from hilum.model.text import Bilingual
from hilum.quality.rule import Severity, Source
from hilum.quality.sop import (
    DIMENSIONS,
    Constraint,
    ConstraintKind,
    Deadline,
    Sop,
    SopNotice,
    known_steps,
    slug,
    step_named,
)
from hilum.quality.sop_text import as_text, load_sop

_NAMESPACE = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_TASKS = frozenset(
    {"task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask"}
    | {"callActivity", "subProcess", "transaction", "adHocSubProcess"}
)
_NESTED = frozenset({"subProcess", "transaction", "adHocSubProcess"})
_EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
_GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_IN_MINUTES = (7 * 24 * 60, 24 * 60, 60, 1, 1 / 60)
_MOST_NODES = 2_000
SOURCE = Source("BPMN 2.0 (ISO/IEC 19510:2013)")


@dataclass(slots=True)
class _Diagram:
    """What was read of a diagram, and what was noticed on the way."""

    graph: Graph = field(default_factory=Graph)
    steps: dict[str, str] = field(default_factory=dict)
    """Node -> step code."""
    notices: list[SopNotice] = field(default_factory=list)

    def tell(self, reason: str, **values: str | int) -> None:
        self.notices.append(SopNotice(reason, values))


def read_bpmn(content: bytes, name: str) -> tuple[Sop, tuple[SopNotice, ...]]:
    """The SOP a BPMN 2.0 file draws, and what of it was left out. Raises :class:`BadInputError` for a file that is no
    well-formed BPMN, or draws no known step."""
    root = _root(content, name)
    process, others = _process(root, name)
    diagram = _Diagram()
    if others:
        diagram.tell("bpmn_other_processes", count=others)
    _read_nodes(diagram, process, name)
    _look_over(diagram)
    constraints = _unique([*_order(diagram), *_timers(diagram)])
    if not constraints:
        raise BadInputError("sop_bpmn_no_steps", place=name)
    title = (process.get("name") or process.get("id") or name).strip()[:200]
    used = set(diagram.steps.values())
    listed = dict.fromkeys(diagram.steps[node] for node in diagram.graph.ordered() if node in diagram.steps)
    sop = Sop(
        id=slug(title) or slug(name.rsplit(".", 1)[0]) or "bpmn",
        version=1,
        title=Bilingual(zh=title, en=title),
        steps=tuple(step for step in listed if step in used),
        constraints=tuple(constraints),
        source=SOURCE,
    )
    return load_sop(as_text(sop), name), tuple(diagram.notices)


def _root(content: bytes, name: str) -> Element:
    try:
        root: Element = fromstring(content.lstrip(), forbid_dtd=True)
    except ParseError as broken:
        line, column = broken.position
        raise BadInputError("sop_xml_broken", place=name, line=line, column=column) from broken
    except (DefusedXmlException, ValueError, LookupError) as refused:
        raise BadInputError("sop_xml_refused", place=name) from refused
    if root.tag != f"{_NAMESPACE}definitions":
        raise BadInputError("sop_not_bpmn", place=name)
    return root


def _process(root: Element, name: str) -> tuple[Element, int]:
    """The process with most in it; how many others have anything."""
    found = sorted(root.findall(f"{_NAMESPACE}process"), key=len, reverse=True)
    if not found or not len(found[0]):
        raise BadInputError("sop_bpmn_no_steps", place=name)
    return found[0], sum(bool(len(one)) for one in found[1:])


def _read_nodes(diagram: _Diagram, process: Element, name: str) -> None:
    flows: list[tuple[str, str]] = []
    for element in process:
        kind = element.tag.removeprefix(_NAMESPACE)
        named = element.get("id", "")
        if kind == "sequenceFlow":
            flows.append((element.get("sourceRef", ""), element.get("targetRef", "")))
        elif named and kind in _TASKS | _EVENTS | _GATEWAYS:
            _read_node(diagram, element, kind, named)
        if len(diagram.graph.nodes) > _MOST_NODES:
            raise BadInputError("sop_bpmn_too_large", place=name, limit=_MOST_NODES)
    for start, end in flows:
        if start in diagram.graph.nodes and end in diagram.graph.nodes:
            diagram.graph.link(start, end)
        else:
            diagram.tell("bpmn_flow_nowhere", source=start[:80], target=end[:80])
    diagram.graph.let_borders_through()


def _read_node(diagram: _Diagram, element: Element, kind: str, named: str) -> None:
    words = " ".join((element.get("name") or "").split())
    minutes = _minutes_of(diagram, element, named)
    gentle = element.get("cancelActivity") == "false"
    diagram.graph.add(Node(named, kind, words, minutes, element.get("attachedToRef", ""), gentle))
    if kind not in _TASKS:
        return
    if kind in _NESTED:
        diagram.tell("bpmn_nested", node=words or named)
    step = step_named(words) if words else None
    if step is None:
        diagram.tell("bpmn_step_unknown", node=(words or named)[:80])
    elif step in diagram.steps.values():
        diagram.tell("bpmn_step_twice", node=words, step=step)
    else:
        diagram.steps[named] = step


def _minutes_of(diagram: _Diagram, element: Element, named: str) -> float | None:
    """The duration of an event's timer, in minutes."""
    timer = element.find(f"{_NAMESPACE}timerEventDefinition")
    if timer is None:
        return None
    written = (timer.findtext(f"{_NAMESPACE}timeDuration") or "").strip()
    found = duration(written)
    if found is None:
        diagram.tell("bpmn_timer_unread", node=element.get("name") or named, written=written[:40])
    return found


def duration(written: str) -> float | None:
    """Minutes of an ISO 8601 duration; ``None`` for one with months or years (of no fixed length), or no duration."""
    found = _DURATION.fullmatch(written)
    if found is None or not any(found.groups()):
        return None
    return sum(float(number) * each for number, each in zip(found.groups(), _IN_MINUTES, strict=True) if number)


def _look_over(diagram: _Diagram) -> None:
    graph = diagram.graph
    for node in sorted(graph.unreachable()):
        diagram.tell("bpmn_unreachable", node=graph.nodes[node].words or node)
        diagram.steps.pop(node, None)
    for loop in graph.loops():
        diagram.tell("bpmn_loop", nodes=" → ".join(graph.nodes[node].words or node for node in sorted(loop)))


def _constraint(
    kind: ConstraintKind, step: str, then: str = "", minutes: float = 0, gentle: bool = False
) -> Constraint:
    first, second = known_steps()[step], known_steps()[then or step]
    spelt = f"{minutes:g}"
    said = {
        ConstraintKind.EXISTS: (f"请补录“{first.zh}”步骤。", f"Record the step: {first.en}."),
        ConstraintKind.PRECEDES: (
            f"“{second.zh}”之前应先有“{first.zh}”，请核对记录和时间。",
            f"{second.en} comes after {first.en}: check the records and times.",
        ),
        ConstraintKind.WITHIN: (
            f"“{first.zh}”之后应在 {spelt} 分钟内完成“{second.zh}”，请核对时间。",
            f"{second.en} is due within {spelt} min of {first.en}: check the times.",
        ),
        ConstraintKind.NOT_BEFORE: (
            f"“{first.zh}”之后至少等待 {spelt} 分钟再进行“{second.zh}”，请核对时间。",
            f"{second.en} comes no sooner than {spelt} min after {first.en}: check the times.",
        ),
    }
    zh, en = said[kind]
    return Constraint(
        id="-".join(part.replace("_", "-") for part in (step, kind.value, then) if part),
        kind=kind,
        step=step,
        then=then,
        minutes=minutes,
        hint=Bilingual(zh=zh, en=en),
        severity=Severity.WARN if gentle else Severity.BLOCK,
        dimension=DIMENSIONS[kind],
        same_day=kind is ConstraintKind.PRECEDES and step == "consent",
        source=SOURCE,
    )


def _order(diagram: _Diagram) -> Iterable[Constraint]:
    graph, steps = diagram.graph, diagram.steps
    must = graph.on_every_way()
    limits = {steps[task]: limit for task, limit in _limits(diagram).items()}
    for node in graph.ordered():
        if node in steps and node in must:
            found = _constraint(ConstraintKind.EXISTS, steps[node])
            if steps[node] in limits and (before := graph.nearest_before(node, steps.keys())):
                after = Deadline(steps[min(before)], limits[steps[node]])
                found = replace(found, deadline=after)
            yield found
    for node in graph.ordered():
        if node in steps:
            for earlier in sorted(graph.nearest_before(node, steps.keys())):
                yield _constraint(ConstraintKind.PRECEDES, steps[earlier], steps[node])


def _limits(diagram: _Diagram) -> dict[str, float]:
    """Task -> the shortest interrupting timer on its border, in minutes."""
    found: dict[str, float] = {}
    for node in diagram.graph.nodes.values():
        if node.kind == "boundaryEvent" and node.minutes is not None and node.border_of in diagram.steps:
            found[node.border_of] = min(node.minutes, found.get(node.border_of, node.minutes))
    return found


def _timers(diagram: _Diagram) -> Iterable[Constraint]:
    graph, steps = diagram.graph, diagram.steps
    for node in graph.nodes.values():
        if node.minutes is None or node.kind == "startEvent":
            continue
        if node.kind == "boundaryEvent":
            kind, ends = ConstraintKind.WITHIN, {node.border_of} & steps.keys()
            starts = graph.nearest_before(node.border_of, steps.keys()) if ends else set()
        else:
            kind, starts = ConstraintKind.NOT_BEFORE, graph.nearest_before(node.id, steps.keys())
            ends = graph.nearest_after(node.id, steps.keys())
        if not starts or not ends:
            diagram.tell("bpmn_timer_alone", node=node.words or node.id)
        for start in sorted(starts):
            for end in sorted(ends):
                yield _constraint(kind, steps[start], steps[end], node.minutes, node.gentle)


def _unique(constraints: Iterable[Constraint]) -> list[Constraint]:
    """Of two timers on one pair of steps, the stricter; ids stay unique."""
    found: dict[str, Constraint] = {}
    for one in constraints:
        other = found.get(one.id)
        if other is None or _is_stricter(one, other):
            found[one.id] = one
    return list(found.values())


def _is_stricter(one: Constraint, other: Constraint) -> bool:
    if one.kind is ConstraintKind.WITHIN:
        return one.minutes < other.minutes
    return one.kind is ConstraintKind.NOT_BEFORE and one.minutes > other.minutes
