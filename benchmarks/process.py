"""What it costs to hold a story against an SOP: CPU per case and per event, on a log as large as the receipt log.

    python -m benchmarks.process

The log is made here (fixed seed): as many cases and events as the BPI "receipt phase" log that process miners publish
on (1,434 cases, 8,577 events), with 28 precedence constraints over its steps. pm4py is not run: its figures are the
published ones, measured on another machine, and say which order of magnitude to compare with and no more.
"""

import random
import time
from collections.abc import Sequence

from hilum.model.text import Bilingual
from hilum.quality.process import CompiledSop, Happening, ProcessVerdict, advance, assess, compile_sop, trace_of
from hilum.quality.process_judge import judge
from hilum.quality.sop import Constraint, ConstraintKind, Sop, known_steps

CASES, EVENTS, CONSTRAINTS, REPEATS = 1_434, 8_577, 28, 5
STEPS = ("consent", "collect", "pack", "dispatch", "receive", "centrifuge", "aliquot", "freeze", "store")
PUBLISHED = (
    ("pm4py token replay", 0.102),
    ("pm4py alignments", 10.6),
    ("28 precedence constraints written by hand", 0.0026),
)
"""Milliseconds per case on the receipt log, as published; not measured here."""

Log = Sequence[Sequence[Happening]]


def a_log(seed: int = 28) -> Log:
    """Stories of the first steps in order; one in ten has two neighbours swapped."""
    dice = random.Random(seed)
    sizes = [EVENTS // CASES] * CASES
    for case in dice.sample(range(CASES), EVENTS - sum(sizes)):
        sizes[case] += 1
    log = []
    for case, size in enumerate(sizes):
        steps = list(range(size))
        if dice.random() < 0.1:
            place = dice.randrange(size - 1)
            steps[place], steps[place + 1] = steps[place + 1], steps[place]
        at = dice.randrange(10**9)
        log.append(
            [Happening(STEPS[step], f"REC-{case}-{n}", at + n * 1800, at + n * 1800) for n, step in enumerate(steps)]
        )
    return log


def an_sop() -> Sop:
    """Each step before every later one, the first 28 of those pairs."""
    pairs = [(one, other) for number, one in enumerate(STEPS) for other in STEPS[number + 1 :]][:CONSTRAINTS]
    words = Bilingual("要求", "demand")
    demands = (Constraint(f"{a}-{b}".replace("_", "-"), ConstraintKind.PRECEDES, a, words, then=b) for a, b in pairs)
    assert set(STEPS) <= known_steps().keys()
    return Sop("bench", 1, words, STEPS, tuple(demands))


def best(run: object, repeats: int = REPEATS) -> float:
    """Least CPU seconds of several runs of ``run()``."""
    assert callable(run)
    times = []
    for _ in range(repeats):
        began = time.process_time()
        run()
        times.append(time.process_time() - began)
    return min(times)


def per_case(compiled: CompiledSop, log: Log) -> None:
    for story in log:
        assess(compiled, trace_of(story), 2 * 10**9)


def per_event(compiled: CompiledSop, log: Log) -> None:
    """A standing after every single event, as a stream would want it."""
    for story in log:
        trace = trace_of([])
        for one in story:
            advance(trace, one)
            assess(compiled, trace, 2 * 10**9)


def advancing(log: Log) -> None:
    for story in log:
        trace_of(story)


def judging(sop: Sop, log: Log) -> None:
    for story in log:
        for one in sop.constraints:
            judge(one, story, 2 * 10**9)


def main() -> None:
    log, sop = a_log(), an_sop()
    compiled = compile_sop(sop)
    held = sum(assess(compiled, trace_of(story), 2 * 10**9).verdict is ProcessVerdict.HOLD for story in log)
    assert sum(map(len, log)) == EVENTS
    print(f"{CASES} cases, {EVENTS} events, {CONSTRAINTS} precedence constraints; {held} cases deviate")
    print(f"{'measured here, CPU':<48}{'ms per case':>12}{'us per event':>14}")
    for name, seconds in (
        ("advance only", best(lambda: advancing(log))),
        ("advance, then one standing per case", best(lambda: per_case(compiled, log))),
        ("a standing after every event", best(lambda: per_event(compiled, log))),
        ("the slow judge, once per case", best(lambda: judging(sop, log), 1)),
    ):
        print(f"{name:<48}{seconds / CASES * 1e3:>12.4f}{seconds / EVENTS * 1e6:>14.2f}")
    print("published by others, not measured here")
    for name, milliseconds in PUBLISHED:
        print(f"{name:<48}{milliseconds:>12.4f}")


if __name__ == "__main__":
    main()
