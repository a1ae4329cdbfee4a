"""Frozen values made quickly, where very many are made.

A frozen dataclass sets its fields through ``object.__setattr__``, which takes most of the time of making one. Setting
the slots directly makes the same value in half of it; a record with many findings is judged noticeably sooner.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


def maker(cls: type[T]) -> Callable[..., T]:
    """A function that makes a slotted dataclass of all its fields, given in their order, without ``__post_init__``."""
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]  # T is a dataclass
    space: dict[str, Any] = {f"set_{name}": cls.__dict__[name].__set__ for name in names}
    space |= {"new": object.__new__, "cls": cls}
    lines = [f"def make({', '.join(names)}):", "    made = new(cls)"]
    lines += [f"    set_{name}(made, {name})" for name in names]
    exec("\n".join([*lines, "    return made"]), space)  # noqa: S102 - only names of our own fields
    make: Callable[..., T] = space["make"]
    return make
