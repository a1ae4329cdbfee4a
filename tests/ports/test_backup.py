"""Backups of a bank in use, checked, damaged, restored; and what the doctor says of the bank before and after."""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hilum.errors import ConflictError, StoreError
from hilum.model.record import Kind
from hilum.registry.stored import SourceState
from hilum.settings import Settings, load
from hilum.stores import backup, doctor
from hilum.stores.backup_parts import MANIFEST
from hilum.stores.bank import Bank
from hilum.stores.doctor import Level
from hilum.stores.opening import create_bank, open_bank
from hilum.stores.vault import open_vault
from hilum.testing.builders import a_record, a_source, an_audit_record
from hilum.testing.contracts_bank import enter

FORMS = ("backup.tar.gz", "backup")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    (home / "rules").mkdir(parents=True)
    (home / "rules" / "院内规则.yaml").write_text("rules: []", encoding="utf-8")
    (home / "hilum.toml").write_text(f'language = "zh"\nvault = "{tmp_path}/elsewhere"\n', encoding="utf-8")
    return load(home, {})


@pytest.fixture
def bank(settings: Settings, tmp_path: Path) -> Iterator[Bank]:
    """A bank with one source, ten specimens, one person and one original."""
    bank = create_bank(settings)
    vault = open_vault(settings)
    vault.key()
    vault.put_people({"DNR-1": "张三"})
    (tmp_path / "samples.csv").write_bytes(b"specimen_id\nSP-1\n")
    digest, size = vault.keep_original(str(tmp_path / "samples.csv"))
    source = replace(a_source(), digest=digest, size=size, state=SourceState.DONE)
    with bank.begin() as unit:
        unit.put_source(source)
        enter(unit, *(a_record(f"SP-{number}", source=source.id) for number in range(10)))
    vault.close()
    yield bank
    bank.close()


def specimens(settings: Settings) -> list[str]:
    with closing(open_bank(settings)) as bank, bank.read() as unit:
        return [fact.key for fact in unit.all_facts(Kind.SPECIMEN)]


@pytest.mark.parametrize("form", FORMS)
def test_a_backup_made_in_use_is_true_and_restores_to_the_same_bank(
    bank: Bank, settings: Settings, tmp_path: Path, form: str
) -> None:
    seen: list[str] = []
    with bank.begin() as unit:
        enter(unit, a_record("SP-uncommitted"))
        made = backup.create(settings, tmp_path / form, lambda part, done, size: seen.append(part))
    assert backup.verify(tmp_path / form) == made
    assert {"bank.db", "vault/people.db", "vault/key", "hilum.toml", "rules/院内规则.yaml"} < set(seen)
    backup.restore(tmp_path / form, tmp_path / "new")
    restored = load(tmp_path / "new", {})
    assert specimens(restored) == [f"SP-{number}" for number in range(10)]
    vault = open_vault(restored)
    assert vault.folder == tmp_path / "new" / "vault"
    assert vault.people(["DNR-1"]) == {"DNR-1": "张三"}
    assert vault.key() == open_vault(settings).key()
    assert (tmp_path / "new" / "rules" / "院内规则.yaml").read_text(encoding="utf-8") == "rules: []"
    fails = [check.message("en") for check in doctor.examine(restored, thorough=True) if check.level is Level.FAIL]
    assert fails == []


