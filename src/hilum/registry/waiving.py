"""Which waivers hold: one rule set aside for one record, asked for by one person and agreed to by another."""

from collections.abc import Mapping, Sequence

from hilum.registry.stored import Waiver


def holds(waiver: Waiver, now: str) -> bool:
    """Whether ``waiver`` is approved by a second person, not withdrawn, and not past its last day."""
    agreed = bool(waiver.approved_by) and waiver.approved_by != waiver.requested_by
    return agreed and not waiver.withdrawn and (not waiver.expires_on or now[:10] <= waiver.expires_on)


def rules_waived(waivers: Mapping[str, Sequence[Waiver]], now: str) -> dict[str, frozenset[str]]:
    """record id -> rules waived for it at ``now``."""
    return {record: frozenset(w.rule for w in some if holds(w, now)) for record, some in waivers.items()}
