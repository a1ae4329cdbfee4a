"""Records as a program sends them: JSON with a kind and fields in the vocabulary's own words.

One record is ``{"kind": "specimen", "fields": {"specimen_id": "S-1", "storage_c": -80, …}}``; several are a list, an
object with ``records``, or one per line. A field holds a value of its type or a text that is read as a table's cell
would be; what cannot be read stays as written in ``unreadable``, a name the vocabulary lacks goes to ``extra``. One
record that is no record costs that record, not the others.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from hilum.formats.results import take_apart
from hilum.formats.rows import natural_key, read
from hilum.model.record import Item, Kind, Locator, Record, SourceProblem, Value
from hilum.model.vocabulary import Field, FieldType, vocabulary

FORMAT = "records.json"
_SHOWN = 200
_KINDS = ", ".join(kind.value for kind in Kind)
_NUMBERS = (FieldType.NUMBER, FieldType.INTEGER)


class _Sent(msgspec.Struct, frozen=True):
    """One record as sent. ``key`` and ``donor`` are only needed where the fields do not say them."""

    kind: str
    fields: dict[str, object]
    key: str = ""
    donor: str | None = None


_decode_one = msgspec.json.Decoder(_Sent).decode
_decode_raw = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_wrapped = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def items(body: bytes, place: str, source: str, *, lines: bool = False) -> Iterator[Item]:
    """Records and problems in ``body``, numbered from 1; with ``lines`` every line that is not blank is a record."""
    if lines:
        numbered = ((number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip())
        for number, line in numbered:
            yield _item(line, Locator(source, place, number))
        return
    try:
        pieces = _pieces(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        yield SourceProblem("json_malformed", Locator(source, place, 0), {"offset": 0, "count": 0}, fatal=True)
        return
    for number, piece in enumerate(pieces, 1):
        yield _item(bytes(piece), Locator(source, place, number))


def _pieces(body: bytes) -> list[bytes | msgspec.Raw]:
    """The records of a list, of an object with ``records``, or the one record that ``body`` is."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"["):
        return list(_decode_raw(start))
    outer = _decode_wrapped(start)
    return list(_decode_raw(outer["records"])) if "records" in outer and "kind" not in outer else [start]


def _item(raw: bytes, at: Locator) -> Item:
    try:
        sent = _decode_one(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
        return SourceProblem("record_malformed", at, {"why": _shape_of(wrong)})
    try:
        kind = Kind(sent.kind)
    except ValueError:
        return SourceProblem("record_kind_unknown", at, {"kind": sent.kind[:_SHOWN], "known": _KINDS})
    return _record(kind, sent, at)


def _shape_of(wrong: Exception) -> str:
    """What was wrong with the form; msgspec names types and paths, never values."""
    return str(wrong)[:_SHOWN] if isinstance(wrong, msgspec.ValidationError) else type(wrong).__name__


def _record(kind: Kind, sent: _Sent, at: Locator) -> Record:
    known = vocabulary()[kind]
    fields: dict[str, Value] = {}
    unreadable: dict[str, str] = {}
    extra: dict[str, str] = {}
    for name, given in sent.fields.items():
        field = known.get(name)
        if field is None:
            extra[name] = _plain(given)
            continue
        fields[name], readable = _value(field, given)
        if not readable:
            unreadable[name] = _plain(given)
    if kind is Kind.OBSERVATION:
        take_apart(fields, unreadable)
    donor = sent.donor or fields.get("donor_id")
    return Record(
        kind=kind,
        key=sent.key or natural_key(kind, fields, at),
        donor=str(donor) if donor is not None else None,
        fields=fields,
        locator=at,
        unreadable=unreadable,
        extra=extra,
    )


def _value(field: Field, given: object) -> tuple[Value, bool]:
    """``(value, readable)``: a value of the field's own type as it is, a text as a cell, anything else unreadable."""
    if given is None:
        return None, True
    if isinstance(given, bool):
        return (given, True) if field.type is FieldType.BOOLEAN else (None, False)
    if isinstance(given, int | float):
        return _number(field, given)
    if isinstance(given, str):
        return _cell(field, given)
    return None, False


_cell = lru_cache(maxsize=65_536)(read)


def _number(field: Field, given: float) -> tuple[Value, bool]:
    if field.type in _NUMBERS and abs(given) < 1e60:
        if field.type is FieldType.NUMBER:
            return given, True
        return (int(given), True) if float(given).is_integer() else (None, False)
    if field.type in (FieldType.TEXT, FieldType.CODE) and isinstance(given, int):
        return _cell(field, str(given))
    return None, False


def _plain(given: object) -> str:
    if isinstance(given, str):
        return given
    return "" if given is None else msgspec.json.encode(given).decode()


def as_message(record: Record) -> Mapping[str, object]:
    """The record as a program would send it: what :func:`items` reads back."""
    fields: dict[str, object] = {name: value for name, value in record.fields.items() if value is not None}
    fields |= dict(record.unreadable) | dict(record.extra)
    return {"kind": record.kind.value, "key": record.key, "donor": record.donor, "fields": fields}
