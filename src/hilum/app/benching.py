"""``gate-bench``: make a data set, let a fresh bank judge it, and score the bank (or anybody's answers)."""

import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hilum.app.founding import found
from hilum.app.intake import Summary, intake
from hilum.app.reading import Readers
from hilum.app.rules import ruleset_of
from hilum.app.running import Hilum, actor_of
from hilum.app.scanning import scan
from hilum.app.sop import adopt, read_sop
from hilum.clock import Clock, fixed_clock, parse_stamp
from hilum.formats import fhir_export, miabis_export, omop_export
from hilum.formats.export import Exporter
from hilum.gatebench import data_set, procedures, scoring, truth
from hilum.gatebench.classes import CLASSES
from hilum.gatebench.data_set import OWN_FORMATS, Made, Wanted
from hilum.gatebench.gathering import Gathering, counted
from hilum.gatebench.life import SIZES
from hilum.gatebench.plan import DEVELOPMENT_SEEDS, TEST_SEEDS
from hilum.gatebench.planting import LEVELS
from hilum.gatebench.scoring import Score, pooled
from hilum.gatebench.tables import MAPPINGS
from hilum.model.party import Actor
from hilum.model.record import Kind
from hilum.operation import Operation
from hilum.quality.finding import Judgement
from hilum.quality.gate import Gate
from hilum.quality.proportion import Proportion
from hilum.quality.row import Row
from hilum.quality.rule import Ruleset
from hilum.quality.sop_text import load_sop
from hilum.registry.desk import Desk, TakeBatch
from hilum.registry.ports import QueueFilter, Unit, Vault
from hilum.registry.process_stored import ProcessFilter
from hilum.registry.stored import RecordState
from hilum.settings import Settings, load
from hilum.stores.bank import Bank
from hilum.stores.opening import open_bank
from hilum.stores.vault import open_vault

__all__ = [
    "CLASSES",
    "DEVELOPMENT_SEEDS",
    "FORMATS",
    "LEVELS",
    "SIZES",
    "TEST_SEEDS",
    "Proportion",
    "Ran",
    "Score",
    "Wanted",
    "make",
    "pooled",
    "run",
    "score_file",
]

CommandT = TypeVar("CommandT")
ResultT = TypeVar("ResultT")
EXPORTERS: dict[str, Exporter] = {
    "fhir": fhir_export.write, "omop": omop_export.write, "miabis": miabis_export.write,
}  # fmt: skip
FORMATS = (*OWN_FORMATS, *EXPORTERS)
_ACCOUNT, _PAGE = "gate-bench", 5_000


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds: the gate alone on one record, and an intake per record from its file to its place in the bank
    (of each transaction, its share); p50 and p99 of each. ``scan`` are records a second when all rules run over the
    accepted records of the bank. Wall-clock times on this machine."""

    records: int
    gate_p50: float
    gate_p99: float
    intake_p50: float
    intake_p99: float
    scan: float


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: the data set, its score, speed, which rules stopped clean records (how many each), and the digest and
    number of the rules in force."""

    made: Made
    score: Score
    speed: Speed
    blocking: Mapping[str, int]
    ruleset: str
    rules: int
    summary: Summary = field(repr=False)


def make(folder: Path, wanted: Wanted) -> Made:
    """Write a data set. Raises :class:`BadInputError` for a folder in use and for what is not known."""
    return data_set.write(folder, wanted, EXPORTERS)


def run(wanted: Wanted, keep: Path | None = None) -> Ran:
    """Make the data set, take it into a bank of its own, and score it. ``keep`` is where both are left."""
    with _workplace(keep) as folder:
        made = make(folder / "set", wanted)
        home = folder / "bank"
        found(home, "gate-bench", _ACCOUNT, "zh")
        shutil.copytree(made.folder / MAPPINGS, home / MAPPINGS)
        with _open(home, made) as app:
            return _ran(app, made)


@contextmanager
def _workplace(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="hilum-gate-bench-") as folder:
        yield Path(folder)


def _open(home: Path, made: Made) -> "_TimedHilum":
    """The bank, its clock standing at the moment the files were handed in: the same verdicts on any day."""
    settings = load(home)
    clock = fixed_clock(parse_stamp(made.received_at))
    return _TimedHilum(settings, open_bank(settings), open_vault(settings), ruleset_of(settings), clock)


