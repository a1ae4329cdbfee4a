"""Who may do what: denied unless the table says otherwise."""

import pytest

from hilum.access.roles import APART, PERMISSIONS, check, conflict, may, permissions_of
from hilum.errors import AccessDenied
from hilum.messages import LANGUAGES
from hilum.model.party import Actor, Role

C, D, R, A, O = Role.CURATOR, Role.DATA_MANAGER, Role.RESEARCHER, Role.AUDITOR, Role.ADMINISTRATOR  # noqa: E741
S, P = Role.SECURITY_OFFICER, Role.SERVICE

EXPECTED = {
    "read": {C, D, A},
    "intake": {C, D, P},
    "mend": {C, D},
    "release": {C},
    "approve": {C, D},
    "audit": {A, O},
    "identify": {C},
    "report": {C, D, A},
    "operate": {O},
    "accounts": {S},
    "tokens": {S},
    "sessions": {S},
    "oversee": {S, A},
    "own": {C, D, R, A, O, S},
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
    assert [name for name in PERMISSIONS if may(Actor("li", frozenset({Role.RESEARCHER})), name)] == ["own"]


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


def test_a_service_may_send_and_nothing_else() -> None:
    assert permissions_of({Role.SERVICE}) == {"intake"}


def test_a_security_officer_neither_sees_records_nor_runs_the_machine() -> None:
    assert permissions_of({Role.SECURITY_OFFICER}) == {"accounts", "tokens", "sessions", "oversee", "own"}


@pytest.mark.parametrize("other", sorted(set(Role) - {Role.SECURITY_OFFICER}))
def test_a_security_officer_who_is_anything_else_as_well_may_nothing(other: Role) -> None:
    both = Actor("so", frozenset({Role.SECURITY_OFFICER, other}))
    assert not [name for name in PERMISSIONS if may(both, name)]
    assert permissions_of(both.roles) == frozenset()
    with pytest.raises(AccessDenied) as denied:
        check(both, "accounts")
    assert denied.value.reason == "duties_together"


@pytest.mark.parametrize("other", [Role.ADMINISTRATOR, Role.CURATOR, Role.DATA_MANAGER, Role.SERVICE])
def test_nobody_audits_the_own_work(other: Role) -> None:
    assert conflict({Role.AUDITOR, other}) == (Role.AUDITOR, other)


def test_what_the_founder_of_a_bank_holds_goes_together() -> None:
    assert conflict({Role.ADMINISTRATOR, Role.DATA_MANAGER, Role.CURATOR}) is None


def test_every_role_excludes_others_than_itself() -> None:
    assert not [role for role, others in APART if role in others]


def test_scopes_narrow_what_the_roles_give() -> None:
    narrow = Actor("wang", frozenset({Role.CURATOR}), scopes=frozenset({"intake"}))
    assert may(narrow, "intake")
    assert not may(narrow, "read")
    with pytest.raises(AccessDenied) as denied:
        check(narrow, "read")
    assert denied.value.reason == "scope_lacking"


def test_scopes_never_widen_what_the_roles_give() -> None:
    wide = Actor("lis", frozenset({Role.SERVICE}), scopes=frozenset(PERMISSIONS))
    assert [name for name in PERMISSIONS if may(wide, name)] == ["intake"]
    with pytest.raises(AccessDenied) as denied:
        check(wide, "read")
    assert denied.value.reason == "denied"


def test_no_scopes_at_all_mean_nothing_may_be_done() -> None:
    assert not [name for name in PERMISSIONS if may(Actor("x", frozenset({Role.CURATOR}), scopes=frozenset()), name)]
