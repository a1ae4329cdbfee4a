"""The persons of a FHIR data set as a hospital's server tells of them: with name, numbers, telephone and birth date.

The exporter writes pseudonyms only, as a bank must; what comes in from a hospital is not yet parted from its persons.
"""

import json
from pathlib import Path

from hilum.gatebench.asked import is_text
from hilum.gatebench.entry import Cells, Life

_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0203"


def put_in(life: Life, file: Path) -> None:
    """Put the personal values of ``life``'s donors into the Patients of an NDJSON file."""
    donors = {entry.cells["donor_id"]: entry.cells for entry in life.entries["donors"]}
    lines = file.read_text(encoding="utf-8").splitlines()
    found = (json.loads(line) for line in lines)
    named = [one | _personal(donors.get(one["id"], {}), one["identifier"]) for one in found]
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in named), encoding="utf-8")


def _personal(cells: Cells, known: list[object]) -> dict[str, object]:
    told = {name: cells[name] for name in ("name", "national_id", "phone", "birth_on") if is_text(cells.get(name))}
    number = {
        "use": "official", "type": {"coding": [{"system": _SYSTEM, "code": "NNCHN"}]}, "value": told.get("national_id"),
    }  # fmt: skip
    found = {
        "identifier": [*known, number] if told.get("national_id") else known,
        "name": [{"text": told.get("name")}] if told.get("name") else None,
        "telecom": [{"system": "phone", "value": told.get("phone")}] if told.get("phone") else None,
        "birthDate": told.get("birth_on"),
    }
    return {name: value for name, value in found.items() if value}
