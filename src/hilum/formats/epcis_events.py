"""One EPCIS event as custody steps, preparations, readings and logs.

Business steps of the Core Business Vocabulary become our custody actions where one means the same; a step that has
none of ours is ``other`` with its word as the reason. Boxes are opened: what is told of a box whose contents an
aggregation of the same file named is told of each specimen in it. Source: EPCIS 2.0.1 and CBV 2.0 (GS1, 2022).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hilum.formats.epcis_names import is_box, name_of, transaction_of, word_of
from hilum.formats.epcis_sensors import About, Telling, readings
from hilum.formats.fhir_draft import Draft, Json, every, sub
from hilum.model.record import Kind
from hilum.terms.synonyms import code_of

TYPES = frozenset({"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"})
_ACTIONS = {
    "accepting": "receive", "arriving": "receive", "receiving": "receive", "collecting": "collect",
    "sampling": "collect", "consigning": "hand_over", "departing": "dispatch", "shipping": "dispatch",
    "destroying": "dispose", "dispensing": "distribute", "inspecting": "inspect", "cycle_counting": "inspect",
    "stock_taking": "inspect", "packing": "pack", "repackaging": "pack", "picking": "retrieve", "stocking": "store",
    "storing": "store", "transporting": "transport",
}  # fmt: skip
_OTHER_STEPS = frozenset({
    "assembling", "commissioning", "creating_class_instance", "decommissioning", "disassembling", "encoding",
    "entering_exiting", "holding", "installing", "killing", "loading", "other", "removing", "repairing", "replacing",
    "reserving", "retail_selling", "sensor_reporting", "staging_outbound", "unloading", "unpacking", "void_shipping",
})  # fmt: skip
_PARTIES = ("possessing_party", "owning_party", "location")
_TRANSPORTS = ("desadv", "bol")
_WHO = frozenset({"performedby", "performed_by", "operator", "performer"})
_CLASSES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_TAKEN = frozenset({
    "@context", "type", "isA", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "action", "bizStep",
    "disposition", "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList",
    "destinationList", "epcList", "childEPCs", "parentID", "inputEPCList", "outputEPCList", "transformationID",
    "sensorElementList", *_CLASSES,
})  # fmt: skip
_MOST = 1_000_000
_DEEPEST = 6


@dataclass(slots=True)
class Boxes:
    """What is in which box, as the aggregations read so far say."""

    inside: dict[str, dict[str, None]] = field(default_factory=dict)
    held: int = 0

    def put(self, box: str, names: list[str]) -> bool:
        """Whether there was room to remember it."""
        content = self.inside.setdefault(box, {})
        new = [name for name in names if name not in content and name != box]
        if self.held + len(new) > _MOST:
            return False
        content.update(dict.fromkeys(new))
        self.held += len(new)
        return True

    def take(self, box: str, names: list[str]) -> None:
        """These out of the box; all, where none are named."""
        content = self.inside.get(box, {})
        for name in names or list(content):
            if name in content:
                del content[name]
                self.held -= 1
        if not content:
            self.inside.pop(box, None)

    def open(self, name: str) -> list[str]:
        """The specimens a name stands for: itself, or what is in the box, in boxes within it too."""
        found: dict[str, None] = {}
        level = [name]
        for _ in range(_DEEPEST):
            for one in level:
                if one not in self.inside:
                    found[one] = None
            level = [inner for one in level if one in self.inside for inner in self.inside[one]]
            if not level:
                break
        return list(found)


def records(event: Json, place: str, boxes: Boxes, telling: Telling) -> Iterator[Draft]:
    """The records of one event. ``place`` names it where it has no ``eventID``."""
    named = event.get("eventID")
    name = name_of(named) if isinstance(named, str) else ""
    if sub(event, "errorDeclaration"):
        telling.tell("epcis_event_withdrawn", event=name[:120] or place)
        return
    for one in _CLASSES:
        for _ in every(event, one):
            telling.count(one)
    _count_the_rest(event, telling)
    specimens = _specimens(event, boxes, telling)
    about = About(name or place, _time(event, event.get("eventTime")), _transport(event, telling))
    for one in specimens:
        yield _custody(event, one, name if len(specimens) == 1 else f"{name}/{one}" if name else "", about)
    if event.get("type") == "TransformationEvent":
        yield from _preparations(event, name, about, telling)
    yield from readings(event, about, telling)


def _count_the_rest(event: Json, telling: Telling) -> None:
    for name, value in event.items():
        if name not in _TAKEN and value and name.split(":")[-1].lower() not in _WHO:
            telling.count(name)


def _listed(event: Json, *lists: str) -> list[str]:
    """The identifiers in ``lists``, each once."""
    found: dict[str, None] = {}
    for one in lists:
        told = event.get(one)
        for name in told if isinstance(told, list) else [told]:
            if isinstance(name, str) and name.strip():
                found[name_of(name)] = None
    return list(found)


def _specimens(event: Json, boxes: Boxes, telling: Telling) -> list[str]:
    """The specimens an event tells of, boxes opened; aggregations are remembered on the way."""
    named = _listed(event, "epcList", "childEPCs", "inputEPCList")
    if event.get("type") in ("AggregationEvent", "AssociationEvent"):
        named = _aggregated(event, named, boxes, telling)
    elif event.get("type") == "TransactionEvent":
        named = list(dict.fromkeys([*named, *_listed(event, "parentID")]))
    opened = dict.fromkeys(inner for name in named for inner in boxes.open(name))
    for name in opened:
        if is_box(name):
            telling.tell("epcis_box_unknown", box=name[:60])
    return [name for name in opened if not is_box(name)]


def _aggregated(event: Json, named: list[str], boxes: Boxes, telling: Telling) -> list[str]:
    for box in _listed(event, "parentID"):
        action = event.get("action")
        if action == "DELETE":
            named = named or list(boxes.inside.get(box, ()))
            opened = [inner for name in named for inner in boxes.open(name)]
            boxes.take(box, named)
            return opened
        if action == "ADD" and not boxes.put(box, named):
            telling.tell("epcis_boxes_many", limit=_MOST)
        if not named:
            return list(boxes.inside.get(box, ()))
    return named


def _time(event: Json, text: object) -> str | None:
    """A time of the event; one without a zone is in the event's own."""
    if not isinstance(text, str):
        return None
    zone = event.get("eventTimeZoneOffset")
    bare = "T" in text and not text.rstrip().endswith("Z") and not {"+", "-"} & set(text.split("T", 1)[1])
    return f"{text.strip()}{zone.strip()}" if bare and isinstance(zone, str) else text.strip()


