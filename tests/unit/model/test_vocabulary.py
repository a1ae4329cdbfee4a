"""The vocabulary: every kind has fields, every field has a type and words, and what is personal is named."""

import pytest

from hilum.messages import LANGUAGES
from hilum.model.record import Kind
from hilum.model.text import Bilingual
from hilum.model.vocabulary import FieldType, personal_fields, temporal_fields, vocabulary
from hilum.terms import valuesets

each_kind = pytest.mark.parametrize("kind", list(Kind))


def test_every_kind_of_record_has_fields() -> None:
    assert set(vocabulary()) == set(Kind)
    assert all(vocabulary()[kind] for kind in Kind)


@each_kind
def test_a_field_has_words_in_both_languages_and_known_roles(kind: Kind) -> None:
    for field in vocabulary()[kind].values():
        assert field.label.zh.strip()
        assert field.label.en.strip()
        assert set(field.role.split()) <= {"key", "donor", "parent", "moment"}


@each_kind
def test_a_code_has_a_value_set_and_nothing_else_has_one(kind: Kind) -> None:
    for field in vocabulary()[kind].values():
        assert bool(field.values) is (field.type is FieldType.CODE)
        assert not field.values or valuesets.members(field.values)


@each_kind
def test_only_numbers_have_units_and_days_are_whole(kind: Kind) -> None:
    for field in vocabulary()[kind].values():
        if field.unit:
            assert field.type in (FieldType.NUMBER, FieldType.INTEGER)
        if field.name.endswith("_offset_days"):
            assert (field.type, field.unit) == (FieldType.INTEGER, "d")


@each_kind
def test_the_name_of_a_field_says_whether_it_is_a_day_or_an_instant(kind: Kind) -> None:
    for field in vocabulary()[kind].values():
        assert field.name.endswith("_on") is (field.type is FieldType.DATE)
        assert field.name.endswith("_at") is (field.type is FieldType.INSTANT)


@each_kind
def test_a_moment_can_be_placed_on_the_axis_of_time(kind: Kind) -> None:
    for field in vocabulary()[kind].values():
        if "moment" in field.role.split():
            assert field.type in (FieldType.DATE, FieldType.INSTANT, FieldType.INTEGER)


@each_kind
def test_no_two_fields_of_a_kind_are_called_the_same(kind: Kind) -> None:
    for language in LANGUAGES:
        words = [field.label.say(language) for field in vocabulary()[kind].values()]
        assert len(words) == len(set(words))


@each_kind
def test_every_kind_but_what_a_logger_says_says_whose_it_is(kind: Kind) -> None:
    donors = [field.name for field in vocabulary()[kind].values() if "donor" in field.role.split()]
    assert donors == ([] if kind in (Kind.READING, Kind.LOG) else ["donor_id"])


def test_exactly_these_fields_are_personal() -> None:
    """A table on purpose: a field that becomes personal, or stops being so, is a decision and not an accident."""
    expected = {kind: {"donor_id"} for kind in Kind}
    expected[Kind.DONOR] |= {"name", "national_id", "phone", "birth_on"}
    expected[Kind.REPORT] |= {"conclusion"}
    expected[Kind.READING] = expected[Kind.LOG] = set()
    assert {kind: set(personal_fields(kind)) for kind in Kind} == expected


def test_temporal_fields_are_the_dates_and_instants_in_the_order_of_the_file() -> None:
    assert temporal_fields(Kind.SPECIMEN) == (
        ("collected_at", FieldType.INSTANT),
        ("received_at", FieldType.INSTANT),
        ("centrifuged_at", FieldType.INSTANT),
        ("fixed_at", FieldType.INSTANT),
        ("frozen_at", FieldType.INSTANT),
        ("created_on", FieldType.DATE),
        ("shipped_on", FieldType.DATE),
    )
    assert temporal_fields(Kind.ASSAY) == ()


def test_words_are_said_in_the_language_asked_for() -> None:
    words = Bilingual(zh="血清", en="Serum")
    assert (words.say("zh"), words.say("en")) == ("血清", "Serum")
