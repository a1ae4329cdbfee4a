"""EPCIS, MIABIS and phenopackets written to a file and read back, for the tests of their readers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from hilum.formats import epcis, miabis, phenopacket
from hilum.formats.member import Member
from hilum.model.record import Item, Kind, Record, SourceProblem

_READERS: dict[str, Callable[[Member, str, int], Iterator[Item]]] = {
    epcis.PREFIX: epcis.items,
    miabis.PREFIX: miabis.items,
    phenopacket.PREFIX: phenopacket.items,
}


def sniff(head: bytes, name: str) -> tuple[str, int] | None:
    """What the three make of a file."""
    return next((found for one in (phenopacket, epcis, miabis) if (found := one.sniff(head, name)) is not None), None)


def read(folder: Path, content: bytes | str | object, form: str = "", skip: int = 0) -> list[Item]:
    """The items of ``content`` (bytes, text, or a value that becomes JSON) as ``form``, or as what it says it is."""
    path = folder / "in.json"
    text = content if isinstance(content, bytes | str) else json.dumps(content, ensure_ascii=False)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return read_path(path, form, skip)


def read_path(path: Path, form: str = "", skip: int = 0) -> list[Item]:
    if not form:
        with path.open("rb") as file:
            known = sniff(file.read(65_536), path.name)
        assert known is not None, f"{path.name} is none of them"
        form = known[0]
    member = Member(path.name, path, path.stat().st_size, "", form, 40)
    reader = next(reader for prefix, reader in _READERS.items() if form.startswith(prefix))
    return list(reader(member, "SRC", skip))


def records(items: list[Item], kind: Kind | None = None) -> list[Record]:
    return [one for one in items if isinstance(one, Record) and (kind is None or one.kind is kind)]


def only(items: list[Item], kind: Kind) -> Record:
    found = records(items, kind)
    assert len(found) == 1, found
    return found[0]


def problems(items: list[Item]) -> dict[str, SourceProblem]:
    return {one.reason: one for one in items if isinstance(one, SourceProblem)}


def unused(items: list[Item]) -> dict[str, int]:
    """What was counted as not used, and how often."""
    found: dict[str, int] = {}
    for one in items:
        if isinstance(one, SourceProblem) and one.reason.endswith("_not_used"):
            found[str(one.values.get("what", one.values.get("name")))] = int(one.values["count"])
    return found
