"""Life cycles as HL7 v2.5.1 messages, as a hospital's interface engine sends them: one file per hospital.

ADT^A04 carries the donor, the encounter and the diagnoses (PID, PV1, DG1); ORU^R01 the results (OBR, OBX, SPM); and
OUL^R22 the tubes (SPM). Consents, aliquots, steps, transport and custody are no messages of a hospital's and come
beside them as tables. What stands in a cell is sent as it stands, escaped; a unit that is missing is an empty OBX-6.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hilum.gatebench.dialect import SITES
from hilum.gatebench.entry import Cells, Entry, Life
from hilum.terms.synonyms import code_of

_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\r": "\\X0D\\", "\n": "\\X0A\\"}
CARRIED: Mapping[str, frozenset[str]] = {
    "donors": frozenset({"donor_id", "name", "sex", "national_id", "birth_on", "phone", "ethnicity"}),
    "encounters": frozenset({"encounter_id", "donor_id", "class", "started_at", "ended_at", "department"}),
    "diagnoses": frozenset({"condition_id", "donor_id", "diagnosis", "icd10", "diagnosed_on"}),
    "tubes": frozenset({"specimen_id", "donor_id", "specimen_type", "tube", "collected_at", "volume_ul",
                        "received_at"}),
    "results": frozenset({"observation_id", "donor_id", "specimen_id", "analyte", "value", "unit", "reference_low",
                          "reference_high", "observed_at", "status"}),
}  # fmt: skip
"""Table -> the fields these messages carry."""
_SEX = {"male": "M", "female": "F"}
_CLASS = {"IMP": "I", "AMB": "O", "EMER": "E"}


def write(life: Life, folder: Path) -> None:
    """A file of messages per hospital, UTF-8, segments ended by carriage returns."""
    for number, site in enumerate(SITES):
        path = folder / f"{site.letter}-合成数据.hl7"
        text = "".join(_messages(life, number))
        if text:
            path.write_bytes(text.encode("utf-8", errors="surrogateescape"))


def _messages(life: Life, site: int) -> Iterator[str]:
    mine: dict[str, dict[str, list[Entry]]] = {}
    for entry in life.everything():
        if entry.site == site and not entry.again:
            mine.setdefault(entry.donor, {}).setdefault(entry.table, []).append(entry)
    control = 0
    for of in mine.values():
        if "donors" not in of:
            continue
        for kind, segments in _of_donor(of):
            control += 1
            stamp = f"{life.handed_in:%Y%m%d%H%M%S}+0800"
            head = f"MSH|^~\\&|HIS|{'ABCD'[site]}|HILUM|BIOBANK|{stamp}||{kind}|{'ABCD'[site]}{control:08d}|P|2.5.1"
            yield "\r".join((f"{head}||||||UNICODE UTF-8", *segments)) + "\r"


def _of_donor(of: dict[str, list[Entry]]) -> Iterator[tuple[str, list[str]]]:
    donor = of["donors"][0].cells
    pid = _pid(donor)
    visits, named = of.get("encounters", []), of.get("diagnoses", [])
    yield "ADT^A04^ADT_A01", [f"EVN|A04|{_time(donor['form_completed_on'])}", pid, *map(_pv1, visits), *_dg1(named)]
    for entry in of.get("tubes", []):
        yield "OUL^R22^OUL_R22", [_pid(donor | {"donor_id": entry.cells["donor_id"]}), _spm(entry.cells)]
    results = of.get("results", [])
    if results:
        tubes = {entry.specimen: entry.cells for entry in of.get("tubes", [])}
        yield "ORU^R01^ORU_R01", [pid, *_obx(results, tubes)]


def _pid(cells: Cells) -> str:
    numbers = f"{_safe(cells['donor_id'])}^^^HOSPITAL^MR~{_safe(cells['national_id'])}^^^CHN^NNCHN"
    sex = _SEX.get(code_of("sex", cells["sex"]) or "", _safe(cells["sex"]))
    fields = ["PID", "1", "", numbers, "", _safe(cells["name"]), "", _time(cells["birth_on"]), sex]
    return "|".join([*fields, "", "", "", "", _safe(cells["phone"]), *[""] * 8, _safe(cells["ethnicity"])])


def _pv1(entry: Entry) -> str:
    cells = entry.cells
    fields = [""] * 46
    fields[0], fields[1] = "PV1", "1"
    fields[2] = _CLASS.get(code_of("encounter_class", cells["class"]) or "", _safe(cells["class"]))
    fields[3], fields[19] = _safe(cells["department"]), _safe(cells["encounter_id"])
    fields[44], fields[45] = _time(cells["started_at"]), _time(cells["ended_at"])
    return "|".join(fields)


def _dg1(named: Iterable[Entry]) -> Iterator[str]:
    for number, entry in enumerate(named, 1):
        cells = entry.cells
        code = f"{_safe(cells['icd10'])}^{_safe(cells['diagnosis'])}^I10"
        head = ("DG1", str(number), "", code, _safe(cells["diagnosis"]), _time(cells["diagnosed_on"]), "F")
        yield "|".join((*head, *[""] * 13, _safe(cells["condition_id"])))


def _spm(cells: Cells) -> str:
    fields = [""] * 28
    fields[0], fields[1], fields[2] = "SPM", "1", _safe(cells["specimen_id"])
    fields[4] = f"^{_safe(cells['specimen_type'])}"
    fields[12] = f"{_safe(cells.get('volume_ul', ''))}^uL"
    fields[17], fields[18] = _time(cells.get("collected_at", "")), _time(cells.get("received_at", ""))
    fields[27] = f"^{_safe(cells['tube'])}" if cells.get("tube") else ""
    return "|".join(fields).rstrip("|")


def _obx(results: Iterable[Entry], tubes: Mapping[str, Cells]) -> Iterator[str]:
    """Results, each with the tube it is of: what it is and when it was drawn, as an analyser's interface knows it."""
    for number, entry in enumerate(results, 1):
        cells, tube = entry.cells, tubes.get(entry.specimen, {})
        name, at = _safe(cells["analyte"]), _time(cells["observed_at"])
        yield f"OBR|{number}||{_safe(cells['observation_id'])}|^{name}|||{at}{'|' * 15}{at}|||F"
        limits = f"{_safe(cells['reference_low'])}-{_safe(cells['reference_high'])}".strip("-")
        sort = "ST" if cells["value"].startswith("<") else "NM"  # the test's, whatever somebody typed
        values = (f"^{name}", "", _safe(cells["value"]), _safe(cells["unit"]), limits, "", "", "", "F", "", "", at)
        yield f"OBX|1|{sort}|" + "|".join(values)
        what = f"^{_safe(tube.get('specimen_type', ''))}"
        yield f"SPM|{number}|{_safe(cells['specimen_id'])}||{what}{'|' * 13}{_time(tube.get('collected_at', ''))}"


def _safe(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


def _time(text: str) -> str:
    """``2026-03-02 08:15`` as 202603020815+0800 and a day as 20260302; anything else as it stands."""
    digits = text.replace("-", "").replace(":", "").replace(" ", "")
    if not digits.isdigit() or len(digits) not in (8, 12):
        return _safe(text)
    return digits if len(digits) == 8 else f"{digits}00+0800"
