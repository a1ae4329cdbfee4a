"""The project's pages as the documentation tests read them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) +(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file."""

    path: Path
    text: str

    @property
    def place(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def prose(self) -> str:
        """The text without fenced blocks."""
        return FENCE.sub("", self.text)

    def blocks(self, *languages: str) -> list[str]:
        return [body for language, body in FENCE.findall(self.text) if language in languages]

    def commands(self) -> list[str]:
        """Lines of shell blocks, comments and blanks left out."""
        lines = [line.partition(" #")[0].strip() for block in self.blocks("sh") for line in block.splitlines()]
        return [line for line in lines if line and not line.startswith("#")]

    def headings(self) -> list[tuple[int, str]]:
        return [(len(marks), words.strip()) for marks, words in HEADING.findall(self.prose)]

    def links(self) -> list[str]:
        return LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        return {anchor(words) for _, words in self.headings()}


def anchor(heading: str) -> str:
    """The anchor that code hosting sites make of a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


def page(place: str) -> Page:
    path = ROOT / place
    return Page(path, path.read_text(encoding="utf-8"))


@cache
def pages() -> tuple[Page, ...]:
    """Every page of the project."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")]
    return tuple(Page(path, path.read_text(encoding="utf-8")) for path in sorted(found))
