"""Defects of temperature logs, and of data that were made up rather than measured."""

from collections.abc import Callable
from datetime import timedelta

from hilum.gatebench.entry import Entry, Log, clock, read_clock
from hilum.gatebench.planting import Make, Plant, Planter

Spoil = Callable[[Planter, Log], tuple[str, str, str]]
"""Spoils a log; answers field, original and planted text."""
_SENTINELS = {"easy": "-999.9", "middle": "882.6", "hard": "85.0"}


def _of_log(code: str, spoil: Spoil) -> Make:
    def make(planter: Planter) -> Plant | None:
        log = planter.log()
        if log is None:
            return None
        field, original, planted = spoil(planter, log)
        riders = tuple(one for one in planter.life.entries["manifest"] if one.trip == log.trip)
        return Plant(code, riders, field, original, planted, log=log.trip)

    return make


def _absent(planter: Planter, log: Log) -> tuple[str, str, str]:
    log.written = False
    return "", "log", ""


def _serial(planter: Planter, log: Log) -> tuple[str, str, str]:
    original = log.serial
    log.serial = planter.at("TL000000", original[:-3] + "999", original[:-2] + original[-1] + original[-2])
    if log.serial == original:
        log.serial = original[:-1] + ("1" if original[-1] != "1" else "7")
    return "logger", original, log.serial


