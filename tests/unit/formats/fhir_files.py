"""FHIR written to a file and read back, for the tests of the reader and the exporter."""

import json
from collections.abc import Sequence
from pathlib import Path

from hilum.formats import fhir
from hilum.formats.member import Member
from hilum.model.record import Item, Record, SourceProblem


def read(folder: Path, content: bytes | object, name: str = "in.json", skip: int = 0) -> list[Item]:
    """The items of ``content`` (bytes, or a value that becomes JSON) as FHIR."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
    return read_path(path, skip)


def read_path(path: Path, skip: int = 0) -> list[Item]:
    with path.open("rb") as file:
        known = fhir.sniff(file.read(65_536), path.name)
    form, rank = known or ("fhir.json", 40)
    beside = {one.name.lower(): one for one in path.parent.iterdir() if one.is_file()}
    member = Member(path.name, path, path.stat().st_size, "", form, rank, beside)
    return list(fhir.items(member, "SRC", skip))


def bundle(*resources: object) -> dict[str, object]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def records(items: Sequence[Item]) -> list[Record]:
    return [one for one in items if isinstance(one, Record)]


def reasons(items: Sequence[Item]) -> list[str]:
    return [one.reason for one in items if isinstance(one, SourceProblem)]
