"""The standing of a specimen: the evaluator agrees with its judge, and the order of arrival does not matter."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hilum.model.text import Bilingual
from hilum.quality.process import Happening, ProcessOutcome, advance, assess, compile_sop, trace_of
from hilum.quality.process_judge import judge
from hilum.quality.sop import OF_TWO_STEPS, WITH_DEADLINE, WITH_MINUTES, Constraint, ConstraintKind, Deadline, Sop

STEPS = ("consent", "collect", "centrifuge", "freeze")
WORDS = Bilingual("要求", "demand")


@st.composite
def constraints(draw: st.DrawFn) -> Constraint:
    kind = draw(st.sampled_from(ConstraintKind))
    step, then = draw(st.permutations(STEPS))[:2]
    minutes = draw(st.sampled_from([0, 1, 15, 30, 60]))
    deadline = draw(st.none() | st.just(Deadline(then, minutes))) if kind in WITH_DEADLINE else None
    return Constraint(
        "c", kind, step, WORDS,
        then=then if kind in OF_TWO_STEPS else "",
        minutes=minutes if kind in WITH_MINUTES else 0,
        count=draw(st.integers(0, 3)),
        deadline=deadline,
        same_day=draw(st.booleans()) and kind in (ConstraintKind.PRECEDES, ConstraintKind.NOT_BEFORE),
    )  # fmt: skip


@st.composite
def sops(draw: st.DrawFn) -> Sop:
    some = draw(st.lists(constraints(), min_size=1, max_size=12))
    return Sop("sop", 1, WORDS, STEPS, tuple(replace(one, id=f"c{number}") for number, one in enumerate(some)))


SOPS = sops()


@st.composite
def happenings(draw: st.DrawFn) -> Happening:
    """Times lie close together on a coarse grid, so that they meet, overlap and just miss one another."""
    first = draw(st.none() | st.integers(0, 24).map(lambda grid: grid * 300))
    width = draw(st.sampled_from([0, 0, 0, 300, 1800, 7200]))
    return Happening(
        draw(st.sampled_from(STEPS)),
        draw(st.sampled_from(["REC-1", "REC-2", "REC-3"])),
        first,
        None if first is None else first + width,
        draw(st.sampled_from([None, "甲", "乙"])),
        draw(st.sampled_from([None, True, False])),
        draw(st.integers(0, 2)),
    )


STORIES = st.lists(happenings(), max_size=9)
NOW = st.integers(-1, 30).map(lambda grid: grid * 300 + 1)


@given(SOPS, STORIES, NOW)
def test_the_evaluator_answers_as_the_judge_does(sop: Sop, story: list[Happening], now: int) -> None:
    standing = assess(compile_sop(sop), trace_of(story), now)
    answers = [(one.outcome, one.until) for one in standing.outcomes]
    assert answers == [judge(constraint, story, now) for constraint in sop.constraints]


@given(SOPS, STORIES.flatmap(lambda story: st.tuples(st.just(story), st.permutations(story))), NOW)
def test_any_order_of_arrival_ends_in_the_same_standing(
    sop: Sop, orders: tuple[list[Happening], list[Happening]], now: int
) -> None:
    told, shuffled = orders
    assert assess(compile_sop(sop), trace_of(told), now) == assess(compile_sop(sop), trace_of(shuffled), now)


@given(SOPS, STORIES, NOW)
def test_being_asked_between_arrivals_changes_nothing(sop: Sop, story: list[Happening], now: int) -> None:
    compiled, trace = compile_sop(sop), trace_of([])
    for one in story:
        advance(trace, one)
        assess(compiled, trace, now)
    assert assess(compiled, trace, now) == assess(compiled, trace_of(story), now)


@given(SOPS, STORIES, NOW, st.integers(0, 10_000))
def test_time_alone_only_ends_what_was_pending(sop: Sop, story: list[Happening], now: int, later: int) -> None:
    before = assess(compile_sop(sop), trace_of(story), now).outcomes
    after = assess(compile_sop(sop), trace_of(story), now + later).outcomes
    for one, other in zip(before, after, strict=True):
        if one.outcome is ProcessOutcome.PENDING:
            assert other.outcome is not ProcessOutcome.SATISFIED
        else:
            assert one == other
