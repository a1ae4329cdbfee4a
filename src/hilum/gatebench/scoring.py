"""The score of any judge on a data set: recall by class, false blocks, hints.

A judge answers rows of (record, verdict, field, fix), several per record where it has several findings, best first.
Verdicts: ``stop`` (held, rejected, reported), ``flag`` (let in with a warning), ``repair`` (let in as it should have
been, without loss), ``accept``. Records the judge says nothing of are accepted.

* A plant is *found* when any record of its group, or its logger file, is stopped; for a class that deserves a warning
  only, a flag is as good. A repair is as good as either.
* A *false block* is a stopped record that no plant touched and that hangs on none. Records that hang on a plant are
  counted by themselves (*dependants*): holding a tube whose donor is held is no fault, letting it in is none either.
* *Hint top-1*: among the plants whose right correction follows from the data, the share for which the first correction
  the judge offers on the spoilt record is a right one. The same among all plants with a correction in the ledger is
  told beside it; those withheld by policy are counted by themselves. *Right field*: a finding or a correction names
  the spoilt field.

Every share carries its 95 % Wilson band.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hilum.errors import BadInputError
from hilum.gatebench.asked import canonical
from hilum.gatebench.classes import CLASSES, FLAG, FOLLOWS, OPEN, WITHHELD, is_target
from hilum.gatebench.truth import Known, Planted
from hilum.model.record import Kind
from hilum.quality.proportion import Proportion
from hilum.terms.units import conversion

STOP, REPAIR, ACCEPT = "stop", "repair", "accept"
VERDICTS = (STOP, FLAG, REPAIR, ACCEPT)
_ENZYMES = {"U/L", "[IU]/L"}
COLUMNS = ("record", "verdict", "field", "fix")


@dataclass(slots=True)
class Answer:
    """What a judge says of one record: the gravest verdict, fields its findings name, corrections in order."""

    verdict: str = ACCEPT
    fields: list[str] = field(default_factory=list)
    fixes: list[tuple[str, str]] = field(default_factory=list)

    def add(self, verdict: str, name: str = "", fix: str | None = None) -> None:
        """Take in one more row; a stop outweighs a flag, a flag a repair."""
        self.verdict = min(self.verdict, verdict, key=VERDICTS.index)
        if name:
            self.fields.append(name)
        if name and fix is not None:
            self.fixes.append((name, fix))

    def names(self, name: str) -> bool:
        """Whether a finding, or a correction on offer, is about the field."""
        return name in self.fields or any(name == field_name for field_name, _ in self.fixes)


Answers = Mapping[str, Answer]


@dataclass(slots=True)
class ClassScore:
    """One class: how many were planted, and how many of them were stopped, flagged (only), repaired (only); among
    those with a correction in the ledger, how many had it offered first; how many had the right field named."""

    code: str
    target: bool
    n: int = 0
    stopped: int = 0
    flagged: int = 0
    repaired: int = 0
    fixable: int = 0
    top1: int = 0
    named: int = 0
    missed: list[Planted] = field(default_factory=list)

    @property
    def recall(self) -> Proportion:
        """What was found of what was planted: stopped, or flagged where a warning is what the class deserves."""
        flagged = self.flagged if CLASSES[self.code].due == FLAG else 0
        return Proportion(self.stopped + self.repaired + flagged, self.n)


@dataclass(slots=True)
class Score:
    """The whole score. ``inexpressible`` are plants that the format could not carry, by class."""

    classes: list[ClassScore]
    clean: int = 0
    false_blocks: list[str] = field(default_factory=list)
    false_flags: int = 0
    dependants: int = 0
    dependants_stopped: int = 0
    inexpressible: Counter[str] = field(default_factory=Counter)

    @property
    def blocked(self) -> Proportion:
        """Clean records that were stopped."""
        return Proportion(len(self.false_blocks), self.clean)

    @property
    def recall(self) -> Proportion:
        """Over all classes that are a target on the level."""
        return sum((one.recall for one in self.classes if one.target), Proportion(0, 0))

    @property
    def top1(self) -> Proportion:
        """First correction right, over the plants whose correction follows from the data, in classes that are a
        target."""
        return self._top1(FOLLOWS)

    @property
    def top1_all(self) -> Proportion:
        """First correction right, over all plants with a correction in the ledger, in classes that are a target."""
        return self._top1(FOLLOWS, OPEN, WITHHELD)

    @property
    def withheld(self) -> int:
        """Plants in target classes for which nothing is offered by policy, the value being personal."""
        return self._top1(WITHHELD).n

    def _top1(self, *corrections: str) -> Proportion:
        wanted = [one for one in self.classes if one.target and CLASSES[one.code].correction in corrections]
        return Proportion(sum(one.top1 for one in wanted), sum(one.fixable for one in wanted))

    @property
    def named(self) -> Proportion:
        """Right field named, over all plants in classes that are a target."""
        wanted = [one for one in self.classes if one.target]
        return Proportion(sum(one.named for one in wanted), sum(one.n for one in wanted))


def score(ledger: Sequence[Planted], records: Sequence[Known], answers: Answers) -> Score:
    """Compare a judge's ``answers`` with the truth."""
    kinds = {one.record: one.kind for one in records}
    by_class: dict[str, ClassScore] = {}
    touched: set[str] = set()
    for plant in ledger:
        touched.update(plant.records)
        if not plant.expressible:
            continue
        found = by_class.setdefault(plant.code, ClassScore(plant.code, is_target(plant.code, plant.level)))
        _count(found, plant, answers, kinds)
    order = {code: index for index, code in enumerate(CLASSES)}
    result = Score(sorted(by_class.values(), key=lambda one: order[one.code]))
    result.inexpressible = Counter(one.code for one in ledger if not one.expressible)
    _count_others(result, records, touched, answers)
    return result


