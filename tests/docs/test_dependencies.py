"""Every dependency is listed with its reason, pinned, and permissively licensed."""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata

import pytest

from tests.conftest import ROOT
from tests.docs.pages import page

PERMISSIVE = re.compile(
    r"\b(MIT|MIT-0|BSD|Apache|PSF|PSFL|Python Software Foundation|ISC|Unlicense|Zlib|MPL|Mozilla)", re.I
)
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|GNU|EUPL|SSPL|Elastic|Business Source|Commons Clause|Proprietary)", re.I)
OURSELVES = "hilum"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _project() -> dict[str, list[str]]:
    """Group -> required names of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"run": project["dependencies"], **project["optional-dependencies"]}
    return {group: [_name(one) for one in wanted] for group, wanted in groups.items()}


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9][\w.-]*", requirement)
    assert found
    return _normal(found[0])


def _listed(heading: str) -> set[str]:
    section = page("docs/dependencies.md").text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {_normal(name) for name in re.findall(r"^\| ([\w-]+) \|", section, re.MULTILINE)} - {"package"}


def test_the_page_lists_exactly_what_the_project_requires() -> None:
    wanted = _project()
    assert _listed("To run") == set(wanted["run"])
    assert _listed("Optional, to run") == {*wanted["brokers"], *wanted["duckdb"], *wanted["spark"]}
    assert _listed("To develop") == set(wanted["dev"])
    assert _listed("For benchmarks only") == set(wanted["bench"])


def test_every_row_of_the_page_is_filled() -> None:
    text = page("docs/dependencies.md").text.partition("## Refused")[0]
    rows = [line for line in text.splitlines() if re.match(r"\| [\w-]+ \|", line) and not line.startswith("| package")]
    assert rows
    assert not [
        row for row in rows if len(cells := [c.strip() for c in row.strip("|").split("|")]) != 6 or not all(cells)
    ]


def _constraints() -> dict[str, str]:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return {_normal(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def test_every_requirement_and_what_it_brings_is_pinned() -> None:
    pinned = _constraints()
    wanted = {name for group in ("run", "duckdb", "dev") for name in _project()[group]}
    assert not wanted - set(pinned)
    assert not {name for name, _ in _installed()} - set(pinned)


def test_constraints_name_versions_and_nothing_else() -> None:
    lines = [line.partition("#")[0].strip() for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()]
    assert not [line for line in lines if line and not re.fullmatch(r"[\w.-]+==[\w.]+", line)]


def _installed() -> Iterator[tuple[str, metadata.Distribution]]:
    """What is installed of the project's requirements, and of theirs."""
    pending = [name for group in ("run", "dev") for name in _project()[group]]
    seen = {OURSELVES}
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield name, found
        pending += [_name(one) for one in found.requires or [] if "extra ==" not in one]


def _licence(found: metadata.Distribution) -> str:
    """What a package says of its licence: expression, classifiers, or the first line of the text."""
    says = found.metadata.json
    if stated := says.get("license_expression"):
        return str(stated)
    classifiers = [one for one in says.get("classifier", []) if one.startswith("License ::")]
    return "; ".join([*classifiers, str(says.get("license", "")).partition("\n")[0]])


@pytest.mark.parametrize(("name", "found"), list(_installed()), ids=lambda one: one if isinstance(one, str) else "")
def test_what_is_installed_is_permissively_licensed(name: str, found: metadata.Distribution) -> None:
    stated = _licence(found)
    assert PERMISSIVE.search(stated), f"{name}: {stated or 'states no licence'}"
    assert not COPYLEFT.search(stated), f"{name}: {stated}"
