"""A stage that contradicts its T, N and M: the group they give, or the metastasis that alone speaks against them."""

from collections.abc import Iterator

from hilum.quality.row import Row
from hilum.quality.slip import Slip
from hilum.terms.stages import EDITION, group

STAGES = {"pathologic_stage": "pathologic_", "clinical_stage": "clinical_"}
"""Field of a stage -> what the names of its T, N and M begin with."""
_OF_TNM, _OF_STAGE = 0.6, 0.3
"""Three statements against one; and one against three."""


def near_stages(row: Row, name: str) -> Iterator[Slip]:
    """What the stage in field ``name`` of a condition should have been; nothing for another edition of TNM."""
    if row.get("tnm_edition") not in (None, EDITION):
        return
    start = STAGES[name]
    t, n, m, stage, code = (_text(row, one) for one in (f"{start}t", f"{start}n", f"{start}m", name, "icd10"))
    told = group(code[:3], t, n, m)
    without = group(code[:3], t, n, "M0")
    if m.startswith(("M1", "cM1", "pM1")) and without == stage != "":  # T, N and stage agree: M stands alone
        yield Slip(((f"{start}m", "M0"),), _OF_TNM)
        yield Slip(((name, told or "IV"),), _OF_STAGE)
        return
    if told and told != stage:
        yield Slip(((name, told),), _OF_TNM)
    if stage.startswith("IV") and m.endswith("M0"):
        yield Slip(((f"{start}m", "M1"),), _OF_STAGE)


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
