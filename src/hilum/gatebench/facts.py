"""Life cycles as accepted facts, so that the exporters of other formats can write them."""

from collections.abc import Callable, Iterator

from hilum.formats.export import Exported, Facts
from hilum.gatebench.asked import Asker, is_text
from hilum.gatebench.entry import Entry, Life
from hilum.model.record import Kind, Record


def facts(life: Life, asker: Asker, held: Callable[[Entry], bool]) -> Facts:
    """The records of every entry ``held`` in the format, raw identifiers kept. A value that could not be read, or
    holds bytes that decode to nothing, is not there: such a format has no place for it."""
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
    fields = {field: value for field, value in record.fields.items() if is_text(value)}
    return Exported(record.kind, record.key, record.donor, fields, name)
