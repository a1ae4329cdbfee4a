"""A service that runs as hospitals run it: its own processes, a real port, a token that was issued for it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from hilum.access.account import AccountKind
from hilum.access.operations import (
    ADD_ORGANIZATION,
    LIST_ORGANIZATIONS,
    AddAccount,
    AddOrganization,
    ListOrganizations,
)
from hilum.app.accounts import add_account, create_token, manage
from hilum.app.founding import found
from hilum.app.running import Hilum, open_hilum
from hilum.model.party import Actor, Role

CHIEF = Actor("chief", frozenset({Role.SECURITY_OFFICER}))
_READY = re.compile(r"http://([\d.]+):(\d+)")
PATIENCE_S = 60


def issue_token(app: Hilum, account: str = "lab", roles: frozenset[Role] = frozenset({Role.DATA_MANAGER})) -> str:
    """The secret of a new token for a new service account."""
    if not manage(app, LIST_ORGANIZATIONS, CHIEF, ListOrganizations()):
        manage(app, ADD_ORGANIZATION, CHIEF, AddOrganization("hospital", "Hospital"))
    add_account(app, CHIEF, AddAccount(account, AccountKind.SERVICE, "hospital", roles))
    return create_token(app, CHIEF, account)[1]


@dataclass
class Running:
    """A ``hilum serve`` and how to reach it."""

    home: Path
    token: str
    options: Sequence[str] = ()
    process: "subprocess.Popen[str]" = field(init=False)
    address: str = ""
    log: Path = field(init=False)

    def start(self) -> Self:
        """Start it and wait until a request is answered."""
        self.log = self.home / "serve.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hilum", "--home", str(self.home), "--lang", "en", "serve", *self._where()],
                stderr=log,
                stdout=log,
                text=True,
                env={name: value for name, value in os.environ.items() if not name.startswith("HILUM_")},
            )
        self._wait()
        return self

    def _where(self) -> list[str]:
        port = self.address.rpartition(":")[2] or "0"
        return ["--port", port, *self.options]

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            found_ready = _READY.findall(self.log.read_text())
            if found_ready:
                self.address = "http://{}:{}".format(*found_ready[-1])
                try:
                    httpx.get(f"{self.address}/api/openapi.json", timeout=5)
                except httpx.HTTPError:
                    pass
                else:
                    return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def client(self, **more: Any) -> httpx.Client:
        """A client that shows the token."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE_S, **more)

    def parts(self) -> dict[str, int]:
        """Part -> process id, of the parts that run now."""
        found_parts: dict[str, int] = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    words = (folder / "cmdline").read_bytes().decode().split("\0")
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                except (OSError, ValueError):
                    continue
                if parent == self.process.pid and "--part" in words:
                    found_parts[words[words.index("--part") + 1]] = int(folder.name)
        return found_parts

    def kill(self, part: str) -> None:
        """Kill one part as a power cut would."""
        os.kill(self.parts()[part], signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop and wait; answers its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextmanager
def running(home: Path, *options: str, settings: str = "") -> Iterator[Running]:
    """A bank at ``home`` and its service; ``settings`` are lines put before the bank's own."""
    found(home, "bank", "root", "en")
    file = home / "hilum.toml"
    file.write_text(settings + file.read_text(encoding="utf-8"), encoding="utf-8")
    with open_hilum(home) as app:
        token = issue_token(app)
    service = Running(home, token, options).start()
    try:
        yield service
    finally:
        service.stop()


def ndjson(records: Sequence[object]) -> bytes:
    """Records one per line."""
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in records).encode()
