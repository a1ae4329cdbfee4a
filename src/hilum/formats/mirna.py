"""Matrices of mature miRNA (reads per million): rows are miRNAs, columns aliquots; registered as assays, not stored.

Each aliquot's column becomes one assay record with counts, the total and a digest of its values, so that the file can
later be proven to be the one that was registered. Memory grows with the number of columns, not of rows.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hilum.formats import decoding, values
from hilum.formats.biotab_parts import donor, parts_of
from hilum.model.record import Item, Kind, Locator, Record, SourceProblem

FORMAT = "tcga.mirna"
RANK = 85
ASSAY_TYPE = "mirna"
_PLATFORM = "miRseq mature RPM"
_FIRST_CELLS = frozenset({"gene", "mirna", "mirna_id", "hybridization ref", "feature"})
_BLOCK = 256
_BLOCK_LETTERS = 4_000_000
_REMEMBERED = 100_000
Line = tuple[int, str | None]


def fits(header: str) -> bool:
    """Whether a first line is that of such a matrix: a name for the features, then aliquot barcodes."""
    cells = header.split("\t")
    named = cells[0].strip().lower() in _FIRST_CELLS
    return named and len(cells) > 1 and all(cell.startswith("TCGA-") and cell.count("-") >= 5 for cell in cells[1:])


class _Numbers(dict[str, float | None]):
    """Cell text -> number, or ``None`` for a missing value; what is neither is listed in ``odd``. Cells repeat."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: set[str] = set()

    def __missing__(self, text: str) -> float | None:
        found = values.number(values.plain(text))
        if found is None and not values.is_missing(text):
            self.odd.add(text)
        if len(self) < _REMEMBERED:
            self[text] = found
        return found


@dataclass(slots=True)
class _Column:
    """What is known of one aliquot's values so far."""

    digest: "hashlib._Hash"
    missing: int = 0
    negative: int = 0
    total: float = 0.0

    def take(self, cells: Sequence[str], numbers: _Numbers) -> list[int]:
        """Add a block of cells; answers the positions of those that are neither number nor missing."""
        self.digest.update("\n".join([*cells, ""]).encode())
        found = [number for number in map(numbers.__getitem__, cells) if number is not None]
        self.missing += len(cells) - len(found)
        self.total += sum(found)
        if found and min(found) < 0:
            self.negative += sum(number < 0 for number in found)
        return [position for position, cell in enumerate(cells) if cell in numbers.odd] if numbers.odd else []


def read(path: Path, place: str, source_id: str) -> Iterator[Item]:
    """Problems line by line, then one assay record per column, in the file's order.

    The digest is SHA-256 over the SHA-256 of the feature names and that of the column's values, each name and value
    followed by a line feed. Missing values and values that are no number count as ``missing``; the latter are also
    problems.
    """
    lines = decoding.lines(path, decoding.detect(path))
    number, header = next(lines, (0, None))
    if header is None:
        yield SourceProblem("file_empty", Locator(source_id, place, number), {"place": place}, fatal=True)
        return
    barcodes = [cell.strip() for cell in header.split("\t")[1:]]
    yield from _double(barcodes, Locator(source_id, place, number))
    table = [_Column(hashlib.sha256()) for _ in barcodes]
    names, count, numbers = hashlib.sha256(), 0, _Numbers()
    for block in _blocks(lines):
        rows: list[tuple[int, list[str]]] = []
        for where, line in block:
            row = line.split("\t") if line is not None else []
            if len(row) == len(barcodes) + 1:
                rows.append((where, row))
            elif line is None or line.strip():
                yield _bad_line(Locator(source_id, place, where), line, len(row), len(barcodes) + 1)
        names.update("".join(f"{row[0]}\n" for _, row in rows).encode())
        count += len(rows)
        for odd in _take(table, barcodes, rows, numbers):
            at = Locator(source_id, place, odd[0])
            yield SourceProblem("value_unreadable", at, {"line": odd[0], "column": odd[1], "value": odd[2][:100]})
    for barcode, column in zip(barcodes, table, strict=True):
        yield _assay(barcode, column, names.digest(), count, Locator(source_id, place, number))


def _blocks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Lines in lots of bounded number and length."""
    block: list[Line] = []
    size = 0
    for number, line in lines:
        block.append((number, line))
        size += len(line or "")
        if len(block) == _BLOCK or size > _BLOCK_LETTERS:
            yield block
            block, size = [], 0
    if block:
        yield block


def _double(barcodes: list[str], where: Locator) -> Iterator[SourceProblem]:
    seen: set[str] = set()
    for position, barcode in enumerate(barcodes, start=2):
        if barcode in seen:
            yield SourceProblem("mirna_column_twice", where, {"column": barcode, "position": position})
        seen.add(barcode)


def _bad_line(where: Locator, line: str | None, found: int, expected: int) -> SourceProblem:
    if line is None:
        return SourceProblem("line_too_long", where, {"line": where.line})
    return SourceProblem("line_ragged", where, {"line": where.line, "found": found, "expected": expected})


def _take(
    table: list[_Column], barcodes: list[str], rows: list[tuple[int, list[str]]], numbers: _Numbers
) -> Iterator[tuple[int, str, str]]:
    """Add a block of rows to the columns; answers line, column and text of each value that is no number."""
    if not rows:
        return
    transposed = zip(*(row[1:] for _, row in rows), strict=True)
    for barcode, column, cells in zip(barcodes, table, transposed, strict=True):
        for position in column.take(cells, numbers):
            yield rows[position][0], barcode, cells[position]


def _assay(barcode: str, column: _Column, names: bytes, count: int, where: Locator) -> Record:
    whose = donor(parts_of(barcode))
    key = f"{ASSAY_TYPE}|{barcode}"
    digest = hashlib.sha256(names + column.digest.digest()).hexdigest()
    return Record(
        kind=Kind.ASSAY,
        key=key,
        donor=whose,
        fields={
            "assay_id": key,
            "donor_id": whose,
            "specimen_id": barcode,
            "type": ASSAY_TYPE,
            "platform": _PLATFORM,
            "features": count,
            "missing": column.missing,
            "negative": column.negative,
            "total": round(column.total, 6),
            "content_digest": digest,
        },
        locator=where,
    )
