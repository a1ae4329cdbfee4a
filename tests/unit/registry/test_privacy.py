"""Parting: no personal value reaches the bank, and the two halves together are the record again."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.model.ids import is_valid, pseudonym
from hilum.model.record import Kind, Locator, Record, Value
from hilum.model.vocabulary import FieldType, personal_fields, vocabulary
from hilum.registry.privacy import Parted, corrected, part, whole
from hilum.registry.stored import RecordState

KEY, AT = b"the vault's key", "2026-03-16T08:00:00.000000Z"
_PERSONAL_DAY = "1931-07-23"
"""A day that no other field of a generated record can have."""

_words = st.text("abcdef ·血清", max_size=4)
_values: dict[FieldType, st.SearchStrategy[Value]] = {
    FieldType.TEXT: _words,
    FieldType.CODE: st.sampled_from(["female", "serum", "I"]),
    FieldType.NUMBER: st.floats(-1e6, 1e6) | st.integers(-100, 100),
    FieldType.INTEGER: st.integers(-40_000, 40_000),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.DATE: st.dates().map(lambda day: day.replace(year=2024, day=1).isoformat()),
    FieldType.INSTANT: st.integers(0, 23).map(lambda hour: f"2024-03-05T{hour:02}:00:00Z"),
}


def _secret(name: str, number: int) -> str:
    """A personal value that can be found again wherever it may hide."""
    return _PERSONAL_DAY if name == "birth_on" else f"⟪{name} {number}⟫"


@st.composite
def records(draw: st.DrawFn) -> tuple[Record, tuple[str, ...]]:
    """A record of any kind as readers make them, and the personal texts in it."""
    kind = draw(st.sampled_from(list(Kind)))
    personal = personal_fields(kind)
    fields: dict[str, Value] = {}
    unreadable: dict[str, str] = {}
    secrets: list[str] = []
    for name in draw(st.sets(st.sampled_from(sorted(vocabulary()[kind])), max_size=8)) | personal:
        state = draw(st.sampled_from(["there", "there", "empty", "unreadable"]))
        fields[name] = None
        if name in personal:
            secret = _secret(name, draw(st.integers(0, 99)))
            secrets += [secret] * (state != "empty")
            if state == "there":
                fields[name] = secret
            elif state == "unreadable":
                unreadable[name] = secret
        elif state == "there":
            fields[name] = draw(_values[vocabulary()[kind][name].type])
        elif state == "unreadable":
            unreadable[name] = draw(_words)
    donor = str(fields["donor_id"]) if fields.get("donor_id") is not None else None
    key = "|".join(draw(st.lists(st.sampled_from(["S1", "form", "3", *([donor] if donor else [])]), max_size=4)))
    extra = dict.fromkeys(draw(st.sets(_words, max_size=2)), "x")
    locator = Locator("SRC-1", draw(_words), draw(st.integers(1, 9)))
    return Record(kind, key, donor, fields, locator, unreadable, extra), tuple(secrets)


def _parted(record: Record) -> Parted:
    return part(record, KEY, AT)


def _back(parted: Parted) -> Record:
    people = {parted.stored.donor: parted.whole.donor} if parted.stored.donor and parted.whole.donor else {}
    return whole(parted.stored, people, parted.personal)


@given(records())
def test_no_personal_text_is_anywhere_in_the_half_the_bank_keeps(made: tuple[Record, tuple[str, ...]]) -> None:
    record, secrets = made
    kept = repr(_parted(record).stored)
    assert not [secret for secret in secrets if secret in kept]


@given(records())
def test_no_personal_field_is_named_in_the_half_the_bank_keeps(made: tuple[Record, tuple[str, ...]]) -> None:
    record, _ = made
    stored = _parted(record).stored
    assert personal_fields(record.kind).isdisjoint(stored.fields.keys() | stored.unreadable.keys())


@given(records())
def test_the_two_halves_together_are_the_record_again(made: tuple[Record, tuple[str, ...]]) -> None:
    """But for fields without a value, and the donor's identifier in the key, which stays a pseudonym."""
    record, _ = made
    parted = _parted(record)
    fields = {name: value for name, value in record.fields.items() if value is not None}
    assert _back(parted) == replace(record, key=parted.stored.key, fields=fields)


@given(records())
def test_a_record_put_together_and_parted_again_is_the_same_fact(made: tuple[Record, tuple[str, ...]]) -> None:
    first = _parted(made[0])
    again = _parted(_back(first))
    assert (again.stored, again.personal) == (first.stored, first.personal)


@given(records())
def test_without_the_vault_a_record_has_nothing_personal(made: tuple[Record, tuple[str, ...]]) -> None:
    record, secrets = made
    alone = whole(_parted(record).stored, {}, {})
    assert alone.donor is None
    assert not [secret for secret in secrets if secret in repr(alone)]


