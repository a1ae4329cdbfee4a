"""EPCIS 1.2 and 2.0 XML: each event as the same members as its JSON binding has, one at a time.

Entities, external ones above all, are refused by defusedxml; an event is let go once it has been given, so that memory
holds one. Extension wrappers (``extension``, ``baseExtension``) of EPCIS 1.x are opened, since 2.0 moved what stood in
them one level up.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from hilum.model.record import Locator, SourceProblem

_EVENTS = frozenset(
    {"ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent", "QuantityEvent"}
)
_LISTS = {
    "epcList": "epc", "childEPCs": "epc", "inputEPCList": "epc", "outputEPCList": "epc", "quantityList": "",
    "childQuantityList": "", "inputQuantityList": "", "outputQuantityList": "", "set": "", "unset": "",
}  # fmt: skip
_TYPED = {"sourceList": "source", "destinationList": "destination", "bizTransactionList": "bizTransaction"}
_WRAPPERS = frozenset({"extension", "baseExtension"})
_DEEPEST = 100
_LARGEST = 1_000_000
"""Elements of one event."""


def events(path: Path, at: Callable[[int], Locator]) -> Iterator[tuple[int, object] | SourceProblem]:
    """Number and members of every event. What is wrong with the file is told, and what was read before is kept."""
    number = 0
    try:
        for event in _elements(path):
            number += 1
            yield number, _event(event)
    except DefusedXmlException:
        yield SourceProblem("epcis_xml_entities", at(number + 1), {"count": number}, fatal=True)
    except _TooLargeError:
        yield SourceProblem("epcis_xml_too_large", at(number + 1), {"count": number}, fatal=True)
    except (ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (0, 0))[0]
        yield SourceProblem("epcis_xml_malformed", at(number + 1), {"count": number, "line": line}, fatal=True)


class _TooLargeError(Exception):
    """An event of more elements, or nested deeper, than any real one."""


def _elements(path: Path) -> Iterator[Element]:
    """Every event once it is whole. Elements that have been given, or lie outside events, are let go."""
    open_: list[Element] = []
    inside = held = 0
    for what, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
        if what == "start":
            open_.append(element)
            inside += _local(element) in _EVENTS
            held += 1
            if len(open_) > _DEEPEST or held > _LARGEST:
                raise _TooLargeError
            continue
        open_.pop()
        if _local(element) in _EVENTS:
            inside -= 1
            if not inside:
                yield element
        if not inside:
            held = 0
            element.clear()
            if open_:
                open_[-1].remove(element)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _event(element: Element) -> dict[str, object]:
    found = _members(element)
    found["type"] = _local(element)
    return found


def _members(element: Element) -> dict[str, object]:
    found: dict[str, object] = {}
    for child in element:
        name = _local(child)
        if name in _WRAPPERS:
            for inner, value in _members(child).items():
                found.setdefault(inner, value)
        else:
            found.setdefault(_named(child), _value(child, name))
    return found


def _named(child: Element) -> str:
    """The member's name; that of another name space keeps a colon, as an extension of the JSON binding has."""
    space, _, local = str(child.tag).rpartition("}")
    return f"x:{local}" if space and "epcglobal" not in space else local


def _value(element: Element, name: str) -> object:
    if name in _LISTS:
        return [_text(one) if len(one) == 0 else _members(one) for one in element]
    if name in _TYPED:
        return [{"type": one.get("type"), _TYPED[name]: _text(one)} for one in element]
    if name == "persistentDisposition":
        return {"set": [_text(one) for one in element if _local(one) == "set"]}
    if name == "sensorElementList":
        return [_sensor(one) for one in element if _local(one) == "sensorElement"]
    if len(element):
        return _members(element)
    return _text(element)


def _sensor(element: Element) -> dict[str, object]:
    """Metadata and reports stand in attributes."""
    reports: list[dict[str, str]] = []
    found: dict[str, object] = {"sensorReport": reports}
    for child in element:
        if _local(child) == "sensorMetadata":
            found["sensorMetadata"] = dict(child.attrib)
        elif _local(child) == "sensorReport":
            reports.append(dict(child.attrib))
    return found


def _text(element: Element) -> str:
    return (element.text or "").strip()
