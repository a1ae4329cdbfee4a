"""Rules kept between commands: the same rules come back, and nothing another user could have written is believed."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hilum.model.text import Bilingual
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.quality.rule_change import Replacement
from hilum.quality.texts import texts_of
from hilum.stores import rule_cache
from hilum.stores.rule_cache import Kept, RuleCache, cache_folder

SHIPPED = build_ruleset(load_shipped(), ())
KEPT = Kept(SHIPPED, texts_of(SHIPPED.rules[:40]))
KEY = "0" * 64


@pytest.fixture
def cache(tmp_path: Path) -> RuleCache:
    return RuleCache(tmp_path / "cache" / "hilum")


@pytest.fixture
def full(cache: RuleCache) -> RuleCache:
    assert cache.put(KEY, KEPT)
    return cache


def only_file(cache: RuleCache) -> Path:
    (file,) = cache.folder.iterdir()
    return file


def test_the_same_rules_texts_and_digest_come_back(full: RuleCache) -> None:
    assert full.get(KEY) == KEPT
    assert full.get("1" * 64) is None


def test_a_rule_that_replaces_another_comes_back_as_one(cache: RuleCache) -> None:
    old = SHIPPED.rules[0]
    mine = Replacement(
        **{name: getattr(old, name) for name in type(old).__dataclass_fields__} | {"why": Bilingual("新", "new")},
        overrides=old.id,
    )
    ruleset = replace(SHIPPED, rules=(mine, *SHIPPED.rules[1:3]))
    assert cache.put(KEY, Kept(ruleset, ()))
    found = cache.get(KEY)
    assert found is not None
    assert found.ruleset == ruleset
    assert type(found.ruleset.rules[0]) is Replacement


def test_an_empty_or_absent_folder_knows_nothing(cache: RuleCache) -> None:
    assert cache.get(KEY) is None
    assert cache.is_open()
    assert cache.get(KEY) is None


def test_only_the_user_may_open_what_is_kept(full: RuleCache) -> None:
    assert full.folder.stat().st_mode & 0o077 == 0
    assert only_file(full).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_others_may_write_is_not_believed(full: RuleCache, mode: int) -> None:
    only_file(full).chmod(mode)
    assert full.get(KEY) is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_others_may_write_is_neither_read_nor_written(full: RuleCache, mode: int) -> None:
    full.folder.chmod(mode)
    assert full.get(KEY) is None
    assert not full.is_open()
    assert not full.put("2" * 64, KEPT)
    assert len(list(full.folder.iterdir())) == 1


def test_what_somebody_else_owns_is_not_believed(full: RuleCache, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert full.get(KEY) is None
    assert not full.is_open()


def test_a_link_is_not_followed(full: RuleCache) -> None:
    file = only_file(full)
    elsewhere = full.folder.parent / "elsewhere.json"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert full.get(KEY) is None
    moved = full.folder.rename(full.folder.parent / "moved")
    full.folder.symlink_to(moved)
    assert not full.is_open()


def test_a_pipe_in_its_place_does_not_hold_anything_up(cache: RuleCache) -> None:
    assert cache.is_open()
    os.mkfifo(cache.folder / f"rules-{KEY}.json", 0o600)
    assert cache.get(KEY) is None


def test_a_byte_changed_or_lost_anywhere_is_noticed(full: RuleCache) -> None:
    file = only_file(full)
    whole = file.read_bytes()
    for place in (0, 20, 70, 200, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert full.get(KEY) is None, place
    for length in (0, 10, 100, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert full.get(KEY) is None, length
    file.write_bytes(whole)
    assert full.get(KEY) == KEPT


def test_a_file_of_other_rules_under_this_name_is_noticed(full: RuleCache) -> None:
    other = "3" * 64
    only_file(full).rename(full.folder / f"rules-{other}.json")
    assert full.get(other) is None


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b'{"digest":"d","rules":[],"overrides":{},"texts":[["x",["<",1]]]}', b"\xff"]
)
def test_a_well_sealed_page_that_says_nonsense_is_refused(full: RuleCache, body: bytes) -> None:
    only_file(full).write_bytes(rule_cache._seal(KEY, body) + b"\n" + body)
    assert full.get(KEY) is None


def test_old_rule_sets_make_room(cache: RuleCache) -> None:
    for number in range(12):
        assert cache.put(f"{number:064d}", Kept(replace(SHIPPED, rules=()), ()))
        os.utime(cache.folder / f"rules-{number:064d}.json", (number, number))
    left = sorted(file.name for file in cache.folder.iterdir())
    assert len(left) == 8
    assert cache.get(f"{11:064d}") is not None
    assert cache.get(f"{0:064d}") is None


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    blocked = RuleCache(tmp_path / "file" / "hilum")
    assert not blocked.is_open()
    assert not blocked.put(KEY, KEPT)
    assert blocked.get(KEY) is None


def test_where_the_folder_is() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/var/cache/one", "HOME": "/home/two"}) == Path("/var/cache/one/hilum")
    assert cache_folder({"XDG_CACHE_HOME": "relative", "HOME": "/home/two"}) == Path("/home/two/.cache/hilum")
    assert cache_folder({"HOME": "relative"}) is None
    assert cache_folder({}) is None
