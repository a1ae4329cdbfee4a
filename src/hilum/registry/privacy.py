"""Taking personal values out of a record before it reaches the bank, and putting them back for the gate.

Every source's own donor identifier is personal, whoever calls it de-identified: in the bank a donor is a pseudonym
(an HMAC under the vault's key), also where the identifier is a component of a composed key. The digest of a record is
keyed with the same secret, since a plain digest of a short personal value can be guessed.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from hilum.canonical import canonical
from hilum.model import ids
from hilum.model.record import Kind, Record, Value
from hilum.model.vocabulary import personal_fields
from hilum.registry.stored import RecordState, StoredRecord

KEY_SEPARATOR = "|"
_DONOR_FIELD = "donor_id"


@dataclass(frozen=True, slots=True)
class Parted:
    """A record parted in two: what the bank keeps, what the vault keeps, and the whole for the gate to judge."""

    whole: Record
    stored: StoredRecord
    personal: Mapping[str, Value]


def part(record: Record, key: bytes, received_at: str) -> Parted:
    """Part ``record``. The stored half is ``held`` until the gate has spoken; its id is the same on every run."""
    pseudonym = _pseudonym(key, record.donor) if record.donor else None
    names = personal_fields(record.kind)
    fields = {name: value for name, value in record.fields.items() if name not in names and value is not None}
    personal: dict[str, Value] = {
        name: value
        for name, value in record.fields.items()
        if name in names and name != _DONOR_FIELD and value is not None
    }
    unreadable = record.unreadable
    if unreadable and not names.isdisjoint(unreadable):
        personal |= {f"?{name}": text for name, text in unreadable.items() if name in names}
        unreadable = {name: text for name, text in unreadable.items() if name not in names}
    bank_key = _bank_key(record, pseudonym)
    stored = StoredRecord(
        id=_record_id(record, bank_key),
        kind=record.kind,
        key=bank_key,
        donor=pseudonym,
        digest=_digest(key, record, bank_key, pseudonym),
        locator=record.locator,
        fields=fields,
        received_at=received_at,
        state=RecordState.HELD,
        unreadable=unreadable,
        extra=record.extra,
    )
    return Parted(whole=record, stored=stored, personal=personal)


@lru_cache(maxsize=10_000)
def _pseudonym(key: bytes, external: str) -> str:
    """A donor's records come together; the same HMAC need not be made for each."""
    return ids.pseudonym(key, external)


def _bank_key(record: Record, pseudonym: str | None) -> str:
    """The record's key with the donor's own identifier, wherever it is a whole component, made a pseudonym."""
    if pseudonym is None:
        return record.key
    if record.kind is Kind.DONOR:
        return pseudonym
    if KEY_SEPARATOR not in record.key:
        return pseudonym if record.key == record.donor else record.key
    pieces = record.key.split(KEY_SEPARATOR)
    return KEY_SEPARATOR.join(pseudonym if piece == record.donor else piece for piece in pieces)


def _record_id(record: Record, bank_key: str) -> str:
    where = record.locator
    return ids.mint(ids.RECORD, where.source, where.place, str(where.line), record.kind, bank_key)


def _digest(key: bytes, record: Record, bank_key: str, pseudonym: str | None) -> str:
    """Keyed digest of the content: the same fact from two files has the same digest, wherever it stood."""
    content: dict[str, Value] = {name: value for name, value in record.fields.items() if value is not None}
    content |= {f"?{name}": text for name, text in record.unreadable.items()}
    content |= {f"+{name}": text for name, text in record.extra.items()}
    content |= {"@kind": str(record.kind), "@key": bank_key, "@donor": pseudonym}
    return hmac.digest(key, canonical(content), "sha256").hex()


def whole(stored: StoredRecord, people: Mapping[str, str], personal: Mapping[str, Value]) -> Record:
    """The record as received, from its two halves; ``people`` gives the source's identifier of a pseudonym."""
    donor = people.get(stored.donor) if stored.donor else None
    fields = dict(stored.fields) | {name: value for name, value in personal.items() if not name.startswith("?")}
    if donor is not None and stored.kind is not Kind.READING:
        fields[_DONOR_FIELD] = donor
    unreadable = dict(stored.unreadable) | {
        name[1:]: str(text) for name, text in personal.items() if name.startswith("?")
    }
    return Record(
        kind=stored.kind,
        key=stored.key,
        donor=donor,
        fields=fields,
        locator=stored.locator,
        unreadable=unreadable,
        extra=stored.extra,
    )


def corrected(parted: Parted, old: StoredRecord, batch: str) -> Parted:
    """``parted`` as the correction of ``old``: the same place, a new identifier, the old one named."""
    new_id = ids.mint(ids.RECORD, old.id, "corrected", batch)
    return replace(parted, stored=replace(parted.stored, id=new_id, key=old.key, donor=old.donor, corrects=old.id))
