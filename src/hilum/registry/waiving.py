"""Which waivers hold: one rule set aside for one record, asked for by one person and agreed to by another.

What a donor allowed is not the laboratory's to set aside: rules on consent are never waived. Where an ethics committee
has waived consent, that is recorded as the donor's consent (status ``waiver``), and the rules are then satisfied.
"""

from collections.abc import Mapping, Sequence

from hilum.quality.rule import Rule
from hilum.registry.stored import Waiver

_CONSENT = "consent"


def may_be_waived(rule: Rule) -> bool:
    """Whether two people of the biobank may set ``rule`` aside for a record."""
    return rule.topic != _CONSENT


def holds(waiver: Waiver, now: str) -> bool:
    """Whether ``waiver`` is approved by a second person, not withdrawn, and not past its last day."""
    agreed = bool(waiver.approved_by) and waiver.approved_by != waiver.requested_by
    return agreed and not waiver.withdrawn and (not waiver.expires_on or now[:10] <= waiver.expires_on)


def rules_waived(waivers: Mapping[str, Sequence[Waiver]], now: str) -> dict[str, frozenset[str]]:
    """record id -> rules waived for it at ``now``."""
    return {record: frozenset(w.rule for w in some if holds(w, now)) for record, some in waivers.items()}
