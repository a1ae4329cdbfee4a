"""Tables answered in kind: what the gate said of each row goes back into a copy of the file it came in.

The bank (or the dry run's transaction) already holds every judgement; the file is read once more to know which rows
there are, and what was said of the records of each row is put beside it. No personal value is written that the file did
not hold in that very cell: hints carry masked ones.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hilum.app.intake import Delivery, is_archive, look
from hilum.app.reading import Readers
from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.errors import BadInputError
from hilum.formats import marked, tabular, workbook
from hilum.formats.archive import is_workbook
from hilum.formats.headers import fold
from hilum.formats.mapping import TableMapping
from hilum.formats.marked import AMBER, GREEN, RED, Mark, Overview, RowAnswer, TableAnswer
from hilum.formats.member import Member
from hilum.formats.table import Header
from hilum.formats.values import plain
from hilum.messages import Language, text
from hilum.model.record import Kind, Record, SourceProblem
from hilum.quality import hint
from hilum.quality.finding import Finding
from hilum.quality.rule import Ruleset, Severity
from hilum.quality.shown import plain as shown
from hilum.registry.ports import QueueFilter, Unit
from hilum.registry.stored import RecordState, StoredRecord

_PAGE = 2_000
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_STOPS = (Severity.BLOCK, Severity.REJECT)
_SEVERITIES = (Severity.REJECT, Severity.BLOCK, Severity.WARN, Severity.INFO)
_WORDS = {
    RecordState.ACCEPTED: "verdict.accept",
    RecordState.HELD: "verdict.hold",
    RecordState.REJECTED: "verdict.reject",
}
"""The gate's word where it has one: it is as true of a dry run."""
_WORST = (RecordState.REJECTED, RecordState.HELD, RecordState.REFUSED)
Places = Mapping[tuple[Kind, str], tuple[int, ...]]


