"""Every import contract is broken on purpose in a copy of the source and must say so: a contract that cannot fail
guards nothing."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT

CONTRACTS = ROOT / ".importlinter"
EXECUTABLE = Path(sys.executable).parent / "lint-imports"

BREAKING = {
    "ladder": ("quality/finding.py", "import hilum.stores"),
    "circles": ("model/record.py", "import hilum.model.event"),
    "rooms": ("quality/finding.py", "import sqlalchemy"),
    "faces": ("cli/__init__.py", "import hilum.formats.values"),
    "tables": ("formats/values.py", "import hilum.stores.tables"),
    "sqlalchemy": ("app/__init__.py", "import sqlalchemy"),
    "polars": ("app/__init__.py", "import polars"),
    "duckdb": ("app/__init__.py", "import duckdb"),
    "spark": ("app/__init__.py", "import pyspark"),
    "openpyxl": ("app/__init__.py", "import openpyxl"),
    "defusedxml": ("app/__init__.py", "import defusedxml.ElementTree"),
    "rapidfuzz": ("app/__init__.py", "import rapidfuzz"),
    "msgspec": ("app/__init__.py", "import msgspec"),
    "network": ("stores/vault.py", "import http.client"),
    "screen": ("app/__init__.py", "import rich.console"),
    "sqlglot": ("app/__init__.py", "import sqlglot"),
    "yaml": ("app/__init__.py", "import yaml"),
    "rfc8785": ("app/__init__.py", "import rfc8785"),
    "http-face": ("app/__init__.py", "import fastapi"),
    "argon2": ("app/__init__.py", "import argon2"),
    "identity-tokens": ("app/__init__.py", "import joserfc"),
    "httpx": ("app/__init__.py", "import httpx"),
    "mqtt": ("app/__init__.py", "import aiomqtt"),
    "brokers": ("app/__init__.py", "import faststream"),
}


def _contracts() -> dict[str, str]:
    """Contract id -> name."""
    parser = configparser.ConfigParser()
    parser.read(CONTRACTS, encoding="utf-8")
    return {
        section.removeprefix("importlinter:contract:"): parser[section]["name"]
        for section in parser.sections()
        if section.startswith("importlinter:contract:")
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "hilum", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CONTRACTS, tmp_path)
    return tmp_path


def _lint(folder: Path) -> tuple[int, str]:
    ran = subprocess.run(
        [EXECUTABLE, "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_every_contract_has_its_breakage() -> None:
    assert set(BREAKING) == set(_contracts())


def test_the_source_keeps_every_contract(copy: Path) -> None:
    code, said = _lint(copy)
    assert code == 0, said


@pytest.mark.parametrize("contract", BREAKING)
def test_a_broken_contract_says_so(copy: Path, contract: str) -> None:
    place, line = BREAKING[contract]
    file = copy / "hilum" / place
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    code, said = _lint(copy)
    assert code != 0
    assert f"{_contracts()[contract]} BROKEN" in " ".join(said.split())


def test_a_package_nobody_placed_fails(copy: Path) -> None:
    (copy / "hilum" / "billing").mkdir()
    (copy / "hilum" / "billing" / "__init__.py").touch()
    code, said = _lint(copy)
    assert code != 0
    assert "billing" in said
