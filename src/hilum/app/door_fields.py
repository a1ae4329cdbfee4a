"""Values of a topic as records: a temperature logger's ``{"t": …, "c": …}`` or plain number becomes a reading.

Pure. What the topic's name says counts more than what the payload says, and what the settings fix more than either. A
payload that names no moment happened when it came, unless the broker had kept it: then nobody knows, and the gate says
so. What no field is named for goes along under its own name, as the columns of a table do that nobody mapped.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from hilum.clock import stamp
from hilum.model.doors import Shape
from hilum.model.record import Kind
from hilum.model.vocabulary import FieldType, vocabulary

CAPTURE = re.compile(r"\{(\w+)\}")
"""A level of a topic that is the value of a field."""
_USUAL_PLAIN = {Kind.READING: "value_c"}
_MILLISECONDS = 1e11
"""Seconds of the years until 5138; a larger number counts milliseconds."""
_DEEPEST = 6

Json = Mapping[str, object] | list[object] | str | int | float | bool | None


def filter_of(pattern: str) -> str:
    """What is subscribed for ``loggers/{logger}/reading``: ``loggers/+/reading``."""
    return CAPTURE.sub("+", pattern)


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> re.Pattern[str]:
    levels = []
    for level in pattern.split("/"):
        captured = CAPTURE.fullmatch(level)
        if captured:
            levels.append(f"(?P<{captured[1]}>[^/]+)")
        else:
            levels.append({"+": "[^/]*", "#": ".*"}.get(level, re.escape(level)))
    return re.compile("/".join(levels).replace("/.*", "(?:/.*)?"), re.DOTALL)


def captured(pattern: str, topic: str) -> dict[str, str] | None:
    """What the topic's name says, field -> text; ``None`` when it is another topic."""
    found = _matcher(pattern).fullmatch(topic)
    return found.groupdict() if found else None


def records_of(shape: Shape, named: Mapping[str, str], payload: bytes, came_at: str) -> bytes:
    """The payload as records in Hilum's own JSON. ``came_at`` (an instant, or empty when it says nothing) stands in for
    a moment the payload does not name."""
    content = _read(payload)
    pieces = content if isinstance(content, list) else [content]
    moment = _moment(shape.kind) if came_at else ""
    records = []
    for piece in pieces:
        fields = _fields(shape, piece) | dict(named) | dict(shape.constant)
        if moment and fields.get(moment) in (None, ""):
            fields[moment] = came_at
        records.append({"kind": shape.kind.value, "fields": fields})
    return json.dumps(records, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _read(payload: bytes) -> Json:
    """JSON, or else the text as it is; bytes that are no text are shown as ``\\xff``."""
    try:
        content: Json = json.loads(payload, parse_constant=str)
    except (ValueError, RecursionError):
        return payload.decode("utf-8", "backslashreplace").strip()
    return content


def _fields(shape: Shape, piece: object) -> dict[str, object]:
    if not isinstance(piece, Mapping):
        plain = shape.plain or _USUAL_PLAIN.get(shape.kind, "value")
        return {plain: _value(shape.kind, plain, piece)}
    rest = _flat(piece)
    fields: dict[str, object] = {}
    for field, member in shape.fields.items():
        if member in rest:
            fields[field] = _value(shape.kind, field, rest.pop(member))
    for member, value in rest.items():
        fields.setdefault(member, _value(shape.kind, member, value))
    return fields


def _flat(piece: Mapping[str, object], before: str = "", depth: int = 0) -> dict[str, object]:
    """Members of members under ``outer.inner``."""
    flat: dict[str, object] = {}
    for name, value in piece.items():
        if isinstance(value, Mapping) and depth < _DEEPEST:
            flat |= _flat(value, f"{before}{name}.", depth + 1)
        else:
            flat[f"{before}{name}"] = value
    return flat


def _value(kind: Kind, field: str, value: object) -> object:
    """A value as it is; a number that stands for an instant counts seconds or milliseconds since 1970."""
    known = vocabulary()[kind].get(field)
    if isinstance(value, bool) or known is None or known.type is not FieldType.INSTANT:
        return value
    if isinstance(value, int | float):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS else value
        try:
            return stamp(datetime.fromtimestamp(seconds, UTC))
        except (ValueError, OverflowError, OSError):
            return str(value)
    return value


@lru_cache(maxsize=64)
def _moment(kind: Kind) -> str:
    """The field that says when, where a record of this kind has one that is an instant."""
    for field in vocabulary()[kind].values():
        if field.role == "moment" and field.type is FieldType.INSTANT:
            return field.name
    return ""
