"""A watched folder: files that have come to rest are read whole, handed over, and moved aside with their verdict.

Looked at in intervals, which works on network shares as on disks. A file counts as whole when its size and time have
not changed for a while, or when ``<name>.done`` lies beside it; it stays where it is until its verdict is written, so
that a stop at any instant repeats a hand-over and never loses one. What is meant by a verdict is not known here.
"""

import asyncio
import heapq
import os
import stat
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

Tell = Callable[[str, Mapping[str, object]], None]
"""What happened (a word) and figures about it; never a file's name, which may be a person's."""

DONE, VERDICT = ".done", ".verdict"
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", DONE, ".verdict.json", ".verdict.txt")
_HIDDEN = (".", "~$")
_AT_ONCE, _BYTES_AT_ONCE = 32, 64 << 20
_LISTED = 1_000
_LONGEST = 190
_EMPTY = 6
"""An empty file is waited for so many times longer: most are about to be written."""
_PAUSES_S = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file: into which subfolder it goes (``taken``, ``refused``; empty: it stays), what is written
    beside it for programs and for people, and a tag for names that are taken."""

    place: str
    report: bytes
    words: str
    tag: str = ""


Take = Callable[[str, bytes], Awaitable[Verdict | None]]
"""Name and bytes of a file; ``None`` when nothing can be said yet and it should be tried again later."""
Refuse = Callable[[str, str], Verdict]
"""Name of a file that is not read, and why: ``too_large``, ``link``, ``unreadable``, ``empty``."""


@dataclass(frozen=True, slots=True)
class Watching:
    """One folder: ``limit`` is the largest file in bytes that is read."""

    path: Path
    limit: int
    quiet_s: float = 5.0
    marker: bool = False


Print = tuple[int, int, int]
"""Size, time of change, and node of a file."""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    print: Print
    link: bool

    @property
    def size(self) -> int:
        return self.print[0]


@dataclass(slots=True)
class _Seen:
    print: Print
    since: float
    tries: int = 0
    due: float = field(default=0.0)


class FolderWatch:
    """Watches one folder. One at a time."""

    def __init__(
        self, at: Watching, take: Take, refuse: Refuse, tell: Tell, pulse: Callable[[], float] = time.monotonic
    ) -> None:
        self._at, self._take, self._refuse, self._tell, self._pulse = at, take, refuse, tell, pulse
        self._seen: dict[str, _Seen] = {}
        self._away = False

    async def run(self, stop: asyncio.Event, every_s: float) -> None:
        """Look again and again until ``stop``."""
        while not stop.is_set():
            settled = await self.look()
            if settled < _AT_ONCE:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), every_s)

    async def look(self) -> int:
        """One look: whatever has come to rest is handed over. Answers how many files were settled."""
        try:
            files, marked = await asyncio.to_thread(self._list)
        except OSError as wrong:
            if not self._away:
                self._tell("folder_away", {"folder": str(self._at.path), "why": wrong.strerror or ""})
            self._away = True
            return 0
        if self._away:
            self._tell("folder_back", {"folder": str(self._at.path)})
            self._away = False
        ready = [one for one in files if self._is_ready(one, one.name in marked)]
        settled = 0
        for together in _portions(ready):
            read = await asyncio.gather(*(asyncio.to_thread(self._read, one) for one in together))
            pairs = zip(together, read, strict=True)
            settled += sum(await asyncio.gather(*(self._settle(one, *found) for one, found in pairs)))
        return settled

    def _list(self) -> tuple[list[_File], set[str]]:
        """The oldest files worth a look, and the names that are marked as done."""
        now = self._pulse()
        names: set[str] = set()
        marked: set[str] = set()
        with os.scandir(self._at.path) as entries:
            found = heapq.nsmallest(
                _LISTED, self._files(entries, names, marked, now), key=lambda one: (one.print[1], one.name)
            )
        for gone in self._seen.keys() - names:
            del self._seen[gone]
        return found, marked

    def _files(
        self, entries: "Iterable[os.DirEntry[str]]", names: set[str], marked: set[str], now: float
    ) -> Iterable[_File]:
        for entry in entries:
            if entry.name.endswith(DONE):
                marked.add(entry.name.removesuffix(DONE))
            if entry.name.startswith(_HIDDEN) or entry.name.lower().endswith(_UNFINISHED):
                continue
            with suppress(FileNotFoundError):
                link = entry.is_symlink()
                if not link and not entry.is_file(follow_symlinks=False):
                    continue
                names.add(entry.name)
                one = _File(entry.name, _print(entry.stat(follow_symlinks=False)), link)
                known = self._seen.get(one.name)
                if known is None or known.print != one.print or now >= known.due:
                    yield one

    def _is_ready(self, one: _File, marked: bool) -> bool:
        now = self._pulse()
        known = self._seen.get(one.name)
        if known is None or known.print != one.print:
            known = self._seen[one.name] = _Seen(one.print, now)
        if self._at.marker or marked:
            return marked
        return now - known.since >= self._at.quiet_s * (1 if one.size else _EMPTY)

    async def _settle(self, one: _File, verdict: Verdict | None, body: bytes | None) -> int:
        """Hand one file over, in the order in which this is called; 1 when it has its verdict."""
        if verdict is None and body is None:
            return 0
        if verdict is None and body is not None:
            verdict = await self._take(one.name, body)
        if verdict is None:
            self._later(one)
            return 0
        try:
            moved = await asyncio.to_thread(self._put_aside, one, verdict)
        except OSError as wrong:
            self._tell("folder_stuck", {"folder": str(self._at.path), "why": wrong.strerror or type(wrong).__name__})
            self._later(one)
            return 0
        if not verdict.place:
            self._later(one, rest=verdict.tag != "unreadable")
        return int(moved)

    def _read(self, one: _File) -> tuple[Verdict | None, bytes | None]:
        """The bytes of a file that did not change while it was read; or why it is not read; or neither, for later."""
        if one.link:
            return self._refuse(one.name, "link"), None
        if one.size > self._at.limit:
            return self._refuse(one.name, "too_large"), None
        if not one.size:
            return self._refuse(one.name, "empty"), None
        try:
            body = _whole(self._at.path / one.name, one.print)
        except FileNotFoundError:
            return None, None
        except OSError:
            return self._refuse(one.name, "unreadable"), None
        if body is None:
            self._seen.pop(one.name, None)
        return None, body

    def _later(self, one: _File, *, rest: bool = False) -> None:
        """Not before a while; with ``rest`` not before it changes."""
        known = self._seen.get(one.name)
        if known is not None:
            pause = _PAUSES_S[min(known.tries, len(_PAUSES_S) - 1)]
            known.tries += 1
            known.due = float("inf") if rest else self._pulse() + pause

    def _put_aside(self, one: _File, verdict: Verdict) -> bool:
        """Write the verdict, then move the file to it; whether it is still the file that was read."""
        here = self._at.path
        if not verdict.place:
            _write_verdict(here, one.name, verdict)
            return False
        folder = here / verdict.place
        folder.mkdir(exist_ok=True)
        source = here / one.name
        if _print(source.lstat()) != one.print:
            return False
        name = _free_name(folder, one.name, verdict)
        _write_verdict(folder, name, verdict)
        source.rename(folder / name)
        if _print((folder / name).lstat()) != one.print:  # replaced in between: the newcomer has its own turn
            (folder / name).rename(source)
            return False
        for left in (one.name + DONE, f"{_short(one.name)}{VERDICT}.json", f"{_short(one.name)}{VERDICT}.txt"):
            with suppress(OSError):  # not there, or a name too long to be there
                (here / left).unlink()
        _sync(folder)
        self._seen.pop(one.name, None)
        return True


def _print(found: os.stat_result) -> Print:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _portions(files: list[_File]) -> Iterable[list[_File]]:
    """So many together, in their order, that they fit in memory."""
    together: list[_File] = []
    size = 0
    for one in files:
        if together and (len(together) >= _AT_ONCE or size + one.size > _BYTES_AT_ONCE):
            yield together
            together, size = [], 0
        together.append(one)
        size += one.size
    if together:
        yield together


def _whole(path: Path, expected: Print) -> bytes | None:
    """The file's bytes, if it is a plain file and the one expected before and after."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode) or _print(before) != expected:
            return None
        body = file.read(expected[0] + 1)
        return body if len(body) == expected[0] and _print(os.fstat(handle)) == expected else None


