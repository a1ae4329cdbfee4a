"""The people of the synthetic hospital day: nobody who lives.

Names are drawn from common syllables; identity numbers carry a valid GB 11643 check digit but a county code (``9999``
after the province) that GB/T 2260 assigns to no place; telephone numbers begin with 154, which no operator uses.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金贾夏付方邹熊白孟秦邱侯江尹薛阎段雷龙黎史陶贺毛郝顾龚邵万钱严赖覃武戴莫孔向汤"
)
_GIVEN_MALE = "伟强磊军勇杰涛斌波辉刚健明亮飞鹏华平林建国志永海文德春生家俊浩宇轩子成东洋宏"
_GIVEN_FEMALE = "芳娜敏静丽艳娟霞秀兰英华玲燕萍红梅琳婷雪慧莹洁倩颖佳欣怡玉珍凤云淑惠美"
_PROVINCES = (11, 13, 21, 31, 32, 33, 34, 37, 41, 42, 43, 44, 51, 61)
_ETHNICITIES = ("汉族",) * 18 + ("回族", "满族", "壮族")
_BLOOD = ("A+",) * 8 + ("B+",) * 8 + ("O+",) * 9 + ("AB+",) * 3 + ("A-", "O-")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Person:
    """One donor as the hospital's registration knows them."""

    donor_id: str
    name: str
    sex: str
    born: date
    national_id: str
    phone: str
    blood_group: str
    ethnicity: str
    height_cm: int
    weight_kg: float

    @property
    def is_woman(self) -> bool:
        return self.sex == "女"


def check_digit(first: str) -> str:
    """The 18th character of a citizen identity number from its first 17 (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def national_id(province: int, born: date, order: int) -> str:
    """An identity number of nobody: no county has the code ``9999``. An odd ``order`` is a man's, an even a woman's."""
    first = f"{province}9999{born:%Y%m%d}{order:03d}"
    return first + check_digit(first)


def people(rng: random.Random, size: int, on: date) -> list[Person]:
    """``size`` adults between 28 and 82 years on the day ``on``."""
    return [_person(rng, number, on) for number in range(1, size + 1)]


def _person(rng: random.Random, number: int, on: date) -> Person:
    woman = rng.random() < 0.5
    born = on - timedelta(days=rng.randint(28 * 366, 82 * 365))
    given = _GIVEN_FEMALE if woman else _GIVEN_MALE
    height = round(rng.gauss(159 if woman else 170, 5))
    return Person(
        donor_id=f"ZY{on:%y}{number:06d}",
        name=rng.choice(_SURNAMES) + "".join(rng.sample(given, rng.choice((1, 2, 2)))),
        sex="女" if woman else "男",
        born=born,
        national_id=national_id(rng.choice(_PROVINCES), born, rng.randint(0, 498) * 2 + (0 if woman else 1)),
        phone=f"1540000{rng.randint(0, 9999):04d}",
        blood_group=rng.choice(_BLOOD),
        ethnicity=rng.choice(_ETHNICITIES),
        height_cm=height,
        weight_kg=round(rng.uniform(19.5, 27.5) * (height / 100) ** 2, 1),
    )
