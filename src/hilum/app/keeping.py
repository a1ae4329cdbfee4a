"""Keeping a bank sound: doctor, backups, and data from outside."""

from collections.abc import Callable
from pathlib import Path

from hilum.app.rules import ruleset_of
from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.errors import BadInputError
from hilum.formats import gdc
from hilum.model.party import Actor
from hilum.quality.pack import load_shipped
from hilum.settings import Settings, load
from hilum.stores import backup, doctor
from hilum.stores.backup_parts import Manifest
from hilum.stores.doctor import Check, Level

Progress = Callable[[str, int, int], None]


def examine(home: Path, *, thorough: bool = False) -> list[Check]:
    """Every check of the bank at ``home``. Needs no permission: it shows no record."""
    settings = load(home)
    return [*doctor.examine(settings, thorough=thorough), _rules(settings)]


def _rules(settings: Settings) -> Check:
    """Whether the rules in force can be read, the hospital's own among them."""
    try:
        ruleset = ruleset_of(settings)
    except BadInputError as wrong:
        return Check("rules", Level.FAIL, {"why": wrong.message("zh"), "why_en": wrong.message("en")})
    own = len({rule.pack for rule in ruleset.rules} - {rule.pack for rule in load_shipped()})
    return Check("rules", Level.OK, {"count": len(ruleset.rules), "own": own})


def back_up(app: Hilum, actor: Actor, to: Path, progress: Progress) -> Manifest:
    """Copy the bank, in use or not. The operator's work, and on the audit trail."""
    app.authorise("backup.create", "operate", actor)
    manifest = backup.create(app.settings, to, progress, stamp(app.clock()))
    app.record("backup.create", actor, to.name)
    return manifest


def check_backup(path: Path, progress: Progress) -> Manifest:
    """Read a backup through. Raises :class:`~hilum.errors.StoreError` when it is not whole."""
    return backup.verify(path, progress)


def bring_back(path: Path, into: Path, progress: Progress) -> Manifest:
    """Make a bank from a backup, in a folder that holds nothing."""
    return backup.restore(path, into, progress)


def fetch(name: str, into: Path, progress: Progress) -> gdc.Downloaded:
    """Open-access files of a cohort from the Genomic Data Commons, for a user who has a network."""

    def report(one: gdc.Progress) -> None:
        progress(f"{one.name} ({one.number}/{one.files})", one.done, one.total)

    return gdc.get(name, into, progress=report)
