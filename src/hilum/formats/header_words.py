"""The words Chinese (and English) hospital sheets use for the fields of the vocabulary.

``*`` speaks for every kind that has the field; a kind's own words only for that kind. Words are separated by blanks;
an underscore inside an English word stands for its blank. They are collected from the way hospital information
systems, laboratory systems and biobank registers in Chinese hospitals label their exports, not from one product.
"""

AFFIXES: tuple[str, ...] = (
    "患者", "病人", "供者", "供体", "捐献者", "受试者", "参与者", "标本", "样本", "样品", "冻存管", "被采集者",
    "patient", "donor", "subject", "participant", "specimen", "sample", "aliquot",
)  # fmt: skip
"""Words put before a name that do not change what it means: 患者姓名 is 姓名."""

SYNONYMS: dict[str, dict[str, str]] = {
    "*": {
        "donor_id": "病案号 住院号 门诊号 就诊号 病历号 登记号 患者编号 患者id 病人编号 病人id 供体编号 "
        "捐献者编号 受试者编号 参与者编号 入组编号 病例号 patient_id patient_no mrn "
        "medical_record_number donor_id donor_no subject_id participant_id case_id",
        "specimen_id": "标本号 标本编号 标本条码 标本条码号 样本号 样本条码 样本条码号 样品编号 样品号 条码号 "
        "条形码 条码 管号 冻存管编号 冻存管号 冻存管条码 分装管编号 试管条码 sample_id "
        "sample_no sample_barcode specimen_no barcode tube_id specimen_barcode aliquot_id",
        "anatomic_site": "取材部位 采集部位 病灶部位 部位 anatomical_site site_of_collection",
        "laterality": "左右侧 侧别 side",
        "location": "存储位置 储存位置 冻存位置 存放位置 库位 位置 冰箱位置 冻存盒位置 storage_location "
        "position storage_position freezer_position",
        "storage_c": "冻存温度 存储温度 保存温度 存放温度 储存温度 冰箱温度 storage_temperature storage_temp",
        "received_at": "接收时间 收样时间 签收时间 收到时间 到达时间 送达时间 received_time receipt_time received",
        "form_completed_on": "填表日期 填写日期 登记日期",
        "logger": "温度记录仪编号 记录仪编号 温度计编号 记录仪sn 设备序列号 仪器序列号 探头编号 "
        "logger_serial logger_id logger_sn serial_number",
        "limit_low_c": "温度下限 下限温度 low_limit lower_limit low_alarm 低温报警 报警下限",
        "limit_high_c": "温度上限 上限温度 high_limit upper_limit high_alarm 高温报警 报警上限",
        "vital_status": "生存状态 存活情况 生死状态",
        "histology": "组织学类型 病理类型",
        "age_years": "年龄 诊断时年龄 age age_at_diagnosis",
    },
    "donor": {
        "name": "姓名 患者姓名 病人姓名 供者姓名 名字 full_name patient_name",
        "national_id": "身份证 身份证号码 身份证件号码 证件号码 证件号 公民身份号码 居民身份证号 id_card "
        "id_number national_id",
        "phone": "联系电话 手机号 手机 手机号码 联系方式 电话号码 telephone mobile phone_number",
        "birth_on": "出生年月日 出生年月 生日 出生时间 birth_date dob birthday",
        "sex": "性别 gender",
        "blood_group": "血型 abo血型 blood_type",
        "ethnicity": "民族 nation",
        "site": "来源单位 来源医院 医院 中心 采集单位 hospital center centre",
        "height_cm": "身高 height",
        "weight_kg": "体重 body_weight",
        "smoking_pack_years": "吸烟指数 包年",
    },
    "consent": {
        "form": "知情同意书 同意书名称 知情同意书名称",
        "form_version": "知情同意书版本 知情同意书版本号 同意书版本号 版本号 版本 consent_version icf_version version",
        "status": "知情同意状态 同意状态 是否同意 知情同意 是否签署 签署状态 consent consent_status",
        "scope": "知情同意范围 同意范围 使用范围 授权范围 consent_scope",
        "consented_on": "签署日期 签署时间 签字日期 知情同意日期 知情同意签署日期 同意日期 consent_date "
        "signed_on date_signed",
        "withdrawn_on": "撤回日期 撤销日期 退出日期 撤回时间 withdrawal_date withdrawn_date",
        "expires_on": "有效期至 有效期 到期日期 截止日期 失效日期 expiry_date expiration_date valid_until",
    },
    "condition": {
        "condition_id": "诊断编号 病理号 病理编号 诊断流水号 diagnosis_id pathology_no",
        "diagnosis": "诊断 诊断名称 临床诊断 病理诊断 主要诊断 出院诊断 诊断结果 diagnosis_name",
        "icd10": "icd10 icd编码 icd10编码 icd10码 疾病编码 诊断编码 icd icd_code",
        "icdo_site": "icdo部位编码 icdo3部位 icdo部位 肿瘤部位编码 topography",
        "icdo_histology": "icdo形态编码 icdo3形态 icdo形态 形态学编码 morphology",
        "diagnosed_on": "诊断日期 诊断时间 确诊日期 确诊时间 病理诊断日期 报告日期 diagnosis_date date_of_diagnosis",
        "tnm_edition": "tnm版本 分期版本 ajcc版本 ajcc_edition",
        "pathologic_t": "pt 病理t分期 t分期 pt分期 病理t",
        "pathologic_n": "pn 病理n分期 n分期 pn分期 病理n",
        "pathologic_m": "pm 病理m分期 m分期 pm分期 病理m",
        "pathologic_stage": "病理分期 分期 tnm分期 肿瘤分期 stage pathological_stage",
        "clinical_t": "ct 临床t分期 ct分期",
        "clinical_n": "cn 临床n分期 cn分期",
        "clinical_m": "cm 临床m分期 cm分期",
        "clinical_stage": "临床分期",
        "grade": "组织学分级 分化程度 病理分级 histological_grade",
        "nodes_examined": "淋巴结检出数 送检淋巴结数 检出淋巴结 淋巴结总数 nodes_examined",
        "nodes_positive": "淋巴结阳性数 阳性淋巴结 转移淋巴结数 nodes_positive",
    },
    "observation": {
        "observation_id": "检验编号 检验流水号 检验单号 申请单号 报告单号 结果编号 lab_id result_id test_no",
        "analyte": "项目 检验项目 项目名称 检验项目名称 检测项目 指标 指标名称 test test_name analyte item lab_test",
        "value": "结果 检验结果 结果值 检测结果 测定值 数值 result result_value",
        "value_text": "定性结果 文字结果 qualitative_result",
        "comparator": "比较符 符号 comparator",
        "unit": "单位 结果单位 units",
        "reference_low": "参考下限 参考值下限 参考范围下限 下限 ref_low reference_low lower_reference",
        "reference_high": "参考上限 参考值上限 参考范围上限 上限 ref_high reference_high upper_reference",
        "observed_at": "检验时间 检测时间 报告时间 审核时间 结果时间 test_time result_time report_time observed_time",
    },
    "follow_up": {
        "follow_up_id": "随访编号 随访号",
        "lost": "是否失访",
    },
    "medication": {
        "drug": "药品名称 药物名称 药物 药品 化疗方案 drug_name",
        "dose": "单次剂量 用量",
        "started_on": "开始用药日期 用药开始日期 start_date",
        "ended_on": "停药日期 用药结束日期 end_date",
        "route": "用药途径 给药方式",
    },
    "procedure": {
        "type": "手术名称 操作名称 手术方式 procedure_name",
        "started_on": "手术日期 操作日期 surgery_date start_date",
    },
    "collection": {
        "collection_id": "采集编号 采集单号",
    },
    "specimen": {
        "parent_id": "母样本编号 母管编号 母本编号 原始样本编号 原管编号 原管条码 来源样本编号 父样本编号 "
        "上级样本编号 parent_sample_id parent_id parent_barcode source_sample_id",
        "level": "样本级别 样本层级",
        "specimen_type": "标本类型 样品类型 标本种类 样本种类 样本类别 标本类别 specimen_type sample_type_name "
        "material",
        "barcode_2d": "二维码 管底码 二维条码 冻存管二维码 管底二维码 2d_barcode",
        "tube": "容器 容器类型 试管类型 采血管 采血管类型 管型 抗凝剂 采集管 采集管类型 采集容器 "
        "tube_type container container_type anticoagulant",
        "collected_at": "采集时间 采样时间 采血时间 取样时间 取材时间 离体时间 采集日期 采样日期 采血日期 "
        "collection_time collected_time collection_date sampling_time collection_datetime",
        "centrifuged_at": "离心时间 离心开始时间 centrifugation_time centrifuge_time spin_time",
        "frozen_at": "冻存时间 冷冻时间 速冻时间 冻存日期 freeze_time freezing_time frozen_time",
        "created_on": "分装日期 提取日期 制备日期 aliquot_date extraction_date",
        "weight_mg": "重量 组织重量 质量",
        "volume_ul": "体积 容量 样本量 分装体积 剩余体积 采集量 采血量 volume",
        "concentration": "浓度 核酸浓度 dna浓度 rna浓度 conc",
        "amount_ug": "总量 核酸总量 dna总量 rna总量 产量 yield total_amount amount",
        "a260_a280": "纯度 od260280 260280 od比值 a260280",
        "rin": "rin rin值 rna完整性 rna完整值 完整性",
        "quantified_by": "定量方法 测定方法",
        "is_ffpe": "是否石蜡包埋 石蜡 ffpe",
        "hemolysis": "溶血 溶血情况 溶血程度 溶血等级 hemolysis haemolysis",
        "collected_by": "采集人 采样人 采血人 采样护士 采集护士 采血护士 collector phlebotomist collected_by",
        "well": "孔位 孔号",
        "sample_type": "来源类别 组织来源",
    },
    "preparation": {
        "preparation_id": "制备编号 处理编号 离心记录编号 处理单号",
        "protocol": "制备方案 处理方案 sop编号 sop sop_id",
        "protocol_name": "方案名称 sop名称 处理步骤 处理方式",
        "started_at": "开始时间 处理开始时间 start_time",
        "ended_at": "结束时间 处理结束时间 end_time",
        "operator": "操作人 操作人员 操作者 处理人 处理人员",
        "device": "仪器 离心机 离心机编号 设备编号 仪器编号 设备 instrument centrifuge",
    },
    "slide": {
        "slide_id": "切片编号 玻片号 切片号 slide_id",
    },
    "transport": {
        "transport_id": "运输编号 运单号 转运编号 转运单号 交接单号 运输单号 运送单号 冷链单号 shipment_id "
        "shipment waybill tracking_number",
        "sender": "发送方 送样单位 发出科室 发出单位 寄件方 送检科室 sender shipped_from",
        "receiver": "接收方 接收单位 接收科室 收件方 receiver shipped_to",
        "dispatched_at": "发出时间 发运时间 出发时间 启运时间 发货时间 送出时间 dispatch_time shipped_at "
        "departure_time",
        "dispatched_on": "发运日期 发货日期 dispatch_date ship_date",
        "min_c": "最低温度 最低温 min_temp",
        "max_c": "最高温度 最高温 max_temp",
    },
    "storage": {
        "storage_id": "入库编号 入库单号 存放编号",
        "stored_at": "入库时间 存入时间 上架时间 入库日期时间 stored_time storage_time accession_time",
        "stored_by": "入库人 入库人员 存放人 存入人 库管员 stored_by",
    },
    "assay": {
        "assay_id": "检测编号",
        "platform": "检测平台 测序平台",
    },
    "reading": {
        "read_at": "记录时间 测量时间 采样时刻 时间 timestamp datetime time date_time",
        "value_c": "温度 温度值 探头温度 箱内温度 实测温度 temperature temp value",
    },
}
