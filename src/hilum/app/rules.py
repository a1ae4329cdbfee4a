"""The rules in force in one bank: the shipped packs, then the hospital's own.

Reading a megabyte of packs takes seconds; what came of it is kept in the user's cache folder (decision record 0014).
"""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib import import_module, resources
from importlib.resources.abc import Traversable

from hilum import __version__
from hilum.quality.examples import Trial, try_examples
from hilum.quality.predicate import remember
from hilum.quality.rule import Ruleset
from hilum.settings import Settings
from hilum.stores.rule_cache import Kept, RuleCache, cache_folder

_DECIDING = ("model", "quality", "rules", "terms")
"""Packages of this program that decide what the rules are and what they mean."""
_SUFFIXES = (".py", ".toml", ".yaml")
_Packs = tuple[tuple[str, bytes], ...]


def ruleset_of(settings: Settings) -> Ruleset:
    """All rules of the bank. Raises :class:`~hilum.errors.RuleError` with file, line and remedy."""
    folder = settings.pack_folder
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else ()
    return _ruleset(tuple((str(file), file.read_bytes()) for file in files))


def trials_of(ruleset: Ruleset) -> tuple[int, tuple[Trial, ...]]:
    """Run every rule's own examples; answers how many there were and which came out otherwise."""
    return try_examples(ruleset.rules)


@lru_cache(maxsize=16)
def _ruleset(own: _Packs) -> Ruleset:
    """The shipped rules and ``own`` ones: made once in a process."""
    folder = cache_folder(os.environ)
    kept = RuleCache(folder) if folder else None
    key = _key(own)
    found = kept.get(key) if kept else None
    if found is None:
        read: Callable[..., Kept] = import_module("hilum.app.rule_reading").read
        found = read(own, keeping=kept is not None and kept.is_open())
        if kept is not None and found.texts:
            kept.put(key, found)
    remember(found.texts)
    return found.ruleset


def _key(own: _Packs) -> str:
    """Names everything that decides what is read: the program, its interpreter, and every byte of the packs."""
    told = hashlib.sha256(f"{__version__} {sys.version} {_program()}".encode())
    for place, content in own:
        told.update(f"\n{os.path.basename(place)} {hashlib.sha256(content).hexdigest()}".encode())
    return told.hexdigest()


@cache
def _program() -> str:
    """Digest of the deciding parts of this program as they lie on the disk, the shipped packs among them."""
    told = hashlib.sha256()
    for name, content in _contents():
        told.update(f"{name} {len(content)}\n".encode() + content)
    return told.hexdigest()


def _contents() -> Iterator[tuple[str, bytes]]:
    for package in _DECIDING:
        folder: Traversable = resources.files("hilum") / package
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if file.name.endswith(_SUFFIXES):
                yield f"{package}/{file.name}", file.read_bytes()