def _transport(event: Json, telling: Telling) -> str | None:
    found: dict[str, str] = {}
    for one in every(event, "bizTransactionList"):
        type_, number = one.get("type"), one.get("bizTransaction")
        word = word_of(type_) if isinstance(type_, str) else ""
        if word in _TRANSPORTS and isinstance(number, str):
            found.setdefault(word, transaction_of(number))
        else:
            telling.count(f"bizTransaction {word}".strip())
    return next((found[word] for word in _TRANSPORTS if word in found), None)


def _custody(event: Json, specimen: str, name: str, about: About) -> Draft:
    draft = Draft(Kind.CUSTODY)
    draft.put("custody_id", name)
    draft.put("specimen_id", specimen)
    action, reason = _action(event)
    draft.put("action", action)
    draft.put("happened_at", about.at)
    draft.put("from_party", _party(event, "source"))
    draft.put("to_party", _party(event, "destination"))
    draft.put("performed_by", _who(event))
    draft.put("location", _location(event, action))
    draft.put("transport_id", about.transport)
    told = [reason, *_dispositions(event)]
    draft.put("reason", ", ".join(dict.fromkeys(one for one in told if one)))
    return draft


def _action(event: Json) -> tuple[str | None, str]:
    """Our action, and the word of the business step where the action does not say it."""
    step = event.get("bizStep")
    if isinstance(step, str) and step.strip():
        word = word_of(step)
        if word in _OTHER_STEPS:
            return "other", word
        return _ACTIONS.get(word) or code_of("custody_action", word) or word, ""
    if event.get("type") == "AggregationEvent":
        return {"ADD": ("pack", ""), "DELETE": ("other", "unpacking")}.get(str(event.get("action")), (None, ""))
    return None, ""


def _party(event: Json, which: str) -> str | None:
    """Who had it or got it: the possessing party before the owner before the place."""
    found = {
        word_of(str(one.get("type"))): name_of(party)
        for one in every(event, f"{which}List")
        if isinstance(party := one.get(which), str)
    }
    return next((found[word] for word in _PARTIES if word in found), None)


def _who(event: Json) -> object:
    """Who did it: EPCIS has no member for that, so an extension of that name is taken."""
    return next((value for key, value in event.items() if key.split(":")[-1].lower() in _WHO), None)


def _location(event: Json, action: str | None) -> str | None:
    found = (sub(event, one).get("id") for one in ("bizLocation", "readPoint"))
    places = [name_of(one) for one in found if isinstance(one, str) and one.strip()]
    boxes = _listed(event, "parentID") if action == "store" else []
    return " / ".join([*places[:1], *boxes]) or None


def _dispositions(event: Json) -> list[str]:
    told = [event.get("disposition")]
    lasting = sub(event, "persistentDisposition").get("set")
    told += lasting if isinstance(lasting, list) else [lasting]
    return [word_of(one) for one in told if isinstance(one, str)]


def _preparations(event: Json, name: str, about: About, telling: Telling) -> Iterator[Draft]:
    """What was made: a preparation of each output. EPCIS names no donor, so the specimens are not registered here."""
    made = _listed(event, "outputEPCList")
    used = _listed(event, "inputEPCList")
    if made:
        telling.tell("epcis_lineage", made=len(made), used=", ".join(used[:3])[:120] or "–")
    step = event.get("bizStep")
    word = word_of(step) if isinstance(step, str) else ""
    run = event.get("transformationID")
    for one in made:
        draft = Draft(Kind.PREPARATION)
        draft.put("preparation_id", (name if len(made) == 1 else f"{name}/{one}") if name else None)
        draft.put("specimen_id", one)
        draft.put("protocol", name_of(run) if isinstance(run, str) else word)
        draft.put("started_at", about.at)
        draft.put("step", (code_of("process_step", word) or "other") if word else None)
        draft.put("operator", _who(event))
        yield draft
