"""Rule packs read from their text: seconds of work, loaded only where no cache has the answer."""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hilum.errors import BadInputError
from hilum.quality.pack import build_ruleset, load_pack, load_shipped
from hilum.quality.texts import texts_of
from hilum.stores.rule_cache import Kept

Pack = tuple[str, bytes]
"""Path of a pack and its bytes."""


def read(own: Sequence[Pack], *, keeping: bool) -> Kept:
    """The shipped rules and those of ``own`` packs. Raises :class:`~hilum.errors.RuleError` with file, line, remedy.

    What the texts mean is read where it can be kept; else the gate reads those of a kind when it first meets it.
    """
    with _uncollected():
        rules = [rule for place, content in own for rule in load_pack(_text(place, content), os.path.basename(place))]
        ruleset = build_ruleset(load_shipped(), tuple(rules))
        return Kept(ruleset, texts_of(ruleset.rules) if keeping else ())


def _text(place: str, content: bytes) -> str:
    try:
        return content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as broken:
        raise BadInputError("pack_not_utf8", place=place) from broken


@contextmanager
def _uncollected() -> Iterator[None]:
    """Trees by the ten thousand, none of them garbage: looking for some takes a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
