"""Which reader reads which format; tables are read through a mapping that a person confirmed and the bank keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hilum.formats import logger, mapping, suggestion, tabular, workbook
from hilum.formats.mapping import TableMapping
from hilum.formats.member import Member
from hilum.formats.reading import items
from hilum.formats.suggestion import Suggestion
from hilum.formats.table import Preview
from hilum.model.record import Item


@dataclass(frozen=True, slots=True)
class Readers:
    """Readers of one bank. ``trusting`` takes a suggestion that leaves no doubt as confirmed by ``account``, and
    keeps it for the next file unless this is a dry run (``keeping`` is false)."""

    mappings: Path
    account: str
    trusting: bool = False
    keeping: bool = True
    given: TableMapping | None = None

    def items(self, member: Member, source: str, skip: int) -> Iterator[Item]:
        """What stands in ``member``, without the first ``skip`` items."""
        if member.format == "tabular.csv":
            seen = tabular.preview(member.path, member.place)
            return tabular.items(member.path, member.place, source, skip, self.mapping_for(seen) if seen else None)
        if member.format == "tabular.xlsx":
            sheets = {seen.place: self.mapping_for(seen) for seen in workbook.previews(member.path, member.place)}
            known = {place: found for place, found in sheets.items() if found is not None}
            return workbook.items(member.path, member.place, source, skip, known)
        if member.format.startswith("logger."):
            return logger.items(member.path, member.place, source, skip)
        return items(member, source, skip)

    def mapping_for(self, seen: Preview) -> TableMapping | None:
        """The mapping given for this run, the one kept for these headers, a sure suggestion when trusting, or the one
        kept for headers most like these, so that the reader can say which columns are missing or new."""
        if self.given is not None:
            return self.given
        kept = mapping.find(seen.headers, self.mappings)
        if kept is not None:
            return kept
        guess = suggested(seen)
        if self.trusting and guess.sure:
            confirmed = mapping.confirm(guess.mapping, self.account)
            if self.keeping:
                mapping.save(confirmed, self.mappings)
            return confirmed
        return mapping.nearest(seen.headers, self.mappings)


def suggested(seen: Preview) -> Suggestion:
    """The best guess for a table."""
    return suggestion.suggest(seen.headers, seen.samples, seen.title or Path(seen.place).stem)


def previews(path: Path) -> list[Preview]:
    """The tables in a file, for suggesting mappings."""
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return workbook.previews(path, path.name)
    seen = tabular.preview(path, path.name)
    return [seen] if seen else []
