"""Defects of identity: numbers that are missing, broken, taken twice, or of somebody else."""

from hilum.gatebench.entry import Entry
from hilum.gatebench.planting import Make, Plant, Planter

_CHILD, _TISSUE, _EXTRACT = ("aliquots",), ("tissues",), ("extracts",)
_LIKE = {"0": "O", "1": "l", "A": "А", "B": "В", "C": "С", "X": "Х", "P": "Р"}
"""Letters that look the same: Cyrillic for Latin, O for nought."""


def bytes_undecodable(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(planter.either(("tubes",), _TISSUE), lambda one: bool(one.cells["collected_by"]))
    if entry is None:
        return None
    text = entry.cells["collected_by"]
    broken = {"easy": "\udcff" * 3, "middle": text[:1] + "\udcff" + text[2:], "hard": text + "\udcff"}[planter.level]
    return planter.change("bytes_undecodable", entry, "collected_by", broken)


def id_missing(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(planter.either(_CHILD, _TISSUE), lambda one: not planter.children(one.specimen))
    if entry is None:
        return None
    return planter.change("id_missing", entry, "specimen_id", planter.at("", "-", "待补"))


def donor_missing(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(planter.either(_CHILD, (*_TISSUE, *_EXTRACT)))
    return planter.spoil("donor_missing", entry, "donor_id", planter.at("", "无", "未知")) if entry else None


def id_unseen(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(
        planter.either(_CHILD, (*_TISSUE, *_EXTRACT)), lambda one: not planter.children(one.specimen)
    )
    if entry is None:
        return None
    text = entry.cells["specimen_id"]
    planted = planter.at(text[:5] + "\u200b" * 2 + text[5:], text[:6] + "\u200b" + text[6:], text + "\ufeff")
    return planter.spoil("id_unseen", entry, "specimen_id", planted)


def id_lookalike(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(planter.either(_CHILD, _EXTRACT))
    if entry is None:
        return None
    text = entry.cells["parent_id"]
    if planter.level == "easy":
        planted = text[0].replace("X", "Х").replace("Z", "Ζ") + text[1:]
    else:
        index = planter.rng.choice([i for i, letter in enumerate(text) if letter in _LIKE])
        planted = text[:index] + _LIKE[text[index]] + text[index + 1 :]
    return planter.spoil("id_lookalike", entry, "parent_id", planted)


def barcode_conflict(planter: Planter) -> Plant | None:
    """Two tubes under one barcode that are not the same."""
    entry = planter.of_lineage(_CHILD, lambda one: not planter.children(one.specimen))
    if entry is None:
        return None
    cells = entry.cells | {"location": entry.cells["location"].replace("F0", "F1"),
                           "barcode_2d": entry.cells["barcode_2d"].replace("FB", "FC")}  # fmt: skip
    if planter.level == "easy":
        cells |= {"volume_ul": "1234", "stored_by": "库管9"}
    elif planter.level == "middle":
        cells["volume_ul"] = str(int(cells["volume_ul"]) + 50)
    other = planter.life.add(Entry("aliquots", entry.site, cells, entry.donor, entry.specimen, entry.parent))
    planter.take([other])
    return Plant("barcode_conflict", (other, entry), "specimen_id", "", entry.specimen)


def _twice(code: str, name: str) -> Make:
    def make(planter: Planter) -> Plant | None:
        site = planter.rng.randrange(4)
        tables = planter.either(_CHILD, _TISSUE)
        pair = planter.several(2, tables, lambda one: one.site == site and bool(one.cells.get(name)))
        if len(pair) < 2:
            return None
        original, planted = pair[0].cells[name], pair[1].cells[name]
        pair[0].cells[name] = planted
        return Plant(code, (pair[0], pair[1]), name, original, planted)

    return make


def donor_swapped(planter: Planter) -> Plant | None:
    """An aliquot, or an extract, under another donor's number than what it comes from."""
    site = planter.rng.randrange(4)
    pair = planter.several(2, planter.either(_CHILD, _EXTRACT), lambda one: one.site == site)
    if len(pair) < 2 or pair[0].donor == pair[1].donor:
        return None
    return planter.spoil("donor_swapped", pair[0], "donor_id", pair[1].cells["donor_id"])


def check_digit_wrong(planter: Planter) -> Plant | None:
    entry = planter.of_donor(("donors",))
    if entry is None:
        return None
    number = entry.cells["national_id"]
    if planter.level == "easy":
        planted = number[:17] + ("0" if number[17] != "0" else "1")
        return planter.spoil("check_digit_wrong", entry, "national_id", planted)
    places = [i for i in range(14, 16) if number[i] != number[i + 1]] if planter.level == "middle" else []
    if places:  # two digits of the order number exchanged: the commonest slip after a single wrong digit
        i = places[0]
        planted = number[:i] + number[i + 1] + number[i] + number[i + 2 :]
    else:
        planted = number[:15] + str((int(number[15]) + 1) % 10) + number[16:]
    return planter.change("check_digit_wrong", entry, "national_id", planted)


def sex_against_number(planter: Planter) -> Plant | None:
    """The sex is not the one the identity number says; nobody in the data but the number can tell."""
    entry = planter.of_donor(("donors",))
    if entry is None:
        return None
    other = {"男": "女", "女": "男", "男性": "女性", "女性": "男性", "M": "F", "F": "M"}
    return planter.spoil("sex_against_number", entry, "sex", other[entry.cells["sex"]])


def names_swapped(planter: Planter) -> Plant | None:
    """Two donors of one hospital and sex with each other's names: nothing in the data contradicts it."""
    first = planter.of_donor(("donors",))
    if first is None:
        return None
    second = planter.of_donor(
        ("donors",), lambda one: one.site == first.site and one.cells["name"] != first.cells["name"]
    )
    if second is None:
        return None
    original = first.cells["name"]
    first.cells["name"], second.cells["name"] = second.cells["name"], original
    return Plant("names_swapped", (first, second), "name", original, first.cells["name"])


def numbers_swapped(planter: Planter) -> Plant | None:
    """Two donors with each other's identity numbers: birth dates (and perhaps sexes) speak against it."""
    first = planter.of_donor(("donors",))
    if first is None:
        return None
    second = planter.of_donor(("donors",), lambda one: one.site == first.site)
    if second is None:
        return None
    original = first.cells["national_id"]
    first.cells["national_id"], second.cells["national_id"] = second.cells["national_id"], original
    return Plant("numbers_swapped", (first, second), "national_id", original, first.cells["national_id"])


def birth_swapped(planter: Planter) -> Plant | None:
    """Day and month of birth exchanged; the identity number knows better."""
    entry = planter.of_donor(("donors",), lambda one: _day(one) <= 12 and _day(one) != int(one.cells["birth_on"][5:7]))
    if entry is None:
        return None
    born = entry.cells["birth_on"]
    return planter.spoil("birth_swapped", entry, "birth_on", f"{born[:4]}-{born[8:]}-{born[5:7]}")


def _day(entry: Entry) -> int:
    return int(entry.cells["birth_on"][8:])


def birth_year_typo(planter: Planter) -> Plant | None:
    entry = planter.of_donor(("donors",))
    if entry is None:
        return None
    born = entry.cells["birth_on"]
    year = int(born[:4])
    wrong = planter.at(str(year + 100), f"{born[:2]}{born[3]}{born[2]}", str(year - 1))
    if wrong == born[:4]:
        wrong = str(year - 10)
    return planter.spoil(
        "birth_year_typo", entry, "birth_on", wrong + born[4:] if born[5:] != "02-29" else f"{wrong}-02-28"
    )


MAKERS: dict[str, Make] = {
    "bytes_undecodable": bytes_undecodable,
    "id_missing": id_missing,
    "donor_missing": donor_missing,
    "id_unseen": id_unseen,
    "id_lookalike": id_lookalike,
    "barcode_conflict": barcode_conflict,
    "tube_code_twice": _twice("tube_code_twice", "barcode_2d"),
    "position_taken": _twice("position_taken", "location"),
    "donor_swapped": donor_swapped,
    "check_digit_wrong": check_digit_wrong,
    "sex_against_number": sex_against_number,
    "names_swapped": names_swapped,
    "numbers_swapped": numbers_swapped,
    "birth_swapped": birth_swapped,
    "birth_year_typo": birth_year_typo,
}