def _ran(app: "_TimedHilum", made: Made) -> Ran:
    actor = actor_of(app.settings, _ACCOUNT)
    for file in sorted((made.folder / procedures.FOLDER).iterdir()):
        adopt(app, actor, *read_sop(str(file)))
    readers = Readers(app.settings.home / MAPPINGS, _ACCOUNT, trusting=True)
    summary = intake(app, actor, [made.data], readers)
    ledger, records = truth.read_ledger(made.truth / truth.LEDGER), truth.read_records(made.truth / truth.RECORDS)
    gathered = _gathered(app, frozenset(one.record for one in records))
    gathered.mend(ledger)
    scored = scoring.score(ledger, records, gathered.answers)
    scoring.write_answers(made.folder / "hilum-answers.csv", gathered.answers)
    blocking = counted(gathered.causes, scored.false_blocks)
    return Ran(made, scored, _speed(app, actor), blocking, app.ruleset.digest, len(app.ruleset.rules), summary)


def _gathered(app: Hilum, known: Collection[str]) -> Gathering:
    with app.bank.read() as unit:
        gathered = Gathering(known, _Unmask(app))
        offset = 0
        while page := unit.find_records(QueueFilter(limit=_PAGE, offset=offset)):
            for record in page:
                gathered.record(record)
            offset += len(page)
        for problem in unit.problems():
            gathered.problem(problem)
        _gather_process(unit, gathered)
    return gathered


def _gather_process(unit: Unit, gathered: Gathering) -> None:
    sops = {(one.id, one.version): load_sop(one.body, one.id) for one in unit.sops()}
    after = ""
    while page := unit.find_process(ProcessFilter(after=after, limit=_PAGE)):
        for standing in page:
            gathered.process(standing, sops[standing.sop, standing.version])
        after = page[-1].specimen


class _Unmask:
    """Puts donors' own identifiers back into keys, asking the vault once for each."""

    def __init__(self, app: Hilum) -> None:
        self._app = app
        self._known: dict[str, str] = {}

    def __call__(self, key: str) -> str:
        return "|".join(self._part(part) if part.startswith("DNR-") else part for part in key.split("|"))

    def _part(self, part: str) -> str:
        if part not in self._known:
            self._known[part] = self._app.vault.people([part]).get(part, part)
        return self._known[part]


def score_file(ledger: Path, answers: Path) -> Score:
    """Score anybody's answers; the list of records stands beside the ledger. Raises :class:`BadInputError`."""
    plants, records = truth.read_ledger(ledger), truth.read_records(ledger.with_name(truth.RECORDS))
    return scoring.score(plants, records, scoring.read_answers(answers, records))


# speed --------------------------------------------------------------------------------------------------------------


_READ: Mapping[str, str] = {}


class _TimedGate(Gate):
    """A gate that notes how long every judgement took."""

    def __init__(self, ruleset: Ruleset) -> None:
        super().__init__(ruleset)
        self.spent: list[int] = []

    def judge(
        self, kind: Kind, row: Row, *, waived: Collection[str] = (), unreadable: Mapping[str, str] = _READ
    ) -> Judgement:
        began = time.perf_counter_ns()
        found = super().judge(kind, row, waived=waived, unreadable=unreadable)
        self.spent.append(time.perf_counter_ns() - began)
        return found


class _TimedHilum(Hilum):
    """A bank that notes how long every batch took, divided among its records."""

    def __init__(self, settings: Settings, bank: Bank, vault: Vault, ruleset: Ruleset, clock: Clock) -> None:
        super().__init__(settings, bank, vault, _TimedGate(ruleset), clock)
        self.ruleset = ruleset
        self.shares: list[float] = []

    def run(self, operation: Operation[Desk, CommandT, ResultT], actor: Actor, command: CommandT) -> ResultT:
        began = time.perf_counter_ns()
        result = super().run(operation, actor, command)
        if isinstance(command, TakeBatch) and command.items:
            self.shares += [(time.perf_counter_ns() - began) / len(command.items)] * len(command.items)
        return result


def _speed(app: _TimedHilum, actor: Actor) -> Speed:
    with app.bank.read() as unit:
        accepted = unit.count_records(QueueFilter(states=(RecordState.ACCEPTED,)))
    began = time.perf_counter()
    scan(app, actor)
    seconds = time.perf_counter() - began
    gate = sorted(app.gate.spent) if isinstance(app.gate, _TimedGate) else []
    shares = sorted(app.shares)
    return Speed(
        len(shares), _at(gate, 0.5), _at(gate, 0.99), _at(shares, 0.5), _at(shares, 0.99), accepted / seconds
    )  # fmt: skip


def _at(ordered: Sequence[float], share: float) -> float:
    """A quantile (nearest rank) of nanoseconds, in milliseconds."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] / 1e6 if ordered else 0.0
