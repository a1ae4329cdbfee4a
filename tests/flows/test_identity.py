"""Who asks: tokens and sessions from their first use to their end, and what a login that goes wrong leaves behind."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hilum.access import operations
from hilum.access.account import AccountKind, Session, Token
from hilum.access.operations import (
    AddAccount,
    AddOrganization,
    EndSession,
    EndToken,
    ListTokens,
    RestoreAccount,
    RestoreOrganization,
    SetPassword,
    SetRoles,
    SetSubject,
    SuspendAccount,
    SuspendOrganization,
)
from hilum.app.accounts import add_account, create_token, manage, set_password
from hilum.app.identity import REMEMBERED, REMEMBERED_S
from hilum.errors import AccessDenied, BadInputError, ConflictError, NotAuthenticatedError, NotFoundError
from hilum.model.party import Actor, Role
from tests.flows.admitted import AUDITOR, OFFICER, PASSWORD, Admitted, admitted


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Admitted]:
    with admitted(tmp_path / "bank") as made:
        yield made


def refusal(bank: Admitted, secret: str) -> str:
    """Why a secret opens nothing."""
    with pytest.raises(NotAuthenticatedError) as refused:
        bank.identity.of_secret(secret)
    return refused.value.reason


def login_refusal(bank: Admitted, account: str, password: str) -> str:
    with pytest.raises(NotAuthenticatedError) as refused:
        bank.identity.login(account, password, "test")
    return refused.value.reason


def token_kept(bank: Admitted, token: str) -> Token:
    with bank.app.bank.read() as unit:
        found = unit.token(token)
    assert found is not None
    return found


def session_kept(bank: Admitted, account: str = "wang") -> Session:
    with bank.app.bank.read() as unit:
        (found,) = unit.open_sessions("", account)
    return found


# tokens --------------------------------------------------------------------------------------------------------------


def test_a_token_speaks_for_its_account_with_the_scopes_it_was_made_for(bank: Admitted) -> None:
    token, secret = bank.token()
    actor = bank.identity.of_secret(secret)
    assert actor == Actor("lis", frozenset({Role.SERVICE}), "hospital", token, frozenset({"intake"}))
    with pytest.raises(AccessDenied):
        bank.app.authorise("record.show", "read", actor)


def test_only_the_digest_of_a_token_is_kept(bank: Admitted) -> None:
    token, secret = bank.token()
    assert secret not in repr(token_kept(bank, token))
    assert secret.rpartition("_")[2] not in repr(token_kept(bank, token))


@pytest.mark.parametrize(
    "secret", ["", "x", "hilum_", "hilum_AAAAAAAAAAAAA_" + "0" * 64, "hilums_AAAAAAAAAAAAA_" + "0" * 64]
)
def test_an_unknown_secret_opens_nothing(bank: Admitted, secret: str) -> None:
    assert refusal(bank, secret) == "token_unknown"
    assert bank.identity.remembered(secret) is None


def test_a_secret_with_one_digit_changed_opens_nothing(bank: Admitted) -> None:
    _, secret = bank.token()
    assert refusal(bank, secret[:-1] + ("0" if secret[-1] != "0" else "1")) == "token_unknown"


def test_a_token_expires_by_the_banks_clock(bank: Admitted) -> None:
    _, secret = bank.token(days=1)
    bank.clock.move(hours=23)
    assert bank.identity.of_secret(secret).name == "lis"
    bank.clock.move(hours=1)
    assert refusal(bank, secret) == "token_expired"


def test_a_secret_is_remembered_for_five_seconds_and_no_longer(bank: Admitted) -> None:
    _, secret = bank.token()
    assert bank.identity.remembered(secret) is None
    actor = bank.identity.of_secret(secret)
    bank.clock.move(seconds=REMEMBERED_S - 0.01)
    assert bank.identity.remembered(secret) == actor
    bank.clock.move(seconds=0.01)
    assert bank.identity.remembered(secret) is None


def test_a_token_that_was_ended_dies_within_five_seconds(bank: Admitted) -> None:
    token, secret = bank.token()
    bank.identity.of_secret(secret)
    manage(bank.app, operations.END_TOKEN, OFFICER, EndToken(token, "left on a screen"))
    bank.clock.move(seconds=REMEMBERED_S)
    assert bank.identity.remembered(secret) is None
    assert refusal(bank, secret) == "token_ended"


def test_what_is_remembered_stays_bounded(bank: Admitted) -> None:
    _, secret = bank.token()
    actor = bank.identity.of_secret(secret)
    for number in range(REMEMBERED + 50):
        bank.identity._remember(str(number), actor, 0.0)
    assert len(bank.identity._known) == REMEMBERED


def test_the_use_of_a_token_is_noted_behind_the_requests_back_once_a_minute(bank: Admitted) -> None:
    token, secret = bank.token()
    seen = []
    for seconds in (0, 30, 29, 1):
        bank.clock.move(seconds=seconds)
        bank.identity.of_secret(secret)
        bank.identity._notes.submit(lambda: None).result()
        seen.append(token_kept(bank, token).used_at[11:19])
    assert seen == ["08:00:00", "08:00:00", "08:00:00", "08:01:00"]


def test_noting_a_use_does_not_bring_an_ended_token_back(bank: Admitted) -> None:
    token, _ = bank.token()
    manage(bank.app, operations.END_TOKEN, OFFICER, EndToken(token))
    bank.identity._write(token, True)
    assert token_kept(bank, token).ended_at


def test_a_suspended_account_or_organization_opens_nothing_until_it_is_restored(bank: Admitted) -> None:
    _, secret = bank.token()
    manage(bank.app, operations.SUSPEND_ACCOUNT, OFFICER, SuspendAccount("lis", "replaced"))
    assert refusal(bank, secret) == "account_suspended"
    manage(bank.app, operations.RESTORE_ACCOUNT, OFFICER, RestoreAccount("lis"))
    manage(bank.app, operations.SUSPEND_ORGANIZATION, OFFICER, SuspendOrganization("hospital", "contract ended"))
    assert refusal(bank, secret) == "organization_suspended"
    manage(bank.app, operations.RESTORE_ORGANIZATION, OFFICER, RestoreOrganization("hospital"))
    assert bank.identity.of_secret(secret).name == "lis"


def test_a_role_given_later_does_not_widen_a_token(bank: Admitted) -> None:
    _, secret = bank.token()
    manage(bank.app, operations.SET_ROLES, OFFICER, SetRoles("lis", frozenset({Role.SERVICE, Role.DATA_MANAGER})))
    with pytest.raises(AccessDenied) as denied:
        bank.app.authorise("record.show", "read", bank.identity.of_secret(secret))
    assert denied.value.reason == "scope_lacking"


def test_a_role_taken_away_narrows_a_token(bank: Admitted) -> None:
    _, secret = bank.token()
    manage(bank.app, operations.SET_ROLES, OFFICER, SetRoles("lis", frozenset()))
    with pytest.raises(AccessDenied):
        bank.app.authorise("intake.arrivals", "intake", bank.identity.of_secret(secret))


def test_a_token_cannot_be_made_for_more_than_its_account_may(bank: Admitted) -> None:
    for scopes in ({"read"}, {"intake", "accounts"}, {"no.such"}):
        with pytest.raises(BadInputError):
            create_token(bank.app, OFFICER, "lis", scopes=frozenset(scopes))
    manage(bank.app, operations.SET_ROLES, OFFICER, SetRoles("lis", frozenset()))
    with pytest.raises(BadInputError):
        create_token(bank.app, OFFICER, "lis")
    assert manage(bank.app, operations.LIST_TOKENS, OFFICER, ListTokens()) == ()


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_token_holds_for_a_day_at_least_and_ten_years_at_most(bank: Admitted, days: int) -> None:
    with pytest.raises(BadInputError):
        create_token(bank.app, OFFICER, "lis", days=days)


# sessions ------------------------------------------------------------------------------------------------------------


def test_who_logs_in_is_known_by_the_session_until_it_is_left(bank: Admitted) -> None:
    secret = bank.identity.login(" WANG ", PASSWORD, "test")
    assert bank.identity.of_secret(secret) == Actor("wang", frozenset({Role.CURATOR}), "hospital")
    bank.identity.logout(secret)
    assert bank.identity.remembered(secret) is None
    assert refusal(bank, secret) == "session_over"


def test_a_session_that_is_used_goes_on_and_one_that_is_not_ends_after_an_hour(bank: Admitted) -> None:
    secret = bank.identity.login("wang", PASSWORD, "test")
    for _ in range(3):
        bank.clock.move(minutes=50)
        bank.identity.of_secret(secret)
        bank.identity._notes.submit(lambda: None).result()
    bank.clock.move(minutes=60)
    assert refusal(bank, secret) == "session_over"


def test_a_session_ended_by_the_security_officer_dies_within_five_seconds(bank: Admitted) -> None:
    secret = bank.identity.login("wang", PASSWORD, "test")
    bank.identity.of_secret(secret)
    manage(bank.app, operations.END_SESSION, OFFICER, EndSession(session_kept(bank).id, "left the room"))
    bank.clock.move(seconds=REMEMBERED_S)
    assert bank.identity.remembered(secret) is None
    assert refusal(bank, secret) == "session_over"


def test_suspending_an_account_ends_its_sessions_for_good(bank: Admitted) -> None:
    secret = bank.identity.login("wang", PASSWORD, "test")
    manage(bank.app, operations.SUSPEND_ACCOUNT, OFFICER, SuspendAccount("wang", ""))
    assert login_refusal(bank, "wang", PASSWORD) == "login_refused"
    manage(bank.app, operations.RESTORE_ACCOUNT, OFFICER, RestoreAccount("wang"))
    assert refusal(bank, secret) == "session_over"
    assert bank.identity.login("wang", PASSWORD, "test")


def test_one_cannot_leave_anothers_session(bank: Admitted) -> None:
    bank.identity.login("wang", PASSWORD, "test")
    li = Actor("li", frozenset({Role.CURATOR}))
    with pytest.raises(NotFoundError):
        manage(bank.app, operations.LEAVE_SESSION, li, operations.LeaveSession(session_kept(bank).id))


def test_a_new_password_from_the_security_officer_closes_what_was_open_under_the_old_one(bank: Admitted) -> None:
    secret = bank.identity.login("wang", PASSWORD, "test")
    set_password(bank.app, OFFICER, "wang", "purple freezer at dawn")
    assert refusal(bank, secret) == "session_over"
    assert login_refusal(bank, "wang", PASSWORD) == "login_refused"
    assert bank.identity.login("wang", "purple freezer at dawn", "test")


def test_ones_own_password_is_changed_with_the_old_one_and_the_session_at_hand_stays(bank: Admitted) -> None:
    here, elsewhere = (bank.identity.login("wang", PASSWORD, "test") for _ in range(2))
    bank.identity.change_password(here, PASSWORD, "purple freezer at dawn")
    assert bank.identity.of_secret(here).name == "wang"
    assert refusal(bank, elsewhere) == "session_over"
    assert bank.identity.login("wang", "purple freezer at dawn", "test")


def test_a_session_left_open_is_not_enough_to_change_the_password(bank: Admitted) -> None:
    secret = bank.identity.login("wang", PASSWORD, "test")
    with pytest.raises(NotAuthenticatedError):
        bank.identity.change_password(secret, "not the old one", "purple freezer at dawn")
    with pytest.raises(BadInputError):
        bank.identity.change_password(secret, PASSWORD, "short")
    assert bank.identity.login("wang", PASSWORD, "test")


# lock-out ------------------------------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_the_right_one_is_not_looked_at_for_a_minute(bank: Admitted) -> None:
    for _ in range(5):
        assert login_refusal(bank, "wang", "wrong horse battery") == "login_refused"
    assert login_refusal(bank, "wang", PASSWORD) == "login_refused"
    bank.clock.move(seconds=59)
    assert login_refusal(bank, "wang", PASSWORD) == "login_refused"
    bank.clock.move(seconds=1)
    assert bank.identity.login("wang", PASSWORD, "test")
    with bank.app.bank.read() as unit:
        account = unit.account("wang")
    assert account is not None
    assert (account.failures, account.locked_until) == (0, "")


def test_trying_on_while_the_account_rests_does_not_lengthen_the_rest(bank: Admitted) -> None:
    for _ in range(12):
        login_refusal(bank, "wang", "wrong horse battery")
    bank.clock.move(seconds=60)
    assert bank.identity.login("wang", PASSWORD, "test")


def test_the_security_officer_can_end_the_rest(bank: Admitted) -> None:
    for _ in range(5):
        login_refusal(bank, "wang", "wrong horse battery")
    manage(bank.app, operations.RESTORE_ACCOUNT, OFFICER, RestoreAccount("wang"))
    assert bank.identity.login("wang", PASSWORD, "test")


@pytest.mark.parametrize("account", ["nobody", "lis", "", "w\x00", "\ud800", "wang' OR 1=1", "x" * 10_000])
def test_a_login_that_cannot_work_is_refused_in_the_same_words(bank: Admitted, account: str) -> None:
    assert login_refusal(bank, account, PASSWORD) == login_refusal(bank, "wang", "wrong horse battery")


def test_an_account_without_a_password_cannot_be_logged_into_with_an_empty_one(bank: Admitted) -> None:
    add_account(bank.app, OFFICER, AddAccount("li", AccountKind.PERSON, "hospital", frozenset({Role.CURATOR})))
    for password in ("", "\x00", "\ud800"):
        assert login_refusal(bank, "li", password) == "login_refused"


def test_a_failed_login_is_on_the_audit_trail_and_a_name_nobody_has_is_not_written(bank: Admitted) -> None:
    typed_wrongly = "mypassword-in-the-wrong-field"
    login_refusal(bank, typed_wrongly, "wang")
    login_refusal(bank, "wang", "wrong horse battery")
    with bank.app.bank.read() as unit:
        trail = unit.audit_trail(limit=2)
    assert [(one.actor, one.operation, one.outcome) for one in trail] == [
        ("wang", "session.begin", "denied"),
        ("—", "session.begin", "denied"),
    ]
    assert typed_wrongly not in repr(trail)


def test_many_may_log_in_at_once(bank: Admitted) -> None:
    secrets: list[str] = []
    crowd = [
        threading.Thread(target=lambda: secrets.append(bank.identity.login("wang", PASSWORD, "t"))) for _ in "1234"
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(set(secrets)) == 4


# separation of duties ------------------------------------------------------------------------------------------------


def test_nobody_but_the_security_officer_changes_accounts_and_the_attempt_is_recorded(bank: Admitted) -> None:
    everybody_else = [Actor(role.value, frozenset({role})) for role in Role if role is not Role.SECURITY_OFFICER]
    for actor in everybody_else:
        with pytest.raises(AccessDenied):
            manage(bank.app, operations.ADD_ORGANIZATION, actor, AddOrganization("other", ""))
        with pytest.raises(AccessDenied):
            create_token(bank.app, actor, "lis")
    with bank.app.bank.read() as unit:
        denied = [one for one in unit.audit_trail(limit=100) if one.outcome == "denied"]
    assert {one.actor for one in denied} == {one.name for one in everybody_else}


def test_the_auditor_sees_accounts_and_changes_none(bank: Admitted) -> None:
    bank.token()
    assert len(manage(bank.app, operations.LIST_TOKENS, AUDITOR, ListTokens())) == 1
    with pytest.raises(AccessDenied):
        manage(bank.app, operations.SUSPEND_ACCOUNT, AUDITOR, SuspendAccount("wang", ""))


def test_a_security_officer_does_not_change_the_own_account(bank: Admitted) -> None:
    add_account(bank.app, OFFICER, AddAccount("so", AccountKind.PERSON, "hospital", frozenset({Role.SECURITY_OFFICER})))
    so = Actor("so", frozenset({Role.SECURITY_OFFICER}))
    deeds: tuple[Callable[[], object], ...] = (
        lambda: manage(bank.app, operations.SET_ROLES, so, SetRoles("so", frozenset({Role.CURATOR}))),
        lambda: manage(bank.app, operations.SUSPEND_ACCOUNT, so, SuspendAccount("so", "")),
        lambda: manage(bank.app, operations.RESTORE_ACCOUNT, so, RestoreAccount("so")),
        lambda: manage(bank.app, operations.SET_PASSWORD, so, SetPassword("so", "hash")),
    )
    for deed in deeds:
        with pytest.raises(ConflictError) as refused:
            deed()
        assert refused.value.reason == "account_own"


def test_roles_that_must_be_apart_are_not_given_to_one_account(bank: Admitted) -> None:
    with pytest.raises(ConflictError):
        manage(
            bank.app, operations.SET_ROLES, OFFICER, SetRoles("wang", frozenset({Role.CURATOR, Role.SECURITY_OFFICER}))
        )


# what cannot be ------------------------------------------------------------------------------------------------------


def test_names_subjects_and_organizations_are_given_once(bank: Admitted) -> None:
    wang = AddAccount("wang", AccountKind.PERSON, "hospital", frozenset())
    twin = AddAccount("li", AccountKind.PERSON, "hospital", frozenset(), subject="wang-7")
    nowhere = AddAccount("li", AccountKind.PERSON, "elsewhere", frozenset())
    for command, error in ((wang, ConflictError), (twin, ConflictError), (nowhere, NotFoundError)):
        with pytest.raises(error):
            manage(bank.app, operations.ADD_ACCOUNT, OFFICER, command)
    with pytest.raises(ConflictError):
        manage(bank.app, operations.ADD_ORGANIZATION, OFFICER, AddOrganization("hospital", "again"))
    with pytest.raises(ConflictError):
        manage(bank.app, operations.SET_SUBJECT, OFFICER, SetSubject("lis", "wang-7"))


def test_a_service_account_has_no_password(bank: Admitted) -> None:
    with pytest.raises(BadInputError):
        set_password(bank.app, OFFICER, "lis", PASSWORD)
    with pytest.raises(BadInputError):
        add_account(bank.app, OFFICER, AddAccount("lis2", AccountKind.SERVICE, "hospital", frozenset()), PASSWORD)


@pytest.mark.parametrize("name", ["nobody", "\x00", "\ud800", "x" * 500])
def test_what_is_not_there_is_said_to_be_not_there(bank: Admitted, name: str) -> None:
    with pytest.raises(NotFoundError):
        manage(bank.app, operations.SUSPEND_ACCOUNT, OFFICER, SuspendAccount(name, ""))
    with pytest.raises(NotFoundError):
        create_token(bank.app, OFFICER, name)


def test_every_change_is_on_the_audit_trail_without_a_secret(bank: Admitted) -> None:
    token, secret = bank.token()
    session = bank.identity.login("wang", PASSWORD, "test")
    set_password(bank.app, OFFICER, "wang", "purple freezer at dawn")
    manage(bank.app, operations.SET_SUBJECT, OFFICER, SetSubject("wang", "employee-4711"))
    manage(bank.app, operations.END_TOKEN, OFFICER, EndToken(token, "lost"))
    with bank.app.bank.read() as unit:
        trail = unit.audit_trail(limit=100)
        kept = unit.account("wang")
    assert kept is not None
    done = {one.operation for one in trail}
    assert {"organization.add", "account.add", "token.create", "token.end", "session.begin"} <= done
    assert {"account.set_password", "account.set_subject"} <= done
    for hidden in (secret, session, PASSWORD, "purple freezer", "employee-4711", kept.secret, "argon2"):
        assert hidden not in repr(trail)
