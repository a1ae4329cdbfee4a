"""What the benchmarks judge: made-up specimens of a hospital's bank, and rules. Labelled synthetic; seeded."""

import itertools
import random
from collections.abc import Iterator

from hilum.model.record import Kind, Value
from hilum.model.text import Bilingual
from hilum.quality.pack import load_shipped
from hilum.quality.rule import Dimension, Kahn, Rule, Ruleset, Severity, Source

WANTED = 200
_DIMENSIONS = tuple(Dimension)
_TYPES = ("RNA", "DNA", "Serum", "Plasma", "TissueFreshFrozen", "WholeBlood")
_NUMBERS = {
    "weight_mg": (1.0, 4000.0),
    "volume_ul": (5.0, 2000.0),
    "concentration": (0.1, 5.0),
    "amount_ug": (0.5, 2500.0),
    "a260_a280": (1.6, 2.2),
    "rin": (7.0, 10.0),
    "ratio_28s_18s": (0.8, 2.4),
    "storage_c": (-90.0, -70.0),
}
_TIMES = ("collected_at", "received_at", "centrifuged_at", "frozen_at")


def ruleset() -> Ruleset:
    """The shipped rules, those of specimens topped up to 200."""
    shipped = load_shipped()
    missing = WANTED - sum(rule.grain is Kind.SPECIMEN for rule in shipped)
    return Ruleset((*shipped, *list(more_rules())[: max(missing, 0)]), "benchmark")


def more_rules() -> Iterator[Rule]:
    """Further rules of the kinds hospitals write: ranges by type, gaps, orders, forms, codes, sums."""
    number = 0
    for type_ in _TYPES:
        for name, (low, high) in _NUMBERS.items():
            number += 1
            yield _rule(
                number,
                f"{name} >= {low} AND {name} <= {high}",
                name,
                f"specimen_type = '{type_}' AND {name} IS NOT NULL",
            )
    for first, second in itertools.pairwise(_TIMES):
        for minutes in (120, 240, 480, 1440):
            number += 1
            condition = f"minutes_between({first}, {second}) BETWEEN 0 AND {minutes * 100}"
            yield _rule(number, condition, second, f"{first} IS NOT NULL AND {second} IS NOT NULL")
    for name in ("specimen_id", "parent_id", "uuid", "barcode_2d", "plate_id", "center_code", "vial", "portion_number"):
        number += 1
        yield _rule(number, f"{name} IS NULL OR length({name}) BETWEEN 1 AND 64", name, "")
    for name in ("plate_id", "center_code", "vial", "portion_number"):
        number += 1
        yield _rule(number, f"matches({name}, 'identifier')", name, f"{name} IS NOT NULL")
    for low in range(20):
        number += 1
        condition = f"concentration * volume_ul <= {1000 + low} * greatest(amount_ug, 1)"
        yield _rule(number, condition, "concentration", "concentration IS NOT NULL AND volume_ul > 0 AND amount_ug > 0")


def _rule(number: int, condition: str, field: str, when: str) -> Rule:
    return rule(f"BENCH-{number:03d}", condition, field, when, number)


def rule(identity: str, condition: str, field: str, when: str = "", number: int = 0) -> Rule:
    """A warning about ``field``."""
    return Rule(
        id=identity,
        version=1,
        grain=Kind.SPECIMEN,
        title=Bilingual(f"{field} 不在范围内", f"{field} is out of range"),
        why=Bilingual("超出范围的样本不能用于分析。", "A specimen out of range cannot be analysed."),
        hint=Bilingual(f"记录为 {{{field}}}，请核对原始记录。", f"Recorded as {{{field}}}; check the original record."),
        condition=condition,
        dimension=_DIMENSIONS[number % 5],
        kahn=Kahn.PLAUSIBILITY,
        severity=Severity.WARN,
        field=field,
        source=Source("benchmark"),
        when=when,
        weight=1 + number % 3,
    )


def specimen(chance: random.Random) -> dict[str, Value]:
    """Fields of one specimen, one value in a hundred missing and one number in a hundred wrong."""
    serial = chance.randrange(10**6)
    patient = f"TCGA-{chance.choice('ABCDEFGH')}{chance.randrange(10)}-{serial % 10000:04d}"
    hour, minute, day = chance.randrange(6, 20), chance.randrange(10, 60), chance.randrange(3, 7)
    fields: dict[str, Value] = {
        "specimen_id": f"{patient}-01A-11R-{serial % 9000 + 1000}-07",
        "donor_id": patient,
        "parent_id": f"{patient}-01A-11R",
        "level": "aliquot",
        "specimen_type": "RNA",
        "sample_type": "Primary Tumor",
        "sample_code": "01",
        "analyte_code": "R",
        "vial": "A",
        "portion_number": "11",
        "uuid": f"{serial:08x}-2b1c-4d5e-8f90-{serial:012x}",
        "barcode_2d": f"{serial:010d}",
        "tube": "EDTA",
        "is_ffpe": False,
        "oct_embedded": False,
        "collected_at": f"2026-03-0{day}T{hour:02d}:05:{minute}Z",
        "received_at": f"2026-03-0{day}T{hour:02d}:{minute}:30Z",
        "centrifuged_at": f"2026-03-0{day}T{hour + 1:02d}:{minute}:12Z",
        "frozen_at": f"2026-03-0{day}T{hour + 2:02d}:{minute}:45Z",
        "created_on": "2026-03-06",
        "shipped_on": "2026-03-09",
        "plate_id": f"{serial % 9000 + 1000}",
        "plate_row": chance.choice("ABCDEFGH"),
        "plate_column": chance.randrange(1, 13),
        "well": f"{chance.choice('ABCDEFGH')}{chance.randrange(1, 13)}",
        "center_code": "07",
        "location": f"F1-R{serial % 20}-B{serial % 50}-{serial % 100}",
        "genotype_match": True,
        "pcr_successful": True,
        "hemolysis": "none",
        "collected_by": "N0123",
    }
    fields |= {name: round(chance.uniform(low, high), 2) for name, (low, high) in _NUMBERS.items()}
    fields["volume_ul"] = round(chance.uniform(20.0, 400.0), 1)
    fields["amount_ug"] = round(float(str(fields["concentration"])) * float(str(fields["volume_ul"])), 2)
    for name, value in fields.items():
        luck = chance.random()
        if luck < 0.01:
            fields[name] = None
        elif luck < 0.02 and isinstance(value, float):
            fields[name] = -value if value < 0 else value * 10.0  # a lost sign, a slipped decimal point
    return fields


def context(fields: dict[str, Value]) -> dict[str, Value]:
    """What the bank knows around a specimen."""
    return {
        "received.on": 20521,
        "received.at": 20521 * 86400 + 3600 * 8,
        "donor.known": True,
        "donor.donor_id": fields["donor_id"],
        "donor.sex": "female",
        "donor.age_years": 61.0,
        "donor.vital_status": "alive",
        "consent.known": True,
        "consent.status": "consented",
        "parent.known": True,
        "parent.donor_id": fields["donor_id"],
        "parent.specimen_type": "RNA",
        "parent.volume_ul": 4000.0,
        "parent.amount_ug": 3000.0,
        "parent.level": "analyte",
        "siblings.count": 2,
        "siblings.amount_ug": 20.0,
        "siblings.volume_ul": 100.0,
        "place.taken": False,
        "barcode.taken": False,
        "earlier.known": False,
        "earlier.same_source": False,
    }
