"""Commands, outcomes and the audit record: frozen values."""

import dataclasses

import pytest

from hilum.model.party import Actor, Role
from hilum.operation import AuditRecord, Change, Operation, Outcome


@dataclasses.dataclass(frozen=True, slots=True)
class Greet:
    whom: str


def _greet(at: list[str], actor: Actor, command: Greet) -> Outcome[str]:
    at.append(command.whom)
    return Outcome(f"{actor.name}: {command.whom}", (Change(command.whom, after="greeted"),))


GREET = Operation("person.greet", Greet, "read", _greet)


def test_an_operation_hands_unit_actor_and_command_to_its_handler() -> None:
    desk: list[str] = []
    outcome = GREET.handler(desk, Actor("li", frozenset({Role.CURATOR})), Greet("wang"))
    assert (outcome.result, desk) == ("li: wang", ["wang"])
    assert outcome.changes == (Change("wang", before="", after="greeted", reason=""),)


def test_an_operation_is_taken_to_change_things_unless_it_says_otherwise() -> None:
    assert GREET.changes_state
    assert GREET.faces == ("cli",)
    assert GREET.facts == {}


def test_an_answer_alone_changes_nothing() -> None:
    assert Outcome(1).changes == ()


@pytest.mark.parametrize(
    ("value", "field"),
    [(GREET, "needs"), (Outcome(1), "changes"), (Change("a"), "before"), (AuditRecord("t", "a", "o", "s"), "actor")],
    ids=lambda value: type(value).__name__,
)
def test_nothing_of_it_can_be_changed_afterwards(value: object, field: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, "other")


@pytest.mark.parametrize(
    ("name", "via", "signature"),
    [("li", "", "li"), ("li", "li", "li"), ("li", "root", "li (via root)")],
)
def test_the_trail_shows_who_really_typed(name: str, via: str, signature: str) -> None:
    assert Actor(name, frozenset(), via=via).signature == signature
