"""The one catalogue of user-facing words, Chinese and English side by side.

Entries stand in ``hilum/catalogue/*.toml`` as ``["key"]`` tables with ``zh`` and ``en``; ``{name}`` is filled in.
A key missing in either language, or defined twice, fails when the catalogue is read: a half-translated page is a bug.
"""

import string
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every message: key -> language -> template. Raises ``ValueError`` for a double or half-translated key."""
    entries: dict[str, dict[str, str]] = {}
    folder = resources.files("hilum") / "catalogue"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for key, words in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if key in entries or set(words) != set(LANGUAGES):
                raise ValueError(f"{file.name}: {key}: defined twice or not in both languages")
            entries[key] = words
    return entries


class _Gaps(dict[str, object]):
    """A value nobody gave shows as its name in brackets, so that a sentence is never lost for one word."""

    def __missing__(self, key: str) -> str:
        return f"⟨{key}⟩"


class _Filler(string.Formatter):
    """Looks a place up whole, so that ``{x.__class__}`` is a name nobody gave and not a way into ``x``."""

    def get_field(
        self, field_name: str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[object, int | str]:
        return kwargs[field_name], field_name


_filler = _Filler()


def fill(template: str, values: dict[str, object]) -> str:
    """Put ``values`` into ``{name}`` places; plain names only, so no template can reach into an object."""
    return _filler.vformat(template, (), _Gaps(values))


def text(key: str, language: Language, /, **values: object) -> str:
    """The words for ``key`` in ``language``. Raises ``KeyError`` when the catalogue lacks the key."""
    return fill(catalogue()[key][language], values)
