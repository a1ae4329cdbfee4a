"""Numbers, shares, instants and catalogue words as one language writes them."""

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from hilum.messages import Language, catalogue, text
from hilum.model.record import Kind
from hilum.model.text import Bilingual
from hilum.model.vocabulary import vocabulary
from hilum.quality.hint import FOUND
from hilum.quality.proportion import Proportion
from hilum.quality.rule import Rule

CHINA = timezone(timedelta(hours=8))
_PLACE = re.compile(r"\{(?:abs:)?([A-Za-z0-9_.]+)\}")
_SPACES = {"parent": Kind.SPECIMEN, "specimen": Kind.SPECIMEN, "donor": Kind.DONOR}
_SPACES |= {"condition": Kind.CONDITION, "consent": Kind.CONSENT}
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Words:
    """How a report speaks: ``words("summary.fit", n=…)`` is the catalogue's ``report.summary.fit``."""

    language: Language
    zone: timezone = field(default=CHINA)
    digits: int = 1
    """Decimals of every share in one report, so that the figures of a column compare at a glance."""

    def __call__(self, key: str, /, **values: object) -> str:
        return text(f"report.{key}", self.language, **values)

    def known(self, prefix: str, name: str) -> str:
        """The words of ``name`` under ``report.<prefix>``, or the name itself where the catalogue has none."""
        key = f"report.{prefix}.{name}"
        return text(key, self.language) if key in catalogue() else name

    def problem(self, reason: str, values: dict[str, object]) -> str:
        """The words of a file problem, whichever catalogue file they stand in."""
        key = f"problem.{reason}"
        return text(key, self.language, **values) if key in catalogue() else reason.replace("_", " ")

    def many(self, unit: str, n: int) -> str:
        """A number with its unit word: ``1 file``, ``2 files``, ``2个文件``."""
        return self(f"unit.{unit}.{'one' if n == 1 else 'many'}", n=self.count(n))

    def say(self, words: Bilingual) -> str:
        return words.say(self.language)

    def count(self, n: int | None) -> str:
        return "—" if n is None else f"{n:,}"

    def score(self, value: float | None) -> str:
        return "—" if value is None else f"{value:.1f}"

    def share(self, part: float | None) -> str:
        """A share as per cent. All and nothing are said only where they are meant: 99.996 % is not 100 %."""
        if part is None:
            return "—"
        digits = self.digits
        least = 10.0**-digits
        if 0 < part * 100 < least / 2:
            return f"<{least:.{digits}f}%"
        if 0 < (1 - part) * 100 < least / 2:
            return f">{100 - least:.{digits}f}%"
        return f"{part * 100:.{digits}f}%"

    def of(self, proportion: Proportion) -> str:
        """The share of a proportion."""
        return self.share(proportion.share)

    def band(self, proportion: Proportion) -> str:
        """The 95 % band, rounded outwards so that it never promises more than was measured."""
        if not proportion.n:
            return "—"
        low, high = proportion.band
        shown = [f"{_down(low, self.digits):.{self.digits}f}", f"{_up(high, self.digits):.{self.digits}f}"]
        return self("band", low=shown[0], high=shown[1])

    def instant(self, at: str) -> str:
        """``2026-11-23 08:12 (UTC+08:00)`` of an ISO instant; a dash of none."""
        if not at:
            return "—"
        moment = datetime.fromisoformat(at).astimezone(self.zone)
        return f"{moment:%Y-%m-%d %H:%M} ({moment:%Z})"

    def day(self, at: str) -> str:
        return f"{datetime.fromisoformat(at).astimezone(self.zone):%Y-%m-%d}" if at else "—"

    def size(self, octets: int) -> str:
        """Bytes in the unit that reads best (1 kB = 1000 B)."""
        step = 0 if octets < 1000 else min(int(math.log10(octets) // 3), 4)
        return f"{octets} B" if step == 0 else f"{octets / 1000**step:.1f} {('kB', 'MB', 'GB', 'TB')[step - 1]}"

    def hint(self, rule: Rule) -> str:
        """A rule's hint with the names of its fields where a record's values would stand."""

        def hole(place: re.Match[str]) -> str:
            column = rule.field if place[1] == FOUND else place[1]
            return self("hole", field=self.field(rule.grain, column))

        return _PLACE.sub(hole, self.say(rule.hint))

    def field(self, kind: Kind, column: str) -> str:
        """The label of a column of ``kind``, also of the record it hangs on (``parent.volume_ul``)."""
        space, _, name = column.rpartition(".")
        owner = kind if space in ("", "earlier") else _SPACES.get(space)
        found = vocabulary()[owner].get(name) if owner is not None else None
        if found is None:
            return self.known("virtual", column)
        label = self.say(found.label)
        return self(f"of.{space}", field=label) if f"report.of.{space}" in catalogue() else label

    def built_in(self, finding: str, part: str = "title") -> str:
        """The words of a finding that the gate itself makes; nothing where there are none."""
        key = f"{finding}.{part}"
        return text(key, self.language) if key in catalogue() else ""


def digits_for(n: int) -> int:
    """Decimals of per cent worth showing for ``n`` records."""
    return 2 if n >= _MANY else 1


def _down(part: float, digits: int) -> float:
    return float(math.floor(part * 100 * 10**digits + 1e-9)) / 10.0**digits


def _up(part: float, digits: int) -> float:
    return float(math.ceil(part * 100 * 10**digits - 1e-9)) / 10.0**digits
