"""Rules that were read before: kept in the user's cache folder, so that a command need not read a megabyte of YAML.

A file holds the rules as plain data and the trees of their texts; no code. Its name is the digest of everything that
made it (packs, program, interpreter). Nothing in it is taken on trust: a file that somebody else owns or could have
written, that is damaged, or that was written for something else is as good as none, and the rules are read anew.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec

from hilum.quality.expression import Expr
from hilum.quality.rule import Rule, Ruleset
from hilum.quality.rule_change import Replacement
from hilum.quality.tree_json import Tree, expr_of, tree_of

_HEAD = b"hilum rules 1 "
_FILES = "rules-*.json"
_KEPT = 8
"""Rule sets kept at most; the oldest go first."""
_LARGEST = 64 << 20
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule set and what its texts mean: (text, tree) pairs for :func:`hilum.quality.predicate.remember`."""

    ruleset: Ruleset
    texts: tuple[tuple[str, Expr], ...]


class _Page(msgspec.Struct, frozen=True):
    """What stands in a file, below its first line."""

    digest: str
    rules: list[Rule]
    overrides: dict[str, str]
    texts: list[tuple[str, object]]


_decoder = msgspec.json.Decoder(_Page)


@dataclass(frozen=True, slots=True)
class RuleCache:
    """The folder. It is made when something is first put into it."""

    folder: Path

    def get(self, key: str) -> Kept | None:
        """What was put under ``key``, ``None`` where there is nothing that can be trusted."""
        content = _read(self.folder, _name(key))
        if content is None:
            return None
        head, _, body = content.partition(b"\n")
        if head != _seal(key, body):
            return None
        try:
            return _opened(_decoder.decode(body))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None

    def is_open(self) -> bool:
        """Whether something can be put here: the folder is there or could be made, and is this user's alone."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _is_ours(self.folder.lstat(), stat.S_ISDIR) and os.access(self.folder, os.W_OK)
        except OSError:
            return False

    def put(self, key: str, kept: Kept) -> bool:
        """Keep it; answers whether that was possible. A full or closed disk only means that it is read anew."""
        if not self.is_open():
            return False
        body = msgspec.json.encode(_page(kept))
        try:
            _write(self.folder, _name(key), _seal(key, body) + b"\n" + body)
            _clear(self.folder)
        except OSError:
            return False
        return True


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """``$XDG_CACHE_HOME/hilum``, by default ``~/.cache/hilum``; ``None`` where files have no owners to tell apart."""
    if not hasattr(os, "geteuid"):
        return None
    named = environment.get("XDG_CACHE_HOME", "")
    base = Path(named) if named.startswith("/") else Path(environment.get("HOME", ""), ".cache")
    return base / "hilum" if base.is_absolute() else None


def _name(key: str) -> str:
    return _FILES.replace("*", key)


def _seal(key: str, body: bytes) -> bytes:
    return _HEAD + hashlib.sha256(key.encode() + b"\n" + body).hexdigest().encode()


def _page(kept: Kept) -> _Page:
    rules = [_bare(rule) for rule in kept.ruleset.rules]
    overrides = {rule.id: rule.overrides for rule in kept.ruleset.rules if isinstance(rule, Replacement)}
    return _Page(kept.ruleset.digest, rules, overrides, [(text, tree_of(tree)) for text, tree in kept.texts])


def _bare(rule: Rule) -> Rule:
    return Rule(**_fields(rule)) if isinstance(rule, Replacement) else rule  # type: ignore[arg-type]  # its own fields


def _fields(rule: Rule) -> dict[str, object]:
    return {name: getattr(rule, name) for name in Rule.__dataclass_fields__}


def _opened(page: _Page) -> Kept:
    rules = tuple(
        Replacement(**_fields(rule), overrides=page.overrides[rule.id]) if rule.id in page.overrides else rule  # type: ignore[arg-type]  # its own fields
        for rule in page.rules
    )
    return Kept(Ruleset(rules, page.digest), tuple((text, expr_of(cast(Tree, tree))) for text, tree in page.texts))


def _is_ours(found: os.stat_result, kind: object) -> bool:
    return callable(kind) and bool(kind(found.st_mode)) and found.st_uid == os.geteuid() and not found.st_mode & _OTHERS


def _read(folder: Path, name: str) -> bytes | None:
    """A file's bytes, where nobody but this user can have written them."""
    try:
        if not _is_ours(folder.lstat(), stat.S_ISDIR):
            return None
        number = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(number, "rb") as file:
            found = os.fstat(number)
            return file.read() if _is_ours(found, stat.S_ISREG) and found.st_size <= _LARGEST else None
    except OSError:
        return None


def _write(folder: Path, name: str, content: bytes) -> None:
    """Whole or not at all: written beside, then renamed; ``mkstemp`` makes a file only this user may open."""
    number, made = tempfile.mkstemp(prefix=".rules-", dir=folder)
    try:
        with open(number, "wb") as file:
            file.write(content)
        os.replace(made, folder / name)
    except OSError:
        with suppress(OSError):
            os.unlink(made)
        raise


def _clear(folder: Path) -> None:
    files: Iterable[Path] = sorted(folder.glob(_FILES), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for old in list(files)[_KEPT:]:
        old.unlink(missing_ok=True)
