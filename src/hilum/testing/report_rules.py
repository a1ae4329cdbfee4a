"""Forty rules as a bank might have in force, for figures of realistic shape. Not a rule pack: conditions are bare."""

from hilum.model.record import Kind
from hilum.model.text import Bilingual
from hilum.quality.rule import Dimension, Kahn, Rule, Ruleset, Severity, Source

# id | kind | dimension | severity | topic | field | weight | records in 100,000 it does not pass on | source
# Chinese title | hint
# English title | hint
_TEXT = """
SPM-ID-001|specimen|authenticity|reject|identity|specimen_id|5|3|GB/T 37864 8.2
样本编号不能为空|请按管身标签补录样本编号
A specimen must have an identifier|Enter the identifier from the tube's label
SPM-ID-002|specimen|authenticity|block|identity|parent_id|5|410|TCGA barcode
分样条码应以母样本条码开头|条码{specimen_id}与母样本{parent_id}不符，请核对管身标签后改正其一
A child's barcode starts with its parent's|{specimen_id} does not start with {parent_id}: check the label
SPM-ID-003|specimen|authenticity|block|identity|barcode_2d|5|95|ISO 20387 7.4
一个管底二维码只能对应一支管|二维码{barcode_2d}已被占用，请重新扫描两支管
One 2D barcode, one tube|{barcode_2d} is taken already: scan both tubes again
SPM-TR-001|specimen|consistency|block|trace|well|4|260|ISO 20387 7.3
一个孔位只能放一支管|{plate_id}板{well}孔已有样本，请核对排板图
One well holds one tube|{plate_id} {well} is occupied: check the plate map
SPM-TR-002|specimen|consistency|block|trace|parent_id|4|1320|ISO 20387 7.3
母样本应已入库|请先登记母样本{parent_id}；母样本入库后本记录会自动重新判定
The parent must be in the bank|Accession {parent_id} first; this record is then judged again
SPM-NU-001|specimen|accuracy|block|numeric|amount_ug|3|780|SPREC 4.0
总量应等于浓度乘体积|浓度{concentration}乘体积{volume_ul}与总量{amount_ug}不符，请核对单位
Amount equals concentration times volume|{concentration} × {volume_ul} is not {amount_ug}: check the units
SPM-NU-002|specimen|accuracy|block|numeric|volume_ul|3|640|SPREC 4.0
分样体积之和不能超过母样本体积|母样本只有{parent.volume_ul}，请核对分样体积或母样本体积
Aliquots cannot hold more than their parent|The parent holds {parent.volume_ul}: check both volumes
SPM-NU-003|specimen|accuracy|warn|numeric|a260_a280|2|1650|BRISQ tier 2
核酸纯度A260/A280应在1.7至2.2之间|测得{a260_a280}，请复测或注明提取方法
A260/A280 lies between 1.7 and 2.2|{a260_a280} measured: measure again or name the extraction
SPM-NU-004|specimen|accuracy|warn|numeric|rin|2|890|SPREC 4.0
RNA完整性应不低于7.0|RIN为{rin}，下游测序前请评估
RNA integrity is 7.0 or more|RIN is {rin}: assess before sequencing
SPM-UN-001|specimen|accuracy|block|unit|concentration|3|520|UCUM 2.1
浓度数值像是用了另一个单位|{concentration}更像ng/μL，若属实请除以1000
The concentration looks like another unit's|{concentration} looks like ng/μL: divide by 1000 if so
SPM-CM-001|specimen|completeness|warn|completeness|quantified_by|1|5200|BRISQ tier 1
应记录定量方法|请补录定量方法
The quantification method is recorded|Enter the method
SPM-CM-002|specimen|completeness|warn|completeness|volume_ul|2|2900|MIABIS Core 3
应记录体积|请补录体积，或注明已用尽
The volume is recorded|Enter it, or say that it is used up
SPM-CM-003|specimen|completeness|info|completeness|barcode_2d|1|7100|ISO 20387 7.4
应记录管底二维码|建议下次出库时补扫
The tube's 2D barcode is recorded|Scan it at the next retrieval
SPM-TM-001|specimen|timeliness|warn|duration|shipped_on|2|310|ISO 20387 7.5
制备后应在三年内运出|制备日期{created_on}，运出日期{shipped_on}，请核对
Shipped within three years of preparation|Created {created_on}, shipped {shipped_on}: check both
SPM-OR-001|specimen|consistency|block|order|shipped_on|4|45|ISO 20387 7.3
运出日期不能早于制备日期|制备{created_on}晚于运出{shipped_on}，两个日期可能填反
Shipping does not precede preparation|Created {created_on}, shipped {shipped_on}: swapped?
DNR-ID-001|donor|authenticity|reject|identity|donor_id|5|5|GB/T 37864 8.2
供者编号不能为空|请按登记表补录供者编号
A donor must have an identifier|Enter it from the registration form
DNR-CS-001|donor|consistency|block|conformance|sex|4|160|ICD-10 sex conflict list
性别与诊断部位不符|性别为{sex}，请核对病案首页
Sex contradicts the site of disease|Sex is {sex}: check the case record
DNR-CS-002|donor|consistency|block|order|death_offset_days|4|720|HL7 FHIR Patient
死亡不能早于末次随访|死亡{death_offset_days}天，末次联系{last_contact_offset_days}天，请核对
Death does not precede the last contact|Death at {death_offset_days}, contact at {last_contact_offset_days}
DNR-CM-001|donor|completeness|warn|completeness|age_years|2|980|MIABIS Core 3
应记录诊断年龄|请补录，或填写出生距诊断天数
Age at diagnosis is recorded|Enter it, or the days from birth to diagnosis
DNR-TM-001|donor|timeliness|warn|duration|form_completed_on|1|2200|ISO 20387 7.8
表单应在接收后一年内填写|表单填写日期为{form_completed_on}，请说明延迟原因
The form is completed within a year|Completed {form_completed_on}: give the reason for the delay
CNS-AU-001|consent|authenticity|block|consent|status|5|240|HGR Regulation art. 12
知情同意状态应明确|请核对签署的同意书；此条实验室不能豁免
The status of consent must be known|Check the signed form; a laboratory cannot waive this
CNS-OR-001|consent|authenticity|block|consent|consent_offset_days|5|380|GB/T 37864 7.2
知情同意不能晚于采集|签署于诊断后{consent_offset_days}天，请核对签署日期
Consent does not follow collection|Consented at day {consent_offset_days}: check the date
CON-TE-001|condition|consistency|block|terminology|icd10|3|350|ICD-10
诊断编码应在ICD-10代码表内|编码{icd10}查无此码，请按诊断描述重新选择
The diagnosis code is an ICD-10 code|{icd10} is not a code: choose again by the description
CON-CS-001|condition|consistency|block|conformance|pathologic_stage|4|1950|AJCC 7
分期与TNM不符|T {pathologic_t}、N {pathologic_n}、M {pathologic_m}与{pathologic_stage}不符
Stage contradicts TNM|{pathologic_t} {pathologic_n} {pathologic_m} is not {pathologic_stage}
CON-CS-002|condition|consistency|block|numeric|nodes_positive|3|60|CAP protocol
阳性淋巴结数不能超过检出数|阳性{nodes_positive}枚，检出{nodes_examined}枚，可能填反
No more positive nodes than examined|{nodes_positive} positive of {nodes_examined}: swapped?
CON-CM-001|condition|completeness|warn|completeness|grade|1|6100|MIABIS Core 3
应记录分级|请按病理报告补录
The grade is recorded|Enter it from the pathology report
FUP-OR-001|follow_up|consistency|block|order|last_contact_offset_days|3|1400|HL7 FHIR Encounter
随访时间不能倒退|本次{last_contact_offset_days}天早于上一次，请核对
Follow-up does not go back in time|Day {last_contact_offset_days} is before the last one
FUP-CM-001|follow_up|completeness|warn|completeness|tumor_status|1|4800|BRISQ tier 2
应记录肿瘤状态|请按随访表补录
Tumour status is recorded|Enter it from the follow-up form
MED-TE-001|medication|consistency|warn|terminology|drug|2|9200|ATC
药名应能对应到ATC|{drug}未能对应，请选择候选药名
The drug maps to an ATC code|{drug} has no match: choose a candidate
MED-OR-001|medication|consistency|block|order|ended_offset_days|3|830|HL7 FHIR MedicationStatement
停药不能早于开始用药|开始{started_offset_days}天，结束{ended_offset_days}天，可能填反
A drug does not end before it starts|Day {started_offset_days} to {ended_offset_days}: swapped?
MED-UN-001|medication|accuracy|block|unit|total_dose_unit|2|2600|UCUM 2.1
剂量应有单位|剂量{total_dose}没有单位，请补录
A dose has a unit|{total_dose} has no unit: enter it
PRC-NU-001|procedure|accuracy|warn|numeric|dose|2|1800|ICRU 83
放疗剂量应在合理范围内|剂量{dose}可能用了cGy，请核对单位
A radiation dose is within reason|{dose} may be in cGy: check the unit
OBS-NU-001|observation|accuracy|block|numeric|value|3|1500|WS/T 405
检验结果超出可能范围|{analyte}为{value}，请核对小数点与单位
The result is beyond what is possible|{analyte} is {value}: check decimal point and unit
OBS-UN-001|observation|accuracy|block|unit|unit|3|700|UCUM 2.1
单位与参考区间不一致|结果单位{unit}与参考区间不符，建议换算
The unit contradicts the reference limits|{unit} does not fit the limits: convert it
SLD-NU-001|slide|accuracy|block|numeric|tumor_nuclei_percent|2|130|CAP protocol
百分比应在0至100之间|肿瘤细胞核为{tumor_nuclei_percent}，请核对
A percentage lies between 0 and 100|Tumour nuclei are {tumor_nuclei_percent}: check it
SLD-CS-001|slide|consistency|warn|numeric|stromal_cells_percent|1|2400|CAP protocol
各类细胞百分比之和应为100|肿瘤、正常、间质与坏死相加不是100，请核对
Cell percentages add up to 100|Tumour, normal, stroma and necrosis do not: check them
COL-CS-001|collection|consistency|warn|conformance|anatomic_site|2|1700|ICD-O-3
采集部位与诊断部位不符|采集部位为{anatomic_site}，转移灶请注明
The site collected is not the site diagnosed|{anatomic_site} was collected: mark a metastasis
TRN-NU-001|transport|accuracy|block|duration|max_c|4|210|WHO TRS 961 annex 9
运输温度不能超出限值|最高{max_c}，限值{limit_high_c}，请附偏差说明
The temperature in transport stays in limits|{max_c} against {limit_high_c}: enclose the deviation
TRN-TR-001|transport|consistency|warn|trace|plate_id|2|420|ISO 20387 7.6
运输单上的板号应与样本一致|板号{plate_id}与样本不符，请核对装箱单
The manifest's plate is the specimen's|{plate_id} is not the specimen's: check the packing list
ASY-TR-001|assay|consistency|block|trace|specimen_id|4|150|ISO 20387 7.3
检测应能对应到入库样本|样本{specimen_id}不在库中，请核对送检单
An assay belongs to a specimen in the bank|{specimen_id} is not in the bank: check the request
"""