def _count(found: ClassScore, plant: Planted, answers: Answers, kinds: Mapping[str, str]) -> None:
    group = [answers[name] for name in plant.records if name in answers]
    if plant.log:
        group += [answer for name, answer in answers.items() if _in_file(name, plant.log)]
    verdict = min((one.verdict for one in group), key=VERDICTS.index, default=ACCEPT)
    found.n += 1
    found.stopped += verdict == STOP
    found.flagged += verdict == FLAG
    found.repaired += verdict == REPAIR
    if verdict == ACCEPT or (verdict == FLAG and CLASSES[plant.code].due != FLAG):
        found.missed.append(plant)
    found.named += any(one.names(plant.field) for one in group)
    if plant.fixes:
        found.fixable += 1
        found.top1 += verdict == REPAIR or _is_right(plant, answers, kinds)


def _in_file(name: str, file: str) -> bool:
    return name == file or name.startswith(f"{file}:")


def _is_right(plant: Planted, answers: Answers, kinds: Mapping[str, str]) -> bool:
    """Whether the first correction offered on the spoilt record is one of the right ones."""
    own = answers.get(plant.records[0]) if plant.records else None
    if own is None or not own.fixes or plant.records[0] not in kinds:
        return False
    name, value = own.fixes[0]
    kind = Kind(kinds[plant.records[0]])
    return any(name == right and same(kind, name, value, told) for right, told in plant.fixes)


def same(kind: Kind, name: str, one: str, other: str) -> bool:
    """Whether two texts are the same value of a field; numbers to one part in a thousand (a rounded factor), and units
    of which one is worth exactly one of the other (ng/mL and ug/L, U/L and IU/L of an enzyme)."""
    one, other = canonical(kind, name, one), canonical(kind, name, other)
    if one == other:
        return True
    if name == "unit":
        return {one, other} == _ENZYMES or conversion(one, other) == (1.0, 0.0)
    try:
        return abs(float(one) - float(other)) <= 1e-3 * abs(float(other))
    except ValueError:
        return False


def _count_others(result: Score, records: Iterable[Known], touched: set[str], answers: Answers) -> None:
    for record in records:
        if record.record in touched:
            continue
        verdict = answers[record.record].verdict if record.record in answers else ACCEPT
        if record.hangs_on:
            result.dependants += 1
            result.dependants_stopped += verdict == STOP
            continue
        result.clean += 1
        result.false_flags += verdict == FLAG
        if verdict == STOP:
            result.false_blocks.append(record.record)


def pooled(scores: Iterable[Score]) -> Score:
    """Several data sets of one level scored as one."""
    by_class: dict[str, ClassScore] = {}
    whole = Score([])
    for one in scores:
        for found in one.classes:
            _pool(by_class.setdefault(found.code, ClassScore(found.code, found.target)), found)
        whole.clean += one.clean
        whole.false_blocks += one.false_blocks
        whole.false_flags += one.false_flags
        whole.dependants += one.dependants
        whole.dependants_stopped += one.dependants_stopped
        whole.inexpressible += one.inexpressible
    whole.classes = [by_class[code] for code in CLASSES if code in by_class]
    return whole


_COUNTS = ("n", "stopped", "flagged", "repaired", "fixable", "top1", "named")


def _pool(whole: ClassScore, one: ClassScore) -> None:
    for name in _COUNTS:
        setattr(whole, name, getattr(whole, name) + getattr(one, name))
    whole.missed += one.missed


def read_answers(path: Path, records: Sequence[Known]) -> dict[str, Answer]:
    """A judge's answers from a CSV file with the columns record, verdict and, where it has them, field and fix.

    A record may be called by its name or by its key. Raises :class:`BadInputError` for a file that is none.
    """
    if not path.is_file():
        raise BadInputError("path_missing", place=str(path))
    keys = {one.key: one.record for one in records}
    found: defaultdict[str, Answer] = defaultdict(Answer)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.DictReader(file)
        if not set(COLUMNS[:2]) <= set(reader.fieldnames or ()):
            raise BadInputError("gatebench_answers", place=str(path), columns=", ".join(COLUMNS))
        for row in reader:
            verdict = (row["verdict"] or "").strip()
            if verdict not in VERDICTS:
                raise BadInputError(
                    "gatebench_verdict", place=str(path), line=reader.line_num, known=", ".join(VERDICTS)
                )
            name = keys.get(row["record"], row["record"])
            found[name].add(verdict, row.get("field") or "", row.get("fix") or None)
    return dict(found)


def write_answers(path: Path, answers: Answers) -> None:
    """The same as a CSV file."""
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name, answer in answers.items():
            rest = [one for one in answer.fields if one not in {name for name, _ in answer.fixes}]
            for field_name, fix in answer.fixes or ([] if rest else [("", "")]):
                writer.writerow((name, answer.verdict, field_name, fix))
            writer.writerows((name, answer.verdict, field_name, "") for field_name in rest)
