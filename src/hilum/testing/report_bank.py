"""The figures of a bank shaped like a real one (twelve cohorts, 189,000 records, forty rules), seeded and synthetic.

The sizes are those of twelve public cancer cohorts; which rule fails where is drawn at random, so nothing here is
about anybody. For looking at the report and testing it where no bank is at hand.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from hilum.model.record import Locator
from hilum.quality.collection import CollectionReport, Cover, Figures, WaiverCounts, collect
from hilum.quality.rule import Dimension, Rule, Severity
from hilum.registry.stored import Source, SourceState, StoredProblem
from hilum.testing.report_rules import shaped_rules

# records by kind, in this order, of each cohort
_KINDS = (
    *("donor", "consent", "condition", "follow_up", "medication", "procedure", "collection"),
    *("specimen", "slide", "transport", "preparation", "assay", "observation"),
)
_COHORTS = {
    "BRCA": (1088, 1088, 1206, 1225, 2293, 655, 3477, 26592, 3134, 1062, 6314, 0, 180),
    "CHOL": (36, 36, 62, 15, 14, 11, 170, 774, 117, 29, 159, 2586, 144),
    "DLBC": (47, 47, 74, 61, 0, 10, 151, 1107, 107, 32, 259, 2586, 96),
    "ESCA": (184, 184, 248, 139, 75, 61, 579, 3937, 405, 125, 933, 2586, 312),
    "KICH": (111, 111, 123, 125, 19, 19, 331, 1817, 359, 62, 448, 2586, 402),
    "KIRC": (536, 536, 539, 604, 147, 176, 1618, 15379, 2228, 477, 3487, 0, 2144),
    "LIHC": (368, 368, 485, 344, 65, 54, 1286, 7437, 881, 183, 1844, 2586, 2208),
    "LUSC": (496, 496, 540, 481, 327, 144, 1638, 13492, 1659, 327, 3419, 2586, 0),
    "MESO": (87, 87, 140, 33, 150, 43, 272, 1416, 173, 62, 260, 2586, 0),
    "PAAD": (185, 185, 245, 164, 233, 68, 568, 3802, 467, 122, 845, 2586, 222),
    "STAD": (443, 443, 497, 408, 424, 96, 1534, 10643, 1336, 391, 2447, 2586, 0),
    "TGCT": (134, 134, 172, 188, 170, 27, 451, 2517, 426, 121, 461, 2586, 268),
}
_MONTHS = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10")
_SITES = 18
_SITES_PER_COHORT = 5
_LEAST_WEIGHT = 4  # the weights of the rules that apply to a record add up to this or up to nine more
Scores = tuple[float | None, ...]


@dataclass(slots=True)
class _Drawn:
    """What has been drawn so far."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    sites: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    sets: Counter[tuple[str, str, tuple[str, ...]]] = field(default_factory=Counter)
    rows: Counter[tuple[str, str, str, Scores]] = field(default_factory=Counter)

    def count(self, where: tuple[str, str, str], failed: list[Rule], applied: int, n: int) -> None:
        """Count ``n`` records of (kind, source, site) that these rules failed, ``applied`` being the weights."""
        kind, source, site = where
        stopping = [rule for rule in failed if rule.severity in (Severity.REJECT, Severity.BLOCK)]
        state = "held" if stopping else "accepted"
        if any(rule.severity is Severity.REJECT for rule in stopping):
            state = "rejected"
        self.counts[kind, state] += n
        self.sites[site, kind, state] += n
        self.rows[kind, state, source, _scores(failed, applied, capped=bool(stopping))] += n
        if stopping:
            self.sets[kind, state, tuple(sorted(rule.id for rule in stopping))] += n
        for rule in failed:
            outcome = "unknown" if rule.dimension is Dimension.COMPLETENESS else "fail"
            self.findings[rule.id, outcome, kind] += n


