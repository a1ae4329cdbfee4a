"""Every word a person reads, in both languages: none missing, none left over, none half-translated."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from enum import Enum

import pytest

import hilum
from hilum.messages import LANGUAGES, catalogue
from hilum.model.vocabulary import vocabulary
from hilum.quality.pack import load_shipped
from hilum.quality.pack_rule import TOPICS
from tests.architecture.words import asked, constants, heads, patterns, places, prose

CHINESE = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture(scope="module")
def entries() -> Mapping[str, Mapping[str, str]]:
    found = catalogue()
    if not found:
        pytest.skip("the catalogue has no entries yet")
    return found


def test_no_english_words_have_chinese_characters_in_them(entries: Mapping[str, Mapping[str, str]]) -> None:
    assert not [
        key for key, words in entries.items() if CHINESE.search(prose(words["en"])) and not _names_languages(words)
    ]


def test_chinese_words_are_chinese(entries: Mapping[str, Mapping[str, str]]) -> None:
    untranslated = [
        key
        for key, words in entries.items()
        if not CHINESE.search(words["zh"]) and len(WORD.findall(re.sub(r"\{\w+\}", "", words["zh"]))) > 2
    ]
    assert not untranslated


def _names_languages(words: Mapping[str, str]) -> bool:
    """A switch between languages names each in its own: 中文 / English."""
    return "中文" in words["en"] and len(words["en"]) < 20


def test_both_languages_fill_in_the_same_values(entries: Mapping[str, Mapping[str, str]]) -> None:
    assert not [key for key, words in entries.items() if len({frozenset(places(words[one])) for one in LANGUAGES}) > 1]


def test_no_word_is_empty(entries: Mapping[str, Mapping[str, str]]) -> None:
    assert not [key for key, words in entries.items() if not all(word.strip() for word in words.values())]


def test_every_key_the_source_asks_for_is_there(entries: Mapping[str, Mapping[str, str]]) -> None:
    assert not sorted({f"{ask.place} {ask.key}" for ask in asked() if ask.key not in entries})


def test_every_value_a_sentence_wants_is_given(entries: Mapping[str, Mapping[str, str]]) -> None:
    gaps = [
        f"{ask.place} {ask.key}: {', '.join(sorted(lacking))}"
        for ask in asked()
        if ask.given is not None and ask.key in entries and (lacking := places(entries[ask.key]["zh"]) - ask.given)
    ]
    assert not sorted(set(gaps))


def test_no_key_is_left_that_nothing_asks_for(entries: Mapping[str, Mapping[str, str]]) -> None:
    named = {ask.key for ask in asked()} | constants()
    values = {str(member.value) for kind in _enumerations() for member in kind} | constants()
    values |= {rule.pack for rule in load_shipped()}
    unused = [key for key in entries if key not in named and not _is_computed(key, values)]
    assert not sorted(unused)


def _is_computed(key: str, values: set[str], depth: int = 2) -> bool:
    """Whether the source computes keys of this shape and knows the words it would put in."""
    found = (pattern.fullmatch(key) for pattern in patterns())
    return any(
        all(part in values or (depth > 1 and _is_computed(part, values, depth - 1)) for part in match.groups())
        for match in found
        if match
    )


def test_a_family_of_words_for_an_enumeration_is_whole(entries: Mapping[str, Mapping[str, str]]) -> None:
    gaps = [
        f"{head}{member.value}"
        for kind in _enumerations()
        for head in heads() - {"error.", "advice."}
        if sum(f"{head}{member.value}" in entries for member in kind) > len(kind) / 2
        for member in kind
        if f"{head}{member.value}" not in entries
    ]
    assert not sorted(gaps)


def test_every_topic_a_rule_may_have_has_its_words(entries: Mapping[str, Mapping[str, str]]) -> None:
    assert not sorted(topic for topic in TOPICS if f"report.topic.{topic}" not in entries)


def test_every_error_says_what_happened_and_what_to_do(entries: Mapping[str, Mapping[str, str]]) -> None:
    reasons = {
        head: {key.removeprefix(head) for key in entries if key.startswith(head)} for head in ("error.", "advice.")
    }
    assert reasons["error."] == reasons["advice."]


def test_every_field_of_the_vocabulary_has_a_label_in_both_languages() -> None:
    labels = {
        f"{kind.value}.{name}": field.label for kind, rows in vocabulary().items() for name, field in rows.items()
    }
    assert labels
    assert not [name for name, label in labels.items() if not label.zh.strip() or CHINESE.search(label.en)]


def _enumerations() -> Iterator[type[Enum]]:
    """Every enumeration of the pure rooms."""
    for room in ("model", "quality", "registry", "terms", "access"):
        package = importlib.import_module(f"hilum.{room}")
        for info in pkgutil.iter_modules(package.__path__, f"hilum.{room}."):
            module = importlib.import_module(info.name)
            for thing in vars(module).values():
                if isinstance(thing, type) and issubclass(thing, Enum) and thing.__module__ == info.name:
                    yield thing


def test_the_package_has_one_version() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", hilum.__version__)
