"""What was accepted leaves the bank in another shape, without personal data, all of it or nothing."""

import json
from pathlib import Path

import pytest

from hilum.app import exporting
from hilum.app.exporting import EXPORTERS, export
from hilum.app.running import open_hilum
from hilum.errors import AccessDenied
from hilum.formats.export import About, Facts, Written
from hilum.model.party import Actor
from tests.flows.hospital import KNOWN_DONORS, known
from tests.flows.terminal import Terminal
from tests.unit.formats.fhir_files import read_path, records


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    folder = tmp_path_factory.mktemp("export")
    return known(folder / "home", folder / "in")


@pytest.mark.parametrize("form", sorted(EXPORTERS))
def test_an_export_holds_the_accepted_facts_and_nothing_personal(terminal: Terminal, tmp_path: Path, form: str) -> None:
    into = tmp_path / "out"
    answer = terminal.table("export", "--format", form, into)
    assert sum(answer["counts"].values()) > 0  # type: ignore[attr-defined]
    written = "".join(path.read_text(encoding="utf-8") for path in sorted(into.iterdir()))
    assert not [word for donor in KNOWN_DONORS for word in (donor[0], donor[1], donor[3]) if word in written]
    assert not [path.name for path in tmp_path.iterdir() if path != into]


def test_a_fhir_export_reads_again_as_the_specimens_that_were_accepted(terminal: Terminal, tmp_path: Path) -> None:
    terminal.table("export", "--format", "fhir", tmp_path / "out")
    found = records(read_path(tmp_path / "out" / "Specimen.ndjson"))
    assert {"XB-0001", "XB-0002"} <= {one.key for one in found}
    assert {str(one.donor)[:4] for one in found} == {"DNR-"}


def test_a_folder_that_holds_something_is_left_alone(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    terminal.type("export", "--format", "fhir", tmp_path, code=3)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_export_that_fails_leaves_nothing(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(facts: Facts, folder: Path, about: About) -> Written:
        (folder / "half.ndjson").write_text(json.dumps({}))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "EXPORTERS", {"fhir": fail})
    terminal.type("export", "--format", "fhir", tmp_path / "out", code=3)
    assert list(tmp_path.iterdir()) == []


def test_who_may_not_export_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    with open_hilum(terminal.home) as app, pytest.raises(AccessDenied):
        export(app, Actor("nobody", frozenset(), "H"), "fhir", tmp_path / "out", lambda what, done, total: None)
    assert list(tmp_path.iterdir()) == []
