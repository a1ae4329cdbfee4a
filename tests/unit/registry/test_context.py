"""What a record hangs on, as columns: donor, consent, condition, parent, ancestors, siblings, place, earlier self."""

from collections.abc import Collection

import pytest

from hilum.model.record import Kind, Locator, Record, Value
from hilum.quality.row import Row, columns, day_number, second_number
from hilum.registry import desk, privacy
from hilum.registry.context import Neighbours, columns_for, gather
from hilum.registry.privacy import Parted
from hilum.registry.stored import Fact, Siblings
from tests.unit.registry.stage import Stage, consent, donor, rule, specimen

RECEIVED = "2026-03-16T08:00:00.000000Z"


@pytest.fixture
def stage() -> Stage:
    return Stage()


def _around(stage: Stage, *records: Record) -> tuple[list[Parted], list[Fact], Neighbours]:
    parted = [privacy.part(one, stage.vault.key(), RECEIVED) for one in records]
    facts = [desk.proposed_fact(one.stored) for one in parted]
    ids = {one.stored.id: fact for one, fact in zip(parted, facts, strict=True)}
    return parted, facts, gather(stage.unit, stage.vault, parted, ids)


def _seen(stage: Stage, record: Record, needs: Collection[str] | None = None) -> Row:
    """The columns ``record`` would see in the bank as it stands."""
    (parted,), (fact,), near = _around(stage, record)
    return columns_for(parted, fact, near, columns(record.kind) if needs is None else needs)


def _of(kind: Kind, key: str, donor_id: str | None = "P1", **fields: Value) -> Record:
    values: dict[str, Value] = {**fields} if donor_id is None else {"donor_id": donor_id, **fields}
    return Record(kind, key, donor_id, values, Locator("SRC-9", "file", 1))


def test_a_record_with_nothing_around_it_says_so(stage: Stage) -> None:
    assert _seen(stage, specimen("S1")) == {
        "received.on": day_number("2026-03-16"),
        "received.at": second_number(RECEIVED),
        "donor.known": False,
        "consent.known": False,
        "condition.known": False,
        "parent.known": False,
        "earlier.known": False,
        "earlier.same_source": False,
        "siblings.count": 0,
        "siblings.amount_ug": 0.0,
        "siblings.volume_ul": 0.0,
        "siblings.weight_mg": 0.0,
        "place.taken": False,
        "place.occupant": None,
        "barcode.taken": False,
        "barcode.holder": None,
    }


@pytest.mark.parametrize("kind", list(Kind))
def test_only_columns_of_the_language_are_made_for_any_kind(kind: Kind, stage: Stage) -> None:
    stage.take(donor(), consent("consented"), specimen("S1"))
    record = _of(kind, "K", None if kind is Kind.READING else "P1", specimen_id="S1", parent_id="S1")
    assert set(_seen(stage, record)) - {"specimen.known"} <= set(columns(kind))


def test_the_donor_is_seen_with_personal_values_put_back(stage: Stage) -> None:
    stage.take(donor(birth_on="1970-01-11", name="王芳"))
    row = _seen(stage, specimen("S1"))
    assert (row["donor.known"], row["donor.sex"], row["donor.donor_id"]) == (True, "female", "P1")
    assert (row["donor.birth_on"], row["donor.name"]) == (10, "王芳")


def test_another_donor_is_not_seen(stage: Stage) -> None:
    stage.take(donor("P2"))
    assert _seen(stage, specimen("S1"))["donor.known"] is False


def test_a_donor_who_was_not_accepted_is_not_seen(stage: Stage) -> None:
    assert stage.take(donor(sex=None)).held == 1
    assert _seen(stage, specimen("S1"))["donor.known"] is False


# lineage -------------------------------------------------------------------------------------------------------------


def _lineage(stage: Stage) -> None:
    stage.take(
        donor(),
        specimen("A", line=1, volume_ul=100.0, collected_at="2024-03-05T08:00:00Z", created_on="2024-03-05"),
        specimen("B", line=2, volume_ul=50.0, parent_id="A", created_on="2024-03-06", collected_offset_days=4),
        specimen("C", line=3, volume_ul=20.0, parent_id="B"),
    )
    assert set(stage.states().values()) == {"accepted"}


