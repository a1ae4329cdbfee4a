"""Days in spellings that say more than one thing, or another calendar: which days of the common calendar may be meant.

Nothing here is read as a value; these are candidates for a person to choose from. ``today`` (ISO) is the last day a
value can tell of, so that 85-03-12 is 1985 and not 2085.
"""

import re
from calendar import monthrange
from datetime import date, timedelta

from hilum.terms.lunar import common_day
from hilum.terms.spoken_numbers import chinese_number, digits_of

Days = tuple[str, ...]

_PARTS = r"(\d{1,4})([-/.年 ])(\d{1,2})(?:\2|月)(\d{1,4})日?"
_THREE = re.compile(_PARTS, re.ASCII)
_EIGHT = re.compile(r"(\d{4})()(\d{2})(\d{2})", re.ASCII)
_SIX = re.compile(r"(\d{2})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"([1-7]\d{4})(\.\d+)?", re.ASCII)
_EXCEL, _EXCEL_1904 = date(1899, 12, 30), date(1904, 1, 1)
_ERA = re.compile(r"(民国|昭和|大正|平成|令和|明治)(元|\d{1,3}|[一二三四五六七八九十百零〇]+)年(.+?)月(.+?)[日号]?")
_ERA_YEARS = {"民国": 1911, "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_LUNAR_SIGN = re.compile(r"[农旧阴夏][历曆]|初[一二三四五六七八九十]|廿|卅|[闰冬腊正]月|闰")
_LUNAR = re.compile(
    r"(?:[农旧阴夏][历曆])?:? ?(?:(\d{4}|[〇零○一二三四五六七八九]{4})年?)? ?"
    r"(闰)?(正|冬|腊|[一二三四五六七八九十]{1,2}|\d{1,2})月(初[一二三四五六七八九十]|[一二三四五六七八九十廿卅]{1,3}|\d{1,2})[日号]?"
)
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_RELATIVE = re.compile(
    r".*(今天|昨天|前天|明天|今日|昨日|当天|当日|同上|上周|上月|去年|今年|today|yesterday|tomorrow).*", re.I
)


def is_lunar(text: str) -> bool:
    """Whether ``text`` speaks of a day of the lunar calendar."""
    return _LUNAR_SIGN.search(text) is not None


def is_relative(text: str) -> bool:
    """Whether ``text`` tells a day by its distance to another (昨天, 同上)."""
    return _RELATIVE.fullmatch(text) is not None


def lunar_days(text: str) -> Days:
    """The day a lunar date stands for; none without a year or for a day that year did not have."""
    found = _LUNAR.fullmatch(text)
    if found is None or found[1] is None:
        return ()
    year = int(digits_of(found[1]) or found[1]) if not found[1].isdecimal() else int(found[1])
    month, day = _LUNAR_MONTHS.get(found[3]) or _whole(found[3]), _lunar_day(found[4])
    try:
        return (common_day(year, month, day, leap=found[2] is not None).isoformat(),)
    except ValueError:
        return ()


def _lunar_day(words: str) -> int:
    said = words.removeprefix("初")
    for sign, tens in (("廿", "二十"), ("卅", "三十")):
        said = said.replace(sign, tens)
    return _whole(said)


def _whole(words: str) -> int:
    value = float(words) if words.isdecimal() and words.isascii() else chinese_number(words)
    return int(value) if value is not None else 0


def era_days(text: str) -> Days | None:
    """The day a date of the Republic's or a Japanese era stands for; ``None`` when no era is named."""
    if not text.startswith(tuple(_ERA_YEARS)):
        return None
    found = _ERA.fullmatch(text.replace("/", "年", 1).replace("/", "月", 1))
    if found is None:
        return ()
    year = 1 if found[2] == "元" else _whole(found[2])
    return _real(_ERA_YEARS[found[1]] + year, _whole(found[3]), _whole(found[4]))


def serial_days(text: str) -> Days:
    """What a spreadsheet's day number shows as, in books that count from 1900 and from 1904 (rarer)."""
    found = _SERIAL.fullmatch(text)
    if found is None:
        return ()
    return tuple((start + timedelta(days=int(found[1]))).isoformat() for start in (_EXCEL, _EXCEL_1904))


def short_year_days(text: str, today: str) -> Days | None:
    """``85-03-12`` in each century that is not in the future; ``None`` when the year is not of two digits."""
    found = _THREE.fullmatch(text)
    parts = (found[1], found[3], found[4]) if found else None
    six = _SIX.fullmatch(text)
    if parts is None and six:
        parts = (six[1], six[2], six[3])
    if parts is None or any(len(part) > 2 for part in parts):
        return None
    first, second, third = (int(part) for part in parts)
    days = [day for century in (2000, 1900) for day in _real(century + first, second, third)]
    if third > 31 or not days:
        days += [
            day
            for century in (2000, 1900)
            for pair in ((first, second), (second, first))
            for day in _real(century + third, *pair)
        ]
    return tuple(dict.fromkeys(day for day in days if not today or day <= today))


def turned_days(text: str) -> Days | None:
    """``03/04/2024`` with the month first and with the day first; ``None`` when the year does not come last."""
    found = _THREE.fullmatch(text)
    if found is None or len(found[4]) != 4 or len(found[1]) > 2:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    return tuple(dict.fromkeys((*_real(year, first, second), *_real(year, second, first))))


def near_days(text: str) -> Days | None:
    """Days close to one that never was: 29 February of a common year, month 13; ``None`` for another shape."""
    found = _EIGHT.fullmatch(text) or _THREE.fullmatch(text)
    if found is None or len(found[1]) != 4 or len(found[4]) > 2:
        return None
    year, month, day = int(found[1]), int(found[3]), int(found[4])
    if _real(year, month, day) or not 1 <= year <= 9998:
        return ()
    if month > 12:
        return _real(year, day, month)
    if month == 0 or not 1 <= day <= 31:
        return ()
    last = date(year, month, monthrange(year, month)[1])
    return (last.isoformat(), (last + timedelta(days=1)).isoformat())


def _real(year: int, month: int, day: int) -> Days:
    try:
        return (date(year, month, day).isoformat(),)
    except ValueError:
        return ()
