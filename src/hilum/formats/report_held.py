"""One held or rejected record as a row a data manager works from: where it stood, what was found, what to do."""

from dataclasses import dataclass

from hilum.formats.report_sheet import Value
from hilum.formats.report_words import Words
from hilum.model.record import Kind
from hilum.quality.collection import CollectionReport
from hilum.quality.finding import Finding
from hilum.quality.hint import hint
from hilum.quality.rule import Rule, Severity
from hilum.registry.stored import StoredRecord

# kinds whose natural key is a tube's, slide's or shipment's own number; keys of other kinds may spell out the donor
_NAMED_BY_KEY = frozenset(
    {Kind.SPECIMEN, Kind.SLIDE, Kind.COLLECTION, Kind.PREPARATION, Kind.TRANSPORT, Kind.STORAGE, Kind.ASSAY}
)
_GRAVITY = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Held:
    """The row, worded."""

    record: str
    key: str
    kind: str
    state: str
    donor: str
    source: str
    place: str
    line: int
    score: float | None
    rules: str
    found: str
    hints: str

    def cells(self) -> tuple[Value, ...]:
        """The row's cells in the order of the sheet."""
        named = (self.record, self.key, self.kind, self.state, self.donor)
        return (*named, self.source, self.place, self.line, self.score, self.rules, self.found, self.hints)


class HeldRows:
    """Words records with the rules and sources of one report."""

    def __init__(self, report: CollectionReport, words: Words) -> None:
        self._words = words
        self._rules = {one.id: one.rule for one in report.findings}
        self._sources = {one.id: one.name for one in report.sources}
        self._sources |= {member: one.name for one in report.sources for member in one.members}

    def row(self, record: StoredRecord) -> Held:
        """The row of ``record``; its waived findings are left out, the gravest come first."""
        words, judgement = self._words, record.judgement
        found = [one for one in judgement.findings if not one.waived] if judgement else []
        found.sort(key=lambda one: _GRAVITY.index(one.severity))
        return Held(
            record=record.id,
            key=record.key if record.kind in _NAMED_BY_KEY else "",
            kind=words.known("kind", record.kind),
            state=words.known("state", record.state),
            donor=record.donor or "",
            source=self._sources.get(record.locator.source, record.locator.source),
            place=record.locator.place,
            line=record.locator.line,
            score=judgement.score.total if judgement else None,
            rules=", ".join(one.rule for one in found),
            found="\n".join(self._found(record.kind, one) for one in found),
            hints="\n".join(hint(one, self._rule(one), words.language) for one in found),
        )

    def _rule(self, finding: Finding) -> Rule | None:
        return self._rules.get(finding.rule)

    def _found(self, kind: Kind, finding: Finding) -> str:
        if not finding.field:
            return ""
        return self._words("found_is", field=self._words.field(kind, finding.field), found=finding.found or "—")
