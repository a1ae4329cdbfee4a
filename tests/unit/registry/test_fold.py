"""Facts and states from events, by hand-worked examples."""

from dataclasses import replace

import pytest

from hilum.model.event import Event, Moment
from hilum.model.record import Kind, Value
from hilum.registry.fold import fact_of, facts_at, fold, position, state_at, sums_of, undated
from hilum.registry.stored import Fact, StoredRecord
from hilum.testing.builders import DONOR_ID, a_record, a_retraction, an_event

DAY_5, DAY_10 = Moment("2024-03-05"), Moment("2024-03-10")
EARLY, LATE = "2024-03-20T08:00:00.000000Z", "2024-03-21T08:00:00.000000Z"
FIRST, SECOND = a_record("SP-1", {"volume_ul": 1.0}), a_record("SP-1", {"volume_ul": 2.0}, line=3)


def facts_of(event: Event) -> Fact:
    return fact_of(event, "SRC-1", "digest")


def event(seq: int, record: StoredRecord, moment: Moment = DAY_5, known: str = EARLY) -> Event:
    return an_event(record, moment, seq=seq, recorded_at=known, take=seq)


def back(seq: int, record: StoredRecord, known: str = LATE) -> Event:
    return replace(a_retraction(record, take=seq), seq=seq, recorded_at=known)


def spoken_for(events: list[Event]) -> list[str]:
    return [fact.record for fact in fold(events, facts_of).values()]


def test_a_specimen_fact_takes_its_names_from_its_fields() -> None:
    fields: dict[str, Value] = {
        "parent_id": "SP-0",
        "uuid": "u-1",
        "barcode_2d": "2D",
        "plate_id": "A133",
        "plate_row": "B",
        "plate_column": 5,
        "location": "F1/R2",
    }
    record = a_record("SP-1", fields)
    assert fact_of(event(7, record), "SRC-1", record.digest) == Fact(
        kind=Kind.SPECIMEN,
        key="SP-1",
        donor=DONOR_ID,
        parent="SP-0",
        alias="u-1",
        position="plate:A133:B05",
        barcode="2D",
        record=record.id,
        source="SRC-1",
        digest=record.digest,
        seq=7,
        fields=fields,
    )


def test_a_slide_hangs_on_its_specimen_and_fills_no_place() -> None:
    fields: dict[str, Value] = {"specimen_id": "SP-1", "uuid": "u-2", "location": "F1", "barcode_2d": "2D"}
    fact = facts_of(event(1, a_record("SL-1", fields, kind=Kind.SLIDE)))
    assert (fact.parent, fact.alias, fact.position, fact.barcode) == ("SP-1", "u-2", None, None)


def test_an_observation_hangs_on_its_specimen_and_has_no_second_name() -> None:
    fact = facts_of(event(1, a_record("O-1", {"specimen_id": "SP-1", "uuid": "u"}, kind=Kind.OBSERVATION)))
    assert (fact.parent, fact.alias) == ("SP-1", None)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"plate_id": "A1", "plate_row": "H", "plate_column": 12}, "plate:A1:H12"),
        ({"plate_id": "A1", "plate_row": "H", "plate_column": None, "location": "F1"}, "place:F1"),
        ({"plate_id": "A1", "plate_row": "", "plate_column": 1}, None),
        ({"location": ""}, None),
        ({}, None),
    ],
)
def test_a_well_on_a_plate_is_a_place_before_a_shelf_is(fields: dict[str, Value], place: str | None) -> None:
    assert position(fields) == place


def test_only_numbers_are_summed_and_true_is_no_number() -> None:
    record = a_record("SP-1", {"amount_ug": True, "volume_ul": 3, "weight_mg": "4"})
    assert sums_of(facts_of(event(1, record))) == (None, 3.0, None)


def test_a_later_assertion_supersedes() -> None:
    assert spoken_for([event(1, FIRST), event(2, SECOND)]) == [SECOND.id]


def test_a_retraction_restores_the_assertion_before() -> None:
    assert spoken_for([event(1, FIRST), event(2, SECOND), back(3, SECOND)]) == [FIRST.id]


def test_a_retraction_of_what_was_superseded_changes_nothing_now_but_later() -> None:
    events = [event(1, FIRST), event(2, SECOND), back(3, FIRST)]
    assert spoken_for(events) == [SECOND.id]
    assert spoken_for([*events, back(4, SECOND)]) == []


