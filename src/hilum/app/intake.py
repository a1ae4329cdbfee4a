"""Files in: keep the bytes, unpack, read in an order in which parents come first, and take in batch by batch.

Every batch is one transaction that also moves its source's resume point, so that a stop at any instant loses nothing
that was acknowledged and repeats nothing. A file already taken in is recognised by its bytes and left alone.
"""

import hashlib
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from hilum.app.reading import Readers
from hilum.app.remembered import Remembered
from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.errors import BadInputError
from hilum.formats.archive import problem, readable
from hilum.formats.member import Member
from hilum.formats.reading import members
from hilum.model import ids
from hilum.model.party import Actor
from hilum.model.record import Item, Locator, SourceProblem
from hilum.registry.desk import TakeBatch, Taken
from hilum.registry.operations import TAKE_BATCH
from hilum.registry.ports import Unit
from hilum.registry.runs import TAIL
from hilum.registry.stored import Source, SourceState, StoredProblem, StoredRecord

Take = Callable[[TakeBatch], Taken]
Progress = Callable[[str, int, int], None]
"""Called with (what, bytes done, bytes in all) while something long runs."""
_SHOWN = 200
_ARCHIVES = (".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".zip")
_UNREAD = frozenset(
    {"archive_member_damaged", "archive_encrypted", "archive_outside", "archive_link", "archive_special"}
    | {"archive_double_member", "archive_bad_name", "archive_nested", "file_unreadable"}
    | {"line_too_long", "line_ragged", "row_long", "row_without_key"}
)
"""Problems by which a file, a line or a row was left out although the rest of what it stood in was read."""
_NUMBERS = ("accepted", "held", "rejected", "unchanged", "corrections", "released")


@dataclass(slots=True)
class Summary:
    """What one intake came to. ``stopped`` keeps the first held or rejected records, for showing."""

    accepted: int = 0
    held: int = 0
    rejected: int = 0
    unchanged: int = 0
    corrections: int = 0
    released: int = 0
    sources: int = 0
    already: int = 0
    problems: list[StoredProblem] = field(default_factory=list)
    stopped: list[StoredRecord] = field(default_factory=list)
    waiting: Remembered = field(default_factory=Remembered)
    """Records this intake has held so far; what it waited for may still come."""
    process: dict[str, int] = field(default_factory=dict)
    """Verdict on their SOP -> specimens this intake touched; empty where no SOP speaks of any."""
    process_until: str = ""
    """When the first pending step of theirs falls due."""

    @property
    def records(self) -> int:
        return self.accepted + self.held + self.rejected + self.unchanged

    @property
    def needs_a_person(self) -> bool:
        """Whether anything was held, rejected or left unread."""
        unread = any(one.fatal or one.reason in _UNREAD for one in self.problems)
        return bool(self.held or self.rejected or unread)

    def add(self, taken: Taken) -> None:
        """Count one batch in; what an earlier one held and this one let in is no longer held."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(taken, name))
        freed = set(taken.freed)
        mine = self.waiting.take_out(freed)
        self.held -= mine
        self.accepted += mine
        for one in taken.stopped:
            if one.id not in freed:
                self.waiting.add(one.id)
        self.problems.extend(taken.problems)
        self.stopped = [one for one in self.stopped if one.id not in freed]
        still = [one for one in taken.stopped if one.id not in freed]
        self.stopped.extend(still[: max(0, _SHOWN - len(self.stopped))])


@dataclass(frozen=True, slots=True)
class Delivery:
    """One or more files that belong together: name and path of each, and what they are called as a whole."""

    id: str
    name: str
    digest: str
    size: int
    files: tuple[tuple[str, Path], ...]
    refused: tuple[SourceProblem, ...] = ()
    """What could not even be opened, told where it lies; the other files are taken in."""


@dataclass(slots=True)
class _Work:
    """What the taking of one delivery needs. ``unit`` opens a transaction, or lends the dry run's only one."""

    app: Hilum
    readers: Readers
    take: Take
    summary: Summary
    progress: Progress
    unit: Callable[[], AbstractContextManager[Unit]]


def intake(
    app: Hilum, actor: Actor, paths: Sequence[Path], readers: Readers, progress: Progress = lambda *_: None
) -> Summary:
    """Take in files, folders and archives. Raises :class:`BadInputError` for a path that is not there, or
    :class:`~hilum.errors.RuleError` for rules that cannot be read, before anything is kept."""
    app.authorise(TAKE_BATCH.name, TAKE_BATCH.needs, actor)
    _ = app.gate.ruleset

    def take(command: TakeBatch) -> Taken:
        return app.run(TAKE_BATCH, actor, command)

    work, began = _Work(app, readers, take, Summary(), progress, app.bank.begin), stamp(app.clock())
    for delivery in look(paths):
        _take_delivery(work, _kept(app, delivery))
    with app.bank.read() as unit:
        count_process(work.summary, unit, began)
    return work.summary


def try_out(unit: Unit, app: Hilum, paths: Sequence[Path], readers: Readers, take: Take, progress: Progress) -> Summary:
    """The same, all inside the caller's one transaction, which the caller throws away."""
    work, began = _Work(app, readers, take, Summary(), progress, lambda: nullcontext(unit)), stamp(app.clock())
    for delivery in look(paths):
        _take_delivery(work, delivery)
    count_process(work.summary, unit, began)
    return work.summary


def count_process(summary: Summary, unit: Unit, began: str) -> None:
    """Count how the specimens assessed since ``began`` stand to their SOPs."""
    for (_, verdict), count in unit.process_counts(began).items():
        summary.process[verdict] = summary.process.get(verdict, 0) + count
    if summary.process:
        summary.process_until = unit.process_until(began)


def look(paths: Sequence[Path]) -> Iterator[Delivery]:
    """What there is to take in: an archive by itself, the plain files of a folder (or named together) together.

    Raises :class:`BadInputError` for a path that is not there, or when there is no file at all.
    """
    for path in paths:
        if not path.exists():
            raise BadInputError("path_missing", place=str(path))
    loose = [path for path in paths if not path.is_dir() and not is_archive(path)]
    found = [_delivery(loose, loose[0].parent)] if loose else []
    for path in paths:
        if path.is_dir():
            found += _in_folder(path)
        elif is_archive(path):
            found.append(_delivery([path], path.parent))
    if not found:
        raise BadInputError("nothing_to_read", place=", ".join(map(str, paths)))
    return iter(found)


def _in_folder(folder: Path) -> Iterator[Delivery]:
    closed: list[OSError] = []
    inside = sorted(
        Path(place) / name
        for place, _, names in os.walk(folder, onerror=closed.append)
        for name in names
        if not name.startswith(".") and (Path(place) / name).is_file()
    )
    plain = [one for one in inside if not is_archive(one)]
    if plain or closed:
        yield _delivery(plain, folder, closed)
    yield from (_delivery([one], one.parent) for one in inside if is_archive(one))


def is_archive(path: Path) -> bool:
    """Whether the name says that there are files within."""
    return path.name.lower().endswith(_ARCHIVES)


def _delivery(files: Sequence[Path], root: Path, closed: Sequence[OSError] = ()) -> Delivery:
    """Files that come together; ``closed`` are folders among them that would not open."""
    refused = [_refused(_called(Path(str(error.filename)), root), error) for error in closed]
    named: list[tuple[str, Path]] = []
    digests: list[tuple[str, str]] = []
    for path in files:
        name = _called(path, root)
        try:
            if not path.is_file():
                refused.append(problem("archive_special", name, fatal=True, name=path.name))
                continue
            digests.append((name, _digest(path)))
            named.append((name, path))
        except OSError as error:
            refused.append(_refused(name, error))
    names = [name for name, _ in named] or [one.locator.place for one in refused]
    alone = len(named) == len(names) == len(files) == 1
    parts = [digests[0][1]] if alone else [f"{name}:{digest}" for name, digest in digests] or names
    name = names[0] if len(names) == 1 else f"{readable(root.resolve().name)} ({len(names)})"
    size = sum(path.stat().st_size for _, path in named)
    identity = ids.mint(ids.SOURCE, *parts)
    return Delivery(identity, name, parts[0] if alone else "", size, tuple(named), tuple(refused))


def _called(path: Path, root: Path) -> str:
    """The file's label: where it lies below ``root``, in characters that can be stored."""
    return readable(str(path.relative_to(root)) if path.is_relative_to(root) else path.name)


def _refused(name: str, error: OSError) -> SourceProblem:
    return problem("file_unreadable", name, fatal=True, why=error.strerror or type(error).__name__)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kept(app: Hilum, delivery: Delivery) -> Delivery:
    """The same delivery, its bytes safe in the vault and to be read from there."""
    kept = []
    for name, path in delivery.files:
        digest, _ = app.vault.keep_original(str(path))
        kept.append((name, Path(app.vault.original(digest))))
    return replace(delivery, files=tuple(kept))


def _take_delivery(work: _Work, delivery: Delivery) -> None:
    source = _remembered(work, Source(delivery.id, delivery.digest, delivery.name, "delivery", delivery.size, ""))
    if source.state is SourceState.DONE:
        work.summary.already += 1
        return
    with tempfile.TemporaryDirectory(prefix="hilum-") as folder:
        found = list(_unpacked(delivery, Path(folder)))
        problems = [*delivery.refused, *(one for one in found if isinstance(one, SourceProblem))]
        _note(work, delivery, problems)
        listed = sorted((one for one in found if isinstance(one, Member)), key=lambda one: (one.rank, one.place))
        total = sum(member.size for member in listed) or 1
        done, whole = 0, not delivery.refused
        for member in listed:
            work.progress(member.place, done, total)
            whole = _take_member(work, delivery, member) and whole
            done += member.size
        work.progress(delivery.name, total, total)
    if whole:
        with work.unit() as unit:
            unit.put_source(replace(source, state=SourceState.DONE))


def _remembered(work: _Work, source: Source) -> Source:
    """The source as the bank knows it, or put down now."""
    with work.unit() as unit:
        known = unit.source(source.id)
        if known is None:
            known = replace(source, received_at=stamp(work.app.clock()))
            unit.put_source(known)
        return known


def _unpacked(delivery: Delivery, folder: Path) -> Iterator[Member | SourceProblem]:
    """Members under the names they came with, read from where the bytes are safe. Files that came in one folder lie
    beside each other, as those of one archive do."""
    files = enumerate(delivery.files)
    placed = [(name, _linked(original, folder / str(number), name)) for number, (name, original) in files]
    beside: dict[Path, dict[str, Path]] = {}
    for name, place in placed:
        beside.setdefault(Path(name).parent, {})[place.name.lower()] = place
    for number, (name, place) in enumerate(placed):
        for one in members(place, folder / f"{number}.out"):
            if isinstance(one, Member) and one.path == place:
                yield replace(one, beside=beside[Path(name).parent])
            else:
                yield one


def _linked(original: Path, folder: Path, name: str) -> Path:
    """The file in a folder of its own, under the name it came with."""
    place = folder / Path(name).name
    folder.mkdir()
    try:
        os.link(original, place)
    except OSError:  # another disk: point to the bytes rather than copy gigabytes of them
        place.symlink_to(original.resolve())
    return place


def _note(work: _Work, delivery: Delivery, problems: Iterable[SourceProblem]) -> None:
    """Keep what was wrong with the delivery as such; a resumed intake does not say it twice."""
    stored = [
        StoredProblem(one.reason, Locator(delivery.id, one.locator.place, one.locator.line), one.values, one.fatal)
        for one in problems
    ]
    work.summary.problems.extend(stored)
    with work.unit() as unit:
        known = {(one.reason, one.locator) for one in unit.problems(delivery.id)}
        unit.add_problems(delivery.id, [one for one in stored if (one.reason, one.locator) not in known])


def _take_member(work: _Work, delivery: Delivery, member: Member) -> bool:
    """Take one file in, from where it was left; answers whether it could be read to its end."""
    identity = ids.mint(ids.SOURCE, delivery.id, member.place, member.digest)
    fresh = Source(identity, member.digest, member.place, member.format, member.size, "", parent=delivery.id)
    source = _remembered(work, fresh)
    if source.state is SourceState.DONE:
        return True
    work.summary.sources += 1
    done, failed = source.items_done, False
    start = max(0, done - TAIL)
    stream = iter(work.readers.items(member, source.id, start))
    before = tuple(islice(stream, done - start))
    for tail, batch, after in stretches(stream, work.app.settings.batch, before):
        done += len(batch)
        failed = failed or any(isinstance(item, SourceProblem) and item.fatal for item in batch)
        work.summary.add(work.take(TakeBatch(source, batch, done, finished=False, before=tail, after=after)))
    work.summary.add(work.take(TakeBatch(source, (), done, finished=True, failed=failed)))
    return not failed


Stretch = tuple[tuple[Item, ...], tuple[Item, ...], tuple[Item, ...]]


def stretches(stream: Iterable[Item], size: int, before: tuple[Item, ...] = ()) -> Iterator[Stretch]:
    """``stream`` in batches of at most ``size``, each between the :data:`TAIL` items before and after it."""
    source = iter(stream)
    ahead = deque(islice(source, size + TAIL))
    while ahead:
        batch = tuple(islice(ahead, size))
        for _ in batch:
            ahead.popleft()
        ahead.extend(islice(source, size + TAIL - len(ahead)))
        yield before, batch, tuple(islice(ahead, TAIL))
        before = (*before, *batch)[-TAIL:]