def shaped_bank(seed: int = 20261123) -> tuple[Cover, Figures]:
    """Cover and figures of the bank; the same seed gives the same figures."""
    ruleset, rates = shaped_rules()
    chance = random.Random(seed)  # noqa: S311 - a reproducible drawing, not a secret
    drawn = _Drawn()
    for place, (cohort, sizes) in enumerate(_COHORTS.items()):
        care = 0.4 + 1.4 * chance.random()
        for kind, n in zip(_KINDS, sizes, strict=True):
            rules = [rule for rule in ruleset.rules if rule.grain == kind]
            failing = [min(round(n * rates[rule.id] * care / 100_000), n) for rule in rules]
            failed = [(rule, chance.sample(range(n), k)) for rule, k in zip(rules, failing, strict=True)]
            _draw(drawn, kind, (cohort, place), n, failed)
    drawn.counts["specimen", "corrected"], drawn.counts["follow_up", "superseded"] = 37, 61
    figures = Figures(
        counts=drawn.counts,
        finding_counts=drawn.findings,
        score_rows=_rows(drawn.rows),
        sources=[_source(place, cohort) for place, cohort in enumerate(_COHORTS)],
        problems=_problems(),
        ruleset=ruleset,
        site_counts=drawn.sites,
        blocking_sets=drawn.sets,
        applicable={rule.id: _applicable(rule, drawn) for rule in ruleset.rules},
        waivers=WaiverCounts(in_force=14, awaiting=3, lapsed=2),
    )
    return _cover(), figures


def shaped_report(seed: int = 20261123) -> CollectionReport:
    """The report of :func:`shaped_bank`."""
    return collect(*shaped_bank(seed))


def _draw(drawn: _Drawn, kind: str, cohort: tuple[str, int], n: int, failed: list[tuple[Rule, list[int]]]) -> None:
    """Count ``n`` records of one kind and cohort, of which each rule fails those at its places."""
    found: dict[int, list[Rule]] = {}
    for rule, places in failed:
        for place in places:
            found.setdefault(place, []).append(rule)
    sites = [f"TSS {(3 * cohort[1] + near) % _SITES + 1:02d}" for near in range(_SITES_PER_COHORT)]
    for near, site in enumerate(sites):
        clean = sum(place not in found for place in range(near, n, _SITES_PER_COHORT))
        drawn.count((kind, f"SRC-{cohort[0]}", site), [], 0, clean)
    for place, rules in found.items():
        where = (kind, f"SRC-{cohort[0]}", sites[place % _SITES_PER_COHORT])
        drawn.count(where, rules, _LEAST_WEIGHT + place % 10, 1)


def _cover() -> Cover:
    return Cover(
        title="",
        organization="示例医院生物样本库 Example Hospital Biobank",
        generated_at="2026-11-23T00:12:00.000000Z",
        software="Hilum 0.1.0",
        synthetic=True,
    )


def _scores(failed: list[Rule], applied: int, *, capped: bool) -> Scores:
    if not failed:
        return (100.0,) * (1 + len(Dimension))
    lost = Counter[Dimension]()
    for rule in failed:
        lost[rule.dimension] += rule.weight
    dimensions = [max(100 * (1 - lost[one] / applied), 0.0) for one in Dimension]
    total = 1.0
    for score in dimensions:
        total *= max(score, 1.0) ** (1 / len(dimensions))
    return (min(total, 59.0) if capped else total, *dimensions)


def _rows(counted: Counter[tuple[str, str, str, Scores]]) -> Iterator[tuple[str, str, str, Scores]]:
    for row, n in counted.items():
        for _ in range(n):
            yield row


def _applicable(rule: Rule, drawn: _Drawn) -> int:
    return sum(n for (kind, state), n in drawn.counts.items() if kind == rule.grain and state != "corrected") * 9 // 10


def _source(place: int, cohort: str) -> Source:
    name = f"{cohort.lower()}.tar.xz"
    return Source(
        id=f"SRC-{cohort}",
        digest=hashlib.sha256(name.encode()).hexdigest(),
        name=name,
        format="tcga",
        size=180_000 + 37_000 * sum(_COHORTS[cohort]) // 100,
        received_at=f"{_MONTHS[place // 2]}-{3 + place:02d}T01:{place:02d}:00.000000Z",
        state=SourceState.RECEIVED if cohort == "TGCT" else SourceState.DONE,
    )


def _problems() -> list[StoredProblem]:
    after = {"place": "tgct.tar.xz", "after": "tgct/slides.txt"}
    cut = StoredProblem("archive_truncated", Locator("SRC-TGCT", "tgct/slides.txt", 214), after, fatal=True)
    columns = [
        StoredProblem(
            "column_new", Locator("SRC-STAD", "stad/auxiliary.txt", 1), {"count": 1, "columns": name}, fatal=False
        )
        for name in ("hpv_call", "h_pylori", "msi_status")
    ]
    return [cut, *columns]
