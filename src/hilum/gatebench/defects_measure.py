"""Defects of measures: units, signs, decimal points, numbers that are none, tubes and forces that do not fit."""

from collections.abc import Sequence
from decimal import Decimal

from hilum.gatebench.course import TUBE_WORDS
from hilum.gatebench.entry import Entry
from hilum.gatebench.planting import Fits, Make, Plant, Planter

_CHILD = ("aliquots",)
_TO_MG = {"肌酐": 88.4, "CREA": 88.4, "血肌酐": 88.4, "葡萄糖": 0.0555, "GLU": 0.0555, "血糖": 0.0555}
"""Micromoles (creatinine) or millimoles (glucose) per litre in one mg/dL: molar masses 113.12 and 180.16 g/mol."""
_SUGAR = ("葡萄糖", "GLU", "血糖")
_SLIPS = {
    "easy": ("血红蛋白", "HGB", "白蛋白", "ALB", "钾", "K", "血钾"),
    "middle": ("血红蛋白", "HGB", "白蛋白", "ALB", "钾", "K", "血钾"),
    "hard": ("丙氨酸氨基转移酶", "ALT", "谷丙转氨酶", "肌酐", "CREA", "血肌酐", "血小板计数", "PLT", "血小板"),
}


def _number(entry: Entry) -> bool:
    return entry.cells["value"].replace(".", "").isdigit()


def _is(names: Sequence[str]) -> Fits:
    return lambda entry: entry.cells["analyte"] in names and _number(entry)


def _frozen(entry: Entry) -> bool:
    """A block stands in a cabinet."""
    return entry.cells["storage_c"].startswith("-")


def _cold(planter: Planter) -> Entry | None:
    return planter.of_lineage(planter.either(_CHILD, ("tissues", "extracts")), _frozen)


def storage_sign(planter: Planter) -> Plant | None:
    entry = _cold(planter)
    return planter.spoil("storage_sign", entry, "storage_c", planter.at("80", "80", "80.0")) if entry else None


def storage_fahrenheit(planter: Planter) -> Plant | None:
    """Minus eighty degrees Celsius as a Fahrenheit freezer shows it."""
    entry = _cold(planter)
    return (
        planter.spoil("storage_fahrenheit", entry, "storage_c", planter.at("-112", "-112", "-108")) if entry else None
    )


def unit_missing(planter: Planter) -> Plant | None:
    entry = planter.one(("results",), _number)
    return planter.spoil("unit_missing", entry, "unit", planter.at("", "", "-")) if entry else None


def unit_other_scale(planter: Planter) -> Plant | None:
    """Easy and middle: a value in mg/dL under the molar unit. Hard: a molar value under mg/dL."""
    names = [name for name in _TO_MG if planter.level == "hard" or name not in _SUGAR]
    entry = planter.one(("results",), _is(names if planter.level != "hard" else list(_SUGAR)))
    if entry is None:
        return None
    value, factor = entry.cells["value"], _TO_MG[entry.cells["analyte"]]
    if planter.level == "hard":
        return planter.change("unit_other_scale", entry, "unit", "mg/dL", ("unit", entry.cells["unit"]))
    planted = f"{float(value) / factor:.2f}"
    return planter.change("unit_other_scale", entry, "value", planted, ("unit", "mg/dL"), ("value", value))


def unit_wrong(planter: Planter) -> Plant | None:
    """A unit that measures something else: mmol/L for a count, U/L for a mass."""
    entry = planter.one(("results",), _number)
    if entry is None:
        return None
    planted = planter.at(
        "cm", "mmol/L" if "/L" in entry.cells["unit"] and "mol" not in entry.cells["unit"] else "U/L", "g/dL"
    )
    if entry.cells["unit"] in (planted, "g/L", "克/升", "g/l") and planted == "g/dL":
        planted = "mg/L"
    return planter.spoil("unit_wrong", entry, "unit", planted)


def decimal_slip(planter: Planter) -> Plant | None:
    """Easy: a thousandfold. Middle: tenfold, where no living person's value lies. Hard: tenfold, where one's may."""
    if planter.either(("results",), ("extracts",)) == ("extracts",) and planter.level != "hard":
        return _slipped_rin(planter)
    entry = planter.one(("results",), _is(_SLIPS[planter.level]))
    if entry is None:
        return None
    value = Decimal(entry.cells["value"])
    return planter.spoil("decimal_slip", entry, "value", f"{value * (1000 if planter.level == 'easy' else 10):f}")


