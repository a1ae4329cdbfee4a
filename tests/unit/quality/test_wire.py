"""The gate over bytes: a message in, a verdict out, and an error only for what is no message."""

import json

import pytest

from hilum.errors import BadInputError
from hilum.model.record import Kind
from hilum.quality.gate import Gate
from hilum.quality.rule import Ruleset
from hilum.quality.wire import judge_bytes
from tests.unit.registry.stage import rule

GATE = Gate(
    Ruleset(
        (
            rule("ORDER", Kind.SPECIMEN, "collected_at <= received_at", "received_at IS NOT NULL", field="received_at"),
            rule("PARENT", Kind.SPECIMEN, "volume_ul <= parent.volume_ul", "parent.known", field="volume_ul"),
            rule("WHOLE", Kind.SPECIMEN, "unreadable IS NULL", field="unreadable"),
        ),
        "three rules",
    )
)


def _judged(**message: object) -> dict[str, object]:
    answer: dict[str, object] = json.loads(judge_bytes(GATE, json.dumps(message).encode(), "en"))
    return answer


def _rules(answer: dict[str, object]) -> dict[str, str]:
    findings = answer["findings"]
    assert isinstance(findings, list)
    return {finding["rule"]: finding["outcome"] for finding in findings}


def test_a_good_record_is_accepted_by_the_named_rule_set() -> None:
    answer = _judged(
        kind="specimen", fields={"collected_at": "2026-03-05T08:00:00Z", "received_at": "2026-03-05T09:00:00Z"}
    )
    assert (answer["verdict"], answer["ruleset"], answer["applied"]) == ("accept", "three rules", 2)
    assert answer["findings"] == []


def test_instants_are_compared_as_instants_whatever_their_zone() -> None:
    late = {"collected_at": "2026-03-05T08:00:00Z", "received_at": "2026-03-05T15:59:59+08:00"}
    assert _rules(_judged(kind="specimen", fields=late)) == {"ORDER": "fail"}


def test_context_brings_the_columns_of_other_records() -> None:
    message = {
        "kind": "specimen",
        "fields": {"volume_ul": 9},
        "context": {"parent.known": True, "parent.volume_ul": 8.5},
    }
    assert _rules(_judged(**message)) == {"PARENT": "fail"}
    assert _judged(**message, waived=["PARENT"])["verdict"] == "accept"


def test_a_date_that_is_none_is_an_unreadable_value_and_no_error() -> None:
    fields = {"collected_at": "2026-02-30T08:00:00Z", "received_at": "2026-03-05T09:00:00Z"}
    answer = _judged(kind="specimen", fields=fields)
    assert _rules(answer) == {"ORDER": "unknown", "WHOLE": "fail"}


def test_a_value_of_another_type_breaks_the_rules_that_read_it() -> None:
    assert _rules(_judged(kind="specimen", fields={"volume_ul": "nine"})) == {"PARENT": "unknown"}


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"[]",
        b'{"kind": "specimen"}',
        b'{"kind": "planet", "fields": {}}',
        b'{"kind": "specimen", "fields": {"volume_ul": [1]}}',
        b'{"kind": "specimen", "fields": {"volume_ul": NaN}}',
        b'{"kind": "specimen", "fields": {"uuid": "\xff"}}',
        b'{"kind": "specimen", "fields": {"uuid": "\\ud800"}}',
        b'{"kind": "specimen", "fields": ' + b'{"a":' * 100_000,
    ],
)
def test_bytes_that_are_no_message_are_an_error_that_says_why(message: bytes) -> None:
    with pytest.raises(BadInputError) as refused:
        judge_bytes(GATE, message)
    assert refused.value.reason == "message_unreadable"
    assert refused.value.values["why"]
