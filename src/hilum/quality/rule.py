"""What a rule is: data a data manager reads and edits, never code."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hilum.model.record import Kind, Value
from hilum.model.text import Bilingual


class Dimension(StrEnum):
    """The mission's five dimensions of quality, in its order."""

    AUTHENTICITY = "authenticity"
    ACCURACY = "accuracy"
    COMPLETENESS = "completeness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"


class Kahn(StrEnum):
    """Category after Kahn et al. 2016 (doi:10.13063/2327-9214.1244), so that results compare with OHDSI's."""

    CONFORMANCE = "conformance"
    COMPLETENESS = "completeness"
    PLAUSIBILITY = "plausibility"


class Severity(StrEnum):
    """What a failure does: ``reject`` the record cannot be used at all; ``block`` it is held until mended or waived;
    ``warn`` it enters with a flag; ``info`` it is noted."""

    REJECT = "reject"
    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: standard or publication, and clause or table."""

    standard: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class FixSpec:
    """A correction the rule can offer: set ``field`` to the value expression ``set_to`` where ``when`` holds.

    ``basis`` is ``deterministic``, ``dictionary``, ``statistical`` or ``model``; ``lossless`` means the meaning is
    untouched (white space, full-width digits), the only kind that may ever be applied without a person.
    """

    field: str
    set_to: str
    when: str = ""
    confidence: float = 0.5
    basis: str = "deterministic"
    lossless: bool = False


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows (column -> value) the rule must pass, fail (or find unknown), and not apply to; run by ``rules test``."""

    passes: tuple[Mapping[str, Value], ...] = ()
    fails: tuple[Mapping[str, Value], ...] = ()
    not_applicable: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``when`` (empty: always) and ``condition`` are predicates of :mod:`hilum.quality.predicate`.

    Outcome: not applicable unless ``when`` is TRUE; then pass if ``condition`` is TRUE, fail if FALSE, unknown if
    NULL or if the rule itself broke. Unknown counts as a failure, never as a pass.
    """

    id: str
    version: int
    grain: Kind
    title: Bilingual
    why: Bilingual
    hint: Bilingual
    condition: str
    dimension: Dimension
    kahn: Kahn
    severity: Severity
    field: str
    source: Source
    when: str = ""
    weight: int = 1
    topic: str = "conformance"
    fixes: tuple[FixSpec, ...] = ()
    examples: Examples = Examples()
    pack: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Every rule in force, in a stable order, and the digest that names this exact set in every verdict."""

    rules: tuple[Rule, ...]
    digest: str

    def of(self, kind: Kind) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.grain is kind)

    def find(self, rule_id: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.id == rule_id), None)
