"""Accepted facts as FHIR R4: one NDJSON file per resource type (as a bulk export has them), or one collection Bundle.

Resources of one type are written as they come; only preparations, storage and collections are held, because FHIR keeps
them inside their Specimen. A field FHIR has no place for goes into an extension ``urn:hilum:field:<name>``, which our
own reader takes back, so that nothing an export says is lost on the way home. Donors are pseudonyms.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from hilum.formats.export import About, Exported, Facts, Written
from hilum.formats.fhir_resources import BUILDERS, INSIDE, Resource, inner
from hilum.model.record import Kind

Inner = Mapping[str, list[tuple[Kind, Resource]]]
_encode = msgspec.json.Encoder().encode


def write(facts: Facts, folder: Path, about: About) -> Written:
    """``Patient.ndjson``, ``Specimen.ndjson`` … into ``folder``; types without a fact get no file."""
    done = Written()
    inside = _inside(facts)
    for kind, (type_, _) in BUILDERS.items():
        path = folder / f"{type_}.ndjson"
        count = _write_lines(path, _resources(facts, kind, inside, about))
        if count:
            done.files.append(path)
            done.counts[type_] = count
    _count_left_out(facts, done, inside)
    return done


def write_bundle(facts: Facts, folder: Path, about: About) -> Written:
    """Everything as one Bundle of type ``collection`` in ``bundle.json``."""
    done = Written()
    inside = _inside(facts)
    path = folder / "bundle.json"
    with path.open("wb") as file:
        file.write(b'{"resourceType":"Bundle","type":"collection","timestamp":' + _encode(about.made_at))
        opened = False
        for kind, (type_, _) in BUILDERS.items():
            for resource in _resources(facts, kind, inside, about):
                url = f"urn:hilum:{type_}/{resource['id']}"
                file.write(b",\n" if opened else b',"entry":[\n')
                file.write(_encode({"fullUrl": url, "resource": resource}))
                opened = True
                done.counts[type_] = done.counts.get(type_, 0) + 1
        file.write(b"\n]}\n" if opened else b"}\n")
    done.files.append(path)
    _count_left_out(facts, done, inside)
    return done


def _write_lines(path: Path, resources: Iterator[Resource]) -> int:
    count = 0
    file: BinaryIO | None = None
    try:
        for resource in resources:
            file = file or path.open("wb")
            file.write(_encode(resource) + b"\n")
            count += 1
    finally:
        if file is not None:
            file.close()
    return count


def _resources(facts: Facts, kind: Kind, inside: Inner, about: About) -> Iterator[Resource]:
    build: Callable[[Exported, About], Resource] = BUILDERS[kind][1]
    for fact in facts(kind):
        resource = build(fact, about)
        if kind is Kind.SPECIMEN:
            _put_inside(resource, inside.get(fact.key, []))
        yield resource


def _put_inside(resource: Resource, pieces: list[tuple[Kind, Resource]]) -> None:
    for kind, piece in pieces:
        if kind is Kind.COLLECTION:
            held = resource.setdefault("collection", {})
            assert isinstance(held, dict)
            held.update(piece)
        else:
            steps = resource.setdefault("processing", [])
            assert isinstance(steps, list)
            steps.append(piece)


def _inside(facts: Facts) -> Inner:
    """What stands inside Specimens, by the specimen's identifier; one collection each, the newest."""
    found: dict[str, list[tuple[Kind, Resource]]] = {}
    for kind in INSIDE:
        for fact in facts(kind):
            name = fact.fields.get("specimen_id")
            if isinstance(name, str):
                pieces = found.setdefault(name, [])
                if kind is Kind.COLLECTION:
                    pieces[:] = [one for one in pieces if one[0] is not Kind.COLLECTION]
                pieces.append((kind, inner(fact)))
    return found


def _count_left_out(facts: Facts, done: Written, inside: Inner) -> None:
    written = {name: len(pieces) for name, pieces in inside.items()}
    for fact in facts(Kind.SPECIMEN):
        written.pop(fact.key, None)
    for kind in Kind:
        if kind in BUILDERS:
            continue
        total = (
            sum(1 for _ in facts(kind))
            if kind not in INSIDE
            else sum(1 for name in written for one, _ in inside[name] if one is kind)
            + sum(1 for fact in facts(kind) if not isinstance(fact.fields.get("specimen_id"), str))
        )
        if total:
            done.left_out[kind.value] = total
