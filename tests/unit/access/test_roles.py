"""Who may do what: denied unless the table says otherwise."""

import pytest

from hilum.access.roles import PERMISSIONS, check, may
from hilum.errors import AccessDenied
from hilum.messages import LANGUAGES
from hilum.model.party import Actor, Role

C, D, R, A, O = Role.CURATOR, Role.DATA_MANAGER, Role.RESEARCHER, Role.AUDITOR, Role.ADMINISTRATOR  # noqa: E741

EXPECTED = {
    "read": {C, D, A},
    "intake": {C, D},
    "mend": {C, D},
    "release": {C},
    "approve": {C, D},
    "audit": {A, O},
    "identify": {C},
    "report": {C, D, A},
    "operate": {O},
}
"""A second copy on purpose: widening a permission must be done twice, and be seen."""


def test_the_table_gives_exactly_these_permissions() -> None:
    assert {name: set(roles) for name, roles in PERMISSIONS.items()} == EXPECTED


@pytest.mark.parametrize("permission", sorted(EXPECTED))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_what_the_table_says_and_the_guard_agrees(role: Role, permission: str) -> None:
    actor = Actor("li", frozenset({role}))
    assert may(actor, permission) is (role in EXPECTED[permission])
    if may(actor, permission):
        check(actor, permission)
    else:
        with pytest.raises(AccessDenied):
            check(actor, permission)


@pytest.mark.parametrize("permission", [*sorted(EXPECTED), "", "READ", "read ", "*", "no.such"])
def test_an_account_without_roles_may_nothing(permission: str) -> None:
    nobody = Actor("visitor", frozenset())
    assert not may(nobody, permission)
    with pytest.raises(AccessDenied):
        check(nobody, permission)


@pytest.mark.parametrize("permission", ["", "READ", "read ", "*", "no.such"])
def test_an_unknown_permission_is_nobodys(permission: str) -> None:
    everybody = Actor("root", frozenset(Role))
    assert not may(everybody, permission)
    with pytest.raises(AccessDenied):
        check(everybody, permission)


def test_one_of_several_roles_is_enough() -> None:
    actor = Actor("li", frozenset({Role.RESEARCHER, Role.AUDITOR}))
    assert may(actor, "audit")
    assert not may(actor, "mend")


def test_a_researcher_may_nothing_in_the_bank_itself() -> None:
    assert not [name for name in PERMISSIONS if may(Actor("li", frozenset({Role.RESEARCHER})), name)]


def test_no_single_role_both_lets_records_in_and_audits_that() -> None:
    for role in Role:
        actor = Actor("li", frozenset({role}))
        assert not (may(actor, "audit") and (may(actor, "release") or may(actor, "mend")))


def test_a_denial_names_the_account_the_permission_and_who_has_it() -> None:
    with pytest.raises(AccessDenied) as denied:
        check(Actor("li", frozenset({Role.AUDITOR})), "approve")
    assert denied.value.values == {"actor": "li", "permission": "approve", "roles": "curator, data_manager"}
    for language in LANGUAGES:
        words = denied.value.message(language) + denied.value.advice(language)
        assert "⟨" not in words
        assert "li" in words
