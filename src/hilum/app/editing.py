"""Values typed by a person, read as the vocabulary says."""

from collections.abc import Sequence

from hilum.app.running import Hilum
from hilum.errors import BadInputError, NotFoundError
from hilum.formats.values import read
from hilum.model.party import Actor
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import FieldType, vocabulary
from hilum.registry.operations import SHOW_RECORD, ShowRecord
from hilum.terms.synonyms import code_of


def typed_values(
    app: Hilum, actor: Actor, records: Sequence[str], changes: Sequence[str]
) -> tuple[tuple[str, Value], ...]:
    """``FIELD=VALUE`` texts as typed values for the kind of ``records`` (which must all be of one kind)."""
    kinds = {app.run(SHOW_RECORD, actor, ShowRecord(one)).record.kind for one in records[:50]}
    if not kinds:
        raise NotFoundError("nothing_chosen")
    if len(kinds) > 1:
        raise BadInputError("kinds_mixed", kinds=", ".join(sorted(kinds)))
    (kind,) = kinds
    return tuple(typed_value(kind, change) for change in changes)


def typed_value(kind: Kind, change: str) -> tuple[str, Value]:
    """One ``FIELD=VALUE``; an empty value clears the field."""
    name, equals, text = change.partition("=")
    field = vocabulary()[kind].get(name.strip())
    if not equals or field is None:
        known = ", ".join(vocabulary()[kind])
        raise BadInputError("change_unreadable", change=name, kind=kind.value, known=known)
    value, readable = read(field, text)
    if not readable:
        raise BadInputError("value_unreadable", field=name, type=field.type.value)
    if field.type is FieldType.CODE and isinstance(value, str):
        value = code_of(field.values, value) or value
    return field.name, value