def test_each_lineage_column_comes_from_the_nearest_ancestor_that_has_it(stage: Stage) -> None:
    _lineage(stage)
    row = _seen(stage, specimen("D", parent_id="C", created_on="2024-03-09"))
    assert row["lineage.created_on"] == day_number("2024-03-06")
    assert row["lineage.collected_at"] == second_number("2024-03-05T08:00:00Z")
    assert row["lineage.collected_offset_days"] == 4


def test_what_the_record_says_of_itself_is_no_lineage(stage: Stage) -> None:
    _lineage(stage)
    row = _seen(stage, specimen("A", collected_at="2024-03-05T08:00:00Z", created_on="2024-03-05"))
    assert not [name for name in row if name.startswith("lineage.")]


def test_a_circle_of_parents_ends(stage: Stage) -> None:
    near = Neighbours()
    one, other = (
        desk.proposed_fact(privacy.part(specimen(key, parent_id=parent, **more), b"key", RECEIVED).stored)
        for key, parent, more in (("A", "B", {"collected_offset_days": 1}), ("B", "A", {"created_on": "1970-01-03"}))
    )
    near.accept(one)
    near.accept(other)
    (parted,), (fact,), _ = _around(stage, specimen("C", parent_id="A"))
    row = columns_for(parted, fact, near, columns(Kind.SPECIMEN))
    assert (row["lineage.collected_offset_days"], row["lineage.created_on"]) == (1, 2)


def test_the_parent_is_found_by_its_other_name(stage: Stage) -> None:
    uuid = "0e5a4b8c-0000-4000-8000-000000000001"
    stage.take(donor(), specimen("A", uuid=uuid, tube="EDTA"))
    row = _seen(stage, specimen("B", parent_id=uuid))
    assert (row["parent.known"], row["parent.specimen_id"], row["parent.tube"]) == (True, "A", "EDTA")


def test_what_is_done_with_a_specimen_sees_it_as_the_specimen(stage: Stage) -> None:
    _lineage(stage)
    row = _seen(stage, _of(Kind.ASSAY, "X", specimen_id="B"))
    assert (row["specimen.known"], row["specimen.volume_ul"]) == (True, 50.0)
    assert "parent.known" not in row
    assert not [name for name in row if name.startswith(("siblings.", "place.", "barcode.", "lineage."))]


# siblings ------------------------------------------------------------------------------------------------------------


def _family(stage: Stage) -> None:
    stage.take(
        donor(),
        specimen("A", line=1, volume_ul=100.0),
        specimen("A1", line=2, parent_id="A", volume_ul=10.0, amount_ug=1.5),
        specimen("A2", line=3, parent_id="A", volume_ul=20.0, weight_mg=2.5),
        specimen("B", line=4, volume_ul=100.0),
        specimen("B1", line=5, parent_id="B", volume_ul=7.0),
        specimen("A3", line=6, parent_id="A", volume_ul=30.0, storage_c=4.0),
    )
    assert stage.states()["A3"] == "held"


def test_siblings_are_the_accepted_children_of_the_same_parent(stage: Stage) -> None:
    _family(stage)
    row = _seen(stage, specimen("A4", parent_id="A"))
    assert [row[f"siblings.{name}"] for name in ("count", "volume_ul", "amount_ug", "weight_mg")] == [2, 30.0, 1.5, 2.5]


def test_a_record_is_not_its_own_sibling(stage: Stage) -> None:
    _family(stage)
    row = _seen(stage, specimen("A1", parent_id="A", volume_ul=99.0))
    assert (row["siblings.count"], row["siblings.volume_ul"], row["siblings.amount_ug"]) == (1, 20.0, 0.0)


def test_a_child_that_changes_its_parent_counts_all_children_of_the_new_one(stage: Stage) -> None:
    _family(stage)
    row = _seen(stage, specimen("A1", parent_id="B", volume_ul=10.0))
    assert (row["siblings.count"], row["siblings.volume_ul"]) == (1, 7.0)


