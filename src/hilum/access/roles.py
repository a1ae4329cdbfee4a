"""The one permission table: guards, buttons and the published list all read it.

``may`` answers, ``check`` raises; both ask the same table, so that a button and a guard cannot disagree.
"""

from collections.abc import Set

from hilum.errors import AccessDenied
from hilum.model.party import Actor, Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "read": frozenset({Role.CURATOR, Role.DATA_MANAGER, Role.AUDITOR}),
    "intake": frozenset({Role.DATA_MANAGER, Role.CURATOR, Role.SERVICE}),
    "mend": frozenset({Role.CURATOR, Role.DATA_MANAGER}),
    "release": frozenset({Role.CURATOR}),
    "approve": frozenset({Role.CURATOR, Role.DATA_MANAGER}),
    "audit": frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    "identify": frozenset({Role.CURATOR}),
    "report": frozenset({Role.CURATOR, Role.DATA_MANAGER, Role.AUDITOR}),
    "operate": frozenset({Role.ADMINISTRATOR}),
    "accounts": frozenset({Role.SECURITY_OFFICER}),
    "tokens": frozenset({Role.SECURITY_OFFICER}),
    "sessions": frozenset({Role.SECURITY_OFFICER}),
    "oversee": frozenset({Role.SECURITY_OFFICER, Role.AUDITOR}),
    "own": frozenset(set(Role) - {Role.SERVICE}),
}
"""permission -> roles that have it. ``identify`` is seeing the source's own identifier of a donor, ``oversee`` is
seeing accounts, tokens and sessions without changing them, ``own`` is what everybody may do with the own account."""

APART: tuple[tuple[Role, frozenset[Role]], ...] = (
    (Role.SECURITY_OFFICER, frozenset(set(Role) - {Role.SECURITY_OFFICER})),
    (Role.AUDITOR, frozenset({Role.ADMINISTRATOR, Role.CURATOR, Role.DATA_MANAGER, Role.SERVICE})),
    (Role.SERVICE, frozenset({Role.ADMINISTRATOR})),
)
"""Separation of duties: who holds the first role may hold none of the others. Whoever admits people neither works with
the records nor runs the machine, and nobody audits their own work."""


def conflict(roles: Set[Role]) -> tuple[Role, Role] | None:
    """Two of ``roles`` that nobody may hold together, or ``None``."""
    for role, others in APART:
        together = sorted(others & roles)
        if role in roles and together:
            return role, together[0]
    return None


def may(actor: Actor, permission: str) -> bool:
    """Whether ``actor`` has ``permission``. An unknown permission is nobody's, and roles that exclude each other give
    none."""
    if actor.scopes is not None and permission not in actor.scopes:
        return False
    return not actor.roles.isdisjoint(PERMISSIONS.get(permission, frozenset())) and conflict(actor.roles) is None


def check(actor: Actor, permission: str) -> None:
    """Raise :class:`AccessDenied` unless ``actor`` has ``permission``."""
    if may(actor, permission):
        return
    both = conflict(actor.roles)
    if both is not None:
        raise AccessDenied("duties_together", actor=actor.name, role=both[0], other=both[1])
    wanted = PERMISSIONS.get(permission, frozenset())
    if actor.scopes is not None and not actor.roles.isdisjoint(wanted):
        raise AccessDenied("scope_lacking", actor=actor.name, permission=permission, scopes=_listed(actor.scopes))
    raise AccessDenied("denied", actor=actor.name, permission=permission, roles=_listed(wanted))


def permissions_of(roles: Set[Role]) -> frozenset[str]:
    """Everything that ``roles`` give together."""
    if conflict(roles) is not None:
        return frozenset()
    return frozenset(name for name, having in PERMISSIONS.items() if having & roles)


def _listed(names: Set[str]) -> str:
    return ", ".join(sorted(names)) or "—"
