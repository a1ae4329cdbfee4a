"""Words for what the gate and the registry answer with: states, verdicts, kinds, fields, findings."""

from hilum.messages import Language, text
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import vocabulary
from hilum.quality import hint
from hilum.quality.finding import Finding, Score
from hilum.quality.rule import Dimension, Ruleset, Severity
from hilum.registry.stored import StoredProblem, StoredRecord


def term(space: str, value: str, language: Language) -> str:
    """The word for a code, e.g. ``term('state', 'held', 'zh')``."""
    return text(f"{space}.{value}", language)


def field_label(kind: Kind, name: str, language: Language) -> str:
    """What a field is called."""
    own = vocabulary()[kind].get(name)
    return own.label.say(language) if own else name


def points(value: float | None) -> str:
    """A score as people read it: one decimal, or a dash where no rule applied."""
    return "—" if value is None else f"{value:.1f}"


def score_line(score: Score, language: Language) -> str:
    """Total and the five dimensions in one line."""
    parts = [f"{text(f'dimension.{one.value}', language)} {points(score.of(one))}" for one in Dimension]
    return f"{text('cli.total', language)} {points(score.total)} · " + " · ".join(parts)


_GRAVEST = (Severity.REJECT, Severity.BLOCK, Severity.WARN, Severity.INFO)


def gravest_first(record: StoredRecord) -> list[Finding]:
    """The findings of a record, what stops it first, then by the points they cost."""
    findings = record.judgement.findings if record.judgement else ()
    return sorted(findings, key=lambda one: (one.waived, _GRAVEST.index(one.severity), -one.cost))


def finding_lines(record: StoredRecord, finding: Finding, ruleset: Ruleset, language: Language) -> list[str]:
    """A finding in words: what, found, why, hint, fixes."""
    rule = ruleset.find(finding.rule)
    if rule is None:
        return [f"{finding.rule} v{finding.version}"]
    label = field_label(record.kind, finding.field, language)
    lines = [
        text("cli.finding.title", language, rule=rule.id, severity=text(f"severity.{finding.severity.value}", language))
        + hint.title(finding, rule, language),
        text("cli.finding.found", language, field=label, found=finding.found or text("cli.nothing", language)),
        text("cli.finding.why", language, why=hint.why(finding, rule, language)),
        text("cli.finding.hint", language, hint=hint.hint(finding, rule, language)),
    ]
    for fix in finding.fixes:
        lines.append(
            text(
                "cli.finding.fix",
                language,
                field=field_label(record.kind, fix.field, language),
                value=value_text(fix.value),
                percent=f"{fix.confidence:.0%}",
            )
        )
    lines.append(text("cli.finding.cost", language, points=f"{finding.cost:.1f}"))
    return lines


def value_text(value: Value) -> str:
    """A value as people read it."""
    if isinstance(value, float) and abs(value) < 1e15:
        return f"{value:.10g}"
    return "—" if value is None else str(value)


def problem_text(problem: StoredProblem, language: Language) -> str:
    """A file-level problem: place, line, reason, remedy."""
    where = problem.locator.place + (f":{problem.locator.line}" if problem.locator.line else "")
    return f"{where}  " + text(f"problem.{problem.reason}", language, **problem.values)
