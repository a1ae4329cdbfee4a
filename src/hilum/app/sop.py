"""SOPs into the bank, from our own YAML, a FHIR SpecimenDefinition, a BPMN diagram or a shipped template."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from hilum.app.running import Hilum
from hilum.errors import BadInputError
from hilum.formats import bpmn, specimen_definition
from hilum.model.party import Actor
from hilum.model.record import Kind
from hilum.quality.process import ProcessVerdict
from hilum.quality.sop import Sop, SopNotice
from hilum.quality.sop_text import as_text, load_sop, templates
from hilum.registry.process_operations import (
    ADD_SOP,
    CHECK_PROCESS,
    SHOW_PROCESS,
    AddSop,
    CheckProcess,
    ProcessPage,
    ShowProcess,
)
from hilum.registry.process_stored import ProcessFilter, StoredSop

_LARGEST = 20_000_000
_AT_ONCE = 500
DEVIATING = (ProcessVerdict.HOLD, ProcessVerdict.PENDING, ProcessVerdict.UNCLEAR)
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Adopted:
    """An SOP taken into force, what of its file was left out, and how many specimens it was asked of."""

    stored: StoredSop
    notices: tuple[SopNotice, ...]
    assessed: int


def read_sop(named: str, sop_id: str = "", applies: str = "") -> tuple[Sop, tuple[SopNotice, ...]]:
    """The SOP in file ``named``, or the template of that name. ``sop_id`` and ``applies`` replace its own.

    Raises :class:`BadInputError` for a file that is not there or cannot be read as an SOP.
    """
    path = Path(named)
    if not path.is_file():
        if named not in templates():
            raise BadInputError("sop_missing", named=named, known=", ".join(templates()))
        return _changed(templates()[named], sop_id, applies), ()
    sop, notices = _read_file(path)
    changed = _changed(sop, sop_id, applies)
    unsaid = () if changed.applies else (SopNotice("everywhere"),)
    return changed, (*notices, *unsaid)


def _read_file(path: Path) -> tuple[Sop, tuple[SopNotice, ...]]:
    if path.stat().st_size > _LARGEST:
        raise BadInputError("sop_too_large", place=path.name, limit=_LARGEST)
    content = path.read_bytes()
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<" or path.suffix.lower() in (".bpmn", ".xml"):
        return bpmn.read_bpmn(content, path.name)
    if start == b"{" and b"SpecimenDefinition" in content:
        return specimen_definition.read_specimen_definition(content, path.name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise BadInputError("pack_not_utf8", place=path.name) from broken
    return load_sop(text, path.name), ()


def _changed(sop: Sop, sop_id: str, applies: str) -> Sop:
    changed = replace(sop, id=sop_id or sop.id, applies=applies or sop.applies)
    return sop if changed == sop else checked(changed)


def checked(sop: Sop) -> Sop:
    """``sop`` after the strict reader has looked at it: whatever made it, it obeys the same law."""
    return load_sop(as_text(sop), sop.id)


def adopt(app: Hilum, actor: Actor, sop: Sop, notices: tuple[SopNotice, ...] = (), reason: str = "") -> Adopted:
    """Take an SOP into force and ask it of every specimen in the bank."""
    stored = app.run(ADD_SOP, actor, AddSop(sop, reason))
    return Adopted(stored, notices, check_all(app, actor))


def check_all(app: Hilum, actor: Actor, progress: Progress = lambda _: None) -> int:
    """Assess every specimen of the bank again, some hundred at a time; answers how many.

    The keys come from the state the bank was in when this began; what enters meanwhile is assessed as it enters.
    """
    app.authorise(CHECK_PROCESS.name, CHECK_PROCESS.needs, actor)
    done = 0
    with app.bank.read() as unit:
        keys = (fact.key for fact in unit.all_facts(Kind.SPECIMEN))
        while part := tuple(islice(keys, _AT_ONCE)):
            done += app.run(CHECK_PROCESS, actor, CheckProcess(part))
            progress(done)
    return done


def check_due(app: Hilum, actor: Actor) -> int:
    """Assess the pending specimens whose time has come; answers how many."""
    done = 0
    while found := app.run(CHECK_PROCESS, actor, CheckProcess(limit=_AT_ONCE)):
        done += found
    return done


def standing_of(app: Hilum, actor: Actor, specimen: str, limit: int) -> ProcessPage:
    """How one specimen stands, or every one that is not as it should be."""
    if specimen:
        return app.run(SHOW_PROCESS, actor, ShowProcess(ProcessFilter(specimens=(specimen,))))
    return app.run(SHOW_PROCESS, actor, ShowProcess(ProcessFilter(verdicts=DEVIATING, limit=limit)))