def shaped_rules() -> tuple[Ruleset, dict[str, int]]:
    """The rules, and per rule the records in 100,000 that do not pass it."""
    lines = [line for line in _TEXT.splitlines() if line]
    blocks = [lines[start : start + 3] for start in range(0, len(lines), 3)]
    rates = {block[0].split("|")[0]: int(block[0].split("|")[7]) for block in blocks}
    digest = "7d1f0c7a5e0b4c0f9a1d5b8e2c6f3a490e7b2d8c1f6a5e4d3c2b1a0f9e8d7c6b"
    return Ruleset(tuple(_rule(*block) for block in blocks), digest), rates


def _rule(head: str, chinese: str, english: str) -> Rule:
    id_, kind, dimension, severity, topic, field, weight, _, source = head.split("|")
    (title_zh, hint_zh), (title_en, hint_en) = chinese.split("|"), english.split("|")
    return Rule(
        id=id_,
        version=1,
        grain=Kind(kind),
        title=Bilingual(title_zh, title_en),
        why=Bilingual(title_zh, title_en),
        hint=Bilingual(hint_zh, hint_en),
        condition=f"{field} IS NOT NULL",
        dimension=Dimension(dimension),
        kahn=Kahn.COMPLETENESS if dimension == "completeness" else Kahn.PLAUSIBILITY,
        severity=Severity(severity),
        field=field,
        source=Source(source),
        weight=int(weight),
        topic=topic,
    )
