"""Which older version of FHIR a resource was written for, by what only that version has.

R4 and R5 are read in full and answer nothing. DSTU2 and STU3 resources are read where the names are the same; the
difference must be told, because a field under an older name would be missed in silence.
"""

import re

from hilum.formats.fhir_draft import Json

_PROFILE = re.compile(r"/(DSTU2|STU3|1\.0|3\.0)(/|$|\.)")
_TYPES = {
    "MedicationOrder": "DSTU2",
    "DiagnosticOrder": "DSTU2",
    "BodySite": "DSTU2",
    "ProcedureRequest": "STU3",
    "ReferralRequest": "STU3",
    "Sequence": "STU3",
}
_MEMBERS = {
    "Patient": {"animal": "STU3"},
    "Specimen": {"treatment": "DSTU2"},
    "Observation": {"related": "STU3", "comments": "DSTU2"},
    "Condition": {"dateRecorded": "DSTU2", "assertedDate": "STU3", "context": "STU3"},
    "Procedure": {"notPerformed": "DSTU2", "notDone": "STU3", "context": "STU3"},
    "MedicationAdministration": {"wasNotGiven": "DSTU2", "effectiveTimeDateTime": "DSTU2", "notGiven": "STU3"},
    "MedicationStatement": {"wasNotTaken": "DSTU2", "taken": "STU3"},
    "Consent": {"except": "STU3", "consentingParty": "STU3"},
    "DiagnosticReport": {"codedDiagnosis": "STU3", "context": "STU3"},
}


_ANYWHERE = frozenset({"meta", "fhirVersion"})
_MARKS = {kind: frozenset(names) | _ANYWHERE for kind, names in _MEMBERS.items()}
"""What a resource of each type may show its version by."""


def version_of(resource: Json) -> str:
    """``DSTU2`` or ``STU3`` where a resource shows it was written for that, else nothing."""
    kind = str(resource.get("resourceType"))
    if kind in _MARKS and _MARKS[kind].isdisjoint(resource):
        return ""
    if kind in _TYPES:
        return _TYPES[kind]
    if kind == "Encounter" and isinstance(resource.get("class"), str):
        return "DSTU2"
    told = resource.get("fhirVersion")
    if isinstance(told, str) and told[:2] in ("1.", "3."):
        return "DSTU2" if told[0] == "1" else "STU3"
    for name, version in _MEMBERS.get(kind, {}).items():
        if name in resource:
            return version
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for one in profiles if isinstance(profiles, list) else ():
        found = _PROFILE.search(one) if isinstance(one, str) else None
        if found:
            return {"1.0": "DSTU2", "3.0": "STU3"}.get(found[1], found[1])
    return ""
