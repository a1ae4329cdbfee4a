"""FHIR in: resources to records, against fhir.resources (pydantic models), on the same Specimens in one run.

``python -m benchmarks.fhir [FOLDER]``: a plain Specimen of the kind biobanks send and, with a folder of Specimen JSON
files, those. Every message has identifiers and times of its own, so that nothing remembered from one gives away the
next. Ours reads from disk, follows references and makes typed records; fhir.resources parses each resource's text and
validates it into a model, as its manual has it. CPU time of the thread per Specimen, the best of some runs of each; a
file of one Specimen is measured apart, for it pays for opening a file.
"""

import argparse
import importlib
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from hilum.formats import fhir
from hilum.formats.member import Member
from hilum.model.record import Record

RUNS = 5
SAMPLE = {
    "resourceType": "Specimen",
    "id": "s1",
    "identifier": [{"system": "https://biobank.example/specimens", "value": "B-2024-000123-1"}],
    "status": "available",
    "type": {"coding": [{"system": "http://snomed.info/sct", "code": "119361006", "display": "Plasma specimen"}]},
    "subject": {"reference": "Patient/p1"},
    "receivedTime": "2024-03-05T10:20:00+08:00",
    "parent": [{"reference": "Specimen/s0"}],
    "collection": {
        "collectedDateTime": "2024-03-05T09:12:00+08:00",
        "method": {"coding": [{"system": "http://snomed.info/sct", "code": "22778000", "display": "Venipuncture"}]},
        "bodySite": {"text": "antecubital vein"},
    },
    "processing": [
        {
            "procedure": {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": display}]},
            "timePeriod": {"start": f"2024-03-05T1{hour}:30:00+08:00", "end": f"2024-03-05T1{hour}:40:00+08:00"},
        }
        for hour, (code, display) in enumerate([("85457002", "Centrifugation"), ("1186936003", "Storage of specimen")])
    ],
    "container": [
        {"specimenQuantity": {"value": 0.5, "unit": "mL", "system": "http://unitsofmeasure.org", "code": "mL"}}
    ],
}
_BUNDLE, _LINES, _FILES, _THEIRS = 4_000, 1_000, 200, 400
_MOMENT = re.compile(r'"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})([^"]*)"')
_REFERENCE = re.compile(r'"(Patient|Specimen)/([A-Za-z0-9.-]{1,50})"')
_NAME = re.compile(r'"(id|value)": "([^"]{1,50})"')


def measure(messages: Sequence[bytes] = (), runs: int = RUNS) -> dict[str, float]:
    """CPU microseconds per Specimen by name of what was measured, printed too; a peer not installed is left out.

    Without ``messages`` a Specimen of the kind biobanks send is used."""
    first = messages or (json.dumps(SAMPLE).encode(),)
    found: dict[str, float] = {}
    model = _peer()
    if model is not None:
        found["fhir.resources"] = _best(partial(_theirs, model, varied(first, _THEIRS)), runs)
    with tempfile.TemporaryDirectory() as folder:
        for name, members in _members(Path(folder), first):
            found[name] = _best(partial(_ours, members), runs)
    peer = found.get("fhir.resources", float("nan"))
    for name, micros in found.items():
        print(f"{name:32} {micros:9.1f} us CPU per Specimen  {peer / micros:6.1f} x")
    return found


def varied(messages: Sequence[bytes], count: int) -> list[bytes]:
    """``count`` messages like the given ones, each with identifiers, references and times of its own."""
    return [_varied(messages[number % len(messages)].decode(), number) for number in range(count)]


def _varied(text: str, number: int) -> bytes:
    def later(found: re.Match[str]) -> str:
        return f'"{(datetime.fromisoformat(found[1]) + timedelta(seconds=97 * number)).isoformat()}{found[2]}"'

    text = _MOMENT.sub(later, text)
    text = _REFERENCE.sub(rf'"\g<1>/\g<2>-{number // 4}"', text)
    return _NAME.sub(rf'"\g<1>": "\g<2>-{number}"', text).encode()


def _members(folder: Path, messages: Sequence[bytes]) -> Iterator[tuple[str, list[Member]]]:
    """The files to read, written before the clock runs: a Bundle, lines, and files of one Specimen each."""
    several = varied(messages, _BUNDLE)
    bundle = b'{"resourceType":"Bundle","type":"collection","entry":['
    bundle += b",".join(b'{"resource":' + one + b"}" for one in several) + b"]}"
    yield f"hilum, a Bundle of {_BUNDLE:,}", [_member(folder / "bundle" / "bundle.json", bundle, "fhir.json")]
    lines = b"\n".join(several[:_LINES])
    yield f"hilum, {_LINES:,} lines of NDJSON", [_member(folder / "lines" / "lines.ndjson", lines, "fhir.ndjson")]
    yield (
        "hilum, files of one Specimen",
        [_member(folder / "files" / f"{number}.json", one, "fhir.json") for number, one in enumerate(several[:_FILES])],
    )


def _member(path: Path, content: bytes, form: str) -> Member:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return Member(path.name, path, len(content), "", form, fhir.RANK)


def _best(act: Callable[[], int], runs: int) -> float:
    """Microseconds for one resource; ``act`` answers how many it read."""
    times = []
    for _ in range(runs):
        start = time.thread_time()
        count = act()
        times.append((time.thread_time() - start) / count * 1e6)
    return min(times)


def _ours(members: Sequence[Member]) -> int:
    """How many Specimens were read into records."""
    return sum(
        isinstance(item, Record) and item.kind == "specimen"
        for member in members
        for item in fhir.items(member, "SRC", 0)
    )


def _theirs(model: Callable[[bytes], object], texts: Sequence[bytes]) -> int:
    for one in texts:
        model(one)
    return len(texts)


def _peer() -> Callable[[bytes], object] | None:
    try:
        module = importlib.import_module("fhir.resources.R4B.specimen")
    except ImportError:
        return None
    made: Callable[[bytes], object] = module.Specimen.model_validate_json
    return made


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    print("a plain Specimen")
    measure(runs=given.runs)
    if given.folder is None:
        return
    found = [json.loads(path.read_bytes()) for path in sorted(given.folder.glob("*.json"))]
    specimens = [json.dumps(one).encode() for one in found if one.get("resourceType") == "Specimen"]
    if not specimens:
        sys.exit("no Specimen in that folder")
    print(f"the {len(specimens)} Specimens of the folder")
    measure(specimens, given.runs)


if __name__ == "__main__":
    main()
