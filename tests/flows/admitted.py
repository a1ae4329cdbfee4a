"""A bank with people and programs in it, and a clock that is moved by hand."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from hilum.access.account import AccountKind
from hilum.access.operations import ADD_ORGANIZATION, AddAccount, AddOrganization
from hilum.api.service import make_api
from hilum.app.accounts import add_account, create_token, manage
from hilum.app.founding import found
from hilum.app.identity import Identity
from hilum.app.running import Hilum, open_hilum
from hilum.app.serving import open_service
from hilum.model.party import Actor, Role

OFFICER = Actor("chief", frozenset({Role.SECURITY_OFFICER}))
AUDITOR = Actor("auditor", frozenset({Role.AUDITOR}))
PASSWORD = "correct horse battery"
BEGUN = datetime(2026, 3, 6, 8, tzinfo=UTC)


class HandClock:
    """A clock, and a pulse in seconds, that stand still until they are moved."""

    def __init__(self, at: datetime = BEGUN) -> None:
        self.at = at
        self.beat = 0.0

    def __call__(self) -> datetime:
        return self.at

    def pulse(self) -> float:
        return self.beat

    def move(self, **passed: float) -> None:
        """Let time pass."""
        step = timedelta(**passed)
        self.at += step
        self.beat += step.total_seconds()


@dataclass(frozen=True, slots=True)
class Admitted:
    """An open bank with its identity and clock: wang (curator), lis (service)."""

    app: Hilum
    identity: Identity
    clock: HandClock

    def token(self, account: str = "lis", days: int = 365) -> tuple[str, str]:
        """Id and secret of a new token."""
        made, secret = create_token(self.app, OFFICER, account, days=days)
        return made.id, secret


@contextmanager
def serving(home: Path, clock: HandClock) -> Iterator[str]:
    """The HTTP face over a bank, on a real port of this machine; its address."""
    with open_service(home, clock) as service:
        config = uvicorn.Config(make_api(service), port=0, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            (listening,) = server.servers[0].sockets
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            service.identity.close()


@contextmanager
def admitted(home: Path, settings: str = "") -> Iterator[Admitted]:
    """A new bank at ``home``; ``settings`` are put before its own."""
    found(home, "bank", "root", "en")
    file = home / "hilum.toml"
    file.write_text(file.read_text(encoding="utf-8") + settings, encoding="utf-8")
    clock = HandClock()
    with open_hilum(home, clock) as app:
        manage(app, ADD_ORGANIZATION, OFFICER, AddOrganization("hospital", "模范医院"))
        wang = AddAccount("wang", AccountKind.PERSON, "hospital", frozenset({Role.CURATOR}), subject="wang-7")
        add_account(app, OFFICER, wang, PASSWORD)
        add_account(app, OFFICER, AddAccount("lis", AccountKind.SERVICE, "hospital", frozenset({Role.SERVICE})))
        identity = Identity(app, clock.pulse)
        try:
            yield Admitted(app, identity, clock)
        finally:
            identity.close()
