"""The course of a donor's blood and urine: drawn, packed, carried, received, spun, divided, frozen, stored, asked for.

Times keep to common practice (serum clots half an hour; plasma and serum are spun within four hours of the draw and
frozen within two of the spin, SPREC 4.0); aliquots never exceed half of the blood they come from.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hilum.gatebench.donors import Patient
from hilum.gatebench.entry import Cells, Entry, Life, Trip, clock

TUBE_WORDS = {
    "EDTA": ("EDTA抗凝管", "紫帽管", "EDTA-K2", "EDTA管"),
    "Serum": ("促凝分离胶管", "黄帽管", "分离胶管", "SST"),
    "Urine": ("尿杯", "尿管", "尿杯", "尿杯"),
    "PAXgene": ("PAXgene RNA", "PAXgene", "PAXgene RNA", "PAX"),
}
TYPE_WORDS = {
    "WholeBlood": ("全血", "外周血", "静脉血", "全血"),
    "Plasma": ("血浆", "血浆", "Plasma", "血浆"),
    "Serum": ("血清", "血清", "Serum", "血清"),
    "BuffyCoat": ("白膜层", "白膜层", "白细胞层", "白膜层"),
    "Urine": ("尿液", "尿液", "晨尿", "尿液"),
    "Tissue": ("新鲜冷冻组织", "冻存组织", "冰冻组织", "新鲜冷冻组织"),
    "Block": ("石蜡包埋组织", "石蜡块", "FFPE", "石蜡组织"),
}
_DRAWN = {
    "EDTA": (6000, 8000, 10000), "Serum": (4000, 5000), "Urine": (30000, 50000), "PAXgene": (2500,),
}  # fmt: skip
"""Microlitres in a tube of each sort."""
_NUMBERS = {"离心": "1", "分装": "2", "包埋": "3", "冻存": "4"}
"""What the number of a step's record ends in."""
_CLEAN = ("无溶血", "无", "未见溶血", "无溶血")
_SLIGHT = ("轻度", "轻度溶血", "微溶血", "轻微")


@dataclass(slots=True)
class Freezer:
    """Hands out the next free place of one biobank: freezer, rack, box, place; 9 by 9 places in a box."""

    stamp: str
    given: dict[str, int] = field(default_factory=dict)

    def place(self, name: str) -> str:
        number = self.given.get(name, 0)
        self.given[name] = number + 1
        box, spot = divmod(number, 81)
        rack, box = divmod(box, 10)
        return f"{name}-R{rack + 1:02d}-B{box + 1:02d}-{'ABCDEFGHI'[spot // 9]}{spot % 9 + 1}"

    def barcode(self) -> str:
        return f"FB{self.stamp}{sum(self.given.values()):06d}"


@dataclass(frozen=True, slots=True)
class Tube:
    """A primary tube and when it was where."""

    entry: Entry
    sort: str
    drawn: datetime
    received: datetime
    patient: Patient


