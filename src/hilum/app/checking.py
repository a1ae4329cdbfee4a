"""``check``: a dry run. The gate answers as it would in an intake; the bank and the vault stay as they were."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hilum.app.intake import Progress, Summary, try_out
from hilum.app.reading import Readers
from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.model.party import Actor
from hilum.model.record import Value
from hilum.registry.desk import TakeBatch, Taken
from hilum.registry.operations import TAKE_BATCH
from hilum.registry.ports import Unit, Vault


class _Enough(Exception):  # noqa: N818 - carries the dry run out of its transaction
    """The dry run is over; nothing may be committed."""


class DryVault:
    """The vault as it is, with what the dry run would add kept in memory."""

    def __init__(self, real: Vault) -> None:
        self._real = real
        self._people: dict[str, str] = {}
        self._personal: dict[str, dict[str, Value]] = {}

    def key(self) -> bytes:
        return self._real.key()

    def keep_original(self, path: str) -> tuple[str, int]:
        return self._real.keep_original(path)

    def original(self, digest: str) -> str:
        return self._real.original(digest)

    def put_people(self, people: Mapping[str, str]) -> None:
        self._people.update(people)

    def people(self, pseudonyms: Collection[str]) -> dict[str, str]:
        mine = {one: self._people[one] for one in pseudonyms if one in self._people}
        return self._real.people([one for one in pseudonyms if one not in mine]) | mine

    def put_personal(self, values: Mapping[str, Mapping[str, Value]]) -> None:
        self._personal.update({record: dict(fields) for record, fields in values.items()})

    def personal(self, record_ids: Collection[str]) -> dict[str, dict[str, Value]]:
        mine = {one: self._personal[one] for one in record_ids if one in self._personal}
        return self._real.personal([one for one in record_ids if one not in mine]) | mine


def check(
    app: Hilum,
    actor: Actor,
    paths: Sequence[Path],
    readers: Readers,
    progress: Progress = lambda *_: None,
    after: Callable[[Unit, Readers], object] = lambda *_: None,
) -> Summary:
    """What an intake of ``paths`` would come to. ``after`` sees the dry run's bank before it is thrown away."""
    app.authorise("intake.check", "read", actor)
    dry = Hilum(app.settings, app.bank, DryVault(app.vault), app.gate, app.clock)
    summary = Summary()
    try:
        with app.bank.begin() as unit:
            dry_readers = replace(readers, keeping=False)
            summary = try_out(unit, dry, paths, dry_readers, _taker(dry, unit, actor), progress)
            after(unit, dry_readers)
            raise _Enough
    except _Enough:
        return summary


def _taker(dry: Hilum, unit: Unit, actor: Actor) -> Callable[[TakeBatch], Taken]:
    def take(command: TakeBatch) -> Taken:
        at = dry.desk_on(unit, "intake.check", actor, stamp(dry.clock()))
        return TAKE_BATCH.handler(at, actor, command).result

    return take
