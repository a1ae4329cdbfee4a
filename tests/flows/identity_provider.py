"""A real OpenID Connect provider in a process of its own, on this machine alone."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx

MODULE = "oidc_provider_mock"
CLIENT = "hilum"
PATIENCE_S = 30.0


class ProviderUnavailable(Exception):  # noqa: N818 - says what is, so that a test can skip with these words
    """No provider can be started here."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that is running; it knows everybody it is asked for."""

    issuer: str

    def log_in(self, page: str, subject: str) -> tuple[str, str]:
        """What a person does at the login page; answers the code and state the browser is sent back with."""
        answer = httpx.post(page, data={"sub": subject}, trust_env=False)
        assert answer.status_code == httpx.codes.FOUND, answer.text
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return query["code"][0], query["state"][0]

    def signed(self, subject: str, client: str = CLIENT, nonce: str = "n") -> str:
        """An identity token the provider signs for a client about somebody."""
        back = "http://127.0.0.1/callback"
        asked = httpx.QueryParams(
            response_type="code", client_id=client, redirect_uri=back, scope="openid", state="s", nonce=nonce
        )
        code, _ = self.log_in(f"{self.issuer}/oauth2/authorize?{asked}", subject)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": client}
        answer = httpx.post(f"{self.issuer}/oauth2/token", data=form, auth=(client, "any"), trust_env=False)
        return str(answer.json()["id_token"])

    def keys(self) -> list[dict[str, str]]:
        """The public keys it signs with."""
        found: list[dict[str, str]] = httpx.get(f"{self.issuer}/jwks", trust_env=False).json()["keys"]
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def provider(port: int = 0, *options: str) -> Iterator[Provider]:
    """A provider with keys of its own, gone when the block ends. Raises :class:`ProviderUnavailable`.

    ``HILUM_TEST_OIDC_PYTHON`` may name an interpreter that has it; else this one is asked.
    """
    python = os.environ.get("HILUM_TEST_OIDC_PYTHON", "")
    if not python and importlib.util.find_spec(MODULE) is None:
        raise ProviderUnavailable("oidc-provider-mock is not installed")
    port = port or free_port()
    command = [python or sys.executable, "-W", "ignore", "-m", MODULE, "--port", str(port), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started = Provider(f"http://127.0.0.1:{port}")
    try:
        _wait(started, process)
        yield started
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait(started: Provider, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ProviderUnavailable("the provider ended before it answered")
        try:
            started.keys()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise ProviderUnavailable("the provider did not answer in time")
