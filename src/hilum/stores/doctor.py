"""The doctor: is this bank what it should be? Checks read only; each answers ok, warn or fail with its figures."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, or_, select

from hilum.errors import HilumError, NotFoundError, StoreError
from hilum.messages import Language, text
from hilum.registry.stored import Fact, RecordState, SourceState
from hilum.settings import Settings
from hilum.stores.bank import Bank, BankUnit, translated
from hilum.stores.bank_rows import FACT_QUERY, fact_from
from hilum.stores.bank_statements import asked
from hilum.stores.opening import open_bank, schema_version
from hilum.stores.tables import EVENTS, FACTS, RECORDS, SOURCES
from hilum.stores.vault import KEY_BYTES, open_vault

SAMPLE = 50
"""Originals whose bytes are hashed again unless all are asked for."""

_SCARCE, _GONE = 2 << 30, 200 << 20
_BLOCK = 1 << 20
_FACTS_OF_KEY = FACT_QUERY.where(asked(FACTS.c.key))


class Level(StrEnum):
    """How grave an answer is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One answer; its words stand in the catalogue under ``doctor.<key>.<level>``."""

    key: str
    level: Level
    values: Mapping[str, str | int]

    def message(self, language: Language) -> str:
        """What was found. An error met on the way speaks the reader's language: it is kept in both."""
        said = dict(self.values)
        if language == "en" and "why_en" in said:
            said["why"] = said["why_en"]
        return text(f"doctor.{self.key}.{self.level.value}", language, **said)


def examine(settings: Settings, *, thorough: bool = False) -> list[Check]:
    """Every check there is, in order; ``thorough`` reads every page and hashes every original again."""
    checks = [_witness(), _disk(settings)]
    checks += _vault(settings)
    try:
        bank = open_bank(settings)
    except StoreError as wrong:
        return [Check("store", Level.FAIL, {"why": wrong.message("zh"), "why_en": wrong.message("en")}), *checks]
    try:
        checks[:0] = [_schema(bank)]
        with bank.read() as unit:
            checks += [_guarded(key, ask, unit) for key, ask in _QUESTIONS.items()]
            checks.append(_guarded("integrity", lambda unit: _integrity(unit, thorough), unit))
            checks.append(_guarded("originals", lambda unit: _originals(unit, settings, thorough), unit))
    finally:
        bank.close()
    return checks


def _guarded(key: str, ask: Callable[[BankUnit], Check], unit: BankUnit) -> Check:
    """A check that cannot be carried out has failed; the others go on."""
    try:
        with translated(key):
            return ask(unit)
    except HilumError as wrong:
        return Check("unanswered", Level.FAIL, {"key": key, "why": wrong.message("zh"), "why_en": wrong.message("en")})


def _witness() -> Check:
    """There is no outside witness yet, and that must be said aloud."""
    return Check("witness", Level.WARN, {})


def _schema(bank: Bank) -> Check:
    return Check("schema", Level.OK, {"version": schema_version(bank) or 0, "place": bank.place})


def _disk(settings: Settings) -> Check:
    place = settings.home if settings.home.exists() else settings.home.parent
    free = shutil.disk_usage(place).free if place.exists() else 0
    level = Level.FAIL if free < _GONE else Level.WARN if free < _SCARCE else Level.OK
    return Check("disk", level, {"free_mb": free >> 20})


def _vault(settings: Settings) -> list[Check]:
    """Who may read the vault, and whether its key is whole."""
    folder = settings.vault_folder
    if not folder.is_dir():
        return [Check("vault", Level.WARN, {"place": str(folder)})]
    key = folder / "key"
    whole = key.is_file() and key.stat().st_size == KEY_BYTES
    open_to_others = [file for file in _watched(folder) if file.stat().st_mode & 0o077]
    first = str(open_to_others[0]) if open_to_others else ""
    private = Check("vault_private", Level.FAIL if open_to_others else Level.OK, {"place": first or str(folder)})
    return [private, Check("vault_key", Level.OK if whole else Level.FAIL, {"place": str(key)})]


def _watched(folder: Path) -> Iterator[Path]:
    names = ("", "key", "people.db", "people.db-wal", "people.db-shm", "originals")
    return (folder / name for name in names if (folder / name).exists())