def _slipped_rin(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(("extracts",), lambda one: bool(one.cells["rin"]))
    if entry is None:
        return None
    value = Decimal(entry.cells["rin"])
    return planter.spoil("decimal_slip", entry, "rin", f"{value * (1000 if planter.level == 'easy' else 10):f}")


def not_a_number(planter: Planter) -> Plant | None:
    entry = planter.one(("results",), _number)
    if entry is None:
        return None
    value = entry.cells["value"]
    planted = planter.at("#VALUE!", "1e400", value.replace("1", "l").replace("0", "O", 1))
    if planted == value:
        planted = value + "?"
    plant = planter.spoil("not_a_number", entry, "value", planted)
    return plant if planter.level == "hard" else Plant(plant.code, plant.group, plant.field, plant.original, planted)


def unit_in_number(planter: Planter) -> Plant | None:
    """The number with its unit in one cell."""
    entry = planter.of_lineage(planter.either(_CHILD, ("extracts",)))
    if entry is None:
        return None
    value = entry.cells["volume_ul"]
    planted = planter.at(f"{value} μL", f"{value}uL", f"约{value}")
    return planter.spoil("unit_in_number", entry, "volume_ul", planted)


def limits_swapped(planter: Planter) -> Plant | None:
    entry = planter.one(("results",), lambda one: bool(one.cells["reference_low"] and one.cells["reference_high"]))
    if entry is None:
        return None
    low, high = entry.cells["reference_low"], entry.cells["reference_high"]
    entry.cells["reference_high"] = low
    return planter.change(
        "limits_swapped", entry, "reference_low", high, ("reference_low", low), ("reference_high", high)
    )


def tube_against_type(planter: Planter) -> Plant | None:
    """Serum out of an anticoagulated tube, plasma out of a clotting one."""
    entry = planter.of_lineage(_CHILD, lambda one: one.specimen.rsplit("-", 1)[-1][0] in "PB")
    if entry is None:
        return None
    wrong = "EDTA" if entry.specimen.rsplit("-", 1)[-1].startswith("B") else "Serum"
    original = entry.cells["tube"]
    planted = TUBE_WORDS[wrong][entry.site]
    entry.cells["tube"] = planted
    return Plant("tube_against_type", (entry,), "tube", original, planted)


def spin_force(planter: Planter) -> Plant | None:
    """Easy: a nought too many. Middle: one too few. Hard: revolutions written for times gravity."""
    entry = planter.of_lineage(_CHILD, lambda one: one.cells["centrifuge_g"] == "1600")
    if entry is None:
        return None
    group = (entry, *(one for one in planter.beside(entry, "steps")))
    plant = planter.spoil("spin_force", entry, "centrifuge_g", planter.at("16000", "160", "3000"))
    return Plant(plant.code, group, plant.field, plant.original, plant.planted, plant.fixes)


def amount_against(planter: Planter) -> Plant | None:
    """The amount of DNA or RNA is not concentration times volume."""
    entry = planter.of_lineage(("extracts",))
    if entry is None:
        return None
    planted = f"{float(entry.cells['amount_ug']) * planter.at_number(1000, 10, 1.3):.3f}"
    return planter.spoil("amount_against", entry, "amount_ug", planted)


def purity_impossible(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(("extracts",))
    if entry is None:
        return None
    text = entry.cells["a260_a280"]
    return planter.spoil(
        "purity_impossible", entry, "a260_a280", planter.at(text.replace(".", ""), f"{float(text) * 10:.1f}", "0.31")
    )


def height_in_metres(planter: Planter) -> Plant | None:
    entry = planter.of_donor(("donors",), lambda one: bool(one.cells["height_cm"]))
    if entry is None:
        return None
    height = entry.cells["height_cm"]
    planted = planter.at(f"{int(height) / 100:.2f}", f"{int(height) / 100:.2f}", f"{int(height) * 10}")
    return planter.spoil("height_in_metres", entry, "height_cm", planted)


MAKERS: dict[str, Make] = {
    "storage_sign": storage_sign,
    "storage_fahrenheit": storage_fahrenheit,
    "unit_missing": unit_missing,
    "unit_other_scale": unit_other_scale,
    "unit_wrong": unit_wrong,
    "decimal_slip": decimal_slip,
    "not_a_number": not_a_number,
    "unit_in_number": unit_in_number,
    "limits_swapped": limits_swapped,
    "tube_against_type": tube_against_type,
    "spin_force": spin_force,
    "amount_against": amount_against,
    "purity_impossible": purity_impossible,
    "height_in_metres": height_in_metres,
}
