"""Sheets of the synthetic hospital day, and how they are written: CSV in a chosen encoding, XLSX byte for byte alike.

The workbook is written by hand from its few XML parts, so that the same seed gives the same bytes everywhere (no
moment of writing, no program's version inside).
"""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

Row = dict[str, str]

_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's clock time has no zone
_STYLE = {"n": 0, "t": 1, "d": 2}
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(slots=True)
class Sheet:
    """One table: the file it goes to, the worksheet's name (empty for CSV), title lines above the header, headers,
    rows, and which columns a workbook holds as numbers (``n``), instants (``t``) or days (``d``)."""

    file: str
    headers: tuple[str, ...]
    sheet: str = ""
    titles: tuple[str, ...] = ()
    encoding: str = "utf-8"
    types: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def line_of(self, row: Row) -> int:
        """The physical line or row number the row is written in; 0 when it is no longer there."""
        for index, other in enumerate(self.rows):
            if other is row:
                return len(self.titles) + 2 + index
        return 0


def write_csv(folder: Path, sheet: Sheet) -> Path:
    """Write ``sheet`` with CRLF ends, as Excel in a Chinese Windows does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for title in sheet.titles:
        writer.writerow([title])
    writer.writerow(sheet.headers)
    writer.writerows([row.get(header, "") for header in sheet.headers] for row in sheet.rows)
    path = folder / sheet.file
    path.write_bytes(out.getvalue().encode(sheet.encoding))
    return path


def write_xlsx(folder: Path, sheets: Sequence[Sheet]) -> Path:
    """Write ``sheets`` (all of one file) as a workbook."""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
    }
    names = "".join(
        f'<sheet name="{escape(sheet.sheet)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, 1)
    )
    parts["xl/workbook.xml"] = f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{names}</sheets></workbook>'
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
    parts["xl/_rels/workbook.xml.rels"] = _relations(
        [*targets, ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    )
    parts["xl/styles.xml"] = _STYLES
    strings: dict[str, int] = {}
    for number, sheet in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _worksheet(sheet, strings)
    texts = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    parts["xl/sharedStrings.xml"] = f'{_XML}<sst xmlns="{_MAIN}" uniqueCount="{len(strings)}">{texts}</sst>'
    path = folder / sheets[0].file
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("utf-8"))
    return path


def _content_types(count: int) -> str:
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in range(1, count + 1)
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{overrides}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{_REL}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _worksheet(sheet: Sheet, strings: dict[str, int]) -> str:
    """The XML of one sheet; texts go to the workbook's table of shared ``strings``, as Excel keeps them."""
    last = _letters(len(sheet.headers))
    lines: list[Row] = [{sheet.headers[0]: title} for title in sheet.titles]
    lines.append({header: header for header in sheet.headers})
    start = len(lines)
    body: list[str] = []
    for line, row in enumerate([*lines, *sheet.rows], 1):
        types = sheet.types if line > start else {}
        cells = [
            _cell(f"{_letters(column)}{line}", row[header], types.get(header, ""), strings)
            for column, header in enumerate(sheet.headers, 1)
            if row.get(header)
        ]
        body.append(f'<row r="{line}">{"".join(cells)}</row>')
    merged = "".join(f'<mergeCell ref="A{line}:{last}{line}"/>' for line in range(1, start))
    tail = f'<mergeCells count="{start - 1}">{merged}</mergeCells>' if merged else ""
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(body)}</sheetData>{tail}</worksheet>'


def _letters(column: int) -> str:
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _cell(reference: str, text: str, type_: str, strings: dict[str, int]) -> str:
    """A typed cell where the text is a plain value of the type, else the text as somebody typed it."""
    number = _typed(text, type_)
    if number is None:
        return f'<c r="{reference}" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>'
    return f'<c r="{reference}" s="{_STYLE[type_]}"><v>{number}</v></c>'


def _typed(text: str, type_: str) -> str | None:
    """The number Excel keeps for a number, an instant or a day; ``None`` for what is only text."""
    if not type_ or not text.isascii():
        return None
    try:
        if type_ == "n":
            return f"{float(text):.12g}" if not text.strip("+-.0123456789") else None
        return f"{(datetime.fromisoformat(text) - _EXCEL_EPOCH).total_seconds() / 86400:.8f}"
    except ValueError:
        return None


def clock(at: datetime) -> str:
    """How the hospital writes an instant: local time to the minute."""
    return at.strftime("%Y-%m-%d %H:%M")


def day(on: date) -> str:
    """How the hospital writes a day."""
    return on.isoformat()