@given(records(), st.text(max_size=5), st.integers(1, 10**6))
def test_the_digest_does_not_depend_on_where_a_record_stood(
    made: tuple[Record, tuple[str, ...]], place: str, line: int
) -> None:
    record = made[0]
    elsewhere = replace(record, locator=Locator("SRC-2", place, line))
    one, other = _parted(record).stored, part(elsewhere, KEY, "2027-01-01T00:00:00.000000Z").stored
    assert one.digest == other.digest
    assert one.id != other.id


@given(records())
def test_the_digest_is_keyed_and_so_is_the_donor(made: tuple[Record, tuple[str, ...]]) -> None:
    record = made[0]
    one, other = _parted(record).stored, part(record, b"another key", AT).stored
    assert one.digest != other.digest
    assert record.donor is None or one.donor != other.donor


def _donor(**fields: Value) -> Record:
    values = {"donor_id": "P1", "name": "王芳", "birth_on": "1970-01-02", "sex": "female", **fields}
    return Record(Kind.DONOR, "P1", "P1", values, Locator("SRC-1", "供者", 2))


@pytest.mark.parametrize(
    "change",
    [
        {"sex": "male"},
        {"name": "王方"},
        {"birth_on": "1970-01-03"},
        {"phone": "13800000000"},
        {"age_years": 50},
    ],
    ids=",".join,
)
def test_every_value_counts_in_the_digest_personal_or_not(change: Mapping[str, Value]) -> None:
    assert _parted(_donor()).stored.digest != _parted(_donor(**change)).stored.digest


def test_what_could_not_be_read_and_what_nobody_mapped_count_in_the_digest_too() -> None:
    plain = _donor()
    digests = {
        _parted(one).stored.digest
        for one in (
            plain,
            replace(plain, unreadable={"age_years": "fifty"}),
            replace(plain, extra={"age_years": "fifty"}),
            replace(plain, fields={**plain.fields, "age_years": "fifty"}),
            replace(plain, kind=Kind.CONSENT),
        )
    }
    assert len(digests) == 5


def test_an_empty_field_and_the_order_of_fields_do_not_count() -> None:
    plain = _donor()
    turned = replace(plain, fields=dict(reversed({**plain.fields, "phone": None}.items())))
    assert _parted(plain).stored.digest == _parted(turned).stored.digest


@pytest.mark.parametrize(
    ("kind", "key", "kept"),
    [
        (Kind.DONOR, "P1", "{}"),
        (Kind.DONOR, "anything", "{}"),
        (Kind.CONSENT, "P1|form", "{}|form"),
        (Kind.OBSERVATION, "form|P1|P1", "form|{}|{}"),
        (Kind.FOLLOW_UP, "P1", "{}"),
        (Kind.SPECIMEN, "P1-01A", "P1-01A"),
        (Kind.SPECIMEN, "S1|P10", "S1|P10"),
    ],
)
def test_the_donors_identifier_is_a_pseudonym_wherever_it_is_a_whole_part_of_a_key(
    kind: Kind, key: str, kept: str
) -> None:
    record = Record(kind, key, "P1", {"donor_id": "P1"}, Locator("SRC-1", "", 1))
    name = pseudonym(KEY, "P1")
    assert _parted(record).stored.key == kept.replace("{}", name)


def test_one_donor_has_one_pseudonym_in_records_of_every_kind() -> None:
    found = {
        _parted(Record(kind, "K", "P1", {"donor_id": "P1"}, Locator("SRC-1", "", 1))).stored.donor
        for kind in Kind
        if kind is not Kind.READING
    }
    assert found == {pseudonym(KEY, "P1")}
    assert is_valid(found.pop() or "")


def test_a_record_waits_for_the_gate_and_its_identifier_is_the_same_on_every_run() -> None:
    one, other = _parted(_donor()).stored, part(_donor(), KEY, "2027-01-01T00:00:00.000000Z").stored
    assert (one.state, one.judgement) == (RecordState.HELD, None)
    assert one.id == other.id
    assert is_valid(one.id)


def test_a_correction_stands_in_the_same_place_under_a_new_identifier_and_names_the_old_one() -> None:
    old = _parted(_donor()).stored
    new = corrected(_parted(_donor(sex="male")), old, "CHG-1").stored
    assert (new.corrects, new.key, new.donor, new.locator) == (old.id, old.key, old.donor, old.locator)
    assert new.id != old.id
    assert new.id != corrected(_parted(_donor(sex="male")), old, "CHG-2").stored.id
    assert new.id == corrected(_parted(_donor(sex="male")), old, "CHG-1").stored.id