@dataclass(slots=True)
class _Line:
    """What is known of one row before it is put into words."""

    read: bool = False
    states: list[RecordState] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    hints: list[tuple[int, str]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Table:
    sheet: str
    header: Header
    places: Places
    lines: dict[int, _Line]


def targets(paths: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Table file -> where its answer goes: ``out`` itself for the only one, else a file of its own in folder ``out``.

    Raises :class:`BadInputError` for a target that cannot be one.
    """
    tables = [path for path in paths if path.is_file() and _is_table(path)]
    single = len(paths) == 1 and len(tables) == 1 and not out.is_dir()
    if single and out.suffix.lower() != ".xlsx":
        raise BadInputError("marked_target", place=str(out), why=".xlsx")
    found = {path: out if single else out / f"{path.stem}.marked.xlsx" for path in tables}
    for path, target in found.items():
        if target.exists() and target.samefile(path):
            raise BadInputError("marked_target", place=str(target), why=path.name)
    try:
        (out.parent if single else out).mkdir(parents=True, exist_ok=True)
    except OSError as broken:
        raise BadInputError("marked_target", place=str(out), why=broken.strerror or "") from broken
    return found


def _is_table(path: Path) -> bool:
    return not is_archive(path) and path.suffix.lower() in _TABLES


def answer(
    app: Hilum, unit: Unit, paths: Sequence[Path], readers: Readers, wanted: Mapping[Path, Path], language: Language
) -> list[Path]:
    """Write the answer to every table of ``wanted``; answers which were written. ``unit`` holds the judgements."""
    written = []
    for delivery in look(paths):
        for name, path in delivery.files:
            if path in wanted:
                _answer_file(_Answering(app, unit, readers, language), delivery, name, path, wanted[path])
                written.append(wanted[path])
    return written


@dataclass(frozen=True, slots=True)
class _Answering:
    app: Hilum
    unit: Unit
    readers: Readers
    language: Language

    def say(self, key: str, **values: str | int) -> str:
        return text(f"marked.{key}", self.language, **values)


def _answer_file(work: _Answering, delivery: Delivery, name: str, path: Path, target: Path) -> None:
    is_book = is_workbook(path)
    place = Path(name).name
    tables = {table.sheet: table for table in _tables(work, path, place, is_book)}
    problems, rules = _read_again(work, path, place, tables, is_book), Counter[tuple[str, Severity]]()
    for record in _records(work.unit, delivery, place):
        table = tables.get(_sheet_of(record.locator.place, place, is_book))
        if table is not None:
            _add_record(work, table, record, rules)
    told = [one for one in tables.values() if one.places or one.lines]
    answers = [TableAnswer(one.sheet or path.stem, one.header, _worded(work, one.lines)) for one in told]
    whole = is_book and marked.fits_in_memory(path)
    overview = _overview(work, name, answers, rules, problems, plain_copy=is_book and not whole)
    try:
        if whole:
            marked.mark_workbook(path, target, answers, overview, work.language)
        else:
            rows = workbook.rows_of(path) if is_book else ((path.stem, row) for row in tabular.rows(path))
            marked.mark_rows(rows, target, answers, overview, work.language)
    except OSError as broken:
        raise BadInputError("marked_target", place=str(target), why=broken.strerror or "") from broken


# what the file holds ------------------------------------------------------------------------------------------------


def _tables(work: _Answering, path: Path, place: str, is_book: bool) -> Iterator[_Table]:
    if is_book:
        seen = {one.place: work.readers.mapping_for(one) for one in workbook.previews(path, place)}
        mappings = {sheet: one for sheet, one in seen.items() if one is not None}
        for sheet, header in workbook.headers_of(path, mappings).items():
            yield _Table(sheet, header, _places(header, mappings.get(sheet)), {})
        return
    preview = tabular.preview(path, place)
    mapping = work.readers.mapping_for(preview) if preview else None
    header_ = tabular.header_of(path, mapping)
    if header_ is not None:
        yield _Table("", header_, _places(header_, mapping), {})


def _places(header: Header, mapping: TableMapping | None) -> Places:
    """(kind, field) -> the columns it is read from."""
    found: dict[tuple[Kind, str], list[int]] = {}
    columns = {plain(name): index for index, name in reversed(list(enumerate(header.names))) if name}
    for part in mapping.parts if mapping else ():
        for head, name in part.columns.items():
            if plain(head) in columns:
                found.setdefault((part.kind, name), []).append(columns[plain(head)])
    return {key: tuple(dict.fromkeys(places)) for key, places in found.items()}


def _read_again(work: _Answering, path: Path, place: str, tables: Mapping[str, _Table], is_book: bool) -> list[str]:
    """Note which rows gave records, and what was wrong with rows; answers the problems of no row."""
    member = Member(place, path, path.stat().st_size, "", "tabular.xlsx" if is_book else "tabular.csv", 0)
    others: list[str] = []
    for item in work.readers.items(member, "", 0):
        table = tables.get(_sheet_of(item.locator.place, place, is_book))
        if isinstance(item, Record):
            if table is not None:
                table.lines.setdefault(item.locator.line, _Line()).read = True
            continue
        words = text(f"problem.{item.reason}", work.language, **item.values)
        if table is None or item.locator.line <= table.header.line:
            others.append(words)
        else:
            _add_problem(table, item, words)
    return others


def _add_problem(table: _Table, item: SourceProblem, words: str) -> None:
    line = table.lines.setdefault(item.locator.line, _Line())
    line.hints.append((2, words))
    names = [fold(name) for name in table.header.names]
    column = fold(str(item.values.get("column", "")))
    if column and column in names:
        line.marks.append(Mark(names.index(column), item.fatal, words))


def _sheet_of(place: str, file: str, is_book: bool) -> str:
    return place.removeprefix(f"{file}!") if is_book else ""


# what the gate said -------------------------------------------------------------------------------------------------


def _records(unit: Unit, delivery: Delivery, place: str) -> Iterator[StoredRecord]:
    for source in unit.sources():
        if source.parent == delivery.id and source.name == place:
            start = 0
            while page := unit.find_records(QueueFilter(source=source.id, limit=_PAGE, offset=start)):
                yield from page
                start += len(page)


def _add_record(work: _Answering, table: _Table, record: StoredRecord, rules: Counter[tuple[str, Severity]]) -> None:
    line = table.lines.setdefault(record.locator.line, _Line())
    line.read = True
    line.states.append(record.state)
    if record.judgement is None:
        return
    line.scores.append(record.judgement.score.total)
    for finding in record.judgement.findings:
        if finding.waived or finding.severity is Severity.INFO:
            continue
        rules[finding.rule, finding.severity] += 1
        words = _words(work.app.gate.ruleset, finding, work.language)
        grave = finding.severity in _STOPS
        line.hints.append((_SEVERITIES.index(finding.severity), words))
        for name in record.unreadable if finding.field == "unreadable" else (finding.field,):
            about = _about_field(record, finding, name, work.language) or words
            line.marks += [Mark(column, grave, about) for column in table.places.get((record.kind, name), ())]


def _about_field(record: StoredRecord, finding: Finding, name: str, language: Language) -> str:
    """Of a finding that speaks of every unreadable field: what it says of this one."""
    said = hint.shape(finding, record.kind, name, language) if finding.field == "unreadable" else ""
    return f"[{finding.rule}] {said}{_offered(finding, language, name)}" if said else ""


def _offered(finding: Finding, language: Language, name: str = "") -> str:
    """The values on offer (for field ``name``, or for all), likeliest first."""
    fixes = [fix for fix in finding.fixes if fix.value is not None and name in ("", fix.field)]
    offered = dict.fromkeys(shown(fix.value) for fix in sorted(fixes, key=lambda one: -one.confidence))
    return " " + text("marked.fix", language, value=" / ".join(offered)) if offered else ""


def _words(ruleset: Ruleset, finding: Finding, language: Language) -> str:
    rule = ruleset.find(finding.rule)
    said = f"[{finding.rule}] {hint.title(finding, rule, language)}。{hint.hint(finding, rule, language)}"
    if language == "en":
        said = said.replace("。", ". ", 1)
    return said + _offered(finding, language)


def _worded(work: _Answering, lines: Mapping[int, _Line]) -> dict[int, RowAnswer]:
    return {number: _row(work, line) for number, line in sorted(lines.items())}


def _row(work: _Answering, line: _Line) -> RowAnswer:
    hints = tuple(dict.fromkeys(words for _, words in sorted(line.hints, key=lambda one: one[0])))
    marks = tuple(line.marks)
    if not line.read:
        return RowAnswer(work.say("unread"), AMBER, None, hints, marks)
    if not line.states:
        return RowAnswer(work.say("known"), "", None, hints, marks)
    state = next((one for one in _WORST if one in line.states), line.states[0])
    colour = RED if state in _WORST else AMBER if hints else GREEN
    score = round(min(line.scores), 1) if line.scores else None
    return RowAnswer(text(_WORDS.get(state) or f"state.{state.value}", work.language), colour, score, hints, marks)


def _overview(
    work: _Answering,
    name: str,
    answers: Iterable[TableAnswer],
    rules: Counter[tuple[str, Severity]],
    problems: Sequence[str],
    *,
    plain_copy: bool,
) -> Overview:
    verdicts = Counter(row.verdict for one in answers for row in one.rows.values())
    facts: list[tuple[str, str | int]] = [(work.say("made"), stamp(work.app.clock()))]
    facts.append((work.say("rows"), sum(verdicts.values())))
    facts += verdicts.most_common()
    if plain_copy:
        facts.append(("!", work.say("plain")))
    listed = []
    for (rule_id, severity), times in sorted(rules.items(), key=lambda one: (_SEVERITIES.index(one[0][1]), -one[1])):
        rule = work.app.gate.ruleset.find(rule_id)
        title = rule.title.say(work.language) if rule else text(f"{rule_id}.title", work.language)
        listed.append((rule_id, title, text(f"severity.{severity.value}", work.language), times))
    return Overview(work.say("title", name=name), tuple(facts), tuple(listed), tuple(dict.fromkeys(problems)))