class Course:
    """Writes the course of one donor after the other into ``life``."""

    def __init__(self, rng: random.Random, life: Life, freezer: Freezer) -> None:
        self.rng, self.life, self._freezer = rng, life, freezer

    def run(self, patient: Patient, trip: Trip, number: int) -> str:
        """The donor's specimens; answers the first tube's number."""
        stem = f"X{'ABCD'[patient.site]}{self.life.first_day:%y%m}-{number:06d}"
        sorts = ["EDTA"]
        sorts += ["Serum"] if self.rng.random() < 0.4 else []
        sorts += ["Urine"] if self.rng.random() < 0.12 else []
        for index, sort in enumerate(sorts):
            tube = self.tube(patient, trip, f"{stem}-{sort[0]}", sort, patient.drawn + timedelta(minutes=2 * index))
            self._divide(tube)
        return f"{stem}-E"

    # the way in -----------------------------------------------------------------------------------------------------

    def tube(self, patient: Patient, trip: Trip, barcode: str, sort: str, drawn: datetime) -> Tube:
        """A tube or cup: drawn, packed, carried, received."""
        rng, site = self.rng, patient.site
        volume = rng.choice(_DRAWN[sort])
        blood = sort != "Urine"
        nurse = f"护士{rng.randint(1, 12)}"
        cells = {
            "specimen_id": barcode, "donor_id": patient.id, "level": "原始样本",
            "specimen_type": TYPE_WORDS["WholeBlood" if blood else "Urine"][site], "tube": TUBE_WORDS[sort][site],
            "collected_at": clock(drawn), "volume_ul": str(volume), "received_at": clock(trip.received),
            "hemolysis": (_CLEAN if rng.random() < 0.95 else _SLIGHT)[site] if blood else "",
            "collected_by": nurse if rng.random() > 0.03 else "",
        }  # fmt: skip
        entry = self.life.add(Entry("tubes", site, cells, patient.id, barcode, trip=trip.id))
        self.life.add(Entry("manifest", site, {
            "transport_id": trip.id, "specimen_id": barcode, "donor_id": patient.id, "sender": f"采血点{site + 1}",
            "receiver": "生物样本库", "dispatched_at": clock(trip.dispatched), "received_at": clock(trip.received),
            "logger": trip.logger, "limit_low_c": "2", "limit_high_c": "8", "packed_by": trip.packed_by,
            "received_by": trip.received_by,
        }, patient.id, barcode, trip=trip.id))  # fmt: skip
        self._hand_on(patient, trip, barcode, drawn, nurse)
        return Tube(entry, sort, drawn, trip.received, patient)

    def _hand_on(self, patient: Patient, trip: Trip, barcode: str, drawn: datetime, nurse: str) -> None:
        ward, carrier = f"采血点{patient.site + 1}", f"冷链{trip.packed_by}"
        steps = (
            ("采集", drawn, "", ward, nurse),
            ("移交", trip.dispatched - timedelta(minutes=3), ward, carrier, trip.packed_by),
            ("接收", trip.received, carrier, "生物样本库", trip.received_by),
        )
        for index, (action, at, giver, taker, who) in enumerate(steps, 1):
            self.custody("custody", patient, barcode, {
                "custody_id": f"JJ-{barcode}-{index}", "action": action, "happened_at": clock(at),
                "from_party": giver, "to_party": taker, "performed_by": who,
                "transport_id": trip.id if index > 1 else "",
            }, trip.id)  # fmt: skip

    def custody(self, table: str, patient: Patient, specimen: str, cells: Cells, trip: str = "") -> Entry:
        """An entry of the chain of custody."""
        whole = {"specimen_id": specimen, "donor_id": patient.id} | cells
        return self.life.add(Entry(table, patient.site, whole, patient.id, specimen, trip=trip))

    # in the laboratory ----------------------------------------------------------------------------------------------

    def _divide(self, tube: Tube) -> None:
        rng = self.rng
        clot = 30 if tube.sort == "Serum" else 0
        spun = max(tube.received, tube.drawn + timedelta(minutes=clot)) + timedelta(minutes=rng.randint(8, 40))
        technician, device = f"技师{rng.randint(1, 5)}", rng.randint(1, 4)
        force, minutes = ("1600", "10") if tube.sort != "Urine" else ("800", "10")
        self.step(tube.entry, "离心", spun, spun + timedelta(minutes=int(minutes)), technician, f"LXJ-{device:02d}")
        parted = spun + timedelta(minutes=rng.randint(14, 25))
        divided = parted + timedelta(minutes=rng.randint(5, 15))
        self.step(tube.entry, "分装", parted, divided, technician, f"SWG-{device:02d}")
        frozen = divided + timedelta(minutes=rng.randint(5, 20))
        spin = {"centrifuged_at": clock(spun), "centrifuge_g": force, "centrifuge_min": minutes, "centrifuge_c": "4"}
        whole = int(tube.entry.cells["volume_ul"])
        self._shares(tube, spin, frozen, whole)
        if tube.sort == "EDTA" and rng.random() < 0.35:
            coat = self._aliquot(tube, ("W1", "BuffyCoat", rng.choice((200, 250, 300))), spin, frozen)
            if rng.random() < 0.6:
                self._extract(tube, coat, frozen)

    def _shares(self, tube: Tube, spin: Cells, frozen: datetime, whole: int) -> None:
        """Equal aliquots of what stands above the cells (or of the urine), at most nine twentieths of the tube."""
        rng = self.rng
        letter, kind = {"EDTA": ("P", "Plasma"), "Serum": ("B", "Serum"), "Urine": ("U", "Urine")}[tube.sort]
        volume = rng.choice((500, 800, 1000)) if tube.sort != "Urine" else rng.choice((1500, 2000))
        most = max(1, int(whole * 0.45) // volume)
        for number in range(1, min(most, rng.choice((2, 2, 3, 4))) + 1):
            given = volume if number < most or rng.random() < 0.7 else volume - 10 * rng.randint(1, 12)
            self._aliquot(tube, (f"{letter}{number}", kind, given), spin, frozen)

    def step(self, entry: Entry, step: str, start: datetime, end: datetime, who: str, device: str) -> None:
        """A record of what was done with a specimen, with which device."""
        rng = self.rng
        calibrated = self.life.first_day - timedelta(days=rng.randint(20, 300))
        self.life.add(Entry("steps", entry.site, {
            "preparation_id": f"CL-{entry.specimen}-{_NUMBERS[step]}", "specimen_id": entry.specimen,
            "donor_id": entry.donor, "step": step, "protocol": "SOP-BB-03", "protocol_name": f"{step}操作规程",
            "started_at": clock(start), "ended_at": clock(end), "operator": who, "device": device,
            "device_calibration_due_on": (calibrated + timedelta(days=365)).isoformat(),
        }, entry.donor, entry.specimen))  # fmt: skip

    def _aliquot(self, tube: Tube, what: tuple[str, str, int], spin: Cells, frozen: datetime) -> Entry:
        rng, parent, site = self.rng, tube.entry, tube.entry.site
        suffix, kind, volume = what
        barcode = f"{parent.specimen}-{suffix}"
        stored = frozen + timedelta(minutes=rng.randint(5, 25))
        cells = {
            "specimen_id": barcode, "parent_id": parent.specimen, "donor_id": parent.donor,
            "level": "份" if kind == "BuffyCoat" else "分样", "specimen_type": TYPE_WORDS[kind][site],
            "tube": parent.cells["tube"], "collected_at": parent.cells["collected_at"],
            "received_at": parent.cells["received_at"], **spin, "frozen_at": clock(frozen), "volume_ul": str(volume),
            "freeze_thaw_cycles": "0" if rng.random() < 0.9 else "", "status": "可用",
        }  # fmt: skip
        made = Entry("aliquots", site, cells, parent.donor, barcode, parent.specimen)
        return self.shelve(made, "F", stored, tube.patient)

    def _extract(self, tube: Tube, coat: Entry, frozen: datetime) -> None:
        rng = self.rng
        concentration, volume = round(rng.uniform(60, 280), 1), rng.choice((50, 60, 80, 100))
        barcode = f"{coat.specimen}-D1"
        cells = {
            "specimen_id": barcode, "parent_id": coat.specimen, "donor_id": coat.donor, "level": "提取物",
            "specimen_type": "DNA", "created_on": frozen.date().isoformat(), "concentration": str(concentration),
            "volume_ul": str(volume), "amount_ug": f"{concentration * volume / 1000:.3f}",
            "a260_a280": f"{rng.uniform(1.78, 1.92):.2f}", "rin": "",
            "quantified_by": rng.choice(("NanoDrop", "Qubit")),
        }  # fmt: skip
        entry = Entry("extracts", coat.site, cells, coat.donor, barcode, coat.specimen)
        self.shelve(entry, "F", frozen + timedelta(minutes=rng.randint(90, 240)), tube.patient)

    def shelve(self, entry: Entry, sort: str, stored: datetime, patient: Patient, degrees: str = "-80") -> Entry:
        """Give the entry its code and its place, put it down, and tell the chain of custody where it went."""
        entry.cells |= {"barcode_2d": self._freezer.barcode(), **self.put_away(entry.site, sort, stored, degrees)}
        self.life.add(entry)
        if self.rng.random() < 0.04:
            self._ask_for(entry, stored, patient)
        return entry

    def put_away(self, site: int, sort: str, stored: datetime, degrees: str) -> Cells:
        """The next free place in a store of this sort, when it was taken and by whom."""
        return {
            "location": self._freezer.place(f"{sort}{site + 1:02d}"), "storage_c": degrees,
            "stored_at": clock(stored), "stored_by": f"库管{self.rng.randint(1, 3)}",
        }  # fmt: skip

    def _ask_for(self, entry: Entry, stored: datetime, patient: Patient) -> None:
        """A researcher's request: taken out by one person, checked and handed out by another."""
        out = stored + timedelta(days=self.rng.randint(0, 2), minutes=self.rng.randint(60, 400))
        if out >= self.life.handed_in:
            return
        keeper, checker = self.rng.sample(("库管1", "库管2", "库管3", "库管4"), 2)
        steps = (
            ("出库", out, "生物样本库", keeper, keeper, 1),
            ("发放", out + timedelta(minutes=20), keeper, "课题组", checker, 2),
        )
        for action, at, giver, taker, who, index in steps:
            place = entry.cells["location"] if action == "出库" else ""
            self.custody("requests", patient, entry.specimen, {
                "custody_id": f"CK-{entry.specimen}-{index}", "action": action, "happened_at": clock(at),
                "from_party": giver, "to_party": taker, "performed_by": who, "location": place,
                "reason": "课题申请 KT-2026-018",
            })  # fmt: skip
