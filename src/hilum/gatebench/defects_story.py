"""Defects of the story: lineage, consent, order of times, steps, delays, custody."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from hilum.gatebench.entry import Cells, Entry, clock, read_clock
from hilum.gatebench.planting import Fits, Make, Plant, Planter

ConsentChange = Callable[[Planter, Entry, Entry], tuple[str, str, str]]
"""Spoils a consent, given the draw it is for; answers field, original and planted text."""
_CHILD = ("aliquots",)
_TUBE = ("tubes",)
_TISSUE, _EXTRACT = ("tissues",), ("extracts",)
_SCOPES = {
    "easy": "仅限临床诊疗，不同意用于科研",
    "middle": "仅限本次诊疗检测使用",
    "hard": "仅限课题 KT-2024-007 使用",
}


def _is_blood(entry: Entry) -> bool:
    return entry.specimen.rsplit("-", 1)[-1][0] in "PB"


def _first_tube(entry: Entry) -> bool:
    return entry.specimen.endswith("-E")


def volume_over_parent(planter: Planter) -> Plant | None:
    """Easy: one child of fifty millilitres. Middle: one child larger than its tube. Hard: only the sum is larger."""
    entry = planter.of_lineage(_CHILD, lambda one: _is_blood(one) and len(planter.children(one.parent)) > 1)
    if entry is None:
        return None
    whole = int(planter.by_specimen[entry.parent].cells["volume_ul"])
    siblings = [int(one.cells["volume_ul"]) for one in planter.children(entry.parent) if one is not entry]
    planted = planter.at_number(50_000, whole + 500, whole - sum(siblings) + 200)
    brood = (entry, *(one for one in planter.children(entry.parent) if one is not entry))
    plant = planter.change("volume_over_parent", entry, "volume_ul", f"{planted:.0f}")
    return Plant(plant.code, brood, plant.field, plant.original, plant.planted)


def parent_absent(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(planter.either(_CHILD, _EXTRACT))
    if entry is None:
        return None
    parent = entry.cells["parent_id"]
    digits = parent.split("-")[1]
    gone = f"{int(digits) + 500_000:06d}"
    planted = planter.at("NOT-THERE", parent.replace(digits, gone), parent.replace(digits, gone))
    return planter.change("parent_absent", entry, "parent_id", planted)


def parent_cycle(planter: Planter) -> Plant | None:
    """Easy: its own parent. Else two aliquots that are each other's."""
    entry = planter.of_lineage(_CHILD)
    if entry is None:
        return None
    if planter.level == "easy":
        return planter.change("parent_cycle", entry, "parent_id", entry.specimen)
    brood = [one for one in planter.children(entry.parent) if one is not entry]
    if not brood:
        return None
    original = entry.cells["parent_id"]
    entry.cells["parent_id"], brood[0].cells["parent_id"] = brood[0].specimen, entry.specimen
    return Plant("parent_cycle", (entry, brood[0]), "parent_id", original, brood[0].specimen)


# consent ------------------------------------------------------------------------------------------------------------


def _of_consent(code: str, change: ConsentChange) -> Make:
    """The ledger names the draw: the specimen must not be banked. The consent's own row counts as well."""

    def make(planter: Planter) -> Plant | None:
        tube = planter.of_donor(_TUBE, _first_tube)
        if tube is None:
            return None
        consent = next(one for one in planter.by_donor[tube.donor] if one.table == "consents")
        field, original, planted = change(planter, tube, consent)
        others = [one for one in planter.by_donor[tube.donor] if one.table == "tubes" and one is not tube]
        return Plant(code, (tube, consent, *others), field, original, planted)

    return make


def consent_missing(planter: Planter, tube: Entry, consent: Entry) -> tuple[str, str, str]:
    planter.life.entries["consents"].remove(consent)
    return "", "consent", ""


def consent_late(planter: Planter, tube: Entry, consent: Entry) -> tuple[str, str, str]:
    signed = read_clock(tube.cells["collected_at"]).date() + timedelta(days=int(planter.at_number(40, 3, 1)))
    return _put(consent, "consented_on", signed.isoformat())