def test_a_retraction_said_twice_takes_back_once() -> None:
    assert spoken_for([event(1, FIRST), event(2, SECOND), back(3, SECOND), back(4, SECOND)]) == [FIRST.id]


def test_a_record_that_never_spoke_takes_back_the_newest_assertion() -> None:
    third = a_record("SP-1", {"volume_ul": 3.0}, line=4)
    assert spoken_for([event(1, FIRST), event(2, SECOND), back(3, third)]) == [FIRST.id]


def test_an_assertion_made_again_after_its_retraction_stands() -> None:
    assert spoken_for([event(1, FIRST), back(2, FIRST), event(3, FIRST)]) == [FIRST.id]


def test_a_retraction_of_nothing_is_nothing() -> None:
    assert fold([back(1, FIRST)], facts_of) == {}


def test_what_had_happened_by_a_day_includes_the_whole_day() -> None:
    events = [event(1, FIRST, DAY_5), event(2, a_record("SP-2"), DAY_10)]
    assert [one.seq for one in state_at(events, happened_by="2024-03-05")] == [1]
    assert [one.seq for one in state_at(events, happened_by="2024-03-10")] == [1, 2]
    assert state_at(events, happened_by="2024-03-04") == []


def test_a_day_without_an_hour_has_not_happened_by_noon() -> None:
    events = [event(1, FIRST, DAY_5), event(2, a_record("SP-2"), Moment("2024-03-05T11:59:00Z"))]
    assert [one.seq for one in state_at(events, happened_by="2024-03-05T12:00:00Z")] == [2]


def test_instants_are_compared_as_instants_whatever_their_zone() -> None:
    events = [event(1, FIRST, Moment("2024-03-05T20:00:00+08:00"))]
    assert state_at(events, happened_by="2024-03-05T12:00:00Z") == events
    assert state_at(events, happened_by="2024-03-05T11:59:59Z") == []


def test_a_corrected_date_counts_from_when_the_correction_was_known() -> None:
    events = [event(1, FIRST, DAY_5), event(2, SECOND, DAY_10, LATE)]
    assert [one.record for one in state_at(events, known_by=EARLY, happened_by="2024-03-07")] == [FIRST.id]
    assert state_at(events, known_by=LATE, happened_by="2024-03-07") == []


def test_a_retraction_counts_from_when_it_was_known_whenever_things_happened() -> None:
    events = [event(1, FIRST, DAY_5), back(2, FIRST)]
    assert facts_at(events, facts_of, known_by="2024-03-20", happened_by="2024-03-05").keys() == {
        (Kind.SPECIMEN, "SP-1")
    }
    assert facts_at(events, facts_of, known_by="2024-03-21", happened_by="2024-03-05") == {}


def test_days_from_the_index_event_place_what_has_no_date() -> None:
    events = [
        event(1, FIRST, Moment(offset_days=-3)),
        event(2, a_record("SP-2"), Moment(offset_days=40)),
        event(3, a_record("SP-3"), Moment()),
        event(4, a_record("SP-4"), DAY_10),
    ]
    assert [one.seq for one in state_at(events, offset_by=0)] == [1, 3, 4]
    assert [one.seq for one in undated(events, offset_by=0)] == [3, 4]
    assert [one.seq for one in state_at(events, offset_by=0, happened_by="2024-03-05")] == [1, 3]
    assert [one.seq for one in undated(events, happened_by="2024-03-05")] == [1, 2, 3]


def test_several_events_of_one_record_stand_together_and_fall_together() -> None:
    events = [event(1, FIRST, DAY_5), event(2, FIRST, DAY_10)]
    assert [one.seq for one in state_at(events)] == [1, 2]
    assert state_at([*events, back(3, FIRST)]) == []


def test_a_month_is_over_at_its_end_and_so_is_a_year() -> None:
    events = [event(1, FIRST, Moment("2024-03")), event(2, a_record("SP-2"), Moment("2024"))]
    assert [one.seq for one in state_at(events, happened_by="2024-03-30")] == []
    assert [one.seq for one in state_at(events, happened_by="2024-03-31")] == [1]
    assert [one.seq for one in state_at(events, happened_by="2024-12-31")] == [1, 2]


def test_a_limit_that_is_no_date_is_an_error() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        state_at([event(1, FIRST)], happened_by="yesterday")
