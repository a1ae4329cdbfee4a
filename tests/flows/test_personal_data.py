"""Personal values of one invented donor, looked for in every answer: who sees them may, and it is on record."""

from pathlib import Path
from typing import cast

import pytest

from tests.flows.terminal import Terminal

NAME, NUMBER, PHONE, OUTSIDE = "欧阳朔风", "110101199003074477", "13912345678", "HOSP-778812"
PERSONAL = (NAME, NUMBER, PHONE, OUTSIDE)
HELD = 10


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A bank that took in the donor and a specimen, both with something wrong, so that hints speak of them."""
    folder = tmp_path_factory.mktemp("personal")
    made = Terminal(folder / "home")
    made.type("init", "--name", "测试样本库")
    file = made.home / "hilum.toml"
    file.write_text(file.read_text(encoding="utf-8") + '"aud" = ["auditor"]\n"cur" = ["curator"]\n', encoding="utf-8")
    donors = folder / "donors.csv"
    donors.write_text(
        f"donor_id,name,national_id,phone,birth_on,sex\n{OUTSIDE},{NAME},{NUMBER},{PHONE},1991-03-07,male\n",
        encoding="utf-8",
    )
    specimens = folder / "specimens.csv"
    specimens.write_text(
        f"specimen_id,donor_id,specimen_type,collected_at\nSP-1,{OUTSIDE},plasma,2099-03-07T08:00:00Z\n",
        encoding="utf-8",
    )
    made.type("intake", folder, "--yes", code=HELD)
    return made


def donor_of(terminal: Terminal) -> str:
    """The donor's pseudonym."""
    page = cast(list[dict[str, object]], terminal.table("queue", "list")["records"])
    return str(next(one["donor"] for one in page if one["donor"]))


def test_no_answer_that_is_not_audited_has_a_personal_value(terminal: Terminal, tmp_path: Path) -> None:
    donor = donor_of(terminal)
    page = cast(list[dict[str, object]], terminal.table("queue", "list")["records"])
    questions: list[tuple[str | Path, ...]] = [
        ("queue", "list"),
        ("sources",),
        ("audit",),
        ("donor", "show", donor),
        ("donor", "show", OUTSIDE),
        ("specimen", "show", "SP-1"),
        *[("queue", "show", str(one["record"])) for one in page],
    ]
    said = ""
    for question in questions:
        said += terminal.type(*question).output + terminal.type(*question, "--json").output
    terminal.type("report", "--out", tmp_path / "report")
    for form in ("fhir", "omop", "miabis"):
        said += terminal.type("export", "--format", form, tmp_path / form).output
    said += "".join(file.read_bytes().decode("utf-8", "replace") for file in tmp_path.rglob("*") if file.is_file())
    assert donor in said
    assert not [value for value in PERSONAL if value in said]


def test_seeing_who_somebody_is_is_on_the_trail_with_who_asked(terminal: Terminal) -> None:
    donor = donor_of(terminal)
    told = terminal.table("donor", "show", donor, "--identify", "--as", "cur")
    assert OUTSIDE in str(told["personal"])
    (newest,) = cast(list[dict[str, str]], terminal.ask("audit", "--limit", "1", "--as", "aud"))
    assert newest["actor"].startswith("cur (via ")
    assert (newest["operation"], newest["subject"], newest["outcome"]) == ("donor.identify", donor, "done")
    assert not [value for value in PERSONAL if value in str(newest)]


def test_being_refused_is_on_the_trail_too(terminal: Terminal) -> None:
    terminal.type("donor", "show", donor_of(terminal), "--identify", "--as", "aud", code=6)
    (newest,) = cast(list[dict[str, str]], terminal.ask("audit", "--limit", "1", "--as", "aud"))
    assert (newest["operation"], newest["outcome"]) == ("donor.identify", "denied")
