"""The collection's report: figures from the bank, documents for people and programs."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from hilum import __version__
from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.formats.report_html import html
from hilum.formats.report_json import as_json
from hilum.formats.report_xlsx import workbook
from hilum.messages import Language
from hilum.model.party import Actor
from hilum.model.record import Kind
from hilum.quality.collection import CollectionReport, Cover, Figures, WaiverCounts, collect
from hilum.quality.finding import Finding
from hilum.quality.rule import Severity
from hilum.registry.ports import QueueFilter, Unit
from hilum.registry.quarantine import OPEN
from hilum.registry.stored import StoredRecord, Waiver
from hilum.registry.waiving import holds

FORMATS = ("html", "xlsx", "json")
_PAGE = 2_000
_STOPS = (Severity.REJECT, Severity.BLOCK)


def report_of(app: Hilum, actor: Actor, *, synthetic: bool = False) -> CollectionReport:
    """The figures of the whole bank as it stands."""
    app.authorise("report.make", "report", actor)
    now = stamp(app.clock())
    cover = Cover(
        title="",
        organization=app.settings.name,
        generated_at=now,
        software=f"Hilum {__version__}",
        synthetic=synthetic,
    )
    with app.bank.read() as unit:
        return collect(cover, _figures(app, unit, now))


def _figures(app: Hilum, unit: Unit, now: str) -> Figures:
    return Figures(
        counts=unit.counts(),
        finding_counts=unit.finding_counts(),
        score_rows=unit.score_rows(),
        sources=unit.sources(),
        problems=unit.problems(),
        ruleset=app.gate.ruleset,
        site_counts=_site_counts(unit),
        blocking_sets=_blocking_sets(unit),
        waivers=_waivers(unit.all_waivers(), now),
    )


def _site_counts(unit: Unit) -> dict[tuple[str, str, str], int]:
    """Records by the site their donor comes from; donors without a site are left out."""
    sites = {
        fact.key: str(fact.fields["site"]) for fact in unit.all_facts(Kind.DONOR) if fact.fields.get("site") is not None
    }
    counts: Counter[tuple[str, str, str]] = Counter()
    for donor, kind, state, n in unit.donor_counts():
        if donor in sites:
            counts[sites[donor], kind, state] += n
    return counts


def stopped(unit: Unit) -> Iterator[StoredRecord]:
    """Every held or rejected record, a page at a time."""
    offset = 0
    while page := unit.find_records(QueueFilter(states=OPEN, limit=_PAGE, offset=offset)):
        yield from page
        offset += len(page)


def _blocking_sets(unit: Unit) -> dict[tuple[str, str, tuple[str, ...]], int]:
    counts: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    for record in stopped(unit):
        blockers = sorted({one.rule for one in _findings(record) if one.severity in _STOPS and not one.waived})
        counts[record.kind.value, record.state.value, tuple(blockers)] += 1
    return counts


def _findings(record: StoredRecord) -> Sequence[Finding]:
    return record.judgement.findings if record.judgement else ()


def _waivers(waivers: Sequence[Waiver], now: str) -> WaiverCounts:
    live = sum(holds(one, now) for one in waivers)
    today = date.fromisoformat(now[:10]).isoformat()
    lapsed = sum(one.withdrawn or bool(one.expires_on and one.expires_on < today) for one in waivers)
    return WaiverCounts(in_force=live, awaiting=len(waivers) - live - lapsed, lapsed=lapsed)


def write_report(
    app: Hilum, report: CollectionReport, folder: Path, formats: Sequence[str], language: Language
) -> list[Path]:
    """Write the report into ``folder`` in each of ``formats``; answers the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form in formats:
        file = folder / f"report.{language}.{form}"
        draft = file.with_name(f".{file.name}")
        if form == "html":
            draft.write_text(html(report, language), encoding="utf-8")
        elif form == "json":
            draft.write_text(json.dumps(as_json(report), ensure_ascii=False, indent=2), encoding="utf-8")
        else:
            with app.bank.read() as unit:
                workbook(report, stopped(unit), language, draft)
        draft.replace(file)
        written.append(file)
    return written