def consent_withdrawn(planter: Planter, tube: Entry, consent: Entry) -> tuple[str, str, str]:
    """Withdrawn after the signature and before the draw; on the hard level the status was not changed."""
    drawn, signed = read_clock(tube.cells["collected_at"]).date(), date.fromisoformat(consent.cells["consented_on"])
    consent.cells["consented_on"] = min(signed, drawn - timedelta(days=20)).isoformat()
    consent.cells["withdrawn_on"] = (drawn - timedelta(days=int(planter.at_number(10, 2, 1)))).isoformat()
    return _put(consent, "status", planter.at("已撤回", "撤回", consent.cells["status"]))


def consent_expired(planter: Planter, tube: Entry, consent: Entry) -> tuple[str, str, str]:
    drawn = read_clock(tube.cells["collected_at"]).date()
    ended = drawn - timedelta(days=int(planter.at_number(400, 10, 1)))
    consent.cells["consented_on"] = (ended - timedelta(days=365 * 3)).isoformat()
    return _put(consent, "expires_on", ended.isoformat())


def consent_scope(planter: Planter, tube: Entry, consent: Entry) -> tuple[str, str, str]:
    return _put(consent, "scope", _SCOPES[planter.level])


def consent_refused(planter: Planter, tube: Entry, consent: Entry) -> tuple[str, str, str]:
    return _put(consent, "status", planter.at("拒绝", "不同意", "不同意"))


def _put(entry: Entry, name: str, planted: str) -> tuple[str, str, str]:
    original, entry.cells[name] = entry.cells[name], planted
    return name, original, planted


# times --------------------------------------------------------------------------------------------------------------


def received_early(planter: Planter) -> Plant | None:
    """Received before it was drawn, by minutes to hours; on the hard level by five minutes."""
    entry = planter.of_lineage(_TUBE)
    if entry is None:
        return None
    drawn = read_clock(entry.cells["collected_at"])
    early = drawn - timedelta(minutes=int(planter.at_number(600, 40, 5)))
    return planter.change("received_early", entry, "received_at", clock(early))


def half_day(planter: Planter) -> Plant | None:
    """Twelve hours off: an afternoon written for a morning, so that the draw falls after what followed it."""
    entry = planter.of_lineage(planter.either(_TUBE, _TISSUE))
    if entry is None:
        return None
    return planter.spoil(
        "half_day", entry, "collected_at", clock(read_clock(entry.cells["collected_at"]) + timedelta(hours=12))
    )


def day_month_swapped(planter: Planter) -> Plant | None:
    """Day and month of the draw exchanged (2026-03-04 as 2026-04-03): it then lies after everything that followed."""
    entry = planter.of_lineage(
        planter.either(_TUBE, _TISSUE), lambda one: one.cells["collected_at"][5:7] != one.cells["collected_at"][8:10]
    )
    if entry is None:
        return None
    at = entry.cells["collected_at"]
    return planter.spoil("day_month_swapped", entry, "collected_at", f"{at[:4]}-{at[8:10]}-{at[5:7]}{at[10:]}")


