"""A private PostgreSQL cluster for tests: started from the machine's own binaries, gone when the block ends."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_SERVICE_ACCOUNTS = ("postgres", "nobody")
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=20")


class PostgresUnavailable(Exception):  # noqa: N818 - says what is, so that a test can skip with these words
    """No PostgreSQL server can be started here; the message says why."""


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """SQLAlchemy URL of a fresh, empty cluster on a random loopback port; stopped and deleted afterwards.

    PostgreSQL refuses to run as root, so root hands it to an unprivileged account. Durability is off: never for data
    anybody wants back. Raises :class:`PostgresUnavailable`.
    """
    programs = _programs()
    account = _account()
    home = Path(tempfile.mkdtemp(prefix="hilum-postgres-"))
    try:
        if account is not None:
            os.chown(home, account.pw_uid, account.pw_gid)
        data = home / "data"
        port = _free_port()
        _run(account, [f"{programs}/initdb", "-D", str(data), "-U", "hilum", "-A", "trust", "-E", "UTF8", "--no-sync"])
        options = " ".join(f"-c {setting}" for setting in (*_SETTINGS, "listen_addresses=127.0.0.1"))
        start = ["-w", "-l", str(home / "log"), "-o", f"-p {port} -k {home} {options}", "start"]
        control = [f"{programs}/pg_ctl", "-D", str(data)]
        _run(account, [*control, *start])
        try:
            yield f"postgresql+pg8000://hilum@127.0.0.1:{port}/postgres"
        finally:
            _run(account, [*control, "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path:
    """Folder of the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: file.parts[-3].zfill(4))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path and shutil.which("pg_ctl"):
        return Path(on_path).parent
    raise PostgresUnavailable("no PostgreSQL server programs (initdb, pg_ctl) on this machine")


def _account() -> pwd.struct_passwd | None:
    """Whom to run the server as; ``None`` for ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _SERVICE_ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable("running as root, and there is no unprivileged account to hand PostgreSQL to")


def _run(account: pwd.struct_passwd | None, command: Sequence[str]) -> None:
    ids = (account.pw_uid, account.pw_gid) if account else (None, None)
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            timeout=60,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            user=ids[0],
            group=ids[1],
            extra_groups=() if account else None,
        )
    except subprocess.CalledProcessError as failed:
        said = (failed.stderr or failed.stdout).decode("utf-8", "replace").strip()
        raise PostgresUnavailable(f"{Path(command[0]).name} failed: {said[-300:]}") from failed
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise PostgresUnavailable(f"{Path(command[0]).name}: {type(failed).__name__}") from failed


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