def test_siblings_accepted_in_the_same_batch_count_at_once(stage: Stage) -> None:
    _family(stage)
    parted, facts, near = _around(stage, specimen("A4", parent_id="A", volume_ul=5.0), specimen("A5", parent_id="A"))
    near.accept(facts[0])
    row = columns_for(parted[1], facts[1], near, columns(Kind.SPECIMEN))
    assert (row["siblings.count"], row["siblings.volume_ul"]) == (3, 35.0)
    near.accept(facts[0])
    assert columns_for(parted[1], facts[1], near, columns(Kind.SPECIMEN)) == row, "a fact accepted twice counts once"
    near.forget(facts[0])
    assert near.siblings["A"] == Siblings(2, 1.5, 30.0, 2.5)


# consent and condition -----------------------------------------------------------------------------------------------


def _consent(status: str, form: str, line: int) -> Record:
    fields: dict[str, Value] = {"donor_id": "P1", "status": status, "form": form}
    return Record(Kind.CONSENT, f"P1|{form}", "P1", fields, Locator("SRC-1", "file", line))


@pytest.mark.parametrize(
    ("statuses", "in_force"),
    [
        (["consented"], "consented"),
        (["consented", "withdrawn"], "withdrawn"),
        (["withdrawn", "consented"], "withdrawn"),
        (["refused", "consented", "consented"], "refused"),
        (["refused", "withdrawn", "consented"], "withdrawn"),
        (["unknown", "consented"], "consented"),
        (["consented", "unknown"], "unknown"),
    ],
)
def test_a_withdrawal_or_refusal_outweighs_every_other_consent_and_else_the_latest_counts(
    statuses: list[str], in_force: str, stage: Stage
) -> None:
    stage.take(donor(), *(_consent(status, f"form {n}", n + 2) for n, status in enumerate(statuses)))
    row = _seen(stage, specimen("S1"))
    assert (row["consent.known"], row["consent.status"]) == (True, in_force)


def test_a_new_version_of_the_same_form_takes_the_place_of_the_old_one(stage: Stage) -> None:
    near = Neighbours()
    for status in ("withdrawn", "consented"):
        near.accept(desk.proposed_fact(privacy.part(_consent(status, "A", 2), b"key", RECEIVED).stored))
    (pseudonym,) = near.consents
    in_force = near.consent_in_force(pseudonym)
    assert in_force is not None
    assert in_force.fields["status"] == "consented"


@pytest.mark.parametrize(
    ("categories", "seen"),
    [
        (["primary"], "C0"),
        (["metastasis", "primary", "primary"], "C1"),
        (["metastasis", None], "C0"),
    ],
)
def test_the_condition_seen_is_the_first_primary_one_or_the_first_of_all(
    categories: list[str | None], seen: str, stage: Stage
) -> None:
    near = Neighbours()
    for n, category in enumerate(categories):
        record = _of(Kind.CONDITION, f"C{n}", condition_id=f"C{n}", category=category)
        near.accept(desk.proposed_fact(privacy.part(record, stage.vault.key(), RECEIVED).stored))
    (parted,), (fact,), _ = _around(stage, specimen("S1"))
    row = columns_for(parted, fact, near, columns(Kind.SPECIMEN))
    assert (row["condition.known"], row["condition.condition_id"]) == (True, seen)


# place, barcode, earlier ---------------------------------------------------------------------------------------------


def test_another_specimen_in_the_same_place_or_under_the_same_code_is_named(stage: Stage) -> None:
    stage.take(donor(), specimen("A", location="F1/R2/B3/A1", barcode_2d="0123456789"))
    row = _seen(stage, specimen("B", location="F1/R2/B3/A1", barcode_2d="0123456789"))
    assert (row["place.taken"], row["place.occupant"]) == (True, "A")
    assert (row["barcode.taken"], row["barcode.holder"]) == (True, "A")


def test_a_specimen_does_not_take_its_own_place(stage: Stage) -> None:
    stage.take(donor(), specimen("A", location="F1/R2/B3/A1", barcode_2d="0123456789"))
    row = _seen(stage, specimen("A", location="F1/R2/B3/A1", barcode_2d="0123456789"))
    assert (row["place.taken"], row["place.occupant"]) == (False, "A")
    assert (row["barcode.taken"], row["barcode.holder"]) == (False, "A")


