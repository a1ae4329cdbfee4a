"""Answers as JSON-ready values: stable keys, no personal data."""

from dataclasses import asdict

from hilum.messages import Language, text
from hilum.model.event import Event
from hilum.quality import hint
from hilum.quality.finding import Finding
from hilum.quality.rule import Ruleset
from hilum.registry.stored import Fact, StoredProblem, StoredRecord


def record_json(record: StoredRecord, ruleset: Ruleset, language: Language = "zh") -> dict[str, object]:
    """One record with its judgement and explained findings."""
    judgement = record.judgement
    return {
        "record": record.id,
        "kind": record.kind.value,
        "key": record.key,
        "donor": record.donor,
        "state": record.state.value,
        "place": record.locator.place,
        "line": record.locator.line,
        "received_at": record.received_at,
        "fields": dict(record.fields),
        "unreadable": dict(record.unreadable),
        "verdict": judgement.verdict.value if judgement else None,
        "score": asdict(judgement.score) if judgement else None,
        "ruleset": judgement.ruleset if judgement else None,
        "findings": [finding_json(one, ruleset, language) for one in judgement.findings] if judgement else [],
    }


def finding_json(finding: Finding, ruleset: Ruleset, language: Language) -> dict[str, object]:
    """One finding with its words in ``language``."""
    rule = ruleset.find(finding.rule)
    spoken = {
        "title": hint.title(finding, rule, language) if rule else finding.rule,
        "why": hint.why(finding, rule, language) if rule else "",
        "hint": hint.hint(finding, rule, language) if rule else "",
    }
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
        **spoken,
        "fixes": [asdict(fix) for fix in finding.fixes],
    }


def event_json(event: Event) -> dict[str, object]:
    """One event on both time axes."""
    return {
        "seq": event.seq,
        "event": event.kind.value,
        "about": event.fact.value,
        "key": event.key,
        "happened_at": event.moment.at,
        "offset_days": event.moment.offset_days,
        "recorded_at": event.recorded_at,
        "record": event.record,
        "fields": dict(event.fields),
    }


def fact_json(fact: Fact) -> dict[str, object]:
    """One fact as it holds."""
    return {
        "kind": fact.kind.value,
        "key": fact.key,
        "donor": fact.donor,
        "parent": fact.parent,
        "position": fact.position,
        "record": fact.record,
        "fields": dict(fact.fields),
    }


def problem_json(problem: StoredProblem, language: Language = "zh") -> dict[str, object]:
    """One file-level problem, its message in ``language``."""
    return {
        "reason": problem.reason,
        "place": problem.locator.place,
        "line": problem.locator.line,
        "values": dict(problem.values),
        "fatal": problem.fatal,
        "message": text(f"problem.{problem.reason}", language, **problem.values),
    }
