"""The watch beside the gate: cheap while nothing is due, and made again from the bank whenever it may have erred."""

from collections.abc import Iterable
from datetime import datetime

from hilum.app.running import Hilum
from hilum.errors import BadInputError
from hilum.messages import Language
from hilum.model.party import Actor, Role
from hilum.quality import watch_words
from hilum.quality.watch import Notice
from hilum.quality.watch_limits import FILE, Limits, load_limits
from hilum.registry.stored import StoredRecord
from hilum.registry.watching import Watcher
from hilum.registry.watching_known import Swept, Work
from hilum.registry.watching_operations import SWEEP_WATCH, SweepWatch

WATCH = Actor("watch", frozenset({Role.DATA_MANAGER}))
"""Who tells of what nobody sent."""
_NOTHING = Swept()


def limits_of(app: Hilum) -> Limits:
    """The hospital's limits: ``watch.toml`` beside its settings. Raises :class:`BadInputError` for what is wrong."""
    file = app.settings.home / FILE
    if not file.exists():
        return Limits()
    try:
        return load_limits(file.read_text(encoding="utf-8"), str(file))
    except UnicodeDecodeError as broken:
        raise BadInputError("settings_unreadable", place=str(file), why="UTF-8") from broken


class Watch:
    """The watch over an open bank; one per process, called by one thread.

    Call :meth:`sweep` about once a second and after each batch that was taken in. It sees for itself what came, by
    whichever way; :meth:`note` is only a nudge, so that what was just taken in is looked at by the next sweep.
    """

    def __init__(self, app: Hilum, actor: Actor = WATCH) -> None:
        self._app = app
        self._actor = actor
        self._limits = limits_of(app)
        self._watcher: Watcher | None = None
        self._noted = True

    def due(self) -> datetime | None:
        """When a sweep will next have something to do if nothing comes in; ``None``: nothing is expected.

        Before the first sweep, and while something noted or left over waits, that is the present instant.
        """
        if self._watcher is None or self._noted:
            return self._app.clock()
        with self._app.bank.read() as unit:
            return self._watcher.due(unit)

    def note(self, records: Iterable[StoredRecord]) -> None:
        """Say what was just taken in."""
        self._noted = self._noted or any(True for _ in records)

    def sweep(self) -> Swept:
        """Look, and do what there is to do. Raises :class:`~hilum.errors.StoreError` when the bank does not answer;
        the next sweep then begins from what the bank holds."""
        try:
            return self._sweep()
        except BaseException:
            self._watcher = None
            raise

    def _sweep(self) -> Swept:
        work = self._look()
        self._noted = work.more
        if self._watcher is None or work.is_nothing:
            return Swept(more=work.more) if work.more else _NOTHING
        return self._app.run(SWEEP_WATCH, self._actor, SweepWatch(self._watcher, work))

    def _look(self) -> Work:
        now = self._app.clock()
        with self._app.bank.read() as unit:
            if self._watcher is None:
                self._watcher = Watcher(unit, now, self._limits)
            return self._watcher.look(unit, now)


def sweep_all(app: Hilum, actor: Actor) -> Swept:
    """One whole sweep by hand, from what the bank holds. Raises :class:`~hilum.errors.AccessDenied`."""
    app.authorise(SWEEP_WATCH.name, SWEEP_WATCH.needs, actor)
    watch = Watch(app, actor)
    total = watch.sweep()
    while total.more:
        total += watch.sweep()
    return total


def notice_json(one: Notice, language: Language) -> dict[str, object]:
    """A notice for programs."""
    return {
        "notice": one.id,
        "rule": one.rule,
        "subject": one.subject,
        "severity": one.severity.value,
        "since": one.since,
        "raised_at": one.raised_at,
        "closed_at": one.closed_at or None,
        "reason": one.reason or None,
        "title": watch_words.title(one, language),
        "why": watch_words.why(one, language),
        "hint": watch_words.hint(one, language),
        "facts": dict(one.body),
    }