@pytest.mark.parametrize("form", FORMS)
def test_a_backup_can_be_read_by_its_owner_only_and_leaves_nothing_beside_it(
    bank: Bank, settings: Settings, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "backups"
    backup.create(settings, folder / form)
    assert [file.name for file in folder.iterdir()] == [form]
    assert (folder / form).stat().st_mode & 0o077 == 0


def test_a_backup_never_overwrites(bank: Bank, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "backup.tar.gz").write_bytes(b"precious")
    with pytest.raises(ConflictError):
        backup.create(settings, tmp_path / "backup.tar.gz")
    assert (tmp_path / "backup.tar.gz").read_bytes() == b"precious"


def test_every_damaged_byte_of_an_archive_is_noticed(bank: Bank, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    backup.create(settings, file)
    whole = file.read_bytes()
    for place in range(20, len(whole) - 8, len(whole) // 25):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        with pytest.raises(StoreError):
            backup.verify(file)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_archive_is_noticed_and_restores_nothing(
    bank: Bank, settings: Settings, tmp_path: Path, share: float
) -> None:
    file = tmp_path / "backup.tar.gz"
    backup.create(settings, file)
    os.truncate(file, int(file.stat().st_size * share))
    with pytest.raises(StoreError):
        backup.restore(file, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert not [one for one in tmp_path.iterdir() if "restoring" in one.name]


def test_a_changed_missing_or_added_file_of_a_folder_is_named(bank: Bank, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    backup.create(settings, folder)
    (folder / "rules" / "院内规则.yaml").write_text("rules: [x]", encoding="utf-8")
    (folder / "hilum.toml").unlink()
    (folder / "rules" / "added.yaml").write_text("")
    with pytest.raises(StoreError) as damaged:
        backup.verify(folder)
    assert damaged.value.values["count"] == 3
    assert damaged.value.values["first"] == "hilum.toml"
    with pytest.raises(StoreError):
        backup.restore(folder, tmp_path / "new")


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "rules/../../evil",
        "vault/originals/../../../evil",
        "rules\\..\\evil",
        "evil",
        "rules//x",
    ],
)
def test_an_archive_that_reaches_outside_the_home_restores_nothing(tmp_path: Path, name: str) -> None:
    file = tmp_path / "evil.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(StoreError) as refused:
        backup.restore(file, tmp_path / "deep" / "new")
    assert refused.value.reason == "backup_unsafe"
    assert not list(tmp_path.rglob("*evil"))
    assert not (tmp_path / "deep" / "new").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_an_archive_with_anything_but_plain_files_restores_nothing(tmp_path: Path, kind: bytes) -> None:
    file = tmp_path / "evil.tar.gz"
    with tarfile.open(file, "w:gz") as tar:
        member = tarfile.TarInfo("rules/x")
        member.type, member.linkname = kind, "/etc/passwd"
        tar.addfile(member)
    with pytest.raises(StoreError) as refused:
        backup.restore(file, tmp_path / "new")
    assert refused.value.reason == "backup_unsafe"


def test_a_link_in_a_backup_folder_is_refused(bank: Bank, settings: Settings, tmp_path: Path) -> None:
    backup.create(settings, tmp_path / "backup")
    (tmp_path / "backup" / "rules" / "x").symlink_to("/etc/passwd")
    with pytest.raises(StoreError) as refused:
        backup.verify(tmp_path / "backup")
    assert refused.value.reason == "backup_unsafe"


def test_a_home_that_holds_anything_is_not_restored_over(bank: Bank, settings: Settings, tmp_path: Path) -> None:
    backup.create(settings, tmp_path / "backup.tar.gz")
    with pytest.raises(ConflictError):
        backup.restore(tmp_path / "backup.tar.gz", settings.home)
    (tmp_path / "empty").mkdir()
    backup.restore(tmp_path / "backup.tar.gz", tmp_path / "empty")
    assert (tmp_path / "empty" / "bank.db").exists()


def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"nothing of the kind")
    for place in (tmp_path / "x.tar.gz", tmp_path, tmp_path / "missing"):
        with pytest.raises(StoreError):
            backup.verify(place)


def test_a_backup_of_a_later_format_is_not_guessed_at(bank: Bank, settings: Settings, tmp_path: Path) -> None:
    backup.create(settings, tmp_path / "backup")
    manifest = json.loads((tmp_path / "backup" / MANIFEST).read_text())
    (tmp_path / "backup" / MANIFEST).write_text(json.dumps(manifest | {"format": 2}))
    with pytest.raises(StoreError) as newer:
        backup.verify(tmp_path / "backup")
    assert newer.value.reason == "backup_newer"


def test_of_a_postgresql_bank_all_but_the_database_is_kept_and_the_manifest_says_so(
    bank: Bank, settings: Settings, tmp_path: Path
) -> None:
    elsewhere = replace(settings, database="postgresql://nobody@127.0.0.1:1/none")
    made = backup.create(elsewhere, tmp_path / "backup")
    assert made.bank == "postgresql"
    assert "bank.db" not in {entry.path for entry in made.files}
    assert "vault/key" in {entry.path for entry in made.files}


def test_a_missing_bank_cannot_be_backed_up(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as missing:
        backup.create(Settings(home=tmp_path / "none"), tmp_path / "backup.tar.gz")
    assert missing.value.reason == "store_missing"
    assert list(tmp_path.iterdir()) == []


def levels(settings: Settings, *, thorough: bool = False) -> dict[str, Level]:
    return {check.key: check.level for check in doctor.examine(settings, thorough=thorough)}


def test_the_doctor_finds_a_good_bank_good_and_says_aloud_that_nobody_watches(bank: Bank, settings: Settings) -> None:
    checks = doctor.examine(settings)
    assert {check.key for check in checks if check.level is not Level.OK} == {"witness"}
    assert "unnoticed" in next(check.message("en") for check in checks if check.key == "witness")
    assert all(check.message("zh") for check in checks)


def test_the_doctor_finds_facts_that_are_not_what_the_events_say(bank: Bank, settings: Settings) -> None:
    with bank.begin() as unit:
        unit.connection.exec_driver_sql("UPDATE facts SET barcode = 'forged' WHERE key = 'SP-3'")
        unit.connection.exec_driver_sql("DELETE FROM facts WHERE key = 'SP-4'")
    found = {check.key: check for check in doctor.examine(settings)}
    assert (found["facts"].level, found["facts"].values["wrong"]) == (Level.FAIL, 2)
    assert (found["accepted"].level, found["accepted"].values["silent"]) == (Level.FAIL, 1)
    with bank.begin() as unit:
        unit.rebuild_facts()
    assert levels(settings)["facts"] is Level.OK


def test_the_doctor_finds_records_out_of_step_unjudged_or_from_nowhere(bank: Bank, settings: Settings) -> None:
    with bank.begin() as unit:
        unit.connection.exec_driver_sql("UPDATE records SET state = 'held' WHERE key = 'SP-1'")
        unit.add_records([a_record("SP-X", source="SRC-nowhere", judgement=None)])
        unit.put_source(a_source("half.csv", items_done=1))
    found = levels(settings)
    expected = {"accepted": Level.FAIL, "judged": Level.WARN, "origins": Level.FAIL, "sources": Level.WARN}
    assert {key: found[key] for key in expected} == expected


def test_the_doctor_finds_originals_missing_or_changed(bank: Bank, settings: Settings) -> None:
    (kept,) = [file for file in (settings.vault_folder / "originals").rglob("*") if file.is_file()]
    kept.chmod(0o600)
    kept.write_bytes(b"other bytes")
    found = {check.key: check for check in doctor.examine(settings)}
    assert (found["originals"].level, found["originals"].values["changed"]) == (Level.FAIL, 1)
    kept.unlink()
    found = {check.key: check for check in doctor.examine(settings)}
    assert (found["originals"].level, found["originals"].values["missing"]) == (Level.FAIL, 1)


def test_the_doctor_finds_a_vault_others_can_read_and_a_key_that_is_gone(bank: Bank, settings: Settings) -> None:
    settings.vault_folder.chmod(0o755)
    (settings.vault_folder / "key").unlink()
    found = levels(settings)
    assert (found["vault_private"], found["vault_key"]) == (Level.FAIL, Level.FAIL)


def test_the_doctor_speaks_of_a_bank_that_cannot_be_opened(bank: Bank, settings: Settings) -> None:
    bank.close()
    (settings.home / "bank.db").write_bytes(b"rubbish" * 1000)
    found = doctor.examine(settings)
    assert (found[0].key, found[0].level) == ("store", Level.FAIL)
    assert found[0].message("zh")
    assert found[0].message("en")


def test_the_doctor_finds_damaged_pages(bank: Bank, settings: Settings) -> None:
    with bank.begin() as unit:
        enter(unit, *(a_record(f"SP-{number}") for number in range(100, 400)))
        unit.audit([an_audit_record()])
    with bank.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    bank.close()
    file = settings.home / "bank.db"
    content = bytearray(file.read_bytes())
    for page in range(10, len(content) // 4096 - 2, 3):
        content[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    file.write_bytes(content)
    assert Level.FAIL in {check.level for check in doctor.examine(settings, thorough=True)}
