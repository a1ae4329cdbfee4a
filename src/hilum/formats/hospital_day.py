"""One day of a hospital biobank, made up: files as a Chinese hospital would send them, and what is wrong in them.

This is a documented, seeded generator for demonstrations and benchmarks. Everything in it is synthetic (合成数据): the
file names, the titles and a README beside the files say so. ``write_day`` makes, under the given folder::

    README.md       what this is, in Chinese and English
    defects.csv     the defect ledger: class, file, line, field, original, injected
    incoming/       the files to take in: registration (GB18030), consent and storage workbooks, draws, laboratory
                    results, pathology, the transport manifest and one temperature log per box

The same seed, size and day give the same bytes. A defect's line is where a judge should find it (the row that breaks a
rule); values that differ only in clothing (full-width digits in good rows) are not defects and are not listed.
"""

import csv
import io
import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hilum.errors import BadInputError
from hilum.formats import hospital_clinic, hospital_loggers, hospital_samples
from hilum.formats.hospital_defects import SPOILS, Day, Picker, Planned, spoil
from hilum.formats.hospital_mishaps import MISHAPS
from hilum.formats.hospital_people import people
from hilum.formats.hospital_sheets import Sheet, write_csv, write_xlsx
from hilum.messages import LANGUAGES, text

DONORS = 150
"""Donors of the usual day; they give about six hundred specimens."""
SHARE = 0.06
"""Share of specimens that get a defect; each class comes once before any comes twice."""
LARGEST = 20_000
LEDGER, README, INCOMING = "defects.csv", "README.md", "incoming"
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect put in: its class, the file (``file!sheet`` in a workbook), line or row, column, and both texts."""

    name: str
    file: str
    line: int
    field: str
    original: str
    injected: str


@dataclass(frozen=True, slots=True)
class DayLedger:
    """What was written: the folder to take in, its files, the defects, and how many donors and specimens there are."""

    folder: Path
    incoming: Path
    files: tuple[Path, ...]
    defects: tuple[Defect, ...]
    donors: int
    specimens: int


def write_day(folder: Path, seed: int, size: int, on: date) -> DayLedger:
    """Write the day ``on`` of ``size`` donors under ``folder``. Raises :class:`BadInputError` for a size of none."""
    if not 1 <= size <= LARGEST:
        raise BadInputError("day_size", size=size, largest=LARGEST)
    rng = random.Random(seed)  # noqa: S311 - repeatable made-up data, nothing secret
    day = _coherent(rng, size, on)
    specimens = sum(len(day.sheets[name].rows) for name in ("tubes", "aliquots", "nucleic"))
    planned = _spoilt(day, Picker(rng), max(1, round(specimens * SHARE)))
    _dress(day, rng, planned)
    incoming = folder / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    files = _write(day, incoming)
    ledger = DayLedger(folder, incoming, files, tuple(map(_defect, planned)), size, specimens)
    _write_ledger(folder / LEDGER, ledger)
    _write_readme(folder / README, ledger, seed, on)
    return ledger


def _coherent(rng: random.Random, size: int, on: date) -> Day:
    everyone = people(rng, size, on)
    made = hospital_samples.samples(rng, everyone, on)
    first_tubes = [tube for tube in made.tubes.rows if tube["样本条码"].endswith("-E")]
    sheets = {
        "donors": hospital_clinic.donors(everyone, on),
        "consents": hospital_clinic.consents(rng, everyone, on),
        "tubes": made.tubes,
        "aliquots": made.aliquots,
        "nucleic": made.nucleic,
        "spins": made.spins,
        "results": hospital_clinic.results(rng, first_tubes, on),
        "diagnoses": hospital_clinic.diagnoses(rng, everyone, on),
        "manifest": made.manifest,
    }
    return Day(sheets, hospital_loggers.logs(rng, made.shipments), made.shipments)


def _spoilt(day: Day, picker: Picker, wanted: int) -> list[Planned]:
    """Every class once, loggers and rows first, then single cells again and again until the share is reached.

    A small day holds fewer: no donor suffers twice, so that each finding has one cause.
    """
    planned: list[Planned] = []
    for mishap in MISHAPS:
        planned += mishap(day, picker)
    while True:
        before = len(planned)
        for one in SPOILS:
            planned += spoil(day, one, picker)
        if len(planned) >= wanted or len(planned) == before:
            return planned


def _dress(day: Day, rng: random.Random, planned: list[Planned]) -> None:
    """Full-width digits and a blank here and there in good rows: the same values in other clothes, no defects."""
    spoilt = {id(one.row) for one in planned}
    for name, field in (("aliquots", "分装体积（μL）"), ("nucleic", "体积(μL)"), ("tubes", "采集量(mL)")):
        for row in day.sheets[name].rows:
            if id(row) not in spoilt and rng.random() < 0.03:
                row[field] = row[field].translate(_WIDE)
    for row in day.sheets["results"].rows:
        if id(row) not in spoilt and rng.random() < 0.02:
            row["检验项目"] = f" {row['检验项目']} "


def _write(day: Day, folder: Path) -> tuple[Path, ...]:
    books: dict[str, list[Sheet]] = {}
    written: list[Path] = []
    for sheet in day.sheets.values():
        if sheet.sheet:
            books.setdefault(sheet.file, []).append(sheet)
        else:
            written.append(write_csv(folder, sheet))
    written += [write_xlsx(folder, sheets) for sheets in books.values()]
    written += [hospital_loggers.write_log(folder, log) for log in day.logs if log.written]
    return tuple(sorted(written))


def _defect(planned: Planned) -> Defect:
    sheet, row = planned.sheet, planned.row
    file = f"{planned.file}!{sheet.sheet}" if sheet is not None and sheet.sheet else planned.file
    line = sheet.line_of(row) if sheet is not None and row is not None else planned.line
    return Defect(planned.name, file, line, planned.field, planned.original, planned.injected)


def _write_ledger(path: Path, ledger: DayLedger) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("class", "file", "line", "field", "original", "injected"))
    for one in ledger.defects:
        writer.writerow((one.name, one.file, one.line, one.field, one.original, one.injected))
    path.write_text(out.getvalue(), encoding="utf-8")


def _write_readme(path: Path, ledger: DayLedger, seed: int, on: date) -> None:
    facts: dict[str, object] = {
        "seed": seed, "size": ledger.donors, "specimens": ledger.specimens, "on": on.isoformat(),
        "defects": len(ledger.defects), "classes": len({one.name for one in ledger.defects}),
    }  # fmt: skip
    path.write_text(
        "\n".join(text("hospital_day.readme", language, **facts) for language in LANGUAGES), encoding="utf-8"
    )
