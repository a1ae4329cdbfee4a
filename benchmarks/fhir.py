"""FHIR in: resources to records, against fhir.resources (pydantic models), on the same Specimens in one run.

``python -m benchmarks.fhir FOLDER`` with a folder of Specimen JSON files. Ours reads a Bundle from disk, resolves its
references in a first pass and makes typed records; fhir.resources parses each resource's text and validates it into a
model. CPU time of the thread per resource, the better of some runs of each.
"""

import argparse
import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hilum.formats import fhir
from hilum.formats.member import Member

RUNS = 3
_SAMPLE = {
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
_OURS, _THEIRS = 4_000, 400


def measure(messages: Sequence[bytes] = (), runs: int = RUNS) -> dict[str, float]:
    """CPU microseconds per Specimen by name of the reader, printed too; one that is not installed is left out.

    Without ``messages`` a Specimen of the kind biobanks send is used."""
    messages = messages or (json.dumps(_SAMPLE).encode(),)
    _bundle(tuple(messages))  # written before the clock runs
    found = {"hilum": _best(lambda: _ours(messages), runs)}
    model = _peer()
    if model is not None:
        repeats = max(1, _THEIRS // len(messages))

        def theirs() -> int:
            for _ in range(repeats):
                for one in messages:
                    model(one)
            return repeats * len(messages)

        found["fhir.resources"] = _best(theirs, runs)
    for name, micros in found.items():
        print(f"{name:16} {micros:9.1f} us CPU per Specimen  {micros / found['hilum']:6.1f} x")
    for path, _ in _written.values():
        path.unlink(missing_ok=True)
    _written.clear()
    return found


def _best(act: Callable[[], int], runs: int) -> float:
    """Microseconds for one resource; ``act`` answers how many it read."""
    times = []
    for _ in range(runs):
        start = time.thread_time()
        count = act()
        times.append((time.thread_time() - start) / count * 1e6)
    return min(times)


def _ours(messages: Sequence[bytes]) -> int:
    """Read a Bundle of the messages again and again; writing it is not part of the time, reading it from disk is."""
    path, count = _bundle(tuple(messages))
    member = Member("bundle.json", path, path.stat().st_size, "", "fhir.json", fhir.RANK)
    for _ in fhir.items(member, "SRC", 0):
        pass
    return count


_written: dict[tuple[bytes, ...], tuple[Path, int]] = {}


def _bundle(messages: tuple[bytes, ...]) -> tuple[Path, int]:
    if messages not in _written:
        repeats = max(1, _OURS // len(messages))
        with tempfile.NamedTemporaryFile("wb", suffix=".json", delete=False) as file:
            file.write(b'{"resourceType":"Bundle","type":"collection","entry":[')
            file.write(b",".join([b'{"resource":' + one + b"}" for one in messages] * repeats) + b"]}")
        _written[messages] = (Path(file.name), repeats * len(messages))
    return _written[messages]


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
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    found = [json.loads(path.read_bytes()) for path in sorted(given.folder.glob("*.json"))]
    specimens = [json.dumps(one).encode() for one in found if one.get("resourceType") == "Specimen"]
    if not specimens:
        sys.exit("no Specimen in that folder")
    measure(specimens, given.runs)


if __name__ == "__main__":
    main()
