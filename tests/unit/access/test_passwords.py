"""What a password and a name must be, and that no refusal repeats a password."""

import pytest

from hilum.access.account import Account, AccountKind, Standing
from hilum.access.passwords import (
    check_name,
    check_organization,
    check_password,
    check_roles,
    check_words,
    is_name,
    plain,
    printable,
)
from hilum.errors import BadInputError, ConflictError
from hilum.messages import LANGUAGES
from hilum.model.party import Role

REFUSED = [
    ("", "password_short"),
    ("elevenchars", "password_short"),
    ("x" * 257, "password_long"),
    ("my wang is here", "password_has_name"),
    ("MY WANG IS HERE", "password_has_name"),
    ("my ｗａｎｇ is here", "password_has_name"),
    ("aaaaaaaaaaaaaaaa", "password_guessable"),
    ("abababababababab", "password_guessable"),
    ("secretsecretsecret", "password_guessable"),
    ("1234567890123", "password_guessable"),
    ("qwertyuiop12", "password_guessable"),
    ("abcdefghijklmnop", "password_guessable"),
    ("zyxwvutsrqponm1", "password_guessable"),
    ("ABCDEFGHIJKL99", "password_guessable"),
]
TAKEN = [
    "correct horse battery",
    "离心后两小时内冻存样本管",
    "冷冻 purple 样本 tube",
    "xK9-mPw2-Qr7z",
    "wan g is not the name",
]


@pytest.mark.parametrize(("password", "reason"), REFUSED)
def test_a_password_is_refused_with_its_reason_in_both_languages_and_never_repeated(password: str, reason: str) -> None:
    with pytest.raises(BadInputError) as refused:
        check_password(password, "wang")
    assert refused.value.reason == reason
    for language in LANGUAGES:
        said = refused.value.message(language) + refused.value.advice(language)
        assert "⟨" not in said
        assert not password or password not in said
    assert not password or password not in repr(refused.value.values)


@pytest.mark.parametrize("password", TAKEN)
def test_a_long_password_is_taken_whatever_it_is_made_of(password: str) -> None:
    check_password(password, "wang")


def test_a_password_is_the_same_from_a_full_width_keyboard() -> None:
    assert plain("ｐｕｒｐｌｅ　ｔｕｂｅ") == plain("purple tube")


@pytest.mark.parametrize("name", ["wang", "lis-feed", "王芳", "li.wei@hospital", "7", "a" * 64])
def test_a_name_may_be(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "Wang", "wаng", "wang ", "a b", "-a", "a\n", "a\x00", "\ud800", "a" * 65, "../x"])
def test_a_name_may_not_be(name: str) -> None:
    assert not is_name(name)
    with pytest.raises(BadInputError) as refused:
        check_name(name)
    assert refused.value.message("zh")
    assert refused.value.message("en").isprintable() or "\n" not in refused.value.message("en")


@pytest.mark.parametrize("organization", ["", "H", "h_1", "a" * 41, "h\x00"])
def test_an_organizations_identifier_may_not_be(organization: str) -> None:
    with pytest.raises(BadInputError):
        check_organization(organization)


@pytest.mark.parametrize("words", ["a\nb", "a\x00", "\ud800", "a\u202eb", "x" * 201])
def test_words_that_cannot_be_shown_in_one_line_are_refused(words: str) -> None:
    with pytest.raises(BadInputError):
        check_words("fine", words)
    assert len(printable(words)) < len(words) or len(words) > 200


def _holding(kind: AccountKind, *roles: Role) -> Account:
    return Account("x", kind, "h", frozenset(roles), Standing.ACTIVE, "", "so")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECURITY_OFFICER])
def test_a_program_is_neither_administrator_nor_security_officer(role: Role) -> None:
    check_roles(_holding(AccountKind.PERSON, role))
    with pytest.raises(ConflictError) as refused:
        check_roles(_holding(AccountKind.SERVICE, role))
    assert refused.value.reason == "role_for_people"


def test_roles_that_must_be_apart_are_not_given_together() -> None:
    with pytest.raises(ConflictError) as refused:
        check_roles(_holding(AccountKind.PERSON, Role.SECURITY_OFFICER, Role.CURATOR))
    assert refused.value.reason == "roles_apart"
    assert "⟨" not in refused.value.message("zh") + refused.value.message("en")
