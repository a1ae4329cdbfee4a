"""The watch over a logger against a judge that looks at every second, in any order of arrival."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.quality.rule import Severity
from hilum.quality.temperature_series import Reading, interval_of, is_fault
from hilum.quality.watch import Claim, CloseReason, Notice, WatchRule, instant_of, reconcile
from hilum.quality.watch_limits import Limits
from hilum.quality.watch_stretch import outside
from hilum.quality.watch_trip import Journey, Probe, judge
from hilum.quality.watch_window import Pulse, Window

LOW, HIGH = 2.0, 8.0
VALUES = st.sampled_from([1.0, 2.0, 5.0, 5.5, 8.0, 9.0, 12.0, 85.0, None])
READINGS = st.dictionaries(st.integers(0, 60).map(lambda step: step * 60), VALUES, max_size=20)


def told(window: Window) -> list[Claim]:
    """What the watch claims of a box whose readings are in ``window``, heard a moment ago."""
    pulse = Pulse(600)
    probe = Probe("L-1", window, pulse, expected=False)
    journey = Journey("T-1", LOW, HIGH, sent=0, on_trip=True)
    return list(judge(journey, [probe], Limits(), 1 << 20).claims)


def filled(readings: list[Reading]) -> Window:
    window = Window()
    for second, value in readings:
        window.put(second, value)
    return window


@given(READINGS.flatmap(lambda told: st.permutations(sorted(told.items()))))
def test_the_order_in_which_readings_come_changes_no_claim(shuffled: list[Reading]) -> None:
    assert told(filled(shuffled)) == told(filled(sorted(shuffled)))


@given(READINGS.flatmap(lambda told: st.permutations(sorted(told.items()))))
def test_the_window_knows_what_a_walk_over_all_its_readings_finds(shuffled: list[Reading]) -> None:
    window = filled(shuffled)
    known = [value for _, value in sorted(shuffled) if value is not None and not is_fault(value)]
    assert window.times == sorted(second for second, _ in shuffled)
    assert window.faults == len(shuffled) - len(known)
    assert (window.lowest, window.highest) == (min(known, default=float("inf")), max(known, default=float("-inf")))
    assert window.is_calm(None, None) or not window.is_calm(LOW, HIGH)


@given(READINGS)
def test_a_calm_window_has_nothing_amiss_in_it(readings: dict[int, float | None]) -> None:
    window = filled(sorted(readings.items()))
    if window.is_calm(LOW, HIGH):
        assert not outside(window.between(0, 1 << 20), LOW, HIGH, 1e9)


def _slow(readings: list[Reading], apart: float) -> list[bool]:
    """Whether each second is outside: on the line between two readings, or beside one, until one is seen inside."""
    known = [(second, value) for second, value in readings if value is not None and not is_fault(value)]
    found = []
    for second in range(known[-1][0] if known else 0):
        middle = second + 0.5
        before = max((one for one in known if one[0] < middle), default=None)
        after = min((one for one in known if one[0] > middle), default=None)
        if before is None or after is None:
            found.append(False)
        elif after[0] - before[0] <= apart:
            value = before[1] + (after[1] - before[1]) * (middle - before[0]) / (after[0] - before[0])
            found.append(not LOW <= value <= HIGH)
        else:  # too far apart for a line: outside only where both ends are, on the same side
            found.append((before[1] > HIGH and after[1] > HIGH) or (before[1] < LOW and after[1] < LOW))
    return found


@settings(max_examples=80)
@given(READINGS)
def test_stretches_cover_the_seconds_a_judge_finds_outside(readings: dict[int, float | None]) -> None:
    series = sorted(readings.items())
    clean = [(second, None if value is None or is_fault(value) else value) for second, value in series]
    apart = 2 * (interval_of([second for second, _ in series]) or 900)
    stretches = outside(clean, LOW, HIGH, apart)
    covered = [
        any(one.start <= second + 0.5 < (one.seen if one.end is None else one.end) for one in stretches)
        for second in range(len(_slow(clean, apart)))
    ]
    wrong = sum(mine != theirs for mine, theirs in zip(covered, _slow(clean, apart), strict=True))
    assert wrong <= 2 * len(stretches)  # a crossing within a second


@st.composite
def _claims(draw: st.DrawFn) -> list[Claim]:
    """Stretches one after another, of which only the last may go on."""
    claims, at = [], 0
    lengths = draw(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), max_size=5))
    going = draw(st.booleans())
    for place, (gap, length) in enumerate(lengths):
        start, at = at + gap, at + gap + length
        until = None if going and place == len(lengths) - 1 else at
        claims.append(Claim("WCH-TMP-002", "F-1", start, Severity.BLOCK, {}, until, CloseReason.BACK))
    return claims


@given(_claims(), _claims())
def test_notices_say_what_the_claims_say_and_to_ask_again_changes_nothing(
    before: list[Claim], after: list[Claim]
) -> None:
    notices: dict[str, Notice] = {}
    for number, claims in enumerate((before, after, after)):
        done = reconcile(notices.values(), claims, instant_of(1_000 + number))
        assert not {one.id for one in done.raised} & notices.keys()
        if number == 2:
            assert not done.every
        notices |= {one.id: one for one in done.every}
        assert sum(one.is_open for one in notices.values()) == sum(one.until is None for one in claims)


@given(st.lists(st.integers(0, 3_000), max_size=30), st.integers(0, 3_000))
def test_trimming_keeps_exactly_what_is_young_enough(seconds: list[int], before: int) -> None:
    window = filled([(second, float(second % 7)) for second in seconds])
    window.trim(before)
    assert window.times == sorted({second for second in seconds if second >= before})
    assert len(window.values) == len(window.times)


def test_a_rule_with_its_detail_is_known_by_its_name() -> None:
    notice = Notice("NTC-1", "WCH-LOG-001:L-1/2", "T-1", Severity.WARN, instant_of(0), instant_of(0))
    assert notice.kind is WatchRule.SILENT
