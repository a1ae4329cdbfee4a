"""Entries as the records a reader should make of them, and what a right correction reads as in the vocabulary."""

from collections.abc import Iterator

from hilum.formats.rows import RowReader, read
from hilum.gatebench import dialect
from hilum.gatebench.dialect import SITES
from hilum.gatebench.entry import Entry, Life
from hilum.model.record import Kind, Locator, Record, Value
from hilum.model.vocabulary import vocabulary
from hilum.terms.units import canonical_unit


class Asker:
    """Reads entries through the confirmed mapping of their table, as an intake of the CSV files would."""

    def __init__(self) -> None:
        self._readers: dict[tuple[str, int], RowReader] = {}

    def records(self, entry: Entry) -> list[Record]:
        """The records of an entry: the first is what the row mainly is."""
        site = SITES[entry.site]
        name = (entry.table, entry.site)
        if name not in self._readers:
            mapping = dialect.mapping(entry.table, site)
            self._readers[name] = RowReader(mapping, mapping.headers, lambda line: Locator("", "", line))
        cells = [dialect.shown(entry, field) for field in dialect.fields(entry.table)]
        return list(self._readers[name].records(entry.number, cells))

    def all(self, life: Life) -> Iterator[tuple[Entry, list[Record]]]:
        """Every entry with its records."""
        for entry in life.everything():
            yield entry, self.records(entry)


def is_text(value: object) -> bool:
    """Whether a value can be written in any format: a lone surrogate stands for a byte that means nothing."""
    return not (isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value))


def key_of(record: Record) -> str:
    """A record's name where there are no lines."""
    return f"{record.kind.value}:{record.key}"


def canonical(kind: Kind, name: str, text: str) -> str:
    """How a value of a field compares: codes, units, days, instants and numbers in their one spelling."""
    field = vocabulary()[kind].get(name)
    if field is None:
        return text.strip()
    if name == "unit":
        return canonical_unit(text) or text.strip()
    value, readable = read(field, text)
    return written(value) if readable else text.strip()


def written(value: Value) -> str:
    """A value as the ledger writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)
