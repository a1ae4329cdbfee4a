"""Whether an account may send: asked by doors whose senders show no token (a port, a folder, a topic is theirs)."""

import time
from collections.abc import Callable
from threading import Lock

from hilum.access.account import account_refusal, actor_of_account
from hilum.access.passwords import is_name
from hilum.app.running import Hilum, actor_of
from hilum.errors import AccessDenied, HilumError
from hilum.model.party import Actor

REMEMBERED_S = 5.0
"""For so long a suspended account may still send."""
_NEEDS, _OPERATION = "intake", "intake.arrivals"

Admit = Callable[[str], None]
"""Let an account through, or raise :class:`AccessDenied`."""


class Admission:
    """The answer for each account, asked of the bank at most every five seconds, so that a denied sender that knocks a
    thousand times a second fills no audit trail. An account of the bank counts; without one, ``[actors]`` in the
    settings does."""

    def __init__(self, app: Hilum, pulse: Callable[[], float] = time.monotonic) -> None:
        self._app, self._pulse = app, pulse
        self._known: dict[str, tuple[float, AccessDenied | None]] = {}
        self._lock = Lock()

    def admit(self, account: str) -> None:
        """Raises :class:`AccessDenied` when the account may send nothing, :class:`~hilum.errors.StoreError` when the
        bank cannot be asked."""
        with self._lock:
            until, denial = self._known.get(account, (0.0, None))
            if self._pulse() >= until:
                asked_at = self._pulse()
                denial = self._ask(account)
                self._known[account] = asked_at + REMEMBERED_S, denial
        if denial is not None:
            raise denial

    def _ask(self, name: str) -> AccessDenied | None:
        try:
            self._app.authorise(_OPERATION, _NEEDS, self._actor(name))
        except AccessDenied as denial:
            return denial
        return None

    def _actor(self, name: str) -> Actor:
        with self._app.bank.read() as unit:
            account = unit.account(name) if is_name(name) else None
            organization = unit.organization(account.organization) if account is not None else None
        if account is None:
            return actor_of(self._app.settings, name)
        if account_refusal(account, organization):
            return Actor(name, frozenset())
        return actor_of_account(account)


def check_accounts(admit: Admit, accounts: list[str]) -> dict[str, HilumError]:
    """Accounts the settings name that may send nothing, with the reason: told when the doors open."""
    refused: dict[str, HilumError] = {}
    for account in dict.fromkeys(accounts):
        try:
            admit(account)
        except HilumError as wrong:
            refused[account] = wrong
    return refused
