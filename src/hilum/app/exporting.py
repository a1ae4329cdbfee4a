"""Accepted facts out of the bank in other people's shapes, without personal values."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.errors import BadInputError
from hilum.formats import fhir_export, miabis_export, omop_export
from hilum.formats.export import About, Exported, Exporter, Facts, Written
from hilum.model.party import Actor
from hilum.model.record import Kind
from hilum.model.vocabulary import personal_fields
from hilum.registry.ports import Unit

EXPORTERS: Mapping[str, Exporter] = {
    "fhir": fhir_export.write,
    "fhir-bundle": fhir_export.write_bundle,
    "omop": omop_export.write,
    "miabis": miabis_export.write,
}
"""Format -> what writes it."""

Progress = Callable[[str, int, int], None]
_EVERY = 500


def export(app: Hilum, actor: Actor, form: str, into: Path, progress: Progress) -> Written:
    """Write every accepted fact as ``form`` into the new or empty folder ``into``; paths of the answer lie there.

    Raises :class:`AccessDenied`, and :class:`BadInputError` for a format nobody writes, a folder that holds something
    or one that cannot be written. What is unfinished stands beside ``into`` and never under its name.
    """
    app.authorise("export.make", "report", actor)
    if form not in EXPORTERS:
        raise BadInputError("export_format", format=form, known=", ".join(EXPORTERS))
    _check_free(into)
    draft = into.with_name(f".{into.name}.part")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        with app.bank.read() as unit:
            written = EXPORTERS[form](_facts(unit, progress), draft, About(app.settings.name, stamp(app.clock())))
        if into.is_dir():
            into.rmdir()
        draft.rename(into)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise BadInputError("export_unwritable", place=into, why=error.strerror or str(error)) from error
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    written.files = [into / file.relative_to(draft) for file in written.files]
    app.record("export.make", actor, f"{form}: {sum(written.counts.values())}")
    return written


def _check_free(into: Path) -> None:
    if into.is_dir():
        if any(into.iterdir()):
            raise BadInputError("export_not_empty", place=into)
    elif into.exists():
        raise BadInputError("export_not_folder", place=into)


def _facts(unit: Unit, progress: Progress) -> Facts:
    totals = {kind: count for (kind, state), count in unit.counts().items() if state == "accepted"}

    def facts(kind: Kind) -> Iterator[Exported]:
        hidden = personal_fields(kind)
        total = totals.get(kind.value, 0)
        for number, fact in enumerate(unit.all_facts(kind), 1):
            fields = {name: value for name, value in fact.fields.items() if name not in hidden}
            yield Exported(kind, fact.key, fact.donor, fields, fact.record)
            if number % _EVERY == 0:
                progress(kind.value, number, max(total, number))

    return facts
