"""Pages that stay true: links lead somewhere, both languages say the same, every room and decision has its page."""

import re
from urllib.parse import unquote

import pytest

from tests.architecture.source import PACKAGE
from tests.conftest import ROOT
from tests.docs.pages import Page, page, pages

CHINESE = re.compile(r"[\u3400-\u9fff]")
ABROAD = re.compile(r"https?://|mailto:")
DECISION_HEADINGS = ["Context", "Decision", "Alternatives", "Consequences"]


def _broken(one: Page) -> list[str]:
    wrong = []
    for link in one.links():
        if ABROAD.match(link):
            continue
        target, _, anchor = unquote(link).partition("#")
        path = (one.path.parent / target).resolve() if target else one.path
        if not path.exists() or not path.is_relative_to(ROOT):
            wrong.append(f"{one.place}: {link}")
        elif anchor and path.suffix == ".md" and anchor not in page(str(path.relative_to(ROOT))).anchors():
            wrong.append(f"{one.place}: {link} (no such heading)")
    return wrong


def test_every_link_leads_somewhere() -> None:
    assert sum(len(one.links()) for one in pages()) > 40
    assert not [wrong for one in pages() for wrong in _broken(one)]


def test_the_check_of_links_bites() -> None:
    here = ROOT / "README.md"
    assert _broken(Page(here, "[gone](docs/gone.md) [away](../elsewhere) [no](#no-such-heading)\n")) != []
    assert len(_broken(Page(here, "[gone](docs/gone.md) [away](../elsewhere) [no](#no-such-heading)\n"))) == 3


def test_code_named_in_the_pages_exists() -> None:
    named = re.compile(r"`((?:src|tests|docs|scripts)/[\w./-]+)`")
    gone = [f"{one.place}: {path}" for one in pages() for path in named.findall(one.text) if not (ROOT / path).exists()]
    assert not gone


def test_the_guide_has_the_same_pages_in_both_languages() -> None:
    names = [{path.name for path in (ROOT / "docs" / "guide" / language).glob("*.md")} for language in ("zh", "en")]
    assert names[0] == names[1]
    assert "index.md" in names[0]


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "docs" / "guide" / "zh").glob("*.md")))
def test_a_page_of_the_guide_says_the_same_in_both_languages(name: str) -> None:
    chinese, english = (page(f"docs/guide/{language}/{name}") for language in ("zh", "en"))
    assert [depth for depth, _ in chinese.headings()] == [depth for depth, _ in english.headings()]
    assert [_shape(line) for line in chinese.commands()] == [_shape(line) for line in english.commands()]
    assert _rows(chinese) == _rows(english)
    assert not [words for _, words in chinese.headings() if not CHINESE.search(words) and " " in words]


def _shape(command: str) -> str:
    """A command without what is language: reasons, names, and the language chosen."""
    return re.sub(r'"[^"]*"|LANG=\w+|--lang \w+|(?<=--mapping )\S+', "…", command)


def _rows(one: Page) -> int:
    return sum(line.startswith("|") for line in one.prose.splitlines())


def test_every_page_of_the_guide_is_reached_from_its_index() -> None:
    for language in ("zh", "en"):
        folder = ROOT / "docs" / "guide" / language
        reached = set(page(f"docs/guide/{language}/index.md").links())
        assert {path.name for path in folder.glob("*.md")} - {"index.md"} <= reached


def test_every_room_has_its_page() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert {path.stem for path in (ROOT / "docs" / "rooms").glob("*.md")} == rooms


def test_the_modules_a_room_page_names_exist() -> None:
    gone = []
    for file in (ROOT / "docs" / "rooms").glob("*.md"):
        for row in re.findall(r"^\| (`.*?) \|", file.read_text(encoding="utf-8"), re.MULTILINE):
            for name in re.findall(r"`([a-z_*]+)`", row):
                if not any((PACKAGE / file.stem).glob(f"{name}.py")) and not (PACKAGE / file.stem / name).is_dir():
                    gone.append(f"{file.name}: {name}")
    assert not gone


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    assert {file.name for file in files} <= set(page("docs/decisions/README.md").links())


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")))
def test_a_decision_is_one_page_with_its_losing_options(name: str) -> None:
    one = page(f"docs/decisions/{name}")
    assert [words for depth, words in one.headings() if depth == 2] == DECISION_HEADINGS
    assert one.text.startswith(f"# {name[:4]} · ")
    assert re.search(r"^Status: (accepted|superseded by \d{4}), \d{4}-\d\d-\d\d$", one.text, re.MULTILINE)
    assert one.text.count("\n") <= 80
    alternatives = one.text.partition("## Alternatives")[2].partition("## Consequences")[0]
    assert alternatives.count("\n- ") >= 2


def test_readmes_stay_under_two_screens() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        assert page(name).text.count("\n") <= 120


def test_no_page_names_a_place_on_somebodys_machine() -> None:
    machine = re.compile(r"(?<![\w.])/(home|work|root|Users|tmp)/\w")
    assert not [f"{one.place}: {found[0]}" for one in pages() if (found := machine.search(one.text))]
