"""Which happening a record tells of, and when it took place."""

from collections.abc import Mapping

import pytest

from hilum.model.event import EventKind, Moment
from hilum.model.ids import is_valid
from hilum.model.record import Kind, Value
from hilum.registry.accession import asserted, happening, moment_of, retracted
from hilum.testing.builders import a_record

AT, LATER = "2026-03-16T08:00:00.000000Z", "2026-03-17T08:00:00.000000Z"

HAPPENINGS: list[tuple[Kind, Mapping[str, Value], EventKind]] = [
    (Kind.DONOR, {}, EventKind.DONOR_REGISTERED),
    (Kind.CONSENT, {"status": "consented"}, EventKind.CONSENT_GIVEN),
    (Kind.CONSENT, {}, EventKind.CONSENT_GIVEN),
    (Kind.CONSENT, {"status": "withdrawn"}, EventKind.CONSENT_WITHDRAWN),
    (Kind.CONSENT, {"status": "refused"}, EventKind.CONSENT_WITHDRAWN),
    (Kind.CONSENT, {"status": "consented", "withdrawn_on": "2026-01-01"}, EventKind.CONSENT_WITHDRAWN),
    (Kind.CONDITION, {}, EventKind.DONOR_DIAGNOSED),
    (Kind.OBSERVATION, {}, EventKind.DONOR_MEASURED),
    (Kind.OBSERVATION, {"specimen_id": "S1"}, EventKind.SPECIMEN_MEASURED),
    (Kind.FOLLOW_UP, {}, EventKind.DONOR_FOLLOWED),
    (Kind.MEDICATION, {}, EventKind.DONOR_TREATED),
    (Kind.PROCEDURE, {}, EventKind.DONOR_TREATED),
    (Kind.COLLECTION, {}, EventKind.SPECIMEN_COLLECTED),
    (Kind.SPECIMEN, {}, EventKind.SPECIMEN_COLLECTED),
    (Kind.SPECIMEN, {"parent_id": "S0"}, EventKind.SPECIMEN_PREPARED),
    (Kind.PREPARATION, {}, EventKind.SPECIMEN_PREPARED),
    (Kind.SLIDE, {}, EventKind.SLIDE_PREPARED),
    (Kind.TRANSPORT, {}, EventKind.SPECIMEN_TRANSPORTED),
    (Kind.STORAGE, {}, EventKind.SPECIMEN_STORED),
    (Kind.ASSAY, {}, EventKind.SPECIMEN_ASSAYED),
    (Kind.READING, {}, EventKind.TRANSPORT_MEASURED),
    (Kind.LOG, {}, EventKind.TRANSPORT_LOGGED),
    (Kind.CUSTODY, {}, EventKind.SPECIMEN_HANDED_OVER),
    (Kind.ENCOUNTER, {}, EventKind.DONOR_VISITED),
    (Kind.REPORT, {}, EventKind.REPORT_ISSUED),
]


@pytest.mark.parametrize(("kind", "fields", "event"), HAPPENINGS)
def test_a_record_tells_of_this_happening(kind: Kind, fields: Mapping[str, Value], event: EventKind) -> None:
    assert happening(kind, fields) is event


def test_every_kind_of_record_tells_of_something_and_every_happening_but_a_retraction_is_told() -> None:
    assert {kind for kind, _, _ in HAPPENINGS} == set(Kind)
    assert {event for _, _, event in HAPPENINGS} == set(EventKind) - {EventKind.RECORD_RETRACTED}


@pytest.mark.parametrize(
    ("kind", "fields", "moment"),
    [
        (Kind.SPECIMEN, {}, Moment()),
        (Kind.SPECIMEN, {"collected_at": "2024-03-05T08:00:00Z"}, Moment("2024-03-05T08:00:00Z")),
        (Kind.SPECIMEN, {"created_on": "2024-03-06"}, Moment("2024-03-06")),
        (
            Kind.SPECIMEN,
            {"created_on": "2024-03-06", "collected_at": "2024-03-05T08:00:00Z", "collected_offset_days": -3},
            Moment("2024-03-05T08:00:00Z", -3),
        ),
        (Kind.SPECIMEN, {"collected_offset_days": 0}, Moment(None, 0)),
        (Kind.SPECIMEN, {"frozen_at": "2024-03-05T08:00:00Z"}, Moment()),
        (Kind.FOLLOW_UP, {"last_contact_offset_days": 1288, "death_offset_days": 7}, Moment(None, 1288)),
        (
            Kind.TRANSPORT,
            {"dispatched_on": None, "dispatched_at": "2024-03-05T08:00:00Z"},
            Moment("2024-03-05T08:00:00Z"),
        ),
        (Kind.READING, {"read_at": "2024-03-05T08:00:00Z"}, Moment("2024-03-05T08:00:00Z")),
        (Kind.ASSAY, {"features": 5}, Moment()),
    ],
)
def test_a_moment_is_the_first_day_or_instant_and_the_first_count_of_days(
    kind: Kind, fields: Mapping[str, Value], moment: Moment
) -> None:
    assert moment_of(kind, fields) == moment


def test_an_accepted_record_becomes_an_event_that_carries_its_fields() -> None:
    record = a_record("S1-A", {"specimen_id": "S1-A", "parent_id": "S1", "created_on": "2024-03-06"})
    event = asserted(record, AT)
    assert (event.kind, event.fact, event.key, event.parent) == (
        EventKind.SPECIMEN_PREPARED,
        Kind.SPECIMEN,
        "S1-A",
        "S1",
    )
    assert (event.donor, event.record, event.recorded_at, event.moment) == (
        record.donor,
        record.id,
        AT,
        Moment("2024-03-06"),
    )
    assert event.fields == record.fields


def test_what_is_done_with_a_specimen_hangs_on_that_specimen() -> None:
    assay = a_record(
        "A1", {"assay_id": "A1", "specimen_id": "S1", "parent_id": "no field of an assay"}, kind=Kind.ASSAY
    )
    assert asserted(assay, AT).parent == "S1"
    assert asserted(a_record("S1", {"specimen_id": "S1"}), AT).parent is None


def test_a_retraction_names_the_fact_and_says_nothing_more() -> None:
    record = a_record("S1", {"specimen_id": "S1", "created_on": "2024-03-06"})
    event = retracted(record, LATER)
    assert (event.kind, event.fact, event.key, event.record) == (
        EventKind.RECORD_RETRACTED,
        Kind.SPECIMEN,
        "S1",
        record.id,
    )
    assert (event.moment, event.fields, event.recorded_at) == (Moment(), {}, LATER)


def test_each_assertion_and_retraction_of_a_record_has_an_identifier_of_its_own() -> None:
    record = a_record("S1")
    events = [asserted(record, AT), retracted(record, AT), asserted(record, LATER), retracted(record, LATER)]
    assert len({event.id for event in events}) == 4
    assert all(is_valid(event.id) for event in events)
    assert asserted(record, AT) == events[0]
