"""What the hospitals of the benchmark have laid down: their procedures, given to every judge beside the data.

They are the shipped templates with the limits these hospitals validated: blood spun within four hours of the draw and
frozen within two of the spin (SPREC 4.0's widest classes for plasma and serum of biobanks), urine frozen in aliquots.
PAXgene tubes, frozen tissue and blocks follow the templates as they are. One procedure is their own: what is taken out
by one person is handed out by another.
"""

from dataclasses import replace
from pathlib import Path

from hilum.quality.sop import Sop
from hilum.quality.sop_text import as_text, load_sop, templates

FOLDER = "procedures"
_MINUTES: dict[str, dict[str, int]] = {
    "plasma-edta": {"centrifuge-in-time": 240, "freeze-in-time": 120},
    "serum": {"centrifuge-in-time": 240, "freeze-in-time": 120},
    "urine": {"centrifuge-in-time": 240, "freeze-in-time": 480},
    "rna-paxgene": {},
    "tissue-frozen": {},
    "tissue-ffpe": {},
}
_ISSUE = """
sop: issue
version: 1
title: { zh: 出库与发放, en: Issue of specimens }
applies: specimen_type IS NOT NULL
source: { standard: "gate-bench, the hospitals' own rule" }
steps: [retrieve, distribute]
constraints:
  - id: two-people
    kind: different_actor
    step: retrieve
    then: distribute
    severity: warn
    hint:
      zh: 出库与发放应由两人完成，以便核对。请核实经手人。
      en: Taking out and handing out need two people, so that one checks the other. Confirm who did which.
    source: { standard: "gate-bench, the hospitals' own rule" }
"""
_APPLIES = {"urine": "specimen_type = 'Urine' AND parent_id IS NOT NULL"}


def procedures() -> list[Sop]:
    """The procedures in force in the benchmark's hospitals."""
    return [*(_adapted(name, limits) for name, limits in _MINUTES.items()), load_sop(_ISSUE, "issue")]


def _adapted(name: str, limits: dict[str, int]) -> Sop:
    sop = templates()[name]
    constraints = tuple(replace(one, minutes=limits[one.id]) if one.id in limits else one for one in sop.constraints)
    return replace(sop, constraints=constraints, applies=_APPLIES.get(name, sop.applies))


def write(folder: Path) -> None:
    """The procedures as files, made where they are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for sop in procedures():
        (folder / f"{sop.id}.yaml").write_text(as_text(sop), encoding="utf-8")
