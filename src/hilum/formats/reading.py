"""From what a user hands in to items in a stable order: which files there are, what each is, and its records.

Readers are registered by format; those of other modules are added to :data:`READERS` where the program is wired.
"""

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from hilum.formats import archive, biotab, decoding, epcis, fhir, hl7, miabis, mirna, omop, phenopacket
from hilum.formats.archive import DEFAULT, Limits, Unpacked
from hilum.formats.logger import looks_like_logger
from hilum.formats.member import Member, Reader
from hilum.model.record import Item, Locator, SourceProblem

UNKNOWN = "unknown"
_TABULAR_RANK, _LOGGER_RANK, _LAST_RANK = 50, 80, 99
_HEAD_LINES = 60
_SNIFFED = 64 << 10
_DELIMITERS = (",", "\t", ";", "|")


def _biotab(member: Member, source_id: str, skip: int) -> Iterator[Item]:
    return itertools.islice(biotab.read(member.path, member.place, source_id, member.format), skip, None)


def _mirna(member: Member, source_id: str, skip: int) -> Iterator[Item]:
    return itertools.islice(mirna.read(member.path, member.place, source_id), skip, None)


_BY_CONTENT = (fhir, phenopacket, epcis, miabis, hl7, omop)
"""Formats that know themselves by their first bytes, asked in this order before a file is taken for a table."""

READERS: dict[str, Reader] = {
    biotab.PREFIX: _biotab,
    mirna.FORMAT: _mirna,
    **{one.PREFIX: one.items for one in _BY_CONTENT},
}
"""Format prefix -> reader. The longest prefix that fits wins; the program adds ``tabular.`` and ``logger.``."""


def members(path: Path, workdir: Path, limits: Limits = DEFAULT) -> Iterator[Member | SourceProblem]:
    """What ``path`` (file, folder or archive) holds, opened into ``workdir``: problems first, then members by rank.

    Within a rank they come in the order of their labels, so that two runs see the same order.
    """
    pieces: list[Unpacked] = []
    for piece in archive.unpack(path, workdir, limits):
        if isinstance(piece, SourceProblem):
            yield piece
        else:
            pieces.append(piece)
    beside = _folders(pieces)
    found = [_member(piece, beside[_folder(piece)]) for piece in pieces]
    yield from sorted(found, key=lambda member: (member.rank, member.place))


def _folder(piece: Unpacked) -> str:
    return str(PurePosixPath(piece.place).parent)


def _folders(pieces: list[Unpacked]) -> dict[str, dict[str, Path]]:
    found: dict[str, dict[str, Path]] = {}
    for piece in pieces:
        found.setdefault(_folder(piece), {})[PurePosixPath(piece.place).name.lower()] = piece.path
    return found


def _member(piece: Unpacked, beside: Mapping[str, Path]) -> Member:
    form, rank = identify(piece)
    return Member(piece.place, piece.path, piece.size, piece.digest, form, rank, beside)


def identify(piece: Unpacked) -> tuple[str, int]:
    """Format and rank of a file by its content, with its name as a help."""
    if archive.is_workbook(piece.path):
        return "tabular.xlsx", _TABULAR_RANK
    told = _by_content(piece)
    if told is not None:
        return told
    head = _head(piece.path)
    if head is None:
        return UNKNOWN, _LAST_RANK
    first = head[0] if head else ""
    table = biotab.table_of(piece.place, first)
    if table is not None:
        return biotab.PREFIX + table, biotab.rank_of(table)
    if mirna.fits(first):
        return mirna.FORMAT, mirna.RANK
    if looks_like_logger(head):
        return "logger.csv", _LOGGER_RANK
    if any(delimiter in line for line in head for delimiter in _DELIMITERS):
        return "tabular.csv", _TABULAR_RANK
    return UNKNOWN, _LAST_RANK


def _by_content(piece: Unpacked) -> tuple[str, int] | None:
    with piece.path.open("rb") as file:
        start = file.read(_SNIFFED)
    name = PurePosixPath(piece.place).name
    return next((found for one in _BY_CONTENT if (found := one.sniff(start, name)) is not None), None)


def _head(path: Path) -> list[str] | None:
    """The first lines that are not blank, or ``None`` for a file that is no text."""
    with path.open("rb") as file:
        start = file.read(4096)
    encoding = decoding.detect(path)
    if b"\0" in start and not encoding.startswith("utf-16") and encoding != "utf-32":
        return None
    text = (line for _, line in itertools.islice(decoding.lines(path, encoding), 200) if line and line.strip())
    return list(itertools.islice(text, _HEAD_LINES))


def items(member: Member, source_id: str, skip: int = 0) -> Iterator[Item]:
    """Records and problems of ``member``, in the same order on every run; the first ``skip`` are left out."""
    reader = _reader(member.format)
    if reader is None:
        return itertools.islice([_unknown(member, source_id)], skip, None)
    return reader(member, source_id, skip)


def _reader(form: str) -> Reader | None:
    fitting = [prefix for prefix in READERS if form.startswith(prefix)]
    return READERS[max(fitting, key=len)] if fitting else None


def _unknown(member: Member, source_id: str) -> SourceProblem:
    values = {"place": member.place, "format": member.format}
    reason = "format_unknown" if member.size else "file_empty"
    return SourceProblem(reason, Locator(source_id, member.place, 0), values, fatal=True)
