"""Settings of one bank, read once: defaults, then ``hilum.toml`` in its home, then ``HILUM_*`` variables."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from hilum.errors import BadInputError
from hilum.messages import LANGUAGES, Language

FILE_NAME = "hilum.toml"
DOOR_TABLES = ("mllp", "folders", "mqtt", "brokers")
ACCESS_TABLES = ("oidc",)
_FILE_ONLY = ("home", "actors", *DOOR_TABLES, *ACCESS_TABLES)
_ENGINES = ("polars", "duckdb", "judge")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a bank lives and how it behaves. ``home`` holds everything that has no other place."""

    home: Path
    database: str = ""
    """SQLAlchemy URL of the bank; empty means ``bank.db`` in the home (SQLite)."""
    vault: str = ""
    """Folder of the personal-data store and the originals; empty means ``vault`` in the home."""
    language: Language = "zh"
    packs: str = ""
    """Folder of the hospital's own rule packs, read after the shipped ones; empty means ``rules`` in the home."""
    batch: int = 500
    """Records per transaction in intake."""
    engine: str = "polars"
    """Columnar engine for rules over the whole bank: ``polars``, ``duckdb`` or ``judge``."""
    name: str = ""
    """What the bank is called on its reports."""
    inbox: str = ""
    """PostgreSQL URL of the inbox; empty means ``inbox.db`` in the vault. Its bytes are personal data."""
    inbox_limit: int = 20_000
    """How many arrivals may wait before the doors answer that they are busy."""
    arrival_limit: int = 64 << 20
    """The largest message a door takes, in bytes."""
    actors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Account names and their roles (``[actors]`` in the file). An account that is not here may do nothing."""
    mllp: Mapping[str, object] = field(default_factory=dict, repr=False)
    folders: Mapping[str, object] = field(default_factory=dict, repr=False)
    mqtt: Mapping[str, object] = field(default_factory=dict, repr=False)
    brokers: Mapping[str, object] = field(default_factory=dict, repr=False)
    """The doors' tables as they stand; :func:`hilum.model.door_tables.doors_of` reads them."""
    oidc: Mapping[str, object] = field(default_factory=dict, repr=False)
    """The hospital's identity provider; :func:`hilum.access.provider.provider_of` reads it."""
    rate_limit: int = 1000
    """Requests an account may send per second to one process, in the long run; twice as many at once."""

    @property
    def door_tables(self) -> dict[str, Mapping[str, object]]:
        return {"mllp": self.mllp, "folders": self.folders, "mqtt": self.mqtt, "brokers": self.brokers}

    @property
    def vault_folder(self) -> Path:
        return Path(self.vault) if self.vault else self.home / "vault"

    @property
    def pack_folder(self) -> Path:
        return Path(self.packs) if self.packs else self.home / "rules"


def load(home: Path, environment: dict[str, str] | None = None) -> Settings:
    """Settings for the bank at ``home``. Raises :class:`BadInputError` naming the file and the key."""
    surroundings = dict(os.environ) if environment is None else environment
    settings = Settings(home=home)
    file = home / FILE_NAME
    if file.exists():
        settings = _apply(settings, _read(file), str(file))
    named = {
        field.name: surroundings[f"HILUM_{field.name.upper()}"]
        for field in fields(Settings)
        if field.name not in _FILE_ONLY and f"HILUM_{field.name.upper()}" in surroundings
    }
    return _apply(settings, named, "HILUM_*")


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadInputError("settings_unreadable", place=str(file), why=str(broken)) from broken


def _apply(settings: Settings, values: dict[str, object] | dict[str, str], place: str) -> Settings:
    known = {field.name for field in fields(Settings)} - {"home"}
    changes: dict[str, object] = {}
    for name, value in values.items():
        if name not in known:
            raise BadInputError("settings_unknown", place=place, name=name, known=", ".join(sorted(known)))
        changes[name] = _READ.get(name, _text)(name, value, place)
    return replace(settings, **changes)  # type: ignore[arg-type]  # names and types checked above


def _text(name: str, value: object, place: str) -> str:
    if isinstance(value, str):
        return value
    raise BadInputError("settings_value", place=place, name=name, value=value)


def _batch(name: str, value: object, place: str) -> int:
    if str(value).isdecimal() and 1 <= int(str(value)) <= 10_000:
        return int(str(value))
    raise BadInputError("settings_value", place=place, name=name, value=value)


def _count(name: str, value: object, place: str) -> int:
    if str(value).isdecimal() and 1 <= int(str(value)) <= 1 << 40:
        return int(str(value))
    raise BadInputError("settings_value", place=place, name=name, value=value)


def _table(name: str, value: object, place: str) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    raise BadInputError("settings_value", place=place, name=name, value=value)


def _language(name: str, value: object, place: str) -> str:
    return _one_of(LANGUAGES, name, value, place)


def _engine(name: str, value: object, place: str) -> str:
    return _one_of(_ENGINES, name, value, place)


def _one_of(allowed: tuple[str, ...], name: str, value: object, place: str) -> str:
    if value in allowed:
        return str(value)
    raise BadInputError("settings_value", place=place, name=name, value=value)


def _actors(name: str, value: object, place: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise BadInputError("settings_value", place=place, name=name, value=value)
    for account, roles in value.items():
        if not isinstance(roles, list):
            raise BadInputError("settings_value", place=place, name=f"{name}.{account}", value=roles)
    return tuple((str(account), tuple(map(str, roles))) for account, roles in value.items())


_READ: dict[str, Callable[[str, object, str], object]] = {
    "batch": _batch,
    "inbox_limit": _count,
    "arrival_limit": _count,
    "rate_limit": _count,
    "language": _language,
    "engine": _engine,
    "actors": _actors,
    **dict.fromkeys((*DOOR_TABLES, *ACCESS_TABLES), _table),
}
