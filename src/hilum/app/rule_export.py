"""Rules taken out: as the text they are, as constraints of a database, as a pandera schema, or as results in the shape
of OHDSI's DataQualityDashboard."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from importlib import resources
from pathlib import Path

from hilum import __version__
from hilum.app.running import Hilum
from hilum.app.scanning import RuleCounts, scan
from hilum.clock import stamp
from hilum.engines.check_constraints import DIALECTS, Constraints, constraints
from hilum.engines.pandera_schema import schema_source
from hilum.errors import BadInputError, NotFoundError
from hilum.formats.omop_results import Run, write
from hilum.model.party import Actor
from hilum.quality.dqd import Check, CheckKind
from hilum.quality.dqd_results import Counted, Result, State
from hilum.quality.rule import Rule, Ruleset, Severity
from hilum.settings import Settings

DATABASES = tuple(DIALECTS)
SHAPES = ("yaml", *DATABASES, "pandera", "dqd")
STOPPING = frozenset({Severity.REJECT, Severity.BLOCK})
_SEVERITY = {Severity.REJECT: "fatal", Severity.BLOCK: "convention"}


def chosen(ruleset: Ruleset, packs: Sequence[str], ids: Sequence[str]) -> list[Rule]:
    """The rules of these packs or with these identifiers; all of them when neither is named.

    Raises :class:`NotFoundError` for one there is none of, with the nearest there is.
    """
    for named, known, reason in (
        (packs, {rule.pack for rule in ruleset.rules}, "pack_unknown"),
        (ids, {rule.id for rule in ruleset.rules}, "rule_unknown_near"),
    ):
        for name in named:
            if name not in known:
                raise NotFoundError(reason, name=name, near=_near(name, known))
    if not packs and not ids:
        return list(ruleset.rules)
    return [rule for rule in ruleset.rules if rule.pack in packs or rule.id in ids]


def _near(name: str, known: Collection[str]) -> str:
    return ", ".join(get_close_matches(name, sorted(known), cutoff=0.5)) or "—"


def as_constraints(rules: Sequence[Rule], dialect: str, *, everything: bool) -> Constraints:
    """CHECK constraints; of rules that only warn when ``everything`` is asked for."""
    kept = [rule for rule in rules if everything or rule.severity in STOPPING]
    return constraints(kept, dialect)


def as_pandera(rules: Sequence[Rule], out: Path | None) -> str:
    """A pandera module."""
    return schema_source(rules, out.stem if out else "hilum_rules")


def as_yaml(settings: Settings, rules: Sequence[Rule]) -> str:
    """The packs these rules stand in, whole and as they were written, one YAML document each."""
    wanted = sorted({rule.place.partition(":")[0] for rule in rules})
    shipped = resources.files("hilum") / "rules"
    own = {file.name: file for file in settings.pack_folder.glob("*.yaml")} if settings.pack_folder.is_dir() else {}
    texts = [(own.get(name) or shipped / name).read_text(encoding="utf-8") for name in wanted]
    return "\n---\n".join(text.rstrip("\n") for text in texts) + "\n"


def as_results(app: Hilum, actor: Actor, rules: Sequence[Rule], folder: Path) -> tuple[Path, Path]:
    """Run the rules over the accepted records and write ``results.json`` and ``results.csv``."""
    known = {rule.id: rule for rule in rules}
    started = app.clock()
    counts = [one for one in scan(app, actor) if one.rule in known]
    ended = app.clock()
    about = {"cdm_source_name": app.settings.name, "cdm_version": "", "source_description": app.gate.ruleset.digest}
    run = Run(stamp(started), stamp(ended), (ended - started).total_seconds(), about, __version__)
    return write([_result(known[one.rule], one) for one in counts], run, folder)


def _result(rule: Rule, counts: RuleCounts) -> Result:
    """Unknown counts as violated, as it does at the gate. A rule no record met does not apply."""
    violated, looked_at = counts.failed + counts.unknown, counts.passed + counts.failed + counts.unknown
    kind = CheckKind(
        level="FIELD",
        name=rule.id,
        description=rule.title.en,
        context="Verification",
        category=rule.kahn.value.capitalize(),
        subcategory=rule.dimension.value.capitalize(),
        sql_file="",
        evaluation_filter=rule.when,
        severity=_SEVERITY.get(rule.severity, "characterization"),
    )
    check = Check(
        id=rule.id,
        kind=kind,
        table=rule.grain.value.upper(),
        fld=rule.field.upper(),
        concept="",
        unit="",
        threshold=0.0,
        notes=f"{rule.source.standard} {rule.source.clause}".strip(),
        row={},
    )
    if not looked_at:
        return Result(check, Counted(0, 0), State.NOT_APPLICABLE, f"No {rule.grain.value} record meets the rule.")
    return Result(check, Counted(violated, looked_at), State.FAILED if violated else State.PASSED)


def put(text: str, out: Path, *, force: bool) -> Path:
    """Write a file whole or not at all. Raises :class:`BadInputError` where one stands that is not to be replaced."""
    if out.exists() and not force:
        raise BadInputError("file_exists", place=str(out))
    draft = out.with_name(f".{out.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(out)
    return out
