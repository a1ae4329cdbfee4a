"""How defects are put into clean life cycles: who is hit, what was changed, and what the right correction would be.

Nobody suffers by chance: a :class:`Planter` takes victims so that a defect of a donor leaves that donor's other entries
alone, one of a specimen its lineage, and any other just its entry. On the hard level several may meet in one lineage.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from hilum.gatebench.entry import SPECIMEN_TABLES, Entry, Life, Log

LEVELS = ("easy", "middle", "hard")
Fits = Callable[[Entry], bool]


@dataclass(frozen=True, slots=True)
class Plant:
    """One defect put in.

    ``group`` are the entries of which any may be stopped (for most classes there is one), ``log`` the trip whose
    logger file counts as well. ``field``, ``original`` and ``planted`` say what was changed in the first of the group;
    ``fixes`` are the corrections that are right, any of them: (field, text); none when nothing in the data tells it.
    """

    code: str
    group: tuple[Entry, ...]
    field: str = ""
    original: str = ""
    planted: str = ""
    fixes: tuple[tuple[str, str], ...] = ()
    log: str = ""


@dataclass(slots=True)
class Planter:
    """Chooses victims among what has not suffered yet."""

    life: Life
    rng: random.Random
    level: str
    hit: set[int] = field(default_factory=set)
    """Identities of entries that must not be touched (again)."""
    hit_trips: set[str] = field(default_factory=set)
    by_donor: dict[str, list[Entry]] = field(default_factory=dict)
    by_specimen: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        corrected = {one.cells["observation_id"] for one in self.life.entries["results"] if one.again}
        self.take(one for one in self.life.entries["results"] if one.cells["observation_id"] in corrected)
        for entry in self.life.everything():
            self.by_donor.setdefault(entry.donor, []).append(entry)
            if entry.specimen and entry.table in SPECIMEN_TABLES:
                self.by_specimen[entry.specimen] = entry

    def at(self, easy: str, middle: str, hard: str) -> str:
        """The text for the level."""
        return {"easy": easy, "middle": middle, "hard": hard}[self.level]

    def at_number(self, easy: float, middle: float, hard: float) -> float:
        """The number for the level."""
        return {"easy": easy, "middle": middle, "hard": hard}[self.level]

    # victims --------------------------------------------------------------------------------------------------------

    def one(self, tables: Sequence[str], fits: Fits = lambda _: True) -> Entry | None:
        """An entry of these tables; only it is taken."""
        return self._pick(tables, fits, lambda entry: (entry,))

    def of_lineage(self, tables: Sequence[str], fits: Fits = lambda _: True) -> Entry | None:
        """A specimen (or a record of one): its whole tube with everything made of it is taken."""
        return self._pick(tables, fits, self.lineage)

    def of_donor(self, tables: Sequence[str], fits: Fits = lambda _: True) -> Entry | None:
        """An entry whose donor is taken with everything of theirs."""
        return self._pick(tables, fits, lambda entry: self.by_donor[entry.donor])

    def several(self, count: int, tables: Sequence[str], fits: Fits) -> list[Entry]:
        """That many entries of as many lineages, or none."""
        found: list[Entry] = []
        for _ in range(count):
            taken = self.of_lineage(tables, fits)
            if taken is None:
                return []
            found.append(taken)
        return found

    def either(self, usual: Sequence[str], rare: Sequence[str]) -> Sequence[str]:
        """Which tables the victim is taken from: three times in ten the rare ones, however few rows they have."""
        return rare if self.rng.random() < 0.3 else usual

    def log(self) -> Log | None:
        """The log of a trip that has suffered nothing, with all the trip's rows taken."""
        riders = self._riders()
        free = [
            one for one in self.life.logs
            if one.trip not in self.hit_trips and one.trip in riders and len(one.readings) > 8
            and not any(id(entry) in self.hit for entry in riders[one.trip])
        ]  # fmt: skip
        if not free:
            return None
        chosen = self.rng.choice(free)
        self.hit_trips.add(chosen.trip)
        self.take(riders[chosen.trip])
        return chosen

    def take(self, entries: Iterable[Entry]) -> None:
        """Mark entries as suffering."""
        self.hit.update(id(entry) for entry in entries)

    def _riders(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.life.entries["manifest"]:
            found.setdefault(entry.trip, []).append(entry)
        return found

    def _pick(self, tables: Sequence[str], fits: Fits, around: Callable[[Entry], Sequence[Entry]]) -> Entry | None:
        rows = [one for table in tables for one in self.life.entries[table] if not one.again]
        for _ in range(400):
            if not rows:
                return None
            entry = self.rng.choice(rows)
            if self._is_free(entry, around) and fits(entry):
                self.take(around(entry))
                return entry
        return None

    def _is_free(self, entry: Entry, around: Callable[[Entry], Sequence[Entry]]) -> bool:
        if id(entry) in self.hit:
            return False
        return self.level == "hard" or not any(id(other) in self.hit for other in around(entry))

    # neighbours -----------------------------------------------------------------------------------------------------

    def lineage(self, entry: Entry) -> list[Entry]:
        """Everything of the same tube: the tube, what was made of it, and the records of both."""
        root = self.root(entry)
        return [one for one in self.by_donor[entry.donor] if one.specimen and self.root(one) == root]

    def root(self, entry: Entry) -> str:
        """The tube a specimen's entry comes from in the end."""
        name, specimen = entry.specimen, self.by_specimen.get(entry.specimen)
        while specimen is not None and specimen.parent:
            name, specimen = specimen.parent, self.by_specimen.get(specimen.parent)
        return name

    def beside(self, entry: Entry, table: str) -> list[Entry]:
        """The entries of ``table`` about the same specimen."""
        return [one for one in self.by_donor[entry.donor] if one.table == table and one.specimen == entry.specimen]

    def children(self, specimen: str) -> list[Entry]:
        """The specimens made of one."""
        return [one for one in self.by_specimen.values() if one.parent == specimen]

    def change(self, code: str, entry: Entry, name: str, planted: str, *fixes: tuple[str, str]) -> Plant:
        """Put ``planted`` into a cell."""
        original = entry.cells.get(name, "")
        entry.cells[name] = planted
        return Plant(code, (entry,), name, original, planted, fixes)

    def spoil(self, code: str, entry: Entry, name: str, planted: str) -> Plant:
        """The same, the right correction being what stood there."""
        return self.change(code, entry, name, planted, (name, entry.cells.get(name, "")))


Make = Callable[[Planter], Plant | None]
"""Puts one defect of a class in, or answers ``None`` when nothing is left that it suits."""
