"""Strict YAML for rule packs: every value keeps its line, nothing is guessed, nothing is expanded.

Of YAML only mappings, lists and plain values are understood. Duplicate keys, anchors, aliases, tags and further
documents are refused: a pack is read by people, and what they see must be all there is.
"""

from collections.abc import Iterator, Mapping

import yaml

from hilum.errors import RuleError

LARGEST = 2_000_000
"""Longest pack text accepted, in characters."""

_PLAIN = {"str", "int", "float", "bool", "null", "timestamp"}


_DEEPEST = 40
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Spot:
    """A node of the pack and where it stands; reading it wrongly raises :class:`RuleError` with the line."""

    __slots__ = ("_file", "_node", "proven")

    def __init__(self, node: yaml.Node, file: str, proven: bool = False) -> None:
        self._node, self._file, self.proven = node, file, proven

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self._file}:{self._node.start_mark.line + 1}"

    def error(self, reason: str, **values: object) -> RuleError:
        return RuleError(reason, place=self.place, **values)

    def entries(self, allowed: frozenset[str] | None, required: frozenset[str] = frozenset()) -> "dict[str, Spot]":
        """The members of a mapping. ``allowed`` of ``None`` means that any key may stand here."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error("pack_not_a_mapping")
        found: dict[str, Spot] = {}
        for key, value in self._node.value:
            name = Spot(key, self._file).text()
            if name in found:
                raise Spot(key, self._file).error("pack_key_twice", key=name, other=found[name].place)
            if allowed is not None and name not in allowed:
                raise Spot(key, self._file).error("pack_key_unknown", key=name, known=", ".join(sorted(allowed)))
            found[name] = Spot(value, self._file, self.proven)
        missing = sorted(required - found.keys())
        if missing:
            raise self.error("pack_key_missing", key=", ".join(missing))
        return found

    def items(self) -> "Iterator[Spot]":
        """The members of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error("pack_not_a_list")
        return (Spot(node, self._file, self.proven) for node in self._node.value)

    def text(self) -> str:
        """A text that says something. Numbers and yes/no must be quoted to be texts."""
        value = self.value()
        if not isinstance(value, str) or not value.strip():
            raise self.error("pack_not_a_text")
        return value.strip()

    def whole(self, low: int, high: int) -> int:
        """A whole number within limits."""
        value = self.value()
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error("pack_not_a_whole_number", low=low, high=high)
        return value

    def share(self) -> float:
        """A number from 0 to 1."""
        value = self.value()
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
            raise self.error("pack_not_a_share")
        return float(value)

    def truth(self) -> bool:
        """``true`` or ``false``."""
        value = self.value()
        if not isinstance(value, bool):
            raise self.error("pack_not_a_truth_value")
        return value

    def choice(self, options: Mapping[str, object] | frozenset[str]) -> str:
        """One of a closed list of words."""
        value = self.text()
        if value not in options:
            raise self.error("pack_not_an_option", value=value, known=", ".join(options))
        return value

    def value(self) -> str | int | float | bool | None:
        """A plain value. Dates stay texts; only ``true`` and ``false`` are truth values, ``no`` is a text."""
        if not isinstance(self._node, yaml.ScalarNode):
            raise self.error("pack_not_a_value")
        tag = self._node.tag.removeprefix("tag:yaml.org,2002:")
        if tag not in _PLAIN:
            raise self.error("pack_not_a_value")
        written = self._node.value
        if tag == "bool":
            return {"true": True, "false": False}.get(written, written)
        if tag == "null":
            return None
        return _number(written, int if tag == "int" else float) if tag in ("int", "float") else str(written)


def _number(written: str, kind: type[int] | type[float]) -> str | int | float:
    """A number as written; what only YAML takes for one (``1_000``, ``0x1F``, ``.inf``) stays a text."""
    plain = written.lstrip("+-").replace(".", "", 1).replace("e", "", 1).replace("-", "").isdigit()
    return kind(written) if plain else written


def read(text: str, file: str, *, proven: bool = False) -> Spot:
    """The root of a pack; ``proven`` marks one whose predicates were proved before.

    Raises :class:`RuleError` for text that is not one YAML document of the strict kind.
    """
    if len(text) > LARGEST:
        raise RuleError("pack_too_long", place=file, limit=LARGEST)
    try:
        if not proven:
            _refuse_tricks(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        raise RuleError("pack_not_yaml", place=f"{file}:{line}", problem=broken.problem or "") from broken
    except yaml.YAMLError as broken:
        raise RuleError("pack_not_yaml", place=file, problem=" ".join(str(broken).split())[:160]) from broken
    if node is None:
        raise RuleError("pack_empty", place=file)
    return Spot(node, file, proven)


def _refuse_tricks(text: str, file: str) -> None:
    """Refuse anchors, aliases and bottomless nesting before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        named = isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None)
        if named or depth > _DEEPEST:
            problem = "anchors and aliases are not allowed" if named else "nested too deeply"
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise RuleError("pack_not_yaml", place=f"{file}:{line}", problem=problem)
