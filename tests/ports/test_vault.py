"""The vault: personal data and originals, durable, private, and silent about what it holds."""

import hashlib
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from hilum.errors import BadInputError, HilumError, NotFoundError, StoreError
from hilum.registry.ports import Vault
from hilum.settings import Settings
from hilum.stores.vault import FolderVault, open_vault


@pytest.fixture
def vault(tmp_path: Path) -> FolderVault:
    return open_vault(Settings(home=tmp_path / "home"))


def modes(folder: Path) -> set[str]:
    """Names below ``folder`` that anybody but the owner may touch."""
    return {str(file) for file in [folder, *folder.rglob("*")] if file.stat().st_mode & 0o077}


def test_the_vault_is_what_the_registry_asks_for(vault: FolderVault) -> None:
    asked: Vault = vault
    assert asked.people([]) == {}


def test_the_key_is_made_once_and_stays(vault: FolderVault) -> None:
    key = vault.key()
    assert len(key) == 32
    assert vault.key() == FolderVault(vault.folder).key() == key
    assert [file.name for file in vault.folder.iterdir() if file.name.startswith("key")] == ["key"]


def test_many_processes_asking_first_agree_on_one_key(vault: FolderVault) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(FolderVault(vault.folder).key())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_lost_key_is_never_replaced_while_people_are_known_under_it(vault: FolderVault) -> None:
    vault.key()
    vault.put_people({"DNR-1": "张三"})
    (vault.folder / "key").unlink()
    with pytest.raises(StoreError) as lost:
        FolderVault(vault.folder).key()
    assert lost.value.reason == "vault_key_lost"


def test_a_damaged_key_is_an_error(vault: FolderVault) -> None:
    vault.key()
    os.truncate(vault.folder / "key", 5)
    with pytest.raises(StoreError) as damaged:
        FolderVault(vault.folder).key()
    assert damaged.value.reason == "vault_key_damaged"


def test_nothing_in_the_vault_can_be_read_by_others(vault: FolderVault, tmp_path: Path) -> None:
    file = tmp_path / "samples.csv"
    file.write_text("a")
    vault.key()
    vault.put_people({"DNR-1": "张三"})
    vault.keep_original(str(file))
    assert modes(vault.folder) == set()


def test_people_and_personal_values_come_back_and_later_ones_replace_earlier(vault: FolderVault) -> None:
    many = {f"DNR-{number}": f"person {number}" for number in range(1200)}
    vault.put_people(many)
    vault.put_people({"DNR-7": "李四"})
    assert vault.people([*many, "DNR-none"]) == many | {"DNR-7": "李四"}
    vault.put_personal({"REC-1": {"name": "张三", "birth_on": "1950-01-01", "age": 3, "known": None}})
    vault.put_personal({"REC-1": {"name": "张三丰"}, "REC-2": {}})
    assert vault.personal(["REC-1", "REC-2", "REC-3"]) == {"REC-1": {"name": "张三丰"}, "REC-2": {}}


def test_what_was_put_is_there_for_the_next_process_at_once(vault: FolderVault) -> None:
    vault.put_people({"DNR-1": "张三"})
    assert FolderVault(vault.folder).people(["DNR-1"]) == {"DNR-1": "张三"}


def test_an_original_is_kept_once_under_its_digest_whatever_it_is_called(vault: FolderVault, tmp_path: Path) -> None:
    content = os.urandom(3 << 20)
    digest = hashlib.sha256(content).hexdigest()
    for name in ("one.csv", "two 文件.csv"):
        (tmp_path / name).write_bytes(content)
        assert vault.keep_original(str(tmp_path / name)) == (digest, len(content))
    kept = [file for file in (vault.folder / "originals").rglob("*") if file.is_file()]
    assert [file.name for file in kept] == [digest]
    assert Path(vault.original(digest)).read_bytes() == content


def test_an_empty_file_is_kept_too(vault: FolderVault, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    digest, size = vault.keep_original(str(tmp_path / "empty"))
    assert (size, Path(vault.original(digest)).stat().st_size) == (0, 0)


@pytest.mark.parametrize("digest", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_an_original_nobody_kept_is_not_found(vault: FolderVault, digest: str) -> None:
    with pytest.raises(NotFoundError):
        vault.original(digest)


def test_what_is_no_regular_file_cannot_be_kept(vault: FolderVault, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "missing", tmp_path / "pipe"):
        with pytest.raises(BadInputError) as refused:
            vault.keep_original(str(place))
        assert refused.value.reason == "original_unreadable"
    assert list((vault.folder / "originals").rglob("*")) == [vault.folder / "originals" / "arriving"]


def test_a_copy_that_fails_half_way_leaves_nothing(
    vault: FolderVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"a")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError) as failed:
        vault.keep_original(str(tmp_path / "a"))
    assert "No space left" in failed.value.message("en")
    assert [file for file in (vault.folder / "originals").rglob("*") if file.is_file()] == []


def test_no_personal_value_is_in_any_complaint(vault: FolderVault) -> None:
    vault.put_people({"DNR-1": "x"})
    vault.close()
    with sqlite3.connect(vault.folder / "people.db") as plain:
        plain.execute("DROP TABLE people")
        plain.execute("DROP TABLE personal")
        plain.execute("CREATE TABLE people (other TEXT)")
        plain.execute("CREATE TABLE personal (other TEXT)")
    plain.close()
    complaints: list[HilumError] = []
    with pytest.raises(StoreError) as failed:
        vault.put_people({"SECRET": "SECRET"})
    complaints.append(failed.value)
    with pytest.raises(StoreError) as failed:
        vault.put_personal({"REC-1": {"n": "SECRET"}})
    complaints.append(failed.value)
    assert not any("SECRET" in f"{one} {one!r} {one.values} {one.__cause__!r}" for one in complaints)
