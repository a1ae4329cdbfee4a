"""What the gate answers an arrival, as JSON every door can turn into its own words.

``{"arrival": …, "state": "done", "accepted": n, "held": n, "rejected": n, "unchanged": n, "records": […],
"problems": […]}``. A record is ``{"record", "kind", "key", "place", "line", "state", "verdict", "score", "findings"}``,
a finding ``{"rule", "severity", "dimension", "field", "found", "title", "why", "hint", "fixes"}``, a problem
``{"reason", "place", "line", "text", "fatal"}``. Personal values are masked in findings as everywhere; keys that hold a
donor's identifier hold the pseudonym.
"""

from collections.abc import Mapping, Sequence

import msgspec

from hilum.messages import Language, text
from hilum.quality import hint
from hilum.quality.finding import Finding
from hilum.quality.gate import Gate
from hilum.registry.arrivals import Arrival, ArrivalState
from hilum.registry.stored import RecordState, StoredProblem, StoredRecord

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, object]).decode
LISTED = 2_000
"""How many records one answer lists; of a larger arrival those that stopped come first, and ``listed`` says so."""
_COUNTED = (RecordState.ACCEPTED, RecordState.HELD, RecordState.REJECTED)

Found = Sequence[tuple[str, StoredRecord]]
"""Records of an arrival as they stand now, each with the id it had been given (a repeat stands under another)."""


def answer_of(gate: Gate, arrival: Arrival, found: Found, problems: Sequence[StoredProblem]) -> bytes:
    """The answer to one arrival, in its language."""
    repeats = {given for given, one in found if given != one.id}
    counts = {
        state.value: sum(one.state is state and given not in repeats for given, one in found) for state in _COUNTED
    }
    told = (
        sorted(found, key=lambda pair: pair[1].state is RecordState.ACCEPTED)[:LISTED] if len(found) > LISTED else found
    )
    return _encode(
        {
            "arrival": arrival.id,
            "state": ArrivalState.DONE.value,
            **counts,
            "unchanged": len(repeats),
            "listed": len(told),
            "records": [_told(gate, one, arrival.language, repeated=given in repeats) for given, one in told],
            "problems": [problem_answer(one, arrival.language) for one in problems],
        }
    )


def set_aside_answer(arrival: Arrival, reason: str) -> bytes:
    """The answer to an arrival the gate could not work on."""
    return _encode(
        {
            "arrival": arrival.id,
            "state": ArrivalState.ASIDE.value,
            "reason": reason,
            "text": text("arrival.aside", arrival.language, reason=reason),
            "accepted": 0,
            "held": 0,
            "rejected": 0,
            "unchanged": 0,
            "listed": 0,
            "records": [],
            "problems": [],
        }
    )


def read_answer(body: bytes) -> Mapping[str, object]:
    """An answer as it was written."""
    return _decode(body) if body else {}


def problem_answer(one: StoredProblem, language: Language) -> dict[str, object]:
    """A problem with a whole message or file."""
    values = {"place": one.locator.place, "line": one.locator.line, **one.values}
    return {
        "reason": one.reason,
        "place": one.locator.place,
        "line": one.locator.line,
        "text": text(f"problem.{one.reason}", language, **values),
        "fatal": one.fatal,
    }


def _told(gate: Gate, one: StoredRecord, language: Language, *, repeated: bool) -> dict[str, object]:
    judgement = one.judgement
    answer: dict[str, object] = {
        "record": one.id,
        "kind": one.kind.value,
        "key": one.key,
        "place": one.locator.place,
        "line": one.locator.line,
        "state": one.state.value,
        "repeated": repeated,
    }
    if judgement is not None:
        answer["verdict"] = judgement.verdict.value
        answer["score"] = judgement.score
        answer["ruleset"] = judgement.ruleset
        answer["findings"] = [_finding(gate, finding, language) for finding in judgement.findings]
    return answer


def _finding(gate: Gate, finding: Finding, language: Language) -> dict[str, object]:
    rule = gate.rule(finding.rule)
    return {
        "rule": finding.rule,
        "version": finding.version,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "dimension": finding.dimension.value,
        "field": finding.field,
        "found": finding.found,
        "cost": round(finding.cost, 2),
        "waived": finding.waived,
        "title": hint.title(finding, rule, language),
        "why": hint.why(finding, rule, language),
        "hint": hint.hint(finding, rule, language),
        "fixes": finding.fixes,
    }
