"""The collection's report: figures from the bank, documents for people and programs."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

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
from hilum.quality.collection_digits import FIELDS, DigitCounts, DigitFigures
from hilum.quality.finding import Finding
from hilum.quality.rule import Ruleset, Severity
from hilum.registry.desk import proposed_fact
from hilum.registry.ports import QueueFilter, Unit
from hilum.registry.quarantine import OPEN
from hilum.registry.stored import RecordState, StoredRecord, Waiver
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
        return collect(cover, _figures(app, unit, now), _digits(unit))


def _figures(app: Hilum, unit: Unit, now: str) -> Figures:
    return Figures(
        counts=unit.counts(),
        finding_counts=unit.finding_counts(),
        score_rows=unit.score_rows(),
        sources=unit.sources(),
        problems=unit.problems(),
        ruleset=app.gate.ruleset,
        site_counts=_site_counts(unit),
        blocking_sets=_blocking_sets(unit, app.gate.ruleset),
        waivers=_waivers(unit.all_waivers(), now),
    )


def _site_counts(unit: Unit) -> dict[tuple[str, str, str], int]:
    """Records by the site their donor comes from; donors without a site are left out."""
    sites = _sites(unit)
    counts: Counter[tuple[str, str, str]] = Counter()
    for donor, kind, state, n in unit.donor_counts():
        if donor in sites:
            counts[sites[donor], kind, state] += n
    return counts


def _sites(unit: Unit) -> dict[str, str]:
    return {
        fact.key: str(fact.fields["site"]) for fact in unit.all_facts(Kind.DONOR) if fact.fields.get("site") is not None
    }


def _digits(unit: Unit) -> DigitFigures:
    """Last digits of what people typed, counted over every accepted and held record, which pass by one at a time."""
    held = (RecordState.HELD,)
    sites = {one.donor or one.key: str(one.fields.get("site") or "") for one in _found(unit, held, (Kind.DONOR,))}
    sites |= _sites(unit)
    counts = DigitCounts()
    for kind in FIELDS:
        for fact in unit.all_facts(kind):
            donor = fact.donor or fact.key
            counts.add(sites.get(donor, ""), kind, donor, fact.fields)
    for one in _found(unit, held, tuple(FIELDS)):
        donor = one.donor or one.key
        counts.add(sites.get(donor, ""), one.kind, donor, one.fields)
    return counts.figures()


def stopped(unit: Unit) -> Iterator[StoredRecord]:
    """Every held or rejected record, a page at a time."""
    return _found(unit, OPEN)


def _found(unit: Unit, states: tuple[RecordState, ...], kinds: tuple[Kind, ...] = ()) -> Iterator[StoredRecord]:
    offset = 0
    while page := unit.find_records(QueueFilter(states=states, kinds=kinds, limit=_PAGE, offset=offset)):
        yield from page
        offset += len(page)


def _blocking_sets(unit: Unit, ruleset: Ruleset) -> dict[tuple[str, str, tuple[str, ...]], int]:
    """Stopped records by what stops them. A record that only waits for another stopped record counts under what stops
    that one: mend the cause, and the rest follows by itself."""
    waits = {rule.id: space for rule in ruleset.rules if (space := _WAITS.get(rule.condition))}
    stops = {(one.kind, one.key): _Stop.of(one, waits) for one in stopped(unit)}
    counts: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    for (kind, _), stop in stops.items():
        counts[kind.value, stop.state, tuple(sorted(_causes(stop, stops)))] += 1
    return counts


_WAITS = {
    "donor.known": Kind.DONOR,
    "parent.known": Kind.SPECIMEN,
    "specimen.known": Kind.SPECIMEN,
}
"""Conditions by which a record waits for another, and the kind of that one."""


@dataclass(frozen=True, slots=True)
class _Stop:
    """What stops one record: rules of its own, and records it waits for with the rule that says so."""

    state: str
    rules: frozenset[str]
    waits: tuple[tuple[str, tuple[Kind, str]], ...]

    @classmethod
    def of(cls, record: StoredRecord, waits: Mapping[str, Kind]) -> Self:
        blockers = {one.rule for one in _findings(record) if one.severity in _STOPS and not one.waived}
        fact = proposed_fact(record)
        names = {Kind.DONOR: fact.donor or "", Kind.SPECIMEN: fact.parent or ""}
        waiting = tuple((rule, (waits[rule], names[waits[rule]])) for rule in sorted(blockers & waits.keys()))
        return cls(record.state.value, frozenset(blockers - waits.keys()), waiting)


def _causes(stop: _Stop, stops: Mapping[tuple[Kind, str], _Stop]) -> set[str]:
    """The rules at the root: waiting is followed to the record waited for, as long as that one is stopped too."""
    causes = set(stop.rules)
    seen: set[tuple[Kind, str]] = set()
    pending = list(stop.waits)
    while pending:
        rule, name = pending.pop()
        above = stops.get(name)
        if above is None or name in seen:
            causes.add(rule)
            continue
        seen.add(name)
        causes |= above.rules
        pending += above.waits
    return causes


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
