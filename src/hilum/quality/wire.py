"""The gate over bytes: a JSON message in, a JSON verdict out. What another system calls, one record at a time.

Message: ``{"kind": "specimen", "fields": {…}, "unreadable": {…}, "context": {…}, "waived": […]}``; ``fields`` are
typed as the vocabulary says (dates and instants as ISO text), ``context`` holds columns of other records, already
flat. A date that cannot be read as one is treated as every unreadable value: NULL, and named in ``unreadable``.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache

import msgspec

from hilum.errors import BadInputError
from hilum.messages import Language
from hilum.model.record import Kind
from hilum.model.vocabulary import FieldType, temporal_fields
from hilum.quality.finding import Finding, Fix, Judgement
from hilum.quality.gate import Gate
from hilum.quality.hint import hint, title, why
from hilum.quality.row import Row, day_number, second_number
from hilum.quality.rule import Rule

Given = str | int | float | bool | None


class Message(msgspec.Struct, frozen=True):
    """One record as another system sends it."""

    kind: Kind
    fields: dict[str, Given]
    unreadable: dict[str, str] = {}
    context: dict[str, Given] = {}
    waived: frozenset[str] = frozenset()


class Told(msgspec.Struct, frozen=True):
    """One finding with its words."""

    rule: str
    version: int
    outcome: str
    severity: str
    dimension: str
    field: str
    found: str
    values: Mapping[str, Given]
    fixes: tuple[Fix, ...]
    cost: float
    waived: bool
    broken: bool
    title: str
    why: str
    hint: str


class Answer(msgspec.Struct, frozen=True):
    """The judgement with its words."""

    verdict: str
    score: dict[str, float | None]
    findings: list[Told]
    applied: int
    ruleset: str


_decoder = msgspec.json.Decoder(Message)
_encoder = msgspec.json.Encoder()


def judge_bytes(gate: Gate, message: bytes, language: Language = "zh") -> bytes:
    """Judge the record in ``message``; the words of the answer are in ``language``.

    Raises :class:`BadInputError` for bytes that are no such message. A bad *record* is an answer, not an error.
    """
    try:
        given = _decoder.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
        raise BadInputError("message_unreadable", why=str(wrong)[:200]) from wrong
    row, unreadable = _row(given)
    judgement = gate.judge(given.kind, row, waived=given.waived, unreadable=unreadable)
    return _encoder.encode(answer(gate, judgement, language))


def answer(gate: Gate, judgement: Judgement, language: Language) -> Answer:
    """The judgement as it is sent, every finding told in ``language``."""
    found = judgement.score
    return Answer(
        judgement.verdict,
        {
            "total": round(found.total, 2),
            "authenticity": found.authenticity,
            "accuracy": found.accuracy,
            "completeness": found.completeness,
            "consistency": found.consistency,
            "timeliness": found.timeliness,
        },
        [_told(finding, gate.rule(finding.rule), language) for finding in judgement.findings],
        judgement.applied,
        judgement.ruleset,
    )


def _told(finding: Finding, rule: Rule | None, language: Language) -> Told:
    named, reason = ("{", "{") if rule is None else (rule.title.say(language), rule.why.say(language))
    return Told(
        finding.rule,
        finding.version,
        finding.outcome,
        finding.severity,
        finding.dimension,
        finding.field,
        finding.found,
        finding.values,
        finding.fixes,
        round(finding.cost, 2),
        finding.waived,
        finding.broken,
        title(finding, rule, language) if "{" in named else named,
        why(finding, rule, language) if "{" in reason else reason,
        hint(finding, rule, language),
    )


_second = lru_cache(maxsize=65_536)(second_number)
_day = lru_cache(maxsize=65_536)(day_number)


@cache
def _moments(kind: Kind) -> tuple[tuple[str, Callable[[str], int]], ...]:
    return tuple((name, _day if type_ is FieldType.DATE else _second) for name, type_ in temporal_fields(kind))


def _row(given: Message) -> tuple[Row, Mapping[str, str]]:
    row: Row = dict(given.fields)
    unreadable: Mapping[str, str] = given.unreadable
    for name, number in _moments(given.kind):
        value = row.get(name)
        if isinstance(value, str):
            try:
                row[name] = number(value)
            except ValueError:
                row[name] = None
                unreadable = {**unreadable, name: value}
    row["unreadable"] = ",".join(sorted(unreadable)) or None
    row.update(given.context)
    return row, unreadable
