"""``init``: a new bank, empty, with the first account in charge."""

import json
from pathlib import Path

from hilum.errors import ConflictError
from hilum.messages import Language
from hilum.model.party import Role
from hilum.settings import FILE_NAME, load
from hilum.stores.opening import create_bank
from hilum.stores.vault import open_vault

_FIRST = (Role.ADMINISTRATOR, Role.DATA_MANAGER, Role.CURATOR)


def found(home: Path, name: str, account: str, language: Language, database: str = "") -> None:
    """Make a bank at ``home``. Raises :class:`ConflictError` when there is one already."""
    file = home / FILE_NAME
    if file.exists():
        raise ConflictError("bank_exists", place=str(home))
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    draft = file.with_suffix(".part")
    draft.write_text(_settings(name, account, language, database), encoding="utf-8")
    draft.replace(file)
    settings = load(home)
    settings.pack_folder.mkdir(exist_ok=True)
    create_bank(settings).close()
    open_vault(settings).key()


def _settings(name: str, account: str, language: Language, database: str) -> str:
    """TOML; JSON strings are TOML strings."""
    lines = [f"name = {json.dumps(name, ensure_ascii=False)}", f'language = "{language}"']
    if database:
        lines.append(f"database = {json.dumps(database)}")
    roles = ", ".join(f'"{role.value}"' for role in _FIRST)
    lines += ["", "[actors]", f"{json.dumps(account, ensure_ascii=False)} = [{roles}]", ""]
    return "\n".join(lines)
