"""Life cycles as accepted facts, so that the exporters of other formats can write them."""

from collections.abc import Callable, Iterator

from hilum.formats.export import Exported, Facts
from hilum.gatebench.asked import Asker
from hilum.gatebench.entry import Entry, Life
from hilum.model.record import Kind, Record


def facts(life: Life, asker: Asker, held: Callable[[Entry], bool]) -> Facts:
    """The records of every entry ``held`` in the format, raw identifiers kept. A value that could not be read is not
    there: such a format has no place for it."""
    found: dict[Kind, list[Exported]] = {}
    for entry, records in asker.all(life):
        if not held(entry):
            continue
        for record in records:
            found.setdefault(record.kind, []).append(_exported(record, f"REC-{entry.number}"))

    def of(kind: Kind) -> Iterator[Exported]:
        return iter(found.get(kind, ()))

    return of


def _exported(record: Record, name: str) -> Exported:
    return Exported(record.kind, record.key, record.donor, record.fields, name)
