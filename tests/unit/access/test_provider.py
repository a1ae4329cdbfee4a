"""What may stand under [oidc], and what is refused with its place and remedy."""

import pytest

from hilum.access.provider import Provider, is_guarded, provider_of
from hilum.errors import BadInputError
from hilum.messages import LANGUAGES

WHOLE = {"issuer": "https://sso.hospital/realms/staff", "client_id": "hilum"}


def test_no_table_is_no_provider() -> None:
    assert provider_of({}) is None


def test_issuer_and_client_are_enough() -> None:
    provider = provider_of(WHOLE)
    assert provider == Provider("https://sso.hospital/realms/staff", "hilum")
    assert provider.heard_as == "hilum"
    assert "none" not in provider.algorithms
    assert not [one for one in provider.algorithms if one.startswith("HS")]


def test_an_issuer_is_kept_to_the_letter() -> None:
    provider = provider_of({**WHOLE, "issuer": "https://sso.hospital/"})
    assert provider is not None
    assert provider.issuer == "https://sso.hospital/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "hilum"},
        {"issuer": "https://sso.hospital"},
        {**WHOLE, "issuer": "http://sso.hospital"},
        {**WHOLE, "issuer": "ftp://sso.hospital"},
        {**WHOLE, "issuer": "https://["},
        {**WHOLE, "issuer": 7},
        {**WHOLE, "redirect": "http://hilum.hospital/callback"},
        {**WHOLE, "algorithms": ["none"]},
        {**WHOLE, "algorithms": ["HS256"]},
        {**WHOLE, "algorithms": []},
        {**WHOLE, "algorithms": "RS256"},
        {**WHOLE, "scopes": [1]},
        {**WHOLE, "leeway_s": 3600},
        {**WHOLE, "leeway_s": True},
        {**WHOLE, "claim": 1},
        {**WHOLE, "client_secret": "in clear"},
    ],
)
def test_what_is_wrong_or_unsafe_is_refused_with_the_place(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInputError) as refused:
        provider_of(wrong)
    for language in LANGUAGES:
        said = refused.value.message(language) + refused.value.advice(language)
        assert "[oidc]" in said
        assert "⟨" not in said
        assert "in clear" not in said


@pytest.mark.parametrize("url", ["https://a", "http://127.0.0.1:9400", "http://localhost/x", "http://[::1]:1/"])
def test_tls_or_the_same_machine_is_guarded(url: str) -> None:
    assert is_guarded(url)


@pytest.mark.parametrize(
    "url", ["", "http://a", "http://127.0.0.1.evil.org", "//a", "https://", "http://localhost@evil"]
)
def test_anything_else_is_not(url: str) -> None:
    assert not is_guarded(url)