def year_typo(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(planter.either(_TUBE, _TISSUE))
    if entry is None:
        return None
    at = entry.cells["collected_at"]
    return planter.spoil("year_typo", entry, "collected_at", planter.at("2206", "2062", "2025") + at[4:])


def late_entry(planter: Planter) -> Plant | None:
    """Everything of a tube took place weeks before it was handed in."""
    tube = planter.of_lineage(_TUBE)
    if tube is None:
        return None
    back = timedelta(days=int(planter.at_number(120, 30, 9)))
    original = tube.cells["collected_at"]
    brood = [one for one in planter.lineage(tube) if one.table not in ("manifest", "custody", "results", "requests")]
    for entry in brood:
        for name, text in entry.cells.items():
            if name.endswith("_at") and text:
                entry.cells[name] = clock(read_clock(text) - back)
        if entry.cells.get("created_on"):
            entry.cells["created_on"] = (date.fromisoformat(entry.cells["created_on"]) - back).isoformat()
    consent = next(one for one in planter.by_donor[tube.donor] if one.table == "consents")
    for name in ("consented_on", "expires_on"):  # it was signed in time all the same
        if consent.cells[name]:
            consent.cells[name] = (date.fromisoformat(consent.cells[name]) - back).isoformat()
    group = (tube, *(one for one in brood if one is not tube))
    return Plant("late_entry", group, "collected_at", original, tube.cells["collected_at"])


def spin_delayed(planter: Planter) -> Plant | None:
    """Plasma or serum spun too long after the draw; all later times move along."""
    entry = planter.of_lineage(_CHILD, _is_blood)
    if entry is None:
        return None
    later = timedelta(minutes=int(planter.at_number(30 * 60, 9 * 60, 260)))
    drawn = read_clock(entry.cells["collected_at"])
    spun = drawn + later
    moved = spun - read_clock(entry.cells["centrifuged_at"])
    original = entry.cells["centrifuged_at"]
    group = [entry, *(one for one in planter.lineage(entry) if one.table == "aliquots" and one is not entry)]
    group += [one for one in planter.lineage(entry) if one.table == "steps"]
    for one in group:
        _move(one.cells, moved, ("centrifuged_at", "frozen_at", "stored_at", "started_at", "ended_at"))
    return Plant("spin_delayed", tuple(group), "centrifuged_at", original, entry.cells["centrifuged_at"])


def _move(cells: Cells, by: timedelta, names: tuple[str, ...]) -> None:
    for name in names:
        if cells.get(name):
            cells[name] = clock(read_clock(cells[name]) + by)


def spin_missing(planter: Planter) -> Plant | None:
    """Plasma or serum that nobody spun: no time on the aliquots, no record of the step."""
    entry = planter.of_lineage(_CHILD, _is_blood)
    if entry is None:
        return None
    steps = [one for one in planter.lineage(entry) if one.table == "steps" and one.cells["step"] == "离心"]
    for one in steps:
        planter.life.entries["steps"].remove(one)
    brood = [one for one in planter.lineage(entry) if one.table == "aliquots" and one is not entry]
    original = entry.cells["centrifuged_at"]
    for one in (entry, *brood):
        one.cells |= dict.fromkeys(("centrifuged_at", "centrifuge_g", "centrifuge_min", "centrifuge_c"), "")
    return Plant("spin_missing", (entry, *brood), "centrifuged_at", original, "")


def spin_twice(planter: Planter) -> Plant | None:
    """The same tube spun a second time, an hour or more after the first, which no procedure asks for."""
    step = planter.of_lineage(("steps",), lambda one: one.cells["step"] == "离心")
    if step is None:
        return None
    cells = dict(step.cells) | {"preparation_id": step.cells["preparation_id"] + "R"}
    _move(cells, timedelta(minutes=int(planter.at_number(300, 120, 40))), ("started_at", "ended_at"))
    again = planter.life.add(Entry("steps", step.site, cells, step.donor, step.specimen))
    planter.take([again])
    tube = planter.by_specimen[step.specimen]
    return Plant(
        "spin_twice",
        (again, step, tube, *planter.children(tube.specimen)),
        "preparation_id",
        "",
        cells["preparation_id"],
    )


def steps_reversed(planter: Planter) -> Plant | None:
    """Frozen before it was spun; or tissue embedded before it was fixed."""
    entry = planter.of_lineage(*_ordered(planter))
    if entry is None:
        return None
    if entry.table == "tissues":
        return _embedded_first(planter, entry)
    frozen = read_clock(entry.cells["frozen_at"])
    planted = clock(frozen + timedelta(minutes=int(planter.at_number(600, 30, 3))))
    return planter.change("steps_reversed", entry, "centrifuged_at", planted)


def _ordered(planter: Planter) -> tuple[Sequence[str], Fits]:
    tables = planter.either(_CHILD, _TISSUE)
    return tables, _is_blood if tables is _CHILD else lambda one: bool(one.cells["fixed_at"])


def _embedded_first(planter: Planter, block: Entry) -> Plant | None:
    """The fixation falls after the embedding, by ten hours, an hour or ten minutes."""
    embedding = next((one for one in planter.beside(block, "steps") if one.cells["step"] == "包埋"), None)
    if embedding is None:
        return None
    late = read_clock(embedding.cells["started_at"]) + timedelta(minutes=int(planter.at_number(600, 60, 10)))
    plant = planter.change("steps_reversed", block, "fixed_at", clock(late))
    return Plant(plant.code, (block, embedding), plant.field, plant.original, plant.planted)


def device_overdue(planter: Planter) -> Plant | None:
    step = planter.of_lineage(("steps",))
    if step is None:
        return None
    ended = read_clock(step.cells["started_at"]).date() - timedelta(days=int(planter.at_number(400, 20, 1)))
    plant = planter.change("device_overdue", step, "device_calibration_due_on", ended.isoformat())
    tube = planter.by_specimen[step.specimen]
    return Plant(plant.code, (step, tube, *planter.children(tube.specimen)), plant.field, plant.original, plant.planted)


# custody ------------------------------------------------------------------------------------------------------------


def custody_broken(planter: Planter) -> Plant | None:
    """Who takes over is not who it was handed to (or, on the middle level and up, one hand-over is not recorded)."""
    entry = planter.of_lineage(("custody",), lambda one: one.cells["action"] == "移交")
    if entry is None:
        return None
    chain = planter.beside(entry, "custody")
    if planter.level == "easy":
        plant = planter.change("custody_broken", entry, "to_party", "不明人员")
        return Plant(plant.code, tuple(chain), plant.field, plant.original, plant.planted)
    planter.life.entries["custody"].remove(entry)
    rest = tuple(one for one in chain if one is not entry)
    return Plant("custody_broken", (*rest, planter.by_specimen[entry.specimen]), "", "移交", "")


def same_person(planter: Planter) -> Plant | None:
    """Taking out and handing out need two people; one did both."""
    entry = planter.one(("requests",), lambda one: one.cells["action"] == "发放")
    if entry is None:
        return None
    out = next(one for one in planter.beside(entry, "requests") if one.cells["action"] == "出库")
    planter.take([out])
    plant = planter.change("same_person", entry, "performed_by", out.cells["performed_by"])
    specimen = planter.by_specimen[entry.specimen]  # whose story breaks the hospitals' procedure
    return Plant(plant.code, (entry, out, specimen), plant.field, plant.original, plant.planted)


def thawed_often(planter: Planter) -> Plant | None:
    entry = planter.of_lineage(planter.either(_CHILD, _TISSUE))
    planted = planter.at("45", "9", "4")
    return planter.change("thawed_often", entry, "freeze_thaw_cycles", planted) if entry else None


MAKERS: dict[str, Make] = {
    "volume_over_parent": volume_over_parent,
    "parent_absent": parent_absent,
    "parent_cycle": parent_cycle,
    "consent_missing": _of_consent("consent_missing", consent_missing),
    "consent_late": _of_consent("consent_late", consent_late),
    "consent_withdrawn": _of_consent("consent_withdrawn", consent_withdrawn),
    "consent_expired": _of_consent("consent_expired", consent_expired),
    "consent_scope": _of_consent("consent_scope", consent_scope),
    "consent_refused": _of_consent("consent_refused", consent_refused),
    "received_early": received_early,
    "half_day": half_day,
    "day_month_swapped": day_month_swapped,
    "year_typo": year_typo,
    "late_entry": late_entry,
    "spin_delayed": spin_delayed,
    "spin_missing": spin_missing,
    "spin_twice": spin_twice,
    "steps_reversed": steps_reversed,
    "device_overdue": device_overdue,
    "custody_broken": custody_broken,
    "same_person": same_person,
    "thawed_often": thawed_often,
}