def _integrity(unit: BankUnit, thorough: bool) -> Check:
    """SQLite's own check of every page and reference; PostgreSQL keeps checksums and has ``pg_amcheck``."""
    connection = unit.connection
    if connection.dialect.name != "sqlite":
        return Check("integrity_elsewhere", Level.OK, {})
    said = connection.exec_driver_sql(f"PRAGMA {'integrity_check' if thorough else 'quick_check'}(10)").scalars().all()
    dangling = len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
    sound = list(said) == ["ok"] and not dangling
    return Check("integrity", Level.OK if sound else Level.FAIL, {"count": len(said), "dangling": dangling})


def _facts(unit: BankUnit) -> Check:
    """Whether the facts are what the events make of them."""
    wrong = right = 0
    for expected in unit.folded():
        keys = {key for _, key in expected}
        kept = {(fact.kind, fact.key): fact for fact in _kept(unit, keys)}
        right += len(expected)
        wrong += sum(expected.get(name) != kept.get(name) for name in expected.keys() | kept.keys())
    surplus = unit.connection.execute(select(func.count()).select_from(FACTS)).scalar_one() - right
    wrong = max(wrong, abs(surplus))
    return Check("facts", Level.FAIL if wrong else Level.OK, {"count": right, "wrong": wrong})


def _kept(unit: BankUnit, keys: set[str]) -> Iterator[Fact]:
    return (fact_from(row) for row in unit.look_up(_FACTS_OF_KEY, sorted(keys)))


def _sources(unit: BankUnit) -> Check:
    unfinished = [source for source in unit.sources() if source.state is SourceState.RECEIVED]
    first = unfinished[0].name if unfinished else ""
    return Check("sources", Level.WARN if unfinished else Level.OK, {"count": len(unfinished), "first": first})


def _accepted(unit: BankUnit) -> Check:
    """Every accepted record speaks for a fact, and every fact is spoken for by an accepted record."""
    speaking = select(EVENTS.c.record).join(FACTS, FACTS.c.seq == EVENTS.c.seq)
    accepted = RECORDS.c.state == RecordState.ACCEPTED.value
    silent = _count(unit, select(func.count()).select_from(RECORDS).where(accepted, RECORDS.c.n.not_in(speaking)))
    voiceless = _count(unit, select(func.count()).select_from(RECORDS).where(~accepted, RECORDS.c.n.in_(speaking)))
    level = Level.FAIL if silent or voiceless else Level.OK
    return Check("accepted", level, {"silent": silent, "voiceless": voiceless})


def _judged(unit: BankUnit) -> Check:
    unjudged = _count(unit, select(func.count()).select_from(RECORDS).where(RECORDS.c.judgement.is_(None)))
    return Check("judged", Level.WARN if unjudged else Level.OK, {"count": unjudged})


def _origins(unit: BankUnit) -> Check:
    """Every record names a source that is known."""
    missing = _count(
        unit,
        select(func.count())
        .select_from(RECORDS.outerjoin(SOURCES, SOURCES.c.id == RECORDS.c.source))
        .where(or_(SOURCES.c.id.is_(None), RECORDS.c.source == "")),
    )
    return Check("origins", Level.FAIL if missing else Level.OK, {"count": missing})


def _originals(unit: BankUnit, settings: Settings, thorough: bool) -> Check:
    """Every file as received is there; the latest of them (or all) still have the bytes their digest names."""
    vault = open_vault(settings)
    sources = unit.sources()
    folders = {source.id for source in sources if not source.parent and not source.digest}
    received = [one for one in sources if one.digest and (not one.parent or one.parent in folders)]
    missing, changed = [], []
    hashed = received if thorough else received[-SAMPLE:]
    for source in received:
        try:
            file = vault.original(source.digest)
        except NotFoundError:
            missing.append(source.name)
            continue
        if source in hashed and _digest(file) != source.digest:
            changed.append(source.name)
    level = Level.FAIL if missing or changed else Level.OK
    figures = {"count": len(received), "hashed": len(hashed), "missing": len(missing), "changed": len(changed)}
    return Check("originals", level, {**figures, "first": [*missing, *changed, ""][0]})


def _digest(file: str) -> str:
    digest = hashlib.sha256()
    with open(file, "rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _count(unit: BankUnit, query: "Select[Any]") -> int:
    return int(unit.connection.execute(query).scalar_one())


_QUESTIONS: Mapping[str, Callable[[BankUnit], Check]] = {
    "facts": _facts,
    "accepted": _accepted,
    "judged": _judged,
    "origins": _origins,
    "sources": _sources,
}
