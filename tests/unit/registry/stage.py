"""A small bank in memory with a handful of rules, on which registry tests play."""

from dataclasses import dataclass, field

from hilum.model.party import Actor, Role
from hilum.model.record import Kind, Locator, Record, Value
from hilum.model.text import Bilingual
from hilum.operation import AuditRecord, Operation, Outcome
from hilum.quality.gate import Gate
from hilum.quality.rule import Dimension, FixSpec, Kahn, Rule, Ruleset, Severity
from hilum.quality.rule import Source as RuleSource
from hilum.registry.desk import Desk, TakeBatch, Taken, desk
from hilum.registry.operations import TAKE_BATCH
from hilum.registry.stored import Source
from hilum.testing.memory import MemoryUnit, MemoryVault

CURATOR = Actor("curator", frozenset({Role.CURATOR}))
SECOND = Actor("second", frozenset({Role.CURATOR}))


def rule(id_: str, grain: Kind, condition: str, when: str = "", **more: object) -> Rule:
    """A blocking rule on ``specimen_id`` (or the grain's donor) unless said otherwise."""
    words = Bilingual("规则", "rule")
    parts: dict[str, object] = {
        "dimension": Dimension.CONSISTENCY,
        "kahn": Kahn.PLAUSIBILITY,
        "severity": Severity.BLOCK,
        "field": "specimen_id" if grain is Kind.SPECIMEN else "donor_id",
        **more,
    }
    return Rule(
        id=id_,
        version=1,
        grain=grain,
        title=words,
        why=words,
        hint=words,
        condition=condition,
        when=when,
        source=RuleSource("test"),
        **parts,  # type: ignore[arg-type]  # the keys are Rule's own
    )


RULES = (
    rule("DNR-1", Kind.DONOR, "sex IS NOT NULL"),
    rule("CNS-1", Kind.CONSENT, "status IS NOT NULL"),
    rule("SPM-DONOR", Kind.SPECIMEN, "donor.known"),
    rule("SPM-PARENT", Kind.SPECIMEN, "parent.known", "parent_id IS NOT NULL"),
    rule("SPM-CONSENT", Kind.SPECIMEN, "consent.status <> 'withdrawn'", "consent.known"),
    rule("SPM-TWICE", Kind.SPECIMEN, "NOT earlier.same_source"),
    rule("SPM-PLACE", Kind.SPECIMEN, "NOT place.taken"),
    rule("SPM-SUM", Kind.SPECIMEN, "siblings.volume_ul + volume_ul <= parent.volume_ul", "parent.known"),
    rule(
        "SPM-COLD",
        Kind.SPECIMEN,
        "storage_c <= 0",
        "storage_c IS NOT NULL",
        field="storage_c",
        fixes=(FixSpec(field="storage_c", set_to="-storage_c", when="storage_c > 0", confidence=0.8),),
    ),
)


@dataclass(slots=True)
class Stage:
    """One bank; every call of :meth:`run` is one transaction at the next minute."""

    unit: MemoryUnit = field(default_factory=MemoryUnit)
    vault: MemoryVault = field(default_factory=MemoryVault)
    gate: Gate = field(default_factory=lambda: Gate(Ruleset(RULES, "test")))
    minute: int = 0
    batch: str = ""

    def desk(self, actor: Actor = CURATOR) -> Desk:
        self.minute += 1
        now = f"2026-03-16T{self.minute // 60:02}:{self.minute % 60:02}:00.000000Z"
        self.batch = f"CHG-{self.minute}"
        return desk(self.unit, self.vault, self.gate, now, actor.name, self.batch)

    def run(self, operation: Operation, command: object, actor: Actor = CURATOR) -> object:  # type: ignore[type-arg]
        """What ``app.run`` does, on the memory bank."""
        at = self.desk(actor)
        outcome: Outcome[object] = operation.handler(at, actor, command)
        self.unit.audit(
            AuditRecord(at.now, actor.name, operation.name, c.subject, "done", c.before, c.after, c.reason, at.batch)
            for c in outcome.changes
        )
        return outcome.result

    def take(self, *records: Record, source: str = "SRC-1") -> Taken:
        """Take records in as one file."""
        command = TakeBatch(Source(source, "", source, "test", 0, ""), records, len(records), finished=True)
        taken = self.run(TAKE_BATCH, command)
        assert isinstance(taken, Taken)
        return taken

    def states(self) -> dict[str, str]:
        """key -> state of every record that nothing has replaced, donors by the word ``donor``."""
        live = ("accepted", "held", "rejected", "refused")
        return {
            ("donor" if one.kind is Kind.DONOR else one.key): one.state.value
            for one in self.unit._records.values()
            if one.state.value in live
        }

    def id_of(self, key: str) -> str:
        """The live record under ``key``."""
        live = ("accepted", "held", "rejected", "refused")
        return next(o.id for o in self.unit._records.values() if o.key == key and o.state.value in live)


def donor(donor_id: str = "P1", line: int = 1, source: str = "SRC-1", **fields: Value) -> Record:
    """A donor with a sex."""
    values = {"donor_id": donor_id, "sex": "female", **fields}
    return Record(Kind.DONOR, donor_id, donor_id, values, Locator(source, "file", line))


def consent(status: str, donor_id: str = "P1", line: int = 2, source: str = "SRC-1") -> Record:
    """A consent of the donor under one form."""
    fields: dict[str, Value] = {"donor_id": donor_id, "status": status}
    return Record(Kind.CONSENT, f"{donor_id}|form", donor_id, fields, Locator(source, "file", line))


def specimen(key: str, donor_id: str = "P1", line: int = 3, source: str = "SRC-1", **fields: Value) -> Record:
    """A specimen of the donor."""
    values = {"specimen_id": key, "donor_id": donor_id, "volume_ul": 10.0, **fields}
    return Record(Kind.SPECIMEN, key, donor_id, values, Locator(source, "file", line))
