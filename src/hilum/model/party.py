"""Who acts, for whom, as what."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person or service is in the bank. What each may do is data in :mod:`hilum.access.roles`."""

    CURATOR = "curator"
    DATA_MANAGER = "data_manager"
    RESEARCHER = "researcher"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SECURITY_OFFICER = "security_officer"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who asks. ``name`` is an account name, never a person's full name.

    ``via`` is the account that really typed when it acted under another name, or the token a program showed; the audit
    trail shows both. ``scopes`` are the permissions a token was made for: they narrow what the roles give and never
    widen it; ``None`` narrows nothing.
    """

    name: str
    roles: frozenset[Role]
    organization: str = ""
    via: str = ""
    scopes: frozenset[str] | None = None

    @property
    def signature(self) -> str:
        return f"{self.name} (via {self.via})" if self.via and self.via != self.name else self.name
