"""Results of checks in the shape of DataQualityDashboard's own: ``results.json``, and one CSV row per check.

``results.json`` has CheckResults, Metadata and Overview with the names DataQualityDashboard gives them, single values
of the overview in a list as R writes them. One number differs on purpose: ``countPassed`` counts checks that passed
and neither those that do not apply nor those that could not be evaluated.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hilum.quality.dqd_results import Result, State, tally

CATEGORIES = ("Plausibility", "Conformance", "Completeness")


@dataclass(frozen=True, slots=True)
class Run:
    """When checks ran (ISO instants), for how many seconds, and what CDM_SOURCE says of the data."""

    started_at: str
    ended_at: str
    seconds: float
    source: Mapping[str, str]
    version: str


def result_row(one: Result) -> dict[str, object]:
    """One result by DataQualityDashboard's names."""
    check, kind = one.check, one.check.kind
    return {
        "numViolatedRows": one.counted.violated,
        "pctViolatedRows": None if one.share is None else round(one.share, 6),
        "numDenominatorRows": one.counted.denominator,
        "checkName": kind.name,
        "checkLevel": kind.level,
        "checkDescription": check.description,
        "cdmTableName": check.table,
        "cdmFieldName": check.fld or None,
        "conceptId": check.concept or None,
        "unitConceptId": check.unit or None,
        "sqlFile": kind.sql_file,
        "category": kind.category,
        "subcategory": kind.subcategory or None,
        "context": kind.context,
        "severity": kind.severity,
        "error": one.counted.error or None,
        "checkId": check.id,
        "isError": int(one.state is State.NOT_EVALUATED),
        "notApplicable": int(one.state is State.NOT_APPLICABLE),
        "failed": int(one.state is State.FAILED),
        "passed": int(one.state is State.PASSED),
        "notApplicableReason": one.reason or None,
        "thresholdValue": check.threshold,
        "notesValue": check.notes or None,
    }


def overview(results: Sequence[Result]) -> dict[str, object]:
    """The counts DataQualityDashboard puts on its first page, and how many checks say nothing."""
    whole = tally(results)
    found: dict[str, object] = {
        "countTotal": whole.total,
        "countPassed": whole.passed,
        "countErrorFailed": whole.not_evaluated,
        "countThresholdFailed": whole.failed,
        "countOverallFailed": whole.failed,
        "countNotApplicable": whole.not_applicable,
        "countNotEvaluated": whole.not_evaluated,
        "percentPassed": whole.percent_passed,
        "percentFailed": None if whole.percent_passed is None else round(100 - whole.percent_passed, 2),
    }
    for name in CATEGORIES:
        part = tally(one for one in results if one.check.kind.category == name)
        found |= {f"countTotal{name}": part.total, f"countFailed{name}": part.failed, f"countPassed{name}": part.passed}
    return found


def document(results: Sequence[Result], run: Run) -> dict[str, object]:
    """The whole of ``results.json``; what is not known is left out, as R leaves out NA."""
    rows = [{name: cell for name, cell in result_row(one).items() if cell is not None} for one in results]
    return {
        "startTimestamp": [run.started_at],
        "endTimestamp": [run.ended_at],
        "executionTime": [f"{run.seconds:.0f} secs"],
        "executionTimeSeconds": [round(run.seconds, 3)],
        "CheckResults": rows,
        "Metadata": [{_camel(name): text for name, text in run.source.items()} | {"hilumVersion": run.version}],
        "Overview": {name: [cell] for name, cell in overview(results).items() if cell is not None},
    }


def write(results: Sequence[Result], run: Run, folder: Path) -> tuple[Path, Path]:
    """``results.json`` and ``results.csv`` in ``folder``, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    told, table = folder / "results.json", folder / "results.csv"
    told.write_text(json.dumps(document(results, run), ensure_ascii=False, indent=1), encoding="utf-8")
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for index, row in enumerate(map(result_row, results)):
            if index == 0:
                writer.writerow([_snake(name) for name in row])
            writer.writerow([_harmless(cell) for cell in row.values()])
    return told, table


def _harmless(cell: object) -> object:
    """A text no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def _snake(name: str) -> str:
    """``numViolatedRows`` as ``NUM_VIOLATED_ROWS``."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(part.capitalize() for part in rest)