def _gap(planter: Planter, log: Log) -> tuple[str, str, str]:
    """Readings missing in the middle: half the trip, a third, or four."""
    count = len(log.readings)
    lost = int(planter.at_number(count // 2, max(4, count // 3), 4))
    start = (count - lost) // 2
    del log.readings[start : start + lost]
    return "readings", str(count), str(len(log.readings))


def _short(planter: Planter, log: Log) -> tuple[str, str, str]:
    """The log ends before the trip does."""
    count = len(log.readings)
    del log.readings[int(count * planter.at_number(0.2, 0.5, 0.7)) :]
    return "readings", str(count), str(len(log.readings))


def _sentinel(planter: Planter, log: Log) -> tuple[str, str, str]:
    """What a broken probe reports, three readings long (one on the hard level)."""
    middle, planted = len(log.readings) // 2, _SENTINELS[planter.level]
    original = log.readings[middle][1]
    length = int(planter.at_number(5, 3, 1))
    log.readings[middle : middle + length] = [(at, planted) for at, _ in log.readings[middle : middle + length]]
    return "value_c", original, planted


def _flat(planter: Planter, log: Log) -> tuple[str, str, str]:
    """Not one change in the whole trip; on the hard level in the second half of it."""
    start = 0 if planter.level != "hard" else len(log.readings) // 2
    original, planted = log.readings[-1][1], log.readings[start][1]
    log.readings[start:] = [(at, planted) for at, _ in log.readings[start:]]
    return "value_c", original, planted


def _warm(planter: Planter, log: Log) -> tuple[str, str, str]:
    """Too warm: to 25 degrees, to 14, or two readings just above eight. Within the trip, not before or after it."""
    middle = len(log.readings) // 2
    peak, length = planter.at_number(25, 14, 8.4), int(planter.at_number(6, 4, 2))
    original = log.readings[middle][1]
    for index in range(middle - length // 2, min(middle - length // 2 + length, len(log.readings))):
        log.readings[index] = (log.readings[index][0], f"{peak + planter.rng.uniform(-0.2, 0.2):.1f}")
    return "value_c", original, log.readings[middle][1]


def _skewed(planter: Planter, log: Log) -> tuple[str, str, str]:
    """The logger's clock is off: a day, eight hours (a time zone), or forty minutes."""
    original = clock(log.readings[0][0])
    off = timedelta(minutes=int(planter.at_number(24 * 60, 480, 40)))
    log.readings[:] = [(at + off, text) for at, text in log.readings]
    return "started_at", original, clock(log.readings[0][0])


def _fahrenheit(planter: Planter, log: Log) -> tuple[str, str, str]:
    """Degrees Fahrenheit under a heading that says Celsius."""
    original = log.readings[0][1]
    log.readings[:] = [(at, f"{float(text) * 1.8 + 32:.1f}") for at, text in log.readings]
    return "value_c", original, log.readings[0][1]


# made up ------------------------------------------------------------------------------------------------------------


def copied_run(planter: Planter) -> Plant | None:
    """The results of one patient pasted into those of others: five, three or two of them, to the last digit."""
    by_donor: dict[str, list[Entry]] = {}
    for entry in planter.life.entries["results"]:
        if not entry.again and id(entry) not in planter.hit:
            by_donor.setdefault(entry.donor, []).append(entry)
    site = planter.rng.randrange(4)
    rows = [found for found in by_donor.values() if len(found) >= 4 and found[0].site == site]
    wanted = int(planter.at_number(6, 4, 3))
    if len(rows) < wanted:
        return None
    source, *others = planter.rng.sample(rows, wanted)
    values = {one.cells["analyte"]: one.cells["value"] for one in source}
    changed = [one for found in others for one in found if one.cells["analyte"] in values]
    if not changed:
        return None
    original = changed[0].cells["value"]
    for one in changed:
        one.cells["value"] = values[one.cells["analyte"]]
    planter.take([*source, *changed])
    return Plant("copied_run", (*changed, *source), "value", original, changed[0].cells["value"])


def impossible_timing(planter: Planter) -> Plant | None:
    """One nurse draws from several donors in the same minute (two of them on the hard level)."""
    anchor = planter.of_lineage(("tubes",), lambda one: bool(one.cells["collected_by"]))
    if anchor is None:
        return None
    day = anchor.cells["collected_at"][:10]

    def beside(one: Entry) -> bool:
        return one.site == anchor.site and one.cells["collected_at"][:10] == day and bool(one.cells["collected_by"])

    others = planter.several(int(planter.at_number(5, 3, 1)), ("tubes",), beside)
    if not others:
        return None
    tubes = [anchor, *others]
    first = min(tubes, key=lambda one: one.cells["collected_at"])
    for one in tubes:
        _draw_at(planter, one, first)
    return Plant("impossible_timing", tuple(tubes), "collected_at", "", first.cells["collected_at"])


def _draw_at(planter: Planter, tube: Entry, first: Entry) -> None:
    """Give a tube, and all that was copied from it, another draw; nothing else of its story moves."""
    at = read_clock(first.cells["collected_at"])
    for one in planter.lineage(tube):
        if one.cells.get("collected_at"):
            one.cells["collected_at"] = clock(at)
        if one.cells.get("action") == "采集":
            one.cells |= {"happened_at": clock(at), "performed_by": first.cells["collected_by"]}
    tube.cells["collected_by"] = first.cells["collected_by"]


def digit_preference(planter: Planter) -> Plant | None:
    """All concentrations one person measured end in nought: digit preference, seen only over many records."""
    rows = [one for one in planter.life.entries["extracts"] if id(one) not in planter.hit]
    site = planter.rng.randrange(4)
    mine = [one for one in rows if one.site == site]
    wanted = int(planter.at_number(12, 8, 5))
    if len(mine) < wanted:
        return None
    chosen = planter.rng.sample(mine, wanted)
    original = chosen[0].cells["concentration"]
    for one in chosen:
        rounded = round(float(one.cells["concentration"]) / 10) * 10
        one.cells["concentration"] = f"{rounded:.1f}"
        one.cells["amount_ug"] = f"{rounded * float(one.cells['volume_ul']) / 1000:.3f}"
    planter.take(chosen)
    return Plant("digit_preference", tuple(chosen), "concentration", original, chosen[0].cells["concentration"])


MAKERS: dict[str, Make] = {
    "log_absent": _of_log("log_absent", _absent),
    "log_serial": _of_log("log_serial", _serial),
    "log_gap": _of_log("log_gap", _gap),
    "log_short": _of_log("log_short", _short),
    "log_sentinel": _of_log("log_sentinel", _sentinel),
    "log_flat": _of_log("log_flat", _flat),
    "log_excursion": _of_log("log_excursion", _warm),
    "log_clock": _of_log("log_clock", _skewed),
    "log_fahrenheit": _of_log("log_fahrenheit", _fahrenheit),
    "copied_run": copied_run,
    "impossible_timing": impossible_timing,
    "digit_preference": digit_preference,
}