def _free_name(folder: Path, name: str, verdict: Verdict) -> str:
    """The file's name, or one with the tag when another file has it. A verdict that waits for its file (a stop came
    between the two) is the same file's."""
    path = Path(_short(name))
    name = path.name
    tagged = f"{path.stem}~{verdict.tag}" if verdict.tag else path.stem
    names = [name, f"{tagged}{path.suffix}", *(f"{tagged}~{number}{path.suffix}" for number in range(2, 10_000))]
    for one in names:
        if not os.path.lexists(folder / one):
            report = folder / f"{one}{VERDICT}.json"
            if not report.exists() or report.read_bytes() == verdict.report:
                return one
    raise FileExistsError(f"no free name in {folder}")


def _short(name: str) -> str:
    """A name that leaves room for what is put behind it (file systems allow 255 bytes)."""
    if len(os.fsencode(name)) <= _LONGEST:
        return name
    suffix = Path(name).suffix[:20]
    return os.fsencode(name)[: _LONGEST - len(os.fsencode(suffix))].decode("utf-8", "ignore") + suffix


def _write_verdict(folder: Path, name: str, verdict: Verdict) -> None:
    name = _short(name)
    for ending, content in ((".json", verdict.report), (".txt", verdict.words.encode())):
        target = folder / f"{name}{VERDICT}{ending}"
        with suppress(OSError):
            if target.read_bytes() == content:
                continue
        fresh = folder / f".{name}{VERDICT}{ending}.tmp"
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)


def _sync(folder: Path) -> None:
    """Make the move survive a power cut, where the file system knows how."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
