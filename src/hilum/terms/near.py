"""What a misspelt term may mean: the listed spellings nearest to it, for a person to choose from, never to apply.

Distance is optimal string alignment (Damerau 1964, doi:10.1145/363958.363994: a character wrong, missing, added, or two
neighbours exchanged); a character that looks or sounds like the right one (将 for 浆, 包 for 胞) counts a third.
Similarity is one less the distance divided by the length of the longer text.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

from hilum.terms import valuesets
from hilum.terms.analytes import analyte_spellings
from hilum.terms.synonyms import folded

MOST = 3
"""Spellings offered at most."""
_LEAST_CHINESE, _LEAST_LATIN = 0.5, 0.7
_SIMILAR = 1 / 3
_BEHIND = 0.25
"""How far behind the nearest spelling another may lie and still be worth a look."""
_LONGEST = 60
_SYMBOLS = frozenset({"comparator", "blood_group", "stage", "tnm_edition", "grade"})
"""Sets whose codes are symbols: one letter more is another thing, not a slip."""
_LOOKALIKES = (
    "将浆酱桨 青清情请轻氢 包胞苞饱抱 旦蛋但 肝酐干甘杆 摸膜模漠 葡萄菊 钙盖丐 钠纳呐 钾甲岬 镁美 铁秩 磷鳞麟 尿屎 酸唆"
    " 脂酯指 醇淳 淋琳林 计记讦 数素 凝疑拟 酶霉每 血皿雪 板版扳 红虹江 白百自 细系 液夜掖 积脊嵴 唾睡垂 痰谈淡 织职炽"
    " 蜡腊 块快 冻栋东 涂徒 髓随遂 胸凶 腹复腑 腺线 层曾屋 组祖阻 巴吧 粒拉"
    " 中忠 性姓 胆但旦 直值 总聪 球求 离篱 原源 糖搪塘 肌饥机"
    " 化华 氨安胺铵 转传 移栘 谷合 草革 基墓 抗坑 癌岩 甲申 状壮 素索 肾贤 乳孔 分份 比此 容客 积称 体休 温湿 全金 毒青"
    " 粪类 便使 汗汁 泪沮 滑渭 关并 节带 羊洋 水氷 脐挤 带代 胎治 盘盆 瘤留 正止"
)
"""Characters people exchange because they look or sound alike."""


@dataclass(frozen=True, slots=True)
class Near:
    """A code and how similar its nearest spelling is to what was written, from 0 to 1."""

    code: str
    similarity: float


@lru_cache(maxsize=2_048)
def near(valueset: str, text: str) -> tuple[Near, ...]:
    """The codes of ``valueset`` spelt most like ``text``, best first, :data:`MOST` at most; none for what is like none
    and for a set without words (or none of that name).
    """
    if valueset in _SYMBOLS or len(text) > _LONGEST:
        return ()
    key = folded(text)
    best: dict[str, float] = {}
    for spelling, letters, code in _spellings(valueset):
        if not _may_be_near(key, spelling, letters):
            continue
        found = similarity(key, spelling)
        if found >= (_LEAST_LATIN if spelling.isascii() else _LEAST_CHINESE) and found > best.get(code, 0.0):
            best[code] = found
    worthy = {code: found for code, found in best.items() if found >= max(best.values()) - _BEHIND}
    ordered = sorted(worthy.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Near(code, found) for code, found in ordered[:MOST])


def similarity(one: str, other: str) -> float:
    """One less the distance of two texts divided by the length of the longer: 1 for equal texts."""
    longer = max(len(one), len(other))
    return 1 - _distance(one, other) / longer if longer else 1.0


def _may_be_near(key: str, spelling: str, letters: frozenset[str]) -> bool:
    """A cheap look that spares most of the work: texts of much the same length that share half of their characters."""
    longer = max(len(key), len(spelling))
    if abs(len(key) - len(spelling)) * 2 > longer:
        return False
    return len(letters.intersection(key)) * 2 >= len(letters) - 1


@cache
def _spellings(valueset: str) -> tuple[tuple[str, frozenset[str], str], ...]:
    """Folded spellings long enough to be misspelt: two Chinese characters or four others."""
    listed = analyte_spellings() if valueset == "analyte" else valuesets.spellings(valueset)
    words = {(folded(word), code) for code, also in listed.items() for word in (*also, code)}
    return tuple(
        (word, frozenset(word), code) for word, code in sorted(words) if len(word) >= (4 if word.isascii() else 2)
    )


@cache
def _alike() -> frozenset[tuple[str, str]]:
    groups = _LOOKALIKES.split()
    return frozenset((one, other) for group in groups for one in group for other in group if one != other)


def _distance(one: str, other: str) -> float:
    alike = _alike()
    before: list[float] = []
    last = [float(column) for column in range(len(other) + 1)]
    for row, left in enumerate(one, 1):
        line = [float(row)]
        for column, right in enumerate(other, 1):
            cost = 0.0 if left == right else _SIMILAR if (left, right) in alike else 1.0
            least = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + cost)
            if row > 1 and column > 1 and left == other[column - 2] and one[row - 2] == right:
                least = min(least, before[column - 2] + 1)
            line.append(least)
        before, last = last, line
    return last[-1]
