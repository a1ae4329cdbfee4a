"""From a door to the bank: safe first, judged once, answered with reasons; a poison message does not stop the rest."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hilum.app import gatekeeping
from hilum.app.answering import read_answer
from hilum.app.founding import found
from hilum.app.gatekeeping import Gatekeeper
from hilum.app.reading import Readers
from hilum.app.receiving import Receiver
from hilum.app.running import Hilum, open_hilum
from hilum.errors import BadInputError, BusyError, ConflictError, StoreError
from hilum.formats import record_json
from hilum.messages import Language
from hilum.model.record import Item
from hilum.registry.arrivals import (
    BYTES,
    FHIR_JSON,
    HL7_V2,
    RECORDS_JSON,
    RECORDS_NDJSON,
    Arrival,
    ArrivalState,
    Door,
    Incoming,
)
from hilum.registry.ports import QueueFilter
from hilum.stores.inbox import Inbox
from hilum.stores.inbox_opening import open_inbox

DONOR = {"kind": "donor", "fields": {"donor_id": "P-1", "sex": "female", "birth_on": "1970-01-02"}}
CONSENT = {"kind": "consent", "fields": {"donor_id": "P-1", "status": "given", "signed_on": "2026-01-01"}}
WRONG = {"kind": "specimen", "fields": {"specimen_id": "S-1", "donor_id": "P-1", "storage_c": 80}}


@dataclass
class Desk:
    """An open bank with its inbox."""

    app: Hilum
    inbox: Inbox
    keeper: Gatekeeper
    receiver: Receiver

    def send(self, sent: object, media: str = RECORDS_JSON, **more: Any) -> Arrival:
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        language: Language = "en"
        incoming = Incoming(Door.HTTP, "lab", body, media, language=language, **more)
        return self.receiver.submit(incoming).result(10).arrival

    def judge(self) -> None:
        while self.keeper.drain().arrivals:
            pass

    def told(self, sent: object, media: str = RECORDS_JSON, **more: Any) -> dict[str, Any]:
        """What the gate says of it."""
        arrival = self.send(sent, media, **more)
        self.judge()
        return dict(read_answer(self.inbox.answers([arrival.n])[arrival.n][1]))

    def counts(self) -> dict[tuple[str, str], int]:
        with self.app.bank.read() as unit:
            return unit.counts()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found(tmp_path / "bank", "bank", "root", "en")
    with open_hilum(tmp_path / "bank") as app:
        inbox = open_inbox(app.settings)
        receiver = Receiver(inbox, waiting_limit=500, arrival_limit=1 << 20)
        yield Desk(app, inbox, Gatekeeper(app, inbox, Readers(tmp_path / "mappings", "gate")), receiver)
        receiver.close()
        inbox.close()


def test_a_good_record_enters_and_its_sender_hears_so(desk: Desk) -> None:
    told = desk.told(DONOR)
    assert (told["state"], told["accepted"]) == ("done", 1)
    assert told["records"][0]["verdict"] == "accept"
    assert desk.counts() == {("donor", "accepted"): 1}


def test_a_wrong_record_is_held_and_its_sender_hears_why_and_what_to_do(desk: Desk) -> None:
    told = desk.told(WRONG)
    (record,) = told["records"]
    assert (told["held"], record["verdict"]) == (1, "hold")
    assert 0 < record["score"]["total"] < 100
    storage = next(one for one in record["findings"] if one["field"] == "storage_c")
    assert "80" in storage["hint"]
    assert {"field": "storage_c", "value": -80.0}.items() <= storage["fixes"][0].items()


def test_what_came_before_what_it_hangs_on_is_judged_again_when_that_comes(desk: Desk) -> None:
    (early,) = desk.told(WRONG)["records"]
    assert "SPM-CNS-002" in {one["rule"] for one in early["findings"]}
    desk.told([DONOR, CONSENT])
    with desk.app.bank.read() as unit:
        judgement = unit.records([early["record"]])[early["record"]].judgement
    assert judgement is not None
    assert "SPM-CNS-002" not in {one.rule for one in judgement.findings}


def test_the_same_again_has_one_effect_and_one_answer(desk: Desk) -> None:
    first = desk.told(DONOR)
    assert desk.told(DONOR) == first
    assert desk.counts() == {("donor", "accepted"): 1}


def test_the_same_content_in_another_message_says_that_it_is_known(desk: Desk) -> None:
    first = desk.told(DONOR)
    again = desk.told(DONOR, key="another")
    assert (again["accepted"], again["unchanged"]) == (0, 1)
    assert again["records"][0]["record"] == first["records"][0]["record"]


def test_replaying_everything_changes_nothing(desk: Desk) -> None:
    desk.told([DONOR, CONSENT])
    desk.told(WRONG)
    before = desk.counts()
    assert desk.inbox.replay() == 2
    desk.judge()
    assert desk.counts() == before


def test_a_stop_between_the_bank_and_the_inbox_repeats_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    arrival = desk.send([DONOR, CONSENT])
    with monkeypatch.context() as patch:
        patch.setattr(desk.inbox, "settle", lambda _: None)  # as if the process had died here
        desk.keeper.drain()
    desk.judge()
    told = read_answer(desk.inbox.answers([arrival.n])[arrival.n][1])
    assert (told["accepted"], told["state"]) == (2, "done")
    assert sum(desk.counts().values()) == 2


def test_a_correction_supersedes_what_was_sent_before(desk: Desk) -> None:
    desk.told(DONOR)
    changed = {"kind": "donor", "fields": {**DONOR["fields"], "birth_on": "1971-01-02"}}  # type: ignore[dict-item]
    assert desk.told(changed)["accepted"] == 1
    assert desk.counts() == {("donor", "accepted"): 1, ("donor", "superseded"): 1}


def test_a_late_repeat_of_the_first_version_does_not_undo_the_correction(desk: Desk) -> None:
    desk.told(DONOR)
    changed = {"kind": "donor", "fields": {**DONOR["fields"], "birth_on": "1971-01-02"}}  # type: ignore[dict-item]
    desk.told(changed)
    desk.told(DONOR)
    with desk.app.bank.read() as unit:
        (donor,) = (fact for fact in unit.all_facts(unit.find_records(QueueFilter())[0].kind))
    assert desk.counts() == {("donor", "accepted"): 1, ("donor", "superseded"): 1}
    assert donor.fields["sex"] == "female"


def test_fhir_hl7_and_files_come_through_the_same_door(desk: Desk) -> None:
    patient = {"resourceType": "Patient", "id": "p", "identifier": [{"value": "P-7"}], "gender": "female"}
    assert desk.told(patient, FHIR_JSON)["records"][0]["kind"] == "donor"
    message = b"MSH|^~\\&|LIS|H|BB|H|20260316080000||ADT^A04|1|P|2.5.1\rPID|1||P-8^^^H^MR||||19700102|F\r"
    assert desk.told(message, HL7_V2)["records"][0]["kind"] == "donor"
    trace = b"logger,time,temperature_c\nL-1,2026-03-16T08:00:00+08:00,-79.5\n"
    told = desk.told(trace, BYTES, name="trace.csv")
    assert told["records"] or told["problems"]


def test_what_cannot_be_read_is_a_problem_with_its_place(desk: Desk) -> None:
    told = desk.told(b'{"kind": "donor", "fields": {}}\n{"kind":', RECORDS_NDJSON)
    assert [one["line"] for one in told["problems"]] == [2]
    assert told["problems"][0]["text"]
    assert len(told["records"]) == 1


def test_a_poison_message_is_set_aside_and_the_rest_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    read = record_json.items

    def breaks(body: bytes, *rest: Any, **more: Any) -> Iterator[Item]:
        if b"poison" in body:
            raise RuntimeError("with a patient's name in it")
        yield from read(body, *rest, **more)

    monkeypatch.setattr(record_json, "items", breaks)
    arrivals = [desk.send(DONOR), desk.send({"poison": 1}), desk.send(CONSENT)]
    desk.judge()
    states = [desk.inbox.find(one.id) for one in arrivals]
    assert [one.state for one in states] == [ArrivalState.DONE, ArrivalState.ASIDE, ArrivalState.DONE]
    assert states[1].reason == "RuntimeError"
    assert b"patient's name" not in desk.inbox.answers([arrivals[1].n])[arrivals[1].n][1]
    monkeypatch.undo()
    assert desk.inbox.replay(states=[ArrivalState.ASIDE]) == 1
    desk.judge()
    assert desk.inbox.find(arrivals[1].id).state is ArrivalState.DONE


def test_one_that_breaks_the_transaction_is_found_among_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    run = desk.app.run

    def breaks(operation: Any, actor: Any, command: Any) -> Any:
        if any(part.source.name == "bad" for part in command.parts):
            raise RuntimeError("no")
        return run(operation, actor, command)

    monkeypatch.setattr(desk.app, "run", breaks)
    arrivals = [desk.send(DONOR, name="good"), desk.send({**DONOR, "key": "x"}, name="bad"), desk.send(CONSENT)]
    desk.judge()
    assert [desk.inbox.find(one.id).state.value for one in arrivals] == ["done", "aside", "done"]


def test_while_a_store_is_away_everything_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreError("store_locked", place="bank", why="")

    arrival = desk.send(DONOR)
    with monkeypatch.context() as patch:
        patch.setattr(desk.app, "run", away)
        with pytest.raises(StoreError):
            desk.keeper.drain()
    assert desk.inbox.find(arrival.id).state is ArrivalState.WAITING
    desk.judge()
    assert desk.inbox.find(arrival.id).state is ArrivalState.DONE


def test_many_records_in_one_message_go_batch_by_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gatekeeping, "MANY", 20)
    donors = [{"kind": "donor", "fields": {"donor_id": f"P-{n}", "sex": "male"}} for n in range(1_200)]
    told = desk.told("\n".join(map(json.dumps, donors)).encode(), RECORDS_NDJSON)
    assert sum(desk.counts().values()) == 1_200
    assert told["accepted"] + told["held"] == 1_200


def test_many_doors_at_once_lose_nothing(desk: Desk) -> None:
    async def all_at_once() -> Sequence[Any]:
        sent = [
            Incoming(Door.HTTP, "lab", json.dumps({**DONOR, "key": f"D{n}"}).encode(), RECORDS_JSON) for n in range(200)
        ]
        return await asyncio.gather(*(desk.receiver.receive(one, 0) for one in sent))

    replies = asyncio.run(all_at_once())
    assert sorted(one.arrival.n for one in replies) == list(range(1, 201))


def test_who_waits_gets_the_answer_and_who_has_no_patience_does_not(desk: Desk) -> None:
    async def waits() -> tuple[Any, Any]:
        body = json.dumps(DONOR).encode()
        hasty = await desk.receiver.receive(Incoming(Door.HTTP, "lab", body, RECORDS_JSON), 0.01)
        waiting = asyncio.create_task(desk.receiver.receive(Incoming(Door.HTTP, "lab", body, RECORDS_JSON), 20))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(desk.judge)
        return hasty, await waiting

    hasty, waited = asyncio.run(waits())
    assert not hasty.content
    assert waited.repeated
    assert waited.content["accepted"] == 1


def test_too_much_waiting_is_answered_with_when_to_come_again(desk: Desk) -> None:
    small = Receiver(desk.inbox, waiting_limit=1, arrival_limit=100)
    small.submit(Incoming(Door.HTTP, "lab", b"1")).result(10)
    small._counted_at = 0.0
    with pytest.raises(BusyError) as busy:
        small.submit(Incoming(Door.HTTP, "lab", b"2"))
    assert busy.value.retry_after > 0
    small.close()


def test_a_message_over_the_limit_is_refused_before_it_is_kept(desk: Desk) -> None:
    with pytest.raises(BadInputError):
        desk.send(b"x" * ((1 << 20) + 1))
    assert desk.inbox.backlog().arrivals == 0


def test_other_bytes_under_a_used_key_are_refused(desk: Desk) -> None:
    desk.send(DONOR, key="k")
    with pytest.raises(ConflictError):
        desk.send(CONSENT, key="k")


def test_each_sender_answers_for_what_it_sent(desk: Desk) -> None:
    desk.told(DONOR)
    with desk.app.bank.read() as unit:
        entries = [one for one in unit.audit_trail() if one.operation == "intake.arrivals"]
    assert [one.actor for one in entries] == ["lab"]


def test_nothing_personal_stands_in_the_answer(desk: Desk) -> None:
    told = json.dumps(desk.told(WRONG))
    assert "P-1" not in told
