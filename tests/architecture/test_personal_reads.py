"""Every place that reads personal data is known by name, and one that shows them puts the reader on the audit trail."""

import ast
import re

import pytest

from hilum.access.roles import PERMISSIONS
from hilum.model.party import Role
from hilum.registry.operations import IDENTIFY_DONOR
from tests.architecture.source import ROOT, Function, Module, calls, functions, modules

READS = {"people", "personal", "original", "body"}
"""What gives personal values away: the vault's methods, and an arrival's bytes in the inbox."""
HOLDERS = re.compile(r"(vault|_real|inbox)$")

SHOWN = {
    "registry/operations.py:identify_donor": "donor.identify",
    "app/inboxing.py:original": "inbox.original",
}
"""Places whose answer a person sees -> the name under which the trail has it."""

JUDGED = {
    "registry/desk.py:restore": "the gate judges the whole record; hints are masked",
    "registry/context.py:_fetch_personal": "a record's neighbours, for the gate",
    "stores/doctor.py:_originals": "the digest of each original is compared",
    "app/intake.py:_kept": "an original is read again by its own reader",
    "app/benching.py:_part": "a bench bank holds invented people",
    "app/checking.py:original": "a dry run's vault, for the gate",
    "app/checking.py:people": "a dry run's vault, for the gate",
    "app/checking.py:personal": "a dry run's vault, for the gate",
}
"""Places that read for the machine alone, and why."""


def _inside(module: Module, call: ast.Call) -> str:
    """The innermost function around a call."""
    around = [one for one in functions(module) if one.lineno <= call.lineno <= (one.end_lineno or one.lineno)]
    return max(around, key=lambda one: one.lineno).name if around else ""


def _found() -> set[str]:
    places = set()
    for module in modules():
        if module.parts[0] in ("testing", "stores") and module.parts[-1] != "doctor.py":
            continue
        for call, name in calls(module):
            owner, _, method = name.rpartition(".")
            if method in READS and HOLDERS.search(owner):
                places.add(f"{'/'.join(module.parts)}:{_inside(module, call)}")
    return places


def test_every_place_that_reads_personal_data_is_known() -> None:
    assert _found() - set(SHOWN) - set(JUDGED) == set()


def test_no_place_is_listed_that_reads_nothing_any_more() -> None:
    assert (set(SHOWN) | set(JUDGED)) - _found() == set()


@pytest.mark.parametrize("place", sorted(SHOWN))
def test_what_shows_personal_data_leaves_a_trail(place: str) -> None:
    """An operation that changes something is audited by the one path; anything else must record it itself, first."""
    if SHOWN[place] == IDENTIFY_DONOR.name:
        assert IDENTIFY_DONOR.changes_state
        return
    words = ast.unparse(_function(place))
    assert "app.record(" in words
    assert words.index("authorise(") < words.index("app.record(") < words.index(".body(")


def test_seeing_who_somebody_is_takes_a_permission_of_its_own() -> None:
    assert IDENTIFY_DONOR.needs == "identify"
    assert PERMISSIONS["identify"] == frozenset({Role.CURATOR})


def _function(place: str) -> Function:
    path, _, name = place.partition(":")
    module = next(one for one in modules() if one.path == ROOT / "src" / "hilum" / path)
    return next(one for one in functions(module) if one.name == name)
