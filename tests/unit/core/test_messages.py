"""The catalogue: both languages, filled in plainly, and never a sentence lost for a word."""

import re
import string
from importlib import resources
from pathlib import Path

import pytest

from hilum.messages import LANGUAGES, Language, catalogue, fill, text


def test_every_message_stands_in_both_languages() -> None:
    assert len(catalogue()) > 500
    assert {frozenset(words) for words in catalogue().values()} == {frozenset(LANGUAGES)}
    assert not [key for key, words in catalogue().items() if not all(words[one].strip() for one in LANGUAGES)]


def test_every_template_can_be_filled() -> None:
    """With nothing given, every place shows as its name in brackets: no template is malformed or wants a format that a
    missing value would break."""
    for key, words in catalogue().items():
        for template in words.values():
            names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
            assert all(re.fullmatch(r"[a-z_0-9]+", name) for name in names), key
            assert all(f"⟨{name}⟩" in fill(template, {}) for name in names), key


def test_every_error_has_advice_and_every_advice_an_error() -> None:
    def reasons(head: str) -> set[str]:
        return {key.removeprefix(head) for key in catalogue() if key.startswith(head)}

    assert reasons("error.") == reasons("advice.")


@pytest.mark.parametrize(
    ("template", "values", "filled"),
    [
        ("no place", {}, "no place"),
        ("{name} is {value}", {"name": "A", "value": 1}, "A is 1"),
        ("{name}", {}, "⟨name⟩"),
        ("{name}", {"name": None}, "None"),
        ("{{name}}", {"name": "A"}, "{name}"),
        ("{parent.known}", {"parent.known": True}, "True"),
        ("{total:.1f}", {"total": 59.04}, "59.0"),
        ("{name}", {"name": "{other}", "other": "X"}, "{other}"),
        ("{}", {}, "⟨0⟩"),
    ],
)
def test_places_are_filled(template: str, values: dict[str, object], filled: str) -> None:
    assert fill(template, values) == filled


@pytest.mark.parametrize("place", ["{x.__class__}", "{x.__init__.__globals__}", "{x[0]}"])
def test_no_template_can_reach_into_a_value(place: str) -> None:
    assert fill(place, {"x": ["secret"]}) == f"⟨{place[1:-1]}⟩"


def test_a_key_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("no.such.key", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_come_in_the_language_asked_for(language: Language) -> None:
    assert (
        text("error.settings_unknown", language, place="a.toml", name="b")
        == {
            "zh": "a.toml 中的设置项 b 不存在",
            "en": "a.toml has an unknown setting b",
        }[language]
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('["a"]\nzh = "甲"\n', ""),
        ('["a"]\nzh = "甲"\nen = "A"\nfr = "A"\n', ""),
        ('["a"]\nzh = "甲"\nen = "A"\n', '["a"]\nzh = "甲"\nen = "A"\n'),
        ('["a"]\nzh = "甲"\nen = "A"\n["a"]\nzh = "甲"\nen = "A"\n', ""),
    ],
    ids=["half translated", "a third language", "twice in two files", "twice in one file"],
)
def test_a_catalogue_with_a_half_or_double_message_is_refused(
    first: str, second: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    (folder / "one.toml").write_text(first, encoding="utf-8")
    (folder / "two.toml").write_text(second, encoding="utf-8")
    (folder / "notes.txt").write_text("not a catalogue", encoding="utf-8")
    monkeypatch.setattr(resources, "files", lambda package: tmp_path)
    with pytest.raises(ValueError):
        catalogue.__wrapped__()