def test_a_held_tube_stands_somewhere_too(stage: Stage) -> None:
    stage.take(donor(), specimen("A", location="F1/R2/B3/A1", storage_c=4.0))
    assert stage.states()["A"] == "held"
    assert _seen(stage, specimen("B", location="F1/R2/B3/A1"))["place.taken"] is True


def test_the_earlier_record_is_the_accepted_one_under_the_same_key(stage: Stage) -> None:
    stage.take(donor(), specimen("A", volume_ul=12.0))
    row = _seen(stage, specimen("A", volume_ul=11.0, source="SRC-2"))
    assert (row["earlier.known"], row["earlier.volume_ul"], row["earlier.same_source"]) == (True, 12.0, False)


def test_a_rival_of_the_same_file_is_seen_instead_and_marked(stage: Stage) -> None:
    parted, facts, near = _around(stage, specimen("A", line=3), specimen("A", line=4, volume_ul=99.0))
    near.rivals[Kind.SPECIMEN, "A"] = list(facts)
    row = columns_for(parted[0], facts[0], near, columns(Kind.SPECIMEN))
    assert (row["earlier.known"], row["earlier.volume_ul"], row["earlier.same_source"]) == (True, 99.0, True)


def test_what_is_lost_is_no_longer_seen(stage: Stage) -> None:
    stage.take(donor(), consent("withdrawn"), specimen("A", location="F1/R2/B3/A1", barcode_2d="0123456789"))
    records = (donor(), consent("withdrawn"), specimen("A", location="F1/R2/B3/A1", barcode_2d="0123456789"))
    parted, facts, near = _around(stage, *records, specimen("B", parent_id="A", location="F1/R2/B3/A1"))
    for fact in facts[:3]:
        near.lose(fact)
    row = columns_for(parted[3], facts[3], near, columns(Kind.SPECIMEN))
    known = {name: row[name] for name in ("donor.known", "consent.known", "parent.known", "place.taken")}
    assert known == dict.fromkeys(known, False)


# only what is needed -------------------------------------------------------------------------------------------------


def test_only_the_columns_the_rules_need_are_made(stage: Stage) -> None:
    stage.take(donor(birth_on="1970-01-11"))
    row = _seen(stage, specimen("S1"), needs={"donor.sex", "volume_ul"})
    assert {name for name in row if name.startswith("donor.")} == {"donor.sex", "donor.known"}


def test_columns_made_for_rules_of_one_kind_do_not_serve_another(stage: Stage) -> None:
    """A regression: rules for assays once saw of a donor only what the rules for specimens had asked for."""
    stage.take(donor(site="协和"))
    parted, facts, near = _around(stage, specimen("S1"), _of(Kind.ASSAY, "X"))
    first = columns_for(parted[0], facts[0], near, {"donor.sex"})
    second = columns_for(parted[1], facts[1], near, {"donor.site"})
    again = columns_for(parted[0], facts[0], near, {"donor.sex"})
    assert (first["donor.sex"], second.get("donor.sex"), second.get("donor.site")) == ("female", None, "协和")
    assert again == first


def test_verdicts_of_two_kinds_in_one_batch_do_not_depend_on_their_order() -> None:
    """The same through the gate: each kind's rule reads another column of the same donor."""
    from hilum.quality.gate import Gate
    from hilum.quality.rule import Ruleset

    rules = (
        rule("DNR", Kind.DONOR, "donor_id IS NOT NULL"),
        rule("SPM", Kind.SPECIMEN, "donor.sex = 'female'"),
        rule("ASY", Kind.ASSAY, "donor.site = '协和'"),
    )
    for order in (1, -1):
        stage = Stage(gate=Gate(Ruleset(rules, "test")))
        stage.take(donor(site="协和"), *[specimen("S1"), _of(Kind.ASSAY, "X", assay_id="X")][::order])
        assert set(stage.states().values()) == {"accepted"}
