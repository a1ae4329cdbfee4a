"""A bank whose clock a test moves: records come in as a program sends them, and the watch sweeps."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hilum.app.founding import found
from hilum.app.gatekeeping import GATE
from hilum.app.rules import ruleset_of
from hilum.app.running import Hilum
from hilum.app.watching import Watch
from hilum.clock import stamp
from hilum.formats import record_json
from hilum.model import ids
from hilum.quality.gate import Gate
from hilum.quality.watch import Notice, WatchRule
from hilum.registry.desk import TakeBatch, Taken
from hilum.registry.operations import TAKE_BATCH
from hilum.registry.stored import Source
from hilum.registry.watch_stored import NoticeFilter
from hilum.registry.watching_known import Swept
from hilum.settings import Settings, load
from hilum.stores.opening import open_bank
from hilum.stores.vault import open_vault

START = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Ward:
    """The bank, its clock and its watch."""

    app: Hilum
    clock: Clock
    watch: Watch
    sent: int = 0

    def at(self, minute: float) -> datetime:
        """An instant so many minutes after the start."""
        return START + timedelta(minutes=minute)

    def move(self, minute: float) -> None:
        """Set the clock to so many minutes after the start."""
        self.clock.now = self.at(minute)

    def take(self, *records: tuple[str, Mapping[str, object]]) -> Taken:
        """Records as one program sends them: (kind, fields)."""
        self.sent += 1
        source = Source(
            ids.mint(ids.SOURCE, str(self.sent)), "", f"message-{self.sent}", "json", 0, stamp(self.clock())
        )
        body = json.dumps([{"kind": kind, "fields": dict(fields)} for kind, fields in records]).encode()
        items = tuple(record_json.items(body, source.name, source.id))
        taken = self.app.run(TAKE_BATCH, GATE, TakeBatch(source, items, len(items), finished=True))
        assert not taken.problems
        return taken

    def sweep(self) -> Swept:
        """Sweep until nothing is left over."""
        swept = self.watch.sweep()
        while swept.more:
            swept += self.watch.sweep()
        return swept

    def notices(self, rule: WatchRule | None = None) -> list[Notice]:
        """Every notice of the bank, or of one rule, in the order raised."""
        with self.app.bank.read() as unit:
            return unit.find_notices(NoticeFilter(rule=rule.value if rule else "", limit=100_000))

    def restart(self) -> None:
        """A new watch that knows nothing but the bank."""
        self.watch = Watch(self.app)


@contextmanager
def ward(home: Path, limits: str = "", at: datetime = START) -> Iterator[Ward]:
    """A new bank, with a hospital's own limits if given."""
    found(home, "bank", "root", "en")
    if limits:
        (home / "watch.toml").write_text(limits, encoding="utf-8")
    clock = Clock(at)
    settings = load(home)
    with Hilum(settings, open_bank(settings), open_vault(settings), gate(), clock) as app:
        yield Ward(app, clock, Watch(app))


@cache
def gate() -> Gate:
    """The shipped rules, read once for all tests."""
    return Gate(ruleset_of(Settings(home=Path("nowhere"))))


def reading(logger: str, at: datetime, value: float | None, **more: object) -> tuple[str, Mapping[str, object]]:
    """One value of a logger."""
    return "reading", {"logger": logger, "read_at": stamp(at), "value_c": value, **more}
