"""How each hospital writes the same facts: file names, headers, encodings, days and instants, and millilitres.

The headers come from hospital systems' exports as Chinese hospitals label them; each set is confirmed as a mapping
beside the data, so that what is measured is the gate and not the guessing of columns.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from hilum.formats.mapping import Mapping, TableMapping
from hilum.gatebench.entry import TABLES, Entry
from hilum.model.record import Kind

CONFIRMED_BY = "gate-bench"


@dataclass(frozen=True, slots=True)
class Site:
    """One hospital's habits: letter, encoding, how days and instants are written (``strftime``), which of the two
    header sets, and whether volumes of tubes are in millilitres."""

    letter: str
    encoding: str
    day: str
    instant: str
    headers: int
    in_ml: bool


SITES = (
    Site("A", "utf-8-sig", "%Y-%m-%d", "%Y-%m-%d %H:%M", 0, True),
    Site("B", "gb18030", "%Y/%m/%d", "%Y/%m/%d %H:%M", 1, True),
    Site("C", "utf-8", "%Y%m%d", "%Y年%m月%d日 %H:%M", 0, False),
    Site("D", "utf-8", "%Y-%m-%d", "%Y-%m-%dT%H:%M:00+08:00", 1, True),
)
TITLES = {
    "donors": "01-供者登记", "consents": "02-知情同意", "encounters": "03-就诊记录", "diagnoses": "04-病理与诊断",
    "tubes": "05-采集登记", "aliquots": "06-分装入库", "extracts": "07-核酸提取", "steps": "08-处理记录",
    "results": "09-检验结果", "manifest": "10-转运交接单", "custody": "11-监管链", "requests": "12-出库登记",
    "tissues": "05-组织登记", "storage": "14-储存登记",
}  # fmt: skip
"""Files are read in the order of their names, and parents come first."""

_COLUMNS: dict[str, tuple[str, ...]] = {
    "donors": (
        "donor_id 病案号 患者编号", "name 姓名 患者姓名", "sex 性别 性别", "national_id 身份证号 证件号码",
        "birth_on 出生日期 出生年月日", "phone 联系电话 手机号", "blood_group 血型 ABO血型", "ethnicity 民族 民族",
        "height_cm 身高(cm) 身高cm", "weight_kg 体重(kg) 体重kg", "site 来源医院 来源单位",
        "vital_status 存活状态 生存状态",
        "form_completed_on 登记日期 填表日期",
    ),
    "consents": (
        "donor_id 病案号 患者编号", "form 知情同意书名称 同意书名称", "form_version 知情同意书版本 版本号",
        "status 同意状态 知情同意", "scope 同意范围 授权范围", "consented_on 签署日期 知情同意日期",
        "expires_on 有效期至 到期日期", "withdrawn_on 撤回日期 撤销日期", "signed_by 签署人身份 签署人",
    ),
    "encounters": (
        "encounter_id 就诊编号 就诊流水号", "donor_id 病案号 患者编号", "class 就诊类别 就诊类型",
        "started_at 就诊时间 入院时间", "ended_at 结束时间 出院时间", "department 科室 就诊科室",
    ),
    "diagnoses": (
        "condition_id 病理号 诊断编号", "donor_id 病案号 患者编号", "diagnosis 诊断名称 诊断",
        "category 诊断类别 类别",
        "icd10 ICD-10编码 ICD编码", "icdo_site ICD-O部位编码 肿瘤部位编码", "icdo_histology ICD-O形态编码 形态学编码",
        "laterality 侧别 左右侧", "diagnosed_on 诊断日期 确诊日期", "tnm_edition TNM版本 分期版本",
        "pathologic_t 病理T分期 pT", "pathologic_n 病理N分期 pN", "pathologic_m 病理M分期 pM",
        "pathologic_stage 病理分期 TNM分期", "grade 组织学分级 分化程度", "nodes_examined 检出淋巴结数 淋巴结总数",
        "nodes_positive 阳性淋巴结数 淋巴结阳性数",
    ),
    "tubes": (
        "specimen_id 样本条码 标本号", "donor_id 病案号 患者编号", "level 样本级别 样本层级",
        "specimen_type 样本类型 标本类型",
        "tube 采血管类型 容器类型", "collected_at 采集时间 采血时间", "volume_ul 采集量(mL) 采血量(mL)",
        "received_at 接收时间 签收时间", "hemolysis 溶血程度 溶血情况", "collected_by 采集人 采血护士",
    ),
    "tissues": (
        "specimen_id 组织编号 组织条码", "donor_id 病案号 患者编号", "level 样本级别 样本层级",
        "specimen_type 样本类型 标本类型", "collected_at 离体时间 取材时间", "received_at 接收时间 签收时间",
        "fixation 固定方式 固定方法",
        "fixed_at 固定时间 入固定液时间", "frozen_at 冻存时间 速冻时间", "weight_mg 组织重量(mg) 重量mg",
        "collected_by 取材人 取材医生", "barcode_2d 管底二维码 管底码", "location 存放位置 库位",
        "storage_c 储存温度(℃) 储存温度", "freeze_thaw_cycles 冻融次数 冻融次数", "status 样本状态 状态",
        "stored_at 入库时间 上架时间", "stored_by 入库人 库管员",
    ),
    "aliquots": (
        "specimen_id 冻存管编号 冻存管条码", "parent_id 原管条码 母管编号", "donor_id 病案号 患者编号",
        "level 样本级别 样本层级", "specimen_type 样本类型 标本类型", "tube 采血管类型 容器类型",
        "collected_at 采集时间 采血时间", "received_at 接收时间 签收时间", "centrifuged_at 离心时间 离心开始时间",
        "centrifuge_g 离心力(g) 离心力g", "centrifuge_min 离心时长(min) 离心分钟",
        "centrifuge_c 离心温度(℃) 离心温度",
        "frozen_at 冻存时间 速冻时间", "volume_ul 分装体积(μL) 体积(uL)", "barcode_2d 管底二维码 管底码",
        "location 冻存位置 库位", "storage_c 冻存温度(℃) 储存温度(℃)", "freeze_thaw_cycles 冻融次数 冻融次数",
        "status 样本状态 状态", "stored_at 入库时间 上架时间", "stored_by 入库人 库管员",
    ),
    "extracts": (
        "specimen_id 冻存管编号 冻存管条码", "parent_id 原管条码 母管编号", "donor_id 病案号 患者编号",
        "level 样本级别 样本层级", "specimen_type 样本类型 标本类型", "created_on 提取日期 制备日期",
        "concentration 浓度(ng/μL) 浓度ng/uL", "volume_ul 体积(μL) 体积uL", "amount_ug 总量(μg) 总量ug",
        "a260_a280 A260/A280 OD比值", "rin RIN值 RNA完整性RIN", "quantified_by 定量方法 测定方法",
        "barcode_2d 管底二维码 管底码", "location 冻存位置 库位", "storage_c 冻存温度(℃) 储存温度(℃)",
        "stored_at 入库时间 上架时间", "stored_by 入库人 库管员",
    ),
    "steps": (
        "preparation_id 处理编号 处理单号", "specimen_id 样本条码 标本号", "donor_id 病案号 患者编号",
        "step 工序 处理步骤",
        "protocol 处理方案 SOP编号", "protocol_name 方案名称 SOP名称", "started_at 开始时间 处理开始时间",
        "ended_at 结束时间 处理结束时间", "operator 操作人 处理人", "device 设备编号 仪器编号",
        "device_calibration_due_on 校准有效期至 设备校准到期日",
    ),
    "results": (
        "observation_id 检验流水号 检验单号", "donor_id 病案号 患者编号", "specimen_id 样本条码 标本号",
        "analyte 检验项目 项目名称", "value 结果 检验结果", "unit 单位 单位", "reference_low 参考下限 参考值下限",
        "reference_high 参考上限 参考值上限", "observed_at 检验时间 报告时间", "status 结果状态 报告状态",
    ),
    "manifest": (
        "transport_id 运输编号 转运单号", "specimen_id 样本条码 标本号", "donor_id 病案号 患者编号",
        "sender 送检科室 发送方", "receiver 接收单位 接收方", "dispatched_at 发出时间 启运时间",
        "received_at 接收时间 签收时间", "logger 温度记录仪编号 记录仪编号", "limit_low_c 温度下限(℃) 温度下限",
        "limit_high_c 温度上限(℃) 温度上限", "packed_by 装箱人 打包人", "received_by 接收人 签收人",
    ),
    "custody": (
        "custody_id 交接编号 交接单号", "specimen_id 样本条码 标本号", "donor_id 病案号 患者编号",
        "action 交接动作 动作",
        "happened_at 发生时间 交接时间", "from_party 移交方 交出方", "to_party 接收方 接入方",
        "performed_by 操作人员 经手人",
        "transport_id 运输编号 转运单号",
    ),
    "requests": (
        "custody_id 出库编号 出库单号", "specimen_id 样本条码 标本号", "donor_id 病案号 患者编号",
        "action 动作 出库动作",
        "happened_at 发生时间 出库时间", "from_party 移交方 交出方", "to_party 接收方 领用方",
        "performed_by 操作人员 经手人", "location 取出位置 原库位",
        "reason 事由 用途",
    ),
    "storage": (
        "specimen_id 样本条码 标本号", "donor_id 病案号 患者编号", "location 存放位置 库位",
        "storage_c 储存温度(℃) 储存温度", "stored_at 入库时间 上架时间", "stored_by 入库人 库管员",
    ),
}  # fmt: skip
_STORAGE = ("stored_at", "stored_by")
_UNITS = {"concentration": "ng/uL"}
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def fields(table: str) -> tuple[str, ...]:
    """The fields a table has, in the order of its columns."""
    return tuple(spec.split()[0] for spec in _COLUMNS[table])


def headers(table: str, site: Site) -> dict[str, str]:
    """field -> header in this hospital."""
    found = {}
    for spec in _COLUMNS[table]:
        parts = spec.split()
        found[parts[0]] = parts[1 + site.headers]
    if table == "tubes" and not site.in_ml:
        found["volume_ul"] = found["volume_ul"].replace("mL", "μL")
    return found


def file_name(table: str, site: Site, again: int, suffix: str) -> str:
    """The file a table of a hospital is written to; re-sent rows go to one whose name sorts after it."""
    late = "更正" if again else ""
    return f"{site.letter}-{TITLES[table]}{late}{suffix}"


def shown(entry: Entry, name: str) -> str:
    """The text of a cell as this hospital writes it; a text that has no usual form stays as it is."""
    text = entry.cells.get(name, "")
    site = SITES[entry.site]
    if _INSTANT.fullmatch(text):
        return _dated(text, "%Y-%m-%d %H:%M", site.instant)
    if _DAY.fullmatch(text):
        return _dated(text, "%Y-%m-%d", site.day)
    if entry.table == "tubes" and name == "volume_ul" and site.in_ml:
        return _litres(text)
    return text


def _dated(text: str, usual: str, wanted: str) -> str:
    try:
        return datetime.strptime(text, usual).strftime(wanted)  # noqa: DTZ007 - local clock time
    except ValueError:
        return text


def _litres(text: str) -> str:
    try:
        return f"{(Decimal(text) / 1000).normalize():f}"
    except InvalidOperation:
        return text


def mapping(table: str, site: Site) -> TableMapping:
    """The confirmed mapping of a table of this hospital."""
    known = headers(table, site)
    kind = TABLES[table]
    own = {header: name for name, header in known.items() if kind is Kind.STORAGE or name not in _STORAGE}
    parts = [_part(kind, own, table, site)]
    if "stored_at" in known and kind is not Kind.STORAGE:
        columns = {known[name]: name for name in ("specimen_id", "donor_id", "location", "storage_c", *_STORAGE)}
        parts.append(Mapping(Kind.STORAGE, columns))
    return TableMapping(tuple(known.values()), tuple(parts), confirmed_by=CONFIRMED_BY, title=TITLES[table])


def _part(kind: Kind, columns: dict[str, str], table: str, site: Site) -> Mapping:
    units = {header: _UNITS[name] for header, name in columns.items() if name in _UNITS}
    if table == "tubes" and site.in_ml:
        units |= {header: "mL" for header, name in columns.items() if name == "volume_ul"}
    return Mapping(kind, columns, units=units)
