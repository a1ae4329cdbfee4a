"""What a token, a session and an account may do at an instant; when an account rests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.access.account import (
    FREE_FAILURES,
    LONGEST_PAUSE,
    SESSION_IDLE,
    SESSION_LIFE,
    Account,
    AccountKind,
    Organization,
    Session,
    Standing,
    Token,
    account_refusal,
    actor_of_token,
    after_failure,
    after_success,
    digest_of,
    first_expiry,
    is_locked,
    is_session,
    moved_on,
    session_refusal,
    session_secret,
    token_refusal,
    token_secret,
    used,
    usual_scopes,
)
from hilum.clock import parse_stamp, stamp
from hilum.model import ids
from hilum.model.party import Role

NOW = datetime(2026, 3, 6, 8, tzinfo=UTC)
RANDOM = "0123456789abcdef" * 4
TOKEN = Token("TKN-1", "lis", "", "d", frozenset({"intake"}), stamp(NOW), "so", stamp(NOW + timedelta(days=365)))
SESSION = Session("SES-1", "wang", "d", "password", stamp(NOW), first_expiry(NOW))
ACCOUNT = Account("wang", AccountKind.PERSON, "h", frozenset({Role.CURATOR}), Standing.ACTIVE, stamp(NOW), "so")
HOSPITAL = Organization("h", "模范医院", Standing.ACTIVE, stamp(NOW))


def later(**passed: float) -> datetime:
    return NOW + timedelta(**passed)


def test_a_token_opens_until_the_instant_it_expires() -> None:
    assert token_refusal(TOKEN, later(days=364.9999)) == ""
    assert token_refusal(TOKEN, later(days=365)) == "token_expired"


def test_a_token_that_was_ended_opens_nothing_however_long_it_would_have_held() -> None:
    assert token_refusal(replace(TOKEN, ended_at=stamp(NOW)), NOW) == "token_ended"


def test_a_session_ends_an_hour_after_its_last_use() -> None:
    assert session_refusal(SESSION, later(minutes=59)) == ""
    assert session_refusal(SESSION, later(minutes=60)) == "session_over"
    used_again = moved_on(SESSION, later(minutes=50))
    assert session_refusal(used_again, later(minutes=109)) == ""
    assert session_refusal(used_again, later(minutes=110)) == "session_over"


def test_a_session_ends_after_twelve_hours_however_busy_it_is() -> None:
    busy, at = SESSION, NOW
    while not session_refusal(busy, at):
        busy, at = moved_on(busy, at), at + timedelta(minutes=10)
    assert at - NOW == SESSION_LIFE


def test_a_session_is_not_written_again_for_every_request() -> None:
    assert moved_on(SESSION, later(seconds=59)) is SESSION
    assert moved_on(SESSION, later(seconds=60)).expires_at == stamp(later(seconds=60) + SESSION_IDLE)


def test_a_clock_that_steps_back_does_not_shorten_a_session() -> None:
    assert moved_on(SESSION, later(hours=-2)) is SESSION


def test_the_use_of_a_token_is_noted_once_a_minute() -> None:
    first = used(TOKEN, NOW)
    assert first.used_at == stamp(NOW)
    assert used(first, later(seconds=59)) is first
    assert used(first, later(seconds=60)).used_at == stamp(later(seconds=60))


def test_an_account_may_not_act_when_it_or_its_organization_is_suspended_or_gone() -> None:
    assert account_refusal(ACCOUNT, HOSPITAL) == ""
    assert account_refusal(None, None) == "account_suspended"
    assert account_refusal(replace(ACCOUNT, state=Standing.SUSPENDED), HOSPITAL) == "account_suspended"
    assert account_refusal(ACCOUNT, replace(HOSPITAL, state=Standing.SUSPENDED)) == "organization_suspended"
    assert account_refusal(ACCOUNT, None) == "organization_suspended"


def test_an_account_rests_from_the_fifth_wrong_password_on_and_twice_as_long_each_time() -> None:
    account, pauses = ACCOUNT, []
    for _ in range(14):
        account = after_failure(account, NOW)
        until = account.locked_until
        pauses.append(int((parse_stamp(until) - NOW).total_seconds()) if until else 0)
    assert pauses == [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]


@given(st.integers(0, 10_000))
def test_no_number_of_failures_locks_an_account_for_good(failures: int) -> None:
    account = after_failure(replace(ACCOUNT, failures=failures), NOW)
    assert is_locked(account, NOW) is (failures + 1 >= FREE_FAILURES)
    assert not is_locked(account, NOW + LONGEST_PAUSE)


def test_the_right_password_starts_the_count_again() -> None:
    rested = after_success(after_failure(replace(ACCOUNT, failures=9), NOW))
    assert (rested.failures, rested.locked_until) == (0, "")


def test_a_token_speaks_for_its_account_within_its_scopes_and_says_which_token_it_was() -> None:
    actor = actor_of_token(ACCOUNT, TOKEN)
    assert (actor.name, actor.organization, actor.roles) == ("wang", "h", frozenset({Role.CURATOR}))
    assert actor.scopes == frozenset({"intake"})
    assert actor.signature == "wang (via TKN-1)"


def test_a_token_made_without_scopes_is_for_what_the_account_may_today() -> None:
    assert usual_scopes(replace(ACCOUNT, roles=frozenset({Role.SERVICE}))) == {"intake"}
    assert usual_scopes(replace(ACCOUNT, roles=frozenset())) == frozenset()


def test_secrets_are_spelt_so_that_scanners_know_them_and_we_know_them_apart() -> None:
    token = token_secret(ids.mint("TKN", "x"), RANDOM)
    session = session_secret(ids.mint("SES", "x"), RANDOM)
    assert token.startswith("hilum_")
    assert (is_session(token), is_session(session)) == (False, True)


@pytest.mark.parametrize(
    "secret", ["", "hilum_", "hilum_x_y", f"hilum_AAAAAAAAAAAAA_{RANDOM}\n", f"Hilum_AAAAAAAAAAAAA_{RANDOM}", "a.b.c"]
)
def test_what_is_spelt_otherwise_is_no_secret(secret: str) -> None:
    assert is_session(secret) is None


@given(st.text())
def test_any_text_can_be_digested_and_none_is_its_own_digest(secret: str) -> None:
    assert digest_of(secret) != secret
    assert len(digest_of(secret)) == 64


def test_what_is_kept_of_a_broken_text_is_a_digest_too() -> None:
    assert len(digest_of("\ud800")) == 64
