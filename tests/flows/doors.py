"""A bank with its gate at work in a thread and its doors open on the test's own event loop."""

import asyncio
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hilum.app.doors import DoorKeeper, configured
from hilum.app.founding import found
from hilum.app.running import open_hilum
from hilum.app.serving import Service, keep_gate, open_service
from hilum.registry.ports import QueueFilter
from hilum.registry.stored import StoredRecord

PATIENCE_S = 30.0

ORU = (
    "MSH|^~\\&|{app}|HOSPITAL|HILUM|BANK|20260801083000+0800||OUL^R22^OUL_R22|{control}|P|2.5.1||||||UNICODE UTF-8\r"
    "PID|1||{donor}^^^HOSPITAL^MR||张^伟||19700305|M\r"
    "SPM|1|{specimen}||BLD^全血^HL70487||||||||{amount}^mL|||||20260801080000+0800|20260801082000+0800\r"
)


def oru(control: str = "1", donor: str = "P-1", specimen: str = "S-1", amount: str = "5", app: str = "LIS") -> bytes:
    """A specimen as a laboratory system reports it."""
    return ORU.format(app=app, control=control, donor=donor, specimen=specimen, amount=amount).encode()


@dataclass
class Open:
    """The doors of one bank while they are open."""

    home: Path
    service: Service
    keeper: DoorKeeper
    said: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.keeper.ports[0]

    def counts(self) -> Mapping[tuple[str, str], int]:
        """(kind, state) -> records in the bank."""
        with self.service.app.bank.read() as unit:
            return unit.counts()

    def records(self) -> list[StoredRecord]:
        with self.service.app.bank.read() as unit:
            return unit.find_records(QueueFilter(limit=10_000))

    def arrivals(self) -> int:
        """How many arrivals the inbox has."""
        return sum(self.service.receiver.inbox.counts().values())


def bank(home: Path, settings: str, *, account: str = "lab") -> Path:
    """A new bank with these settings and an account that may send."""
    found(home, "bank", "root", "en")
    file = home / "hilum.toml"
    text = file.read_text(encoding="utf-8").replace("[actors]", f'[actors]\n{account} = ["data_manager"]', 1)
    assert account in text
    file.write_text(f"{text}\n{settings}\n", encoding="utf-8")
    return home


@contextmanager
def gate(home: Path) -> Iterator[None]:
    """The bank's gate at work."""
    stop = threading.Event()
    working = threading.Thread(target=keep_gate, args=(home, stop), daemon=True)
    working.start()
    try:
        yield
    finally:
        stop.set()
        working.join(PATIENCE_S)


@asynccontextmanager
async def doors(home: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[Open]:
    """The bank's doors, open."""
    said: list[str] = []
    with open_service(home) as service:
        keeper = DoorKeeper(service, configured(service.settings), said.append, environment or {})
        await keeper.start()
        try:
            yield Open(home, service, keeper, said)
        finally:
            await keeper.stop()


async def until(true: Callable[[], bool | Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    """Wait for something to become so; fail when it does not."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        answer = true()
        if answer if isinstance(answer, bool) else await answer:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"not so within {patience_s} s")


def free_port() -> int:
    """A port nobody has now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def program(name: str) -> str:
    """A program of the system; the test is skipped where there is none."""
    where = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if where is None:
        pytest.skip(f"{name} is not installed")
    return where


@dataclass
class Program:
    """A server program that may be killed and started again at the same place."""

    command: list[str]
    port: int
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "Program":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with socket.socket() as asked:
                asked.settimeout(1)
                if asked.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait(PATIENCE_S)


def facts(home: Path) -> Mapping[tuple[str, str], int]:
    """(kind, state) -> records, asked of the bank by itself."""
    with open_hilum(home) as app, app.bank.read() as unit:
        return unit.counts()
