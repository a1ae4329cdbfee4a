"""Custody and transport of the life cycles as EPCIS 2.0 documents (JSON-LD): one file per hospital.

Every hand-over is an ObjectEvent with its business step; every trip is one more, ``transporting``, whose sensor
elements are the logger's readings. Nothing else of a life cycle has a place in EPCIS.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from hilum.gatebench.dialect import SITES
from hilum.gatebench.entry import Entry, Life, Log, clock, read_clock
from hilum.terms.synonyms import code_of

_STEPS = {
    "collect": "collecting", "hand_over": "transporting", "receive": "receiving", "retrieve": "picking",
    "distribute": "distributing",
}  # fmt: skip
"""Our actions -> business steps of the Core Business Vocabulary where it has one, else in our own name space."""
_FIELDS = frozenset({
    "custody_id", "specimen_id", "action", "happened_at", "from_party", "to_party", "performed_by", "transport_id",
    "location",
})  # fmt: skip
CARRIED: Mapping[str, frozenset[str]] = {"custody": _FIELDS, "requests": _FIELDS}
"""Table -> the fields these events carry."""


def write(life: Life, folder: Path) -> None:
    """A document per hospital."""
    for number, site in enumerate(SITES):
        events = [*_custody(life, number), *_trips(life, number)]
        if not events:
            continue
        document = {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"hilum": "https://hilum.example/ns/"}],
            "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": _instant(clock(life.handed_in)),
            "epcisBody": {"eventList": sorted(events, key=lambda one: str(one["eventTime"]))},
        }  # fmt: skip
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (folder / f"{site.letter}-合成数据-监管链.jsonld").write_bytes(text.encode("utf-8", errors="surrogateescape"))


def _custody(life: Life, site: int) -> Iterator[dict[str, object]]:
    for table in ("custody", "requests"):
        for entry in life.entries[table]:
            if entry.site == site:
                yield _event(entry)


def _event(entry: Entry) -> dict[str, object]:
    cells = entry.cells
    code = code_of("custody_action", cells["action"]) or cells["action"]
    found: dict[str, object] = {
        "type": "ObjectEvent", "eventID": f"urn:gatebench:{cells['custody_id']}", "action": "OBSERVE",
        "eventTime": _instant(cells["happened_at"]), "eventTimeZoneOffset": "+08:00",
        "bizStep": _STEPS.get(code, code), "epcList": [f"urn:gatebench:{cells['specimen_id']}"],
        "hilum:performedBy": cells["performed_by"],
    }  # fmt: skip
    if cells["from_party"]:
        found["sourceList"] = [{"type": "possessing_party", "source": cells["from_party"]}]
    if cells["to_party"]:
        found["destinationList"] = [{"type": "possessing_party", "destination": cells["to_party"]}]
    if cells.get("location"):
        found["bizLocation"] = {"id": f"urn:gatebench:{cells['location']}"}
    if cells.get("transport_id"):
        found["bizTransactionList"] = [{"type": "desadv", "bizTransaction": cells["transport_id"]}]
    return found


def _trips(life: Life, site: int) -> Iterator[dict[str, object]]:
    riders: dict[str, list[str]] = {}
    for entry in life.entries["manifest"]:
        riders.setdefault(entry.trip, []).append(entry.specimen)
    for log in life.logs:
        if log.site == site and log.written and log.readings:
            yield _trip(log, riders.get(log.trip, []))


def _trip(log: Log, specimens: list[str]) -> dict[str, object]:
    reports = [
        {"type": "Temperature", "value": float(text), "uom": "CEL" if log.unit == "℃" else "FAH",
         "deviceID": f"urn:gatebench:{log.serial}", "time": _instant_of(at)}
        for at, text in log.readings
    ]  # fmt: skip
    start, end = log.readings[0][0], log.readings[-1][0]
    return {
        "type": "ObjectEvent", "eventID": f"urn:gatebench:{log.trip}", "action": "OBSERVE",
        "eventTime": _instant_of(end), "eventTimeZoneOffset": "+08:00", "bizStep": "transporting",
        "disposition": "in_transit", "epcList": [f"urn:gatebench:{one}" for one in specimens],
        "bizTransactionList": [{"type": "desadv", "bizTransaction": log.trip}],
        "sensorElementList": [{
            "sensorMetadata": {"startTime": _instant_of(start), "endTime": _instant_of(end),
                               "deviceID": f"urn:gatebench:{log.serial}"},
            "sensorReport": reports,
        }],
    }  # fmt: skip


def _instant(text: str) -> str:
    try:
        return _instant_of(read_clock(text))
    except ValueError:
        return text


def _instant_of(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}+08:00"
