"""Which catalogue keys the source asks for, read from its syntax trees.

A key is asked for by name (``text("report.title", …)``), by the reason of an error (``BadInputError("file_missing")``
means ``error.file_missing`` and ``advice.file_missing``), or by a head and something computed
(``text(f"kind.{kind}", …)``). Functions that hand their own argument on to one of these count as well.
"""

import ast
import inspect
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from hilum import errors
from hilum.messages import LANGUAGES
from tests.architecture.source import Function, Module, calls, dotted, functions, modules

PLACE = re.compile(r"\{(\w+)\}")
KEY = re.compile(r"[a-z0-9_]+(\.[a-zA-Z0-9_\-]+)+")
ERRORS = {name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, Exception)}
ERROR_HEADS = ("error.", "advice.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One place in the source that asks for a key; ``given`` are the values it fills in (None: not known)."""

    key: str
    place: str
    given: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Teller:
    """A function whose argument number ``position`` (or named ``name``) becomes the rest of a key after ``head``."""

    position: int
    name: str
    head: str
    room: str = ""
    """Of a method: the room it is known in. Elsewhere a method of that name is another one."""


_FENCED = re.compile(r"```.*?```", re.DOTALL)
"""An example on a page of the manual: a rule pack carries its own Chinese and English and its own braces."""


def prose(text: str) -> str:
    """What of a catalogue text is our own sentences."""
    return _FENCED.sub("", text)


def places(text: str) -> frozenset[str]:
    """Names of the values a sentence wants."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(prose(text)) if name)


@cache
def constants() -> frozenset[str]:
    """Every string constant in the source."""
    return frozenset(
        node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@cache
def heads() -> frozenset[str]:
    """What keys with one computed rest begin with: ``kind.`` of ``f"kind.{kind}"``."""
    found = (re.fullmatch(r"((?:\w+\\\.)+)\(\.\+\)", pattern.pattern) for pattern in patterns())
    return frozenset(match[1].replace("\\", "") for match in found if match)


@cache
def patterns() -> frozenset[re.Pattern[str]]:
    """The shapes of computed keys: ``kind\\.(.+)`` of ``f"kind.{kind}"`` or of ``"kind." + kind``."""
    found = {re.compile(re.escape(head) + "(.+)") for head in ERROR_HEADS}
    for module in modules():
        for node in ast.walk(module.tree):
            pieces: list[ast.expr] = []
            if isinstance(node, ast.JoinedStr):
                pieces = node.values
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                pieces = [node.left, node.right]
            found |= _pattern(pieces)
    return frozenset(found)


def _pattern(pieces: list[ast.expr]) -> set[re.Pattern[str]]:
    """The pattern of one computed string, if it can be a key: words, dots and one or two computed parts."""
    literal = [str(piece.value) if isinstance(piece, ast.Constant) else None for piece in pieces]
    computed = literal.count(None)
    said = "".join(part or "" for part in literal)
    if not 1 <= computed <= 2 or "." not in said or not re.fullmatch(r"[a-z_.]+", said):
        return set()
    holes = [place for place, part in enumerate(literal) if part is None]
    return {
        re.compile(
            "".join(_hole(place == wide) if part is None else re.escape(part) for place, part in enumerate(literal))
        )
        for wide in holes
    }


def _hole(wide: bool) -> str:
    """What a computed part may be: one word, or words with dots between them."""
    return "(.+)" if wide else "([^.]+)"


@cache
def tellers() -> dict[str, Teller]:
    """``text`` and every function that hands one of its own arguments on to a teller as (the rest of) a key."""
    known = {"text": Teller(0, "key", "")}
    while True:
        added = {
            function.name: teller
            for module in modules()
            for function in functions(module)
            if function.name not in known and (teller := _hands_on(module, function, known))
        }
        if not added:
            return known
        known |= added


def _hands_on(module: Module, function: Function, known: dict[str, Teller]) -> Teller | None:
    arguments = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    names = [name for name in arguments if name not in {"self", "cls"}]
    keys = set(names) - {"language"}
    room = module.parts[0] if "self" in arguments else ""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and (teller := _teller(module, dotted(node.func), known)):
            head, rest = _split(_argument(node, teller))
            if isinstance(rest, ast.Name) and rest.id in keys:
                return Teller(names.index(rest.id), rest.id, teller.head + head, room)
    return None


def _teller(module: Module, name: str, known: dict[str, Teller]) -> Teller | None:
    """The teller a call to ``name`` in ``module`` goes to: a function by its bare name, a method by its last."""
    owner, _, last = name.rpartition(".")
    teller = known.get(last)
    if teller is None:
        return None
    known_here = teller.room == module.parts[0] if owner else not teller.room and _is_ours(module, name)
    return teller if known_here else None


def _split(asked: ast.expr | None) -> tuple[str, ast.expr | None]:
    """``("kind.", kind)`` of ``f"kind.{kind}"``; the expression itself with an empty head otherwise."""
    if isinstance(asked, ast.JoinedStr) and len(asked.values) == 2:
        first, second = asked.values
        if isinstance(first, ast.Constant) and isinstance(second, ast.FormattedValue):
            return str(first.value), second.value
    return "", asked


def _argument(call: ast.Call, teller: Teller) -> ast.expr | None:
    if len(call.args) > teller.position:
        return call.args[teller.position]
    return next((word.value for word in call.keywords if word.arg == teller.name), None)


def asked() -> Iterator[Asked]:
    """Every key the source asks for by name."""
    for module in modules():
        for call, name in calls(module):
            last = name.rpartition(".")[2]
            if last in ERRORS and call.args:
                for reason in _literals(call.args[0]):
                    yield from (Asked(head + reason, module.at(call), _given(call)) for head in ERROR_HEADS)
            elif teller := _teller(module, name, tellers()):
                for rest in _literals(_argument(call, teller)):
                    if rest not in LANGUAGES:  # a word that says itself in a language has a method of that name too
                        yield Asked(teller.head + rest, module.at(call), _given(call) if last == "text" else None)


def _is_ours(module: Module, name: str) -> bool:
    """Whether a bare name is a function of this module or one it imports from Hilum."""
    return any(function.name == name for function in functions(module)) or any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("hilum")
        and name in {a.name for a in node.names}
        for node in ast.walk(module.tree)
    )


def _literals(node: ast.expr | None) -> Iterator[str]:
    """The string, or both strings of ``"a" if … else "b"``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _given(call: ast.Call) -> frozenset[str] | None:
    if any(word.arg is None for word in call.keywords):
        return None
    return frozenset(word.arg for word in call.keywords if word.arg)
