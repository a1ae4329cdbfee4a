"""The one permission table: guards, buttons and the published list all read it.

``may`` answers, ``check`` raises; both ask the same table, so that a button and a guard cannot disagree.
"""

from hilum.errors import AccessDenied
from hilum.model.party import Actor, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "read": frozenset({Role.CURATOR, Role.DATA_MANAGER, Role.AUDITOR}),
    "intake": frozenset({Role.DATA_MANAGER, Role.CURATOR}),
    "mend": frozenset({Role.CURATOR, Role.DATA_MANAGER}),
    "release": frozenset({Role.CURATOR}),
    "approve": frozenset({Role.CURATOR, Role.DATA_MANAGER}),
    "audit": frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    "identify": frozenset({Role.CURATOR}),
    "report": frozenset({Role.CURATOR, Role.DATA_MANAGER, Role.AUDITOR}),
    "operate": frozenset({Role.ADMINISTRATOR}),
}
"""permission -> roles that have it. ``identify`` is seeing the source's own identifier of a donor."""


def may(actor: Actor, permission: str) -> bool:
    """Whether ``actor`` has ``permission``. An unknown permission is nobody's."""
    return not actor.roles.isdisjoint(PERMISSIONS.get(permission, frozenset()))


def check(actor: Actor, permission: str) -> None:
    """Raise :class:`AccessDenied` unless ``actor`` has ``permission``."""
    if not may(actor, permission):
        wanted = ", ".join(sorted(PERMISSIONS.get(permission, frozenset()))) or "—"
        raise AccessDenied("denied", actor=actor.name, permission=permission, roles=wanted)
