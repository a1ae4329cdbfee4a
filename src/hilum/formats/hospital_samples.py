"""The specimens of the synthetic hospital day: drawn, carried, received, spun, divided, frozen and stored, in order.

A donor gives an EDTA tube and sometimes a serum tube; plasma, buffy coat and serum aliquots come from them and DNA
from some buffy coats. Delays follow the usual procedure: spun within three hours of the draw and frozen within four.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hilum.formats.hospital_people import Person
from hilum.formats.hospital_sheets import Row, Sheet, clock, day

SAMPLE_HEADERS = (
    "样本条码", "病案号", "姓名", "样本级别", "样本类型", "采血管类型", "采集时间", "采集量(mL)", "接收时间",
    "溶血程度", "采集人",
)  # fmt: skip
ALIQUOT_HEADERS = (
    "冻存管编号", "原管条码", "病案号", "样本级别", "样本类型", "采血管类型", "采集时间", "接收时间", "离心时间",
    "冻存时间",
    "分装体积（μL）", "管底二维码", "冻存位置", "冻存温度（℃）", "入库时间", "入库人",
)  # fmt: skip
NUCLEIC_HEADERS = (
    "冻存管编号", "原管条码", "病案号", "样本级别", "样本类型", "提取日期", "浓度(ng/μL)", "体积(μL)", "总量(μg)",
    "A260/A280",
    "定量方法", "管底二维码", "冻存位置", "冻存温度(℃)", "入库时间", "入库人",
)  # fmt: skip
SPIN_HEADERS = (
    "处理编号",
    "样本条码",
    "病案号",
    "处理方案",
    "方案名称",
    "开始时间",
    "结束时间",
    "操作人",
    "离心机编号",
)
SHIPMENT_HEADERS = (
    "运输编号", "样本条码", "病案号", "送检科室", "接收单位", "发出时间", "接收时间", "温度记录仪编号",
    "温度下限(℃)", "温度上限(℃)",
)  # fmt: skip
_NUCLEIC_NUMBERS = ("浓度(ng/μL)", "体积(μL)", "总量(μg)", "A260/A280", "冻存温度(℃)")
_TUBES = {"E": "EDTA抗凝管", "S": "促凝分离胶管"}
_WARDS = ("肿瘤内科", "胸外科", "胃肠外科", "乳腺外科", "妇科", "泌尿外科")
_SHIPMENTS = 8


@dataclass(frozen=True, slots=True)
class Shipment:
    """One box on its way from the wards to the biobank, with a logger in it. Local clock times."""

    id: str
    logger: str
    dispatched: datetime
    received: datetime


@dataclass(slots=True)
class Freezer:
    """Hands out the next free place: freezer, rack, box, place; 9 by 9 places in a box."""

    on: date
    given: int = 0

    def place(self) -> str:
        self.given += 1
        box, spot = divmod(self.given - 1, 81)
        rack, box = divmod(box, 10)
        return f"F01-R{rack + 1:02d}-B{box + 1:02d}-{'ABCDEFGHI'[spot // 9]}{spot % 9 + 1}"

    def barcode(self) -> str:
        return f"FB{self.on:%y%m%d}{self.given:05d}"


@dataclass(frozen=True, slots=True)
class Samples:
    """All the sheets about specimens, and the shipments the tubes went with."""

    tubes: Sheet
    aliquots: Sheet
    nucleic: Sheet
    spins: Sheet
    manifest: Sheet
    shipments: tuple[Shipment, ...]


def samples(rng: random.Random, everyone: Sequence[Person], on: date) -> Samples:
    """The whole day of every donor."""
    stock = "合成数据-04-入库登记.xlsx"
    title = "样本入库登记表（合成数据）"
    stored = dict.fromkeys(("采集时间", "接收时间", "离心时间", "冻存时间", "入库时间"), "t")
    made = Samples(
        tubes=Sheet("合成数据-03-采集登记.csv", SAMPLE_HEADERS),
        aliquots=Sheet(stock, ALIQUOT_HEADERS, "分装入库", (title,),
                       types=stored | {"分装体积（μL）": "n", "冻存温度（℃）": "n"}),
        nucleic=Sheet(stock, NUCLEIC_HEADERS, "核酸提取", (title,),
                      types=stored | {"提取日期": "d"} | dict.fromkeys(_NUCLEIC_NUMBERS, "n")),
        spins=Sheet(stock, SPIN_HEADERS, "离心记录", types={"开始时间": "t", "结束时间": "t"}),
        manifest=Sheet("合成数据-07-转运交接单.csv", SHIPMENT_HEADERS, encoding="gb18030"),
        shipments=_shipments(rng, on),
    )  # fmt: skip
    freezer = Freezer(on)
    for number, person in enumerate(everyone, 1):
        _donate(rng, person, f"XB{on:%y%m%d}-{number:04d}", made, freezer)
    return made


def _shipments(rng: random.Random, on: date) -> tuple[Shipment, ...]:
    """A box leaves every half hour from 07:30 and is on its way for about half an hour."""
    first = datetime.combine(on, time(7, 30))
    made = []
    for number in range(1, _SHIPMENTS + 1):
        left = first + timedelta(minutes=30 * (number - 1))
        arrived = left + timedelta(minutes=rng.randint(24, 36))
        made.append(Shipment(f"YS{on:%y%m%d}-{number:02d}", f"TL{on:%y%m}{number:03d}", left, arrived))
    return tuple(made)


def _donate(rng: random.Random, person: Person, stem: str, made: Samples, freezer: Freezer) -> None:
    shipment = rng.choice(made.shipments)
    drawn = shipment.dispatched - timedelta(minutes=rng.randint(5, 29))
    tubes = [_tube(rng, person, f"{stem}-E", shipment, drawn)]
    if rng.random() < 0.4:
        tubes.append(_tube(rng, person, f"{stem}-S", shipment, drawn + timedelta(minutes=1)))
    ward = rng.choice(_WARDS)
    for tube in tubes:
        made.tubes.rows.append(tube)
        values = (
            shipment.id, tube["样本条码"], person.donor_id, ward, "生物样本库", clock(shipment.dispatched),
            clock(shipment.received), shipment.logger, "2", "8",
        )  # fmt: skip
        made.manifest.rows.append(dict(zip(SHIPMENT_HEADERS, values, strict=True)))
        _process(rng, tube, made, freezer)


def _tube(rng: random.Random, person: Person, barcode: str, shipment: Shipment, drawn: datetime) -> Row:
    volume = rng.choice(("6.0", "8.0", "10.0")) if barcode.endswith("E") else rng.choice(("4.0", "5.0"))
    values = (
        barcode, person.donor_id, person.name, "原始样本", "全血", _TUBES[barcode[-1]], clock(drawn), volume,
        clock(shipment.received), "无溶血" if rng.random() < 0.95 else "轻度", f"护士{rng.randint(1, 12)}",
    )  # fmt: skip
    return dict(zip(SAMPLE_HEADERS, values, strict=True))


def _process(rng: random.Random, tube: Row, made: Samples, freezer: Freezer) -> None:
    received = datetime.fromisoformat(tube["接收时间"])
    spun = received + timedelta(minutes=rng.randint(10, 40))
    frozen = spun + timedelta(minutes=rng.randint(25, 55))
    barcode = tube["样本条码"]
    spin = (
        f"LX{len(made.spins.rows) + 1:05d}-{received:%y%m%d}", barcode, tube["病案号"], "SOP-BB-03",
        "血液离心分离 1600 g 10 min",
        clock(spun), clock(spun + timedelta(minutes=10)), f"技师{rng.randint(1, 4)}", f"LXJ-{rng.randint(1, 3):02d}",
    )  # fmt: skip
    made.spins.rows.append(dict(zip(SPIN_HEADERS, spin, strict=True)))
    if barcode.endswith("S"):
        _aliquot(rng, tube, ("B1", "血清", rng.choice((500, 800, 1000))), (spun, frozen), made, freezer)
        return
    for number in range(1, rng.choice((1, 2)) + 1):
        _aliquot(rng, tube, (f"P{number}", "血浆", rng.choice((500, 800, 1000))), (spun, frozen), made, freezer)
    if rng.random() < 0.5:
        coat = _aliquot(rng, tube, ("W1", "白膜层", rng.choice((200, 250, 300))), (spun, frozen), made, freezer)
        if rng.random() < 0.5:
            _extract(rng, coat, frozen, made, freezer)


def _aliquot(
    rng: random.Random,
    tube: Row,
    what: tuple[str, str, int],
    when: tuple[datetime, datetime],
    made: Samples,
    freezer: Freezer,
) -> Row:
    suffix, kind, volume = what
    level = "份" if kind == "白膜层" else "分样"  # DNA is extracted from it, and nothing is extracted from an aliquot
    spun, frozen = when
    place = freezer.place()
    values = (
        f"{tube['样本条码']}-{suffix}", tube["样本条码"], tube["病案号"], level, kind, tube["采血管类型"],
        tube["采集时间"],
        tube["接收时间"], clock(spun), clock(frozen), str(volume), freezer.barcode(), place, "-80",
        clock(frozen + timedelta(minutes=rng.randint(5, 20))), f"库管{rng.randint(1, 3)}",
    )  # fmt: skip
    row = dict(zip(ALIQUOT_HEADERS, values, strict=True))
    made.aliquots.rows.append(row)
    return row


def _extract(rng: random.Random, coat: Row, frozen: datetime, made: Samples, freezer: Freezer) -> None:
    concentration, volume = round(rng.uniform(60, 280), 1), rng.choice((50, 60, 80, 100))
    place = freezer.place()
    values = (
        f"{coat['冻存管编号']}-D1", coat["冻存管编号"], coat["病案号"], "提取物", "DNA", day(frozen.date()),
        str(concentration),
        str(volume), f"{concentration * volume / 1000:.3f}", f"{rng.uniform(1.78, 1.92):.2f}", "NanoDrop",
        freezer.barcode(),
        place, "-80", clock(frozen + timedelta(minutes=rng.randint(90, 180))), f"库管{rng.randint(1, 3)}",
    )  # fmt: skip
    made.nucleic.rows.append(dict(zip(NUCLEIC_HEADERS, values, strict=True)))
