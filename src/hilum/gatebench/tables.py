"""Life cycles as tables: CSV in each hospital's encoding or one workbook per hospital, and logger files."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hilum.formats import mapping
from hilum.formats.hospital_sheets import Sheet, write_xlsx
from hilum.gatebench import dialect
from hilum.gatebench.dialect import SITES
from hilum.gatebench.entry import TABLES, Entry, Life, Log

MAPPINGS = "mappings"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry was written: file (``file!sheet`` in a workbook) and physical line or row."""

    file: str
    line: int


Places = dict[int, Place]
"""Entry number -> where it stands."""


def write_csv(life: Life, folder: Path, fits: Callable[[Entry], bool] = lambda _: True) -> Places:
    """A file per table and hospital of the entries that fit; answers where each of them stands."""
    places: Places = {}
    for name, table, rows in _files(life, ".csv", fits):
        site = SITES[rows[0].site]
        text, lines = _lines(table, rows)
        (folder / name).write_bytes(_bytes(text, site.encoding))
        places |= {entry.number: Place(name, line) for entry, line in zip(rows, lines, strict=True)}
    return places


def write_workbooks(life: Life, folder: Path) -> Places:
    """A workbook per hospital and delivery, a sheet per table."""
    places: Places = {}
    books: dict[str, list[Sheet]] = {}
    for name, table, rows in _files(life, ""):
        site, again = SITES[rows[0].site], rows[0].again
        known = dialect.headers(table, site)
        book = f"{site.letter}-合成数据{'更正' if again else ''}.xlsx"
        sheet = Sheet(book, tuple(known.values()), name)
        sheet.rows = [{known[field]: _printable(dialect.shown(entry, field)) for field in known} for entry in rows]
        books.setdefault(book, []).append(sheet)
        places |= {entry.number: Place(f"{book}!{name}", line) for line, entry in enumerate(rows, 2)}
    for sheets in books.values():
        write_xlsx(folder, sheets)
    return places


def write_mappings(life: Life, folder: Path) -> None:
    """The confirmed mapping of every table that was written."""
    for _, table, rows in _files(life, ""):
        mapping.save(dialect.mapping(table, SITES[rows[0].site]), folder)


def _files(
    life: Life, suffix: str, fits: Callable[[Entry], bool] = lambda _: True
) -> Iterator[tuple[str, str, list[Entry]]]:
    """(name, table, rows) of every file there is something to write in."""
    for table in TABLES:
        for number, site in enumerate(SITES):
            for again in (0, 1):
                rows = [one for one in life.entries[table] if one.site == number and one.again == again and fits(one)]
                if rows:
                    yield dialect.file_name(table, site, again, suffix), table, rows


def _lines(table: str, rows: Iterable[Entry]) -> tuple[str, list[int]]:
    """The text of a file and the physical line each row begins on (a cell may hold a line break)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = dialect.fields(table)
    lines, line, first = [], 2, True
    for entry in rows:
        if first:
            known = dialect.headers(table, SITES[entry.site])
            writer.writerow([known[name] for name in names])
            first = False
        cells = [dialect.shown(entry, name) for name in names]
        writer.writerow(cells)
        lines.append(line)
        line += 1 + sum(cell.count("\n") for cell in cells)
    return out.getvalue(), lines


def _bytes(text: str, encoding: str) -> bytes:
    """Text in ``encoding``; a lone surrogate stands for the byte that means nothing in it."""
    return text.encode(encoding, errors="surrogateescape")


def _printable(text: str) -> str:
    """A workbook holds characters, not bytes: what was a broken byte arrives as U+FFFD."""
    return text.encode("utf-8", errors="replace").decode() if text.isascii() else _replaced(text)


def _replaced(text: str) -> str:
    return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)


def log_name(log: Log) -> str:
    """The file of a trip's log."""
    return f"{SITES[log.site].letter}-13-温度记录-{log.trip}.csv"


def write_logs(life: Life, folder: Path) -> None:
    """The loggers' exports: a block of facts, then numbered readings, as such devices write them."""
    for log in life.logs:
        if log.written:
            (folder / log_name(log)).write_bytes(_log_text(log).encode("gb18030"))


def _log_text(log: Log) -> str:
    low, high = log.limits
    lines = [
        "温度记录报告（合成数据）",
        f"序列号：{log.serial}",
        f"运输编号：{log.trip}",
        f"记录间隔：{log.every.seconds // 60}分钟",
        f"温度下限：{low}℃",
        f"温度上限：{high}℃",
        f"序号,记录时间,温度({log.unit})",
    ]
    lines += [f"{number},{at:%Y-%m-%d %H:%M:%S},{text}" for number, (at, text) in enumerate(log.readings, 1)]
    return "\r\n".join(lines) + "\r\n"
